//! The `yaml` fences of the book, one manifest a document.

use serde_json::Value;
use std::fs;
use std::path::Path;

pub struct Manifest {
    /// `chapters/02-sidecar/chapter.md:187`: the line on which the document starts.
    pub place: String,
    /// The chapter and the fence: manifests of one fence are applied together.
    pub fence: String,
    /// The document as JSON, which is what a cluster is sent: a plain `false` is not a string there.
    pub value: Value,
}

/// The manifests of pages and questions, in the order of the book.
pub fn of_the_book() -> Vec<Manifest> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut chapters: Vec<_> = fs::read_dir(root.join("chapters"))
        .expect("the book is beside the tests")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    chapters.sort();
    let mut found = Vec::new();
    for chapter in chapters {
        let files = fs::read_dir(&chapter).expect("a chapter is a folder");
        let mut files: Vec<_> = files.flatten().map(|entry| entry.path()).collect();
        files.sort();
        for path in files {
            let text = fs::read_to_string(&path).expect("a chapter holds texts");
            let shown = path.strip_prefix(root).unwrap_or(&path).display();
            match of_text(&shown.to_string(), &text) {
                Ok(manifests) => found.extend(manifests),
                Err(why) => panic!("{why}"),
            }
        }
    }
    found
}

/// The manifests of one text. A fence whose first document names no `apiVersion` is an excerpt: it has
/// to be YAML, and no more.
pub fn of_text(file: &str, text: &str) -> Result<Vec<Manifest>, String> {
    let mut found = Vec::new();
    for (first_line, body) in yaml_fences(text) {
        let mut line = first_line;
        for document in body.split("---\n") {
            let place = format!("{file}:{line}");
            line += document.matches('\n').count() + 1;
            if document.trim().is_empty() {
                continue;
            }
            let value: Value =
                serde_yaml::from_str(document).map_err(|error| format!("{place}: {error}"))?;
            if value.get("apiVersion").is_some() || value.get("kind").is_some() {
                found.push(Manifest {
                    place,
                    fence: format!("{file}:{first_line}"),
                    value,
                });
            }
        }
    }
    Ok(found)
}

/// Each fence with the line after its opening, 1-based, without the indent that it has in a list.
fn yaml_fences(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, usize, String)> = None;
    for (number, line) in text.lines().enumerate() {
        let bare = line.trim();
        match &mut open {
            None if bare == "```yaml" => {
                open = Some((
                    number + 2,
                    line.len() - line.trim_start().len(),
                    String::new(),
                ));
            }
            None => {}
            Some(_) if bare == "```" => {
                found.extend(open.take().map(|(line, _, body)| (line, body)));
            }
            Some((_, indent, body)) => {
                body.push_str(line.get(*indent..).unwrap_or_default());
                body.push('\n');
            }
        }
    }
    found
}
