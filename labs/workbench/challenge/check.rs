//! That a challenge can be met, and not by what only looks good.

use super::score::Row;
use super::{Challenge, Score, WORLDS};
use crate::workbench::headless::RunError;
use std::fmt::Write as _;
use std::ops::ControlFlow;

/// What of the challenge is not so; empty when all is.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    pub faults: Vec<String>,
    /// What par and traps came to over the seeds.
    pub table: String,
}

impl Challenge {
    /// On each of these seeds and of those in which a learner is scored, each by itself: the par reaches
    /// its medal, every trap reaches none and fails where it says. Where the learner starts there is no
    /// medal either.
    pub fn verify(&self, seeds: impl IntoIterator<Item = u64>) -> Result<Findings, RunError> {
        let scored = self.seed..self.seed + WORLDS;
        let mut all: Vec<u64> = scored.clone().chain(seeds).collect();
        all.sort_unstable();
        all.dedup();
        let start = self.run.plan.knobs.clone();
        let traps = self.traps.iter();
        let traps = traps.map(|trap| (trap.name.as_str(), &trap.knobs, all.clone()));
        let own = [
            ("par", &self.par.knobs, all.clone()),
            ("start", &start, scored.collect()),
        ];
        let mut findings = Findings::default();
        for (name, knobs, seeds) in own.into_iter().chain(traps) {
            let mut scores = Vec::new();
            for seed in seeds {
                let mut on = |_| ControlFlow::Continue(());
                let score = self.score_in(knobs, seed..seed + 1, &mut on)?;
                if let Some(fault) = self.fault_of(name, &score) {
                    findings
                        .faults
                        .push(format!("seed {seed}: {fault}: {}", line(&score)));
                }
                scores.push(score);
            }
            self.add_to(&mut findings.table, name, &scores);
        }
        Ok(findings)
    }

    fn fault_of(&self, name: &str, score: &Score) -> Option<String> {
        if name == "par" {
            let short = score.medal < Some(self.par.medal);
            return short.then(|| format!("par does not reach {}", self.par.medal));
        }
        if score.medal.is_some() {
            return Some(format!("`{name}` reaches a medal"));
        }
        let trap = self.traps.iter().find(|trap| trap.name == name)?;
        let fails = |row: &Row| row.statement.of == trap.fails && !row.met;
        let fails = score
            .rows
            .iter()
            .any(|row| row.medal.is_none() && fails(row));
        (!fails).then(|| format!("trap `{name}` does not fail by `{}`", trap.fails))
    }

    /// Least and most of each measurement over the seeds.
    fn add_to(&self, table: &mut String, name: &str, scores: &[Score]) {
        // Writing to a String can't fail.
        let _ = writeln!(table, "    {name} ({} seeds)", scores.len());
        for measure in &self.measures {
            let mut values: Vec<f64> = scores
                .iter()
                .flat_map(|score| score.measured(measure))
                .collect();
            values.sort_by(f64::total_cmp);
            let show =
                |value: Option<&f64>| value.map_or_else(|| "–".to_owned(), |v| measure.show(*v));
            let (least, most) = (show(values.first()), show(values.last()));
            let _ = writeln!(table, "      {:24} {least:>12} {most:>12}", measure.name);
        }
    }
}

/// Each condition once, with what was measured.
fn line(score: &Score) -> String {
    let medal = score.medal.map_or("no medal", super::Medal::name);
    let rows = score.rows.iter().map(|row| {
        let met = if row.met { "" } else { " MISSED" };
        format!(
            "{} {} ({}){met}",
            row.statement.of,
            row.shown(),
            row.statement.asked()
        )
    });
    let broken = score.broken.iter().map(|name| format!("BROKEN: {name}"));
    let all: Vec<String> = rows.chain(broken).collect();
    format!("{medal}: {}", all.join(", "))
}
