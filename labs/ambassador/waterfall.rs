//! The life of a request as spans: each call to an instance, and what came of it.

use super::far::{AttemptError, Request};
use super::pattern::{Failure, SendError};
use crate::engine::SimTime;
use crate::workbench::trace::{Outcome, PhaseKind, Span, Trace};

pub fn trace(
    request: &Request,
    came: SimTime,
    ended: SimTime,
    outcome: Result<(), Failure>,
) -> Trace {
    let (mark, words) = Outcome::of(outcome, &Failure::TimedOut);
    let whole = Span::new("application", came, Some(ended), mark);
    let shown = request.shown.borrow();
    let calls = shown.iter().map(|attempt| {
        let (until, came_of_it) = attempt.ended.unwrap_or((ended, Err(AttemptError::GivenUp)));
        let (mark, note) = match came_of_it {
            Ok(()) => (Outcome::Ok, ""),
            Err(AttemptError::GivenUp) => (Outcome::TimedOut, "given up"),
            Err(AttemptError::Sent(SendError::Failed)) => (Outcome::Error, "failed"),
            Err(AttemptError::Sent(SendError::Unauthorized)) => (Outcome::Error, "unauthorized"),
        };
        let name = format!("instance {}", attempt.instance);
        let span = Span::new(name, attempt.began, Some(until), mark).noted(note);
        span.with(PhaseKind::Service, attempt.began, until)
    });
    Trace::new(request.number, whole, calls, words)
}
