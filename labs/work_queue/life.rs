//! The life of an item as spans: where it waited, who worked on it, what came of each delivery.

use super::item::{Attempt, AttemptEnd, Fate, Item};
use crate::engine::SimTime;
use crate::workbench::trace::{Outcome, Phase, PhaseKind, Span, Trace};

pub fn trace(item: &Item, fate: Fate, ended: SimTime) -> Trace {
    let attempts = item.attempts();
    let deliveries = attempts.last().map_or(0, |attempt| attempt.received);
    let times = if deliveries == 1 {
        "delivery"
    } else {
        "deliveries"
    };
    let root = Span {
        parent: None,
        node: "item".to_owned(),
        note: if item.poison { "poison" } else { "" }.to_owned(),
        started: item.arrived,
        ended: Some(ended),
        phases: attempts.first().map_or_else(Vec::new, |first| {
            phase(PhaseKind::Queue, item.arrived, first.handed)
        }),
        outcome: match fate {
            Fate::Done => Outcome::Ok,
            Fate::Dead | Fate::Lost => Outcome::Error,
        },
    };
    let spans = attempts.iter().map(|attempt| span(attempt, ended));
    Trace {
        request: item.number,
        started: item.arrived,
        ended,
        outcome: format!(
            "{} after {deliveries} {times}, {} effects",
            fate.word(),
            item.effects()
        ),
        spans: std::iter::once(root).chain(spans).collect(),
    }
}

fn span(attempt: &Attempt, now: SimTime) -> Span {
    let end = attempt.ended.map_or(now, |(at, _)| at);
    let begun = attempt.begun.unwrap_or(end);
    let (outcome, word) = match attempt.ended.map(|(_, end)| end) {
        Some(AttemptEnd::Done) => (Outcome::Ok, ""),
        Some(AttemptEnd::AckRefused) => (Outcome::TimedOut, "acknowledged too late"),
        Some(AttemptEnd::Failed) => (Outcome::Error, "failed"),
        Some(AttemptEnd::GivenUp) => (Outcome::Cancelled, "lease lost, given up"),
        Some(AttemptEnd::Died) => (Outcome::Error, "the worker died"),
        None => (Outcome::Running, ""),
    };
    let mut phases = phase(PhaseKind::Wait, attempt.handed, begun);
    phases.extend(phase(PhaseKind::Service, begun, end));
    Span {
        parent: Some(0),
        node: format!("worker {}", attempt.worker),
        note: match word {
            "" => format!("delivery {}", attempt.received),
            word => format!("delivery {}, {word}", attempt.received),
        },
        started: attempt.handed,
        ended: attempt.ended.map(|(at, _)| at),
        phases,
        outcome,
    }
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
