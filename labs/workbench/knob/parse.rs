//! Text to the value of a knob, checked against its kind and range.

use super::{KnobKind, KnobSpec, KnobValue};
use crate::engine::Distribution;
use crate::engine::time::parse_span;
use ddlab_text::Unit;
use ddlab_text::{given, suggestion};
use std::time::Duration;

/// Why a knob cannot be set so. Each says what was tried and what would do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KnobError {
    #[error("there is no knob `{}`; {suggestion}", given(.name))]
    Unknown { name: String, suggestion: String },
    #[error("`{knob}` can't be `{}`: {reason}; it takes {range}", ddlab_text::given(.given))]
    Value {
        knob: &'static str,
        given: String,
        reason: String,
        range: String,
    },
    #[error("`{}` is not a setting; write KNOB=VALUE, as in `{example}`", given(.text))]
    Form { text: String, example: String },
    #[error("`{knob}` shapes the whole run and can't change in the middle; set it at the start")]
    OnlyAtStart { knob: &'static str },
}

impl KnobSpec {
    /// Reads a value of this knob.
    pub fn parse(&self, text: &str) -> Result<KnobValue, KnobError> {
        let text = text.trim();
        let value = match &self.kind {
            KnobKind::Number { unit, words, .. } => match word(text, words) {
                Some(word) => word,
                None if *unit == "ratio" => self.number(text, Unit::Share.read(text))?,
                None => self.number(text, text.parse().ok())?,
            },
            KnobKind::Duration { words, .. } => word(text, words).map_or_else(
                || match parse_span(text) {
                    Ok(span) => Ok(KnobValue::Duration(span.as_nanos() as u64)),
                    Err(_) => {
                        Err(self.refuse(text, not_a("duration such as `100ms`", text, words)))
                    }
                },
                Ok,
            )?,
            KnobKind::Choice { options } => {
                word(text, options).ok_or_else(|| self.refuse(text, suggestion(text, options)))?
            }
            KnobKind::Switch => match text.to_ascii_lowercase().as_str() {
                "on" | "true" | "yes" | "1" => KnobValue::Switch(true),
                "off" | "false" | "no" | "0" => KnobValue::Switch(false),
                _ => return Err(self.refuse(text, "it is a switch".to_owned())),
            },
            KnobKind::Distribution { .. } if self.is_default_word(text) => {
                KnobValue::Word(text.to_owned())
            }
            KnobKind::Distribution { .. } => match text.parse::<Distribution>() {
                // As it was written: `const:0.25ms` must not come back as `const:250us`.
                Ok(_) => KnobValue::Distribution(text.to_owned()),
                Err(error) => {
                    return Err(KnobError::Value {
                        knob: self.name,
                        given: text.to_owned(),
                        reason: error.to_string(),
                        range: self.range(),
                    });
                }
            },
        };
        match self.fault(&value) {
            Some(reason) => Err(self.refuse(text, reason)),
            None => Ok(value),
        }
    }

    /// Whether the value is of this knob's kind and within its range.
    pub fn check(&self, value: &KnobValue) -> Result<(), KnobError> {
        match self.fault(value) {
            Some(reason) => Err(self.refuse(&value.to_string(), reason)),
            None => Ok(()),
        }
    }

    fn fault(&self, value: &KnobValue) -> Option<String> {
        match (&self.kind, value) {
            (
                KnobKind::Number {
                    min, max, integer, ..
                },
                KnobValue::Number(number),
            ) => {
                if !number.is_finite() || number < min || number > max {
                    Some("it is out of range".to_owned())
                } else if *integer && number.fract() != 0.0 {
                    Some("it must be a whole number".to_owned())
                } else {
                    None
                }
            }
            (KnobKind::Duration { min_ns, max_ns, .. }, KnobValue::Duration(ns)) => {
                (ns < min_ns || ns > max_ns).then(|| "it is out of range".to_owned())
            }
            (
                KnobKind::Number { words, .. }
                | KnobKind::Duration { words, .. }
                | KnobKind::Choice { options: words },
                KnobValue::Word(word),
            ) => (!words.contains(&word.as_str())).then(|| suggestion(word, words)),
            (KnobKind::Switch, KnobValue::Switch(_)) => None,
            (KnobKind::Distribution { .. }, KnobValue::Word(word))
                if self.is_default_word(word) =>
            {
                None
            }
            (KnobKind::Distribution { min_mean_ns }, KnobValue::Distribution(text)) => {
                match text.parse::<Distribution>() {
                    Ok(spans) => spans
                        .mean()
                        .is_some_and(|mean| mean < Duration::from_nanos(*min_mean_ns))
                        .then(|| "its mean is too short".to_owned()),
                    Err(error) => Some(error.to_string()),
                }
            }
            _ => Some(format!("it takes a {}", self.type_name())),
        }
    }

    /// A distribution knob that starts at a word (`off`) may be set back to it, and to no other.
    fn is_default_word(&self, text: &str) -> bool {
        matches!(&self.default, KnobValue::Word(word) if word == text)
    }

    fn number(&self, text: &str, parsed: Option<f64>) -> Result<KnobValue, KnobError> {
        let KnobKind::Number { words, .. } = &self.kind else {
            unreachable!("only a number knob reads a number")
        };
        parsed
            .map(KnobValue::Number)
            .ok_or_else(|| self.refuse(text, not_a("number", text, words)))
    }

    fn refuse(&self, given: &str, reason: String) -> KnobError {
        KnobError::Value {
            knob: self.name,
            given: given.to_owned(),
            reason,
            range: self.range(),
        }
    }
}

fn word(text: &str, words: &[&str]) -> Option<KnobValue> {
    words
        .iter()
        .find(|word| word.eq_ignore_ascii_case(text))
        .map(|word| KnobValue::Word((*word).to_owned()))
}

fn not_a(what: &str, text: &str, words: &[&str]) -> String {
    match words {
        [] => format!("it is not a {what}"),
        words => format!(
            "it is neither a {what} nor one of its words ({})",
            suggestion(text, words)
        ),
    }
}
