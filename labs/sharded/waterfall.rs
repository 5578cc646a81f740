//! The waterfall of a request: its calls to shards and origin as spans.

use super::fleet::shard_name;
use super::proxy::Ended;
use super::request::{CallEnd, CallNote, Callee, Kind, Request};
use crate::engine::SimTime;
use crate::workbench::trace::{Outcome, Span, Trace, phases};

pub fn trace(request: &Request, outcome: Ended, ended: SimTime) -> Trace {
    let (verb, key) = (verb(request.kind), request.key.number());
    let status = match outcome {
        Ended::Answered => Outcome::Ok,
        Ended::TimedOut => Outcome::TimedOut,
        Ended::Failed => Outcome::Error,
    };
    let root = Span {
        note: format!("{verb} key {key}"),
        ..Span::new("proxy", request.arrived, Some(ended), status)
    };
    let how = match (outcome, request.kind) {
        (Ended::TimedOut, _) => ": timed out",
        (Ended::Failed, _) => ": failed",
        (Ended::Answered, Kind::Write) => "",
        (Ended::Answered, Kind::Read) if request.all_hits.get() => ": hit",
        (Ended::Answered, Kind::Read) => ": miss",
    };
    let calls = request.calls();
    let calls = calls.iter().map(|call| span(call, ended));
    Trace::new(
        request.number,
        root,
        calls,
        format!("{verb} of key {key}{how}"),
    )
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
    let (outcome, why) = match how {
        CallEnd::Done => (Outcome::Ok, None),
        CallEnd::Miss => (Outcome::Ok, Some("miss".to_owned())),
        CallEnd::Cancelled => (Outcome::Cancelled, Some("given up".to_owned())),
        CallEnd::Failed(why) => (Outcome::Error, Some(why)),
    };
    let node = match call.to {
        Callee::Shard(id) => shard_name(id),
        Callee::Origin => "origin".to_owned(),
    };
    let mut span = Span::new(node, call.asked, Some(end), outcome);
    span.phases = phases(&call.trace.phases(), call.asked, end);
    let parts = std::iter::once(call.what.to_owned()).chain(span.spent());
    span.note = parts.chain(why).collect::<Vec<_>>().join(", ");
    span
}
