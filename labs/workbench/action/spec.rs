//! What can be done to a lab: a line of its table.

use super::{Action, Argument, NodeBy, NodeFor};
use crate::engine::time::format_span;
use crate::workbench::role::Role;
use std::marker::PhantomData;

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
    /// A number from 0 to `max`, with this unit.
    Number {
        unit: &'static str,
        default: u32,
        max: u32,
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

/// A number of something, at most `max`.
pub const fn number(unit: &'static str, default: u32, max: u32) -> Aim<f64> {
    aim(ArgumentKind::Number { unit, default, max }, None)
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

    /// What the node with this number is called: `leaf 3`.
    pub fn called(&self, number: u32) -> String {
        let called = self.target.map(|role| role.called(number));
        called.unwrap_or_else(|| format!("node {number}"))
    }

    /// How it is written: `slow=7`, `burst=500`.
    pub fn form(&self) -> String {
        match self.argument {
            ArgumentKind::None => format!("`{}`", self.name),
            ArgumentKind::Node => {
                let names = self.target.map_or(&[][..], |role| role.names);
                format!("`{}={}`", self.name, names.first().unwrap_or(&"7"))
            }
            ArgumentKind::NodeOr { .. } => format!("`{0}` or `{0}=7`", self.name),
            ArgumentKind::NodeFor { default } | ArgumentKind::NodeBy { default } => {
                format!("`{}=1:{default}`", self.name)
            }
            ArgumentKind::Number { default, .. } => format!("`{}={default}`", self.name),
        }
    }

    /// What is done, for the journal: `slow leaf 3`, `pause candidate 1 for 26s`.
    pub fn in_words(&self, action: &Action) -> String {
        let name = self.name;
        let called = |number| self.called(number);
        match action.argument {
            Argument::None => name.to_owned(),
            Argument::Node(number) => format!("{name} {}", called(number)),
            Argument::Number(amount) => format!("{name}: {amount}"),
            Argument::NodeFor(number, span) => {
                format!("{name} {} for {}", called(number), format_span(span))
            }
            Argument::NodeBy(number, factor) => format!("{name} {} by {factor}", called(number)),
        }
    }
}
