//! The life of a request as spans: its wait for a worker, its work, and its lines of log.

use super::app::{Failure, Request};
use crate::engine::SimTime;
use crate::workbench::trace::{Outcome, PhaseKind, Span, Trace};

pub fn trace(
    request: &Request,
    came: SimTime,
    ended: SimTime,
    outcome: Result<(), Failure>,
) -> Trace {
    let (mark, words) = Outcome::of(outcome, &Failure::TimedOut);
    let began = request.began.get().unwrap_or(ended);
    let worked = request.worked.get().unwrap_or(ended);
    let written = request.written.get().unwrap_or(ended);
    let whole = Span::new("client", came, Some(ended), mark).with(PhaseKind::Wait, came, began);
    let span = |name: &str, kind, from, until| {
        let span = || Span::new(name, from, Some(until), mark).with(kind, from, until);
        (from < until).then(span)
    };
    let work = span("application", PhaseKind::Service, began, worked);
    let log = span("log", PhaseKind::Wait, worked, written);
    Trace::new(request.number, whole, work.into_iter().chain(log), words)
}
