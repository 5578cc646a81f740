//! What the thread of a run does: obey, advance, publish, wait.

use super::drive::Replay;
use super::keyframes::Keyframes;
use super::pace::{Pacer, wall_clock};
use super::saved::Saved;
use super::undo::Before;
use super::{Command, FRAME_EVERY, Newest, RunMessage, RunOptions, SLICE, Waker};
use crate::engine::SimTime;
use crate::workbench::compare::Sides;
use crate::workbench::frame::{Frame, Pace, Seeking};
use crate::workbench::plan::{Record, RunPlan};
use crate::workbench::session::Session;
use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Work units between two looks at the wall clock: a few milliseconds of the slowest lab.
pub(super) const CHUNK: u64 = 20_000;

pub(super) struct Runner {
    /// None after a fault; then `fallen` is what a reset starts from.
    pub(super) sides: Option<Sides>,
    /// What is remembered of each side.
    pub(super) past: [Keyframes; 2],
    /// The furthest moment that the run has come to.
    pub(super) horizon: SimTime,
    pub(super) fallen: RunPlan,
    pub(super) fault: Option<String>,
    pub(super) inbox: Receiver<RunMessage>,
    pub(super) shown: Arc<Newest>,
    pub(super) on_frame: Waker,
    pub(super) pacer: Pacer,
    pub(super) playing: bool,
    pub(super) seeking: Option<Replay>,
    /// The saved run that this one repeats.
    pub(super) saved: Option<Saved>,
    /// What was asked for while a replay was on its way to the moment that it is meant for.
    pub(super) held: VecDeque<Command>,
    /// How the run was before each thing that was done to it, the newest last.
    pub(super) before: VecDeque<Before>,
    /// Work units since virtual time last moved.
    pub(super) standing: u64,
    pub(super) changed: bool,
    pub(super) turned_at: Instant,
    pub(super) published_at: Option<Instant>,
}

impl Runner {
    pub fn new(
        options: RunOptions,
        inbox: Receiver<RunMessage>,
        shown: Arc<Newest>,
        on_frame: Waker,
    ) -> Self {
        let mut runner = Self {
            sides: None,
            past: Default::default(),
            horizon: SimTime(0),
            fallen: options.plan.clone(),
            fault: None,
            inbox,
            shown,
            on_frame,
            pacer: Pacer::new(options.speed),
            playing: options.playing,
            seeking: None,
            saved: None,
            held: VecDeque::new(),
            before: VecDeque::new(),
            standing: 0,
            changed: true,
            turned_at: wall_clock(),
            published_at: None,
        };
        runner.guarded(|runner| runner.begin(Sides::one(Session::start(options.plan))));
        runner.saved = Saved::expecting(options.expected);
        runner
    }

    /// Until the handle is dropped.
    pub fn run(mut self) {
        loop {
            if !self.obey_all() {
                return;
            }
            if self.seeking.is_some() {
                self.guarded(Self::seek_on);
            } else if self.playing && self.sides.is_some() {
                self.guarded(Self::play_on);
            }
            self.publish();
        }
    }

    /// Waits as long as there is nothing to do, then obeys what has come. False when nobody can send
    /// any more.
    fn obey_all(&mut self) -> bool {
        let first = match self.wait() {
            None => self
                .inbox
                .recv()
                .map_err(|_| RecvTimeoutError::Disconnected),
            Some(wait) => self.inbox.recv_timeout(wait),
        };
        let mut next = match first {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return false,
        };
        while let Some(message) = next {
            self.changed = true;
            self.guarded(|runner| match message {
                RunMessage::Command(command) => runner.obey(command),
                RunMessage::Intervene(what, outcome) => runner.intervene_for_client(what, outcome),
                RunMessage::Request(outside, reply) => runner.request(outside, reply),
                // Whoever wanted it may have gone.
                RunMessage::Record(sender) => drop(sender.send(runner.record())),
            });
            next = self.inbox.try_recv().ok();
        }
        true
    }

