//! Knobs: what a learner can turn on a lab, typed, with unit and range.
//!
//! - here: what a knob and its value are, and how a value is written and shown;
//! - [`form`]: what a lab writes behind the name of a knob; [`reading`]: what it reads of it;
//! - [`parse`]: text to value, with errors that name the nearest right thing;
//! - [`turn`]: one turn up or down, as the arrow keys do;
//! - [`settings`]: the values of all knobs of a lab; [`live`]: those of a run, shared with its lab.
//!
//! A lab declares its knobs with the macro [`knobs`](crate::knobs).

pub mod form;
mod live;
mod parse;
mod reading;
mod settings;
mod turn;

pub use live::{Knob, KnobId, Settings};
pub use parse::KnobError;
pub use reading::{Choice, Or, Reading};
pub use settings::KnobSettings;

use crate::engine::time::format_span;
use ddlab_text::{Unit, exact, human_span};
use std::fmt;
use std::time::Duration;

/// The description of one knob; `name` is how scripts and tests address it.
#[derive(Debug, Clone)]
pub struct KnobSpec {
    pub name: &'static str,
    /// What turning it does, one plain sentence.
    pub help: &'static str,
    pub kind: KnobKind,
    pub default: KnobValue,
    /// Where a knob that starts at a word is turned to from there: the value that its table names first.
    pub beside_word: Option<KnobValue>,
    /// Turning it starts the run afresh (the topology changes).
    pub needs_restart: bool,
    /// One of the five to seven that say what the lab is about: policy and faults first.
    pub essential: bool,
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
    Distribution {
        min_mean_ns: u64,
    },
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
            Self::Duration(ns) => out.write_str(&format_span(Duration::from_nanos(*ns))),
        }
    }
}

impl KnobSpec {
    #[must_use]
    pub fn of(mut self, group: &'static str, help: &'static str) -> Self {
        self.group = group;
        self.help = help;
        self
    }

    /// What kind of value it takes, one word: `number`, `integer`, `choice`…
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            KnobKind::Number { integer: true, .. } => "integer",
            KnobKind::Number { .. } => "number",
            KnobKind::Choice { .. } => "choice",
            KnobKind::Switch => "switch",
            KnobKind::Duration { .. } => "duration",
            KnobKind::Distribution { .. } => "distribution",
        }
    }

    /// The unit of a number, `""` where there is none or where the text carries it.
    pub fn unit(&self) -> &'static str {
        match self.kind {
            KnobKind::Number { unit, .. } => unit,
            _ => "",
        }
    }

    /// What it takes, in words: `1 to 2000`, `wait_all | hedge`, `1ms to 10s, or p95`.
    pub fn range(&self) -> String {
        let (range, words) = match &self.kind {
            KnobKind::Number {
                min, max, words, ..
            } => (format!("{min} to {max}"), *words),
            KnobKind::Duration {
                min_ns,
                max_ns,
                words,
                ..
            } => (
                format!(
                    "{} to {}",
                    format_span(Duration::from_nanos(*min_ns)),
                    format_span(Duration::from_nanos(*max_ns))
                ),
                *words,
            ),
            KnobKind::Choice { options } => return options.join(" | "),
            KnobKind::Switch => return "on | off".to_owned(),
            KnobKind::Distribution { min_mean_ns } => {
                let word = match &self.default {
                    KnobValue::Word(word) => format!("{word}, or "),
                    _ => String::new(),
                };
                let least = match *min_mean_ns {
                    0 => String::new(),
                    ns => format!(
                        ", with a mean of at least {}",
                        format_span(Duration::from_nanos(ns))
                    ),
                };
                return format!("{word}{DISTRIBUTIONS}{least}");
            }
        };
        match words {
            [] => range,
            words => format!("{range}, or {}", words.join(", ")),
        }
    }

    /// A value of this knob as a person reads it: `100 ms`, `5 %`, `50 rps`.
    pub fn human(&self, value: &KnobValue) -> String {
        match value {
            KnobValue::Number(number) => match self.unit() {
                "ratio" => Unit::Share.show_exact(*number),
                "" => exact(*number),
                "x" => format!("{}x", exact(*number)),
                unit => format!("{} {unit}", exact(*number)),
            },
            KnobValue::Duration(ns) => human_span(Duration::from_nanos(*ns)),
            other => other.to_string(),
        }
    }
}

/// The forms that a distribution knob takes, by example.
const DISTRIBUTIONS: &str = "const:10ms, exp:10ms, uniform:5ms..15ms, lognormal:10ms,0.5, \
     pareto:5ms,1.5, mix:99%*const:10ms,1%*const:1s";

#[cfg(test)]
mod tests;
