//! The learner's folder: laid out once, found again from anywhere inside it, never overwritten.
//!
//! `ddlab.yaml` says which exercise it is and how to build and run it: the learner's to edit.
//! `.ddlab/` is ours: how many hints were shown, whether it was solved, what a reset put aside.

mod layout;
pub mod watch;

use crate::catalog::UnknownExercise;
use crate::harness::exercise::Exercise;
use crate::harness::language::{LANGUAGES, Language};
use crate::harness::report::Report;
pub(crate) use layout::{Files, lay, program};
use layout::{files, lay_starter};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const CONFIG: &str = "ddlab.yaml";
const OURS: &str = ".ddlab";

#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    #[error("{0} is not empty, and starting an exercise there could mix with your files; name another folder: `ddlab exercise start {1} NEW-FOLDER`", .dir.display(), .slug)]
    NotEmpty { dir: PathBuf, slug: String },
    #[error("no ddlab.yaml in {} or above it; run this in a folder made by `ddlab exercise start`, or name that folder", .dir.display())]
    NotFound { dir: PathBuf },
    #[error(
        "{slug} has no starter in {language:?}; there is one in {known}. Any language will do: start with one of these, then change build and run in ddlab.yaml"
    )]
    UnknownLanguage {
        slug: String,
        language: String,
        known: String,
    },
    #[error("{}{place}: {reason}", .file.display())]
    BadConfig {
        file: PathBuf,
        /// `:3:1`, when it is known.
        place: String,
        reason: String,
    },
    #[error(transparent)]
    UnknownExercise(#[from] UnknownExercise),
    #[error(
        "the solution is yours after a pass; `ddlab exercise solution --give-up` shows it now, and notes that"
    )]
    NotSolved,
    #[error("could not {doing} {}: {source}", .path.display())]
    Io {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

type Result<T> = std::result::Result<T, WorkspaceError>;

/// `ddlab.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub exercise: String,
    /// Of the starter; the program may be in any other by now.
    pub language: String,
    /// Shell command, run in the folder; may be empty.
    #[serde(default)]
    pub build: String,
    /// Shell command, run in the folder.
    pub run: String,
}

/// What we remember, in `.ddlab/state.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    pub hints_shown: usize,
    pub solved: bool,
    /// The solution was shown before it was solved.
    pub gave_up: bool,
}

/// One hint, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// From 1.
    pub nr: usize,
    pub of: usize,
    pub text: String,
    /// There is no further one; this one was shown before.
    pub last: bool,
}

#[derive(Debug)]
pub struct Workspace {
    pub dir: PathBuf,
    pub config: Config,
    pub exercise: &'static Exercise,
    pub state: State,
}

impl Workspace {
    /// Makes the folder: statement, starter, `ddlab.yaml`.
    pub fn start(exercise: &'static Exercise, language: &str, dir: &Path) -> Result<Self> {
        let language = find_language(exercise, language)?;
        let occupied = match fs::read_dir(dir) {
            Ok(mut entries) => entries.next().is_some(),
            Err(e) if e.kind() == io::ErrorKind::NotFound => false,
            Err(e) => return Err(io_error("look into", dir, e)),
        };
        if occupied {
            return Err(WorkspaceError::NotEmpty {
                dir: dir.to_owned(),
                slug: exercise.slug().to_owned(),
            });
        }
        lay_starter(exercise, language, dir)?;
        let workspace = Self::open(dir)?;
        workspace.save()?;
        Ok(workspace)
    }

    /// The workspace that `dir` is, or is inside of.
    pub fn open(dir: &Path) -> Result<Self> {
        let start = dir.canonicalize().map_err(|e| io_error("find", dir, e))?;
        let root = start
            .ancestors()
            .find(|folder| folder.join(CONFIG).is_file())
            .ok_or_else(|| WorkspaceError::NotFound { dir: start.clone() })?
            .to_owned();
        let file = root.join(CONFIG);
        let text = fs::read_to_string(&file).map_err(|e| io_error("read", &file, e))?;
        let config: Config =
            serde_yaml::from_str(&text).map_err(|error| bad_config(&file, &error))?;
        let exercise = crate::catalog::find(&config.exercise)?;
        let state = read_state(&root)?;
        Ok(Self {
            dir: root,
            config,
            exercise,
            state,
        })
    }

    /// One hint more than last time; the last one again when there are no more.
    pub fn hint(&mut self) -> Result<Option<Hint>> {
        let hints = &self.exercise.manifest().hints;
        let nr = self.state.hints_shown.min(hints.len().saturating_sub(1));
        let Some(text) = hints.get(nr) else {
            return Ok(None);
        };
        let last = self.state.hints_shown >= hints.len();
        self.state.hints_shown = (nr + 1).max(self.state.hints_shown);
        self.save()?;
        Ok(Some(Hint {
            nr: nr + 1,
            of: hints.len(),
            text: text.clone(),
            last,
        }))
    }

