//! Compare: two runs of one world that differ in a little, turned in lockstep.
//!
//! Draws are keyed by what they are for, so both sides meet the same requests with the same service
//! times, and what differs between them comes of the difference alone. [`Sides`] is what a thread or a
//! script turns, be it one run or two; [`ratios`] sets what two runs measured side by side.

mod ratio;
#[cfg(test)]
mod tests;

pub use ratio::{figures, ratio, ratios};

use super::frame::{Frame, Side};
use super::intervention::{Intervention, InterventionError};
use super::knob::{KnobError, KnobValue};
use super::outside::{Effect, Outside, Reply};
use super::plan::RunPlan;
use super::session::{STUCK, Session};
use crate::engine::{Ran, SimTime};
use std::sync::Arc;

/// One run, or two side by side.
///
/// Both sides of a comparison have the same script: what is done, is done to both at the same moment.
/// Only the knobs that make the difference are turned on side A alone.
pub struct Sides {
    a: Session,
    b: Option<Session>,
    /// What the run that is looked at is called.
    looked_at: Side,
    /// Names of the knobs that the sides were set apart by.
    apart_by: Vec<&'static str>,
}

/// One run or two as they were asked for: what [`Sides::start`] runs again.
#[derive(Debug, Clone)]
pub struct SidePlans {
    pub a: RunPlan,
    pub b: Option<RunPlan>,
    pub looked_at: Side,
    pub apart_by: Vec<&'static str>,
}

impl Sides {
    pub fn one(run: Session) -> Self {
        Self {
            a: run,
            b: None,
            looked_at: Side::A,
            apart_by: Vec::new(),
        }
    }

    /// Two runs from their start. They are of one lab and one seed, else there is nothing to compare.
    pub fn two(a: RunPlan, b: RunPlan) -> Self {
        let apart_by = differing(&a, &b);
        Self {
            a: Session::start(a),
            b: Some(Session::start(b)),
            looked_at: Side::A,
            apart_by,
        }
    }

    /// The run that is looked at; it stays when the comparison ends.
    pub fn a(&self) -> &Session {
        &self.a
    }

    pub fn b(&self) -> Option<&Session> {
        self.b.as_ref()
    }

    pub fn each(&self) -> impl Iterator<Item = &Session> {
        std::iter::once(&self.a).chain(&self.b)
    }

    fn each_mut(&mut self) -> impl Iterator<Item = &mut Session> {
        std::iter::once(&mut self.a).chain(&mut self.b)
    }

    /// The moment up to which both sides have come.
    pub fn now(&self) -> SimTime {
        self.each().map(Session::now).min().unwrap_or_default()
    }

    /// The moment that one side at least has come to; after a reached goal it is the same as [`now`](Self::now).
    pub fn front(&self) -> SimTime {
        self.each().map(Session::now).max().unwrap_or_default()
    }

    /// When the next event is due on either side.
    pub fn peek(&self) -> Option<SimTime> {
        self.each().filter_map(Session::peek).min()
    }

    /// Runs both sides on to `goal`, with at most `budget` units of work each from one stop to the
    /// next. The side that is behind moves first, so they are never further apart than one budget's work.
    pub fn advance(&mut self, goal: SimTime, budget: u64) -> Ran {
        let front = self.front().min(goal);
        for side in self.each_mut() {
            if side.advance(front, budget) == Ran::OutOfBudget {
                return Ran::OutOfBudget;
            }
        }
        let ran = self.a.advance(goal, budget);
        let reached = self.a.now().min(goal);
        match self.b.as_mut().map(|b| b.advance(reached, budget)) {
            Some(Ran::OutOfBudget) => Ran::OutOfBudget,
            Some(Ran::Reached) | None => ran,
        }
    }

    /// Brings the side that is behind to the moment of the other.
    fn level(&mut self) {
        let front = self.front();
        for side in self.each_mut() {
            // A side that makes no progress any more stands in an endless loop; it is taken as it is.
            let mut before = None;
            while side.now() < front && before != Some(side.now()) {
                before = Some(side.now());
                side.advance(front, STUCK);
            }
        }
    }

    /// Intervenes now on both sides; turns of the knobs that set them apart go to side A alone. What
    /// the other side refuses (there may be no such leaf) is written in both journals.
    ///
    /// # Errors
    /// When side A refuses; then nothing was done to either.
    pub fn intervene(&mut self, what: Intervention) -> Result<(), InterventionError> {
        self.apply_to_both(what, Session::intervene)
    }

