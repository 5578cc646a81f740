//! The life of a call as spans: what it waited for, and which instance ran it.

use super::pattern::{Failed, Ran, Start, Throttled};
use super::sandbox::Call;
use crate::engine::SimTime;
use crate::workbench::trace::{Outcome, Phase, PhaseKind, Span, Trace};

pub fn trace(
    call: &Call,
    came: SimTime,
    ended: SimTime,
    outcome: Result<&Ran<()>, Throttled>,
) -> Trace {
    let ran_on = call.ran_on.get().filter(|_| outcome.is_ok());
    let (mark, words) = match outcome {
        Err(refused) => (Outcome::Error, format!("refused: {refused}")),
        Ok(ran) => match &ran.answer {
            Ok(()) => (Outcome::Ok, "answered".to_owned()),
            Err(failed @ Failed::TimeLimit) => (Outcome::TimedOut, failed.to_string()),
            Err(failed) => (Outcome::Error, failed.to_string()),
        },
    };
    let begun = ran_on.map_or(ended, |(_, since)| since);
    let mut whole = Span::new("call", came, Some(ended), mark);
    whole
        .phases
        .extend(Phase::between(PhaseKind::Wait, came, begun));
    let on_instance = ran_on.map(|(number, since)| {
        let mut span = Span::new(format!("instance {number}"), since, Some(ended), mark);
        let cold = outcome.is_ok_and(|ran| ran.start == Start::Cold);
        (if cold { "cold" } else { "warm" }).clone_into(&mut span.note);
        span.phases
            .extend(Phase::between(PhaseKind::Service, since, ended));
        span
    });
    Trace::new(call.number, whole, on_instance.into_iter(), words)
}
