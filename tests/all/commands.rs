//! Every `ddlab …` that is printed for people to type runs: those of the book, of the README and of
//! CONTRIBUTING, and those of the statements of exercises.

use super::support::program::{Program, Ran};
use ddlab::markdown::BlockKind;
use std::fs;
use std::path::Path;

const SLUG: &str = "scatter-gather-top10";

/// A home in which printed commands find what they need: a started exercise, a saved run, a shard of a sweep.
fn home() -> Program {
    let home = Program::new();
    for command in [
        &format!("exercise start {SLUG}"),
        "lab run scatter-gather --for 6s --record saved.json",
        "lab sweep scatter-gather --seeds 0..2 --for 6s --shard 1/1 --out shard-1.jsonl",
    ] {
        home.run(command).ended(0);
    }
    home
}

/// The commands of the book's `console` blocks, each on one line.
fn of_the_book() -> Vec<String> {
    let library = ddlab::content::Library::embedded();
    let pages = library
        .chapters()
        .flat_map(|chapter| std::iter::once(chapter).chain(&chapter.appendices));
    let mut commands = Vec::new();
    for block in pages.flat_map(|page| ddlab::book::page(page).blocks) {
        if let BlockKind::Code { lang, text, .. } = block.kind
            && lang == "console"
        {
            let text = text.replace("\\\n", " ");
            let lines = text.lines().filter_map(|line| line.strip_prefix("ddlab "));
            commands.extend(lines.map(str::to_owned));
        }
    }
    commands
}

/// The commands that stand as code in a text: `` `ddlab lab list` ``. What follows in one line after a `·`
/// belongs to the same subcommand: `` · `show LAB` ``.
fn in_text(text: &str) -> Vec<String> {
    let mut commands = Vec::new();
    for line in text.lines() {
        let mut subcommand = None;
        let spans: Vec<&str> = line.split('`').collect();
        for (before, code) in spans.iter().zip(&spans[1..]).step_by(2) {
            if let Some(command) = code.strip_prefix("ddlab ") {
                subcommand = command.split(' ').next();
                commands.push(command.to_owned());
            } else if let Some(subcommand) = subcommand
                && before.trim() == "·"
            {
                commands.push(format!("{subcommand} {code}"));
            }
        }
    }
    commands
}

/// The commands of the statements: indented lines, a comment two spaces behind.
fn of_the_statements() -> Vec<String> {
    let mut commands = Vec::new();
    for folder in fs::read_dir(root().join("exercises")).unwrap() {
        let Ok(statement) = fs::read_to_string(folder.unwrap().path().join("statement.md")) else {
            continue;
        };
        let lines = statement.lines();
        let lines = lines.filter_map(|line| line.strip_prefix("    ddlab "));
        commands.extend(lines.map(|line| line.split("  ").next().unwrap_or(line).to_owned()));
    }
    commands
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A printed command as it can be run here: a value for each placeholder, and for what waits, draws a
/// screen or builds a program only `--help`, before which its flags are read.
fn runnable(command: &str) -> String {
    let content = root().join("chapters");
    let answers = root().join("tests/fixtures/answers.yaml");
    let words = command.split(' ').filter(|word| !word.starts_with('['));
    let mut words: Vec<&str> = words
        .map(|word| match word {
            "LAB" => "scatter-gather",
            "SLUG" => SLUG,
            "CHAPTER/NAME" => "sidecar/cluster",
            "FILE\\|NAME" => "saved.json",
            "DIR" => content.to_str().unwrap(),
            "FILE" | "tests/fixtures/answers.yaml" => answers.to_str().unwrap(),
            "shard-*.jsonl" => "shard-1.jsonl",
            "0..1000" => "0..2",
            word => word,
        })
        .collect();
    let help = match words.as_slice() {
        ["--content" | "design" | "gameday", ..] | ["lab", "serve" | "limit", ..] => true,
        ["exercise", second, ..] => {
            matches!(*second, "grade" | "verify" | "start" | "solution" | "diff")
        }
        _ => false,
    };
    words.extend(help.then_some("--help"));
    words.join(" ")
}

/// What is printed for exercises is meant for the folder of one.
fn run(home: &Program, command: &str) -> Ran {
    let mut run = home.command(command);
    if command.starts_with("exercise ") {
        run.current_dir(home.path(SLUG));
    }
    Ran::of(&mut run, "")
}

#[test]
fn every_command_that_is_printed_runs_or_is_still_to_come() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let contributing = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    let printed = [
        (of_the_book(), 10),
        (in_text(&readme), 20),
        (in_text(&contributing), 3),
        (of_the_statements(), 4),
    ];
    let home = home();
    for (commands, least) in printed {
        assert!(commands.len() >= least, "{commands:?}");
        for command in commands {
            if ddlab::book::coming_in(&format!("ddlab {command}")).is_some() {
                continue;
            }
            let ran = run(&home, &runnable(&command));
            // An experiment without a guess and a challenge without a medal end with 1.
            let unsolved = ["lab experiment ", "lab challenge "];
            let unsolved = unsolved.iter().any(|start| command.starts_with(start));
            let fine = ran.code == Some(0) || (unsolved && ran.code == Some(1));
            assert!(fine, "`ddlab {command}`: {}{}", ran.out, ran.err);
        }
    }
}
