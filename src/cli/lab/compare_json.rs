//! What `ddlab lab compare --json` prints.

use super::compare::alone;
use super::json::{self, RunResult, RunWorld};
use super::over_seeds::RatiosOverSeeds;
use crate::lab_json::Done;
use ddlab_labs::workbench::compare::{differing, ratios};
use ddlab_labs::workbench::headless::{Compared, Report};
use ddlab_labs::workbench::json::{Figures, Number};
use ddlab_labs::workbench::knob::KnobValue;
use ddlab_labs::workbench::sweep::spread::Spread;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

/// Two runs of one world.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Comparison {
    #[serde(flatten)]
    world: RunWorld,
    a: RunResult,
    b: RunResult,
    difference: Difference,
    /// B as a multiple of A, by metric; null where there is none.
    ratios: IndexMap<&'static str, Figures>,
    /// With `--seeds`: how the multiples spread, by metric and figure (`value` where a metric has one).
    #[serde(skip_serializing_if = "Option::is_none")]
    ratios_over_seeds: Option<IndexMap<&'static str, IndexMap<&'static str, Spreads>>>,
}

/// B as a multiple of A over several seeds.
#[derive(Debug, Serialize, JsonSchema)]
struct Spreads {
    /// Seeds at which there is one.
    seeds: u64,
    mean: Option<f64>,
    /// The mean lies within so much of the true one, with a confidence of 95 %.
    within_95: Option<f64>,
    lowest: Option<f64>,
    highest: Option<f64>,
}

impl From<&Spread> for Spreads {
    fn from(spread: &Spread) -> Self {
        Self {
            seeds: spread.count(),
            mean: spread.mean(),
            within_95: spread.confidence(),
            lowest: spread.min(),
            highest: spread.max(),
        }
    }
}

/// What sets the sides apart.
#[derive(Debug, Serialize, JsonSchema)]
struct Difference {
    /// At the start, by name.
    knobs: IndexMap<&'static str, Both<KnobValue>>,
    /// What was done to one side alone.
    at: Both<Vec<Done>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Both<T> {
    a: T,
    b: T,
}

pub fn of(compared: &Compared, over_seeds: Option<&RatiosOverSeeds>) -> Comparison {
    let (a, b) = (&compared.a, &compared.b);
    let (plan_a, plan_b) = (&a.record.plan, &b.record.plan);
    let knobs = differing(plan_a, plan_b).into_iter().map(|name| {
        let [a, b] = [plan_a, plan_b].map(|plan| plan.knobs.value(name).clone());
        (name, Both { a, b })
    });
    let at = |of: &Report, other: &Report| alone(of, other).into_iter().map(Done::from).collect();
    let metrics = a.metrics.iter().zip(&b.metrics);
    let ratios = metrics.map(|((spec, a), (_, b))| (spec.name, multiples(&ratios(a, b))));
    let whole = json::report(a);
    Comparison {
        world: whole.world,
        a: whole.result,
        b: json::report(b).result,
        difference: Difference {
            knobs: knobs.collect(),
            at: Both {
                a: at(a, b),
                b: at(b, a),
            },
        },
        ratios: ratios.collect(),
        ratios_over_seeds: over_seeds.map(by_metric),
    }
}

fn by_metric(spreads: &RatiosOverSeeds) -> IndexMap<&'static str, IndexMap<&'static str, Spreads>> {
    let metrics = spreads.metrics().map(|(metric, figures)| {
        let figures = figures.iter();
        (
            metric,
            figures
                .map(|(name, spread)| (*name, spread.into()))
                .collect(),
        )
    });
    metrics.collect()
}

fn multiples(ratios: &[(&'static str, Option<f64>)]) -> Figures {
    match ratios {
        [(_, only)] => Figures::One(only.map(Number)),
        many => {
            let many = many.iter();
            Figures::Many(
                many.map(|(name, ratio)| ((*name).to_owned(), ratio.map(Number)))
                    .collect(),
            )
        }
    }
}
