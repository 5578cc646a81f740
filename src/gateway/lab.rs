//! Requests that travel through the lab.

use super::body::Content;
use super::failure::{Failure, json_response};
use super::metrics;
use super::site::Site;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use ddlab_labs::workbench::outside::{Effect, EndpointSpec, Outside, OutsideError};
use serde_json::{Value, json};

/// The request in the lab's own words.
///
/// # Errors
/// When something is missing or too long.
pub fn outside(
    endpoint: &'static EndpointSpec,
    in_path: Option<String>,
    query: &str,
    content: Content,
) -> Result<Outside, Failure> {
    let in_query = endpoint.query.and_then(|spec| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find_map(|(name, value)| (name == spec.name).then(|| value.into_owned()))
    });
    let body = match endpoint.body {
        Some(_) => content.scalar("value")?,
        None => None,
    };
    Outside::new(endpoint, in_path.or(in_query), body).map_err(|error| {
        let hint = format!("{}: {}", endpoint.form(), endpoint.help);
        let mut failure = Failure::bad_request(error.to_string(), hint);
        if matches!(error, OutsideError::TooLong { .. }) {
            failure.status = StatusCode::PAYLOAD_TOO_LARGE;
            failure.code = "too_large";
        }
        failure
    })
}

/// Hands it in and waits for the lab's answer: an object, or a page of metrics as its text.
///
/// # Errors
/// What the lab says, or that there is no lab to say anything.
pub async fn ask(site: &Site, asked: Outside) -> Result<Response<Body>, Failure> {
    let queued = asked.endpoint.effect == Effect::Queues;
    let answer = site.outcome(site.run.request(asked)).await??;
    let mut body = answer.body;
    if let Value::String(page) = body {
        return Ok(metrics::response(page));
    }
    body["at_s"] = json!(answer.at.as_secs_f64());
    let status = if queued {
        StatusCode::ACCEPTED
    } else {
        StatusCode::OK
    };
    Ok(json_response(status, &body))
}
