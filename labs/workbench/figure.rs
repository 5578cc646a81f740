//! Figures: ready-made small runs of a lab, for a page to show in place.

use super::frame::{Frame, MetricValue, Statistic};
use super::knob::{KnobError, KnobSettings};
use super::lab::LabSpec;
use crate::engine::SimTime;
use ddlab_text::Unit;

/// One figure: a lab with its knobs set, what to read off it and what may be turned.
#[derive(Debug, Clone)]
pub struct FigureSpec {
    /// Pages name it `scatter-gather/tail-at-fan-out`.
    pub id: &'static str,
    pub caption: &'static str,
    pub seed: u64,
    /// `knob=value`, what differs from the lab's defaults.
    pub settings: &'static [&'static str],
    /// Virtual seconds per second.
    pub speed: f64,
    /// Virtual time in which the figure has shown what it is there to show: how long it is run where
    /// it can't run in place.
    pub tells_in: SimTime,
    /// Knobs that the reader may turn in place, the most telling one first.
    pub dials: &'static [&'static str],
    /// What is shown beside the picture, the most telling one first.
    pub readouts: Vec<Readout>,
}

/// One number of a figure.
#[derive(Debug, Clone, Copy)]
pub struct Readout {
    /// `p99`, `of requests met a slow leaf`.
    pub label: &'static str,
    pub metric: &'static str,
    pub statistic: Statistic,
}

impl FigureSpec {
    /// The lab's knobs as this figure sets them.
    pub fn knobs(&self, lab: &'static LabSpec) -> Result<KnobSettings, KnobError> {
        let mut knobs = KnobSettings::defaults(&lab.knobs);
        for setting in self.settings {
            knobs.set_text(setting)?;
        }
        Ok(knobs)
    }
}

impl Readout {
    pub const fn new(label: &'static str, metric: &'static str, statistic: Statistic) -> Self {
        Self {
            label,
            metric,
            statistic,
        }
    }

    /// The number now, over the recent past; of what is rare and did not happen in it, over the whole
    /// run. None while nothing has been measured.
    pub fn read(&self, frame: &Frame) -> Option<f64> {
        let metric = frame.metric(self.metric)?;
        let recent = metric.recent.get(self.statistic);
        recent.or_else(|| metric.value.get(self.statistic))
    }

    /// The number over the whole run.
    pub fn read_whole_run(&self, frame: &Frame) -> Option<f64> {
        let metric = frame.metric(self.metric)?;
        metric.value.get(self.statistic)
    }

    /// As text, with the unit of the metric: `63.2 %`, `1,004 ms`.
    pub fn show(&self, frame: &Frame) -> String {
        let metric = frame.metric(self.metric);
        let shown = metric.and_then(|metric| Some(metric.unit.show(self.read(frame)?)));
        shown.unwrap_or_else(|| "–".to_owned())
    }

    /// As text, from the value that a whole run came to.
    pub fn show_value(&self, unit: Unit, value: &MetricValue) -> String {
        let value = value.get(self.statistic);
        value.map_or_else(|| "–".to_owned(), |value| unit.show(value))
    }
}

#[cfg(test)]
mod tests {
    use super::{MetricValue, Readout, Statistic, Unit};

    #[test]
    fn a_share_is_a_percentage_and_a_number_of_things_is_whole() {
        let gauge = |last| MetricValue::Gauge {
            last,
            mean: 0.8249,
            min: 0.0,
            max: 1.0,
        };
        let shown = |unit, statistic, value: &MetricValue| {
            Readout::new("", "it", statistic).show_value(unit, value)
        };
        let busy = shown(Unit::Share, Statistic::Value, &gauge(1.0));
        assert_eq!(busy, "82.5 %");
        assert_eq!(shown(Unit::Count, Statistic::Last, &gauge(2.0)), "2");
        assert_eq!(shown(Unit::Count, Statistic::Mean, &gauge(2.0)), "0.825");
        let six = MetricValue::Counter(6.0);
        assert_eq!(shown(Unit::Count, Statistic::Value, &six), "6");
    }
}
