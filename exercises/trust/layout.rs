//! Lays subjects out below one folder and builds them.
//!
//! All Rust programs become binaries of one package, so that cargo is started once, whatever their
//! number; a folder that stays from one time to the next is not built again.

use super::{Kind, Subject, Trial, TrustError};
use crate::workspace::{Files, io_error, lay, program};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// Each subject in a folder of its own below `dir`, ready to be graded.
pub fn lay_out(subjects: Vec<Subject>, dir: &Path) -> Result<Vec<Trial>, TrustError> {
    let mut binaries = String::new();
    let mut crates = BTreeSet::new();
    let mut trials = Vec::with_capacity(subjects.len());
    for subject in subjects {
        let name = format!("{}-{subject}", subject.exercise.slug());
        let folder = dir.join(&name);
        let files = files(&subject)?;
        lay(&files, &folder)?;
        let run = if subject.language.id == "rust" {
            let _ = write!(
                binaries,
                "\n[[bin]]\nname = {name:?}\npath = \"{name}/src/main.rs\"\n"
            );
            crates.extend(dependencies(&files));
            dir.join("target/debug").join(&name).display().to_string()
        } else {
            subject.language.run.to_owned()
        };
        trials.push(Trial {
            subject,
            dir: folder,
            run,
        });
    }
    if !binaries.is_empty() {
        build(dir, &crates, &binaries)?;
    }
    Ok(trials)
}

fn files(subject: &Subject) -> Result<Files, TrustError> {
    let of = |folders: &[&str]| program(subject.exercise, subject.language, folders);
    match &subject.kind {
        Kind::Starter => Ok(of(&["starter"])),
        Kind::Solution => Ok(of(&["starter", "solution"])),
        Kind::Wrong(wrong) => {
            let mut files = of(&["starter", "solution"]);
            wrong.apply(&mut files)?;
            Ok(files)
        }
    }
}

/// The lines below `[dependencies]` of a Rust program.
fn dependencies(files: &Files) -> Vec<String> {
    let manifest = files.get(Path::new("Cargo.toml"));
    let manifest = String::from_utf8_lossy(manifest.map_or(&[], Vec::as_slice));
    let below = manifest
        .lines()
        .skip_while(|line| *line != "[dependencies]");
    let lines = below.skip(1).take_while(|line| line.contains(" = "));
    lines.map(str::to_owned).collect()
}

/// One package with a binary for each program, and the crates that any of them asks for.
fn build(dir: &Path, crates: &BTreeSet<String>, binaries: &str) -> Result<(), TrustError> {
    let crates: Vec<&str> = crates.iter().map(String::as_str).collect();
    let crates = crates.join("\n");
    let manifest = format!(
        "[package]\nname = \"programs\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
         [dependencies]\n{crates}\n\
         [workspace]\n[profile.dev]\ndebug = false\n{binaries}"
    );
    lay(
        &Files::from([("Cargo.toml".into(), manifest.into_bytes())]),
        dir,
    )?;
    let built = Command::new("cargo")
        .args(["build", "--quiet", "--target-dir", "target"])
        .current_dir(dir)
        .output()
        .map_err(|e| io_error("run cargo in", dir, e))?;
    if built.status.success() {
        Ok(())
    } else {
        let said = String::from_utf8_lossy(&built.stderr);
        Err(TrustError::Build(said.into_owned()))
    }
}
