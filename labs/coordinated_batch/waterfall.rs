//! The way of a night as spans: its stages, one after the other.

use super::night::Night;
use super::world::Step;
use crate::engine::SimTime;
use crate::workbench::trace::{Outcome, PhaseKind, Span, Trace};

pub fn trace(night: &Night, stages: &[(Step, SimTime, SimTime)], ended: SimTime) -> Trace {
    let whole = Span::new("coordinator", night.began, Some(ended), Outcome::Ok);
    let spans = stages.iter().map(|&(step, from, to)| {
        let span = Span::new(step.word(), from, Some(to), Outcome::Ok);
        span.with(PhaseKind::Service, from, to)
    });
    let spans: Vec<Span> = spans.collect();
    let words = format!("night {} is settled", night.number);
    Trace::new(night.number, whole, spans.into_iter(), words)
}
