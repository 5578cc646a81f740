//! `ddlab design limit`: how many times the load of its clients a design takes.

use super::file::Source;
use crate::cli::lab::limit::{SeedRange, seeds, side_by_side};
use crate::cli::lab::progress::StatusLine;
use crate::cli::lab::world::{apply, span};
use crate::cli::lab::{harmless, print};
use clap::Args;
use ddlab_design::system;
use ddlab_labs::engine::SimTime;
use ddlab_labs::engine::time::format_span;
use ddlab_labs::workbench::headless;
use ddlab_labs::workbench::json::Number;
use ddlab_labs::workbench::limit::{Limit, LimitPlan, Objective};
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_text::counted;
use eyre::Result;
use schemars::JsonSchema;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct LimitArgs {
    /// A file of YAML
    file: PathBuf,
    /// The seeds that each load is tried with; most of them must meet the requirement
    #[arg(long, value_name = "FROM..TO", default_value = "1..6", value_parser = seeds)]
    seeds: SeedRange,
    /// With the faults of the design that begin within a run
    #[arg(long)]
    faults: bool,
    /// Set a parameter; may be given more than once
    #[arg(long, value_name = "PARAMETER=VALUE")]
    set: Vec<String>,
    /// The whole virtual time of a run
    #[arg(long = "for", default_value = "30s", value_name = "TIME", value_parser = span)]
    length: SimTime,
    /// The part at its start that figures leave out
    #[arg(long, default_value = "5s", value_name = "TIME", value_parser = span)]
    warmup: SimTime,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// # Errors
/// Why the design can't be read or run.
pub fn run(out: &mut impl Write, args: &LimitArgs) -> Result<ExitCode> {
    let source = Source::open(&args.file)?;
    let Some(design) = &source.read.design else {
        return Ok(source.refuse());
    };
    let lab = system::lab(design).map_err(harmless)?;
    let mut base = system::plan(lab, args.seeds.0.start, args.length);
    base.warmup = args.warmup;
    if !args.faults {
        base.script.clear();
    }
    apply(&mut base, &args.set, &[])?;
    headless::check(&base).map_err(harmless)?;
    let seeds: Vec<u64> = args.seeds.0.clone().collect();
    let mut plan = LimitPlan::new(base, Some(system::LOAD), seeds).map_err(harmless)?;
    plan.reach = system::LOAD_SEARCHED;
    let objectives = system::objectives(lab);
    let mut status = StatusLine::new();
    let mut runs = 0;
    let run = |plans: Vec<RunPlan>| {
        runs += plans.len();
        status.show(|| format!("{runs} runs, ctrl-C ends the search"));
        side_by_side(&plans)
    };
    let (texts, asked): (Vec<String>, Vec<Objective>) = objectives.into_iter().unzip();
    let mut limits: Vec<(String, Limit)> = if asked.is_empty() {
        // Without a requirement, the usual one of any lab.
        vec![(String::new(), plan.search(run).map_err(harmless)?)]
    } else {
        let found = plan.search_all(&asked, run).map_err(harmless)?;
        texts.into_iter().zip(found).collect()
    };
    drop(status);
    limits.sort_by(|(_, one), (_, other)| {
        let of = |limit: Option<f64>| limit.unwrap_or(0.0);
        of(one.limit).total_cmp(&of(other.limit))
    });
    if args.json {
        let json = |(text, limit): &(String, Limit)| LimitJson {
            requirement: text.clone(),
            load: limit.limit.map(Number),
            missed_at: limit.missed.map(Number),
            full_first: limit
                .saturates_first()
                .map(|full| full.metric.name.to_owned()),
        };
        print(out, &limits.iter().map(json).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(
        out,
        "{} · {}, {} each",
        design.title,
        counted(plan.seeds.len(), "seed"),
        format_span(args.length.into())
    )?;
    if design.clients.iter().any(|client| !client.is_steady()) {
        writeln!(
            out,
            "The load is the ordinary one: what a crowd, a ramp or a day adds to it hardly begins in {}.",
            format_span(args.length.into())
        )?;
    }
    for (nth, (_, limit)) in limits.iter().enumerate() {
        writeln!(out, "\n{}", limit.objective)?;
        for line in limit.summary() {
            writeln!(out, "  {line}")?;
        }
        if nth == 0 {
            writeln!(out)?;
            for line in limit.table("█", Limit::COLUMNS) {
                writeln!(out, "  {line}")?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// One requirement of `design limit --json`, the one that breaks first before the others.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LimitJson {
    /// As the design writes it; empty for the usual one.
    requirement: String,
    /// How many times the load of its clients the design takes; null when it misses it however small the load is.
    load: Option<Number>,
    /// The next load that was tried and missed it; null where none did.
    missed_at: Option<Number>,
    /// The metric of what was full first.
    full_first: Option<String>,
}
