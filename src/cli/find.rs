//! `ddlab find`: words anywhere in the book, one line for each place.

use super::Global;
use crate::cli::aside;
use crate::search::{Found, Goal, Index, Kind, Query};
use clap::Args;
use eyre::Result;
use std::io::Write;
use std::process::ExitCode;

/// Columns of what is shown of a passage.
const SNIPPET: usize = 100;

#[derive(Debug, Args)]
pub struct FindArgs {
    /// The words; all of them must occur, in any order and case
    #[arg(required = true, value_name = "WORDS")]
    words: Vec<String>,
    /// How many places at most
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
}

/// # Errors
/// When the output cannot be written.
pub fn run(args: &FindArgs, global: &Global, out: &mut dyn Write) -> Result<ExitCode> {
    let library = super::library_aloud(global);
    let index = Index::of(&library);
    let query = Query::new(&args.words.join(" "));
    let found = index.find(&query, args.limit);
    let cut = if global.ascii { '~' } else { '…' };
    for found in &found {
        writeln!(out, "{}", line(found, cut))?;
    }
    out.flush()?;
    if found.is_empty() {
        aside("ddlab: nothing in the book has all of these words; try fewer, or their beginnings.");
    }
    Ok(super::status(!found.is_empty()))
}

/// `7 Scatter/gather · How it works · …what is said there…`
fn line(found: &Found<'_>, cut: char) -> String {
    let passage = found.passage;
    let chapter = format!("{} {}", passage.number, passage.title);
    let snippet = found.snippet(SNIPPET, cut).text;
    match (passage.kind, found.goal()) {
        (Kind::Title, _) => chapter,
        (Kind::Heading, _) => format!("{chapter} · {snippet}"),
        // The id is what `ddlab ask` wants.
        (_, Goal::Question(id)) => format!("{chapter} · question {id} · {snippet}"),
        _ if passage.section.is_empty() => format!("{chapter} · {snippet}"),
        _ => format!("{chapter} · {} · {snippet}", passage.section),
    }
}
