//! `ddlab design why`: what began and what ended in a run of a design, in a few lines.

use super::file::Source;
use crate::cli::lab::harmless;
use crate::cli::lab::world::{apply, span};
use clap::Args;
use ddlab_design::{system, why};
use ddlab_labs::engine::SimTime;
use ddlab_text::clock;
use eyre::Result;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct WhyArgs {
    /// A file of YAML
    file: PathBuf,
    /// Chooses the world: the same seed and design give the same run
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// The whole virtual time of the run; faults after its end are left out
    #[arg(long = "for", default_value = "5m", value_name = "TIME", value_parser = span)]
    length: SimTime,
    /// Set a parameter; may be given more than once
    #[arg(long, value_name = "PARAMETER=VALUE")]
    set: Vec<String>,
    /// Do an action or turn a parameter at a moment; may be given more than once
    #[arg(long, value_name = "TIME:ACTION[=ARG]")]
    at: Vec<String>,
}

/// # Errors
/// When the design or what is set can't be read, or the run can't be done.
pub fn run(out: &mut impl Write, args: &WhyArgs) -> Result<ExitCode> {
    Source::open(&args.file)?.run(|design| {
        let lab = system::lab(design).map_err(harmless)?;
        let mut plan = system::plan(lab, args.seed, args.length);
        apply(&mut plan, &args.set, &args.at)?;
        let story = why::why(lab, plan).map_err(harmless)?;
        if story.is_empty() {
            writeln!(
                out,
                "Nothing happened: no part was full, and nobody failed."
            )?;
        }
        for line in story {
            writeln!(out, "{:>8}  {}", clock(line.at), line.text)?;
        }
        Ok(())
    })
}
