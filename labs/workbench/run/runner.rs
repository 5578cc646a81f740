//! What the thread of a run does: obey, turn, publish, wait.

use super::pace::{Pacer, wall_clock};
use super::{Command, FRAME_EVERY, Newest, Order, RunOptions, SLICE, Waker};
use crate::engine::{Ran, SimTime};
use crate::workbench::frame::{Frame, Pace};
use crate::workbench::knob::{KnobError, KnobValue};
use crate::workbench::meter::WINDOW;
use crate::workbench::plan::{Deed, Record, RunPlan};
use crate::workbench::session::Session;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Work units between two looks at the wall clock: a few milliseconds of the slowest lab.
const CHUNK: u64 = 20_000;
/// Wall time that is made up for at once, at most: after a stall of the machine the run goes on
/// from where it is and doesn't leap.
const CATCH_UP: Duration = Duration::from_millis(50);

pub(super) struct Runner {
    /// None after a fault; then `fallen` is what a reset starts from.
    session: Option<Session>,
    fallen: RunPlan,
    fault: Option<String>,
    inbox: Receiver<Order>,
    shown: Arc<Newest>,
    on_frame: Waker,
    pacer: Pacer,
    playing: bool,
    /// The moment that a replay is on its way to.
    seeking: Option<SimTime>,
    changed: bool,
    turned_at: Instant,
    published_at: Option<Instant>,
}

