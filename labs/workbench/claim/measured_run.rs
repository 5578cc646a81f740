//! A measured run: a run up to a moment, and from when on it is measured.
//!
//! Measurements are taken headless, from the run's plan: so what a text shows is the same number in a
//! terminal, on a line printer and in a test, whatever a learner does to the lab meanwhile.

use super::measure::Source;
use super::{Measure, Readings};
use crate::engine::SimTime;
use crate::workbench::frame::{InvariantView, MetricValue};
use crate::workbench::headless::{self, RunError};
use crate::workbench::meter::MetricSpec;
use crate::workbench::plan::RunPlan;
use std::ops::ControlFlow;

/// A run up to a moment, and from when on it is measured.
#[derive(Debug, Clone)]
pub struct MeasuredRun {
    pub id: String,
    /// Up to the end of the stretch; its warm-up ends where the stretch begins.
    pub plan: RunPlan,
    /// The moment at which the step begins: 0 unless it carries an earlier run on.
    pub begins: SimTime,
    /// How fast it is shown, virtual seconds per second.
    pub speed: f64,
    /// Invariants that break in it, by design.
    pub breaks: Vec<String>,
}

/// What a measured run came to.
#[derive(Debug, Clone)]
pub struct Measurement {
    pub readings: Readings,
    /// Over its whole stretch.
    pub metrics: Vec<(&'static MetricSpec, MetricValue)>,
    pub invariants: Vec<InvariantView>,
    pub digest: u64,
}

impl MeasuredRun {
    /// Runs it with this seed and takes those of the measurements that are of it. On the way `watch`
    /// hears which share is done, and may end it.
    pub fn measure(
        &self,
        seed: u64,
        measures: &[Measure],
        watch: &mut dyn FnMut(f64) -> ControlFlow<()>,
    ) -> Result<Measurement, RunError> {
        let mut stretches = vec![(self.plan.warmup, self.plan.length)];
        let own = || {
            measures
                .iter()
                .filter(|measure| measure.run() == Some(&self.id))
        };
        for stretch in own().filter_map(Measure::over) {
            if !stretches.contains(&stretch) {
                stretches.push(stretch);
            }
        }
        let whole: u64 = stretches.iter().map(|(_, to)| to.0).sum();
        let mut before = 0;
        let mut measurement: Option<Measurement> = None;
        for (from, to) in stretches {
            let mut plan = self.plan.clone();
            (plan.seed, plan.warmup, plan.length) = (seed, from, to);
            plan.script.retain(|done| done.at <= to);
            let report = headless::run_until_stopped(plan, |now| {
                watch((before + now.0) as f64 / whole.max(1) as f64)
            })?;
            before += to.0;
            let first = measurement.is_none();
            let measurement = measurement.get_or_insert_with(|| Measurement {
                readings: Readings::new(),
                metrics: report.metrics.clone(),
                invariants: report.invariants.clone(),
                digest: report.digest(),
            });
            for measure in own() {
                let value = match &measure.source {
                    Source::Metric {
                        metric,
                        statistic,
                        over,
                        ..
                    } if over.map_or(first, |over| over == (from, to)) => report
                        .metric(metric.name)
                        .and_then(|value| value.get(*statistic)),
                    Source::Broken { invariant, .. } if first => report
                        .invariants
                        .iter()
                        .find(|view| view.name == invariant)
                        .map(|view| if view.held { 0.0 } else { 1.0 }),
                    _ => None,
                };
                if let Some(value) = value {
                    measurement.readings.insert(measure.name.clone(), value);
                }
            }
        }
        measurement.ok_or(RunError::Stopped)
    }

    /// What did not go as the file says: an invariant that broke, or one that did not.
    pub fn surprises(&self, measurement: &Measurement) -> Vec<String> {
        let expected = |view: &InvariantView| self.breaks.iter().any(|name| name == view.name);
        let odd = measurement
            .invariants
            .iter()
            .filter(|view| view.held == expected(view));
        let mut odd: Vec<String> = odd
            .map(|view| {
                let (run, name, detail) = (&self.id, view.name, &view.detail);
                if view.held {
                    format!("run `{run}`: “{name}” should break and held")
                } else {
                    format!("run `{run}`: “{name}” broke: {detail}")
                }
            })
            .collect();
        for name in &self.breaks {
            if !measurement.invariants.iter().any(|view| view.name == name) {
                odd.push(format!(
                    "run `{}`: the lab has no invariant “{name}”",
                    self.id
                ));
            }
        }
        odd
    }
}

impl Measure {
    /// The run that it is of; none when it follows from others.
    pub fn run(&self) -> Option<&str> {
        match &self.source {
            Source::Metric { run, .. } | Source::Broken { run, .. } => Some(run),
            Source::Ratio(..) | Source::Difference(..) => None,
        }
    }

    fn over(&self) -> Option<(SimTime, SimTime)> {
        match &self.source {
            Source::Metric { over, .. } => *over,
            _ => None,
        }
    }
}
