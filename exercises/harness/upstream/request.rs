//! A call of the learner's program to an upstream server.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method};

/// A call as it arrived.
#[derive(Debug, Clone)]
pub struct UpstreamRequest {
    /// Counted from 0 by arrival at this server.
    pub nr: u64,
    pub method: Method,
    /// Path and query as they came.
    pub target: String,
    pub path: String,
    /// Decoded, in the order of the URL.
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl UpstreamRequest {
    /// The first value of a query parameter.
    pub fn query(&self, name: &str) -> Option<&String> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// A header that came one time, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.get_all(name).iter();
        let value = all.next()?;
        all.next().is_none().then(|| value.to_str().ok())?
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}
