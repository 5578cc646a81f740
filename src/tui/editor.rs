//! `$EDITOR` on a piece of text.

use std::process::Command;

/// Lets the learner edit `text` in `$VISUAL` or `$EDITOR`.
///
/// # Errors
/// A sentence for the notice line; the text that was given is still with the caller.
pub fn edit(text: &str) -> Result<String, String> {
    let editor = ["VISUAL", "EDITOR"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.trim().is_empty())
        .ok_or("no editor is set: export EDITOR=vim (or nano, …) and try again")?;
    let path = std::env::temp_dir().join(format!("ddlab-answer-{}.md", std::process::id()));
    std::fs::write(&path, text)
        .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status = Command::new(program).args(words).arg(&path).status();
    let edited = std::fs::read_to_string(&path);
    let _ = std::fs::remove_file(&path);
    match status {
        Err(error) => Err(format!(
            "cannot start {program}: {error}; set EDITOR to another one"
        )),
        Ok(status) if !status.success() => Err(format!(
            "{program} ended with {status}; your text is as it was"
        )),
        Ok(_) => edited.map_err(|error| format!("cannot read back {}: {error}", path.display())),
    }
}
