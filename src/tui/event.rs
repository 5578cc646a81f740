//! Everything that can happen to the program, as one type, so that one loop handles it in order.

use super::effect::RunId;
use crate::progress;
use crossterm::event::{KeyEvent, MouseEvent};
use ddlab_exercises::harness::observe::Event as GradeEvent;
use std::path::PathBuf;
use tokio::sync::mpsc;

#[derive(Debug)]
pub enum Event {
    Key(KeyEvent),
    Mouse(MouseEvent),
    Paste(String),
    Resize,
    FocusGained,
    /// The terminal is gone, or its input is closed.
    Hangup,
    Signal(Signal),
    /// A lab has a newer frame.
    LabFrame(RunId),
    /// A lab that was asked for could not start.
    LabFailed(RunId, String),
    /// The record has taken up an event, on the disk or in memory.
    Recorded(progress::Answer),
    /// Something about the record that the learner should know.
    RecordNotice(progress::Notice),
    Exercise(ExerciseNews),
    /// A timer that a screen asked for.
    Tick,
    /// Highlighted code is ready.
    Highlighted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM or SIGINT: leave, keeping all.
    Terminate,
    /// SIGTSTP: hand the terminal back to the shell until SIGCONT.
    Suspend,
}

/// What comes back from the exercise worker.
#[derive(Debug, Clone)]
pub enum ExerciseNews {
    /// The learner's folder, if it exists.
    Located(Option<PathBuf>),
    Started(Result<PathBuf, String>),
    Grading(GradeEvent),
    /// The grader stopped without a report.
    Stopped(String),
    Hint(Result<String, String>),
    Solution(Result<String, String>),
}

/// The way into the loop for threads and tasks.
#[derive(Debug, Clone)]
pub struct Proxy(mpsc::UnboundedSender<Event>);

impl Proxy {
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// The loop may be gone already while the program leaves; then nobody needs the event.
    pub fn send(&self, event: Event) {
        let _ = self.0.send(event);
    }
}
