//! What a lab reads a knob as: numbers, durations, distributions, and its own enums.

use super::{KnobKind, KnobSpec, KnobValue};
use crate::engine::Distribution;
use std::time::Duration;

/// A type that a knob is read as.
pub trait Reading: Sized + 'static {
    /// None when the value is of another kind.
    fn read(value: &KnobValue) -> Option<Self>;

    /// The value of a knob that is read as this.
    fn write(&self, knob: &KnobSpec) -> KnobValue;
}

/// An enum whose variants are the words that a knob takes; see [`choices`](crate::choices).
pub trait Choice: Copy + 'static {
    const ALL: &'static [Self];
    /// In the same order.
    const WORDS: &'static [&'static str];

    fn word(self) -> &'static str;

    fn named(word: &str) -> Option<Self> {
        let place = Self::WORDS.iter().position(|known| *known == word)?;
        Some(Self::ALL[place])
    }
}

/// A value, or one of the words that may stand for it: `20ms` or `p95`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Or<T, E> {
    Value(T),
    Word(E),
}

impl Reading for f64 {
    fn read(value: &KnobValue) -> Option<Self> {
        match value {
            KnobValue::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn write(&self, _: &KnobSpec) -> KnobValue {
        KnobValue::Number(*self)
    }
}

impl Reading for usize {
    fn read(value: &KnobValue) -> Option<Self> {
        f64::read(value).map(|number| number as Self)
    }

    fn write(&self, _: &KnobSpec) -> KnobValue {
        KnobValue::Number(*self as f64)
    }
}

impl Reading for bool {
    fn read(value: &KnobValue) -> Option<Self> {
        match value {
            KnobValue::Switch(on) => Some(*on),
            _ => None,
        }
    }

    fn write(&self, _: &KnobSpec) -> KnobValue {
        KnobValue::Switch(*self)
    }
}

impl Reading for Duration {
    fn read(value: &KnobValue) -> Option<Self> {
        match value {
            KnobValue::Duration(ns) => Some(Self::from_nanos(*ns)),
            _ => None,
        }
    }

    fn write(&self, _: &KnobSpec) -> KnobValue {
        KnobValue::Duration(self.as_nanos() as u64)
    }
}

impl Reading for Distribution {
    fn read(value: &KnobValue) -> Option<Self> {
        match value {
            KnobValue::Distribution(text) => text.parse().ok(),
            _ => None,
        }
    }

    fn write(&self, _: &KnobSpec) -> KnobValue {
        KnobValue::Distribution(self.to_string())
    }
}

impl<T: Reading> Reading for Option<T> {
    fn read(value: &KnobValue) -> Option<Self> {
        match value {
            KnobValue::Word(_) => Some(None),
            value => T::read(value).map(Some),
        }
    }

    fn write(&self, knob: &KnobSpec) -> KnobValue {
        match (self, &knob.kind) {
            (Some(value), _) => value.write(knob),
            (None, KnobKind::Number { words, .. } | KnobKind::Duration { words, .. }) => {
                KnobValue::Word(words[0].to_owned())
            }
            // A distribution has the one word that it starts at.
            (None, _) => knob.default.clone(),
        }
    }
}

impl<T: Reading, E: Choice> Reading for Or<T, E> {
    fn read(value: &KnobValue) -> Option<Self> {
        match value {
            KnobValue::Word(word) => E::named(word).map(Self::Word),
            value => T::read(value).map(Self::Value),
        }
    }

    fn write(&self, knob: &KnobSpec) -> KnobValue {
        match self {
            Self::Value(value) => value.write(knob),
            Self::Word(word) => KnobValue::Word(word.word().to_owned()),
        }
    }
}
