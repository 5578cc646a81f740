//! The life of a request as spans: its wait for a worker, its work, and its lines of log.

use super::app::{Failure, Request};
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
    let began = request.began.get().unwrap_or(ended);
    let worked = request.worked.get().unwrap_or(ended);
    let written = request.written.get().unwrap_or(ended);
    let mut whole = Span::new("client", came, Some(ended), mark);
    whole
        .phases
        .extend(Phase::between(PhaseKind::Wait, came, began));
    let span = |name: &str, kind, from, until| {
        Phase::between(kind, from, until).map(|phase| {
            let mut span = Span::new(name, from, Some(until), mark);
            span.phases.push(phase);
            span
        })
    };
    let work = span("application", PhaseKind::Service, began, worked);
    let log = span("log", PhaseKind::Wait, worked, written);
    Trace::new(request.number, whole, work.into_iter().chain(log), words)
}
