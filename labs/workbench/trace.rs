//! Traces: the spans of one request, so that a learner sees *why* it was slow.

use crate::engine::SimTime;

/// One request from its arrival to its answer, as a tree of spans in order of start.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The number of the request in the run, from 1.
    pub request: u64,
    pub started: SimTime,
    pub ended: SimTime,
    /// `answered by 20 of 20`, one line.
    pub outcome: String,
    pub spans: Vec<Span>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Index of the parent in `Trace::spans`; none for the root.
    pub parent: Option<u16>,
    /// `leaf 3 · replica b`.
    pub node: String,
    /// `hedge at 98 ms`, `queue 210 ms, service 96 ms`; may be empty.
    pub note: String,
    pub started: SimTime,
    /// None while it runs.
    pub ended: Option<SimTime>,
    /// The parts of the span in order: network, queue, service.
    pub phases: Vec<Phase>,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phase {
    pub kind: PhaseKind,
    pub started: SimTime,
    pub ended: SimTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhaseKind {
    Network,
    Queue,
    Service,
    /// Held back on purpose: a hedge that waits for its moment.
    Wait,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    /// Its answer was the one that counted, against a twin.
    Won,
    Error,
    Cancelled,
    TimedOut,
    Running,
}
