//! What a lab costs its author beside its pattern and its world: the lines that make a lab of them.

use std::fs;
use std::path::Path;

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

fn ceremony(lab: &str) -> usize {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    let labs = xtask.parent().expect("xtask lies in the workspace");
    let folder = labs.join("labs").join(lab);
    assert!(folder.is_dir(), "there is no {}", folder.display());
    CEREMONY.iter().map(|file| lines(&folder.join(file))).sum()
}

#[test]
fn the_ceremony_of_a_lab_stays_small() {
    for (lab, most) in [
        ("template", 200),
        ("election", 400),
        ("replicated", 500),
        ("faas", 520),
        // Twenty-six knobs, three layers, and a breaker for each instance.
        ("ambassador", 620),
        // Twenty-five knobs, twenty metrics and a waterfall.
        ("scatter_gather", 570),
        // A ledger of every key, a second router, and a map that is resized by hand.
        ("sharded", 660),
        // Thirty knobs, twenty metrics, and a belt.
        ("work_queue", 720),
    ] {
        let lines = ceremony(lab);
        println!("{lab}: {lines}");
        assert!(lines <= most, "{lab}: {lines} lines, at most {most}");
    }
}
