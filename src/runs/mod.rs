//! Saved runs: small text files in the learner's folder, to be listed, opened and replayed.
//!
//! A run file is written by the workbench ([`Record`]); here is where such files lie, what they are
//! called, and what is said of one that can't be read. Nothing is ever overwritten.

use crate::clock::UtcMs;
use crate::designs;
use crate::regular;
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::plan::{Record, other_version, written_by};
use ddlab_text::{clean_line, given, suggestion};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

#[cfg(test)]
mod tests;

const ENDING: &str = "run";
/// Of a name that somebody gives, without its ending.
const NAME_BYTES_MAX: usize = 100;
/// A run file is a few hundred bytes, and some megabytes with all the requests from outside that a run takes;
/// what is larger is something else.
const BYTES_MAX: u64 = 16 << 20;

/// The folder of the learner's run files.
#[derive(Debug, Clone)]
pub struct SavedRuns {
    folder: PathBuf,
}

/// A file of that folder.
#[derive(Debug, Clone)]
pub struct ListedRun {
    /// The name of the file.
    pub name: String,
    /// When it was written, where the file system says so.
    pub when: Option<UtcMs>,
    /// What it holds, or what is wrong with it.
    pub run: Result<Summary, String>,
}

/// What a list shows of a run.
#[derive(Debug, Clone)]
pub struct Summary {
    pub lab: &'static LabSpec,
    pub seed: u64,
    pub length: SimTime,
    /// How many things were done to it.
    pub interventions: usize,
    /// The knobs that did not stand at their defaults at its start: `policy=hedge`.
    pub turned: Vec<String>,
    /// At its end.
    pub digest: u64,
    /// The version that wrote it.
    pub by: Option<String>,
}

/// A saved run that was opened.
#[derive(Debug, Clone)]
pub struct Opened {
    pub record: Record,
    /// What to say of a file that another version wrote.
    pub warning: Option<String>,
}

/// Why a run can't be saved, found or read.
#[derive(Debug, thiserror::Error)]
pub enum RunFileError {
    #[error("the run can't be saved to {path}: {source}; nothing is lost, it goes on")]
    Save { path: String, source: io::Error },
    #[error("can't read {path}: {source}")]
    Read { path: String, source: io::Error },
    #[error("can't read {path}: {why}")]
    Damaged { path: String, why: String },
    #[error("a run cannot be called `{}`: {why}", given(.name))]
    Name { name: String, why: &'static str },
    #[error("can't rename or delete {path}: {source}")]
    Change { path: String, source: io::Error },
    #[error("there is no saved run `{}` in {folder}, nor a file of that name; {near}", given(.name))]
    Unknown {
        name: String,
        folder: String,
        near: String,
    },
}

impl SavedRuns {
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Saves a run under a name of its own, which it returns: lab, seed and moment.
    ///
    /// # Errors
    /// When the folder can't be made or written. What was written of the file is taken away again.
    pub fn save(&self, record: &Record, at: UtcMs) -> Result<String, RunFileError> {
        let plan = &record.plan;
        let stem = format!(
            "{}-{}-{}",
            designs::stem(plan.lab.spec().id),
            plan.seed,
            at.stamp()
        );
        let failed = |path: &Path, source| RunFileError::Save {
            path: shown(path),
            source,
        };
        fs::create_dir_all(&self.folder).map_err(|source| failed(&self.folder, source))?;
        for nth in 1.. {
            let name = match nth {
                1 => format!("{stem}.{ENDING}"),
                _ => format!("{stem}-{nth}.{ENDING}"),
            };
            let path = self.folder.join(&name);
            let mut file = match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(failed(&path, error)),
            };
            return match file.write_all(record.to_text().as_bytes()) {
                Ok(()) => Ok(name),
                Err(error) => {
                    drop(file);
                    // Half a file would be listed as damaged for ever; if it can't go, so be it.
                    let _ = fs::remove_file(&path);
                    Err(failed(&path, error))
                }
            };
        }
        unreachable!("the numbers do not end before the names do")
    }

    /// All run files, the newest first. A folder that is not there yet is an empty one.
    ///
    /// # Errors
    /// When the folder is there and can't be read.
    pub fn list(&self) -> Result<Vec<ListedRun>, RunFileError> {
        let failed = |source| RunFileError::Read {
            path: shown(&self.folder),
            source,
        };
        let files = match fs::read_dir(&self.folder) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut entries = Vec::new();
        for file in files {
            let path = file.map_err(failed)?.path();
            if path.extension().is_some_and(|ending| ending == ENDING) {
                entries.push(entry(&path));
            }
        }
        entries.sort_by(|a, b| b.when.cmp(&a.when).then_with(|| b.name.cmp(&a.name)));
        Ok(entries)
    }

