//! Knobs and actions from outside.

use super::News;
use super::body::Content;
use super::failure::{Failure, json_response};
use super::site::Site;
use crate::lab_json;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use ddlab_labs::workbench::action::{Action, ActionError};
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::intervention::Intervention;
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_text::suggestion;
use serde_json::{Value, json};

/// Every knob with its value.
pub fn knobs(spec: &'static LabSpec, frame: &Frame) -> Response<Body> {
    let knob = |(knob, value): (_, _)| {
        let mut object = lab_json::knob(knob);
        object["value"] = lab_json::value(value);
        object
    };
    let knobs: Value = spec.knobs.iter().zip(&frame.knobs).map(knob).collect();
    json_response(StatusCode::OK, &json!({"lab": spec.id, "knobs": knobs}))
}

/// Turns a knob.
///
/// # Errors
/// When there is no such knob, or it can't be turned so.
pub async fn turn(site: &Site, name: &str, content: Content) -> Result<Response<Body>, Failure> {
    let spec = site.spec();
    let Some(knob) = spec.knobs.iter().find(|knob| knob.name == name) else {
        let names: Vec<&str> = spec.knobs.iter().map(|knob| knob.name).collect();
        return Err(Failure::not_found(
            format!("there is no knob `{name}`"),
            suggestion(name, &names),
        ));
    };
    let range = format!("it takes {}", knob.range());
    let Some(text) = content.scalar("value")? else {
        return Err(Failure::bad_request("the body is empty", range));
    };
    let refused = |error: String| Failure::bad_request(error, range.clone());
    let value = knob
        .parse(&text)
        .map_err(|error| refused(error.to_string()))?;
    let turn = Intervention::Set {
        knob: knob.name,
        value: value.clone(),
    };
    let done = site.outcome(site.run.intervene(turn)).await?;
    let done = done.map_err(|error| refused(error.to_string()))?;
    site.tell(News::Turned {
        knob: knob.name,
        value: value.clone(),
    });
    let told = json!({
        "knob": knob.name,
        "value": lab_json::value(&value),
        "at_s": done.at.as_secs_f64(),
        "restarted": done.restarted,
    });
    Ok(json_response(StatusCode::OK, &told))
}

/// Does an action.
///
/// # Errors
/// When there is no such action, or it can't be done so.
pub async fn act(site: &Site, name: &str, content: Content) -> Result<Response<Body>, Failure> {
    let argument = content.scalar("argument")?;
    let argument = argument
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    let actions = &site.spec().actions;
    let action = Action::from_parts(name, argument, actions).map_err(|error| match error {
        ActionError::Unknown { name, suggestion } => {
            Failure::not_found(format!("there is no action `{name}`"), suggestion)
        }
        ActionError::Argument { .. } => {
            Failure::bad_request(error.to_string(), "send {\"argument\": …}")
        }
    })?;
    let told = action.to_string();
    let done = site
        .outcome(site.run.intervene(Intervention::Act(action)))
        .await?;
    let done = done.map_err(|error| {
        Failure::bad_request(error.to_string(), "GET /frame shows what there is")
    })?;
    let told = json!({"done": told, "at_s": done.at.as_secs_f64()});
    Ok(json_response(StatusCode::OK, &told))
}
