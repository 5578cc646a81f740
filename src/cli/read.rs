//! `ddlab read`: a chapter, on the screen or as plain text.

use super::paper::Paper;
use super::{Global, open, refused};
use crate::book;
use crate::tui::effect::Place;
use clap::Args;
use eyre::Result;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct ReadArgs {
    /// The chapter: its number (7), its id (scatter-gather), or the beginning of it; with a section of it,
    /// scatter-gather#the-merge, the screen opens there
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
    let (chapter, section) = match args.chapter.split_once('#') {
        Some((chapter, section)) => (chapter, Some(section)),
        None => (args.chapter.as_str(), None),
    };
    let chapter = library.chapter(chapter)?;
    if let Some(section) = section.filter(|section| book::heading(chapter, section).is_none()) {
        let id = &chapter.meta.id;
        return Ok(refused(format!(
            "{id} has no section `{section}`; `ddlab read {id}` shows its headings"
        )));
    }
    if !args.plain && std::io::stdout().is_terminal() {
        let id = &chapter.meta.id;
        let place = section.map_or_else(|| Place::chapter(id), |name| Place::section(id, name));
        return open::at(global, place);
    }
    let paper = Paper::new(global, args.width);
    out.write_all(paper.chapter(chapter).as_bytes())?;
    if args.terms {
        writeln!(out, "\n{}", paper.words(chapter, library.glossary()))?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
