//! The languages in which each exercise has a starter and a solution. A learner may use any other:
//! only `build` and `run` of `ddlab.yaml` matter.
//!
//! In each of them the plumbing is the same for all exercises (just enough HTTP and JSON), so it lies
//! in `plumbing/LANGUAGE/` once and is laid into every learner's folder.

use ddlab_archive::{Archive, File, archive};
use std::env;

static PLUMBING: Archive = archive!("plumbing");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language {
    /// As in `--lang`, and the name of its folders.
    pub id: &'static str,
    pub name: &'static str,
    /// The program that must be on the `PATH`, so that tests can say what they left out.
    pub needs: &'static str,
    /// The file in which a program begins.
    pub main: &'static str,
    /// Shell command, may be empty.
    pub build: &'static str,
    /// Shell command, run in the learner's folder.
    pub run: &'static str,
}

pub const LANGUAGES: [Language; 2] = [
    Language {
        id: "rust",
        name: "Rust (standard library)",
        needs: "cargo",
        main: "src/main.rs",
        build: "cargo build --quiet --target-dir target",
        run: "./target/debug/program",
    },
    Language {
        id: "python",
        name: "Python 3 (standard library)",
        needs: "python3",
        main: "main.py",
        build: "",
        run: "python3 main.py",
    },
];

/// Whether a program of this name lies in a folder of `PATH`, or in one of these beside it.
pub fn is_installed(program: &str, beside: &[&str]) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(beside.iter().map(Into::into));
    folders
        .into_iter()
        .any(|folder| folder.join(program).is_file())
}

impl Language {
    pub fn find(id: &str) -> Option<&'static Self> {
        LANGUAGES.iter().find(|language| language.id == id)
    }

    /// The files that it shares among all exercises.
    pub(crate) fn plumbing(&self) -> impl Iterator<Item = File> {
        PLUMBING.below(self.id)
    }
}
