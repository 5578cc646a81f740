//! What an exercise is: a manifest that authors write (`exercise.yaml`), a folder of files for the
//! learner, and a table of checks.

use super::context::CheckContext;
use super::process::Limits;
use super::verdict::CheckResult;
use ddlab_archive::Archive;
use futures::future::BoxFuture;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

/// One exercise. All of its text lies in its manifest and its folder; only its checks are code.
/// [`crate::exercise!`] declares it.
pub struct Exercise {
    folder: Archive,
    checks: &'static [Check],
    manifest: OnceLock<Manifest>,
}

impl Exercise {
    /// `folder`, which `build.rs` packs, holds `exercise.yaml`, `statement.md`, `starter/LANGUAGE/`, `solution/LANGUAGE/` and
    /// the wrong programs, see [`crate::trust`].
    ///
    /// The checks run in this order. The first one proves that the program starts at all: when it
    /// fails, the others are not reached.
    pub const fn new(folder: Archive, checks: &'static [Check]) -> Self {
        Self {
            folder,
            checks,
            manifest: OnceLock::new(),
        }
    }

    /// `exercise.yaml`, read once.
    pub fn manifest(&self) -> &Manifest {
        self.manifest.get_or_init(|| {
            let text = self.folder.file("exercise.yaml");
            let text = text.expect("the build script packs the folders that have one");
            serde_yaml::from_str(text).expect("exercise.yaml is well-formed, and a test reads it")
        })
    }

    /// The slug of the manifest.
    pub fn slug(&self) -> &str {
        &self.manifest().slug
    }

    pub fn folder(&self) -> &Archive {
        &self.folder
    }

    pub fn checks(&self) -> &'static [Check] {
        self.checks
    }
}

impl fmt::Debug for Exercise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Exercise({})", self.slug())
    }
}

/// One check: a promise that the program must keep, tried on a fresh context.
#[derive(Clone, Copy)]
pub struct Check {
    /// The name of its function, with hyphens: `shard-hangs`.
    pub name: &'static str,
    /// The heading of the chapter's section where this is taught: `What goes wrong`.
    pub section: &'static str,
    /// What the program promises, one line.
    pub promise: &'static str,
    pub run: for<'a> fn(&'a CheckContext) -> BoxFuture<'a, CheckResult>,
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Check({})", self.name)
    }
}

/// Declares the exercise of a folder as `EXERCISE`: each check is its function, the section of the
/// chapter that teaches it, and its promise.
#[macro_export]
macro_rules! exercise {
    ($folder:literal, $($module:ident::$check:ident($section:literal, $promise:literal)),+ $(,)?) => {
        static CHECKS: &[$crate::harness::exercise::Check] =
            &[$($crate::harness::exercise::Check {
                name: {
                    const BYTES: [u8; stringify!($check).len()] =
                        $crate::harness::exercise::hyphenated(stringify!($check));
                    match ::std::str::from_utf8(&BYTES) {
                        Ok(name) => name,
                        Err(_) => panic!("the name of a check is ASCII"),
                    }
                },
                section: $section,
                promise: $promise,
                run: |context| ::std::boxed::Box::pin($module::$check(context)),
            }),+];

        pub static EXERCISE: $crate::harness::exercise::Exercise =
            $crate::harness::exercise::Exercise::new(
                ::ddlab_archive::archive!($folder),
                CHECKS,
            );
    };
}

/// The name with `-` for each `_`; `N` is its length.
#[doc(hidden)]
pub const fn hyphenated<const N: usize>(name: &str) -> [u8; N] {
    let mut bytes = [0; N];
    let mut at = 0;
    while at < N {
        let byte = name.as_bytes()[at];
        bytes[at] = if byte == b'_' { b'-' } else { byte };
        at += 1;
    }
    bytes
}

/// `exercise.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// It was laid out by a command, and is not whole yet.
    #[serde(default)]
    pub stub: bool,
    pub slug: String,
    pub title: String,
    /// The chapter's id, `scatter-gather`.
    pub chapter: String,
    /// The chapter's number in the book.
    pub number: u8,
    /// One sentence, for lists.
    pub summary: String,
    /// How long it takes someone who has read the chapter.
    pub minutes: u16,
    #[serde(default)]
    pub limits: Limits,
    /// Every mistake that the checks can name, beside [`HARNESS_DIAGNOSES`], and why it matters.
    pub diagnoses: BTreeMap<String, String>,
    /// From a nudge to nearly the answer; shown one more at a time.
    pub hints: Vec<String>,
    /// What a reviewer would still say of a program that passes; shown after a pass.
    #[serde(default)]
    pub review: Vec<String>,
}

/// Diagnoses that any check of any exercise may give, because they are about processes and
/// connections, not about the pattern.
pub const HARNESS_DIAGNOSES: &[&str] = &[
    "build-failed",
    "exited-before-listening",
    "not-listening",
    "not-healthy",
    "exited-under-way",
    "closed-without-answer",
    "not-http",
    "no-answer",
    "listens-on-all-addresses",
    "over-memory",
    "over-processes",
    "ignores-sigterm",
    "leaves-processes",
];
