//! Everything that can happen to the program, as one type, so that one loop handles it in order.

use super::effect::{JobId, Notice, RunId};
use super::serving::Served;
use crate::progress;
use crate::runs::Entry;
use crossterm::event::{KeyEvent, MouseEvent};
use ddlab_exercises::harness::observe::Event as GradeEvent;
use ddlab_labs::workbench::challenge::Score;
use ddlab_labs::workbench::claim::take::Taken;
use std::path::PathBuf;
use std::sync::Arc;
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
    /// The saved runs, as they lie in their folder.
    Runs(Result<Arc<Vec<Entry>>, String>),
    /// Something that was done outside, or could not be.
    Notice(Notice),
    /// A run that is served, or was to be.
    Served(RunId, Served),
    /// The record has taken up an event, on the disk or in memory.
    Recorded(progress::Answer),
    /// Something about the record that the learner should know.
    RecordNotice(progress::Notice),
    Exercise(ExerciseNews),
    /// A measurement that a guide asked for.
    Measured(JobId, MeasureNews),
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

/// How a measurement stands.
#[derive(Debug, Clone)]
pub enum MeasureNews {
    /// The share that is done.
    Share(f64),
    Taken(Arc<Taken>),
    Scored(Arc<Score>),
    /// Why it came to nothing.
    Failed(String),
}

/// What comes back from the exercise worker, and about which exercise.
#[derive(Debug, Clone)]
pub struct ExerciseNews {
    pub slug: String,
    pub what: ExerciseWhat,
}

#[derive(Debug, Clone)]
pub enum ExerciseWhat {
    Located(ExerciseFolder),
    Grading(GradeEvent),
    /// No grade runs any more, and nothing is watched: it was stopped, or it is done.
    Idle,
    /// Number of the hint, from 1, and whether there is no further one.
    Hint {
        number: usize,
        last: bool,
    },
    /// Path and text of each file.
    Solution(Vec<(PathBuf, String)>),
    /// It is not solved, so the solution was not shown.
    NotSolved,
    /// Something to be said that changes nothing.
    Remark(String),
    /// What was asked could not be done, and what to do next.
    Trouble(String),
}

/// The learner's folder of an exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExerciseFolder {
    /// As it is shown: `~/ddlab/scatter-gather-top10`.
    pub shown: String,
    /// What lies in it; none when it was not laid out yet.
    pub state: Option<FolderState>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderState {
    pub language: String,
    pub hints_shown: usize,
    pub solved: bool,
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