    /// Opens a file by its path, or one of the folder by its name, with or without its ending.
    ///
    /// # Errors
    /// When there is none, or it is not a run file that this version reads.
    pub fn open(&self, name: &str) -> Result<Opened, RunFileError> {
        let given = PathBuf::from(name);
        let ours = self.folder.join(name);
        let ended = self.folder.join(format!("{name}.{ENDING}"));
        let found = [given, ours, ended].into_iter().find(|path| path.is_file());
        let Some(path) = found else {
            return Err(self.unknown(name));
        };
        let text = read(&path)?;
        parse(&path, &text)
    }

    /// Gives a run of the folder another name; the ending may be left out. Returns the name that it has now.
    ///
    /// # Errors
    /// When the name will not do or is taken, or there is no such run.
    pub fn rename(&self, name: &str, to: &str) -> Result<String, RunFileError> {
        let from = self.own(name)?;
        let stem = to.trim();
        let stem = stem.strip_suffix(".run").unwrap_or(stem);
        let unfit = |why| RunFileError::Name {
            name: clean_line(to).into_owned(),
            why,
        };
        if stem.is_empty() || stem.starts_with('.') || stem.len() > NAME_BYTES_MAX {
            return Err(unfit(
                "give it 1 to 100 bytes, of which the first is not a dot",
            ));
        }
        if stem.contains(['/', '\\']) || clean_line(stem) != stem {
            return Err(unfit("leave slashes and control characters out"));
        }
        let name = format!("{stem}.{ENDING}");
        let path = self.folder.join(&name);
        if path.symlink_metadata().is_ok() && path != from {
            return Err(unfit("another run has that name"));
        }
        match fs::rename(&from, &path) {
            Ok(()) => Ok(name),
            Err(source) => Err(RunFileError::Change {
                path: shown(&from),
                source,
            }),
        }
    }

    /// Deletes a run of the folder.
    ///
    /// # Errors
    /// When there is no such run, or it cannot be deleted.
    pub fn delete(&self, name: &str) -> Result<(), RunFileError> {
        let path = self.own(name)?;
        fs::remove_file(&path).map_err(|source| RunFileError::Change {
            path: shown(&path),
            source,
        })
    }

    /// The path of a run of the folder, by the name of its file.
    fn own(&self, name: &str) -> Result<PathBuf, RunFileError> {
        let path = self.folder.join(name);
        let inside = Path::new(name).file_name().is_some_and(|file| file == name);
        let is_run = path.extension().is_some_and(|ending| ending == ENDING);
        if inside && is_run && path.symlink_metadata().is_ok() {
            Ok(path)
        } else {
            Err(self.unknown(name))
        }
    }

    fn unknown(&self, name: &str) -> RunFileError {
        let entries = self.list().unwrap_or_default();
        // The newest are the ones that one is likely to mean.
        let names: Vec<&str> = entries
            .iter()
            .take(5)
            .map(|entry| entry.name.as_str())
            .collect();
        RunFileError::Unknown {
            name: clean_line(name).into_owned(),
            folder: shown(&self.folder),
            near: suggestion(name, &names),
        }
    }
}

fn entry(path: &Path) -> ListedRun {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let written = fs::metadata(path).and_then(|facts| facts.modified()).ok();
    let since = written.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let run = read(path).and_then(|text| {
        let opened = parse(path, &text)?;
        let plan = opened.record.plan;
        Ok(Summary {
            lab: plan.lab.spec(),
            seed: plan.seed,
            length: plan.length,
            interventions: plan.script.len(),
            turned: plan
                .knobs
                .turned()
                .map(|(knob, value)| format!("{}={value}", knob.name))
                .collect(),
            digest: opened
                .record
                .digests
                .last()
                .map_or(0, |(_, digest)| *digest),
            by: written_by(&text).map(|by| clean_line(by).into_owned()),
        })
    });
    ListedRun {
        name: clean_line(&name).into_owned(),
        when: since.map(|since| UtcMs(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))),
        run: run.map_err(|error| error.to_string()),
    }
}

fn read(path: &Path) -> Result<String, RunFileError> {
    let bytes = regular::read(path, BYTES_MAX).map_err(|source| RunFileError::Read {
        path: shown(path),
        source,
    })?;
    // What is no text is told by its first line, like anything else that is no run file.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn parse(path: &Path, text: &str) -> Result<Opened, RunFileError> {
    let warning = other_version(text).map(|said| clean_line(&said).into_owned());
    match Record::parse(text, designs::find) {
        Ok(record) => Ok(Opened { record, warning }),
        Err(error) => {
            let mut why = error.to_string();
            if let Some(warning) = warning {
                why = format!("{why} ({warning})");
            }
            Err(RunFileError::Damaged {
                path: shown(path),
                why: clean_line(&why).into_owned(),
            })
        }
    }
}

fn shown(path: &Path) -> String {
    clean_line(&path.display().to_string()).into_owned()
}
