//! `$EDITOR` on a piece of text.

use std::io::Write;
use std::path::Path;
use std::process::Command;

/// What every system has.
const EDITOR: &str = "vi";

/// Around the question below the text: what stands between them is not part of the answer.
const QUESTION: &str = "<!-- The question; it is left out of what you write.";
const QUESTION_END: &str = "-->";

/// The learner's editor, as a shell reads it.
fn editor() -> String {
    let named = ["VISUAL", "EDITOR"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok());
    let mut named = named.filter(|value| !value.trim().is_empty());
    named.next().unwrap_or_else(|| EDITOR.to_owned())
}

/// Lets the learner edit a file of theirs.
///
/// # Errors
/// A sentence for the notice line; the file is as the editor left it.
pub fn edit_file(path: &Path) -> Result<(), String> {
    run(&editor(), path)
}

/// Starts an editor on a file, and waits for its end.
fn run(editor: &str, path: &Path) -> Result<(), String> {
    let status = Command::new("sh")
        .args(["-c", &format!("{editor} \"$1\""), "sh"])
        .arg(path)
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{editor} ended with {status}")),
        Err(error) => Err(format!("cannot start sh for {editor}: {error}")),
    }
}

/// Lets the learner edit `text` in `$VISUAL`, `$EDITOR` or vi, with the question below it as a comment.
///
/// # Errors
/// A sentence for the notice line; the text that was given is still with the caller.
pub fn edit(text: &str, question: &str) -> Result<String, String> {
    let editor = editor();
    let file = format!(
        "{text}\n\n{QUESTION}\n\n{}\n{QUESTION_END}\n",
        question.trim()
    );
    edit_with(&editor, &file).map(|file| answer_in(&file))
}

/// What the file has above the question and below it, without the empty lines around that.
fn answer_in(file: &str) -> String {
    let mut lines = file.lines();
    let mut answer: Vec<&str> = lines
        .by_ref()
        .take_while(|line| *line != QUESTION)
        .collect();
    // Where editors put the cursor of somebody who goes to the end.
    let below = lines.skip_while(|line| *line != QUESTION_END).skip(1);
    let is_blank = |line: &&str| line.trim().is_empty();
    while answer.last().is_some_and(is_blank) {
        answer.pop();
    }
    answer.extend(below.skip_while(is_blank));
    while answer.last().is_some_and(is_blank) {
        answer.pop();
    }
    answer.join("\n")
}

/// The editor is read as a shell reads it: quotes and backslashes keep a path with blanks together.
fn edit_with(editor: &str, text: &str) -> Result<String, String> {
    let unwritten = |error| format!("cannot write a file for the editor: {error}");
    let mut file = tempfile::Builder::new()
        .prefix("ddlab-answer-")
        .suffix(".md")
        .tempfile()
        .map_err(unwritten)?;
    file.write_all(text.as_bytes()).map_err(unwritten)?;
    // Only the path: an editor may put another file in its place.
    let path = file.into_temp_path();
    let edited = run(editor, &path).and_then(|()| {
        let read = std::fs::read(&path);
        read.map_err(|error| format!("what {editor} wrote cannot be read: {error}"))
    });
    let trouble = match edited {
        Ok(edited) => return Ok(String::from_utf8_lossy(&edited).into_owned()),
        Err(trouble) => trouble,
    };
    Err(match path.keep() {
        Ok(path) => format!("{trouble}; what it wrote is in {}", path.display()),
        Err(error) => format!("{trouble}; its file is gone: {error}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    /// A script in a folder with a blank in its name.
    fn editor(script: &str) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("my editors");
        std::fs::create_dir(&inner).unwrap();
        let path = inner.join("ed.sh");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        (folder, format!("\"{}\" --wait", path.display()))
    }

    #[test]
    fn a_path_with_blanks_is_read_as_a_shell_reads_it() {
        let (_folder, command) = editor("[ \"$1\" = --wait ] && echo more >> \"$2\"");
        assert_eq!(edit_with(&command, "text\n"), Ok("text\nmore\n".to_owned()));
    }

    #[test]
    fn the_question_below_the_text_is_left_out_again() {
        let file = format!("one\n\ntwo\n\n{QUESTION}\n\nWhy?\n-->\n");
        assert_eq!(answer_in(&file), "one\n\ntwo");
        assert_eq!(
            answer_in(&format!("{file}\n\nthree\n\n")),
            "one\n\ntwo\nthree"
        );
        assert_eq!(answer_in("one\r\ntwo\n"), "one\ntwo");
        assert_eq!(answer_in(&format!("\n\n{QUESTION}\n")), "");
    }

    #[test]
    fn an_editor_that_fails_leaves_what_it_wrote() {
        let (_folder, command) = editor("echo precious > \"$2\"; exit 3");
        let message = edit_with(&command, "text").unwrap_err();
        let path = PathBuf::from(message.rsplit_once(" is in ").unwrap().1);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious\n");
        std::fs::remove_file(path).unwrap();
    }
}
