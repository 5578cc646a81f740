//! Requests from outside: what somebody with a real client asks of a running lab.
//!
//! Such a request travels through the lab like those of its workload: the same queues, the same policy,
//! the same meters and traces, and it is answered in virtual time. It is part of the run's script,
//! written `request=GET /search?q=oak%20chair`, so that a run that was served replays to the same
//! digest; on replay the answer goes to nobody.
//!
//! - [`endpoint`]: what can be asked of a lab, declared by the macro [`endpoints`](crate::endpoints);
//! - [`Outside`]: one request, checked for form; what it means is the lab's to judge;
//! - [`reply`]: the way back, to be used once, and what goes back.

pub mod endpoint;
#[cfg(test)]
pub mod probe;
pub mod reply;

use ddlab_text::suggestion;
pub use endpoint::{Effect, EndpointSpec, Method, QuerySpec};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
pub use reply::{Answered, Refusal, Reply, RequestOutcome, Why};
use std::fmt;

/// Longest argument or body, in bytes: each is kept with the script of its run.
pub const TEXT_MAX: usize = 1_024;

/// Requests from outside are numbered from here, so that they take no number, and with it no luck, from
/// the workload: with or without them, it is the same.
pub const NUMBERS_FROM: u64 = 1_000_000_000_000;

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
    #[error("this lab has no request `{}`; {suggestion}", ddlab_text::given(.given))]
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
    pub fn parse(text: &str, endpoints: &'static [EndpointSpec]) -> Result<Self, OutsideError> {
        let mut words = text.split_whitespace();
        let (method, target) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let found = endpoints.iter().find_map(|endpoint| {
            let same = endpoint.method.name().eq_ignore_ascii_case(method);
            Some((endpoint, endpoint.argument_in(path).filter(|_| same)?))
        });
        let Some((endpoint, in_path)) = found else {
            let forms: Vec<String> = endpoints.iter().map(EndpointSpec::form).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sharded::LAB;
    use crate::workbench::lab::Lab;

    fn parsed(text: &str) -> Result<Outside, OutsideError> {
        Outside::parse(text, &LAB.spec().endpoints)
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
