//! `ddlab design run`: a design in virtual time, and which of its requirements it meets.

use super::aligned;
use super::file::{PriceArgs, Source};
use crate::cli::lab::progress::Progress;
use crate::cli::lab::world::{apply, span};
use crate::cli::lab::{harmless, json, print, table};
use crate::cli::status;
use clap::Args;
use ddlab_design::system;
use ddlab_design::verdict::{Verdict, parts, verdicts};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::headless::{self, Report};
use ddlab_labs::workbench::json::Number;
use eyre::Result;
use schemars::JsonSchema;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct RunArgs {
    /// A file of YAML
    file: PathBuf,
    /// Chooses the world: the same seed and design give the same run
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// The whole virtual time of the run; faults after its end are left out
    #[arg(long = "for", default_value = "5m", value_name = "TIME", value_parser = span)]
    length: SimTime,
    /// The part at its start that figures leave out
    #[arg(long, default_value = "5s", value_name = "TIME", value_parser = span)]
    warmup: SimTime,
    /// Set a parameter, such as `gateway_slots=8`; may be given more than once
    #[arg(long, value_name = "PARAMETER=VALUE")]
    set: Vec<String>,
    /// Do an action or turn a parameter at a moment (`20s:load=3`); may be given more than once
    #[arg(long, value_name = "TIME:ACTION[=ARG]")]
    at: Vec<String>,
    #[command(flatten)]
    prices: PriceArgs,
    /// Print every metric, not only those of the table of parts
    #[arg(long, conflicts_with = "json")]
    all: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// # Errors
/// When the design or what is set can't be read, or the run can't be done.
pub fn run(out: &mut impl Write, args: &RunArgs) -> Result<ExitCode> {
    let prices = args.prices.table()?;
    let source = Source::open(&args.file)?;
    let Some(design) = &source.read.design else {
        return Ok(source.refuse());
    };
    let lab = system::lab(design).map_err(harmless)?;
    let mut plan = system::plan(lab, args.seed, args.length);
    plan.warmup = args.warmup;
    apply(&mut plan, &args.set, &args.at)?;
    let mut progress = Progress::of(plan.length);
    let report = headless::run_watched(plan, |now| progress.show(now)).map_err(harmless)?;
    drop(progress);
    let design = lab.with(&report.record.plan.knobs);
    let verdicts = verdicts(&design, &report, &prices);
    if args.json {
        print(out, &RunJson::of(&verdicts, &report))?;
    } else if args.all {
        table::report(out, &report)?;
        requirements(out, &verdicts)?;
    } else {
        table::heading_of(out, &report.record.plan, |what| system::spoken(lab, what))?;
        aligned(out, &parts(&design, &report))?;
        requirements(out, &verdicts)?;
        writeln!(out)?;
        for invariant in &report.invariants {
            table::held(out, invariant)?;
        }
        writeln!(out, "\n  digest {:016x}", report.digest())?;
    }
    Ok(status(verdicts.iter().all(|verdict| verdict.met)))
}

fn requirements(out: &mut impl Write, verdicts: &[Verdict<'_>]) -> Result<()> {
    if verdicts.is_empty() {
        return Ok(());
    }
    let texts = verdicts
        .iter()
        .map(|verdict| verdict.requirement.text.chars().count());
    let width = texts.max().unwrap_or(0);
    writeln!(out, "\nRequirements")?;
    for verdict in verdicts {
        let word = if verdict.met { "met   " } else { "MISSED" };
        let unit = verdict.requirement.figure.unit;
        let shown = verdict.figure.map_or_else(
            || "nothing was measured".to_owned(),
            |figure| unit.show(figure),
        );
        writeln!(
            out,
            "  {word}  {:width$}  {shown}",
            verdict.requirement.text
        )?;
    }
    Ok(())
}

/// What `design run --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RunJson {
    requirements: Vec<RequirementJson>,
    #[serde(flatten)]
    run: json::Run,
}

#[derive(Debug, Serialize, JsonSchema)]
struct RequirementJson {
    /// As the design writes it.
    text: String,
    met: bool,
    /// In the unit of the metric; null where nothing was measured.
    figure: Option<Number>,
    /// Empty for the cost, which no run measures.
    metric: String,
}

impl RunJson {
    fn of(verdicts: &[Verdict<'_>], report: &Report) -> Self {
        let requirement = |verdict: &Verdict<'_>| RequirementJson {
            text: verdict.requirement.text.clone(),
            met: verdict.met,
            figure: verdict.figure.map(Number),
            metric: verdict.requirement.metric.clone(),
        };
        Self {
            requirements: verdicts.iter().map(requirement).collect(),
            run: json::report(report),
        }
    }
}
