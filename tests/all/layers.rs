//! The layers of ARCHITECTURE.md that crate boundaries do not enforce: imports point down only.

use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::session::Session;
use std::collections::{BTreeMap, BTreeSet};
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
        "crate::workbench tokio::time tokio::runtime std::thread std::fs",
        "the engine is below every lab, and knows no threads, files or wall clock",
    ),
    ban(
        "labs",
        "ratatui crossterm std::fs std::net",
        "labs know no terminal and no files",
    ),
    ban(
        "design",
        "ratatui crossterm std::net std::time::Instant",
        "a design runs in virtual time and knows no terminal",
    ),
    ban(
        "practice",
        "ratatui crossterm std::fs std::net std::time ddlab_labs",
        "the arithmetic of practice does no I/O and reads no clock",
    ),
    ban(
        "src/judge",
        "ratatui crossterm crate::tui crate::cli crate::practice std::fs std::time::Instant",
        "the judge is the same for the screen and for a pipe",
    ),
    ban(
        "src/practice",
        "ratatui crossterm crate::tui crate::cli std::fs std::net std::time clock::now",
        "a session is the same on a screen and in a pipe: time comes in, events go out",
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

/// The names that follow `before` in a line.
fn named_after<'a>(line: &'a str, before: &'a str) -> impl Iterator<Item = String> + 'a {
    let is_name = |c: &char| c.is_alphanumeric() || *c == '_';
    let after = line.split(before).skip(1);
    after.map(move |rest| rest.chars().take_while(is_name).collect())
}

#[test]
fn the_workbench_has_no_circle_of_imports() {
    let folder = root().join("labs/workbench");
    let mut files = Vec::new();
    rust_files(&folder, &mut files);
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in files.iter().filter(|path| !is_exempt(path)) {
        let inside = path.strip_prefix(&folder).unwrap().to_string_lossy();
        let room = inside.split(['/', '.']).next().unwrap().to_owned();
        if ["mod", "prelude", "declare"].contains(&room.as_str()) {
            continue;
        }
        let stands_beside = !inside.contains('/') || inside.ends_with("/mod.rs");
        let of_room = uses.entry(room).or_default();
        for (_, line) in code(path) {
            of_room.extend(named_after(&line, "crate::workbench::"));
            if stands_beside {
                of_room.extend(named_after(&line, "super::"));
            }
        }
    }
    let rooms: BTreeSet<String> = uses.keys().cloned().collect();
    for (room, of_room) in &mut uses {
        of_room.retain(|used| used != room && rooms.contains(used));
    }
    // What uses nothing that is left is no part of a circle.
    loop {
        let left: BTreeSet<String> = uses.keys().cloned().collect();
        uses.retain(|_, of_room| !of_room.is_disjoint(&left));
        if uses.len() == left.len() {
            break;
        }
    }
    assert!(
        uses.is_empty(),
        "these import each other in a circle: {uses:#?}"
    );
}

/// Names of labs that stand in `src/` as words of something else, or of one picture: where, which, and why.
const SAME_WORDS: &[(&str, &str, &str)] = &[
    (
        "src/",
        "source sources",
        "code, and where a chapter has it from",
    ),
    (
        "src/cli/picture.rs",
        "*",
        "draws chosen runs for the documents",
    ),
    ("src/cli/lab/sweep/", "shard shards", "a part of a sweep"),
    (
        "src/cli/design/",
        "client machines storage",
        "parts of any design, and of its price",
    ),
    (
        "src/gateway/resp/",
        "slots",
        "a command of the protocol of Redis",
    ),
    (
        "src/tui/keymap/table.rs",
        "commit",
        "what one does with a prediction",
    ),
    (
        "src/tui/widget/waterfall.rs",
        "network queue service",
        "phases of any call",
    ),
    (
        "src/tui/widget/picture/network/",
        "cancel",
        "a kind of message",
    ),
    (
        "src/tui/widget/picture/belt/",
        "queue workers",
        "parts of any belt",
    ),
];

/// Strings of a line, whole; enough for code that rustfmt has laid out.
fn strings(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

/// Whether a string speaks of this name: as a word of it where nobody else would write it so, else as all of it.
fn names(string: &str, name: &str) -> bool {
    let is_part = |c: char| !c.is_alphanumeric() && c != '_';
    string == name || name.contains('_') && string.split(is_part).any(|word| word == name)
}

#[test]
fn the_program_names_no_knob_metric_or_role_of_a_lab() {
    let mut of_labs: BTreeSet<&str> = BTreeSet::new();
    for lab in ddlab_labs::all() {
        let spec = lab.spec();
        of_labs.extend(spec.knobs.iter().map(|knob| knob.name));
        of_labs.extend(spec.metrics.iter().map(|metric| metric.name));
        let nodes = Session::start(RunPlan::new(*lab, 1)).frame().nodes;
        of_labs.extend(
            nodes
                .iter()
                .flat_map(|node| [node.role.word, node.role.plural]),
        );
    }
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    let mut broken = Vec::new();
    for path in files
        .iter()
        .filter(|path| !is_exempt(path) && !path.ends_with("fixture.rs"))
    {
        let file = path.strip_prefix(root()).unwrap().to_string_lossy();
        let exempt = |name: &str| {
            let mut same = SAME_WORDS
                .iter()
                .filter(|(place, ..)| file.starts_with(place));
            same.any(|(_, words, _)| *words == "*" || words.split(' ').any(|word| word == name))
        };
        for (number, line) in code(path) {
            for name in of_labs.iter().filter(|name| !exempt(name)) {
                if strings(&line).any(|string| names(string, name)) {
                    broken.push(format!("{file}:{number} names `{name}`"));
                }
            }
        }
    }
    let broken = broken.join("\n");
    assert!(
        broken.is_empty(),
        "what labs are made of is data of the lab:\n{broken}"
    );
}

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
        "/agreement.rs",
        "/stage.rs",
        "/probe.rs",
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
fn engine_and_workbench_know_no_lab() {
    let labs: Vec<String> = fs::read_dir(root().join("labs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|folder| folder.join("pattern.rs").is_file())
        .map(|folder| format!("crate::{}", folder.file_name().unwrap().to_string_lossy()))
        .collect();
    assert!(labs.len() > ddlab_labs::all().len(), "the template is one");
    let mut files = Vec::new();
    rust_files(&root().join("labs/engine"), &mut files);
    rust_files(&root().join("labs/workbench"), &mut files);
    let mut broken = Vec::new();
    for path in files.iter().filter(|path| !is_exempt(path)) {
        for (number, line) in code(path) {
            if labs.iter().any(|lab| line.contains(lab.as_str())) {
                broken.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "they serve every lab:\n{}",
        broken.join("\n")
    );
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

/// A screen is added in its own folder and three shared files. Of those, one knows it by name; a `Place` and a
/// context of keys stand in `effect.rs` and `keymap/table.rs`.
#[test]
fn one_file_outside_a_screen_knows_it_by_name() {
    let screens = root().join("src/tui/screen");
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    let mut broken = Vec::new();
    for file in files.iter().filter(|file| !is_exempt(file)) {
        for (number, line) in code(file) {
            let named = line.split("tui::screen::").skip(1).any(|rest| {
                let name = rest
                    .split(|c: char| !c.is_alphanumeric() && c != '_')
                    .next();
                let name = name.unwrap_or_default();
                let inside =
                    file.starts_with(screens.join(name)) || file.ends_with(format!("{name}.rs"));
                let is_screen =
                    screens.join(name).is_dir() || screens.join(format!("{name}.rs")).is_file();
                !name.is_empty() && is_screen && !inside
            });
            if named {
                broken.push(format!("{}:{number}: {}", file.display(), line.trim()));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "screens are opened by a `Place`:\n{}",
        broken.join("\n")
    );
}
