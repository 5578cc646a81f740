//! Requests from outside: what somebody with a real client asks of a running lab.
//!
//! Such a request travels through the lab like those of its workload: the same queues, the same policy,
//! the same meters and traces, and it is answered in virtual time. It is part of the run's script,
//! written `request=GET /search?q=oak%20chair`, so that a run that was served replays to the same
//! digest; on replay the answer goes to nobody.
//!
//! - [`EndpointSpec`]: what can be asked of a lab, a line of its table;
//! - [`Outside`]: one request, checked for form; what it means is the lab's to judge;
//! - [`Reply`]: the way back, to be used once; [`Answer`]: what goes back.

use super::lab::LabSpec;
use crate::engine::SimTime;
use ddlab_text::suggestion;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;
use std::fmt;
use tokio::sync::oneshot;

/// Longest argument or body, in bytes: each is kept with the script of its run.
pub const TEXT_MAX: usize = 1_024;

/// Requests from outside are numbered from here, so that they take no number, and with it no luck, from
/// the workload: with or without them, it is the same.
pub const NUMBERS_FROM: u64 = 1_000_000_000_000;

/// One thing that can be asked of a running lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSpec {
    pub method: Method,
    /// `/search`, `/keys/{key}`: at most one part in braces, the last.
    pub path: &'static str,
    pub query: Option<QuerySpec>,
    /// What the body is, where one is needed: `the value`.
    pub body: Option<&'static str>,
    pub effect: Effect,
    pub help: &'static str,
    /// Path and query as one would try them: `/search?q=oak+chair`.
    pub example: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuerySpec {
    pub name: &'static str,
    pub needed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Put,
    Post,
}

/// What a request does to the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It travels through the lab, takes its time there and is part of the run's script.
    Travels,
    /// It looks at the lab's books, at once, and changes nothing.
    Looks,
}

impl Method {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
        }
    }
}

impl EndpointSpec {
    /// The path up to the part in braces, and whether there is such a part.
    fn stem(&self) -> (&'static str, bool) {
        match self.path.split_once('{') {
            Some((stem, _)) => (stem, true),
            None => (self.path, false),
        }
    }

    /// The argument that a path carries, still encoded: none when it is not this endpoint's path, an
    /// empty one where the endpoint takes none.
    pub fn argument_in<'a>(&self, path: &'a str) -> Option<&'a str> {
        let (stem, takes) = self.stem();
        let rest = path.strip_prefix(stem)?;
        let fits = if takes {
            !rest.is_empty() && !rest.contains('/')
        } else {
            rest.is_empty()
        };
        fits.then_some(rest)
    }

    /// `GET /search?q=`, as errors name it.
    pub fn form(&self) -> String {
        let query = self.query.map_or_else(String::new, |query| {
            if query.needed {
                format!("?{}=", query.name)
            } else {
                format!("[?{}=]", query.name)
            }
        });
        format!("{} {}{query}", self.method.name(), self.path)
    }
}

/// A request, checked for form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    pub endpoint: &'static EndpointSpec,
    /// Of the path or of the query.
    pub argument: Option<String>,
    pub body: Option<String>,
}

/// Why a request has no meaning for a lab.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutsideError {
    #[error("this lab has no request `{given}`; {suggestion}")]
    Unknown { given: String, suggestion: String },
    #[error("{form} needs {what}")]
    Missing { form: String, what: String },
    #[error("the {part} of {form} has {length} bytes; the most is {TEXT_MAX}")]
    TooLong {
        form: String,
        part: &'static str,
        length: usize,
    },
    #[error("{form} is not written in UTF-8")]
    NotText { form: String },
}

impl Outside {
    /// A request for an endpoint, from decoded parts. What the endpoint has no use for is left out.
    pub fn new(
        endpoint: &'static EndpointSpec,
        argument: Option<String>,
        body: Option<String>,
    ) -> Result<Self, OutsideError> {
        let missing = |what: String| OutsideError::Missing {
            form: endpoint.form(),
            what,
        };
        let (_, in_path) = endpoint.stem();
        let takes = in_path || endpoint.query.is_some();
        let argument = argument.filter(|text| takes && !text.is_empty());
        let needed = in_path || endpoint.query.is_some_and(|query| query.needed);
        if needed && argument.is_none() {
            let name = endpoint
                .query
                .map_or("name in the path", |query| query.name);
            return Err(missing(format!("its `{name}`")));
        }
        let body = match endpoint.body {
            Some(what) => Some(body.ok_or_else(|| missing(format!("a body: {what}")))?),
            None => None,
        };
        for (part, text) in [("argument", &argument), ("body", &body)] {
            let length = text.as_ref().map_or(0, String::len);
            if length > TEXT_MAX {
                let form = endpoint.form();
                return Err(OutsideError::TooLong { form, part, length });
            }
        }
        Ok(Self {
            endpoint,
            argument,
            body,
        })
    }

