//! The waterfall of a request: its calls as spans, so that one sees why it was slow.

use super::pattern::{Completeness, Gathered};
use super::replica::letter;
use super::request::{CallEnd, CallNote, Request};
use crate::engine::SimTime;
use crate::workbench::trace::{Outcome, Phase, PhaseKind, Span, Trace, phases};

/// Calls that a waterfall shows; of a wider request the longest ones.
const SPANS_MAX: usize = 40;

pub fn trace(request: &Request, gathered: &Gathered, replicas: usize, ended: SimTime) -> Trace {
    let calls = request.calls();
    let leaves = gathered.answered + gathered.missing.len();
    let mut shown: Vec<&CallNote> = calls.iter().collect();
    shown.sort_by_key(|call| std::cmp::Reverse(took(call, ended)));
    let hidden = shown.len().saturating_sub(SPANS_MAX);
    shown.truncate(SPANS_MAX);
    shown.sort_by_key(|call| (call.leaf, call.nth));

    let root = Span {
        parent: None,
        node: "root".to_owned(),
        note: if hidden > 0 {
            format!("{hidden} faster calls not shown")
        } else {
            String::new()
        },
        started: request.arrived,
        ended: Some(ended),
        phases: Vec::new(),
        outcome: match gathered.completeness() {
            Completeness::Complete => Outcome::Ok,
            Completeness::Partial => Outcome::TimedOut,
            Completeness::Failed => Outcome::Error,
        },
    };
    let calls = shown
        .into_iter()
        .map(|call| span(call, request, replicas, ended));
    Trace {
        request: request.number,
        started: request.arrived,
        ended,
        outcome: format!("answered by {} of {leaves}", gathered.answered),
        spans: std::iter::once(root).chain(calls).collect(),
    }
}

fn took(call: &CallNote, now: SimTime) -> u64 {
    let end = call.end.as_ref().map_or(now, |(at, _)| *at);
    end.0 - call.asked.0
}

fn span(call: &CallNote, request: &Request, replicas: usize, now: SimTime) -> Span {
    let end = call.end.as_ref().map_or(now, |(at, _)| *at);
    let phases = phases(&call.trace.phases(), call.asked, end);
    let node = match replicas {
        1 => format!("leaf {}", call.leaf + 1),
        _ => format!("leaf {} · replica {}", call.leaf + 1, letter(call.replica)),
    };
    // Beside a twin, the one whose answer counted has won.
    let twins = request
        .calls()
        .iter()
        .filter(|other| other.leaf == call.leaf)
        .count();
    let outcome = match call.end.as_ref().map(|(_, end)| end) {
        Some(CallEnd::Answered) if twins > 1 => Outcome::Won,
        Some(CallEnd::Answered) => Outcome::Ok,
        Some(CallEnd::Cancelled | CallEnd::Withdrawn) => Outcome::Cancelled,
        Some(CallEnd::Failed(_)) => Outcome::Error,
        None => Outcome::Running,
    };
    Span {
        parent: Some(0),
        node,
        note: note(call, request, &phases),
        started: call.asked,
        ended: call.end.as_ref().map(|(at, _)| *at),
        phases,
        outcome,
    }
}

fn note(call: &CallNote, request: &Request, phases: &[Phase]) -> String {
    let mut parts = Vec::new();
    if call.nth > 0 {
        let name = if request.hedge_budget.is_some() {
            "hedge"
        } else {
            "copy"
        };
        parts.push(format!(
            "{name} at {}",
            short(call.asked.0 - request.arrived.0)
        ));
    }
    for (kind, word) in [(PhaseKind::Queue, "queue"), (PhaseKind::Service, "service")] {
        let of_kind = phases.iter().filter(|phase| phase.kind == kind);
        let spent: u64 = of_kind.map(|phase| phase.ended.0 - phase.started.0).sum();
        if spent > 0 {
            parts.push(format!("{word} {}", short(spent)));
        }
    }
    match call.end.as_ref().map(|(_, end)| end) {
        Some(CallEnd::Cancelled) => parts.push("cancelled".to_owned()),
        Some(CallEnd::Withdrawn) => parts.push("withdrawn by its twin".to_owned()),
        Some(CallEnd::Failed(why)) => parts.push(why.clone()),
        Some(CallEnd::Answered) | None => {}
    }
    parts.join(", ")
}

/// `210 ms`, `8.3 ms`.
fn short(ns: u64) -> String {
    let ms = ns as f64 / 1e6;
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else {
        format!("{ms:.0} ms")
    }
}
