//! Practice over the book and the record: what is due, drills, mock interviews. Each session is a [`Flow`]:
//! it shows a step, takes a line, and says what is to be recorded. The plain form and the screen both drive
//! it, so they cannot differ.
//!
//! - [`deck`]: the cards that the log makes, and when each is due; [`plan`]: the learner's settings.
//! - [`cheat`]: a sheet for each pattern, and the numbers to know.
//! - [`progress`]: where one stands; [`learned`]: what it and the review look at, kept up with the log.
//! - [`review`]: what is due; [`drill`]: numbers; [`interview`]: a mock interview on a [`prompt`];
//!   [`prove`]: a question settled in the lab.
//! - [`settings`]: the plan and the judge, changed on the screen.
//!
//! The arithmetic is that of the crate `ddlab-practice`. Nothing here does I/O or reads a clock.

pub mod cheat;
pub mod deck;
pub mod drill;
pub mod interview;
pub mod learned;
pub mod plan;
pub mod progress;
pub mod prompt;
pub mod prove;
pub mod review;
pub mod settings;

use crate::clock::Moment;
use crate::judge;
use crate::progress::{Event, EventId};
use ddlab_labs::workbench::headless::Report;
use ddlab_labs::workbench::plan::RunPlan;
use serde::Serialize;

/// A session, a line at a time.
pub trait Flow {
    /// What is shown and asked now.
    fn step(&self, now: Moment) -> Step;

    /// Takes what was typed; an empty line takes what is suggested, or skips. What comes back is to be
    /// recorded, in order.
    ///
    /// # Errors
    /// A sentence when it cannot be read; the step stays.
    fn reply(&mut self, typed: &str, now: Moment) -> Result<Vec<Event>, String>;

    /// The record has this event under this id.
    fn recorded(&mut self, _id: &EventId, _event: &Event) {}

    /// Whether there is a grade to take back.
    fn can_undo(&self) -> bool {
        false
    }

    /// Takes the last grade back and asks again; nothing when there is none.
    fn undo(&mut self, _now: Moment) -> Vec<Event> {
        Vec::new()
    }

    /// Under which name what is typed and not given yet is kept; none where it is not worth keeping.
    fn draft(&self) -> Option<String> {
        None
    }

    /// Whether a clock runs against the step, so that its status changes by itself.
    fn is_timed(&self) -> bool {
        false
    }

    /// What is to be recorded so that the session goes on after a crash: asked for at its beginning, and while a
    /// clock runs.
    fn keep(&mut self, _now: Moment) -> Vec<Event> {
        Vec::new()
    }

    /// The learner looks at something else: what is to be kept.
    fn pause(&mut self, _now: Moment) -> Vec<Event> {
        Vec::new()
    }

    /// The learner is back.
    fn resume(&mut self, _now: Moment) {}

    /// The interview question that is being asked, when a lab settles it.
    fn settles(&self) -> Option<&str> {
        None
    }

    /// The run that the session waits for, at [`Ask::Wait`]; whoever drives it does the run.
    fn run(&self) -> Option<RunPlan> {
        None
    }

    /// What the run came to, or why it came to nothing; what comes back is to be recorded.
    fn ran(&mut self, _report: Result<&Report, String>) -> Vec<Event> {
        Vec::new()
    }

    /// What the session waits to hear of a judge, at [`Ask::Wait`]; whoever drives it asks.
    fn asks_judge(&self) -> Option<judge::Question> {
        None
    }

    /// What the judge said, or why it said nothing.
    fn judged(&mut self, _said: Result<&judge::Verdicts, String>) {}

    /// One step back within the session, with nothing changed; false where it has no step to go back to.
    fn back(&mut self) -> bool {
        false
    }

    /// Where to go after the end, in the order of the numbers in its text.
    fn leads(&self) -> &[Lead] {
        &[]
    }
}

/// Where something is read, tried or trained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lead {
    /// From its beginning, or a section of it.
    Page {
        chapter: String,
        section: Option<String>,
    },
    Question {
        chapter: String,
        question: String,
    },
    /// With these settings, and with what happens in it.
    Lab {
        lab: String,
        set: Vec<String>,
        at: Vec<String>,
    },
    Exercise {
        slug: String,
    },
    /// Of one kind, or of all.
    Drill {
        kind: Option<String>,
    },
    Interview {
        topic: String,
    },
    /// A brief, whose design is put together and run.
    Design {
        brief: String,
    },
}

impl Lead {
    /// The command that leads there: `ddlab read sharded`.
    pub fn command(&self) -> String {
        match self {
            Self::Page {
                chapter,
                section: None,
            } => format!("ddlab read {chapter}"),
            Self::Page {
                chapter,
                section: Some(section),
            } => format!("ddlab read {chapter}#{section}"),
            Self::Question { question, .. } => format!("ddlab ask {question}"),
            Self::Lab { lab, set, at } => {
                let set = set.iter().map(|setting| format!(" --set '{setting}'"));
                let at = at.iter().map(|event| format!(" --at '{event}'"));
                format!("ddlab lab run {lab}{}", set.chain(at).collect::<String>())
            }
            Self::Exercise { slug } => format!("ddlab exercise start {slug}"),
            Self::Drill { kind: None } => "ddlab drill".to_owned(),
            Self::Drill { kind: Some(kind) } => format!("ddlab drill --only {kind}"),
            Self::Interview { topic } => format!("ddlab interview --topic {topic}"),
            Self::Design { brief } => format!("ddlab design new {brief} --out {brief}.yaml"),
        }
    }

    /// What one does there, in a word.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Page { .. } => "read",
            Self::Question { .. } => "defend",
            Self::Lab { .. } => "try in the lab",
            Self::Exercise { .. } => "build",
            Self::Drill { .. } => "work numbers",
            Self::Interview { .. } => "hold it again",
            Self::Design { .. } => "put the design together and run it",
        }
    }
}

/// What a session shows and asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `Review`, `Numbers drill`.
    pub title: String,
    /// Where one stands: `3 of 12`.
    pub status: String,
    /// Markdown that was shown in an earlier step and still matters: only screens show it again.
    pub above: String,
    /// Markdown.
    pub text: String,
    pub ask: Ask,
}

/// What a key chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Nothing: enter goes on.
    GoOn,
    /// How sure one is.
    Sure,
    Grade,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// One line.
    Line { how: String },
    /// Several lines, as one would say them.
    Text { how: String },
    /// One key of a few; enter takes what is suggested.
    Choice { how: String, of: Choice },
    /// A number of a list, to change something; enter goes on where there is something to go on to.
    Pick { how: String, goes_on: bool },
    /// Nothing, until a run is done or the judge has answered.
    Wait { how: String },
    /// The session is over.
    Done,
}

impl Ask {
    /// How to answer, one sentence; empty at the end.
    pub fn how(&self) -> &str {
        match self {
            Self::Line { how }
            | Self::Text { how }
            | Self::Choice { how, .. }
            | Self::Pick { how, .. }
            | Self::Wait { how } => how,
            Self::Done => "",
        }
    }
}