    /// Reads what `Display` writes: `PUT /keys/17 hello%20world`.
    pub fn parse(text: &str, spec: &'static LabSpec) -> Result<Self, OutsideError> {
        let mut words = text.split_whitespace();
        let (method, target) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let found = spec.endpoints.iter().find_map(|endpoint| {
            let same = endpoint.method.name().eq_ignore_ascii_case(method);
            Some((endpoint, endpoint.argument_in(path).filter(|_| same)?))
        });
        let Some((endpoint, in_path)) = found else {
            let forms: Vec<String> = spec.endpoints.iter().map(EndpointSpec::form).collect();
            let forms: Vec<&str> = forms.iter().map(String::as_str).collect();
            return Err(OutsideError::Unknown {
                given: text.to_owned(),
                suggestion: suggestion(text, &forms),
            });
        };
        let in_query = endpoint.query.and_then(|spec| {
            let (name, value) = query.split_once('=')?;
            (name == spec.name).then_some(value)
        });
        let decoded = |text: &str| {
            let text = text.replace('+', " ");
            let text = percent_decode_str(&text).decode_utf8();
            let text = text.map_err(|_| OutsideError::NotText {
                form: endpoint.form(),
            });
            text.map(std::borrow::Cow::into_owned)
        };
        let argument = decoded(in_query.unwrap_or(in_path))?;
        let body = words.next().map(decoded).transpose()?;
        // An empty body leaves no word behind.
        let body = body.or_else(|| endpoint.body.map(|_| String::new()));
        Self::new(endpoint, Some(argument), body)
    }
}

/// All but letters, digits and what reads well in a path.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b':');

/// As it is written in a script; parses back to the same.
impl fmt::Display for Outside {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stem, in_path) = self.endpoint.stem();
        write!(out, "{} {stem}", self.endpoint.method.name())?;
        let encoded = |text| utf8_percent_encode(text, ENCODED);
        match (&self.argument, self.endpoint.query) {
            (Some(argument), _) if in_path => write!(out, "{}", encoded(argument))?,
            (Some(argument), Some(query)) => write!(out, "?{}={}", query.name, encoded(argument))?,
            _ => {}
        }
        match &self.body {
            Some(body) if !body.is_empty() => write!(out, " {}", encoded(body)),
            _ => Ok(()),
        }
    }
}

/// What goes back to who asked.
pub type Answer = Result<Told, Refusal>;

/// An answer of the lab.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Taken in, and still to be done.
    pub accepted: bool,
    /// When it was answered, in virtual time.
    pub at: SimTime,
    /// An object.
    pub body: Value,
}

/// An answer that the lab does not give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub why: Why,
    /// What could not be done, and for what reason.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It makes no sense to this lab.
    Invalid,
    NotFound,
    TooLarge,
    /// Somebody else has it.
    Conflict,
    /// The lab is overloaded and turned it away.
    Shed,
    /// It went into the lab and failed there.
    Failed,
    /// Part of the lab that it needs is down.
    Down,
    /// Nobody in the lab answered it in its time.
    TimedOut,
}

impl Refusal {
    pub fn new(why: Why, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            why,
            message: message.into(),
            hint: hint.into(),
        }
    }
}

/// The way back to who asked; dropped unused, they learn that the request was lost.
#[derive(Debug)]
pub struct Reply(Option<oneshot::Sender<Answer>>);

impl Reply {
    /// A way back, and its other end.
    pub fn channel() -> (Self, oneshot::Receiver<Answer>) {
        let (sender, receiver) = oneshot::channel();
        (Self(Some(sender)), receiver)
    }

    /// On replay nobody waits.
    pub const fn nobody() -> Self {
        Self(None)
    }

    /// An answer: an object as `serde_json::json!` makes it.
    pub fn tell(self, at: SimTime, body: Value) {
        self.send(Ok(Told {
            accepted: false,
            at,
            body,
        }));
    }

    /// Taken in, and still to be done.
    pub fn accept(self, at: SimTime, body: Value) {
        self.send(Ok(Told {
            accepted: true,
            at,
            body,
        }));
    }

    pub fn refuse(self, why: Why, message: impl Into<String>, hint: impl Into<String>) {
        self.send(Err(Refusal::new(why, message, hint)));
    }

