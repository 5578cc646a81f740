//! What an experiment's text claims, held against the lab: on the seed that is shown, and on others.

use super::progress::{factor, right_option};
use super::{Experiment, Prediction, PredictionKind};
use crate::workbench::claim::Readings;
use crate::workbench::claim::measure::derive_all;
use crate::workbench::headless::RunError;
use std::fmt::Write as _;
use std::ops::ControlFlow;

/// How far off a tempting guess must be for its being wrong to be a surprise.
const SURPRISE: f64 = 1.5;

/// What the lab gave on each seed, and what of the text is not true of it.
#[derive(Debug, Clone)]
pub struct Findings {
    pub by_seed: Vec<(u64, Readings)>,
    pub faults: Vec<String>,
}

impl Experiment {
    /// Runs all of it with each of these seeds and with its own, and compares.
    pub fn verify(&self, seeds: impl IntoIterator<Item = u64>) -> Result<Findings, RunError> {
        let mut findings = Findings {
            by_seed: Vec::new(),
            faults: Vec::new(),
        };
        let mut seeds: Vec<u64> = seeds.into_iter().collect();
        if !seeds.contains(&self.seed) {
            seeds.push(self.seed);
        }
        for seed in seeds {
            let readings = self.readings(seed, &mut findings.faults)?;
            for prediction in &self.predictions {
                if let Some(fault) = unsurprising(prediction, &readings) {
                    findings.faults.push(format!("seed {seed}: {fault}"));
                }
            }
            findings.by_seed.push((seed, readings));
        }
        self.hold(&mut findings);
        Ok(findings)
    }

    fn readings(&self, seed: u64, faults: &mut Vec<String>) -> Result<Readings, RunError> {
        let mut readings = Readings::new();
        for run in &self.runs {
            let measurement =
                run.measure(seed, &self.measures, &mut |_| ControlFlow::Continue(()))?;
            let surprises = run.surprises(&measurement);
            faults.extend(surprises.iter().map(|what| format!("seed {seed}: {what}")));
            readings.extend(measurement.readings);
        }
        derive_all(&self.measures, &mut readings);
        for measure in &self.measures {
            if !readings.contains_key(&measure.name) {
                faults.push(format!("seed {seed}: `{}` measured nothing", measure.name));
            }
        }
        Ok(readings)
    }

    fn hold(&self, findings: &mut Findings) {
        for check in &self.checks {
            let fails = |(_, readings): &&(u64, Readings)| check.that.holds(readings) != Some(true);
            let failed: Vec<&(u64, Readings)> = findings.by_seed.iter().filter(fails).collect();
            let all = findings.by_seed.len();
            let share = (all - failed.len()) as f64 / all.max(1) as f64;
            if share >= check.hold {
                continue;
            }
            let mut fault = format!(
                "check `{}` {}: holds on {} of {all} seeds; not on",
                check.that.of,
                check.that.asked(),
                all - failed.len()
            );
            for (seed, readings) in failed.iter().take(5) {
                let value = readings.get(&check.that.of);
                let value =
                    value.map_or_else(|| "–".to_owned(), |value| check.that.unit.show(*value));
                // Writing to a String can't fail.
                let _ = write!(fault, " {seed} ({value})");
            }
            findings.faults.push(fault);
        }
    }
}

/// Why the tempting answer of a prediction is no surprise in this run.
fn unsurprising(prediction: &Prediction, readings: &Readings) -> Option<String> {
    let id = &prediction.id;
    match &prediction.kind {
        PredictionKind::Number { measure, tempting } => {
            let measured = readings.get(&measure.name)?;
            let tempting = tempting.as_ref()?;
            let off = factor(tempting.guess, *measured).unwrap_or(f64::INFINITY);
            (off < SURPRISE).then(|| {
                format!(
                    "the tempting guess of `{id}` is nearly right: {} measured, {off:.2}x off",
                    measure.show(*measured)
                )
            })
        }
        PredictionKind::Choice { options, tempting } => match right_option(options, readings) {
            None => Some(format!("not exactly one option of `{id}` is true")),
            Some(right) => {
                let tempting = tempting.as_ref()?;
                (tempting.guess == right)
                    .then(|| format!("the tempting option of `{id}` is the right one"))
            }
        },
    }
}

impl Findings {
    /// What each measurement came to: smallest, median and largest over the seeds.
    pub fn table(&self, experiment: &Experiment) -> String {
        let mut out = String::new();
        for measure in &experiment.measures {
            let values = self.by_seed.iter();
            let mut values: Vec<f64> = values
                .filter_map(|(_, readings)| readings.get(&measure.name).copied())
                .collect();
            values.sort_by(f64::total_cmp);
            let at = |place: usize| {
                values
                    .get(place)
                    .map_or_else(|| "–".to_owned(), |value| measure.show(*value))
            };
            let (middle, last) = (values.len() / 2, values.len().saturating_sub(1));
            // Writing to a String can't fail.
            let _ = writeln!(
                out,
                "    {:24} {:>12} {:>12} {:>12}",
                measure.name,
                at(0),
                at(middle),
                at(last)
            );
        }
        out
    }
}
