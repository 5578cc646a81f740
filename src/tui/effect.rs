//! Effects: what a screen asks for. A screen never does I/O itself; it returns these, and the loop
//! carries them out.

use crate::judge;
use crate::markdown::flow::Anchor;
use crate::practice::Lead;
use crate::progress;
use ddlab_design::brief::grade::Candidate;
use ddlab_design::gameday::night::Night;
use ddlab_design::gameday::shift::Done;
use ddlab_labs::workbench::challenge::Challenge;
use ddlab_labs::workbench::claim::MeasuredRun;
use ddlab_labs::workbench::experiment::Experiment;
use ddlab_labs::workbench::intervention::TimedIntervention;
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_labs::workbench::limit::LimitPlan;
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::run::Command;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A place in the program: what `Esc` goes back to, and where the program reopens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    Home,
    /// A chapter by id, at a place in its text.
    Reader {
        chapter: String,
        #[serde(default)]
        anchor: Option<Anchor>,
        /// What is pointed out there; not kept for the next start.
        #[serde(skip)]
        show: Option<Show>,
    },
    Lab {
        lab: String,
        /// `knob=value` pairs that differ from the defaults.
        #[serde(default)]
        set: Vec<String>,
        #[serde(default)]
        seed: u64,
    },
    /// A lab in the middle of a run, to be replayed up to there.
    Run {
        lab: String,
        seed: u64,
        /// At the start of the run, `knob=value`.
        set: Vec<String>,
        /// What was done, `2000000000ns:slow=3`.
        script: Vec<String>,
        at_ns: u64,
    },
    /// The list of saved runs.
    Runs,
    /// The designs: the learner's own, examples, briefs.
    Designs,
    /// The designs, at a brief.
    Brief {
        brief: String,
    },
    /// A lab with a saved run in it, ready to play.
    SavedRun {
        lab: String,
        /// As the list of saved runs names it.
        file: String,
    },
    /// A lab with one of its experiments or challenges.
    Guide {
        lab: String,
        id: String,
    },
    Source {
        lab: String,
        /// The line at the top; where it was last closed when none is given.
        #[serde(default)]
        line: Option<usize>,
    },
    /// The exercises, by chapter.
    Exercises,
    /// The same, at one of them.
    ExercisesAt {
        slug: String,
    },
    Exercise {
        slug: String,
    },
    /// The questions of a chapter, at one of them.
    Question {
        chapter: String,
        #[serde(default)]
        question: Option<String>,
    },
    /// The cards that are due.
    Review,
    /// Numbers problems, or those of one kind.
    Drill {
        #[serde(default)]
        only: Option<String>,
    },
    /// A mock interview; one that was left goes on.
    Interview {
        topic: String,
        level: String,
        minutes: u64,
    },
    /// An interview question, settled in the lab: predicted first, then run.
    Prove {
        question: String,
    },
    /// Where the learner stands.
    Progress,
    /// The settings of practice.
    Settings,
    /// The cheat sheet of a chapter, or all of them.
    Cheat {
        #[serde(default)]
        chapter: Option<String>,
    },
    /// An evening on call, as the line of its night says; none is the list of nights.
    GameDay {
        #[serde(default)]
        night: Option<String>,
    },
    /// Every bookmark.
    Bookmarks,
    /// The note on a place: what it is of, how that is called, and where it is, as a bookmark has them.
    Note {
        of: String,
        title: String,
        at: String,
    },
    /// What a new screen begins as.
    #[cfg(test)]
    Template,
    /// The keys of the screen below; an overlay.
    Help,
    /// Find anything, beginning with these words; an overlay.
    Palette {
        #[serde(default)]
        words: String,
    },
}

/// What is pointed out on a page when it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Show {
    /// Words that were searched for, marked wherever they stand.
    Words(Vec<String>),
    /// The term of this name, explained where the page first uses it.
    Term(String),
    /// The section of this name.
    Section(String),
}

impl Place {
    /// The lab that it is a place of.
    pub fn lab_id(&self) -> Option<&str> {
        match self {
            Self::Lab { lab, .. }
            | Self::Run { lab, .. }
            | Self::SavedRun { lab, .. }
            | Self::Guide { lab, .. } => Some(lab),
            _ => None,
        }
    }

    /// A lab with its knobs as they come.
    pub fn lab(id: &str) -> Self {
        Self::Lab {
            lab: id.to_owned(),
            set: Vec::new(),
            seed: DEFAULT_SEED,
        }
    }

