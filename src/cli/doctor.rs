//! `ddlab doctor`: what one needs to know to help somebody whose ddlab does not do what it should.
//! It names versions, the terminal, files and limits; nothing that the learner wrote, and no name of a person.

use super::Global;
use crate::clock;
use crate::home;
use crate::progress::{Record, place};
use ddlab_text::{clean, counted};
use eyre::Result;
use std::env;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::{Command, ExitCode};

/// Programs that exercises and tests use where they are found, with the argument that tells their version.
const TOOLS: [(&str, &str); 7] = [
    ("cargo", "--version"),
    ("python3", "--version"),
    ("go", "version"),
    ("node", "--version"),
    ("promtool", "--version"),
    ("redis-cli", "--version"),
    ("sbatch", "--version"),
];

/// What the terminal tells programs of itself.
const VARIABLES: [&str; 9] = [
    "TERM",
    "COLORTERM",
    "COLORFGBG",
    "NO_COLOR",
    "TERM_PROGRAM",
    "LANG",
    "LC_ALL",
    "VISUAL",
    "EDITOR",
];

/// # Errors
/// When the output cannot be written.
pub fn run(global: &Global, out: &mut dyn Write) -> Result<ExitCode> {
    for (heading, lines) in sections(global) {
        writeln!(out, "{heading}")?;
        for (name, value) in lines {
            writeln!(out, "  {name:<16} {}", clean(&home::hidden(&value)))?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

type Lines = Vec<(&'static str, String)>;

fn sections(global: &Global) -> [(&'static str, Lines); 5] {
    [
        ("program", program()),
        ("terminal", terminal(global)),
        ("files", files(global)),
        ("limits", limits()),
        ("other programs", tools()),
    ]
}

fn program() -> Lines {
    let build = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    vec![
        ("ddlab", format!("{} ({build})", env!("CARGO_PKG_VERSION"))),
        (
            "system",
            format!("{} {}", env::consts::OS, env::consts::ARCH),
        ),
    ]
}

fn terminal(global: &Global) -> Lines {
    let of = |terminal: bool| if terminal { "terminal" } else { "no terminal" };
    let (input, output) = (
        std::io::stdin().is_terminal(),
        std::io::stdout().is_terminal(),
    );
    let size = crossterm::terminal::size().map_or("unknown".to_owned(), |(columns, rows)| {
        format!("{columns}x{rows}")
    });
    let mut lines = vec![
        ("input", of(input).to_owned()),
        ("output", of(output).to_owned()),
        ("size", size),
        ("colours", format!("{:?}", super::open::theme(global).depth)),
    ];
    for name in VARIABLES {
        lines.extend(env::var(name).ok().map(|value| (name, value)));
    }
    lines
}

fn files(global: &Global) -> Lines {
    let Some(folder) = place::data_folder(global.data.as_deref()) else {
        return vec![("data folder", "none: there is no home folder".to_owned())];
    };
    let mut lines = vec![("data folder", folder.display().to_string())];
    lines.push(("record", record(&place::record_file(&folder))));
    let library = global.library();
    let chapters = counted(library.chapters().len(), "chapter");
    let problems = counted(library.problems().len(), "problem");
    lines.push(("content", format!("{chapters}, {problems}")));
    lines
}

/// What is in the record. One that is not there yet is not made.
fn record(file: &Path) -> String {
    let Ok(about) = file.metadata() else {
        return "not there yet".to_owned();
    };
    let mut record = Record::open(file, clock::now().at);
    let events = counted(record.events().count(), "event");
    let notices: Vec<String> = record
        .take_notices()
        .iter()
        .map(ToString::to_string)
        .collect();
    let bytes = about.len();
    let mut text = format!("{events}, {bytes} bytes");
    for notice in notices {
        text.push_str("; ");
        text.push_str(&notice);
    }
    text
}

fn limits() -> Lines {
    let cores = std::thread::available_parallelism()
        .map_or("unknown".to_owned(), |cores| cores.to_string());
    let mut lines = vec![("cores", cores)];
    #[cfg(unix)]
    {
        use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};
        let limit = |what| {
            getrlimit(what).map_or("unknown".to_owned(), |(soft, _)| {
                if soft == RLIM_INFINITY {
                    "none".to_owned()
                } else {
                    soft.to_string()
                }
            })
        };
        lines.push(("open files", limit(Resource::RLIMIT_NOFILE)));
        lines.push(("address space", limit(Resource::RLIMIT_AS)));
    }
    lines
}

fn tools() -> Lines {
    TOOLS
        .iter()
        .map(|(name, argument)| (*name, version(name, argument)))
        .collect()
}

/// The first line of what the program says of its version.
fn version(name: &str, argument: &str) -> String {
    let Ok(output) = Command::new(name).arg(argument).output() else {
        return "not found".to_owned();
    };
    let text = String::from_utf8_lossy(&output.stdout);
    match text.lines().next() {
        Some(line) => line.to_owned(),
        None => "found, but it does not tell its version".to_owned(),
    }
}