    /// The same for a client: what the scripts have for later stays.
    ///
    /// # Errors
    /// When side A refuses; then nothing was done to either.
    pub fn intervene_for_client(&mut self, what: Intervention) -> Result<(), InterventionError> {
        self.apply_to_both(what, Session::intervene_for_client)
    }

    fn apply_to_both(
        &mut self,
        what: Intervention,
        apply: impl Fn(&mut Session, Intervention) -> Result<(), InterventionError>,
    ) -> Result<(), InterventionError> {
        self.level();
        apply(&mut self.a, what.clone())?;
        let alone = matches!(&what, Intervention::Set { knob, .. } if self.apart_by.contains(knob));
        if let Some(b) = self.b.as_mut().filter(|_| !alone)
            && let Err(refusal) = apply(b, what)
        {
            let (now, warning) = (b.now(), format!("not done on the other side: {refusal}"));
            for side in self.each() {
                side.lab().instruments().journal.warn(now, warning.clone());
            }
        }
        Ok(())
    }

    /// Hands in a request from outside. It travels through both runs; the one that is looked at answers.
    pub fn request(&mut self, outside: Outside, reply: Reply) {
        self.level();
        if let Some(b) = &mut self.b
            && outside.endpoint.effect != Effect::Looks
        {
            b.request(outside.clone(), Reply::nobody());
        }
        self.a.request(outside, reply);
    }

    /// Sets beside this run another one: the same, but with these knobs as given all along. It begins
    /// at its start; the next [`advance`](Self::advance) brings it up.
    pub fn compare_with(&mut self, apart: &[(String, KnobValue)]) -> Result<(), KnobError> {
        let mut plan = self.a.plan().clone();
        for (knob, value) in apart {
            plan = plan.but(knob, value)?;
        }
        self.apart_by = apart
            .iter()
            .filter_map(|(knob, _)| self.a.knobs().spec(knob).ok())
            .map(|spec| spec.name)
            .collect();
        self.b = Some(Session::start(plan));
        self.looked_at = Side::A;
        Ok(())
    }

    /// The other side becomes the one that is looked at and that stays. Nothing happens to one run.
    pub fn swap(&mut self) {
        if let Some(b) = &mut self.b {
            std::mem::swap(&mut self.a, b);
            self.looked_at = self.looked_at.other();
        }
    }

    /// Keeps side A alone.
    pub fn end_comparison(&mut self) {
        self.b = None;
        self.looked_at = Side::A;
        self.apart_by.clear();
    }

    /// What it takes to run them again.
    pub fn plans(&self) -> SidePlans {
        SidePlans {
            a: self.a.plan().clone(),
            b: self.b.as_ref().map(|b| b.plan().clone()),
            looked_at: self.looked_at,
            apart_by: self.apart_by.clone(),
        }
    }

    /// From their start, their scripts still before them.
    pub fn start(plans: SidePlans) -> Self {
        Self {
            a: Session::start(plans.a),
            b: plans.b.map(Session::start),
            looked_at: plans.looked_at,
            apart_by: plans.apart_by,
        }
    }

    /// New runs with the knobs as they stand and nothing of the script; some knobs may be turned before.
    /// They are turned on both sides, unless they set them apart.
    ///
    /// # Errors
    /// When a knob or its value is none of this lab's.
    pub fn afresh(&self, turned: &[(&str, &KnobValue)]) -> Result<Self, KnobError> {
        let common = turned.iter().copied();
        let for_b: Vec<_> = common
            .filter(|(knob, _)| !self.apart_by.contains(knob))
            .collect();
        Ok(Self {
            a: self.a.afresh(turned)?,
            b: match &self.b {
                Some(b) => Some(b.afresh(&for_b)?),
                None => None,
            },
            looked_at: self.looked_at,
            apart_by: self.apart_by.clone(),
        })
    }

    /// The names of the knobs that set the two apart.
    pub fn apart_by(&self) -> &[&'static str] {
        &self.apart_by
    }

    /// The frame of the run that is looked at, with that of the other one in it.
    pub fn frame(&self) -> Frame {
        let other = self.b.as_ref().map(|b| Frame {
            side: self.looked_at.other(),
            ..b.frame()
        });
        Frame {
            other: other.map(Arc::new),
            side: self.looked_at,
            ..self.a.frame()
        }
    }

    /// What the run that is looked at is called.
    pub fn looked_at(&self) -> Side {
        self.looked_at
    }
}

/// The knobs that two plans set differently at their start.
pub fn differing(a: &RunPlan, b: &RunPlan) -> Vec<&'static str> {
    let both = a.knobs.iter().zip(b.knobs.values());
    both.filter(|((_, of_a), of_b)| of_a != of_b)
        .map(|((spec, _), _)| spec.name)
        .collect()
}
