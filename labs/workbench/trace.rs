//! Traces: the spans of one request, so that a learner sees *why* it was slow.

use crate::engine::{Phases, SimTime};
use std::cell::{Cell, LazyCell, RefCell};
use std::collections::VecDeque;
use std::fmt::Display;
use std::rc::Rc;
use std::sync::Arc;

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

impl Phase {
    /// None of a phase that took no time.
    pub fn between(kind: PhaseKind, started: SimTime, ended: SimTime) -> Option<Self> {
        (started < ended).then_some(Self {
            kind,
            started,
            ended,
        })
    }
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

impl Outcome {
    /// The outcome of a request as a whole, with what became of it in words; `late` is the failure that says that its
    /// time was over.
    pub fn of<E: Display + PartialEq>(outcome: Result<(), E>, late: &E) -> (Self, String) {
        match outcome {
            Ok(()) => (Self::Ok, "answered".to_owned()),
            Err(failure) if failure == *late => (Self::TimedOut, failure.to_string()),
            Err(failure) => (Self::Error, failure.to_string()),
        }
    }
}

impl Trace {
    /// The request as a whole, and below it the spans of its calls.
    pub fn new(
        request: u64,
        whole: Span,
        calls: impl Iterator<Item = Span>,
        outcome: String,
    ) -> Self {
        let (started, ended) = (whole.started, whole.ended.unwrap_or(whole.started));
        let below = |call| Span {
            parent: Some(0),
            ..call
        };
        let spans = std::iter::once(whole).chain(calls.map(below)).collect();
        Self {
            request,
            started,
            ended,
            outcome,
            spans,
        }
    }
}

impl Span {
    /// One without parts, and without a note.
    pub fn new(
        node: impl Into<String>,
        started: SimTime,
        ended: Option<SimTime>,
        outcome: Outcome,
    ) -> Self {
        Self {
            parent: None,
            node: node.into(),
            note: String::new(),
            started,
            ended,
            phases: Vec::new(),
            outcome,
        }
    }

    #[must_use]
    pub fn noted(mut self, note: &str) -> Self {
        note.clone_into(&mut self.note);
        self
    }

    /// With this part of it, unless that took no time.
    #[must_use]
    pub fn with(mut self, kind: PhaseKind, started: SimTime, ended: SimTime) -> Self {
        self.phases.extend(Phase::between(kind, started, ended));
        self
    }

    /// What it spent its time on: `queue 210 ms`, `service 8.3 ms`.
    pub fn spent(&self) -> impl Iterator<Item = String> {
        let spent = |(kind, word)| {
            let of_kind = self.phases.iter().filter(|phase| phase.kind == kind);
            let ns: u64 = of_kind.map(|phase| phase.ended.0 - phase.started.0).sum();
            (ns > 0).then(|| format!("{word} {}", short(ns)))
        };
        [(PhaseKind::Queue, "queue"), (PhaseKind::Service, "service")]
            .into_iter()
            .filter_map(spent)
    }
}

/// `210 ms`, `8.3 ms`.
pub fn short(ns: u64) -> String {
    let ms = ns as f64 / 1e6;
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else {
        format!("{ms:.0} ms")
    }
}

/// The parts of a call in order, as far as they came; none beyond its end.
pub fn phases(seen: &Phases, asked: SimTime, end: SimTime) -> Vec<Phase> {
    let moments = [
        (PhaseKind::Network, seen.sent.or(Some(asked)), seen.arrived),
        (PhaseKind::Queue, seen.arrived, seen.service_started),
        (PhaseKind::Service, seen.service_started, seen.service_ended),
        (PhaseKind::Network, seen.replied, seen.returned),
    ];
    let phase = |(kind, started, ended): (PhaseKind, Option<SimTime>, Option<SimTime>)| {
        Phase::between(kind, started?, ended.unwrap_or(end).min(end))
    };
    moments.into_iter().filter_map(phase).collect()
}

/// How many of the slowest are shown.
const SHOWN: usize = 10;
/// The recent past, in stretches of virtual time that each keep their own slowest: a slow start
/// must not hide what is slow now.
const STRETCH: SimTime = SimTime(2_000_000_000);
const STRETCHES: usize = 15;
const SLOWEST_PER_STRETCH: usize = 5;
/// One request in so many is kept whatever it took.
const SAMPLE_EVERY: u64 = 64;
const SAMPLED: usize = 10;

/// Keeps the traces of the slowest requests of the recent past and of a few ordinary ones. Bounded.
#[derive(Debug, Default)]
pub struct TraceStore {
    /// Nobody will look.
    keeps_none: Cell<bool>,
    stretches: RefCell<VecDeque<Stretch>>,
    sampled: RefCell<VecDeque<Rc<Kept>>>,
}

/// A request whose trace is worked out when somebody looks: a run that nobody watches pays for none.
#[derive(Debug)]
struct Kept {
    took: u64,
    trace: LazyCell<Arc<Trace>, Box<dyn FnOnce() -> Arc<Trace>>>,
}

/// One stretch of time with its slowest requests, slowest first.
#[derive(Debug)]
struct Stretch {
    number: u64,
    slowest: Vec<Rc<Kept>>,
}

impl TraceStore {
    /// Nobody will look at the traces of this run.
    pub fn keep_none(&self) {
        self.keeps_none.set(true);
    }

    /// What goes into a trace need not be noted where this is so.
    pub fn keeps_none(&self) -> bool {
        self.keeps_none.get()
    }

    /// Offers a finished request; `trace` is called only when it is worth keeping, so that what is
    /// ordinary costs a comparison.
    pub fn offer(
        &self,
        request: u64,
        started: SimTime,
        ended: SimTime,
        trace: impl FnOnce() -> Trace,
    ) {
        self.offer_later(request, started, ended, || {
            let trace = trace();
            move || trace
        });
    }

