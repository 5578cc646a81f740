//! The layers of ARCHITECTURE.md that crate boundaries do not enforce: imports point down only.

use std::fs;
use std::path::{Path, PathBuf};

/// A room, what its files must not mention, and why.
struct Ban {
    room: &'static str,
    /// With blanks between them.
    words: &'static str,
    because: &'static str,
}

const fn ban(room: &'static str, words: &'static str, because: &'static str) -> Ban {
    Ban {
        room,
        words,
        because,
    }
}

const BANS: &[Ban] = &[
    ban(
        "labs/engine",
        "crate::workbench crate::scatter_gather tokio::time tokio::runtime std::thread std::fs",
        "the engine is below every lab, and knows no threads, files or wall clock",
    ),
    ban(
        "labs",
        "ratatui crossterm std::fs std::net",
        "labs know no terminal and no files",
    ),
    ban(
        "labs/workbench",
        "crate::scatter_gather crate::sharded crate::work_queue crate::election",
        "the workbench serves every lab and knows none",
    ),
    ban(
        "exercises",
        "ratatui crossterm ddlab_labs",
        "exercises know nothing of labs or of the terminal",
    ),
    ban(
        "src/content",
        "ratatui crossterm crate::tui crate::cli crate::progress crate::study ddlab_labs",
        "content is what it is, whoever shows it and whoever learns from it",
    ),
    ban(
        "src/study",
        "ratatui crossterm crate::tui crate::cli crate::progress std::fs std::time crate::clock::now",
        "study does no I/O and reads no clock",
    ),
    ban(
        "src/check",
        "ratatui crossterm crate::tui crate::cli crate::progress crate::book ddlab_labs ddlab_exercises",
        "what content may refer to comes in as an argument",
    ),
    ban(
        "src/search",
        "ratatui crossterm crate::tui crate::cli crate::progress",
        "what is found is the same for the screen and for a pipe",
    ),
    ban(
        "src/gateway",
        "ratatui crossterm crate::tui crate::cli crate::progress crate::content",
        "a served lab is the same whoever serves it",
    ),
    ban(
        "src/tui/live_run",
        "crate::tui::screen crate::tui::app",
        "a live run is the same in every screen",
    ),
    ban(
        "src/progress",
        "ratatui crossterm crate::tui crate::cli",
        "the record knows no terminal",
    ),
    ban(
        "src/markdown",
        "crate::tui crate::cli crate::progress ddlab_labs",
        "text is laid out the same for every reader",
    ),
    ban(
        "src/tui/theme",
        "crate::tui::screen crate::tui::app crate::cli",
        "a theme knows no screen",
    ),
    ban(
        "src/tui/widget",
        "crate::tui::screen crate::cli std::fs Instant::now",
        "widgets are stateless pieces below the screens",
    ),
    ban(
        "src/tui/screen",
        "crate::cli std::fs std::thread Instant::now tokio::",
        "a screen is a plain state: what it wants done it returns as an effect",
    ),
];

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("target") {
                rust_files(&path, files);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Code only: tests may use what they like, and comments may speak of anything.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.trim_start().starts_with("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line.to_owned()))
        .collect()
}

/// Tests, the stage that screens are tested on and programs of learners are not part of the layers.
fn is_exempt(path: &Path) -> bool {
    let path = path.to_string_lossy();
    [
        "/tests.rs",
        "/stage.rs",
        "/tests/",
        "/benches/",
        "/starter/",
        "/solution/",
        "/wrong/",
        "/examples/",
        "build.rs",
    ]
    .iter()
    .any(|part| path.contains(part))
}

#[test]
fn imports_point_down_only() {
    let mut broken = Vec::new();
    for ban in BANS {
        let mut files = Vec::new();
        rust_files(&root().join(ban.room), &mut files);
        assert!(
            !files.is_empty(),
            "{} has no files: the table is out of date",
            ban.room
        );
        for path in files.iter().filter(|path| !is_exempt(path)) {
            for (number, line) in code(path) {
                for word in ban.words.split(' ').filter(|word| line.contains(*word)) {
                    broken.push(format!(
                        "{}:{number} mentions `{word}`: {}",
                        path.strip_prefix(root()).unwrap().display(),
                        ban.because
                    ));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn no_screen_uses_another_screen() {
    let screens = root().join("src/tui/screen");
    let mut broken = Vec::new();
    for entry in fs::read_dir(&screens).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if name == "mod" {
            continue;
        }
        let mut files = Vec::new();
        if path.is_dir() {
            rust_files(&path, &mut files);
        } else {
            files.push(path);
        }
        for file in files.iter().filter(|file| !is_exempt(file)) {
            for (number, line) in code(file) {
                if let Some(rest) = line.split("tui::screen::").nth(1)
                    && rest.starts_with(|c: char| c.is_lowercase())
                    && !rest.starts_with(&format!("{name}::"))
                    && !rest.starts_with(&format!("{name})"))
                    && !rest.starts_with("open(")
                {
                    broken.push(format!("{}:{number}: {}", file.display(), line.trim()));
                }
            }
        }
    }
    assert!(
        broken.is_empty(),
        "screens navigate by returning an effect:\n{}",
        broken.join("\n")
    );
}
