//! The body of a request: read within a limit of bytes and of time, and understood as text or JSON.

use super::Limits;
use super::failure::Failure;
use axum::body::BodyDataStream;
use axum::http::{HeaderMap, StatusCode, header};
use futures::StreamExt;
use serde_json::Value;
use std::time::Duration;

/// Of the body of a request that was refused, in bytes, and for how long.
const DISCARDED_MAX: usize = 4 * 1024 * 1024;
const DISCARD_FOR: Duration = Duration::from_millis(500);

/// A body that was read.
#[derive(Debug, PartialEq)]
pub enum Content {
    Empty,
    Text(String),
    Json(Value),
}

/// Reads the whole body.
///
/// # Errors
/// When it is too large or too slow, or is neither text nor JSON.
pub async fn read(
    headers: &HeaderMap,
    body: &mut BodyDataStream,
    limits: &Limits,
) -> Result<Content, Failure> {
    let declared = headers.get(header::CONTENT_LENGTH);
    let declared = declared.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limits.body_bytes) {
        return Err(too_large(limits));
    }
    let kind = Kind::of(headers)?;
    let reading = collect(body, limits);
    let bytes = tokio::time::timeout(limits.body, reading)
        .await
        .map_err(|_| {
            Failure::new(
                StatusCode::REQUEST_TIMEOUT,
                "body_too_slow",
                format!(
                    "the body did not come within {} s",
                    limits.body.as_secs_f64()
                ),
                "send it at once",
            )
        })??;
    if bytes.is_empty() {
        return Ok(Content::Empty);
    }
    match kind {
        Kind::Json => serde_json::from_slice(&bytes)
            .map(Content::Json)
            .map_err(|error| {
                Failure::bad_request(
                    format!("the body is not valid JSON: {error}"),
                    "send JSON such as {\"value\": \"hedge\"}, or plain text without that content type",
                )
            }),
        Kind::Text => String::from_utf8(bytes).map(Content::Text).map_err(|_| {
            Failure::bad_request("the body is not written in UTF-8", "send text in UTF-8")
        }),
    }
}

enum Kind {
    Text,
    Json,
}

impl Kind {
    fn of(headers: &HeaderMap) -> Result<Self, Failure> {
        let Some(given) = headers.get(header::CONTENT_TYPE) else {
            return Ok(Self::Text);
        };
        let given = given.to_str().unwrap_or("?");
        let kind = given.split(';').next().unwrap_or_default().trim();
        match kind.to_ascii_lowercase().as_str() {
            "application/json" => Ok(Self::Json),
            // What `curl -d` says of everything.
            "text/plain" | "application/x-www-form-urlencoded" | "application/octet-stream" => {
                Ok(Self::Text)
            }
            _ => Err(Failure::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                format!(
                    "a body of the type `{}` is not read here",
                    ddlab_text::given(given)
                ),
                "send application/json or text/plain",
            )),
        }
    }
}

async fn collect(parts: &mut BodyDataStream, limits: &Limits) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|error| {
            Failure::bad_request(format!("the body broke off: {error}"), "send it again")
        })?;
        if bytes.len() + part.len() > limits.body_bytes {
            return Err(too_large(limits));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

/// Reads what is left of a body and forgets it. A connection that is closed with something unread is reset,
/// and a client that is still sending would not get to see why it was refused.
pub async fn discard(parts: &mut BodyDataStream) {
    let mut left = DISCARDED_MAX;
    let reading = async {
        while let Some(Ok(part)) = parts.next().await {
            left = left.saturating_sub(part.len());
            if left == 0 {
                return;
            }
        }
    };
    // Whoever sends more than that, or that slowly, is cut off.
    let _ = tokio::time::timeout(DISCARD_FOR, reading).await;
}

fn too_large(limits: &Limits) -> Failure {
    Failure::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        "the body is too large",
        format!("the most is {} bytes", limits.body_bytes),
    )
}

impl Content {
    /// The one thing that the body says: text as it is, or what JSON has under `name`; numbers and
    /// switches as they are written. None when it says nothing.
    ///
    /// # Errors
    /// When JSON has no such thing in it.
    pub fn scalar(self, name: &str) -> Result<Option<String>, Failure> {
        let value = match self {
            Self::Empty => return Ok(None),
            Self::Text(text) => return Ok(Some(text)),
            Self::Json(Value::Object(mut object)) => match object.remove(name) {
                Some(value) => value,
                None if object.is_empty() => return Ok(None),
                None => return Err(not_so(name)),
            },
            Self::Json(value) => value,
        };
        match value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text)),
            Value::Bool(_) | Value::Number(_) => Ok(Some(value.to_string())),
            Value::Array(_) | Value::Object(_) => Err(not_so(name)),
        }
    }
}

fn not_so(name: &str) -> Failure {
    Failure::bad_request(
        format!("the body has no `{name}` that is a text, a number or a switch"),
        format!("send {{\"{name}\": …}}, or the {name} alone as text"),
    )
}
