//! Knobs and actions from outside.

use super::News;
use super::body::Content;
use super::failure::{Failure, json_response};
use super::site::Site;
use crate::lab_json::Knob;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use ddlab_labs::workbench::action::{Action, ActionError};
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::intervention::Intervention;
use ddlab_labs::workbench::knob::KnobValue;
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_text::{given, suggestion};
use serde::Serialize;

/// Every knob with its value.
pub fn knobs(spec: &'static LabSpec, frame: &Frame) -> Response<Body> {
    let knobs = spec.knobs.iter().zip(&frame.knobs);
    let knobs = knobs.map(|(knob, value)| KnobState {
        knob: Knob::from(knob),
        value: value.clone(),
    });
    let knobs = Knobs {
        lab: spec.id,
        knobs: knobs.collect(),
    };
    json_response(StatusCode::OK, &knobs)
}

/// The answer to `GET /knobs`.
#[derive(Debug, Serialize)]
struct Knobs {
    lab: &'static str,
    knobs: Vec<KnobState>,
}

#[derive(Debug, Serialize)]
struct KnobState {
    #[serde(flatten)]
    knob: Knob,
    value: KnobValue,
}

/// The answer to `PUT /knobs/{name}`.
#[derive(Debug, Serialize)]
struct Turned {
    knob: &'static str,
    value: KnobValue,
    at_s: f64,
    restarted: bool,
}

/// The answer to `POST /actions/{name}`.
#[derive(Debug, Serialize)]
struct Acted {
    done: String,
    at_s: f64,
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
            format!("there is no knob `{}`", given(name)),
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
    site.notify(News::Turned {
        knob: knob.name,
        value: value.clone(),
    });
    let turned = Turned {
        knob: knob.name,
        value,
        at_s: done.at.as_secs_f64(),
        restarted: done.restarted,
    };
    Ok(json_response(StatusCode::OK, &turned))
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
            Failure::not_found(format!("there is no action `{}`", given(&name)), suggestion)
        }
        ActionError::Argument { .. } => {
            Failure::bad_request(error.to_string(), "send {\"argument\": …}")
        }
    })?;
    let written = action.to_string();
    let done = site
        .outcome(site.run.intervene(Intervention::Act(action)))
        .await?;
    let done = done.map_err(|error| {
        Failure::bad_request(error.to_string(), "GET /frame shows what there is")
    })?;
    let acted = Acted {
        done: written,
        at_s: done.at.as_secs_f64(),
    };
    Ok(json_response(StatusCode::OK, &acted))
}
