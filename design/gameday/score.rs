//! How a night went: what was found when, what was burnt, and what each action did.
//!
//! What an action did is no opinion: the same night is run again without it, and what was bad in the three minutes after
//! it is counted in both.

use super::SLOS;
use super::action::Action;
use super::alert::Tally;
use super::incident::Cause;
use super::shift::{Case, Event, Refused, Shift};
use ddlab_labs::engine::SimTime;
use std::time::Duration;

/// For so long after an action its effect is looked at.
const EFFECT: Duration = Duration::from_mins(3);
/// It made a difference when so much more was bad, as a share and as a number.
const FAR_SHARE: f64 = 1.1;
const FAR_LEAST: f64 = 20.0;
/// Actions of an evening that are looked at so, at most: each is a run.
const LOOKED_AT_MAX: usize = 12;

#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    pub cases: Vec<CaseScore>,
    /// Of each objective, the share of its budget that the evening burnt.
    pub burnt: Vec<f64>,
}

/// Times since the incident began.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseScore {
    pub paged: Option<Duration>,
    /// The first thing that was done after the page.
    pub detected: Option<Duration>,
    /// The first time that its true cause was said.
    pub named: Option<Duration>,
    /// Other causes that were said before.
    pub wrong: Vec<Cause>,
    pub mitigated: Option<Duration>,
}

/// What an action did.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    pub at: SimTime,
    pub action: Action,
    /// What was bad by the objectives in the minutes after it, and what would have been without it.
    pub with: f64,
    pub without: f64,
}

impl Effect {
    pub fn is_worse(&self) -> bool {
        is_far_more(self.with, self.without)
    }

    pub fn is_better(&self) -> bool {
        is_far_more(self.without, self.with)
    }
}

fn is_far_more(bad: f64, than: f64) -> bool {
    bad > than * FAR_SHARE && bad > than + FAR_LEAST
}

/// Of an evening that has ended.
pub fn score(shift: &Shift) -> Score {
    Score {
        cases: shift
            .cases
            .iter()
            .map(|case| of_case(shift, case))
            .collect(),
        burnt: SLOS
            .iter()
            .map(|slo| Tally::of(slo, &shift.board).burnt())
            .collect(),
    }
}

fn of_case(shift: &Shift, case: &Case) -> CaseScore {
    let after = |at: SimTime| at.since(case.begins);
    let end = case.mitigated.unwrap_or_else(|| shift.now());
    let done: Vec<_> = shift
        .done
        .iter()
        .filter(|done| done.at >= case.begins)
        .collect();
    let first = case
        .paged
        .and_then(|paged| done.iter().find(|done| done.at >= paged));
    let names = |cause: &Cause| case.incident.is_named_by(cause);
    let named = done
        .iter()
        .find(|done| matches!(&done.event, Event::Named(Some(cause)) if names(cause)));
    let until = named.map_or(end, |named| named.at);
    let wrong = done
        .iter()
        .filter(|done| done.at <= until)
        .filter_map(|done| match &done.event {
            Event::Named(Some(cause)) if !names(cause) => Some(cause.clone()),
            _ => None,
        });
    CaseScore {
        paged: case.paged.map(after),
        detected: first.map(|done| after(done.at)),
        named: named.map(|done| after(done.at)),
        wrong: wrong.collect(),
        mitigated: case.mitigated.map(after),
    }
}

/// Actions whose effect is reported.
pub fn effects_reported(shift: &Shift) -> usize {
    shift.actions().len().min(LOOKED_AT_MAX)
}

/// What the actions did, the first ones of the evening; `done` is called after each run.
///
/// # Errors
/// When the system stands still in one of the runs without them.
pub fn effects(shift: &Shift, mut done: impl FnMut()) -> Result<Vec<Effect>, Refused> {
    let actions = shift.actions();
    let mut effects = Vec::new();
    for (nth, (at, action)) in actions.iter().enumerate().take(effects_reported(shift)) {
        let until = (*at + EFFECT).min(shift.now());
        let mut others = actions.clone();
        others.remove(nth);
        let bad = |shift: &Shift| shift.bad_until(until) - shift.bad_until(*at);
        effects.push(Effect {
            at: *at,
            action: action.clone(),
            with: bad(shift),
            without: bad(&shift.again(&others, until)?),
        });
        done();
    }
    Ok(effects)
}
