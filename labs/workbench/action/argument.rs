//! What an action is aimed at or takes.

use super::{Action, ArgumentKind};
use crate::engine::time::{format_span, parse_span};
use crate::workbench::length::{LENGTH_MAX, longer_than_a_run};
use crate::workbench::role::Role;
use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Argument {
    None,
    /// The number of a node, from 1; whether there is such a node is the lab's to judge.
    Node(u32),
    Number(f64),
    /// A node and how long.
    NodeFor(u32, Duration),
    /// A node and a factor, within [`FACTORS`].
    NodeBy(u32, f64),
}

/// The factors that an action may take.
const FACTORS: RangeInclusive<f64> = 0.01..=100.0;

/// A node by its number, or by its name where nodes of this role have names.
fn node(text: &str, role: Option<&Role>) -> Result<u32, String> {
    let text = text.trim();
    let named = role.and_then(|role| role.number_of(text));
    let number = text.parse().ok().filter(|number| *number > 0);
    named.or(number).ok_or_else(|| match role {
        Some(role) if !role.names.is_empty() => format!("it is one of {}", role.names.join(", ")),
        _ => "nodes are numbered from 1".to_owned(),
    })
}

/// A number within the range; `what` begins the sentence that says so.
fn within(what: &str, text: &str, range: &RangeInclusive<f64>) -> Result<f64, String> {
    let number = text.trim().parse::<f64>().ok();
    let number = number.filter(|number| range.contains(number));
    let (low, high) = (range.start(), range.end());
    number.ok_or_else(|| format!("{what} must be a number from {low} to {high}"))
}

impl Argument {
    /// Reads it as this kind of action takes it, aimed at a node of this role.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(
        kind: ArgumentKind,
        role: Option<&Role>,
        text: Option<&str>,
    ) -> Result<Self, String> {
        let node = |text| node(text, role);
        match (kind, text) {
            (ArgumentKind::None | ArgumentKind::NodeOr { .. }, None) => Ok(Self::None),
            (ArgumentKind::None, Some(_)) => Err("it takes no argument".to_owned()),
            (
                ArgumentKind::Node | ArgumentKind::NodeFor { .. } | ArgumentKind::NodeBy { .. },
                None,
            ) => Err("it needs to know which node".to_owned()),
            (ArgumentKind::Node | ArgumentKind::NodeOr { .. }, Some(text)) => {
                node(text).map(Self::Node)
            }
            (ArgumentKind::NodeFor { default }, Some(text)) => {
                let (at, span) = text.split_once(':').unwrap_or((text, default));
                let (at, span) = (node(at)?, parse_span(span.trim()));
                let span = span.map_err(|error| error.to_string())?;
                if span > LENGTH_MAX {
                    return Err(longer_than_a_run(span));
                }
                Ok(Self::NodeFor(at, span))
            }
            (ArgumentKind::NodeBy { default }, Some(text)) => {
                let (at, factor) = text.split_once(':').unwrap_or((text, default));
                let factor = within("the factor", factor, &FACTORS);
                Ok(Self::NodeBy(node(at)?, factor?))
            }
            (ArgumentKind::Number { default, .. }, None) => Ok(Self::Number(default.into())),
            (ArgumentKind::Number { max, .. }, Some(text)) => {
                within("it", text, &(0.0..=f64::from(max))).map(Self::Number)
            }
        }
    }

    /// The node that it names.
    pub fn node(self) -> Option<u32> {
        match self {
            Self::Node(number) | Self::NodeFor(number, _) | Self::NodeBy(number, _) => Some(number),
            Self::None | Self::Number(_) => None,
        }
    }
}

/// As it is written; parses back to the same.
impl fmt::Display for Argument {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Node(number) => write!(out, "{number}"),
            Self::Number(number) => write!(out, "{number}"),
            Self::NodeFor(number, span) => write!(out, "{number}:{}", format_span(*span)),
            Self::NodeBy(number, factor) => write!(out, "{number}:{factor}"),
        }
    }
}

/// A node and how long.
pub type NodeFor = (u32, Duration);
/// A node and a factor.
pub type NodeBy = (u32, f64);

/// What a lab reads of an action's argument.
pub trait Payload: Sized {
    fn read(argument: Argument) -> Option<Self>;

    /// Of an action that was parsed by the table which says that it takes this.
    fn of(action: &Action) -> Self {
        Self::read(action.argument)
            .unwrap_or_else(|| panic!("`{action}` was not parsed by the table of its lab"))
    }
}

impl Payload for u32 {
    fn read(argument: Argument) -> Option<Self> {
        match argument {
            Argument::Node(number) => Some(number),
            _ => None,
        }
    }
}

impl Payload for Option<u32> {
    fn read(argument: Argument) -> Option<Self> {
        match argument {
            Argument::None => Some(None),
            argument => u32::read(argument).map(Some),
        }
    }
}

impl Payload for f64 {
    fn read(argument: Argument) -> Option<Self> {
        match argument {
            Argument::Number(number) => Some(number),
            _ => None,
        }
    }
}

impl Payload for NodeFor {
    fn read(argument: Argument) -> Option<Self> {
        match argument {
            Argument::NodeFor(number, span) => Some((number, span)),
            _ => None,
        }
    }
}

impl Payload for NodeBy {
    fn read(argument: Argument) -> Option<Self> {
        match argument {
            Argument::NodeBy(number, factor) => Some((number, factor)),
            _ => None,
        }
    }
}
