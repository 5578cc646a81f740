//! `cargo xtask texts` prints all that the program says, and `cargo xtask translate PO FOLDER` lays out sources that
//! say it in another language.
//!
//! A text stands where it is used, and the English text is its key, as with gettext: [`source`] finds the texts of a
//! file, [`po`] reads and writes the file that a translator works on. It is applied to the sources, so that a
//! translated program looks nothing up, and the compiler refuses a placeholder of a translation that is not one
//! of its text.

mod po;
mod source;

use source::{Text, texts};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms whose texts users read.
const ROOMS: [&str; 6] = ["text", "practice", "labs", "design", "exercises", "src"];
/// Files and folders of them that say nothing to users, or that are the book's and the learners'.
const SILENT: [&str; 8] = [
    "tests",
    "tests.rs",
    "testing",
    "testing.rs",
    "template",
    "solution",
    "starter",
    "benches",
];
/// What a build of the sources needs no copy of.
const LEFT_OUT: [&str; 2] = ["target", ".git"];

/// All texts with their places, as a template for gettext's tools.
pub fn template(workspace: &Path) -> Result<String, String> {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut order = Vec::new();
    for file in files(workspace)? {
        for text in of_file(&file)? {
            let name = file.strip_prefix(workspace).unwrap_or(&file);
            let place = format!("{}:{}", name.display(), text.line);
            let known = places.entry(text.words.clone()).or_default();
            if known.is_empty() {
                order.push(text.words);
            }
            known.push(place);
        }
    }
    let entries = order.iter().map(|text| (text.as_str(), &places[text][..]));
    Ok(po::template(entries))
}

/// A copy of the sources in `to` that says what `po` says; returns how many places were translated.
pub fn translate(workspace: &Path, po: &Path, to: &Path) -> Result<usize, String> {
    if fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!(
            "{} is not empty; name another folder",
            to.display()
        ));
    }
    let catalog = fs::read_to_string(po).map_err(failed("read", po))?;
    let catalog = po::parse(&catalog).map_err(|error| format!("{}: {error}", po.display()))?;
    copy(workspace, to).map_err(failed("copy to", to))?;
    let mut places = 0;
    for file in files(to)? {
        let source = fs::read_to_string(&file).map_err(failed("read", &file))?;
        let (translated, changed) = source::translate(&source, &catalog)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        if changed > 0 {
            fs::write(&file, translated).map_err(failed("write", &file))?;
        }
        places += changed;
    }
    Ok(places)
}

fn failed(what: &str, path: &Path) -> impl Fn(std::io::Error) -> String {
    let what = format!("could not {what} {}", path.display());
    move |error| format!("{what}: {error}")
}

fn of_file(file: &Path) -> Result<Vec<Text>, String> {
    let source = fs::read_to_string(file).map_err(failed("read", file))?;
    texts(&source).map_err(|error| format!("{}: {error}", file.display()))
}

/// The Rust files of the rooms, in order.
fn files(workspace: &Path) -> Result<Vec<PathBuf>, String> {
    let mut folders: Vec<PathBuf> = ROOMS.iter().map(|room| workspace.join(room)).collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(failed("look into", &folder))?;
        for entry in entries.flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            if SILENT.iter().any(|silent| name == *silent) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let (source, copy) = (entry.path(), to.join(&name));
        if LEFT_OUT.iter().any(|left_out| name == *left_out) || to.starts_with(&source) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            self::copy(&source, &copy)?;
        } else {
            fs::copy(&source, &copy)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> &'static Path {
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
        xtask.parent().expect("xtask lies in the workspace")
    }

    #[test]
    fn the_template_has_texts_of_screens_labs_commands_and_errors_and_can_be_read_again() {
        let template = template(workspace()).unwrap();
        let texts = [
            // Of a key, a section of them, an option, an error.
            "find anything by a few letters",
            "Find anything",
            "Grades at a time",
            "`{}` is not a duration: {why}; write a number and a unit, for example `250us`, `12.5ms`, `2s`, `15m`",
        ];
        for text in texts {
            assert!(
                template.contains(&format!("\nmsgid \"{text}\"\n")),
                "{text}"
            );
        }
        let catalog = po::parse(&template).unwrap();
        assert!(catalog.is_empty(), "a template has no translations");
        assert!(template.matches("\nmsgid ").count() > 2_000);
    }

    #[test]
    fn a_translation_changes_the_texts_and_nothing_else() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for room in ROOMS {
            fs::create_dir(from.path().join(room)).unwrap();
        }
        let main = "fn main() { println!(\"Good day, {name}\"); }\n";
        fs::write(from.path().join("src/main.rs"), main).unwrap();
        fs::write(from.path().join("src/tests.rs"), main).unwrap();
        let po = from.path().join("de.po");
        fs::write(
            &po,
            "msgid \"Good day, {name}\"\nmsgstr \"Guten Tag, {name}\"\n",
        )
        .unwrap();
        assert_eq!(translate(from.path(), &po, to.path()), Ok(1));
        let read = |file: &str| fs::read_to_string(to.path().join(file)).unwrap();
        assert_eq!(read("src/main.rs"), main.replace("Good day", "Guten Tag"));
        assert_eq!(read("src/tests.rs"), main);
        let again = translate(from.path(), &po, to.path()).unwrap_err();
        assert!(again.contains("not empty"), "{again}");
    }
}
