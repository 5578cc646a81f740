//! The life of a call as spans: what it waited for, and which instance ran it.

use super::pattern::{Failed, Ran, Start, Throttled};
use super::sandbox::Call;
use crate::engine::SimTime;
use crate::workbench::trace::{Outcome, PhaseKind, Span, Trace};

pub fn trace(
    call: &Call,
    came: SimTime,
    ended: SimTime,
    outcome: Result<&Ran<()>, Throttled>,
) -> Trace {
    let ran_on = call.ran_on.get().filter(|_| outcome.is_ok());
    let (mark, words) = match outcome {
        Err(refused) => (Outcome::Error, format!("refused: {refused}")),
        Ok(ran) => Outcome::of(ran.answer.as_ref().copied(), &&Failed::TimeLimit),
    };
    let begun = ran_on.map_or(ended, |(_, since)| since);
    let whole = Span::new("call", came, Some(ended), mark).with(PhaseKind::Wait, came, begun);
    let on_instance = ran_on.map(|(number, since)| {
        let cold = outcome.is_ok_and(|ran| ran.start == Start::Cold);
        Span::new(format!("instance {number}"), since, Some(ended), mark)
            .noted(if cold { "cold" } else { "warm" })
            .with(PhaseKind::Service, since, ended)
    });
    Trace::new(call.number, whole, on_instance.into_iter(), words)
}
