//! Laying embedded files out in a folder.

use super::{CONFIG, Result, io_error};
use crate::harness::exercise::Exercise;
use crate::harness::language::Language;
use ddlab_archive::File;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The content of files by their path in a folder.
pub(crate) type Files = BTreeMap<PathBuf, Vec<u8>>;

/// What the `Cargo.toml` of a learner is called here: Cargo leaves a folder that has one out of a package.
const MANIFEST: &str = "Cargo.toml.embedded";

/// Packed files as they are laid out.
fn files(packed: impl Iterator<Item = File>) -> Files {
    let laid = |file: File| {
        let path = PathBuf::from(file.path);
        let path = if path.ends_with(MANIFEST) {
            path.with_extension("")
        } else {
            path
        };
        (path, file.text.into())
    };
    packed.map(laid).collect()
}

/// The files of this folder (`starter`, `solution`) of an exercise.
pub(super) fn part(exercise: &Exercise, language: &Language, folder: &str) -> Files {
    files(
        exercise
            .folder()
            .below(&format!("{folder}/{}", language.id)),
    )
}

/// A program of an exercise: the plumbing of its language, then the files of these folders
/// (`starter`, `solution`) over it.
pub(crate) fn program(exercise: &Exercise, language: &Language, folders: &[&str]) -> Files {
    let mut program = files(language.plumbing());
    for folder in folders {
        program.extend(part(exercise, language, folder));
    }
    program
}

/// Writes the files below `dir`. One that has this content already is left as it is, so that nothing
/// is built anew because of it.
pub(crate) fn lay(files: &Files, dir: &Path) -> Result<()> {
    for (path, bytes) in files {
        let to = dir.join(path);
        if fs::read(&to).is_ok_and(|known| known == *bytes) {
            continue;
        }
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).map_err(|e| io_error("make", parent, e))?;
        }
        fs::write(&to, bytes).map_err(|e| io_error("write", &to, e))?;
    }
    Ok(())
}

/// Statement, starter and `ddlab.yaml`.
pub(super) fn lay_starter(exercise: &Exercise, language: &Language, dir: &Path) -> Result<()> {
    let mut files = program(exercise, language, &["starter"]);
    let statement = exercise.folder().file("statement.md");
    files.insert("statement.md".into(), statement.unwrap_or_default().into());
    let config = config_text(exercise.slug(), language);
    files.insert(CONFIG.into(), config.into_bytes());
    lay(&files, dir)
}

fn config_text(slug: &str, language: &Language) -> String {
    format!(
        "# How ddlab builds and runs your program: shell commands, run in this folder.\n\
         # Any language will do; change them as you like. A program that takes longer to start than\n\
         # the exercise gives it says so: `start_s: 30`, up to 60 seconds.\n\
         exercise: {slug}\n\
         language: {}\n\
         build: {:?}\n\
         run: {:?}\n",
        language.id, language.build, language.run,
    )
}
