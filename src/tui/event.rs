//! Everything that can happen to the program, as one type, so that one loop handles it in order; and what of
//! it a screen receives.

use super::effect::{JobId, Notice, RunId};
use super::keymap::Action;
use super::serving::Served;
use crate::judge::Verdicts;
use crate::progress;
use crate::runs::ListedRun;
use crossterm::event::{KeyEvent, MouseEvent};
use ddlab_design::brief::grade::Grade;
use ddlab_exercises::harness::observe::Event as GradeEvent;
use ddlab_labs::workbench::challenge::Score;
use ddlab_labs::workbench::claim::Measurement;
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::headless::Report;
use ddlab_labs::workbench::limit::Limit;
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
    /// A lab has a newer frame, which the loop fetches: frames that nobody has seen yet are skipped.
    LabFrame(RunId),
    /// A line above the bottom bar.
    Notice(Notice),
    /// For every open screen.
    Message(Message),
}

/// What a screen receives. A screen matches what concerns it and ignores the rest.
#[derive(Debug, Clone)]
pub enum Message {
    /// It is on top now: at its opening, and when it is come back to.
    Shown,
    /// Something else is on top now.
    Hidden,
    Act(Action),
    /// A key that no binding of its contexts knows.
    Type(KeyEvent),
    Paste(String),
    Mouse(MouseEvent),
    Resized,
    Frame(RunId, Arc<Frame>),
    /// A lab that was asked for could not start, or its run is gone.
    RunFailed(RunId, String),
    /// The saved runs as they lie in their folder, or why they cannot be read.
    Runs(Result<Arc<Vec<ListedRun>>, String>),
    /// The files of the learner's designs, or why they cannot be listed.
    Designs(Result<Arc<Vec<String>>, String>),
    /// A design that was read from this file, or the lines that say what is wrong with it.
    Design(String, Result<(), Vec<String>>),
    /// A run that is served, or was to be.
    Served(RunId, Served),
    /// The record has taken up an event, on the disk or in memory.
    Recorded(progress::Recorded),
    /// Of the exercise with this slug.
    Exercise(String, ExerciseNews),
    /// A measurement that a guide asked for.
    Measured(JobId, MeasureNews),
    /// The text that came back from `$EDITOR`.
    Edited(String),
    /// A timer that a screen asked for.
    Tick,
    /// Code that was asked for with `Effect::Highlight` has its colours now.
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
    Measured(Arc<Measurement>),
    Scored(Arc<Score>),
    Ran(Arc<Report>),
    Judged(Arc<Verdicts>),
    /// So many runs of a search are done.
    Runs(usize),
    Limit(Arc<Limit>),
    Graded(Arc<Grade>),
    /// The post-mortem of a night, as Markdown.
    Written(Arc<str>),
    /// Why it came to nothing.
    Failed(String),
}

/// What comes back from the exercise worker.
#[derive(Debug, Clone)]
pub enum ExerciseNews {
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
    /// A unified diff from the learner's program to the solution; empty where they are the same.
    Diff(String),
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
    /// The source to edit.
    pub source: PathBuf,
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

    /// Sends a message to every open screen.
    pub fn broadcast(&self, message: Message) {
        self.send(Event::Message(message));
    }
}
