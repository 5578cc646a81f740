//! Numbers, values of knobs, metrics and invariants as JSON: the pieces that every output for programs is
//! made of (rows of a sweep, reports, frames).

use super::frame::{InvariantView, MetricValue, Statistic};
use super::knob::KnobValue;
use super::meter::MetricKind;
use crate::engine::SimTime;
use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;

/// A number. Whole numbers have no fraction: `20` and not `20.0`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Number(pub f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Up to here a float is exactly the integer that is written.
        if self.0.fract() == 0.0 && self.0.abs() < 9e15 {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

/// Numbers and switches as such, everything else as a person writes it.
impl Serialize for KnobValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => Number(*number).serialize(serializer),
            Self::Switch(on) => serializer.serialize_bool(*on),
            other => serializer.collect_str(other),
        }
    }
}

impl JsonSchema for KnobValue {
    fn schema_name() -> Cow<'static, str> {
        "KnobValue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number, a switch, or text: a word, a duration, a distribution.",
            "type": ["number", "boolean", "string"],
        })
    }
}

/// The figures of a metric: the number of a counter or a ratio, or an object with the statistics of a gauge
/// or a histogram. Null is a figure of nothing: the ratio to zero, the percentile of no sample.
///
/// Units are those that the metric's name ends in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Figures {
    One(Option<Number>),
    Many(IndexMap<String, Option<Number>>),
}

impl Figures {
    pub fn of(value: &MetricValue) -> Self {
        let figure = |statistic: Statistic| {
            let figure = value.get(statistic).filter(|figure| figure.is_finite());
            figure.map(Number)
        };
        match value.kind().statistics() {
            [only] => Self::One(figure(*only)),
            many => {
                let figures = many.iter().map(|of| (of.key().to_owned(), figure(*of)));
                Self::Many(figures.collect())
            }
        }
    }

    /// The figure, where there is one.
    pub fn get(&self, statistic: Statistic) -> Option<f64> {
        let figure = match self {
            Self::One(figure) if statistic == Statistic::Value => *figure,
            Self::One(_) => None,
            Self::Many(figures) => *figures.get(statistic.key())?,
        };
        figure.map(|Number(figure)| figure)
    }
}

impl MetricValue {
    fn kind(&self) -> MetricKind {
        match self {
            Self::Counter(_) => MetricKind::Counter,
            Self::Ratio(_) => MetricKind::Ratio,
            Self::Gauge { .. } => MetricKind::Gauge,
            Self::Histogram(_) => MetricKind::Histogram,
        }
    }
}

/// An invariant at the end of a run, or so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Invariant {
    pub name: String,
    pub held: bool,
    /// Seconds of virtual time; null while it holds.
    pub first_broken_at_s: Option<f64>,
    /// What broke it; of one that holds, what was checked and how often.
    pub detail: String,
}

impl From<&InvariantView> for Invariant {
    fn from(view: &InvariantView) -> Self {
        Self {
            name: view.name.to_owned(),
            held: view.held,
            first_broken_at_s: view.first_broken_at.map(SimTime::as_secs_f64),
            detail: view.detail.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workbench::frame::HistogramView;
    use serde_json::json;

    fn written(value: &MetricValue) -> serde_json::Value {
        serde_json::to_value(Figures::of(value)).unwrap()
    }

    #[test]
    fn whole_numbers_have_no_fraction() {
        let text = |number| serde_json::to_string(&Number(number)).unwrap();
        assert_eq!(text(20.0), "20");
        assert_eq!(text(-3.0), "-3");
        assert_eq!(text(0.25), "0.25");
        assert_eq!(text(1e300), "1e+300");
    }

    #[test]
    fn a_histogram_of_nothing_has_no_percentiles_and_a_ratio_to_zero_is_null() {
        let nothing = MetricValue::Histogram(HistogramView::default());
        let expected = json!({
            "count": 0, "mean": null, "p50": null, "p90": null, "p95": null, "p99": null,
            "p999": null, "max": null,
        });
        assert_eq!(written(&nothing), expected);
        assert_eq!(written(&MetricValue::Ratio(None)), json!(null));
        assert_eq!(written(&MetricValue::Counter(7.0)), json!(7));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let gauge = MetricValue::Gauge {
            last: 3.0,
            mean: 0.1,
            min: -1.5,
            max: 1e22,
        };
        for value in [gauge, MetricValue::Counter(5.0), MetricValue::Ratio(None)] {
            let figures = Figures::of(&value);
            let text = serde_json::to_string(&figures).unwrap();
            assert_eq!(serde_json::from_str::<Figures>(&text).unwrap(), figures);
            assert_eq!(figures.get(Statistic::Max), value.get(Statistic::Max));
        }
    }
}
