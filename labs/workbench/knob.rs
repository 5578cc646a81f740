//! Knobs: what a learner can turn on a lab, typed, with unit and range.

use std::fmt;

/// The description of one knob; `name` is how scripts and tests address it.
#[derive(Debug, Clone)]
pub struct KnobSpec {
    pub name: &'static str,
    /// What turning it does, one plain sentence.
    pub help: &'static str,
    pub kind: KnobKind,
    pub default: KnobValue,
    /// Turning it starts the run afresh (the topology changes).
    pub needs_restart: bool,
    /// The heading under which the screen groups it: `load`, `cluster`, `faults`, `policy`.
    pub group: &'static str,
}

#[derive(Debug, Clone)]
pub enum KnobKind {
    Number {
        /// `""`, `"rps"`, `"ms"`, `"ratio"`…
        unit: &'static str,
        min: f64,
        max: f64,
        /// On a linear scale the amount of one turn; on a log scale the factor of one turn.
        step: f64,
        scale: Scale,
        /// Only whole numbers.
        integer: bool,
        /// Words allowed beside numbers (`none`, `off`, `inf`, `p95`).
        words: &'static [&'static str],
    },
    Choice {
        options: &'static [&'static str],
    },
    Switch,
    /// A span of time, written `100ms`, with words beside it (`p95`, `off`).
    Duration {
        min_ns: u64,
        max_ns: u64,
        /// The factor of one turn.
        step: f64,
        words: &'static [&'static str],
    },
    /// A distribution of spans of time, written `lognormal:8ms,0.4`. Turning scales it.
    Distribution,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    Linear,
    Log,
}

/// The value of a knob. Its `Display` form parses back to the same value.
#[derive(Debug, Clone, PartialEq)]
pub enum KnobValue {
    Number(f64),
    /// One of the words that a number or a duration knob allows, or an option of a choice.
    Word(String),
    Switch(bool),
    /// Nanoseconds.
    Duration(u64),
    /// The text form of a distribution, checked.
    Distribution(String),
}

impl fmt::Display for KnobValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(value) => write!(out, "{value}"),
            Self::Word(word) | Self::Distribution(word) => out.write_str(word),
            Self::Switch(on) => out.write_str(if *on { "on" } else { "off" }),
            Self::Duration(ns) => write!(out, "{ns}ns"),
        }
    }
}