    /// A mock interview as most are held.
    pub fn interview(topic: String) -> Self {
        Self::Interview {
            topic,
            level: "senior".to_owned(),
            minutes: 45,
        }
    }

    /// A chapter from its beginning, or from where the learner was.
    pub fn chapter(id: &str) -> Self {
        Self::Reader {
            chapter: id.to_owned(),
            anchor: None,
            show: None,
        }
    }

    /// A chapter at a term that it teaches.
    pub fn term(chapter: &str, name: &str) -> Self {
        Self::Reader {
            chapter: chapter.to_owned(),
            anchor: None,
            show: Some(Show::Term(name.to_owned())),
        }
    }

    /// A section of a chapter.
    pub fn section(chapter: &str, name: &str) -> Self {
        Self::Reader {
            chapter: chapter.to_owned(),
            anchor: None,
            show: Some(Show::Section(name.to_owned())),
        }
    }

    /// The source of a lab's pattern, from where it was last closed.
    pub fn source(lab: &str) -> Self {
        Self::Source {
            lab: lab.to_owned(),
            line: None,
        }
    }

    /// What somebody who has done nothing yet is led through: it ends where the book begins.
    pub fn five_minutes() -> Self {
        Self::guide("scatter-gather", "five-minutes")
    }

    /// An experiment or a challenge of a lab.
    pub fn guide(lab: &str, id: &str) -> Self {
        Self::Guide {
            lab: lab.to_owned(),
            id: id.to_owned(),
        }
    }

    pub fn exercise(slug: &str) -> Self {
        Self::Exercise {
            slug: slug.to_owned(),
        }
    }

    /// The questions of a chapter, at one of them.
    pub fn question(chapter: &str, question: Option<&str>) -> Self {
        Self::Question {
            chapter: chapter.to_owned(),
            question: question.map(str::to_owned),
        }
    }

    /// The search over everything, before a word was typed.
    pub fn palette() -> Self {
        Self::Palette {
            words: String::new(),
        }
    }
}

impl From<Lead> for Place {
    fn from(lead: Lead) -> Self {
        match lead {
            Lead::Page {
                chapter,
                section: None,
            } => Self::chapter(&chapter),
            Lead::Page {
                chapter,
                section: Some(section),
            } => Self::section(&chapter, &section),
            Lead::Question { chapter, question } => Self::question(&chapter, Some(&question)),
            Lead::Lab { lab, set, at: _ } => Self::Lab {
                lab,
                set,
                seed: DEFAULT_SEED,
            },
            Lead::Exercise { slug } => Self::exercise(&slug),
            Lead::Drill { kind } => Self::Drill { only: kind },
            Lead::Interview { topic } => Self::interview(topic),
            Lead::Design { brief } => Self::Brief { brief },
        }
    }
}

/// The seed of a lab when nobody chose one.
pub const DEFAULT_SEED: u64 = 1;

/// Names one running lab among those that are open; chosen by the screen, unique in the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunId(pub u64);

