//! The life of an item as spans: where it waited, who worked on it, what came of each delivery.

use super::item::{Attempt, AttemptEnd, Fate, Item};
use crate::engine::SimTime;
use crate::workbench::trace::{Outcome, Phase, PhaseKind, Span, Trace};
use ddlab_text::number::counted;

pub fn trace(item: &Item, fate: Fate, ended: SimTime) -> Trace {
    let attempts = item.attempts();
    let deliveries = attempts.last().map_or(0, |attempt| attempt.nth);
    let times = if deliveries == 1 {
        "delivery"
    } else {
        "deliveries"
    };
    let outcome = match fate {
        Fate::Done => Outcome::Ok,
        Fate::Dead | Fate::Lost => Outcome::Error,
    };
    let mut root = Span::new("item", item.arrived, Some(ended), outcome);
    if item.poison {
        root.note.push_str("poison");
    }
    if let Some(first) = attempts.first() {
        root.phases = phase(PhaseKind::Queue, item.arrived, first.handed);
    }
    let spans = attempts.iter().map(|attempt| span(attempt, ended));
    let (fate, effects) = (fate.word(), counted(item.effects(), "effect"));
    let outcome = format!("{fate} after {deliveries} {times}, {effects}");
    Trace::new(item.number, root, spans, outcome)
}

fn span(attempt: &Attempt, now: SimTime) -> Span {
    let end = attempt.ended.map_or(now, |(at, _)| at);
    let begun = attempt.begun.unwrap_or(end);
    let how = attempt.ended.map(|(_, end)| end);
    let outcome = match how {
        Some(AttemptEnd::Done) => Outcome::Ok,
        Some(AttemptEnd::AckRefused) => Outcome::TimedOut,
        Some(AttemptEnd::Failed | AttemptEnd::Died) => Outcome::Error,
        Some(AttemptEnd::GivenUp | AttemptEnd::CutOff) => Outcome::Cancelled,
        None => Outcome::Running,
    };
    let ended = attempt.ended.map(|(at, _)| at);
    let node = format!("worker {}", attempt.worker);
    let mut span = Span::new(node, attempt.handed, ended, outcome);
    span.note = match how {
        None | Some(AttemptEnd::Done) => format!("delivery {}", attempt.nth),
        Some(how) => format!("delivery {}, {}", attempt.nth, how.word()),
    };
    span.phases = phase(PhaseKind::Wait, attempt.handed, begun);
    span.phases.extend(phase(PhaseKind::Service, begun, end));
    span
}

/// None of a phase that took no time.
fn phase(kind: PhaseKind, started: SimTime, ended: SimTime) -> Vec<Phase> {
    let phase = Phase {
        kind,
        started,
        ended,
    };
    Vec::from_iter((started < ended).then_some(phase))
}
