//! Laying embedded files out in a folder.

use super::{CONFIG, Result, io_error};
use crate::harness::exercise::{Exercise, Language};
use include_dir::Dir;
use std::fs;
use std::path::{Path, PathBuf};

/// Lays the files of one embedded folder into `dir`, over what is there.
pub(in crate::harness) fn lay(folder: &Dir<'_>, dir: &Path) -> Result<()> {
    for (path, bytes) in files(folder) {
        let to = dir.join(path);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).map_err(|e| io_error("make", parent, e))?;
        }
        fs::write(&to, bytes).map_err(|e| io_error("write", &to, e))?;
    }
    Ok(())
}

/// Statement, starter and `ddlab.yaml`.
pub(super) fn lay_starter(exercise: &dyn Exercise, language: &Language, dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).map_err(|e| io_error("make", dir, e))?;
    if let Some(starter) = exercise
        .folder()
        .get_dir(format!("starter/{}", language.id))
    {
        lay(starter, dir)?;
    }
    let statement = exercise
        .folder()
        .get_file("statement.md")
        .map_or(&[][..], |f| f.contents());
    let config = config_text(&exercise.manifest().slug, language);
    for (name, bytes) in [("statement.md", statement), (CONFIG, config.as_bytes())] {
        let file = dir.join(name);
        fs::write(&file, bytes).map_err(|e| io_error("write", &file, e))?;
    }
    Ok(())
}

fn config_text(slug: &str, language: &Language) -> String {
    format!(
        "# How ddlab builds and runs your program: shell commands, run in this folder.\n\
         # Any language will do; change them as you like.\n\
         exercise: {slug}\n\
         language: {}\n\
         build: {:?}\n\
         run: {:?}\n",
        language.id, language.build, language.run,
    )
}

/// Every file below an embedded folder, by its path in that folder.
pub(super) fn files<'a>(folder: &'a Dir<'a>) -> Vec<(PathBuf, &'a [u8])> {
    fn walk<'a>(root: &Path, folder: &'a Dir<'a>, found: &mut Vec<(PathBuf, &'a [u8])>) {
        for file in folder.files() {
            let path = file.path().strip_prefix(root).unwrap_or(file.path());
            found.push((path.to_owned(), file.contents()));
        }
        for inner in folder.dirs() {
            walk(root, inner, found);
        }
    }
    let mut found = Vec::new();
    walk(folder.path(), folder, &mut found);
    found.sort();
    found
}