impl RunId {
    /// A fresh one.
    pub fn fresh() -> Self {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Names one measurement that is under way; unique in the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct JobId(pub u64);

impl JobId {
    /// A fresh one.
    pub fn fresh() -> Self {
        Self(RunId::fresh().0)
    }
}

/// What is to be measured.
#[derive(Debug, Clone)]
pub enum Measuring {
    /// A run of an experiment.
    Run {
        run: &'static MeasuredRun,
        experiment: &'static Experiment,
    },
    /// A run that a session of practice waits for.
    Plan(RunPlan),
    /// What the learner's own judge says of an answer.
    Judge(Box<judge::Question>),
    /// Settings that were handed in to a challenge.
    Score {
        challenge: &'static Challenge,
        knobs: KnobSettings,
    },
    /// The post-mortem of a night, with what was done in it.
    GameDay { night: Night, done: Vec<Done> },
    /// The load that a lab takes.
    Limit(Box<LimitPlan>),
    /// What a design is worth in the world of its brief.
    Grade(Arc<Candidate<'static>>),
}

/// How a run begins.
#[derive(Debug)]
pub struct RunStart {
    pub source: RunSource,
    /// Virtual seconds per second.
    pub speed: f64,
    pub playing: bool,
}

/// What runs.
#[derive(Debug)]
pub enum RunSource {
    /// A lab from its start, with what happens to it by itself.
    Lab {
        lab: &'static str,
        seed: u64,
        knobs: KnobSettings,
        script: Vec<TimedIntervention>,
    },
    /// A run whose interventions are known before.
    Plan(RunPlan),
    /// A saved run, by the name of its file.
    Saved(String),
}

/// What is done to a saved run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunChange {
    Rename(String),
    Delete,
}

#[derive(Debug)]
pub enum Effect {
    /// Opens a place on top of this one; `Esc` comes back.
    Open(Place),
    /// Opens a place instead of this one.
    Replace(Place),
    Back,
    Quit,
    /// Starts a run; frames come as `Message::Frame`. It stops with the screen that asked for it.
    Start(RunId, RunStart),
    /// Saves a run up to what is seen of it; a notice says where.
    SaveRun(RunId),
    /// Reads what runs are saved; `Message::Runs` brings them.
    ListRuns,
    /// Does this to a saved run; `Message::Runs` brings what is there then.
    ChangeRun {
        file: String,
        change: RunChange,
    },
    /// Reads what designs the learner has; `Message::Designs` brings them.
    ListDesigns,
    /// Lays this text into the folder of designs under this name, unless there is one, and opens it, after `$EDITOR` where
    /// it is to be edited.
    NewDesign {
        name: &'static str,
        text: String,
        edit: bool,
    },
    /// Reads the design of this file; `Message::Design` brings what came of it.
    OpenDesign(String),
    /// Reads a design again if its file has changed; `Message::Design` brings what came of it.
    ReadDesign(String),
    /// Opens `$EDITOR` on the file of a design; `Message::Design` tells what came of it.
    EditDesign(String),
    Steer(RunId, Command),
    StopRun(RunId),
    /// Serves a run over HTTP on the loopback, or stops serving it; `Message::Served` tells how it goes.
    Serve(RunId, bool),
    /// Runs what a guide measures, without showing it; `Message::Measured` tells how far it is and what it
    /// came to. It ends with the screen that asked for it.
    Measure(JobId, Measuring),
    StopMeasuring(JobId),
    /// Appends to the learner's record; `Message::Recorded` answers once it is durable.
    Record(progress::Event),
    /// Exercises: what is asked of the grader; it answers with `Message::Exercise`.
    Exercise(ExerciseRequest),
    /// Opens `$EDITOR` on a file of the learner's.
    EditFile(PathBuf),
    /// Opens `$EDITOR` on this answer, with its question below it; `Message::Edited` brings the answer back.
    Editor {
        text: String,
        question: String,
    },
    /// Draws every cell anew, whatever the terminal shows.
    Redraw,
    /// Leaves the mouse to the terminal, which selects text with it, or takes it back.
    ToggleMouse,
    /// Puts this text into the clipboard of the terminal.
    Copy(String),
    /// One `Message::Tick` after this long; for clocks that show seconds.
    Tick(Duration),
    /// A line above the bottom bar.
    Notice(Notice),
    /// Highlights this code on a worker; a redraw follows when it is ready.
    Highlight {
        lang: String,
        code: String,
    },
}

impl Effect {
    /// A line above the bottom bar that says how things are.
    pub fn info(text: impl Into<String>) -> Self {
        Self::Notice(Notice::info(text))
    }

    /// A line above the bottom bar that says why something cannot be done.
    pub fn warning(text: impl Into<String>) -> Self {
        Self::Notice(Notice::warning(text))
    }

    /// A line above the bottom bar that says what went wrong.
    pub fn trouble(text: impl Into<String>) -> Self {
        Self::Notice(Notice::trouble(text))
    }
}

/// What is asked of the grader, and of which exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExerciseRequest {
    pub slug: String,
    pub ask: ExerciseAsk,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExerciseAsk {
    /// Where the learner's folder is, or would be.
    Locate,
    /// Lays the starter out in this language.
    Start {
        lang: String,
    },
    Grade,
    /// Grades now and at every save, until stopped.
    Watch,
    /// Runs one check again, with the faults of this seed.
    Replay {
        check: &'static str,
        seed: u64,
    },
    /// Ends the grade, the watch and the learner's program.
    Stop,
    /// One more.
    Hint,
    /// The reference solution; before a pass only when the learner gives up.
    Solution {
        /// Or it is passed.
        give_up: bool,
    },
    /// How the learner's program differs from the solution, which the learner may see.
    Diff,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub kind: NoticeKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    Info,
    Warning,
    Trouble,
}

impl Notice {
    pub fn info(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            kind: NoticeKind::Info,
        }
    }

    pub fn warning(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            kind: NoticeKind::Warning,
        }
    }

    pub fn trouble(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            kind: NoticeKind::Trouble,
        }
    }
}
