//! The layers of ARCHITECTURE.md that crate boundaries do not enforce: imports point down only.

use std::fs;
use std::path::{Path, PathBuf};

/// A room, and what its files must not mention.
struct Ban {
    room: &'static str,
    words: &'static [&'static str],
    because: &'static str,
}

const BANS: &[Ban] = &[
    Ban {
        room: "labs/engine",
        words: &[
            "crate::workbench",
            "crate::scatter_gather",
            "tokio::time",
            "tokio::runtime",
            "std::thread",
            "std::fs",
        ],
        because: "the engine is below every lab, and knows no threads, files or wall clock",
    },
    Ban {
        room: "labs",
        words: &["ratatui", "crossterm", "std::fs", "std::net"],
        because: "labs know no terminal and no files",
    },
    Ban {
        room: "labs/workbench",
        words: &[
            "crate::scatter_gather",
            "crate::sharded",
            "crate::work_queue",
            "crate::election",
        ],
        because: "the workbench serves every lab and knows none",
    },
    Ban {
        room: "exercises",
        words: &["ratatui", "crossterm", "ddlab_labs"],
        because: "exercises know nothing of labs or of the terminal",
    },
    Ban {
        room: "src/content",
        words: &[
            "ratatui",
            "crossterm",
            "crate::tui",
            "crate::cli",
            "crate::progress",
            "crate::study",
            "ddlab_labs",
        ],
        because: "content is what it is, whoever shows it and whoever learns from it",
    },
    Ban {
        room: "src/study",
        words: &[
            "ratatui",
            "crossterm",
            "crate::tui",
            "crate::cli",
            "crate::progress",
            "std::fs",
            "std::time",
            "crate::clock::now",
        ],
        because: "study does no I/O and reads no clock",
    },
    Ban {
        room: "src/check",
        words: &[
            "ratatui",
            "crossterm",
            "crate::tui",
            "crate::cli",
            "crate::progress",
            "crate::book",
            "ddlab_labs",
            "ddlab_exercises",
        ],
        because: "what content may refer to comes in as an argument",
    },
    Ban {
        room: "src/search",
        words: &[
            "ratatui",
            "crossterm",
            "crate::tui",
            "crate::cli",
            "crate::progress",
        ],
        because: "what is found is the same for the screen and for a pipe",
    },
    Ban {
        room: "src/gateway",
        words: &[
            "ratatui",
            "crossterm",
            "crate::tui",
            "crate::cli",
            "crate::progress",
            "crate::content",
        ],
        because: "a served lab is the same whoever serves it",
    },
    Ban {
        room: "src/tui/live_run",
        words: &["crate::tui::screen", "crate::tui::app"],
        because: "a live run is the same in every screen",
    },
    Ban {
        room: "src/progress",
        words: &["ratatui", "crossterm", "crate::tui", "crate::cli"],
        because: "the record knows no terminal",
    },
    Ban {
        room: "src/markdown",
        words: &["crate::tui", "crate::cli", "crate::progress", "ddlab_labs"],
        because: "text is laid out the same for every reader",
    },
    Ban {
        room: "src/tui/theme",
        words: &["crate::tui::screen", "crate::tui::app", "crate::cli"],
        because: "a theme knows no screen",
    },
    Ban {
        room: "src/tui/widget",
        words: &[
            "crate::tui::screen",
            "crate::cli",
            "std::fs",
            "Instant::now",
        ],
        because: "widgets are stateless pieces below the screens",
    },
    Ban {
        room: "src/tui/screen",
        words: &[
            "crate::cli",
            "std::fs",
            "std::thread",
            "Instant::now",
            "tokio::",
        ],
        because: "a screen is a plain state: what it wants done it returns as an effect",
    },
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
                for word in ban.words.iter().filter(|word| line.contains(**word)) {
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
