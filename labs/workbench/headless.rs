//! A whole run in one go, without thread or wall clock: for scripts, tests and replays.

use super::frame::{InvariantView, MetricValue};
use super::lab::MetricSpec;
use super::meter::{Tally, WINDOW};
use super::plan::{DeedError, Record, RunPlan};
use super::session::Session;
use crate::engine::time::format_span;
use crate::engine::{Ran, SimTime};
use std::fmt;
use std::ops::ControlFlow;

/// What a run came to.
#[derive(Debug, Clone)]
pub struct Report {
    pub record: Record,
    pub metrics: Vec<(&'static MetricSpec, MetricValue)>,
    /// What of each metric adds up over runs, in the same order.
    pub tallies: Vec<Tally>,
    pub invariants: Vec<InvariantView>,
}

/// Why a run could not be done to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    #[error("the warm-up of {warmup} leaves nothing of a run of {length}; make it shorter")]
    AllWarmUp { warmup: String, length: String },
    #[error("at {at}: {source}")]
    Refused { at: String, source: DeedError },
    #[error("an intervention at {at} is after the end of the run ({length})")]
    TooLate { at: String, length: String },
    #[error("the run was stopped before its end")]
    Stopped,
    #[error(
        "the lab stands still at {at}: {units} events without an end at one moment; \
         please report it with the seed and the knobs"
    )]
    Stuck { at: String, units: u64 },
}

/// Digests kept on the way, so that a replay can say from when on it differs.
const CHECKPOINTS: u64 = 10;
/// Work units without progress in time after which a run counts as stuck.
const STUCK: u64 = 200_000_000;

/// Work units after which a run comes up for air, so that whoever watches hears of a slow one.
const SLICE: u64 = 1_000_000;

/// Runs the plan to its end.
pub fn run(plan: RunPlan) -> Result<Report, RunError> {
    run_watched(plan, |_| ())
}

/// Runs the plan to its end; on the way `watch` hears again and again how far it has come.
pub fn run_watched(plan: RunPlan, mut watch: impl FnMut(SimTime)) -> Result<Report, RunError> {
    run_until_stopped(plan, |now| {
        watch(now);
        ControlFlow::Continue(())
    })
}

/// The same, and `watch` may end it: then it comes to [`RunError::Stopped`].
pub fn run_until_stopped(
    plan: RunPlan,
    mut watch: impl FnMut(SimTime) -> ControlFlow<()>,
) -> Result<Report, RunError> {
    check(&plan)?;
    let length = plan.length;
    let mut session = Session::start(plan);
    let mut digests = Vec::new();
    for checkpoint in 1..=CHECKPOINTS {
        let until =
            (u128::from(length.0) * u128::from(checkpoint) / u128::from(CHECKPOINTS)) as u64;
        advance(&mut session, SimTime(until), &mut watch)?;
        digests.push((SimTime(until), session.digest()));
    }
    let instruments = session.lab().instruments();
    Ok(Report {
        metrics: instruments.meters.values(session.now()),
        tallies: instruments.meters.tallies(),
        invariants: instruments.invariants(),
        record: Record {
            plan: session.plan().clone(),
            digests,
        },
    })
}

/// Whether the plan is one that can be run at all: what is wrong with it whatever the seed.
pub fn check(plan: &RunPlan) -> Result<(), RunError> {
    let text = |time: SimTime| format_span(time.into());
    if plan.warmup >= plan.length {
        let (warmup, length) = (text(plan.warmup), text(plan.length));
        return Err(RunError::AllWarmUp { warmup, length });
    }
    if let Some(late) = plan
        .script
        .iter()
        .find(|intervention| intervention.at > plan.length)
    {
        return Err(RunError::TooLate {
            at: text(late.at),
            length: text(plan.length),
        });
    }
    Ok(())
}

fn advance(
    session: &mut Session,
    until: SimTime,
    watch: &mut impl FnMut(SimTime) -> ControlFlow<()>,
) -> Result<(), RunError> {
    let mut units_at_this_moment = 0;
    loop {
        let before = session.now();
        let step = until.min(SimTime(before.0.saturating_add(WINDOW.0)));
        let ran = session.advance(step, SLICE);
        if let Some((at, refusal)) = session.refusals().first() {
            let at = format_span((*at).into());
            return Err(RunError::Refused {
                at,
                source: refusal.clone(),
            });
        }
        if ran == Ran::Reached && step == until {
            return Ok(());
        }
        units_at_this_moment = match ran {
            Ran::OutOfBudget if session.now() == before => units_at_this_moment + SLICE,
            _ => 0,
        };
        if units_at_this_moment >= STUCK {
            return Err(RunError::Stuck {
                at: format_span(before.into()),
                units: STUCK,
            });
        }
        if watch(session.now()).is_break() {
            return Err(RunError::Stopped);
        }
    }
}

impl Report {
    pub fn digest(&self) -> u64 {
        self.record.digests.last().map_or(0, |(_, digest)| *digest)
    }

    /// The value of a metric by name.
    pub fn metric(&self, name: &str) -> Option<&MetricValue> {
        self.metrics
            .iter()
            .find(|(spec, _)| spec.name == name)
            .map(|(_, value)| value)
    }
}

/// What a replay found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    Same {
        digest: u64,
    },
    /// Equal up to `equal_until`, different at `at`.
    Differs {
        equal_until: SimTime,
        at: SimTime,
        recorded: u64,
        replayed: u64,
    },
}

/// Runs a record again and compares digest by digest.
pub fn replay(record: &Record) -> Result<Replay, RunError> {
    let mut session = Session::start(record.plan.clone());
    let mut equal_until = SimTime(0);
    for (at, recorded) in &record.digests {
        advance(&mut session, *at, &mut |_| ControlFlow::Continue(()))?;
        let replayed = session.digest();
        if replayed != *recorded {
            let (at, recorded) = (*at, *recorded);
            return Ok(Replay::Differs {
                equal_until,
                at,
                recorded,
                replayed,
            });
        }
        equal_until = *at;
    }
    Ok(Replay::Same {
        digest: session.digest(),
    })
}

impl fmt::Display for Replay {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same { digest } => write!(out, "the same run again: digest {digest:016x}"),
            Self::Differs {
                equal_until,
                at,
                recorded,
                replayed,
            } => {
                let (from, to) = (
                    format_span((*equal_until).into()),
                    format_span((*at).into()),
                );
                write!(
                    out,
                    "not the same run: up to {from} nothing differs, between {from} and {to} \
                     something does (digest at {to} recorded {recorded:016x}, now {replayed:016x}). \
                     Either the file was edited or this version of ddlab runs the lab differently"
                )
            }
        }
    }
}
