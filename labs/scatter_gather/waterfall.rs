//! The waterfall of a request: its calls as spans, so that one sees why it was slow.

use super::pattern::{Completeness, Gathered};
use super::replica::letter;
use super::request::{CallEnd, CallNote, Request};
use crate::engine::SimTime;
use crate::workbench::trace::{Outcome, Phase, PhaseKind, Span, Trace, phases, short};

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

    let outcome = match gathered.completeness() {
        Completeness::Complete => Outcome::Ok,
        Completeness::Partial => Outcome::TimedOut,
        Completeness::Failed => Outcome::Error,
    };
    let mut root = Span::new("root", request.arrived, Some(ended), outcome);
    if hidden > 0 {
        root.note = format!("{hidden} faster calls not shown");
    }
    let calls = shown.into_iter();
    let calls = calls.map(|call| span(call, request, replicas, ended));
    let outcome = format!("answered by {} of {leaves}", gathered.answered);
    Trace::new(request.number, root, calls, outcome)
}

fn took(call: &CallNote, now: SimTime) -> u64 {
    let end = call.end.as_ref().map_or(now, |(at, _)| *at);
    end.0 - call.asked.0
}

fn span(call: &CallNote, request: &Request, replicas: usize, now: SimTime) -> Span {
    let end = call.end.as_ref().map_or(now, |(at, _)| *at);
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
    let ended = call.end.as_ref().map(|(at, _)| *at);
    let mut span = Span::new(node, call.asked, ended, outcome);
    let seen = call.trace.phases();
    span.phases = phases(&seen, call.asked, end);
    // An answer that is back waits for the root's core.
    if let Some(started) = seen.returned.filter(|returned| *returned < end) {
        let (kind, ended) = (PhaseKind::Wait, end);
        span.phases.push(Phase {
            kind,
            started,
            ended,
        });
    }
    span.note = note(call, request, &span);
    span
}

fn note(call: &CallNote, request: &Request, span: &Span) -> String {
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
    if let Some(at) = call.hedge_refused {
        let at = short(at.0 - request.arrived.0);
        parts.push(format!("no hedge at {at}: the budget is used up"));
    }
    parts.extend(span.spent());
    match call.end.as_ref().map(|(_, end)| end) {
        Some(CallEnd::Cancelled) => parts.push("cancelled".to_owned()),
        Some(CallEnd::Withdrawn) => parts.push("withdrawn by its twin".to_owned()),
        Some(CallEnd::Failed(why)) => parts.push(why.clone()),
        Some(CallEnd::Answered) | None => {}
    }
    parts.join(", ")
}
