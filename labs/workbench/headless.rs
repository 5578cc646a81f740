//! A whole run in one go, without thread or wall clock: for scripts, tests and replays.

use super::compare::Sides;
use super::frame::{InvariantView, MetricValue};
use super::intervention::InterventionError;
use super::length::{LENGTH_MAX, longer_than_a_run};
use super::meter::MetricSpec;
use super::meter::{Tally, WINDOW};
use super::plan::{Record, RunPlan};
use super::replay::Replay;
use super::session::{STUCK, Session};
use crate::engine::time::format_span;
use crate::engine::{Ran, SimTime};
use std::ops::ControlFlow;
use std::time::Duration;

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
    #[error("the warm-up of {warmup} is as long as the run of {length}; make it shorter")]
    AllWarmUp { warmup: String, length: String },
    #[error("at {at}: {source}")]
    Refused {
        at: String,
        source: InterventionError,
    },
    #[error("an intervention at {at} is after the end of the run ({length})")]
    TooLate { at: String, length: String },
    #[error("{0}")]
    TooLong(String),
    #[error("the run was stopped before its end")]
    Stopped,
    #[error(
        "the lab stands still at {at}: {units} events without an end at one moment; \
         please report it with the seed and the knobs"
    )]
    Stuck { at: String, units: u64 },
    #[error("on the other side: {0}")]
    OtherSide(#[source] Box<RunError>),
}

/// Digests kept on the way, so that a replay can say from when on it differs.
const CHECKPOINTS: u64 = 10;

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
    watch: impl FnMut(SimTime) -> ControlFlow<()>,
) -> Result<Report, RunError> {
    check(&plan)?;
    let length = plan.length;
    let mut sides = unseen(Sides::one(Session::start(plan)));
    let [digests, _] = run_to_end(&mut sides, length, watch)?;
    Ok(Report::of(sides.a(), digests))
}

/// Two runs of one world, in lockstep.
#[derive(Debug, Clone)]
pub struct Compared {
    pub a: Report,
    pub b: Report,
}

/// Runs both plans to their end, side by side. They are of one lab, seed and length.
pub fn compare(
    a: RunPlan,
    b: RunPlan,
    mut watch: impl FnMut(SimTime),
) -> Result<Compared, RunError> {
    check(&a)?;
    check(&b).map_err(RunError::on_the_other_side)?;
    let length = a.length;
    let mut sides = unseen(Sides::two(a, b));
    let [of_a, of_b] = run_to_end(&mut sides, length, |now| {
        watch(now);
        ControlFlow::Continue(())
    })?;
    let b = sides
        .b()
        .expect("a comparison has two sides from its start");
    Ok(Compared {
        a: Report::of(sides.a(), of_a),
        b: Report::of(b, of_b),
    })
}

/// Whether the plan is one that can be run at all: what is wrong with it whatever the seed.
pub fn check(plan: &RunPlan) -> Result<(), RunError> {
    let text = |time: SimTime| format_span(time.into());
    let longest = plan.length.max(plan.warmup);
    if Duration::from(longest) > LENGTH_MAX {
        return Err(RunError::TooLong(longer_than_a_run(longest.into())));
    }
    if plan.warmup >= plan.length {
        let (warmup, length) = (text(plan.warmup), text(plan.length));
        return Err(RunError::AllWarmUp { warmup, length });
    }
    let late = plan.script.iter().find(|done| done.at > plan.length);
    match late {
        Some(late) => Err(RunError::TooLate {
            at: text(late.at),
            length: text(plan.length),
        }),
        None => Ok(()),
    }
}

/// Nobody draws a run without a screen: its meters keep no history, and it has no traces.
fn unseen(sides: Sides) -> Sides {
    for side in sides.each() {
        let instruments = side.lab().instruments();
        instruments.meters.keep_no_history();
        instruments.traces.keep_none();
    }
    sides
}

type Digests = Vec<(SimTime, u64)>;

/// Runs to the end; the digests of each side at every checkpoint.
fn run_to_end(
    sides: &mut Sides,
    length: SimTime,
    mut watch: impl FnMut(SimTime) -> ControlFlow<()>,
) -> Result<[Digests; 2], RunError> {
    let mut digests = [Vec::new(), Vec::new()];
    for checkpoint in 1..=CHECKPOINTS {
        let until =
            (u128::from(length.0) * u128::from(checkpoint) / u128::from(CHECKPOINTS)) as u64;
        let until = SimTime(until);
        advance(sides, until, &mut watch)?;
        for (side, digests) in sides.each().zip(&mut digests) {
            digests.push((until, side.digest()));
        }
    }
    Ok(digests)
}

fn advance(
    sides: &mut Sides,
    until: SimTime,
    watch: &mut impl FnMut(SimTime) -> ControlFlow<()>,
) -> Result<(), RunError> {
    let mut units_at_this_moment = 0;
    loop {
        let before = sides.now();
        let step = until.min(SimTime(before.0.saturating_add(WINDOW.0)));
        let ran = sides.advance(step, SLICE);
        refused(sides.a())?;
        if let Some(b) = sides.b() {
            refused(b).map_err(RunError::on_the_other_side)?;
        }
        if ran == Ran::Reached && step == until {
            return Ok(());
        }
        units_at_this_moment = match ran {
            Ran::OutOfBudget if sides.now() == before => units_at_this_moment + SLICE,
            _ => 0,
        };
        if units_at_this_moment >= STUCK {
            return Err(RunError::Stuck {
                at: format_span(before.into()),
                units: STUCK,
            });
        }
        if watch(sides.now()).is_break() {
            return Err(RunError::Stopped);
        }
    }
}

fn refused(run: &Session) -> Result<(), RunError> {
    match run.refusals().first() {
        None => Ok(()),
        Some((at, refusal)) => Err(RunError::Refused {
            at: format_span((*at).into()),
            source: refusal.clone(),
        }),
    }
}

impl RunError {
    fn on_the_other_side(self) -> Self {
        Self::OtherSide(Box::new(self))
    }
}

impl Report {
    fn of(session: &Session, digests: Digests) -> Self {
        let instruments = session.lab().instruments();
        Self {
            metrics: instruments.meters.values(session.now()),
            tallies: instruments.meters.tallies(),
            invariants: instruments.invariants(),
            record: Record {
                plan: session.plan().clone(),
                digests,
            },
        }
    }

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

/// Runs a record again and compares digest by digest.
pub fn replay(record: &Record) -> Result<Replay, RunError> {
    let mut run = unseen(Sides::one(Session::start(record.plan.clone())));
    let mut equal_until = SimTime(0);
    for (at, recorded) in &record.digests {
        advance(&mut run, *at, &mut |_| ControlFlow::Continue(()))?;
        let replayed = run.a().digest();
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
        digest: run.a().digest(),
    })
}
