//! Every error as JSON: `{"error": {"code", "message", "hint"}}`. The code is for programs, the message
//! says what could not be done, the hint what to do next.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use ddlab_labs::workbench::outside::{Refusal, Why};
use ddlab_text::clean_line;
use serde::Serialize;

/// An error of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
    pub hint: String,
    /// Seconds after which asking again may help.
    pub retry_after_s: Option<u64>,
    /// The methods that the path knows, for 405.
    pub allow: Option<String>,
}

#[derive(Debug, Serialize)]
struct FailureJson<'a> {
    error: ErrorJson<'a>,
}

#[derive(Debug, Serialize)]
struct ErrorJson<'a> {
    code: &'static str,
    message: &'a str,
    hint: &'a str,
}

impl Failure {
    pub fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            hint: hint.into(),
            retry_after_s: None,
            allow: None,
        }
    }

    pub fn bad_request(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message, hint)
    }

    pub fn not_found(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message, hint)
    }

    /// 503: for now.
    pub fn unavailable(
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message, hint).retry_after(1)
    }

    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    pub fn into_response(self) -> Response<Body> {
        // Part of it may be what the client sent: it is given back without control characters.
        let error = ErrorJson {
            code: self.code,
            message: &clean_line(&self.message),
            hint: &clean_line(&self.hint),
        };
        let mut response = json_response(self.status, &FailureJson { error });
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(allow) = self.allow.as_deref().map(HeaderValue::from_str) {
            headers.insert(
                header::ALLOW,
                allow.expect("the names of methods are header text"),
            );
        }
        response
    }
}

impl From<Refusal> for Failure {
    fn from(Refusal { why, message, hint }: Refusal) -> Self {
        let (status, code) = match why {
            Why::Invalid => (StatusCode::BAD_REQUEST, "bad_request"),
            Why::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Why::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Why::Conflict => (StatusCode::CONFLICT, "conflict"),
            Why::Failed => (StatusCode::BAD_GATEWAY, "failed_in_the_lab"),
            Why::TimedOut => (StatusCode::GATEWAY_TIMEOUT, "timed_out_in_the_lab"),
            Why::Shed => return Self::unavailable("overloaded", message, hint),
            Why::Down => return Self::unavailable("down", message, hint),
        };
        Self::new(status, code, message, hint)
    }
}

/// A response of JSON on one line that ends, so that it reads well in a terminal.
pub fn json_response(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    let text = serde_json::to_string(value).expect("an answer is plain data");
    let mut response = Response::new(Body::from(text + "\n"));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
