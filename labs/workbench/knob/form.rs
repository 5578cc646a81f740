//! The forms that a knob can have: what a lab writes behind the name and the type of a knob.
//!
//! A form is typed by what the lab reads of it: [`count`] is a `usize`, `count(…).or("inf")` an
//! `Option<usize>`. So a lab can't read a knob as something that it is not.

use super::reading::{Choice, Or, Reading};
use super::{KnobKind, KnobSpec, KnobValue, Scale};
use crate::engine::Distribution;
use crate::engine::time::parse_span;
use std::marker::PhantomData;
use std::time::Duration;

/// A knob without its name, read as a `T`.
#[derive(Debug)]
pub struct Form<T> {
    spec: KnobSpec,
    read_as: PhantomData<fn() -> T>,
}

fn form<T>(kind: KnobKind, default: KnobValue) -> Form<T> {
    Form {
        spec: KnobSpec {
            name: "",
            help: "",
            kind,
            default,
            beside_word: None,
            needs_restart: false,
            essential: false,
            group: "",
        },
        read_as: PhantomData,
    }
}

/// A whole number from `min` to `max`, turned on a logarithmic scale when the range is wide.
pub fn count(default: u32, min: u32, max: u32) -> Form<usize> {
    let wide = max / min.max(1) > 50;
    let kind = KnobKind::Number {
        unit: "",
        min: f64::from(min),
        max: f64::from(max),
        step: if wide { 1.5 } else { 1.0 },
        scale: if wide { Scale::Log } else { Scale::Linear },
        integer: true,
        words: &[],
    };
    form(kind, KnobValue::Number(f64::from(default)))
}

/// A positive quantity with a unit, on a logarithmic scale.
pub fn quantity(unit: &'static str, default: f64, min: f64, max: f64) -> Form<f64> {
    let kind = KnobKind::Number {
        unit,
        min,
        max,
        step: 1.25,
        scale: Scale::Log,
        integer: false,
        words: &[],
    };
    form(kind, KnobValue::Number(default))
}

/// A share from 0 to 1, written `0.05` or `5%`.
pub fn share(default: f64, step: f64) -> Form<f64> {
    let kind = KnobKind::Number {
        unit: "ratio",
        min: 0.0,
        max: 1.0,
        step,
        scale: Scale::Linear,
        integer: false,
        words: &[],
    };
    form(kind, KnobValue::Number(default))
}

/// One of the words of an enum, the first of which is the default.
pub fn choice<E: Choice>() -> Form<E> {
    let default = KnobValue::Word(E::WORDS[0].to_owned());
    form(KnobKind::Choice { options: E::WORDS }, default)
}

pub fn switch(default: bool) -> Form<bool> {
    form(KnobKind::Switch, KnobValue::Switch(default))
}

/// A duration from `min` to `max`, each written as it is on the command line: `100ms`.
pub fn duration(default: &str, min: &str, max: &str) -> Form<Duration> {
    let ns = |text: &str| {
        let span = parse_span(text).unwrap_or_else(|error| panic!("in a table of knobs: {error}"));
        span.as_nanos() as u64
    };
    let kind = KnobKind::Duration {
        min_ns: ns(min),
        max_ns: ns(max),
        step: 1.25,
        words: &[],
    };
    form(kind, KnobValue::Duration(ns(default)))
}

/// A distribution of durations; `default` must be one.
pub fn distribution(default: &str) -> Form<Distribution> {
    let default = KnobValue::Distribution(default.to_owned());
    form(KnobKind::Distribution { min_mean_ns: 0 }, default)
}

/// How long until something happens again, and again: a distribution whose mean is at least a millisecond.
pub fn recurrence(default: &str) -> Form<Distribution> {
    let default = KnobValue::Distribution(default.to_owned());
    let min_mean_ns = 1_000_000;
    form(KnobKind::Distribution { min_mean_ns }, default)
}

impl<T> Form<T> {
    /// A word that may stand where the value stands: read as none.
    #[must_use]
    pub fn or(self, word: &'static str) -> Form<Option<T>> {
        // A table of knobs lives as long as the program.
        self.with_words(vec![word].leak())
    }

    /// The same word as the default; the value that it had is where a turn away from the word leads.
    #[must_use]
    pub fn starting_at(self, word: &'static str) -> Form<Option<T>> {
        self.or(word).starts_at_word(word)
    }

    /// Starts at one of the words of an enum, which may stand where the value stands.
    #[must_use]
    pub fn or_one_of<E: Choice>(self, start: E) -> Form<Or<T, E>> {
        self.with_words(E::WORDS).starts_at_word(start.word())
    }

    fn with_words<U>(mut self, allowed: &'static [&'static str]) -> Form<U> {
        match &mut self.spec.kind {
            KnobKind::Number { words, .. } | KnobKind::Duration { words, .. } => {
                *words = allowed;
            }
            // A distribution has the one word that it starts at.
            KnobKind::Choice { .. } | KnobKind::Switch | KnobKind::Distribution { .. } => {}
        }
        Form {
            spec: self.spec,
            read_as: PhantomData,
        }
    }

    fn starts_at_word(mut self, word: &'static str) -> Self {
        let word = KnobValue::Word(word.to_owned());
        let value = std::mem::replace(&mut self.spec.default, word);
        self.spec.beside_word = Some(value);
        self
    }

    /// Turned on a linear scale by this amount: for a quantity that may be 0.
    #[must_use]
    pub fn in_steps_of(mut self, amount: f64) -> Self {
        if let KnobKind::Number { step, scale, .. } = &mut self.spec.kind {
            (*step, *scale) = (amount, Scale::Linear);
        }
        self
    }

    /// Turning it starts the run afresh.
    #[must_use]
    pub fn restarts(mut self) -> Self {
        self.spec.needs_restart = true;
        self
    }

    /// One of the few knobs that say what the lab is about.
    #[must_use]
    pub fn essential(mut self) -> Self {
        self.spec.essential = true;
        self
    }

    /// The knob of this name.
    pub fn named(self, name: &'static str) -> KnobSpec {
        KnobSpec { name, ..self.spec }
    }
}

impl<T: Reading> Form<T> {
    /// As the macro [`knobs`](crate::knobs) declares it; `help` is a doc comment.
    pub fn declare(self, name: &'static str, group: &'static str, help: &'static str) -> KnobSpec {
        self.named(name).of(group, help.trim())
    }
}
