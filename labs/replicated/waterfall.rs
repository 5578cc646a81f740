//! The life of a request as spans: which replica had it, and what became of it.

use super::front::{Failure, Request};
use crate::engine::SimTime;
use crate::workbench::trace::{Outcome, PhaseKind, Span, Trace};

pub fn trace(
    request: &Request,
    came: SimTime,
    ended: SimTime,
    outcome: Result<(), Failure>,
) -> Trace {
    let (mark, words) = Outcome::of(outcome, &Failure::TimedOut);
    let whole = Span::new("client", came, Some(ended), mark);
    let at_replica = request.replica.get().map(|number| {
        let sent = request.sent.get().unwrap_or(came);
        Span::new(format!("replica {number}"), came, Some(ended), mark)
            .with(PhaseKind::Queue, came, sent)
            .with(PhaseKind::Service, sent, ended)
    });
    Trace::new(request.number, whole, at_replica.into_iter(), words)
}
