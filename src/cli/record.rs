//! `ddlab record`: the log as text, to keep a copy, to join two machines, for Anki and for a spreadsheet.

use super::paper::Paper;
use super::{Global, aside, refused, status};
use crate::clock;
use crate::practice::deck::Deck;
use crate::practice::review;
use crate::progress::{Marks, Record, exchange};
use crate::regular;
use clap::{Args, Subcommand};
use ddlab_text::counted;
use eyre::{Result, WrapErr, eyre};
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct RecordArgs {
    #[command(subcommand)]
    command: RecordCommand,
}

#[derive(Debug, Subcommand)]
enum RecordCommand {
    /// Write every event as JSON Lines; also while the program is open
    Export {
        /// The file [default: standard output]
        file: Option<PathBuf>,
    },
    /// Add the events of a file that `export` wrote; twice adds nothing, and the order does not matter
    Import {
        /// The file, or `-` for standard input
        file: PathBuf,
    },
    /// Write your cards for Anki: tab-separated, with an id that keeps a card the same when it is imported again
    Anki {
        /// The file [default: standard output]
        file: Option<PathBuf>,
    },
    /// Write your bookmarks and notes as Markdown
    Notes {
        /// The file [default: standard output]
        file: Option<PathBuf>,
    },
    /// Write every event as a row of a table
    Csv {
        /// The file [default: standard output]
        file: Option<PathBuf>,
    },
}

/// # Errors
/// When a file cannot be read or written, or a line of it is not an event.
pub fn run(args: &RecordArgs, global: &Global, out: &mut dyn Write) -> Result<ExitCode> {
    let mut record = global.record();
    let notices = record.take_notices();
    for notice in &notices {
        aside(format!("ddlab: {notice}"));
    }
    match &args.command {
        RecordCommand::Export { file } => write(file.as_deref(), &lines(&mut record)?, out)?,
        RecordCommand::Notes { file } => write(file.as_deref(), &notes(&mut record), out)?,
        RecordCommand::Csv { file } => write(file.as_deref(), &table(&mut record)?, out)?,
        RecordCommand::Anki { file } => {
            write(file.as_deref(), &anki(&mut record, global), out)?;
        }
        RecordCommand::Import { file } => return import(&mut record, file, out),
    }
    Ok(status(notices.is_empty()))
}

fn write(file: Option<&Path>, text: &str, out: &mut dyn Write) -> Result<()> {
    match file {
        None => out.write_all(text.as_bytes())?,
        Some(path) => std::fs::write(path, text)
            .wrap_err_with(|| format!("cannot write {}", path.display()))?,
    }
    Ok(())
}

fn lines(record: &mut Record) -> Result<String> {
    let mut text = String::new();
    for stored in record.events() {
        text.push_str(&exchange::line(stored)?);
        text.push('\n');
    }
    Ok(text)
}

/// A log of a million events has a third of this.
const IMPORTED_BYTES_MAX: u64 = 1 << 30;

fn import(record: &mut Record, file: &Path, out: &mut dyn Write) -> Result<ExitCode> {
    let cannot = || format!("cannot read {}", file.display());
    let bytes = if file == Path::new("-") {
        let mut bytes = Vec::new();
        let mut input = std::io::stdin().take(IMPORTED_BYTES_MAX);
        input.read_to_end(&mut bytes).map(|_| bytes)
    } else {
        regular::read(file, IMPORTED_BYTES_MAX)
    };
    let text = String::from_utf8(bytes.wrap_err_with(cannot)?).wrap_err_with(cannot)?;
    let events = match exchange::read(&text) {
        Ok(events) => events,
        Err(error) => {
            return Ok(refused(format!(
                "{}: {error}; nothing was imported. Give a file that `ddlab record export` wrote.",
                file.display()
            )));
        }
    };
    let all = events.len();
    let new = record.merge(events, clock::now().at);
    for notice in record.take_notices() {
        aside(format!("ddlab: {notice}"));
    }
    if record.waiting() > 0 {
        return Err(eyre!(
            "the record cannot be written now; nothing was imported"
        ));
    }
    writeln!(
        out,
        "{} added, {} known already.",
        counted(new, "event"),
        all - new
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Headers as Anki 2.1.54 and later read them.
fn anki(record: &mut Record, global: &Global) -> String {
    let library = super::library_aloud(global);
    let deck = Deck::of(&library, record.events());
    let mut text = "#separator:tab\n#html:true\n#guid column:1\n#tags column:4\n".to_owned();
    // Anki wraps lines itself.
    let paper = Paper::new(global, usize::from(u16::MAX));
    for (id, _) in deck.reviews() {
        let Some((chapter, asked)) = deck.asked(&library, id) else {
            continue;
        };
        let (front, back) = review::sides(&asked);
        let cell = |markdown: &str| html(paper.set(markdown).trim());
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{id}\t{}\t{}\tddlab::{}",
            cell(&front),
            cell(&back),
            chapter.meta.id
        );
    }
    text
}

fn html(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // At the beginning of a cell it would open a quotation.
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("<br>"),
            '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

fn notes(record: &mut Record) -> String {
    let marks = Marks::of(record.events());
    if marks.bookmarks().is_empty() {
        return "No bookmarks yet. In the program `m` marks a place, and `M` writes a note on it.\n".to_owned();
    }
    let mut text = "# Bookmarks and notes\n".to_owned();
    for bookmark in marks.bookmarks() {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n## {}\n", bookmark.title);
        if !bookmark.note.is_empty() {
            let _ = write!(text, "\n{}\n", bookmark.note);
        }
    }
    text
}

fn table(record: &mut Record) -> Result<String> {
    let mut text = "time,day,machine,kind,subject,payload\n".to_owned();
    for stored in record.events() {
        let payload = serde_json::to_value(&stored.event)?["payload"].to_string();
        let cells = [
            stored.at.iso(),
            stored.day.to_string(),
            stored.machine.clone(),
            stored.event.kind().to_owned(),
            stored.event.subject().to_owned(),
            payload,
        ];
        text.push_str(&cells.map(|cell| quoted(&cell)).join(","));
        text.push('\n');
    }
    Ok(text)
}

/// A cell by RFC 4180.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
