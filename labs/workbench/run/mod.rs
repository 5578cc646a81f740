//! A run: a lab on its own thread, its virtual time turned by `wall time x speed`.
//!
//! The one thread and the one wall clock of this crate are here. The thread sleeps in its channel
//! whenever the run stands still, so a paused lab uses no CPU. It works in slices of at most
//! [`SLICE`], so that a command is obeyed within a frame even when the asked speed can't be reached;
//! what could not be done in a slice is given up, and the speed that was reached is shown.
//!
//! - [`RunHandle`] owns the run, and ends it; [`RunClient`] acts on it without owning it: the gateway;
//! - `runner`: the thread's loop: obey, advance, publish, wait;
//! - `commands`, `requests`: what each command does, and what is done for a client;
//! - `drive`: how the run goes on, by its pace or by a replay; `pace`: how fast;
//! - `keyframes`: what is remembered of it; `saved`: what a repeated run must come to;
//! - `undo`: taking back what was done.

mod client;
mod commands;
mod drive;
mod keyframes;
mod pace;
mod requests;
mod runner;
mod saved;
#[cfg(test)]
mod tests;
mod undo;

pub use client::{Applied, Gone, RunClient};

use super::frame::Frame;
use super::intervention::{Intervention, InterventionError};
use super::knob::KnobValue;
use super::lab::Lab;
use super::outside::{Outside, Reply};
use super::plan::{Record, RunPlan};
use crate::engine::SimTime;
use std::fmt;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// At most so long the thread works without looking at its commands.
const SLICE: Duration = Duration::from_millis(10);
/// At most one frame in so long.
const FRAME_EVERY: Duration = Duration::from_millis(16);

/// The range of speeds, in virtual seconds per second.
pub const SPEEDS: std::ops::RangeInclusive<f64> = 0.001..=1000.0;

/// What one can ask of a running lab.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Play,
    Pause,
    /// To the next event, then quiet; pauses first.
    Step,
    /// Virtual seconds per second, 0.001 to 1000.
    Speed(f64),
    /// Intervenes where the run stands; a refusal goes into its journal. A knob that only counts at the
    /// start of a run starts it again.
    Intervene(Intervention),
    /// Back or on to a moment, as fast as it goes. Until that is done frames show the run as it is
    /// remembered, where it has been before; a later seek takes the place of this one.
    Seek(SimTime),
    /// Sets beside the run the same one with these knobs as given all along. Both go on in lockstep,
    /// and what is done is done to both. Frames have the other side in `Frame::other`.
    Compare(Vec<(String, KnobValue)>),
    /// The other side becomes the one that is looked at.
    Swap,
    /// Ends the comparison; the side that is looked at stays.
    EndCompare,
    /// From the start, with the same seed and the knobs as they are.
    Reset,
    /// Takes back the last thing that was done to the run, a restart among them: the run as it was before
    /// is replayed up to where this one stands.
    Undo,
    /// Every knob back to its default. When one of them only counts at the start, the run starts again.
    Defaults,
}

/// What is sent to the thread of a run.
#[derive(Debug)]
enum RunMessage {
    Command(Command),
    /// By a client, who waits for the outcome.
    Intervene(
        Intervention,
        oneshot::Sender<Result<Applied, InterventionError>>,
    ),
    Request(Outside, Reply),
    Record(Sender<Record>),
}

/// How a run begins.
#[derive(Debug, Clone)]
pub struct RunOptions {
    pub plan: RunPlan,
    /// Virtual seconds per second.
    pub speed: f64,
    pub playing: bool,
    /// Digests that the run must come to, when it repeats a saved one.
    pub expected: Vec<(SimTime, u64)>,
}

impl RunOptions {
    /// The lab as it stands, playing at real speed.
    pub fn new(lab: &'static dyn Lab, seed: u64) -> Self {
        Self::of_plan(RunPlan::new(lab, seed))
    }

    /// A plan, playing at real speed.
    pub fn of_plan(plan: RunPlan) -> Self {
        Self {
            plan,
            speed: 1.0,
            playing: true,
            expected: Vec::new(),
        }
    }

    /// A saved run, ready to play: it stands at its start.
    pub fn saved(record: Record) -> Self {
        Self {
            playing: false,
            expected: record.digests,
            ..Self::of_plan(record.plan)
        }
    }

    #[must_use]
    pub fn at_speed(mut self, speed: f64) -> Self {
        self.speed = speed;
        self
    }
}

/// Called on the run's thread after each new frame: wakes whoever draws. It must not block.
pub type Waker = Box<dyn Fn() + Send>;