    /// How long nothing is due; none: until a command comes.
    fn wait(&self) -> Option<Duration> {
        let since = |moment: Instant| wall_clock().saturating_duration_since(moment);
        let next_frame = self
            .published_at
            .map_or(Duration::ZERO, |at| FRAME_EVERY.saturating_sub(since(at)));
        if self.seeking.is_some() {
            Some(Duration::ZERO)
        } else if self.playing && self.sides.is_some() {
            Some(
                FRAME_EVERY
                    .saturating_sub(since(self.turned_at))
                    .min(next_frame.max(SLICE / 10)),
            )
        } else if self.changed {
            Some(next_frame)
        } else {
            None
        }
    }

    fn record(&self) -> Record {
        let shown = self.shown.get();
        let remembered = self
            .seeking
            .as_ref()
            .is_some_and(|seek| seek.remembered.is_some());
        let (mut plan, now, digest) = match &self.sides {
            Some(sides) if !remembered => {
                let run = sides.a();
                run.come_to_rest();
                (run.plan().clone(), run.now(), run.digest())
            }
            // What is seen is what is saved, while a replay is on its way.
            Some(sides) => (sides.a().plan().clone(), shown.now, shown.digest),
            None => {
                // Up to its last picture: a reset starts from other knobs than the run did.
                let mut plan = self.fallen.clone();
                let names = shown.initial_knobs.iter().zip(&plan.lab.spec().knobs);
                for (value, knob) in names {
                    plan.knobs
                        .set(knob.name, value.clone())
                        .expect("the knobs of a run were checked when they were set");
                }
                (plan, shown.now, shown.digest)
            }
        };
        plan.length = now;
        // After a step back there may be more of it, which has not been done again.
        plan.script.retain(|done| done.at <= now);
        Record {
            plan,
            digests: vec![(now, digest)],
        }
    }

    /// Publishes a frame when something changed and the last one is old enough.
    pub(super) fn publish(&mut self) {
        let now = wall_clock();
        let fresh = self
            .published_at
            .is_some_and(|at| now.duration_since(at) < FRAME_EVERY);
        if !self.changed || fresh {
            return;
        }
        let mut frame: Option<Frame> = None;
        self.guarded(|runner| frame = runner.picture());
        // After a fault the last picture stays, with the fault on it.
        let mut frame = frame.unwrap_or_else(|| (*self.shown.get()).clone());
        frame.pace = Pace {
            playing: self.playing && self.fault.is_none(),
            asked: self.pacer.asked(),
            reached: if self.playing {
                self.pacer.reached()
            } else {
                0.0
            },
        };
        frame.saved = self.saved.as_ref().map(Saved::view);
        frame.horizon = self.horizon;
        frame.undoable = self.undoable().map(str::to_owned);
        frame.seeking = self.seeking.as_ref().map(|replay| Seeking {
            to: replay.to,
            reached: self.now(),
        });
        frame.fault.clone_from(&self.fault);
        self.shown.set(Arc::new(frame));
        self.published_at = Some(now);
        self.changed = false;
        (self.on_frame)();
    }

    /// The run as it is, or as it is remembered while a replay is on its way.
    fn picture(&self) -> Option<Frame> {
        let remembered = self
            .seeking
            .as_ref()
            .and_then(|seek| seek.remembered.as_deref());
        match remembered {
            Some(frame) => Some(frame.clone()),
            None => self.sides.as_ref().map(Sides::frame),
        }
    }

    /// Runs code of the lab. A panic there ends this run and not the program: it becomes the frame's
    /// fault, and a reset starts afresh.
    fn guarded(&mut self, code: impl FnOnce(&mut Self)) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| code(self))) {
            self.fall(&what_panicked(&*panic));
        }
    }

    /// Ends the run for a fault of its lab, which is shown until a reset.
    pub(super) fn fall(&mut self, why: &str) {
        self.fault = Some(format!(
            "the lab stopped on a fault of its own: {why}. Reset starts it again"
        ));
        self.seeking = None;
        self.standing = 0;
        self.changed = true;
        if let Some(sides) = self.sides.take() {
            self.fallen = sides.a().plan().clone();
            self.fallen.knobs = sides.a().knobs().clone();
            self.fallen.script.clear();
            // Its parts may be half changed; if letting go of them panics too, that says nothing new.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(sides)));
        }
    }
}

fn what_panicked(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("it gave no reason").to_owned()
}
