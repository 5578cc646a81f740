//! The same night by somebody with experience: looks in the order of each incident's path, names the cause, mends it.

use super::action::Action;
use super::incident::{Incident, Step};
use super::night::Night;
use super::shift::{Refused, Shift};
use std::time::Duration;

/// What a look takes, with the thought about it.
pub const LOOK: Duration = Duration::from_secs(15);
/// How long a page is waited for.
const PAGE_WITHIN_S: u64 = 240;
/// How long a mend is given to show.
const MENDS_WITHIN_S: u64 = 240;

/// A step of the path that did not show what it should.
#[derive(Debug, Clone, PartialEq)]
pub struct Missed {
    pub incident: &'static str,
    pub step: Step,
}

/// Works the night to its end.
///
/// # Errors
/// When the system stands still.
pub fn work(night: Night) -> Result<(Shift, Vec<Missed>), Refused> {
    let mut shift = Shift::start(night)?;
    let mut missed = Vec::new();
    for place in 0..shift.cases.len() {
        missed.extend(work_one(&mut shift, place)?);
    }
    while !shift.is_over() {
        shift.wait(Duration::from_mins(1))?;
    }
    Ok((shift, missed))
}

/// Works one incident of the night: waits for its page, finds it, mends it, and waits until it is well.
///
/// # Errors
/// When the system stands still.
pub fn work_one(shift: &mut Shift, place: usize) -> Result<Vec<Missed>, Refused> {
    let incident = shift.cases[place].incident.clone();
    wait_for_page(shift, place)?;
    let missed = find(shift, &incident)?;
    shift.name(Some(incident.cause.clone()));
    act(shift, &incident.mend)?;
    wait_until_well(shift, place)?;
    Ok(missed)
}

/// Until the incident has paged; up to some minutes after it began.
///
/// # Errors
/// When the system stands still.
pub fn wait_for_page(shift: &mut Shift, place: usize) -> Result<(), Refused> {
    let begins = shift.cases[place].begins;
    shift.wait_until(begins)?;
    for _ in 0..PAGE_WITHIN_S {
        if shift.cases[place].paged.is_some() {
            break;
        }
        shift.wait(Duration::from_secs(1))?;
    }
    Ok(())
}

/// Looks in the order of the incident's path. Returns the steps that did not show what they should.
///
/// # Errors
/// When the system stands still.
pub fn find(shift: &mut Shift, incident: &Incident) -> Result<Vec<Missed>, Refused> {
    let mut missed = Vec::new();
    for step in &incident.path {
        shift.wait(LOOK)?;
        shift.looked(step.clue.look());
        if !step.clue.holds(&shift.board, &shift.log) {
            let step = step.clone();
            missed.push(Missed {
                incident: incident.id,
                step,
            });
        }
    }
    Ok(missed)
}

/// Does what is written, one after the other.
///
/// # Errors
/// When one of them can't be done.
pub fn act(shift: &mut Shift, actions: &[String]) -> Result<(), Refused> {
    for text in actions {
        shift.act(Action::parse(text)?)?;
    }
    Ok(())
}

/// Until the incident's objectives are well again; for some minutes at most.
///
/// # Errors
/// When the system stands still.
pub fn wait_until_well(shift: &mut Shift, place: usize) -> Result<(), Refused> {
    for _ in 0..MENDS_WITHIN_S {
        if shift.cases[place].mitigated.is_some() {
            break;
        }
        shift.wait(Duration::from_secs(1))?;
    }
    Ok(())
}
