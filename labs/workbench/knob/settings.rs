//! The values of all knobs of one lab.

use super::{KnobError, KnobSpec, KnobValue};
use ddlab_text::suggestion;

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

    /// The value of a knob that the lab has.
    pub fn value(&self, name: &str) -> &KnobValue {
        let at = self.place(name);
        &self.values[at.unwrap_or_else(|error| panic!("{error}"))]
    }

    /// Each knob with its value, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static KnobSpec, &KnobValue)> {
        self.specs.iter().zip(&self.values)
    }

    /// Each knob that is not at its default, with its value.
    pub fn turned(&self) -> impl Iterator<Item = (&'static KnobSpec, &KnobValue)> {
        self.iter().filter(|(knob, value)| knob.default != **value)
    }

    pub(super) fn place(&self, name: &str) -> Result<usize, KnobError> {
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
