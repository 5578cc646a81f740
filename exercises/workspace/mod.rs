//! The learner's folder: laid out once, found again from anywhere inside it, never overwritten.
//!
//! `ddlab.yaml` says which exercise it is and how to build and run it: the learner's to edit.
//! `.ddlab/` is ours: how many hints were shown, what a reset put aside. Whether it was solved is not kept
//! here, where the program that is graded could write it.

mod compare;
mod layout;
mod reset;
pub mod watch;

use crate::catalog::UnknownExercise;
use crate::harness::exercise::Exercise;
use crate::harness::language::{LANGUAGES, Language};
pub(crate) use layout::{Files, lay, program};
use layout::{lay_starter, part};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Read, Write};
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
    #[error("{} has none of the files of the solution ({files}), so there is nothing to compare; `ddlab exercise solution` shows it", .dir.display())]
    NothingToCompare { dir: PathBuf, files: String },
    #[error(
        "start_s in ddlab.yaml is {0}; it is from 1 to {START_S_MAX} seconds, and more than the exercise gives by itself"
    )]
    StartTime(u64),
    #[error("{} is not a regular file; move it away and try again", .0.display())]
    NotAFile(PathBuf),
    #[error("the reset failed, and some of your files are in {}: {source}; move them back", .kept.display())]
    HalfReset {
        kept: PathBuf,
        source: Box<WorkspaceError>,
    },
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
    /// Seconds from start to answering, where the program needs longer than the exercise gives.
    #[serde(default)]
    pub start_s: Option<u64>,
}

/// The longest start that a learner can ask for.
const START_S_MAX: u64 = 60;
/// `ddlab.yaml` and `state.json` have some hundred bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// What we remember, in `.ddlab/state.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    pub hints_shown: usize,
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
        let text = read(&file)?;
        let config: Config =
            serde_yaml::from_str(&text).map_err(|error| bad_config(&file, &error))?;
        if let Some(start_s) = config.start_s
            && !(1..=START_S_MAX).contains(&start_s)
        {
            return Err(WorkspaceError::StartTime(start_s));
        }
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

    /// The reference solution in the language of the starter: path and text of each file. It may be seen
    /// after a pass, which the learner's record knows of, or when the learner gives up.
    pub fn solution(&self, may_be_seen: bool) -> Result<Vec<(PathBuf, String)>> {
        if !may_be_seen {
            return Err(WorkspaceError::NotSolved);
        }
        let language = self.language()?;
        Ok(part(self.exercise, language, "solution")
            .into_iter()
            .map(|(path, bytes)| (path, String::from_utf8_lossy(&bytes).into_owned()))
            .collect())
    }

    /// Of the starter.
    fn language(&self) -> Result<&'static Language> {
        find_language(self.exercise, &self.config.language)
    }

    fn save(&self) -> Result<()> {
        let folder = ours(&self.dir)?;
        let file = folder.join("state.json");
        let failed = |error| io_error("write", &file, error);
        let text = serde_json::to_string_pretty(&self.state)
            .map_err(|error| failed(io::Error::other(error)))?;
        // A new file in the place of the old one: a crash leaves the one or the other, and no link is followed.
        let mut new = tempfile::NamedTempFile::new_in(&folder).map_err(failed)?;
        new.write_all(text.as_bytes()).map_err(failed)?;
        new.persist(&file).map_err(|error| failed(error.error))?;
        Ok(())
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
    match read(&file) {
        Ok(text) => serde_json::from_str(&text).map_err(|e| WorkspaceError::BadConfig {
            place: String::new(),
            reason: format!(
                "{e}; delete it to begin with a fresh one (hints and passes are forgotten)"
            ),
            file,
        }),
        Err(WorkspaceError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Ok(State::default())
        }
        Err(error) => Err(error),
    }
}

/// The text of a regular file; a pipe would be waited for without an end.
fn read(file: &Path) -> Result<String> {
    let failed = |error| io_error("read", file, error);
    if !fs::metadata(file).map_err(failed)?.is_file() {
        return Err(WorkspaceError::NotAFile(file.to_owned()));
    }
    let mut text = String::new();
    let opened = fs::File::open(file).map_err(failed)?;
    opened
        .take(FILE_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(failed)?;
    Ok(text)
}

/// Our folder in the learner's, made if need be; never a link to somewhere else.
fn ours(dir: &Path) -> Result<PathBuf> {
    let folder = dir.join(OURS);
    match fs::symlink_metadata(&folder) {
        Ok(meta) if meta.is_dir() => {}
        Ok(_) => {
            let linked = io::Error::other("it is not a folder; move it away");
            return Err(io_error("use", &folder, linked));
        }
        Err(_) => fs::create_dir_all(&folder).map_err(|e| io_error("make", &folder, e))?,
    }
    Ok(folder)
}

/// What is wrong in one sentence and where, without a picture of the file: a notice has one line.
fn bad_config(file: &Path, error: &serde_yaml::Error) -> WorkspaceError {
    let options = serde_yaml::RenderOptions::new(&serde_yaml::DefaultMessageFormatter);
    let message = error.without_snippet().render_with_options(options);
    let message = message.lines().next().unwrap_or_default();
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
        .fold(message.to_owned(), |message, also| {
            message.replace(also, "")
        });
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
