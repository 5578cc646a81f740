//! The way of a bid as spans: what each stage did with it, and where it waited between them.

use super::crowd::Bid;
use super::table::STAGES;
use crate::engine::SimTime;
use crate::workbench::trace::{Outcome, PhaseKind, Span, Trace};

pub fn trace(bid: &Bid, counted: SimTime) -> Trace {
    let logged = bid.logged.get();
    let whole = Span::new("log", logged, Some(counted), Outcome::Ok);
    let mut before = logged;
    let stages = STAGES.iter().zip(&bid.worked).map(|(name, worked)| {
        let (began, ended) = worked.get();
        let span = Span::new(*name, before, Some(ended), Outcome::Ok)
            .with(PhaseKind::Queue, before, began)
            .with(PhaseKind::Service, began, ended);
        before = ended;
        span
    });
    let stages: Vec<Span> = stages.collect();
    let words = format!("counted for lot {}", bid.auction);
    Trace::new(bid.number, whole, stages.into_iter(), words)
}