    /// As [`offer`](Self::offer), of a trace that can be worked out later: what `keep` returns holds all
    /// that it takes.
    pub fn offer_later<T: FnOnce() -> Trace + 'static>(
        &self,
        request: u64,
        started: SimTime,
        ended: SimTime,
        keep: impl FnOnce() -> T,
    ) {
        if self.keeps_none() {
            return;
        }
        let number = ended.0 / STRETCH.0;
        let mut stretches = self.stretches.borrow_mut();
        if stretches
            .back()
            .is_none_or(|stretch| stretch.number != number)
        {
            stretches.push_back(Stretch {
                number,
                slowest: Vec::new(),
            });
            while stretches
                .front()
                .is_some_and(|s| s.number + STRETCHES as u64 <= number)
            {
                stretches.pop_front();
            }
        }
        let Some(stretch) = stretches.back_mut() else {
            return;
        };
        let took = ended.0 - started.0;
        let place = stretch.slowest.partition_point(|kept| kept.took >= took);
        let slow = place < SLOWEST_PER_STRETCH;
        let sampled = request.is_multiple_of(SAMPLE_EVERY);
        if !slow && !sampled {
            return;
        }
        let trace = keep();
        let trace: Box<dyn FnOnce() -> Arc<Trace>> = Box::new(move || Arc::new(trace()));
        let kept = Rc::new(Kept {
            took,
            trace: LazyCell::new(trace),
        });
        if slow {
            stretch.slowest.insert(place, Rc::clone(&kept));
            stretch.slowest.truncate(SLOWEST_PER_STRETCH);
        }
        if sampled {
            let mut sampled = self.sampled.borrow_mut();
            if sampled.len() == SAMPLED {
                sampled.pop_front();
            }
            sampled.push_back(kept);
        }
    }

    /// The slowest of the recent past, slowest first.
    pub fn slowest(&self) -> Vec<Arc<Trace>> {
        let stretches = self.stretches.borrow();
        let mut all: Vec<&Rc<Kept>> = stretches.iter().flat_map(|s| &s.slowest).collect();
        all.sort_by_key(|kept| std::cmp::Reverse(kept.took));
        all.truncate(SHOWN);
        all.into_iter()
            .map(|kept| Arc::clone(&kept.trace))
            .collect()
    }

    /// Ordinary requests, newest last.
    pub fn sampled(&self) -> Vec<Arc<Trace>> {
        let sampled = self.sampled.borrow();
        let traces = sampled.iter().map(|kept| Arc::clone(&kept.trace));
        traces.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Trace {
        fn took_ns(&self) -> u64 {
            self.ended.0 - self.started.0
        }
    }

    #[test]
    fn a_run_that_nobody_looks_at_makes_no_traces() {
        let store = TraceStore::default();
        store.keep_none();
        store.offer(64, SimTime(0), SimTime(7), || unreachable!());
        assert!(store.slowest().is_empty() && store.sampled().is_empty());
    }

    #[test]
    fn a_trace_is_worked_out_once_when_somebody_looks() {
        let (store, times) = (TraceStore::default(), Rc::new(std::cell::Cell::new(0)));
        for request in 1..=100 {
            let times = Rc::clone(&times);
            store.offer_later(request, SimTime(0), SimTime(request), || {
                move || {
                    times.set(times.get() + 1);
                    let root = Span::new("root", SimTime(0), None, Outcome::Ok);
                    Trace::new(request, root, std::iter::empty(), String::new())
                }
            });
        }
        assert_eq!(times.get(), 0);
        assert_eq!(numbers(&store.slowest()), [100, 99, 98, 97, 96]);
        assert_eq!(numbers(&store.slowest()).len(), 5);
        assert_eq!(times.get(), 5);
    }

    fn offer(store: &TraceStore, request: u64, at_s: u64, took_ms: u64) {
        let ended = SimTime(at_s * 1_000_000_000);
        let started = SimTime(ended.0 - took_ms * 1_000_000);
        store.offer(request, started, ended, || Trace {
            request,
            started,
            ended,
            outcome: String::new(),
            spans: Vec::new(),
        });
    }

    fn numbers(traces: &[Arc<Trace>]) -> Vec<u64> {
        traces.iter().map(|trace| trace.request).collect()
    }

    #[test]
    fn the_slowest_come_first_and_are_few() {
        let store = TraceStore::default();
        for n in 1..=50 {
            offer(&store, n, 1, n * 7 % 51);
        }
        let slowest = store.slowest();
        assert_eq!(slowest.len(), SLOWEST_PER_STRETCH);
        assert!(
            slowest
                .windows(2)
                .all(|pair| pair[0].took_ns() >= pair[1].took_ns())
        );
        assert_eq!(slowest[0].took_ns(), 50_000_000);
    }

    #[test]
    fn what_was_slow_long_ago_makes_room_for_what_is_slow_now() {
        let store = TraceStore::default();
        offer(&store, 1, 2, 900);
        offer(&store, 2, 20, 50);
        assert_eq!(numbers(&store.slowest()), [1, 2]);
        offer(&store, 3, 40, 60);
        assert_eq!(numbers(&store.slowest()), [3, 2]);
    }

    #[test]
    fn a_sample_of_ordinary_requests_is_kept_too() {
        let store = TraceStore::default();
        for n in 1..=2_000 {
            offer(&store, n, 1, 10);
        }
        let sampled = numbers(&store.sampled());
        assert_eq!(sampled.len(), SAMPLED);
        assert_eq!(sampled.last(), Some(&1984));
    }
}
