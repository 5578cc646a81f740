//! What can be asked of a lab: one endpoint.

use super::Outside;

/// One thing that can be asked of a running lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSpec {
    /// How its lab knows it.
    pub name: &'static str,
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
    /// The same, but it is answered as soon as it is taken in; what comes of it is asked for elsewhere.
    Queues,
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

/// A request to look something up, which travels through the lab.
pub const fn get(path: &'static str) -> EndpointSpec {
    EndpointSpec::new(Method::Get, path)
}

/// A request to store something, with this body: `the value`.
pub const fn put(path: &'static str, body: &'static str) -> EndpointSpec {
    EndpointSpec {
        body: Some(body),
        ..EndpointSpec::new(Method::Put, path)
    }
}

/// A request to do something.
pub const fn post(path: &'static str) -> EndpointSpec {
    EndpointSpec::new(Method::Post, path)
}

impl EndpointSpec {
    pub const fn new(method: Method, path: &'static str) -> Self {
        Self {
            name: "",
            method,
            path,
            query: None,
            body: None,
            effect: Effect::Travels,
            help: "",
            example: path,
        }
    }

    /// With a query: `?q=`.
    #[must_use]
    pub const fn query(self, name: &'static str, needed: bool) -> Self {
        Self {
            query: Some(QuerySpec { name, needed }),
            ..self
        }
    }

    #[must_use]
    pub const fn example(self, example: &'static str) -> Self {
        Self { example, ..self }
    }

    #[must_use]
    pub const fn looks(self) -> Self {
        Self {
            effect: Effect::Looks,
            ..self
        }
    }

    #[must_use]
    pub const fn queues(self) -> Self {
        Self {
            effect: Effect::Queues,
            ..self
        }
    }

    /// As the macro [`endpoints`](crate::endpoints) declares it; `help` is a doc comment.
    #[must_use]
    pub fn declare(self, name: &'static str, help: &'static str) -> Self {
        let help = help.trim();
        Self { name, help, ..self }
    }

    /// The path up to the part in braces, and whether there is such a part.
    pub(super) fn stem(&self) -> (&'static str, bool) {
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

/// What a lab reads of a request.
pub trait FromRequest {
    fn of(asked: &Outside) -> Self;
}

/// The argument, where there may be none.
impl FromRequest for Option<String> {
    fn of(asked: &Outside) -> Self {
        asked.argument.clone()
    }
}

/// The argument.
impl FromRequest for String {
    fn of(asked: &Outside) -> Self {
        asked.argument.clone().unwrap_or_default()
    }
}

/// The argument and the body.
impl FromRequest for (String, String) {
    fn of(asked: &Outside) -> Self {
        (String::of(asked), asked.body.clone().unwrap_or_default())
    }
}
