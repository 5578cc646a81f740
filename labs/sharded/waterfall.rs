//! The waterfall of a request: its calls to shards and origin as spans.

use super::fleet::shard_name;
use super::proxy::Ended;
use super::request::{CallEnd, CallNote, Callee, Kind, Request};
use crate::engine::SimTime;
use crate::workbench::trace::{Outcome, PhaseKind, Span, Trace, phases};

pub fn trace(request: &Request, outcome: Ended, ended: SimTime) -> Trace {
    let (verb, key) = (verb(request.kind), request.key.number());
    let root = Span {
        parent: None,
        node: "proxy".to_owned(),
        note: format!("{verb} key {key}"),
        started: request.arrived,
        ended: Some(ended),
        phases: Vec::new(),
        outcome: match outcome {
            Ended::Answered => Outcome::Ok,
            Ended::TimedOut => Outcome::TimedOut,
            Ended::Failed => Outcome::Error,
        },
    };
    let calls = request.calls();
    let calls = calls.iter().map(|call| span(call, ended));
    Trace {
        request: request.number,
        started: request.arrived,
        ended,
        outcome: match (outcome, request.kind) {
            (Ended::TimedOut, _) => format!("{verb} of key {key}: timed out"),
            (Ended::Failed, _) => format!("{verb} of key {key}: failed"),
            (Ended::Answered, Kind::Write) => format!("write of key {key}"),
            (Ended::Answered, Kind::Read) if request.all_hits.get() => {
                format!("read of key {key}: hit")
            }
            (Ended::Answered, Kind::Read) => format!("read of key {key}: miss"),
        },
        spans: std::iter::once(root).chain(calls).collect(),
    }
}

fn verb(kind: Kind) -> &'static str {
    match kind {
        Kind::Read => "read",
        Kind::Write => "write",
    }
}

fn span(call: &CallNote, now: SimTime) -> Span {
    let (end, how) = match &call.end {
        Some((at, how)) => (*at, how.clone()),
        None => (now, CallEnd::Cancelled),
    };
    let phases = phases(&call.trace.phases(), call.asked, end);
    let mut notes = vec![call.what.to_owned()];
    for (kind, word) in [(PhaseKind::Queue, "queue"), (PhaseKind::Service, "service")] {
        let of_kind = phases.iter().filter(|phase| phase.kind == kind);
        let spent: u64 = of_kind.map(|phase| phase.ended.0 - phase.started.0).sum();
        if spent > 0 {
            notes.push(format!("{word} {:.1} ms", spent as f64 / 1e6));
        }
    }
    let outcome = match how {
        CallEnd::Done => Outcome::Ok,
        CallEnd::Miss => {
            notes.push("miss".to_owned());
            Outcome::Ok
        }
        CallEnd::Cancelled => {
            notes.push("given up".to_owned());
            Outcome::Cancelled
        }
        CallEnd::Failed(why) => {
            notes.push(why);
            Outcome::Error
        }
    };
    Span {
        parent: Some(0),
        node: match call.to {
            Callee::Shard(id) => shard_name(id),
            Callee::Origin => "origin".to_owned(),
        },
        note: notes.join(", "),
        started: call.asked,
        ended: Some(end),
        phases,
        outcome,
    }
}
