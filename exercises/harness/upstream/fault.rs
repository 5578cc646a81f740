//! Faults, when they strike, and the witness that each of them struck.

use super::request::UpstreamRequest;
use crate::harness::witness::Witness;
use axum::http::Method;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// What an upstream server does to a call instead of answering it well.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Takes the request and never answers.
    Hang,
    /// Answers well, this much later.
    Delay(Duration),
    /// Answers well, once the gate is open.
    Hold(Gate),
    /// Does at once what it is asked, and says so once the gate is open.
    Withhold(Gate),
    /// Answers with this status. The body is the one that a healthy server would have sent, so a
    /// program that does not look at the status is fooled.
    Status(u16),
    /// Status 200 and a body that is not what was promised.
    Garbage(Garbage),
    /// Status 200 and a well-formed body that is untrue, in the way that the service defines.
    Lie,
    /// Closes the connection half-way through the body.
    CutBody,
    /// Sends the right body one byte at a time.
    Drip { every: Duration },
}

impl Fault {
    /// In the words of a report: `hangs`, `answers 500`.
    pub fn in_words(&self) -> String {
        match self {
            Self::Hang => "hangs".to_owned(),
            Self::Delay(by) => format!("answers {} ms late", by.as_millis()),
            Self::Hold(_) => "holds its answer back".to_owned(),
            Self::Withhold(_) => "does it, and holds its answer back".to_owned(),
            Self::Status(status) => format!("answers {status}"),
            Self::Garbage(kind) => format!("answers 200 with {}", kind.in_words()),
            Self::Lie => "lies".to_owned(),
            Self::CutBody => "closes the connection half-way through its answer".to_owned(),
            Self::Drip { every } => {
                format!("sends its answer one byte every {} ms", every.as_millis())
            }
        }
    }
}

/// Ways in which a body is not what was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Garbage {
    /// The first half of the right body, complete as far as HTTP can tell.
    HalfJson,
    /// What a proxy in between would say.
    Html,
    /// JSON of another shape.
    WrongShape,
    /// An object without any field.
    NoFields,
    /// The right body, whose last field has another name.
    LostField,
    /// Nothing.
    Empty,
}

impl Garbage {
    pub const ALL: [Self; 6] = [
        Self::HalfJson,
        Self::Html,
        Self::WrongShape,
        Self::NoFields,
        Self::LostField,
        Self::Empty,
    ];

    fn in_words(self) -> &'static str {
        match self {
            Self::HalfJson => "half a JSON text",
            Self::Html => "an HTML page",
            Self::WrongShape => "JSON of another shape",
            Self::NoFields => "an empty JSON object",
            Self::LostField => "JSON whose last field has another name",
            Self::Empty => "an empty body",
        }
    }

    /// This kind of garbage, made of the right `body`.
    pub fn spoil(self, body: &str) -> String {
        match self {
            Self::HalfJson => body.chars().take(body.chars().count() / 2).collect(),
            Self::Html => "<html><body><h1>502 Bad Gateway</h1></body></html>\n".to_owned(),
            Self::WrongShape => r#"{"error":"index is being rebuilt","hits":null}"#.to_owned(),
            Self::NoFields => "{}".to_owned(),
            Self::LostField => {
                let (start, end) = body.rsplit_once("\":").unwrap_or((body, ""));
                format!("{start}_\":{end}")
            }
            Self::Empty => String::new(),
        }
    }
}

/// Which calls a fault strikes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    Always,
    /// The calls whose query has this parameter with this value (decoded).
    Query {
        name: String,
        value: String,
    },
    /// The calls to this path.
    Path(String),
    /// The calls with this method to this path.
    Only(Method, String),
    /// The calls to paths that begin so.
    Under(String),
    /// The calls with these numbers, counted from 0 by arrival at this server.
    Calls(std::ops::Range<u64>),
}

impl When {
    pub fn query(name: &str, value: &str) -> Self {
        Self::Query {
            name: name.to_owned(),
            value: value.to_owned(),
        }
    }

    /// As the end of a sentence: ` to calls to /lots`; nothing for all calls.
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Always => String::new(),
            Self::Query { name, value } => format!(" to calls with {name}={value}"),
            Self::Path(path) => format!(" to calls to {path}"),
            Self::Only(method, path) => format!(" to {method} {path}"),
            Self::Under(start) => format!(" to calls to {start}…"),
            Self::Calls(range) if range.end == u64::MAX => {
                format!(" from call {} on", range.start + 1)
            }
            Self::Calls(range) if range.end == range.start + 1 => format!(" to call {}", range.end),
            Self::Calls(range) => format!(" to calls {} to {}", range.start + 1, range.end),
        }
    }

    pub(super) fn strikes(&self, request: &UpstreamRequest) -> bool {
        match self {
            Self::Always => true,
            Self::Query { name, value } => request.query(name) == Some(value),
            Self::Path(path) => request.path == *path,
            Self::Only(method, path) => request.method == *method && request.path == *path,
            Self::Under(start) => request.path.starts_with(start),
            Self::Calls(range) => range.contains(&request.nr),
        }
    }
}

/// Holds answers back until it is opened. Clones are the same gate.
#[derive(Debug, Clone)]
pub struct Gate(Arc<watch::Sender<bool>>);

impl Gate {
    pub fn shut() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Lets everyone through, now and from now on.
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    /// Returns once the gate is open.
    pub async fn pass(&self) {
        let mut open = self.0.subscribe();
        // The sender lives in `self`, so waiting cannot fail; if it did, the gate is as good as open.
        let _ = open.wait_for(|open| *open).await;
    }
}

/// A fault, the calls that it strikes, and the witness that it did.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub when: When,
    pub fault: Fault,
    pub witness: Witness,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_gate_holds_until_it_is_opened_and_never_again() {
        let gate = Gate::shut();
        let waiting = tokio::spawn({
            let gate = gate.clone();
            async move { gate.pass().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        gate.open();
        waiting.await.expect("the waiting task does not panic");
        gate.pass().await;
    }

    #[test]
    fn garbage_is_never_the_right_body() {
        let body = r#"{"hits":[{"id":"a","score":1}]}"#;
        for kind in Garbage::ALL {
            assert_ne!(kind.spoil(body), body, "{kind:?}");
        }
    }
}
