//! Actions: named things that one does to a running lab, written `slow=7`.
//!
//! A lab declares its actions with the macro [`actions`](crate::actions): an enum of its own, each variant
//! with what it is aimed at. [`Action`] is the form that scripts and screens know.

use super::role::Role;
use crate::engine::time::{format_span, parse_span};
use ddlab_text::suggestion;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

/// A named thing that one does to a running lab: `slow=7`.
#[derive(Debug, Clone)]
pub struct ActionSpec {
    pub name: &'static str,
    pub help: &'static str,
    pub argument: ArgumentKind,
    /// What it is aimed at, if at a node.
    pub target: Option<&'static Role>,
    /// The key that does it on the lab screen.
    pub key: char,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentKind {
    None,
    /// A node of the picture, by number (1-based).
    Node,
    /// A node; without one the lab chooses, as these words say: `the newest`.
    NodeOr {
        words: &'static str,
    },
    /// A number with this unit.
    Number {
        unit: &'static str,
        default: u32,
    },
    /// A node and how long: `pause=1:26s`; the node alone takes the default.
    NodeFor {
        default: &'static str,
    },
    /// A node and a factor: `skew=1:1.5`; the node alone takes the default.
    NodeBy {
        default: &'static str,
    },
}

impl ArgumentKind {
    /// It is done to a node of the picture.
    pub fn aims_at_node(self) -> bool {
        matches!(
            self,
            Self::Node | Self::NodeOr { .. } | Self::NodeFor { .. } | Self::NodeBy { .. }
        )
    }
}

/// What an action is aimed at or takes, read as a `T`.
#[derive(Debug)]
pub struct Aim<T> {
    argument: ArgumentKind,
    target: Option<&'static Role>,
    read_as: PhantomData<fn() -> T>,
}

/// A node and how long.
pub type NodeFor = (u32, Duration);
/// A node and a factor.
pub type NodeBy = (u32, f64);

const fn aim<T>(argument: ArgumentKind, target: Option<&'static Role>) -> Aim<T> {
    Aim {
        argument,
        target,
        read_as: PhantomData,
    }
}

/// At a node of this role, by number.
pub const fn on(role: &'static Role) -> Aim<u32> {
    aim(ArgumentKind::Node, Some(role))
}

/// At a node of this role, or at the one that these words say: `the newest`.
pub const fn on_or(role: &'static Role, words: &'static str) -> Aim<Option<u32>> {
    aim(ArgumentKind::NodeOr { words }, Some(role))
}

/// At a node of this role, for so long.
pub const fn on_for(role: &'static Role, default: &'static str) -> Aim<NodeFor> {
    aim(ArgumentKind::NodeFor { default }, Some(role))
}

/// At a node of this role, by so much.
pub const fn on_by(role: &'static Role, default: &'static str) -> Aim<NodeBy> {
    aim(ArgumentKind::NodeBy { default }, Some(role))
}

/// A number of something.
pub const fn number(unit: &'static str, default: u32) -> Aim<f64> {
    aim(ArgumentKind::Number { unit, default }, None)
}

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

/// An action of a lab's table with its argument, checked for form.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    pub name: &'static str,
    pub argument: Argument,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Argument {
    None,
    /// The number of a node, from 1; whether there is such a node is the lab's to judge.
    Node(u32),
    Number(f64),
    /// A node and how long.
    NodeFor(u32, Duration),
    /// A node and a factor above 0.
    NodeBy(u32, f64),
}

/// Why an action cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    #[error("there is no action `{name}`; {suggestion}")]
    Unknown { name: String, suggestion: String },
    #[error("`{action}` can't take `{given}`: {reason}; write {form}")]
    Argument {
        action: &'static str,
        given: String,
        reason: String,
        form: String,
    },
}

impl ActionError {
    pub fn unknown(name: &str, specs: &[ActionSpec]) -> Self {
        let names: Vec<&str> = specs.iter().map(|spec| spec.name).collect();
        Self::Unknown {
            name: name.to_owned(),
            suggestion: suggestion(name, &names),
        }
    }
}

impl Action {
    /// Reads `heal=7`, `burst=500` or `burst`, by the lab's table of actions.
    pub fn parse(text: &str, specs: &[ActionSpec]) -> Result<Self, ActionError> {
        let (name, argument) = match text.split_once('=') {
            Some((name, argument)) => (name.trim(), Some(argument.trim())),
            None => (text.trim(), None),
        };
        Self::from_parts(name, argument, specs)
    }

