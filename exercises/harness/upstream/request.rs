//! A call of the learner's program to an upstream server.

use axum::body::Bytes;
use axum::http::Method;

/// A call as it arrived.
#[derive(Debug, Clone)]
pub struct UpstreamRequest {
    /// Counted from 0 by arrival at this server.
    pub nr: u64,
    pub method: Method,
    pub path: String,
    /// Decoded, in the order of the URL.
    pub query: Vec<(String, String)>,
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
}
