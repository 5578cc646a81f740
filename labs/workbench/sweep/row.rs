//! What one run of a sweep came to, as a row that can be kept: all that totals are computed from.

use super::SweepPlan;
use crate::workbench::frame::MetricValue;
use crate::workbench::headless::Report;
use crate::workbench::json::{Figures, Invariant};
use crate::workbench::meter::{MetricKind, MetricSpec, Tally};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

/// One run. `metrics` and `invariants` are what `ddlab lab run --json` says of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub seed: u64,
    /// Which combination of the varied knobs, from 0; the last knob varies fastest.
    pub point: usize,
    /// The varied knobs with their values.
    pub set: IndexMap<String, serde_json::Value>,
    /// Why the run did not come to its end; then it has nothing of what follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// Of the whole run, sixteen hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// By name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub metrics: IndexMap<String, Figures>,
    /// What adds up over runs, of the metrics whose figures do not.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tallies: IndexMap<String, Tally>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invariants: Vec<Invariant>,
    /// A hash of the text of the row without this field (XXH3, 64 bits, hexadecimal). A line has it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
}

type Settings = IndexMap<String, serde_json::Value>;

/// What a run counts, at most: far more than any does, and a sum over 65,536 runs of it is still exact.
const TALLY_MAX: u64 = 1 << 48;

/// What stands before the hash at the end of a line.
const CHECK: &str = ",\"check\":\"";

impl Row {
    /// What the run with this number in the plan came to, or why it did not come to its end.
    pub fn of(plan: &SweepPlan, run: u64, came_to: Result<&Report, String>) -> Self {
        let (point, seed) = plan.run(run);
        let row = Self {
            seed,
            point,
            set: settings(plan, point),
            ..Self::default()
        };
        let report = match came_to {
            Ok(report) => report,
            Err(why) => {
                let failed = Some(why);
                return Self { failed, ..row };
            }
        };
        let metrics = report.metrics.iter();
        let tallies = report.metrics.iter().zip(&report.tallies);
        Self {
            digest: Some(format!("{:016x}", report.digest())),
            metrics: metrics
                .map(|(spec, value)| (spec.name.to_owned(), Figures::of(value)))
                .collect(),
            tallies: tallies
                .filter(|(_, tally)| **tally != Tally::Value)
                .map(|((spec, _), tally)| (spec.name.to_owned(), tally.clone()))
                .collect(),
            invariants: report.invariants.iter().map(Invariant::from).collect(),
            ..row
        }
    }

    /// As a line of a file, with its end.
    pub fn to_line(&self) -> String {
        let row = serde_json::to_string(&Self {
            check: None,
            ..self.clone()
        });
        let row = row.expect("a row is plain data");
        let open = row.strip_suffix('}').expect("a row is an object");
        format!("{open}{CHECK}{:016x}\"}}\n", xxh3_64(row.as_bytes()))
    }

    /// Reads such a line; none when it was changed.
    pub fn parse(line: &str) -> Option<Self> {
        let (open, check) = line.strip_suffix("\"}\n")?.rsplit_once(CHECK)?;
        let row = format!("{open}}}");
        let check = u64::from_str_radix(check, 16).ok()?;
        if check != xxh3_64(row.as_bytes()) {
            return None;
        }
        serde_json::from_str(&row).ok()
    }

    /// What of the row contradicts the plan or itself. Its check finds damage; this finds a row that no run
    /// has written. `point` is one of the plan.
    pub fn contradiction(&self, plan: &SweepPlan) -> Option<String> {
        // By way of its text, as the row: a number may lose its last bit there.
        let set = serde_json::to_string(&settings(plan, self.point));
        let set = set.and_then(|set| serde_json::from_str::<Settings>(&set));
        if !set.is_ok_and(|set| self.set == set) {
            let set = plan.point_text(self.point);
            return Some(format!("its `set` is not that of its point, `{set}`"));
        }
        if self.failed.is_some() {
            return None;
        }
        let digits = |digest: &String| {
            digest.len() == 16 && digest.bytes().all(|digit| digit.is_ascii_hexdigit())
        };
        if !self.digest.as_ref().is_some_and(digits) {
            return Some("its `digest` is not sixteen hexadecimal digits".to_owned());
        }
        let mut metrics = plan.base().lab.spec().metrics.iter();
        let wrong = metrics.find(|spec| !self.adds_up(spec))?;
        Some(format!(
            "the figures of `{}` are missing, or are not those of its tally",
            wrong.name
        ))
    }

    /// The figures of a metric are those that its tally comes to.
    fn adds_up(&self, spec: &MetricSpec) -> bool {
        let Some(figures) = self.metrics.get(spec.name) else {
            return false;
        };
        let value = match (spec.kind, self.tallies.get(spec.name)) {
            (MetricKind::Counter | MetricKind::Gauge, None) => return true,
            (MetricKind::Ratio, Some(Tally::Ratio { part, whole })) => {
                if (*part).max(*whole) > TALLY_MAX {
                    return false;
                }
                MetricValue::Ratio((*whole > 0).then(|| *part as f64 / *whole as f64))
            }
            (MetricKind::Histogram, Some(Tally::Histogram(samples))) => {
                if samples
                    .checked_count()
                    .is_none_or(|count| count > TALLY_MAX)
                {
                    return false;
                }
                MetricValue::Histogram(samples.view())
            }
            _ => return false,
        };
        let right = Figures::of(&value);
        // The figures came by way of their text, too.
        let same = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * b.abs().max(1.0),
            (a, b) => a == b,
        };
        let mut statistics = spec.kind.statistics().iter();
        statistics.all(|of| same(figures.get(*of), right.get(*of)))
    }
}

/// The varied knobs with their values at this point.
fn settings(plan: &SweepPlan, point: usize) -> Settings {
    let set = plan.point(point).into_iter();
    set.map(|(knob, value)| {
        let value = serde_json::to_value(value)
            .expect("the value of a knob is a number, a switch or a text");
        (knob.name.to_owned(), value)
    })
    .collect()
}
