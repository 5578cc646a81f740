//! `ddlab cheat`: a sheet for each pattern; all of them, weak ones first, for the last evening.

use super::keeper::Keeper;
use super::{Global, refused, session};
use crate::clock;
use crate::practice::cheat;
use crate::practice::progress::Progress;
use crate::tui::effect::Place;
use clap::Args;
use eyre::Result;
use std::io::Write;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct CheatArgs {
    /// The chapter (7, scatter-gather) [default: all of them, those that you remember least first]
    chapter: Option<String>,
    /// As Markdown, to be printed
    #[arg(long)]
    markdown: bool,
    /// As plain text on standard output; implied when it is not a terminal
    #[arg(long)]
    plain: bool,
}

/// # Errors
/// When the output cannot be written.
pub fn run(args: &CheatArgs, global: &Global, out: &mut dyn Write) -> Result<ExitCode> {
    let library = super::library_aloud(global);
    let asked = args.chapter.as_ref().map(|asked| library.chapter(asked));
    let chapter = match asked.transpose() {
        Ok(chapter) => chapter.map(|chapter| chapter.meta.id.clone()),
        Err(error) => return Ok(refused(error)),
    };
    let place = Place::Cheat {
        chapter: chapter.clone(),
    };
    if !args.markdown
        && let Some(opened) = session::on_screen(global, args.plain, place)
    {
        return opened;
    }
    let ids = if let Some(chapter) = chapter {
        vec![chapter]
    } else {
        let mut keeper = Keeper::open(global);
        Progress::of(&library, keeper.log(), clock::now().day.number()).weakest_chapters()
    };
    let sheets: Vec<String> = ids
        .iter()
        .filter_map(|id| cheat::markdown(&library, id))
        .collect();
    if sheets.is_empty() {
        return Ok(refused(
            "this chapter has no cheat sheet; those of 2 to 13 have one",
        ));
    }
    let text = sheets.join("\n");
    if args.markdown {
        out.write_all(text.as_bytes())?;
    } else {
        session::print(global, &text, out)?;
    }
    Ok(ExitCode::SUCCESS)
}