    /// The same with name and argument apart, as a screen has them.
    pub fn from_parts(
        name: &str,
        argument: Option<&str>,
        specs: &[ActionSpec],
    ) -> Result<Self, ActionError> {
        let Some(spec) = specs.iter().find(|spec| spec.name == name) else {
            return Err(ActionError::unknown(name, specs));
        };
        let refuse = |reason: &str| ActionError::Argument {
            action: spec.name,
            given: argument.unwrap_or("nothing").to_owned(),
            reason: reason.to_owned(),
            form: spec.form(),
        };
        let argument = match (spec.argument, argument) {
            (ArgumentKind::None | ArgumentKind::NodeOr { .. }, None) => Argument::None,
            (ArgumentKind::None, Some(_)) => return Err(refuse("it takes no argument")),
            (
                ArgumentKind::Node | ArgumentKind::NodeFor { .. } | ArgumentKind::NodeBy { .. },
                None,
            ) => return Err(refuse("it needs to know which node")),
            (ArgumentKind::Node | ArgumentKind::NodeOr { .. }, Some(text)) => match node(text) {
                Some(number) => Argument::Node(number),
                None => return Err(refuse(FROM_ONE)),
            },
            (ArgumentKind::NodeFor { default }, Some(text)) => {
                let (at, span) = text.split_once(':').unwrap_or((text, default));
                match (node(at), parse_span(span.trim())) {
                    (Some(number), Ok(span)) => Argument::NodeFor(number, span),
                    (None, _) => return Err(refuse(FROM_ONE)),
                    (_, Err(error)) => return Err(refuse(&error.to_string())),
                }
            }
            (ArgumentKind::NodeBy { default }, Some(text)) => {
                let (at, factor) = text.split_once(':').unwrap_or((text, default));
                match (node(at), factor.trim().parse::<f64>()) {
                    (Some(number), Ok(factor)) if factor.is_finite() && factor > 0.0 => {
                        Argument::NodeBy(number, factor)
                    }
                    (None, _) => return Err(refuse(FROM_ONE)),
                    _ => return Err(refuse("the factor must be a number above 0")),
                }
            }
            (ArgumentKind::Number { default, .. }, None) => Argument::Number(f64::from(default)),
            (ArgumentKind::Number { .. }, Some(text)) => match text.parse::<f64>() {
                Ok(number) if number.is_finite() && number >= 0.0 => Argument::Number(number),
                _ => return Err(refuse("it must be a number of at least 0")),
            },
        };
        Ok(Self {
            name: spec.name,
            argument,
        })
    }
}

impl Action {
    /// The node that it is aimed at.
    pub fn node(&self) -> Option<u32> {
        match self.argument {
            Argument::Node(number) | Argument::NodeFor(number, _) | Argument::NodeBy(number, _) => {
                Some(number)
            }
            Argument::None | Argument::Number(_) => None,
        }
    }

    /// Whether it is aimed at one of the nodes that there are, by number.
    pub fn hits(&self, role: &Role, there: &[u32]) -> Result<(), ActionError> {
        match self.node() {
            Some(number) if !there.contains(&number) => {
                let last = there.last().copied().unwrap_or(1);
                let reason = format!("the last {} is {last}", role.word);
                Err(self.refused(&number.to_string(), reason, last))
            }
            _ => Ok(()),
        }
    }

    /// Why the lab can't do it; `instead` is a number that would do.
    pub fn refused(&self, given: &str, reason: String, instead: u32) -> ActionError {
        ActionError::Argument {
            action: self.name,
            given: given.to_owned(),
            reason,
            form: format!("`{}={instead}`", self.name),
        }
    }
}

const FROM_ONE: &str = "nodes are numbered from 1";

fn node(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|number| *number > 0)
}

impl ActionSpec {
    /// An action that takes nothing; `help` is a doc comment.
    pub fn new(name: &'static str, key: char, help: &'static str) -> Self {
        Self {
            name,
            help: help.trim(),
            argument: ArgumentKind::None,
            target: None,
            key,
        }
    }

    #[must_use]
    pub fn aimed<T>(self, aim: &Aim<T>) -> Self {
        Self {
            argument: aim.argument,
            target: aim.target,
            ..self
        }
    }

