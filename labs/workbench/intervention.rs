//! An intervention: what is done to a run from outside its simulation, by a key, a script or a client.
//!
//! It is read once, where it comes in, and is the same from there to the run's script, its file and
//! its timeline.

use super::action::{Action, ActionError};
use super::knob::{KnobError, KnobValue};
use super::outside::{Outside, OutsideError};
use super::spec::LabSpec;
use crate::engine::SimTime;
use ddlab_text::suggestion;
use std::fmt;

#[derive(Debug, Clone, PartialEq)]
pub enum Intervention {
    Act(Action),
    Set {
        knob: &'static str,
        value: KnobValue,
    },
    /// A request by a client, written `request=GET /search?q=oak`.
    Request(Outside),
}

/// An intervention at its moment of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct TimedIntervention {
    pub at: SimTime,
    pub what: Intervention,
}

/// Why an intervention is impossible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InterventionError {
    #[error(transparent)]
    Action(#[from] ActionError),
    #[error(transparent)]
    Knob(#[from] KnobError),
    #[error(transparent)]
    Request(#[from] OutsideError),
}

/// How a request begins in a script.
const REQUEST: &str = "request=";

impl Intervention {
    /// Reads an action of the lab (`slow=3`), the turn of a knob (`policy=hedge`) or a request by a
    /// client (`request=GET /search?q=oak`).
    ///
    /// # Errors
    /// When the lab knows no such name, or the argument does not fit it; also for a knob that can only
    /// be set at the start of a run.
    pub fn parse(text: &str, spec: &'static LabSpec) -> Result<Self, InterventionError> {
        if let Some(request) = text.trim().strip_prefix(REQUEST) {
            return Ok(Self::Request(Outside::parse(request, &spec.endpoints)?));
        }
        let name = text.split('=').next().unwrap_or_default().trim();
        let knob = spec.knobs.iter().find(|knob| knob.name == name);
        match (knob, text.split_once('=')) {
            (Some(knob), _) if knob.needs_restart => {
                Err(KnobError::OnlyAtStart { knob: knob.name }.into())
            }
            (Some(knob), Some((_, value))) => Ok(Self::Set {
                knob: knob.name,
                value: knob.parse(value)?,
            }),
            _ if spec.actions.iter().any(|action| action.name == name) => {
                Ok(Self::Act(Action::parse(text, &spec.actions)?))
            }
            _ => {
                let actions = spec.actions.iter().map(|action| action.name);
                let names: Vec<&str> = actions
                    .chain(spec.knobs.iter().map(|knob| knob.name))
                    .collect();
                Err(ActionError::Unknown {
                    name: name.to_owned(),
                    suggestion: suggestion(name, &names),
                }
                .into())
            }
        }
    }

    pub fn is_request(&self) -> bool {
        matches!(self, Self::Request(_))
    }
}

/// As it is written; parses back to the same.
impl fmt::Display for Intervention {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Act(action) => action.fmt(out),
            Self::Set { knob, value } => write!(out, "{knob}={value}"),
            Self::Request(outside) => write!(out, "{REQUEST}{outside}"),
        }
    }
}
