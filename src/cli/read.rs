//! `ddlab read`: a chapter, on the screen or as plain text.

use super::paper::Paper;
use super::{Global, open};
use crate::tui::effect::Place;
use clap::Args;
use color_eyre::eyre::Result;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct ReadArgs {
    /// The chapter: its number (7), its id (scatter-gather), or the beginning of it
    chapter: String,
    /// As plain text, for a pipe or a screen reader; implied when the output is no terminal
    #[arg(long)]
    plain: bool,
    /// Columns of the plain text
    #[arg(long, value_name = "COLUMNS", default_value_t = 80, value_parser = columns)]
    width: usize,
    /// After the plain text, say what its words mean
    #[arg(long)]
    terms: bool,
}

/// Narrower than this no table and no list can be set; wider no one reads.
fn columns(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(width @ 20..=400) => Ok(width),
        _ => Err("give a number of columns from 20 to 400".to_owned()),
    }
}

/// # Errors
/// When there is no such chapter, or the output cannot be written.
pub fn run(args: &ReadArgs, global: &Global, out: &mut dyn Write) -> Result<ExitCode> {
    let library = super::library_aloud(global);
    let chapter = library.chapter(&args.chapter)?;
    if !args.plain && std::io::stdout().is_terminal() {
        return open::at(global, Place::chapter(&chapter.meta.id));
    }
    let paper = Paper::new(global, args.width);
    out.write_all(paper.chapter(chapter).as_bytes())?;
    if args.terms {
        writeln!(out, "\n{}", paper.words(chapter, library.glossary()))?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