    /// The reference solution in the language of the starter: path and text of each file. Before a
    /// pass only with `give_up`, which is remembered.
    pub fn solution(&mut self, give_up: bool) -> Result<Vec<(PathBuf, String)>> {
        if !self.state.solved {
            if !give_up {
                return Err(WorkspaceError::NotSolved);
            }
            self.state.gave_up = true;
            self.save()?;
        }
        let language = find_language(self.exercise, &self.config.language)?;
        Ok(self
            .exercise
            .folder()
            .get_dir(format!("solution/{}", language.id))
            .map(files)
            .unwrap_or_default()
            .into_iter()
            .map(|(path, bytes)| (path, String::from_utf8_lossy(&bytes).into_owned()))
            .collect())
    }

    /// The starter again. What was there is moved to a new folder under `.ddlab/kept/`, which is
    /// returned; nothing is deleted.
    pub fn reset(&mut self) -> Result<PathBuf> {
        let language = find_language(self.exercise, &self.config.language)?;
        let attic = self.dir.join(OURS).join("kept");
        let mut nr = 1;
        while attic.join(format!("{nr:03}")).exists() {
            nr += 1;
        }
        let kept = attic.join(format!("{nr:03}"));
        fs::create_dir_all(&kept).map_err(|e| io_error("make", &kept, e))?;
        let entries = fs::read_dir(&self.dir).map_err(|e| io_error("look into", &self.dir, e))?;
        for entry in entries.flatten().filter(|entry| entry.file_name() != OURS) {
            let (from, to) = (entry.path(), kept.join(entry.file_name()));
            fs::rename(&from, &to).map_err(|e| io_error("move", &from, e))?;
        }
        lay_starter(self.exercise, language, &self.dir)?;
        *self = Self::open(&self.dir)?;
        Ok(kept)
    }

    /// Remembers a pass of the whole exercise.
    pub fn record(&mut self, report: &Report) -> Result<()> {
        if report.solves() && !self.state.solved {
            self.state.solved = true;
            self.save()?;
        }
        Ok(())
    }

    fn save(&self) -> Result<()> {
        let folder = self.dir.join(OURS);
        fs::create_dir_all(&folder).map_err(|e| io_error("make", &folder, e))?;
        let file = folder.join("state.json");
        let text = serde_json::to_string_pretty(&self.state)
            .map_err(|e| io_error("write", &file, io::Error::other(e)))?;
        // By renaming, so that a crash leaves the old state or the new one, never half of one.
        let new = folder.join("state.json.new");
        fs::write(&new, text).map_err(|e| io_error("write", &new, e))?;
        fs::rename(&new, &file).map_err(|e| io_error("write", &file, e))
    }
}

fn find_language(exercise: &Exercise, id: &str) -> Result<&'static Language> {
    Language::find(id).ok_or_else(|| WorkspaceError::UnknownLanguage {
        slug: exercise.slug().to_owned(),
        language: ddlab_text::clean_line(id).into_owned(),
        known: LANGUAGES.map(|language| language.id).join(", "),
    })
}

/// A missing state is a fresh one: the folder may have been cloned without it. A broken one is
/// said, not overwritten.
fn read_state(root: &Path) -> Result<State> {
    let file = root.join(OURS).join("state.json");
    match fs::read_to_string(&file) {
        Ok(text) => serde_json::from_str(&text).map_err(|e| WorkspaceError::BadConfig {
            place: String::new(),
            reason: format!(
                "{e}; delete it to begin with a fresh one (hints and passes are forgotten)"
            ),
            file,
        }),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(State::default()),
        Err(e) => Err(io_error("read", &file, e)),
    }
}

/// What is wrong in one sentence and where, without a picture of the file: a notice has one line.
fn bad_config(file: &Path, error: &serde_yaml::Error) -> WorkspaceError {
    let options = serde_yaml::RenderOptions::new(&serde_yaml::DefaultMessageFormatter);
    let told = error.without_snippet().render_with_options(options);
    let told = told.lines().next().unwrap_or_default();
    let at = error.location().filter(|at| at.line() > 0);
    let (place, also) = at.map_or_else(Default::default, |at| {
        let (line, column) = (at.line(), at.column());
        let also = [
            format!(" at line {line}, column {column}"),
            format!("line {line} column {column}: "),
        ];
        (format!(":{line}:{column}"), also)
    });
    // The crate says the place once more, at the head or the tail.
    let reason = also
        .iter()
        .filter(|also| !also.is_empty())
        .fold(told.to_owned(), |told, also| told.replace(also, ""));
    WorkspaceError::BadConfig {
        file: file.to_owned(),
        place,
        reason: format!(
            "{}; correct it, or take the one of a fresh folder from `ddlab exercise start`",
            ddlab_text::clean(reason.trim_start_matches("error: ").trim())
        ),
    }
}

pub(crate) fn io_error(doing: &'static str, path: &Path, source: io::Error) -> WorkspaceError {
    WorkspaceError::Io {
        doing,
        path: path.to_owned(),
        source,
    }
}
