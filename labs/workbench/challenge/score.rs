//! What settings come to: tried in several worlds, of which the worst counts.

use super::{Challenge, Medal, WORLDS};
use crate::workbench::claim::measure::derive_all;
use crate::workbench::claim::{Measure, Readings, Statement};
use crate::workbench::headless::RunError;
use crate::workbench::knob::KnobSettings;
use std::ops::ControlFlow;

/// What the settings of a learner came to.
#[derive(Debug, Clone)]
pub struct Score {
    /// None: the SLO was missed.
    pub medal: Option<Medal>,
    /// The SLO and then what the medals ask for, in order.
    pub rows: Vec<Row>,
    /// Invariants that broke; then there is no medal.
    pub broken: Vec<String>,
    /// What each world gave.
    pub worlds: Vec<(u64, Readings)>,
}

/// One condition beside what was measured.
#[derive(Debug, Clone)]
pub struct Row {
    /// The medal that asks for it; none of the SLO, which every medal asks for.
    pub medal: Option<Medal>,
    pub statement: Statement,
    /// The worst of the worlds; none where nothing was measured.
    pub measured: Option<f64>,
    pub met: bool,
}

impl Challenge {
    /// Tries the settings in all worlds. On the way `watch` hears which share is done, and may end it.
    pub fn score(
        &self,
        knobs: &KnobSettings,
        watch: &mut dyn FnMut(f64) -> ControlFlow<()>,
    ) -> Result<Score, RunError> {
        self.score_in(knobs, self.seed..self.seed + WORLDS, watch)
    }

    pub(super) fn score_in(
        &self,
        knobs: &KnobSettings,
        seeds: std::ops::Range<u64>,
        watch: &mut dyn FnMut(f64) -> ControlFlow<()>,
    ) -> Result<Score, RunError> {
        let mut run = self.run.clone();
        run.plan.knobs = knobs.clone();
        let all = (seeds.end - seeds.start).max(1) as f64;
        let (mut worlds, mut broken) = (Vec::new(), Vec::new());
        for (done, seed) in seeds.enumerate() {
            let mut share = |share: f64| watch((done as f64 + share) / all);
            let measurement = run.measure(seed, &self.measures, &mut share)?;
            let mut readings = measurement.readings;
            derive_all(&self.measures, &mut readings);
            let breaks = measurement.invariants.iter().filter(|view| !view.held);
            for name in breaks.map(|view| view.name.to_owned()) {
                if !broken.contains(&name) {
                    broken.push(name);
                }
            }
            worlds.push((seed, readings));
        }
        let rows = self.rows(&worlds);
        let earned = |medal: &Medal| {
            let asked = |row: &&Row| row.medal.is_none_or(|of| of == *medal);
            rows.iter().filter(asked).all(|row| row.met)
        };
        let medal = Medal::ALL.into_iter().rev().find(earned);
        Ok(Score {
            medal: medal.filter(|_| broken.is_empty()),
            rows,
            broken,
            worlds,
        })
    }

    fn rows(&self, worlds: &[(u64, Readings)]) -> Vec<Row> {
        let row = |medal, statement: &Statement| {
            let values = worlds.iter();
            let measured = values
                .filter_map(|(_, readings)| readings.get(&statement.of).copied())
                .reduce(|one, other| statement.worst(one, other));
            let holds = |(_, readings): &(u64, Readings)| statement.holds(readings) == Some(true);
            Row {
                medal,
                statement: statement.clone(),
                measured,
                met: worlds.iter().all(holds),
            }
        };
        self.conditions()
            .map(|(medal, statement)| row(medal, statement))
            .collect()
    }
}

impl Row {
    /// What was measured, as a person reads it.
    pub fn shown(&self) -> String {
        let show = |value: f64| self.statement.unit.show(value);
        self.measured.map_or_else(|| "–".to_owned(), show)
    }
}

impl Score {
    /// What was measured in the worst world, by the name of the measurement.
    pub fn measured<'a>(&'a self, measure: &'a Measure) -> impl Iterator<Item = f64> + 'a {
        let worlds = self.worlds.iter();
        worlds.filter_map(|(_, readings)| readings.get(&measure.name).copied())
    }
}