/// How long whoever leaves a run waits for its thread. A run that is well ends within a slice.
const LEAVE_WITHIN: Duration = Duration::from_millis(200);
/// How long whoever saves a run waits for it.
const RECORD_WITHIN: Duration = Duration::from_secs(2);

/// The run does not answer: its lab is at work without an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the lab does not answer; leave it and start it again")]
pub struct Unresponsive;

/// Joins a thread that was asked to end, if it ends in time; else leaves it to end by itself, or with
/// the program. True when it has ended.
pub fn join_within(thread: JoinHandle<()>, limit: Duration) -> bool {
    let deadline = pace::wall_clock() + limit;
    while !thread.is_finished() {
        if pace::wall_clock() >= deadline {
            return false;
        }
        std::thread::park_timeout(Duration::from_millis(1));
    }
    // A panic of the thread was reported where it happened.
    let _ = thread.join();
    true
}

/// A lab that runs. Dropping it stops its thread, see [`RunHandle::leave`].
pub struct RunHandle {
    lab: &'static dyn Lab,
    newest: Arc<Newest>,
    /// Taken when the handle is dropped: a closed channel is what ends the thread.
    inbox: Option<Arc<Sender<RunMessage>>>,
    thread: Option<JoinHandle<()>>,
}

/// The newest frame, where writer and readers meet. A mutex and not a channel: whoever is slow to
/// look misses frames and never falls behind.
#[derive(Default)]
struct Newest(Mutex<Arc<Frame>>);

impl Newest {
    fn get(&self) -> Arc<Frame> {
        // A panic can't leave it half written: it holds one pointer.
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, frame: Arc<Frame>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = frame;
    }
}

impl RunHandle {
    /// Starts the lab on a thread of its own. `on_frame` is called after each new frame.
    pub fn start(options: RunOptions, on_frame: Waker) -> std::io::Result<Self> {
        let lab = options.plan.lab;
        let newest = Arc::new(Newest::default());
        let (sender, inbox) = channel();
        let shown = Arc::clone(&newest);
        let thread = std::thread::Builder::new()
            .name(format!("lab {}", lab.spec().id))
            .spawn(move || runner::Runner::new(options, inbox, shown, on_frame).run())?;
        Ok(Self {
            lab,
            newest,
            inbox: Some(Arc::new(sender)),
            thread: Some(thread),
        })
    }

    /// The newest frame; cheap. Before the first it is empty.
    pub fn frame(&self) -> Arc<Frame> {
        self.newest.get()
    }

    /// Asks the run for something; what came of it shows in a frame after.
    pub fn send(&self, command: Command) {
        self.post(RunMessage::Command(command));
    }

    fn post(&self, message: RunMessage) {
        if let Some(inbox) = &self.inbox {
            // The thread ends only with this handle.
            let _ = inbox.send(message);
        }
    }

    /// A client of this run.
    pub fn client(&self) -> RunClient {
        RunClient {
            lab: self.lab,
            newest: Arc::clone(&self.newest),
            inbox: self.inbox.as_ref().map(Arc::downgrade).unwrap_or_default(),
        }
    }

    /// The run up to now, to be saved and replayed: all that was done to it, requests from outside
    /// among it. Waits for the slice that the run is at, a few milliseconds. A run that fell is recorded
    /// up to its last picture.
    ///
    /// # Errors
    /// When the lab does not come to the end of its slice within two seconds.
    pub fn record(&self) -> Result<Record, Unresponsive> {
        let (sender, record) = channel();
        self.post(RunMessage::Record(sender));
        record.recv_timeout(RECORD_WITHIN).map_err(|_| Unresponsive)
    }

    /// Ends the run. A thread that does not come out of the lab's code within a moment is left behind.
    ///
    /// # Errors
    /// When the thread was left behind.
    pub fn leave(mut self) -> Result<(), Unresponsive> {
        self.end()
    }

    fn end(&mut self) -> Result<(), Unresponsive> {
        drop(self.inbox.take());
        let thread = self.thread.take();
        let ended = thread.is_none_or(|thread| join_within(thread, LEAVE_WITHIN));
        ended.then_some(()).ok_or(Unresponsive)
    }
}

impl fmt::Debug for RunHandle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RunHandle")
            .field("lab", &self.lab.spec().id)
            .finish_non_exhaustive()
    }
}

impl Drop for RunHandle {
    fn drop(&mut self) {
        // Whoever wants to know calls `leave`.
        let _ = self.end();
    }
}