impl Runner {
    pub fn new(
        options: RunOptions,
        inbox: Receiver<Order>,
        shown: Arc<Newest>,
        on_frame: Waker,
    ) -> Self {
        let mut runner = Self {
            session: None,
            fallen: options.plan.clone(),
            fault: None,
            inbox,
            shown,
            on_frame,
            pacer: Pacer::new(options.speed),
            playing: options.playing,
            seeking: None,
            changed: true,
            turned_at: wall_clock(),
            published_at: None,
        };
        runner.guarded(|runner| runner.session = Some(Session::start(options.plan)));
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
            } else if self.playing && self.session.is_some() {
                self.guarded(Self::turn);
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
            Ok(order) => Some(order),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return false,
        };
        while let Some(order) = next {
            self.changed = true;
            self.guarded(|runner| match order {
                Order::Command(command) => runner.obey(command),
                Order::Outside(ask) => runner.let_in(ask),
                // Whoever wanted it may have gone.
                Order::Record(tell) => drop(tell.send(runner.record())),
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
        } else if self.playing && self.session.is_some() {
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

    fn obey(&mut self, command: Command) {
        if self.session.is_none() && command != Command::Reset {
            return;
        }
        match command {
            Command::Play => {
                self.turned_at = wall_clock();
                self.playing = true;
            }
            Command::Pause => self.playing = false,
            Command::Step => {
                self.playing = false;
                self.step();
            }
            Command::Speed(speed) => self.pacer.ask(speed),
            Command::Set { knob, value } => self.set(&knob, &value),
            Command::Act { action, argument } => {
                self.tell(|session| {
                    session
                        .act(&action, argument.as_deref())
                        .map_err(|e| e.to_string())
                });
            }
            Command::Seek(moment) => self.seek(moment),
            Command::Reset => self.reset(),
        }
    }

    pub(super) fn session(&mut self) -> Option<&mut Session> {
        self.session.as_mut()
    }

    pub(super) fn is_seeking(&self) -> bool {
        self.seeking.is_some()
    }

    fn record(&self) -> Record {
        let (mut plan, now, digest) = if let Some(session) = &self.session {
            session.come_to_rest();
            (session.plan().clone(), session.now(), session.digest())
        } else {
            // Up to its last picture: a reset starts from other knobs than the run did.
            let shown = self.shown.get();
            let mut plan = self.fallen.clone();
            let names = shown.initial_knobs.iter().zip(&plan.lab.spec().knobs);
            for (value, knob) in names {
                plan.knobs
                    .set(knob.name, value.clone())
                    .expect("the knobs of a run were checked when they were set");
            }
            (plan, shown.now, shown.digest)
        };
        plan.length = now;
        // After a step back there may be more of it, which has not been done again.
        plan.script.retain(|done| done.at <= now);
        Record {
            plan,
            digests: vec![(now, digest)],
        }
    }

    /// Tries something on the session; a refusal goes into its journal.
    fn tell(&mut self, deed: impl FnOnce(&mut Session) -> Result<(), String>) {
        if let Some(session) = &mut self.session
            && let Err(refusal) = deed(session)
        {
            let now = session.now();
            session.lab().instruments().journal.warn(now, refusal);
        }
    }

    pub(super) fn set(&mut self, knob: &str, value: &KnobValue) {
        self.tell(|session| {
            let spec = session.knobs().spec(knob).map_err(|e| e.to_string())?;
            if spec.needs_restart {
                let told = format!("from the start, with {} = {value}", spec.name);
                let afresh = session.afresh(knob, value);
                *session = afresh.map_err(|error: KnobError| error.to_string())?;
                session.lab().instruments().journal.info(SimTime(0), told);
                return Ok(());
            }
            let deed = Deed::Set {
                knob: spec.name,
                value: value.clone(),
            };
            session.intervene(deed).map_err(|e| e.to_string())
        });
    }

    /// To the next event, and all that happens at its moment: interventions are replayed between
    /// moments, not within one.
    fn step(&mut self) {
        if let Some(session) = &mut self.session
            && let Some(next) = session.peek()
        {
            while session.advance(next, CHUNK) == Ran::OutOfBudget {
                if session.now() == next {
                    break;
                }
            }
        }
    }

    fn seek(&mut self, moment: SimTime) {
        if let Some(session) = &mut self.session {
            if moment < session.now() {
                *session = session.rewound();
            }
            self.seeking = Some(moment);
        }
    }

    fn reset(&mut self) {
        self.seeking = None;
        self.fault = None;
        // After a fault there is no session: then from the plan of the run that fell.
        let mut plan = self.fallen.clone();
        if let Some(session) = &self.session {
            plan = session.plan().clone();
            plan.knobs = session.knobs().clone();
        }
        plan.script.clear();
        self.session = Some(Session::start(plan));
    }

    /// One slice of a replay, as fast as it goes.
    fn seek_on(&mut self) {
        let (Some(session), Some(moment)) = (&mut self.session, self.seeking) else {
            self.seeking = None;
            return;
        };
        let began = wall_clock();
        while wall_clock().duration_since(began) < SLICE {
            let next = SimTime((session.now().0 + WINDOW.0).min(moment.0));
            if session.advance(next, CHUNK) == Ran::Reached && next == moment {
                self.seeking = None;
                self.turned_at = wall_clock();
                break;
            }
        }
        self.changed = true;
    }

    /// One slice of the run: as much virtual time as the wall time since the last one is worth, or
    /// as much as can be done.
    fn turn(&mut self) {
        let Some(session) = &mut self.session else {
            return;
        };
        let began = wall_clock();
        let wall = began.saturating_duration_since(self.turned_at);
        self.turned_at = began;
        let from = session.now();
        let goal = SimTime(from.0.saturating_add(self.pacer.owed(wall.min(CATCH_UP))));
        while session.now() < goal {
            let next = SimTime((session.now().0 + WINDOW.0).min(goal.0));
            let ran = session.advance(next, CHUNK);
            if (ran == Ran::Reached && next == goal) || wall_clock().duration_since(began) >= SLICE
            {
                break;
            }
        }
        self.pacer.ran(wall, session.now().0 - from.0);
        self.changed = true;
    }

    /// Publishes a frame when something changed and the last one is old enough.
    fn publish(&mut self) {
        let now = wall_clock();
        let fresh = self
            .published_at
            .is_some_and(|at| now.duration_since(at) < FRAME_EVERY);
        if !self.changed || fresh {
            return;
        }
        let mut frame: Option<Frame> = None;
        self.guarded(|runner| frame = runner.session.as_ref().map(Session::frame));
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
        frame.seeking = self.seeking;
        frame.fault.clone_from(&self.fault);
        self.shown.set(Arc::new(frame));
        self.published_at = Some(now);
        self.changed = false;
        (self.on_frame)();
    }

    /// Runs code of the lab. A panic there ends this run and not the program: it becomes the frame's
    /// fault, and a reset starts afresh.
    fn guarded(&mut self, code: impl FnOnce(&mut Self)) {
        let Err(panic) = catch_unwind(AssertUnwindSafe(|| code(self))) else {
            return;
        };
        self.fault = Some(what_panicked(&*panic));
        self.seeking = None;
        self.changed = true;
        if let Some(session) = self.session.take() {
            self.fallen = session.plan().clone();
            self.fallen.knobs = session.knobs().clone();
            // Its parts may be half changed; if letting go of them panics too, that says nothing new.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(session)));
        }
    }
}

fn what_panicked(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    let text = text.unwrap_or("it gave no reason");
    format!("the lab stopped on a fault of its own: {text}. Reset starts it again")
}
