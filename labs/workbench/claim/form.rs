//! The parts of the file that experiments and challenges share, as they are written.

use super::Fault;
use crate::workbench::knob::KnobSettings;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde_yaml::Spanned;
use std::collections::BTreeMap;
use std::fmt;

/// Any scalar, as it is written: `100`, `5 %`, `on`. The knob or the unit knows what it means.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scalar(pub String);

/// `{policy: hedge, fan_out: 100}`.
pub type SettingsForm = BTreeMap<String, Spanned<Scalar>>;

/// `{p99: {run: plain, metric: latency_ms, stat: p99}}`.
pub type MeasuresForm = BTreeMap<String, Spanned<MeasureForm>>;

/// A measurement: of a run, of whether an invariant held in it, or of two measurements.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureForm {
    /// The run of an experiment; a challenge has but one.
    pub run: Option<Spanned<String>>,
    pub metric: Option<Spanned<String>>,
    /// `p99`, `mean`; without it a total, a ratio, a mean.
    pub stat: Option<Spanned<String>>,
    /// From and to, in the virtual time of the run, instead of the whole stretch of the run's step.
    pub over: Option<[Spanned<String>; 2]>,
    /// 1 if this invariant broke, 0 if it held.
    pub broken: Option<Spanned<String>>,
    /// The first in terms of the second: `12x`.
    pub ratio: Option<[Spanned<String>; 2]>,
    /// The first as a part of the second: `12 %`.
    pub share: Option<[Spanned<String>; 2]>,
    pub difference: Option<[Spanned<String>; 2]>,
    /// What it is called on a board; without it: the metric and the statistic.
    pub label: Option<String>,
}

/// A bound on a measurement.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementForm {
    pub of: Spanned<String>,
    pub above: Option<Spanned<Scalar>>,
    pub below: Option<Spanned<Scalar>>,
    pub within: Option<[Spanned<Scalar>; 2]>,
    /// A closed form, and by how much it may be missed: `near: 63.4 %`, `give: 5 %`.
    pub near: Option<Spanned<Scalar>>,
    pub give: Option<Spanned<Scalar>>,
    /// The bounds are so many times this measurement.
    pub times: Option<Spanned<String>>,
}

/// Sets the knobs that the file names.
pub(crate) fn apply(settings: &SettingsForm, knobs: &mut KnobSettings) -> Result<(), Fault> {
    for (name, value) in settings {
        let setting = format!("{name}={}", value.value.0);
        let set = knobs.set_text(&setting);
        set.map_err(|error| Fault::new(value.referenced, error.to_string()))?;
    }
    Ok(())
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a word or on/off")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar(text.to_owned()))
    }

    fn visit_bool<E: de::Error>(self, on: bool) -> Result<Scalar, E> {
        Ok(Scalar(if on { "on" } else { "off" }.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar(number.to_string()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Scalar, E> {
        Ok(Scalar(number.to_string()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar(number.to_string()))
    }
}
