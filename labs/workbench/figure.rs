//! Figures: ready-made small runs of a lab, for a page to show in place.

use super::frame::{Frame, MetricValue, Statistic};
use super::knob::{KnobError, KnobSettings};
use super::lab::LabSpec;

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

    /// As text, with the unit that the metric's name carries: `63.2 %`, `1 004 ms`.
    pub fn show(&self, frame: &Frame) -> String {
        let Some(value) = self.read(frame) else {
            return "–".to_owned();
        };
        let metric = frame.metric(self.metric);
        self.text(value, metric.map(|metric| &metric.value))
    }

    /// As text, from the value that a whole run came to.
    pub fn show_value(&self, metric: &MetricValue) -> String {
        metric
            .get(self.statistic)
            .map_or_else(|| "–".to_owned(), |value| self.text(value, Some(metric)))
    }

    fn text(&self, value: f64, metric: Option<&MetricValue>) -> String {
        match metric {
            Some(MetricValue::Ratio(_)) => format!("{:.1} %", value * 100.0),
            _ if self.metric.ends_with("_ratio") => format!("{:.1} %", value * 100.0),
            _ if self.metric.ends_with("_ms") => format!("{} ms", grouped(value)),
            _ => grouped(value),
        }
    }
}

/// Three digits that count, and thousands apart: `1 004`, `52.3`, `0.25`.
fn grouped(value: f64) -> String {
    match value.abs() {
        below if below < 10.0 => format!("{value:.2}"),
        below if below < 100.0 => format!("{value:.1}"),
        _ => {
            let digits = format!("{value:.0}");
            let mut out = String::new();
            for (place, digit) in digits.chars().enumerate() {
                if place > 0 && (digits.len() - place).is_multiple_of(3) {
                    out.push('\u{202f}');
                }
                out.push(digit);
            }
            out
        }
    }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn numbers_keep_three_digits_and_set_thousands_apart() {
        assert_eq!(grouped(0.254), "0.25");
        assert_eq!(grouped(52.34), "52.3");
        assert_eq!(grouped(1004.4), "1\u{202f}004");
        assert_eq!(grouped(999.0), "999");
    }
}
