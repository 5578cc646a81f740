//! `ddlab lab`: labs without the screen, for scripts and for CI.
//!
//! `list` and `show` print what there is, `run` runs a lab to its end and prints what it came to,
//! `sweep` runs many seeds and `merge` joins parts of a sweep, [`compare`] runs two that differ in a little,
//! [`play`] runs one line by line, [`runs`] lists saved runs and runs one again, held against its digests, [`serve`] runs one for
//! real clients; [`experiment`] leads through a lab,
//! [`limit`] finds the load that a lab stands, [`challenge`] asks for a service level, and [`guided`] is what the two share. Here are the subcommands;
//! [`world`] is what most of them say of a run; [`json`] (with [`compare_json`], and [`schema`] to describe it) and [`table`] are the two forms of what is printed; [`sweep`] is a room of its own; [`progress`] shows
//! how far a long run has come.

#[cfg(test)]
mod agreement;
mod challenge;
mod compare;
mod compare_json;
mod experiment;
mod guided;
pub(super) mod json;
pub(super) mod limit;
mod over_seeds;
mod play;
pub(super) mod progress;
mod runs;
pub(super) mod schema;
pub(super) mod serve;
mod side_by_side;
pub(super) mod sweep;
pub(super) mod table;
pub(super) mod world;

use super::{Global, session};
use crate::designs;
use clap::{Args, Subcommand};
use ddlab_labs::workbench::headless;
use ddlab_labs::workbench::lab::Lab;
use ddlab_labs::workbench::markdown::tables;
use ddlab_text::clean_line;
use eyre::{Result, WrapErr, eyre};
use progress::Progress;
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use world::Measured;

#[derive(Debug, Args)]
pub struct LabArgs {
    #[command(subcommand)]
    command: LabCommand,
}

