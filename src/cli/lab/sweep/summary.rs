//! What a sweep came to, as JSON: `ddlab lab sweep --json`.

use super::file::VERSION;
use super::recipe::Recipe;
use crate::lab_json::{self, Settings, digest, kind};
use ddlab_labs::engine::time::format_span;
use ddlab_labs::workbench::json::Figures;
use ddlab_labs::workbench::meter::Tally;
use ddlab_labs::workbench::sweep::outcome::InvariantTotal;
use ddlab_labs::workbench::sweep::total::MetricTotal;
use ddlab_labs::workbench::sweep::{Outcome, Shard, Sweep};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

/// What `ddlab lab sweep --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Summary {
    /// `ddlab-sweep-summary 2`
    format: &'static str,
    /// Of the program.
    version: &'static str,
    lab: &'static str,
    sweep: Recipe,
    /// The part of the sweep that this is; absent of the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    shard: Option<String>,
    runs: Runs,
    /// Whether all runs are in.
    complete: bool,
    digest: String,
    knobs: Settings,
    /// One a combination of the varied knobs.
    points: Vec<Point>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Runs {
    planned: u64,
    done: u64,
    failed: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Point {
    set: Settings,
    /// The first seed that is in and the one after the last: `0..100`.
    seeds: String,
    failed: Failed,
    digest: String,
    /// By name.
    metrics: IndexMap<&'static str, Metric>,
    invariants: Vec<Invariant>,
}

/// Runs that did not come to their end; they count for no metric.
#[derive(Debug, Serialize, JsonSchema)]
struct Failed {
    count: u64,
    first: Vec<FailedRun>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FailedRun {
    seed: u64,
    why: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Metric {
    /// `counter`, `ratio`, `gauge` or `histogram`
    kind: &'static str,
    /// All runs together: the sum of a counter, the ratio of all totals, percentiles of all samples.
    all: Figures,
    /// Over the seeds, each of which counts once; by statistic.
    seeds: IndexMap<&'static str, Spread>,
    /// Of a ratio: what is divided.
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<u64>,
    /// Of a ratio: by what.
    #[serde(skip_serializing_if = "Option::is_none")]
    whole: Option<u64>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Spread {
    /// Seeds that had a value.
    count: u64,
    mean: Option<f64>,
    /// The standard deviation, over `count - 1`.
    sd: Option<f64>,
    /// The mean is between these two with a confidence of 95 % (Student's t).
    ci95: Option<[f64; 2]>,
    min: Option<f64>,
    max: Option<f64>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Invariant {
    name: String,
    /// Runs.
    held: u64,
    /// Runs.
    broken: u64,
    first_broken: Vec<BrokenRun>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct BrokenRun {
    seed: u64,
    /// As it is written: `3s`.
    at: String,
    /// In seconds of virtual time.
    at_s: f64,
    detail: String,
}

/// `shard` says which part of the sweep this is.
pub(super) fn json(sweep: &Sweep, shard: Shard) -> Summary {
    let plan = sweep.plan();
    let points = sweep.outcomes().iter().enumerate();
    Summary {
        format: "ddlab-sweep-summary 2",
        version: VERSION,
        lab: plan.base().lab.spec().id,
        sweep: Recipe::of(plan),
        shard: (shard != Shard::WHOLE).then(|| shard.to_string()),
        runs: Runs {
            planned: plan.runs(),
            done: sweep.done(),
            failed: sweep.failed(),
        },
        complete: sweep.is_complete(),
        digest: digest(sweep.digest()),
        knobs: lab_json::settings(plan.base().knobs.iter()),
        points: points
            .map(|(point, outcome)| Point::of(lab_json::settings(plan.point(point)), outcome))
            .collect(),
    }
}

impl Point {
    fn of(set: Settings, outcome: &Outcome) -> Self {
        let failed = outcome.failed.first.iter();
        let metrics = outcome.metrics.iter();
        let invariants = outcome.invariants.iter();
        Self {
            set,
            seeds: format!("{}..{}", outcome.seeds.start, outcome.seeds.end),
            failed: Failed {
                count: outcome.failed.count,
                first: failed
                    .map(|(seed, why)| FailedRun {
                        seed: *seed,
                        why: why.clone(),
                    })
                    .collect(),
            },
            digest: digest(outcome.digest),
            metrics: metrics
                .map(|total| (total.spec.name, Metric::of(total)))
                .collect(),
            invariants: invariants
                .map(|total| Invariant::of(total, outcome.finished()))
                .collect(),
        }
    }
}

impl Metric {
    fn of(total: &MetricTotal) -> Self {
        let spreads = total.spreads();
        let (part, whole) = match total.together() {
            Tally::Ratio { part, whole } => (Some(*part), Some(*whole)),
            Tally::Value | Tally::Histogram(_) => (None, None),
        };
        Self {
            kind: kind(total.spec.kind),
            all: Figures::of(&total.all()),
            seeds: spreads
                .map(|(statistic, spread)| {
                    let mean = spread.mean();
                    let within = spread.confidence().zip(mean);
                    let spread = Spread {
                        count: spread.count(),
                        mean,
                        sd: spread.deviation(),
                        ci95: within.map(|(within, mean)| [mean - within, mean + within]),
                        min: spread.min(),
                        max: spread.max(),
                    };
                    (statistic.key(), spread)
                })
                .collect(),
            part,
            whole,
        }
    }
}

impl Invariant {
    fn of(total: &InvariantTotal, finished: u64) -> Self {
        let broken = &total.broken;
        let first = broken.first.iter().map(|(seed, breach)| BrokenRun {
            seed: *seed,
            at: format_span(breach.at.into()),
            at_s: breach.at.as_secs_f64(),
            detail: breach.detail.clone(),
        });
        Self {
            name: total.name.clone(),
            held: finished - broken.count,
            broken: broken.count,
            first_broken: first.collect(),
        }
    }
}
