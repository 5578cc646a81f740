//! `ddlab drill`: generated numbers problems, with worked solutions.

use super::keeper::Keeper;
use super::lines::Lines;
use super::session::{self, Session};
use super::{Global, refused};
use crate::practice::drill::Drill;
use crate::tui::effect::Place;
use clap::{Args, Subcommand};
use ddlab_practice::drill;
use eyre::Result;
use std::io::{BufRead, Write};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct DrillArgs {
    #[command(subcommand)]
    command: Option<DrillCommand>,
    /// Problems of this kind only; `ddlab drill list` shows the kinds
    #[arg(long, value_name = "KIND")]
    only: Option<String>,
    /// How many problems
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    count: u16,
    /// The same problems again [default: others each time]
    #[arg(long)]
    seed: Option<u64>,
    /// Line by line on standard input and output; implied when either is no terminal
    #[arg(long)]
    plain: bool,
}

#[derive(Debug, Subcommand)]
enum DrillCommand {
    /// List the kinds of problems with their rules of thumb
    List,
}

/// # Errors
/// When the output cannot be written.
pub fn run(
    args: &DrillArgs,
    global: &Global,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<ExitCode> {
    if let Some(DrillCommand::List) = args.command {
        for generator in drill::all() {
            writeln!(out, "{:<18} {}", generator.id, generator.title)?;
            writeln!(out, "{:<18} {}", "", generator.rule)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let seed = args
        .seed
        .unwrap_or_else(|| crate::clock::now().at.0.unsigned_abs());
    let mut flow = match Drill::new(args.only.as_deref(), args.count.into(), seed) {
        Ok(flow) => flow,
        Err(error) => return Ok(refused(error)),
    };
    let only = args.only.clone();
    if let Some(opened) = session::on_screen(global, args.plain, Place::Drill { only }) {
        return opened;
    }
    let lines = Lines::new(input, out, global);
    let keeper = Keeper::open(global);
    Session { lines, keeper }.hold(&mut flow)
}
