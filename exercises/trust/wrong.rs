//! Wrong programs: each is a patch of the solution, and a mistake that people really make.
//!
//! `wrong/NAME.patch` is a patch of the Python solution, `wrong/rust/NAME.patch` one of the Rust
//! solution: a unified diff whose paths are those in the learner's folder. Its first lines say what
//! the mistake is, the check that must fail, and the diagnosis that it must give:
//!
//! ```text
//! Asks one shard after the other, each with the time that is left.
//! check: parallel
//! diagnosis: serial-fan-out
//! --- main.py
//! +++ main.py
//! ```

use super::TrustError;
use crate::harness::exercise::{Exercise, HARNESS_DIAGNOSES};
use crate::harness::language::Language;
use crate::workspace::Files;
use diffy::patch_set::{FileOperation, ParseOptions, PatchSet};
use std::path::Path;

#[derive(Debug, Clone)]
pub(super) struct WrongProgram {
    /// Of its mistake, and of its file: `serial-fan-out`.
    pub name: &'static str,
    pub check: &'static str,
    pub diagnosis: &'static str,
    /// Of the file, for errors.
    path: String,
    text: &'static str,
}

/// The wrong programs of an exercise in a language.
pub(super) fn of(
    exercise: &'static Exercise,
    language: &Language,
) -> Result<Vec<WrongProgram>, TrustError> {
    let folder = match language.id {
        "python" => "wrong".to_owned(),
        other => format!("wrong/{other}"),
    };
    let patches = exercise.folder().below(&folder);
    patches
        .filter(|file| !file.path.contains('/'))
        .map(|file| {
            let path = format!("{}/{folder}/{}", exercise.slug(), file.path);
            let name = file.path.strip_suffix(".patch").unwrap_or(file.path);
            read(exercise, path, name, file.text)
        })
        .collect()
}

fn read(
    exercise: &'static Exercise,
    path: String,
    name: &'static str,
    text: &'static str,
) -> Result<WrongProgram, TrustError> {
    let head = text.split("\n--- ").next().unwrap_or_default();
    let field = |label: &str| head.lines().find_map(|line| line.strip_prefix(label));
    let reason = match (field("check: "), field("diagnosis: ")) {
        (Some(check), Some(diagnosis)) => {
            let known = HARNESS_DIAGNOSES.contains(&diagnosis)
                || exercise.manifest().diagnoses.contains_key(diagnosis);
            if !exercise.checks().iter().any(|known| known.name == check) {
                format!("the exercise has no check {check:?}")
            } else if !known {
                format!("exercise.yaml has no diagnosis {diagnosis:?}")
            } else if head.starts_with("check: ") {
                "the first line must say in a sentence what the mistake is".to_owned()
            } else {
                return Ok(WrongProgram {
                    name,
                    check,
                    diagnosis,
                    path,
                    text,
                });
            }
        }
        _ => "the lines `check: NAME` and `diagnosis: NAME` must stand before the diff".to_owned(),
    };
    Err(TrustError::Patch { name: path, reason })
}

impl WrongProgram {
    /// Changes these files of the solution.
    pub fn apply(&self, files: &mut Files) -> Result<(), TrustError> {
        let fails = |reason: String| TrustError::Patch {
            name: self.path.clone(),
            reason,
        };
        for patch in PatchSet::parse(self.text, ParseOptions::unidiff()) {
            let patch = patch.map_err(|e| fails(format!("it is not a unified diff: {e}")))?;
            let FileOperation::Modify { original, .. } = patch.operation() else {
                return Err(fails(
                    "it must change files, not add or remove them".to_owned(),
                ));
            };
            let text = files
                .get_mut(Path::new(original.as_ref()))
                .ok_or_else(|| fails(format!("the solution has no file {original}")))?;
            let hunks = patch
                .patch()
                .as_text()
                .ok_or_else(|| fails("it changes a file that is not text".to_owned()))?;
            let changed = diffy::apply(&String::from_utf8_lossy(text), hunks).map_err(|e| {
                fails(format!(
                    "it no longer applies to {original}: {e}; make it anew from the solution"
                ))
            })?;
            *text = changed.into_bytes();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOLUTION: &str = "ask()\nwait()\nanswer()\n";

    fn applied(text: &'static str) -> Result<String, String> {
        let wrong = WrongProgram {
            name: "never-waits",
            check: "waits",
            diagnosis: "never-waits",
            path: "relay/wrong/never-waits.patch".to_owned(),
            text,
        };
        let mut files = Files::from([("main.py".into(), SOLUTION.as_bytes().to_vec())]);
        match wrong.apply(&mut files) {
            Ok(()) => Ok(String::from_utf8(files[Path::new("main.py")].clone()).unwrap()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn a_patch_changes_the_solution() {
        let patch = "Does not wait.\n--- main.py\n+++ main.py\n@@ -1,3 +1,2 @@\n ask()\n-wait()\n answer()\n";
        assert_eq!(applied(patch).as_deref(), Ok("ask()\nanswer()\n"));
    }

    #[test]
    fn a_patch_that_no_longer_applies_fails_with_its_name() {
        let patch = "Does not wait.\n--- main.py\n+++ main.py\n@@ -1,3 +1,2 @@\n beg()\n-wait(1)\n answer()\n";
        let error = applied(patch).unwrap_err();
        assert!(
            error.starts_with("relay/wrong/never-waits.patch: it no longer applies to main.py"),
            "{error}"
        );
        let other = "Does not wait.\n--- other.py\n+++ other.py\n@@ -1 +1 @@\n-a\n+b\n";
        assert!(applied(other).unwrap_err().contains("no file other.py"));
    }
}
