//! Whether a brief is what it says: each par meets it, and each trap misses what it names, at every seed.

use super::Brief;
use super::grade::{Candidate, Grade, Row};
use crate::format::Problem;
use ddlab_labs::workbench::plan::RunPlan;

/// What a requirement under the growth is called as a whole.
pub const GROWTH: &str = "growth";

/// A par or a trap, to be tried.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    brief: &'a Brief,
    pub name: &'a str,
    /// The subject of the requirement that a trap misses; none for a par.
    pub misses: Option<&'a str>,
    design: &'a str,
}

impl Brief {
    /// Its pars, then its traps.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let pars = self.pars.iter().map(|par| (&par.name, None, &par.design));
        let traps = self.traps.iter();
        let traps = traps.map(|trap| (&trap.name, Some(trap.misses.as_str()), &trap.design));
        pars.chain(traps).map(|(name, misses, design)| Entry {
            brief: self,
            name,
            misses,
            design,
        })
    }
}

impl<'a> Entry<'a> {
    /// # Errors
    /// What is wrong with its design, or keeps it out of the world of the brief, with its place in the design.
    pub fn candidate(&self, seeds: &[u64]) -> Result<Candidate<'a>, Vec<Problem>> {
        let read = crate::read(self.design);
        let design = read.design.ok_or(read.problems)?;
        Candidate::new(self.brief, &design, seeds.to_vec())
    }

    /// With all faults of the brief, and under its growth where that decides.
    pub fn plans(&self, candidate: &Candidate<'_>) -> [Vec<RunPlan>; 2] {
        let grown = if self.is_decided_by_growth() {
            candidate.grown()
        } else {
            Vec::new()
        };
        [candidate.whole(), grown]
    }

    /// The rows that decide about it: those with all faults, and those under the growth.
    pub fn decisive<'g>(&self, grade: &'g Grade) -> [Vec<&'g Row>; 2] {
        let named = |row: &&Row| {
            let subject = row.requirement.subject();
            self.misses.is_none_or(|misses| misses == subject)
        };
        let grown = grade.growth.iter();
        [
            grade.rows.iter().filter(named).collect(),
            grown.filter(|_| self.is_decided_by_growth()).collect(),
        ]
    }

    fn is_decided_by_growth(&self) -> bool {
        self.misses.is_none_or(|misses| misses == GROWTH)
    }

    /// Whether every seed decides as the brief says.
    pub fn holds(&self, grade: &Grade) -> bool {
        let rows = self.decisive(grade).concat();
        if self.misses.is_none() {
            return rows.iter().all(|row| row.is_met());
        }
        let Some(first) = rows.first() else {
            return false;
        };
        let mut all_met = vec![true; first.figures.len()];
        for row in &rows {
            let seeds = all_met.iter_mut().zip(row.at_each());
            seeds.for_each(|(all_met, is_met)| *all_met &= is_met);
        }
        !all_met.contains(&true)
    }
}
