//! The life of a request as spans: which replica had it, and what became of it.

use super::front::{Failure, Request};
use crate::engine::SimTime;
use crate::workbench::trace::{Outcome, Phase, PhaseKind, Span, Trace};

pub fn trace(
    request: &Request,
    came: SimTime,
    ended: SimTime,
    outcome: Result<(), Failure>,
) -> Trace {
    let (mark, words) = match outcome {
        Ok(()) => (Outcome::Ok, "answered".to_owned()),
        Err(failure @ Failure::TimedOut) => (Outcome::TimedOut, failure.to_string()),
        Err(failure) => (Outcome::Error, failure.to_string()),
    };
    let whole = Span::new("client", came, Some(ended), mark);
    let at_replica = request.replica.get().map(|number| {
        let mut span = Span::new(format!("replica {number}"), came, Some(ended), mark);
        let sent = request.sent.get().unwrap_or(came);
        span.phases
            .extend(Phase::between(PhaseKind::Queue, came, sent));
        span.phases
            .extend(Phase::between(PhaseKind::Service, sent, ended));
        span
    });
    Trace::new(request.number, whole, at_replica.into_iter(), words)
}
