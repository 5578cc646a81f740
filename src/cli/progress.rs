//! `ddlab progress`: where one stands, for people and as JSON.

use super::keeper::Keeper;
use super::{Global, session};
use crate::clock;
use crate::practice::progress::Progress;
use crate::tui::effect::Place;
use clap::Args;
use eyre::Result;
use std::io::Write;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct ProgressArgs {
    /// Print it as JSON
    #[arg(long)]
    json: bool,
    /// As plain text on standard output; implied when it is not a terminal
    #[arg(long)]
    plain: bool,
}

/// # Errors
/// When the output cannot be written.
pub fn run(args: &ProgressArgs, global: &Global, out: &mut dyn Write) -> Result<ExitCode> {
    if !args.json
        && let Some(opened) = session::on_screen(global, args.plain, Place::Progress)
    {
        return opened;
    }
    let library = super::library_aloud(global);
    let mut keeper = Keeper::open(global);
    let progress = Progress::of(&library, keeper.log(), clock::now().day.number());
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&progress)?)?;
    } else {
        session::print(global, &progress.markdown(), out)?;
    }
    Ok(ExitCode::SUCCESS)
}
