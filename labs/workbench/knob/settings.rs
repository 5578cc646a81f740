//! The values of all knobs of one lab.

use super::{KnobError, KnobSpec, KnobValue};
use crate::engine::Distribution;
use ddlab_text::suggestion;
use std::time::Duration;

/// One value a knob, in the order of the lab's knobs. Always complete and within range.
#[derive(Debug, Clone)]
pub struct KnobSettings {
    specs: &'static [KnobSpec],
    values: Vec<KnobValue>,
}

impl PartialEq for KnobSettings {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values
    }
}

impl KnobSettings {
    /// Every knob as it stands when nobody has turned it.
    pub fn defaults(specs: &'static [KnobSpec]) -> Self {
        let values = specs.iter().map(|knob| knob.default.clone()).collect();
        Self { specs, values }
    }

    /// Sets one knob from `KNOB=VALUE`.
    pub fn set_text(&mut self, setting: &str) -> Result<(), KnobError> {
        let Some((name, value)) = setting.split_once('=') else {
            let example = self.specs.first().map_or_else(String::new, |knob| {
                format!("{}={}", knob.name, knob.default)
            });
            let text = setting.to_owned();
            return Err(KnobError::Form { text, example });
        };
        let at = self.place(name.trim())?;
        self.values[at] = self.specs[at].parse(value)?;
        Ok(())
    }

    /// Sets one knob to a value, after checking it.
    pub fn set(&mut self, name: &str, value: KnobValue) -> Result<(), KnobError> {
        let at = self.place(name)?;
        self.specs[at].check(&value)?;
        self.values[at] = value;
        Ok(())
    }

    /// The description of a knob by its name.
    pub fn spec(&self, name: &str) -> Result<&'static KnobSpec, KnobError> {
        Ok(&self.specs[self.place(name)?])
    }

    pub fn values(&self) -> &[KnobValue] {
        &self.values
    }

    /// Each knob with its value, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static KnobSpec, &KnobValue)> {
        self.specs.iter().zip(&self.values)
    }

    /// Each knob that is not at its default, with its value.
    pub fn turned(&self) -> impl Iterator<Item = (&'static KnobSpec, &KnobValue)> {
        self.iter().filter(|(knob, value)| knob.default != **value)
    }

    fn place(&self, name: &str) -> Result<usize, KnobError> {
        let at = self.specs.iter().position(|knob| knob.name == name);
        at.ok_or_else(|| KnobError::Unknown {
            name: name.to_owned(),
            suggestion: {
                let names: Vec<&str> = self.specs.iter().map(|knob| knob.name).collect();
                suggestion(name, &names)
            },
        })
    }
}

/// Typed reading, for labs. A lab reads only knobs of its own table, by the kind they have there;
/// anything else is a slip in the lab's code, found by its first run.
impl KnobSettings {
    /// The value of a knob of this lab.
    pub fn value(&self, name: &str) -> &KnobValue {
        let at = self.specs.iter().position(|knob| knob.name == name);
        &self.values[at.unwrap_or_else(|| panic!("the lab has no knob `{name}` in its table"))]
    }

    /// A number; none while the knob is at one of its words (`none`, `off`, `inf`).
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.value(name) {
            KnobValue::Number(number) => Some(*number),
            KnobValue::Word(_) => None,
            other => panic!("the lab reads `{name}` as a number, it is {other:?}"),
        }
    }

    /// A number of a knob that has no words.
    pub fn plain_number(&self, name: &str) -> f64 {
        self.number(name)
            .unwrap_or_else(|| panic!("the lab reads `{name}` as a number without words"))
    }

    /// A whole number of a knob that has no words.
    pub fn count(&self, name: &str) -> usize {
        self.plain_number(name) as usize
    }

    /// A span of time; none while the knob is at one of its words.
    pub fn duration(&self, name: &str) -> Option<Duration> {
        match self.value(name) {
            KnobValue::Duration(ns) => Some(Duration::from_nanos(*ns)),
            KnobValue::Word(_) => None,
            other => panic!("the lab reads `{name}` as a span of time, it is {other:?}"),
        }
    }

    /// A distribution; none while the knob is at its word (`off`).
    pub fn distribution_if_any(&self, name: &str) -> Option<Distribution> {
        match self.value(name) {
            KnobValue::Word(_) => None,
            _ => Some(self.distribution(name)),
        }
    }

    /// The option of a choice, or the word that a knob stands at; empty while it is at a number.
    pub fn word(&self, name: &str) -> &str {
        match self.value(name) {
            KnobValue::Word(word) => word,
            _ => "",
        }
    }

    pub fn switch(&self, name: &str) -> bool {
        match self.value(name) {
            KnobValue::Switch(on) => *on,
            other => panic!("the lab reads `{name}` as a switch, it is {other:?}"),
        }
    }

    pub fn distribution(&self, name: &str) -> Distribution {
        match self.value(name) {
            KnobValue::Distribution(text) => text
                .parse()
                .expect("a distribution is parsed before it becomes a knob's value"),
            other => panic!("the lab reads `{name}` as a distribution, it is {other:?}"),
        }
    }
}
