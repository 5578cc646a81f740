//! How a night went: what was found when, what was burnt, and what made it worse.
//!
//! Whether an action made it worse is no opinion: the same night is run again without it, and what failed in the three
//! minutes after it is counted in both.

use super::SLOS;
use super::action::Action;
use super::alert::Tally;
use super::incident::Cause;
use super::shift::{Case, Event, Refused, Shift};
use ddlab_labs::engine::SimTime;
use std::time::Duration;

/// For so long after an action its effect is looked at.
const EFFECT: Duration = Duration::from_mins(3);
/// It made it worse when so many more requests failed, as a share and as a number.
const WORSE_SHARE: f64 = 1.1;
const WORSE_LEAST: f64 = 20.0;
/// Actions of an evening that are looked at so, at most: each is a run.
const LOOKED_AT_MAX: usize = 12;

#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    pub cases: Vec<CaseScore>,
    /// Of each objective, the share of its budget that the evening burnt.
    pub burnt: Vec<f64>,
    pub worse: Vec<Worse>,
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

/// An action that made it worse.
#[derive(Debug, Clone, PartialEq)]
pub struct Worse {
    pub at: SimTime,
    pub action: Action,
    /// Requests that failed in the minutes after it, and would not have without it.
    pub failed: f64,
}

/// Of an evening that has ended.
///
/// # Errors
/// When the system stands still in one of the runs beside it.
pub fn score(shift: &Shift) -> Result<Score, Refused> {
    Ok(Score {
        cases: shift
            .cases
            .iter()
            .map(|case| of_case(shift, case))
            .collect(),
        burnt: SLOS
            .iter()
            .map(|slo| Tally::of(slo, &shift.board).burnt())
            .collect(),
        worse: worse(shift)?,
    })
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
    let names = |cause: &Cause| *cause == case.incident.cause;
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

/// The actions that made it worse.
fn worse(shift: &Shift) -> Result<Vec<Worse>, Refused> {
    let actions = shift.actions();
    let mut worse = Vec::new();
    for (nth, (at, action)) in actions.iter().enumerate().take(LOOKED_AT_MAX) {
        let until = (*at + EFFECT).min(shift.now());
        let mut others = actions.clone();
        others.remove(nth);
        let with = shift.bad_until(until);
        let without = shift.again(&others, until)?.bad_until(until);
        if with > without * WORSE_SHARE && with > without + WORSE_LEAST {
            worse.push(Worse {
                at: *at,
                action: action.clone(),
                failed: with - without,
            });
        }
    }
    Ok(worse)
}