    /// How it is written: `slow=7`, `burst=500`.
    pub fn form(&self) -> String {
        match self.argument {
            ArgumentKind::None => format!("`{}`", self.name),
            ArgumentKind::Node => format!("`{}=7`", self.name),
            ArgumentKind::NodeOr { .. } => format!("`{0}` or `{0}=7`", self.name),
            ArgumentKind::NodeFor { default } | ArgumentKind::NodeBy { default } => {
                format!("`{}=1:{default}`", self.name)
            }
            ArgumentKind::Number { default, .. } => format!("`{}={default}`", self.name),
        }
    }
}

impl ActionSpec {
    /// What is done, for the journal: `slow leaf 3`, `pause candidate 1 for 26s`.
    pub fn in_words(&self, action: &Action) -> String {
        let (name, word) = (self.name, self.target.map_or("node", |role| role.word));
        match action.argument {
            Argument::None => name.to_owned(),
            Argument::Node(number) => format!("{name} {word} {number}"),
            Argument::Number(amount) => format!("{name}: {amount}"),
            Argument::NodeFor(number, span) => {
                format!("{name} {word} {number} for {}", format_span(span))
            }
            Argument::NodeBy(number, factor) => format!("{name} {word} {number} by {factor}"),
        }
    }
}

/// As it is written; parses back to the same.
impl fmt::Display for Action {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.argument {
            Argument::None => out.write_str(self.name),
            Argument::Node(number) => write!(out, "{}={number}", self.name),
            Argument::Number(number) => write!(out, "{}={number}", self.name),
            Argument::NodeFor(number, span) => {
                write!(out, "{}={number}:{}", self.name, format_span(span))
            }
            Argument::NodeBy(number, factor) => write!(out, "{}={number}:{factor}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specs() -> Vec<ActionSpec> {
        let spec = |name, argument| ActionSpec {
            argument,
            ..ActionSpec::new(name, 'x', "")
        };
        vec![
            spec("slow", ArgumentKind::Node),
            spec(
                "burst",
                ArgumentKind::Number {
                    unit: "rps",
                    default: 500,
                },
            ),
            spec("calm", ArgumentKind::None),
            spec(
                "remove",
                ArgumentKind::NodeOr {
                    words: "the newest",
                },
            ),
            spec("pause", ArgumentKind::NodeFor { default: "26s" }),
            spec("skew", ArgumentKind::NodeBy { default: "2" }),
        ]
    }

    #[test]
    fn actions_read_and_print_as_they_are_written() {
        for text in ["slow=7", "burst=200", "calm", "pause=1:26s", "skew=2:1.5"] {
            assert_eq!(Action::parse(text, &specs()).unwrap().to_string(), text);
        }
        let burst = Action::parse("burst", &specs()).unwrap();
        assert_eq!(burst.argument, Argument::Number(500.0));
    }

    #[test]
    fn a_node_that_may_be_left_out_is_the_labs_to_choose() {
        let parsed = |text| Action::parse(text, &specs()).map(|action| action.argument);
        assert_eq!(parsed("remove"), Ok(Argument::None));
        assert_eq!(parsed("remove=3"), Ok(Argument::Node(3)));
        let refused = parsed("remove=0").unwrap_err().to_string();
        assert!(refused.contains("`remove` or `remove=7`"), "{refused}");
    }

    #[test]
    fn refusals_name_the_nearest_action_or_the_right_form() {
        let refused = |text| Action::parse(text, &specs()).unwrap_err().to_string();
        assert_eq!(
            refused("slw=7"),
            "there is no action `slw`; did you mean `slow`?"
        );
        assert!(refused("slow").contains("`slow=7`"));
        assert!(refused("slow=0").contains("numbered from 1"));
        assert!(refused("calm=3").contains("no argument"));
        assert!(refused("burst=lots").contains("a number of at least 0"));
        assert!(refused("pause=1:soon").contains("`pause=1:26s`"));
        assert!(refused("pause=x:1s").contains("numbered from 1"));
        assert!(refused("skew=1:0").contains("above 0"));
    }

    #[test]
    fn a_node_alone_takes_the_default_amount() {
        let parsed = |text| Action::parse(text, &specs()).unwrap().argument;
        assert_eq!(
            parsed("pause=3"),
            Argument::NodeFor(3, Duration::from_secs(26))
        );
        assert_eq!(parsed("skew=2"), Argument::NodeBy(2, 2.0));
    }
}
