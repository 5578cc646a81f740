//! The home folder in what is shown: `~`, as people write it.

use std::path::{Path, PathBuf};

fn home() -> Option<PathBuf> {
    let home = etcetera::home_dir().ok()?;
    (home != Path::new("/")).then_some(home)
}

/// The path, from `~` on where it lies in the home folder.
pub fn shortened(path: &Path) -> String {
    let home = home();
    let below = home.and_then(|home| Some(Path::new("~").join(path.strip_prefix(home).ok()?)));
    below.as_deref().unwrap_or(path).display().to_string()
}

/// The text without the path of the home folder, which mostly holds the name of a person.
pub fn hidden(text: &str) -> String {
    match home() {
        Some(home) => text.replace(&*home.to_string_lossy(), "~"),
        None => text.to_owned(),
    }
}
