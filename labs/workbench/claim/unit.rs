//! The unit of a measurement: the one that the name of its metric carries.

use crate::engine::time::parse_span;
use crate::workbench::units::{grouped, trimmed};
use std::time::Duration;

/// A measurement's unit. The value is kept as the metric has it: milliseconds of a `_ms`, a share from
/// 0 to 1 of a `_ratio`; it is written and read as people do: `5 %`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Milliseconds,
    Seconds,
    /// From 0 to 1, written in per cent.
    Share,
    PerSecond,
    /// One divided by another: `12x`.
    Times,
    /// A number of something.
    Count,
}

impl Unit {
    /// The unit of a metric, from its name.
    pub fn of_metric(name: &str) -> Self {
        let ends = |end: &str| name.ends_with(end);
        if ends("_ms") || ends("_ms_total") {
            Self::Milliseconds
        } else if ends("_ratio") || ends("_utilization") {
            Self::Share
        } else if ends("_s") || ends("_seconds_total") {
            Self::Seconds
        } else if ends("_rps") {
            Self::PerSecond
        } else {
            Self::Count
        }
    }

    /// As it stands behind a number; empty for a bare number.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::Share => "%",
            Self::PerSecond => "rps",
            Self::Times => "x",
            Self::Count => "",
        }
    }

    /// How many of what is written one of the value is: 100 for a share written in per cent.
    pub const fn scale(self) -> f64 {
        match self {
            Self::Share => 100.0,
            _ => 1.0,
        }
    }

    /// As a person reads it: `74 ms`, `19.4 s`, `5.1 %`, `12.4x`.
    pub fn show(self, value: f64) -> String {
        let (unit, value) = self.readable(value);
        unit.show_as_is(value)
    }

    /// Ten seconds and more are no longer counted in milliseconds.
    fn readable(self, value: f64) -> (Self, f64) {
        match self {
            Self::Milliseconds if value.abs() >= 10_000.0 => (Self::Seconds, value / 1_000.0),
            _ => (self, value),
        }
    }

    fn show_as_is(self, value: f64) -> String {
        let number = match self {
            Self::Count if value.fract() == 0.0 && value.abs() < 100.0 => format!("{value:.0}"),
            _ => grouped(value * self.scale()),
        };
        match self {
            Self::Times => format!("{number}x"),
            Self::Count => number,
            _ => format!("{number} {}", self.symbol()),
        }
    }

    /// As somebody said it, without decimals that say nothing: `1 %`, `20x`.
    pub fn said(self, value: f64) -> String {
        let (unit, value) = self.readable(value);
        let number = trimmed(value * unit.scale());
        match unit {
            Self::Times => format!("{number}x"),
            Self::Count => number,
            _ => format!("{number} {}", unit.symbol()),
        }
    }

    /// Reads `200 ms`, `0.2s`, `5 %`, `10x`, or a bare number, which is the value as it is kept.
    pub fn read(self, text: &str) -> Option<f64> {
        let text = text.trim();
        if let Ok(bare) = text.parse::<f64>() {
            return bare.is_finite().then_some(bare);
        }
        let before = |end: &str| text.strip_suffix(end)?.trim().parse::<f64>().ok();
        let span = || parse_span(&text.replace(' ', "")).ok();
        match self {
            Self::Milliseconds => span().map(|span: Duration| span.as_secs_f64() * 1e3),
            Self::Seconds => span().map(|span| span.as_secs_f64()),
            Self::Share => before("%").map(|percent| percent / 100.0),
            Self::PerSecond => before("rps"),
            Self::Times => before("x"),
            Self::Count => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metrics_name_carries_its_unit() {
        for (name, unit) in [
            ("latency_ms", Unit::Milliseconds),
            ("split_brain_ms_total", Unit::Milliseconds),
            ("oldest_age_s", Unit::Seconds),
            ("extra_load_ratio", Unit::Share),
            ("origin_rps", Unit::PerSecond),
            ("hedges_total", Unit::Count),
            ("believers", Unit::Count),
        ] {
            assert_eq!(Unit::of_metric(name), unit, "{name}");
        }
    }

    #[test]
    fn values_are_written_and_read_with_their_unit() {
        assert_eq!(Unit::Milliseconds.show(74.04), "74.0 ms");
        assert_eq!(Unit::Milliseconds.show(19_440.0), "19.4 s");
        assert_eq!(Unit::Share.show(0.051), "5.10 %");
        assert_eq!(Unit::Times.show(12.44), "12.4x");
        assert_eq!(Unit::Count.show(3.0), "3");
        assert_eq!(Unit::Share.said(0.01), "1 %");
        assert_eq!(Unit::Share.said(0.025), "2.5 %");
        assert_eq!(Unit::Milliseconds.read("0.2 s"), Some(200.0));
        assert_eq!(Unit::Milliseconds.read("200"), Some(200.0));
        assert_eq!(Unit::Share.read("5 %"), Some(0.05));
        assert_eq!(Unit::Share.read("0.05"), Some(0.05));
        assert_eq!(Unit::Times.read("10x"), Some(10.0));
        assert_eq!(Unit::Count.read("10 %"), None);
    }
}
