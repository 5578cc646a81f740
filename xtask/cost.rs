//! What a lab costs its author beside its pattern and its world: the lines that make a lab of them.

use std::fs;
use std::path::{Path, PathBuf};

/// The files of a lab that adapt it to the workbench.
const CEREMONY: [&str; 9] = [
    "mod.rs",
    "table.rs",
    "checks.rs",
    "outside.rs",
    "picture.rs",
    "policy.rs",
    "settings.rs",
    "waterfall.rs",
    "life.rs",
];

/// Lines of code: none that are empty, no comments (those of a table are its help), no unit tests.
fn lines(file: &Path) -> usize {
    let text = fs::read_to_string(file).unwrap_or_default();
    let code = text.split("\n#[cfg(test)]\nmod tests {").next();
    let lines = code.unwrap_or_default().lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .count()
}

/// The folders of all labs, listed or not: those with a pattern.
fn labs() -> impl Iterator<Item = PathBuf> {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = xtask.parent().expect("xtask lies in the workspace");
    let folders = fs::read_dir(workspace.join("labs")).expect("labs/ is there");
    let folders = folders.map(|entry| entry.expect("labs/ can be read").path());
    folders.filter(|folder| folder.join("pattern.rs").is_file())
}

/// What a lab may cost that has no bound of its own below.
const MOST: usize = 500;

#[test]
fn the_ceremony_of_a_lab_stays_small() {
    let bounds = [
        ("template", 200),
        ("adapter", 330),
        ("election", 400),
        ("replicated", 500),
        ("faas", 520),
        // Thirty-two knobs, twenty-three metrics and a waterfall.
        ("sidecar", 560),
        // Thirty-three knobs, three layers, two versions of the service, and a breaker for each instance.
        ("ambassador", 680),
        // Thirty-one knobs, twenty-nine metrics, nine actions and a waterfall.
        ("event_pipeline", 540),
        // Twenty-five knobs, twenty metrics, a waterfall, and policies that a design makes of parameters of its own.
        ("scatter_gather", 580),
        // A ledger of every key, a second router, a map that is resized by hand, and keys that clients name.
        ("sharded", 680),
        // Thirty knobs, twenty metrics, and a belt.
        ("work_queue", 720),
    ];
    for folder in labs() {
        let lab = folder.file_name().unwrap_or_default().to_string_lossy();
        let bound = bounds.iter().find(|(name, _)| *name == lab);
        let most = bound.map_or(MOST, |(_, most)| *most);
        let lines: usize = CEREMONY.iter().map(|file| lines(&folder.join(file))).sum();
        println!("{lab}: {lines}");
        assert!(lines <= most, "{lab}: {lines} lines, at most {most}");
    }
}