    fn send(self, answer: Answer) {
        if let Some(sender) = self.0 {
            // Whoever asked may have gone away; the lab has done its work all the same.
            let _ = sender.send(answer);
        }
    }
}

/// How tests of labs ask something of a session.
#[cfg(test)]
pub mod probe {
    use super::{Answer, Outside, Reply};
    use crate::engine::{Ran, SimTime};
    use crate::workbench::intervention::Intervention;
    use crate::workbench::lab::Lab;
    use crate::workbench::plan::{Record, RunPlan};
    use crate::workbench::session::Session;

    /// A run of the lab with these knobs, five seconds old.
    pub fn session(lab: &'static dyn Lab, knobs: &[&str]) -> Session {
        let mut plan = RunPlan::new(lab, 7);
        for knob in knobs {
            plan.knobs.set_text(knob).unwrap();
        }
        let mut session = Session::start(plan);
        pass(&mut session, 5_000);
        session
    }

    pub fn pass(session: &mut Session, millis: u64) {
        let until = SimTime(session.now().0 + millis * 1_000_000);
        while session.advance(until, 1_000_000) != Ran::Reached {}
    }

    pub fn act(session: &mut Session, text: &str) {
        let what = Intervention::parse(text, session.spec()).unwrap();
        session.intervene_for_client(what).unwrap();
    }

    /// Hands the request in, and drives the run until it is answered; a minute at most.
    pub fn ask(session: &mut Session, text: &str) -> Answer {
        let mut answer = send(session, text);
        for _ in 0..60_000 {
            match answer.try_recv() {
                Ok(answer) => return answer,
                Err(tokio::sync::oneshot::error::TryRecvError::Closed) => {
                    panic!("`{text}` was dropped without an answer")
                }
                Err(_) => pass(session, 1),
            }
        }
        panic!("`{text}` is not answered after a minute of virtual time")
    }

    /// Hands the request in, and doesn't wait.
    pub fn send(session: &mut Session, text: &str) -> tokio::sync::oneshot::Receiver<Answer> {
        let (reply, answer) = Reply::channel();
        session.request(Outside::parse(text, session.spec()).unwrap(), reply);
        answer
    }

    /// Whether the run comes to the same digest again, by way of its run file and in one go.
    pub fn replays(session: &Session) -> bool {
        session.come_to_rest();
        let mut plan = session.plan().clone();
        plan.length = session.now();
        let digests = vec![(session.now(), session.digest())];
        let text = Record { plan, digests }.to_text();
        let record = Record::parse(&text, |_| Ok(session.plan().lab)).unwrap();
        let mut again = Session::start(record.plan);
        while again.advance(session.now(), 50_000_000) != Ran::Reached {}
        again.digest() == session.digest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sharded::LAB;
    use crate::workbench::lab::Lab;

    fn parsed(text: &str) -> Result<Outside, OutsideError> {
        Outside::parse(text, LAB.spec())
    }

    #[test]
    fn a_request_reads_and_prints_as_it_is_written() {
        for text in [
            "GET /keys/17",
            "PUT /keys/17 hello%20w%C3%B6rld%0A",
            "GET /keys/lot:4%2F5",
        ] {
            assert_eq!(parsed(text).unwrap().to_string(), text);
        }
        let put = parsed("PUT /keys/17 hello%20w%C3%B6rld%0A").unwrap();
        assert_eq!(put.body.as_deref(), Some("hello wörld\n"));
        assert_eq!(put.argument.as_deref(), Some("17"));
        assert_eq!(parsed("PUT /keys/17").unwrap().body.as_deref(), Some(""));
    }

    #[test]
    fn what_the_lab_does_not_know_names_the_nearest_thing_to_ask() {
        let unknown = parsed("GET /kyes/17").unwrap_err().to_string();
        assert!(
            unknown.contains("did you mean `GET /keys/{key}`?"),
            "{unknown}"
        );
        assert!(parsed("DELETE /keys/17").is_err());
        assert!(parsed("GET /keys/").is_err());
        assert!(parsed("GET /keys/1/2").is_err());
        assert!(parsed("").is_err());
    }

    #[test]
    fn what_is_too_long_to_be_kept_with_a_run_is_refused() {
        let long = format!("PUT /keys/1 {}", "x".repeat(TEXT_MAX + 1));
        let refused = parsed(&long).unwrap_err().to_string();
        assert!(refused.contains("1025 bytes"), "{refused}");
        assert!(
            parsed("GET /keys/%FF")
                .unwrap_err()
                .to_string()
                .contains("UTF-8")
        );
    }
}
