//! `ddlab lab limit`: the greatest load at which a lab meets an objective.

use super::progress::StatusLine;
use super::world::{apply, span};
use super::{find, harmless, print};
use crate::lab_json::{Settings, settings};
use clap::Args;
use ddlab_labs::engine::SimTime;
use ddlab_labs::engine::time::format_span;
use ddlab_labs::workbench::headless::{self, Report, RunError};
use ddlab_labs::workbench::limit::{Limit, LimitPlan, Objective};
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::sweep::seeds::{SeedsError, parse_seeds};
use eyre::Result;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;
use std::io::Write;
use std::ops::Range;
use std::thread;

/// More seeds than this make a search of hours.
const SEEDS_MAX: u64 = 1_000;

#[derive(Debug, Args)]
pub struct LimitArgs {
    /// The lab, as `ddlab lab list` names it
    lab: String,
    /// What must hold: `p99<200ms` of its latency, or of any metric, as in `completeness_ratio>99%`.
    /// Without it: the p99 stays below five times what it is at a tenth of the load
    #[arg(long, value_name = "FIGURE<VALUE")]
    slo: Option<String>,
    /// The knob that is raised; without it `arrival_rps`
    #[arg(long, value_name = "KNOB")]
    load: Option<String>,
    /// The seeds that each load is tried with; most of them must meet the objective
    #[arg(long, value_name = "FROM..TO", default_value = "1..6", value_parser = seeds)]
    seeds: SeedRange,
    /// Set a knob; may be given more than once
    #[arg(long, value_name = "KNOB=VALUE")]
    set: Vec<String>,
    /// Do an action or turn a knob at a moment (`20s:slow=3`); may be given more than once
    #[arg(long, value_name = "TIME:ACTION[=ARG]")]
    at: Vec<String>,
    /// The whole virtual time of a run
    #[arg(long = "for", default_value = "30s", value_name = "TIME", value_parser = span)]
    length: SimTime,
    /// The part at its start that metrics leave out
    #[arg(long, default_value = "5s", value_name = "TIME", value_parser = span)]
    warmup: SimTime,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone)]
pub(in crate::cli) struct SeedRange(pub Range<u64>);

impl fmt::Display for SeedRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.0.start, self.0.end)
    }
}

pub(in crate::cli) fn seeds(text: &str) -> Result<SeedRange, SeedsError> {
    let seeds = parse_seeds(text)?;
    if seeds.end - seeds.start > SEEDS_MAX {
        return Err(SeedsError::Form(text.to_owned()));
    }
    Ok(SeedRange(seeds))
}

/// # Errors
/// Which name or value is wrong, and what would do; or why a run can't be done.
pub fn run(out: &mut impl Write, args: &LimitArgs) -> Result<()> {
    let mut base = RunPlan::new(find(&args.lab)?, args.seeds.0.start);
    apply(&mut base, &args.set, &args.at)?;
    (base.length, base.warmup) = (args.length, args.warmup);
    headless::check(&base).map_err(harmless)?;
    let named = args.load.as_deref();
    let seeds: Vec<u64> = args.seeds.0.clone().collect();
    let mut plan = LimitPlan::new(base, named, seeds).map_err(harmless)?;
    if let Some(slo) = &args.slo {
        let objective = Objective::parse(slo, plan.base.lab.spec()).map_err(harmless)?;
        plan.objective = Some(objective);
    }
    let mut status = StatusLine::new();
    let mut runs = 0;
    let found = plan.search(|plans| {
        runs += plans.len();
        status.show(|| format!("{runs} runs, ctrl-C ends the search"));
        side_by_side(&plans)
    });
    drop(status);
    let limit = found.map_err(harmless)?;
    if args.json {
        return print(out, &LimitJson::of(&plan, &limit));
    }
    writeln!(
        out,
        "{} · {} over {} seeds, {} each\n",
        plan.base.lab.spec().id,
        limit.objective,
        plan.seeds.len(),
        format_span(args.length.into())
    )?;
    for line in limit
        .summary()
        .iter()
        .chain([&String::new()])
        .chain(&limit.table("█", Limit::COLUMNS))
    {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Does the runs on all cores; their reports are in their order.
pub(in crate::cli) fn side_by_side(plans: &[RunPlan]) -> Result<Vec<Report>, RunError> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = plans.len().div_ceil(cores).max(1);
    thread::scope(|scope| {
        let threads: Vec<_> = plans
            .chunks(share)
            .map(|plans| {
                let some = move || plans.iter().cloned().map(headless::run).collect::<Vec<_>>();
                scope.spawn(some)
            })
            .collect();
        let done = threads.into_iter().flat_map(|thread| match thread.join() {
            Ok(reports) => reports,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        done.collect()
    })
}

/// What `lab limit --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LimitJson {
    lab: &'static str,
    /// The knob that was raised.
    load: &'static str,
    /// Values at the start of each run, but for the load.
    knobs: Settings,
    /// Such as `latency_ms p99 below 200 ms`.
    objective: String,
    seeds: Vec<u64>,
    /// The greatest load at which most seeds meet the objective; null when none does.
    limit: Option<f64>,
    /// Above this load most seeds miss it; null when the greatest load that there is meets it.
    missed: Option<f64>,
    /// The greatest load of the curve up to which each seed meets it.
    limit_by_seed: Vec<Option<f64>>,
    /// The load from which on the figure grows faster than the load.
    knee: Option<f64>,
    /// The first resource in use to four fifths, or else the one in use most at the limit.
    saturates_first: Option<Resource>,
    /// In order of load.
    curve: Vec<Point>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Resource {
    metric: &'static str,
    load: f64,
    /// In use, from 0 to 1.
    share: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Point {
    load: f64,
    /// What the objective bounds, at each seed, in the unit of its metric.
    figures: Vec<Option<f64>>,
    seeds_that_meet_it: usize,
}

impl LimitJson {
    fn of(plan: &LimitPlan, limit: &Limit) -> Self {
        let knobs = plan.base.knobs.iter();
        let first = limit.saturates_first();
        Self {
            lab: plan.base.lab.spec().id,
            load: limit.load.name,
            knobs: settings(knobs.filter(|(knob, _)| knob.name != limit.load.name)),
            objective: limit.objective.to_string(),
            seeds: plan.seeds.clone(),
            limit: limit.limit,
            missed: limit.missed,
            limit_by_seed: limit.by_seed.clone(),
            knee: limit.knee(),
            saturates_first: first.map(|first| Resource {
                metric: first.metric.name,
                load: first.load,
                share: first.share,
            }),
            curve: limit
                .curve
                .iter()
                .map(|point| Point {
                    load: point.load,
                    figures: point.figures.clone(),
                    seeds_that_meet_it: point.met(&limit.objective),
                })
                .collect(),
        }
    }
}
