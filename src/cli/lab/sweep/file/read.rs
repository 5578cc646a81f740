//! A sweep from JSON: from the exact fields alone.

use super::super::recipe::Recipe;
use super::{FORMAT, VERSION};
use crate::cli::lab::json;
use color_eyre::eyre::{Result, WrapErr, bail, ensure, eyre};
use ddlab_labs::engine::time::parse_span;
use ddlab_labs::workbench::lab::{LabSpec, MetricSpec};
use ddlab_labs::workbench::sweep::firsts::Firsts;
use ddlab_labs::workbench::sweep::outcome::{Breach, InvariantTotal, SweepDigest};
use ddlab_labs::workbench::sweep::spread::Spread;
use ddlab_labs::workbench::sweep::total::{MetricTotal, Together};
use ddlab_labs::workbench::sweep::{Outcome, Sweep};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct File {
    sweep: Recipe,
    points: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    seeds: String,
    failed: Failed,
    digest: String,
    metrics: BTreeMap<String, Metric>,
    invariants: Vec<Invariant>,
}

#[derive(Deserialize)]
struct Failed {
    count: u64,
    first: Vec<FailedRun>,
}

#[derive(Deserialize)]
struct FailedRun {
    seed: u64,
    why: String,
}

#[derive(Deserialize)]
struct Metric {
    seeds: BTreeMap<String, Exact>,
    part: Option<u64>,
    whole: Option<u64>,
    exact: Option<String>,
}

#[derive(Deserialize)]
struct Exact {
    exact: String,
}

#[derive(Deserialize)]
struct Invariant {
    name: String,
    broken: u64,
    first_broken: Vec<BrokenRun>,
}

#[derive(Deserialize)]
struct BrokenRun {
    seed: u64,
    at: String,
    detail: String,
}

/// Reads what `write` has written.
///
/// # Errors
/// What is wrong with the text; the caller knows the name of the file.
pub(in crate::cli::lab::sweep) fn read(text: &str) -> Result<Sweep> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let cut = if error.is_eof() {
            "; it was cut short"
        } else {
            ""
        };
        eyre!("it is not JSON: {error}{cut}")
    })?;
    match value["format"].as_str() {
        Some(FORMAT) => {}
        Some(other) => bail!("it has the format `{other}` where `{FORMAT}` is expected"),
        None => bail!("it is not a result of `ddlab lab sweep --json`: it has no `format`"),
    }
    let version = value["version"].as_str().unwrap_or("an unknown version");
    ensure!(
        version == VERSION,
        "it was made by ddlab {version} and this is {VERSION}, which may run the lab otherwise; \
         sweep it again, or merge with that version"
    );
    let file: File = serde_json::from_value(value).wrap_err("it is not as it was written")?;
    let plan = file.sweep.plan().wrap_err("its `sweep` can't be done")?;
    let spec = plan.base().lab.spec();
    let mut outcomes = Vec::new();
    for (place, point) in file.points.into_iter().enumerate() {
        let outcome = point
            .outcome(spec)
            .wrap_err_with(|| format!("its point {} is not as it was written", place + 1))?;
        let within = outcome
            .seeds
            .ranges()
            .iter()
            .all(|range| plan.seeds().start <= range.start && range.end <= plan.seeds().end);
        ensure!(
            within,
            "its point {} has seeds that are not of its sweep",
            place + 1
        );
        outcomes.push(outcome);
    }
    Ok(Sweep::from_parts(plan, outcomes)?)
}

impl Point {
    fn outcome(mut self, spec: &'static LabSpec) -> Result<Outcome> {
        let runs = self.failed.first.into_iter();
        let failed = runs.map(|run| (run.seed, run.why)).collect();
        let mut metrics = Vec::new();
        for spec in &spec.metrics {
            let metric = self.metrics.remove(spec.name);
            let metric = metric.ok_or_else(|| eyre!("the metric `{}` is missing", spec.name))?;
            let total = metric
                .total(spec)
                .wrap_err_with(|| format!("the metric `{}` can't be read", spec.name))?;
            metrics.push(total);
        }
        let invariants = self.invariants.into_iter().map(Invariant::total);
        Ok(Outcome {
            seeds: self.seeds.parse()?,
            failed: Firsts::told(self.failed.count, failed)
                .ok_or_else(|| eyre!("the failed seeds are not as many as they are said to be"))?,
            digest: SweepDigest(
                u64::from_str_radix(&self.digest, 16).wrap_err("its digest can't be read")?,
            ),
            metrics,
            invariants: invariants.collect::<Result<_>>()?,
        })
    }
}

impl Metric {
    fn total(mut self, spec: &'static MetricSpec) -> Result<MetricTotal> {
        let together = match (self.part, self.whole, &self.exact) {
            (Some(part), Some(whole), _) => Together::Ratio { part, whole },
            (_, _, Some(samples)) => Together::Histogram(samples.parse()?),
            _ => Together::Spread,
        };
        let mut spreads: Vec<Spread> = Vec::new();
        for statistic in spec.kind.statistics() {
            let name = statistic.key();
            let spread = self.seeds.remove(name);
            let spread = spread.ok_or_else(|| eyre!("its `{name}` is missing"))?;
            spreads.push(spread.exact.parse()?);
        }
        MetricTotal::from_parts(spec, together, spreads)
            .ok_or_else(|| eyre!("it is not a {}", json::kind(spec.kind)))
    }
}

impl Invariant {
    fn total(self) -> Result<InvariantTotal> {
        let mut first = BTreeMap::new();
        for run in self.first_broken {
            let at = parse_span(&run.at)?.into();
            let detail = run.detail;
            first.insert(run.seed, Breach { at, detail });
        }
        let broken = Firsts::told(self.broken, first)
            .ok_or_else(|| eyre!("`{}`: the seeds that broke it are not as many", self.name))?;
        Ok(InvariantTotal {
            name: self.name,
            broken,
        })
    }
}
