//! A sweep to JSON.

use super::super::recipe::Recipe;
use super::{FORMAT, VERSION};
use crate::cli::lab::json::{self, digest, metric, seconds};
use ddlab_labs::engine::time::format_span;
use ddlab_labs::workbench::sweep::outcome::InvariantTotal;
use ddlab_labs::workbench::sweep::spread::Spread;
use ddlab_labs::workbench::sweep::total::{MetricTotal, Together};
use ddlab_labs::workbench::sweep::{Outcome, Shard, Sweep};
use serde_json::{Map, Value, json};

/// The sweep as JSON; `shard` says which part of it this is.
pub(in crate::cli::lab::sweep) fn write(sweep: &Sweep, shard: Shard) -> Value {
    let plan = sweep.plan();
    let mut object = json!({
        "format": FORMAT,
        "version": VERSION,
        "lab": plan.base().lab.spec().id,
        "sweep": Recipe::of(plan),
        "shard": shard.to_string(),
        "runs": {"planned": plan.runs(), "done": sweep.done(), "failed": sweep.failed()},
        "complete": sweep.is_complete(),
        "digest": digest(sweep.digest().0),
        "knobs": json::knobs(plan.base()),
        "points": (0..plan.points()).map(|point| point_json(sweep, point)).collect::<Value>(),
    });
    if let Some(object) = object.as_object_mut().filter(|_| shard == Shard::WHOLE) {
        object.shift_remove("shard");
    }
    object
}

fn point_json(sweep: &Sweep, point: usize) -> Value {
    let outcome = &sweep.outcomes()[point];
    let set = sweep.plan().point(point);
    let set: Map<String, Value> = set
        .into_iter()
        .map(|(knob, value)| (knob.name.to_owned(), json::value(value)))
        .collect();
    let metrics: Map<String, Value> = outcome
        .metrics
        .iter()
        .map(|total| (total.spec.name.to_owned(), metric_json(total)))
        .collect();
    let failed = outcome.failed.first();
    json!({
        "set": set,
        "seeds": outcome.seeds.to_string(),
        "failed": {
            "count": outcome.failed.count(),
            "first": failed.map(|(seed, why)| json!({"seed": seed, "why": why})).collect::<Value>(),
        },
        "digest": digest(outcome.digest.0),
        "metrics": metrics,
        "invariants": outcome.invariants.iter().map(|it| invariant_json(it, outcome)).collect::<Value>(),
    })
}

fn metric_json(total: &MetricTotal) -> Value {
    let spreads: Map<String, Value> = total
        .spreads()
        .map(|(statistic, spread)| (statistic.key().to_owned(), spread_json(spread)))
        .collect();
    let mut object = json!({
        "kind": json::kind(total.spec.kind),
        "all": metric(&total.all()),
        "seeds": spreads,
    });
    match total.together() {
        Together::Spread => {}
        Together::Ratio { part, whole } => {
            (object["part"], object["whole"]) = (json!(part), json!(whole));
        }
        Together::Histogram(samples) => object["exact"] = json!(samples.to_string()),
    }
    object
}

fn spread_json(spread: &Spread) -> Value {
    let mean = spread.mean();
    let within = spread.confidence().zip(mean);
    json!({
        "count": spread.count(),
        "mean": mean,
        "sd": spread.deviation(),
        "ci95": within.map(|(within, mean)| [mean - within, mean + within]),
        "min": spread.min(),
        "max": spread.max(),
        "exact": spread.to_string(),
    })
}

fn invariant_json(invariant: &InvariantTotal, outcome: &Outcome) -> Value {
    let broken = &invariant.broken;
    let first = broken.first().map(|(seed, breach)| {
        json!({
            "seed": seed,
            "at": format_span(breach.at.into()),
            "at_s": seconds(breach.at),
            "detail": breach.detail,
        })
    });
    json!({
        "name": invariant.name,
        "held": outcome.finished().saturating_sub(broken.count()),
        "broken": broken.count(),
        "first_broken": first.collect::<Value>(),
    })
}
