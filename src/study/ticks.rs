//! The points of a rubric that a learner ticked, and what follows of them: which question is asked next,
//! and which grade is suggested.

use super::grade::{Grade, Tick};
use crate::content::model::{Followup, FollowupWhen, InterviewQuestion};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The places of the points, from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticks(BTreeSet<usize>);

impl FromIterator<usize> for Ticks {
    fn from_iter<I: IntoIterator<Item = usize>>(points: I) -> Self {
        Self(points.into_iter().collect())
    }
}

impl Ticks {
    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub fn has(&self, point: usize) -> bool {
        self.0.contains(&point)
    }

    pub fn toggle(&mut self, point: usize) {
        if !self.0.remove(&point) {
            self.0.insert(point);
        }
    }

    /// Those that the record keeps by their ids; a point that is gone is left out.
    pub fn of(ids: &[String], question: &InterviewQuestion) -> Self {
        let points = question.rubric.iter().enumerate();
        let ticked = points.filter(|(_, point)| ids.contains(&point.id));
        ticked.map(|(at, _)| at).collect()
    }

    /// The ids of the points, as the record keeps them.
    pub fn ids(&self, question: &InterviewQuestion) -> Vec<String> {
        let points = self.0.iter().filter_map(|at| question.rubric.get(*at));
        points.map(|point| point.id.clone()).collect()
    }

    pub fn suggested(&self, question: &InterviewQuestion) -> Grade {
        let points = question.rubric.iter().enumerate().map(|(at, point)| {
            let tick = match (self.has(at), point.must) {
                (true, _) => Tick::Met,
                (false, true) => Tick::MissedMust,
                (false, false) => Tick::Missed,
            };
            (tick, point.weight)
        });
        Grade::suggested(&points.collect::<Vec<_>>())
    }

    /// The follow-ups that these ticks call for: those that always come, and those about what was missed
    /// or met, in the author's order.
    pub fn followups<'a>(&self, question: &'a InterviewQuestion) -> Vec<&'a Followup> {
        let ids = self.ids(question);
        let asked = |followup: &&Followup| match &followup.ask {
            FollowupWhen::Always => true,
            FollowupWhen::Missed(point) => !ids.contains(point),
            FollowupWhen::Met(point) => ids.contains(point),
        };
        question.followups.iter().filter(asked).collect()
    }
}