#[derive(Debug, Subcommand)]
enum LabCommand {
    /// List the labs
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a lab's knobs, actions, metrics, figures, experiments and challenges
    Show {
        /// The lab, as `ddlab lab list` names it
        lab: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Print its knobs, actions and metrics as tables in Markdown
        #[arg(long, conflicts_with = "json")]
        markdown: bool,
    },
    /// Run a lab in virtual time and print what it came to
    ///
    /// The exit status is 0 when the run came to its end, also when an invariant broke on the way: to
    /// break one is what some experiments are for. The report says BROKEN and when; in JSON the
    /// invariant has a `first_broken_at_s`. A run is as long in real time as its work is; ctrl-C ends it.
    Run(RunArgs),
    /// Run a lab twice in one world, with one difference, and print both side by side
    ///
    /// Both sides have the same seed, knobs and interventions, but for what follows --vs. They meet the same
    /// requests, which take as long on both, so what differs comes of the difference alone:
    /// `ddlab lab compare scatter-gather --set straggler=3 --vs --set policy=hedge`. The last column is B as a
    /// multiple of A.
    #[command(
        override_usage = "ddlab lab compare LAB [OPTIONS] --vs --set KNOB=VALUE [--at TIME:ACTION=ARG] [--json]"
    )]
    Compare(compare::CompareArgs),
    /// Play with a running lab; with --plain, or in a pipe, line by line
    ///
    /// Each line of input is a command, and each answer a line: `10s` goes on so far, `slow=3` does it,
    /// `policy=hedge` turns a knob, `why` tells what happened, `undo` takes back.
    Play {
        #[command(flatten)]
        world: world::World,
        /// Line by line on standard input and output; implied when either is no terminal
        #[arg(long)]
        plain: bool,
    },
    /// List the saved runs, the newest first
    Runs {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Serve a running lab over HTTP on 127.0.0.1, for real clients
    ///
    /// Virtual time passes as fast as yours, and real requests travel through the lab like those of its
    /// workload: same queues, same policy, same metrics. `GET /` lists what there is.
    Serve(serve::ServeArgs),
    /// Run many seeds of a lab on all cores, with some knobs varied, and add up what they came to
    ///
    /// The exit status is 0 when every run came to its end, also when invariants broke: the result says
    /// which, at which seeds, and how to see it. It is 1 when a run failed. Ctrl-C ends the sweep with
    /// what has come in until then; --out keeps that too.
    Sweep(Box<sweep::SweepArgs>),
    /// Find the load at which a lab stops meeting an objective, and what is full first
    ///
    /// Raises the load until most seeds miss the objective, halves the gap until the limit is known to 4 %, and
    /// prints the curve of the figure against the load with its knee.
    Limit(limit::LimitArgs),
    /// Merge the shards of a sweep into what one sweep of all would have come to
    Merge(sweep::merge::MergeArgs),
    /// Be led through a lab: predict, see, and see by how much you were off
    ///
    /// Predictions are read from standard input, a line each; an empty line passes. The exit status is 0
    /// when the experiment was gone through to its end, however well it was predicted, and 1 when the input
    /// ended before. With `--json` the end of the input passes all that is left.
    Experiment(experiment::ExperimentArgs),
    /// Meet a service level with the knobs that you may turn
    ///
    /// Without `--set`, settings are read from standard input. The exit status is 0 when a medal was won,
    /// and 1 when none was.
    Challenge(challenge::ChallengeArgs),
    /// Print the JSON Schema of an output for programs
    Schema {
        /// The output
        output: schema::Output,
    },
    /// Run a saved run again and compare digests; exit status 1 when they differ
    Replay {
        /// A file, or the name of a saved run as `ddlab lab runs` lists it
        #[arg(value_name = "FILE|NAME")]
        file: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
struct RunArgs {
    #[command(flatten)]
    measured: Measured,
    /// Save the run to a file that `ddlab lab replay` reads
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Does what was asked.
///
/// # Errors
/// A sentence that says what is wrong with a name, a value or a file, and what would do.
pub fn run(args: LabArgs, global: &Global) -> Result<ExitCode> {
    let mut out = io::stdout().lock();
    match args.command {
        LabCommand::List { json: true } => print(&mut out, &json::list(ddlab_labs::all()))?,
        LabCommand::List { json: false } => table::list(&mut out, ddlab_labs::all())?,
        LabCommand::Show {
            lab,
            json,
            markdown,
        } => match find(&lab)?.spec() {
            spec if json => print(&mut out, &json::spec(spec))?,
            spec if markdown => write!(out, "{}", tables(spec))?,
            spec => table::spec(&mut out, spec)?,
        },
        LabCommand::Experiment(args) => {
            return experiment::run(&args, global, &mut io::stdin().lock(), &mut out);
        }
        LabCommand::Challenge(args) => {
            return challenge::run(&args, global, &mut io::stdin().lock(), &mut out);
        }
        LabCommand::Play { world, plain } => {
            drop(out);
            if let Some(opened) = session::on_screen(global, plain, world.place()?) {
                return opened;
            }
            return play::run(&world, global, &mut io::stdin().lock(), &mut io::stdout());
        }
        LabCommand::Schema { output } => schema::run(&mut out, output)?,
        LabCommand::Run(args) => run_lab(&mut out, &args)?,
        LabCommand::Serve(args) => return serve::run(&mut out, &args),
        LabCommand::Sweep(args) => return sweep::run(&mut out, &args),
        LabCommand::Limit(args) => limit::run(&mut out, &args)?,
        LabCommand::Merge(args) => sweep::merge::run(&mut out, &args)?,
        LabCommand::Compare(args) => compare::run(&mut out, &args)?,
        LabCommand::Runs { json } => runs::list(&mut out, &runs::saved(global)?, json)?,
        LabCommand::Replay { file, json } => {
            return runs::replay(&mut out, &runs::saved(global)?, &file, json);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn find(id: &str) -> Result<&'static dyn Lab> {
    designs::find(id).map_err(harmless)
}

/// An error whose text may hold what somebody typed or a file holds: without control characters.
pub(super) fn harmless(error: impl Display) -> eyre::Report {
    eyre!("{}", clean_line(&error.to_string()))
}

pub(super) fn print(out: &mut impl Write, value: &impl Serialize) -> Result<()> {
    writeln!(out, "{}", serde_json::to_string_pretty(value)?)?;
    Ok(())
}

fn run_lab(out: &mut impl Write, args: &RunArgs) -> Result<()> {
    let plan = args.measured.plan()?;
    let mut progress = Progress::of(plan.length);
    let report = headless::run_watched(plan, |now| progress.show(now)).map_err(harmless)?;
    drop(progress);
    if let Some(file) = &args.record {
        let name = shown(file);
        std::fs::write(file, report.record.to_text())
            .wrap_err_with(|| format!("the run was done, but can't be saved to {name}"))?;
    }
    if args.json {
        print(out, &json::report(&report))
    } else {
        table::report(out, &report)
    }
}

fn shown(file: &Path) -> String {
    clean_line(&file.display().to_string()).into_owned()
}
