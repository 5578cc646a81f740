//! The knobs of the group *policy*, as the pattern's own types.

use super::pattern::{HedgeAfter, Hedging, Policy};
use crate::engine::Distribution;
use crate::workbench::knob::KnobSettings;
use std::time::Duration;

/// The pattern's policy, as the knobs say, but with so many times the budget of hedges.
pub fn policy(knobs: &KnobSettings, overspend: f64) -> Policy {
    let network: Distribution = knobs.distribution("network");
    match knobs.word("policy") {
        "wait_all" => Policy::WaitAll,
        "deadline" => Policy::Deadline(span(knobs, "deadline")),
        "hedge" => Policy::Hedge(Hedging::new(
            match knobs.duration("hedge_after") {
                Some(delay) => HedgeAfter::Delay(delay),
                None => HedgeAfter::Quantile(quantile(knobs.word("hedge_after"))),
            },
            overspend * knobs.plain_number("hedge_budget"),
        )),
        "redundant" => Policy::Redundant(knobs.count("copies")),
        // Twice the way to the twin: sooner, and both may start before either has heard of the other.
        "tied" => Policy::Tied(2 * network.mean().unwrap_or(Duration::from_millis(1))),
        "quorum" => Policy::Quorum(knobs.plain_number("quorum")),
        other => unreachable!("`{other}` is not in the table of policies"),
    }
}

pub fn hedge_budget(knobs: &KnobSettings) -> Option<f64> {
    (knobs.word("policy") == "hedge").then(|| knobs.plain_number("hedge_budget"))
}

pub fn slow_over(knobs: &KnobSettings) -> Duration {
    span(knobs, "slow_over")
}

fn span(knobs: &KnobSettings, name: &str) -> Duration {
    knobs
        .duration(name)
        .unwrap_or_else(|| unreachable!("`{name}` has no words in the table"))
}

/// `p95` is 0.95.
fn quantile(word: &str) -> f64 {
    let percent = word
        .strip_prefix('p')
        .and_then(|digits| digits.parse::<f64>().ok());
    percent.unwrap_or_else(|| unreachable!("the words of hedge_after are quantiles")) / 100.0
}
