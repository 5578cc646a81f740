//! The unit of a measurement: its symbol, and a value printed and read with it.

use crate::number::{exact, figure, percent_figure};
use crate::quantity::readings;
use crate::span::millis;

/// A measurement's unit. The value is kept as the metric has it: milliseconds of a `_ms`, a share from
/// 0 to 1 of a `_ratio`; it is printed and read as people do: `5.0 %`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Milliseconds,
    Seconds,
    /// From 0 to 1, printed in per cent.
    Share,
    PerSecond,
    /// 10^6 bytes.
    Megabytes,
    /// US dollars for a month.
    DollarsPerMonth,
    /// One divided by another: `12.4x`.
    Times,
    /// A number of something.
    Count,
}

/// Endings of metrics' names, and their units. A total is a count: its word says nothing more.
const ENDINGS: [(&str, Unit); 9] = [
    ("_ms_total", Unit::Milliseconds),
    ("_seconds_total", Unit::Seconds),
    ("_total", Unit::Count),
    ("_usd_month", Unit::DollarsPerMonth),
    ("_ms", Unit::Milliseconds),
    ("_s", Unit::Seconds),
    ("_ratio", Unit::Share),
    ("_rps", Unit::PerSecond),
    ("_mb", Unit::Megabytes),
];

impl Unit {
    /// A metric's name without the ending that says this unit: `latency` of `latency_ms`.
    pub fn stem(self, name: &str) -> &str {
        let mut endings = ENDINGS.into_iter().filter(|(_, unit)| *unit == self);
        let stem = endings.find_map(|(ending, _)| name.strip_suffix(ending));
        stem.filter(|stem| !stem.is_empty()).unwrap_or(name)
    }

    /// A metric's name as people read it: `split brain` of `split_brain_ms_total`, `replica time` of
    /// `replica_seconds_total`.
    pub fn label(self, name: &str) -> String {
        let stem = self.stem(name).replace('_', " ");
        if name.ends_with("_seconds_total") {
            return format!("{stem} time");
        }
        stem
    }

    /// What stands behind a number; empty for a count.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::Share => "%",
            Self::PerSecond => "rps",
            Self::Megabytes => "MB",
            Self::DollarsPerMonth => "USD/month",
            Self::Times => "x",
            Self::Count => "",
        }
    }

    /// The unit of a value as it is kept, for files and scripts: a share is a `ratio`, not yet per cent.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Share => "ratio",
            _ => self.symbol(),
        }
    }

    /// What a value is multiplied by before it is printed: 100 for a share.
    pub const fn scale(self) -> f64 {
        match self {
            Self::Share => 100.0,
            _ => 1.0,
        }
    }

    /// The number of a measured value without its symbol: `1,004`, `63.2`.
    pub fn figure(self, value: f64) -> String {
        match self {
            Self::Share => percent_figure(value),
            Self::Count if value.fract() == 0.0 && value.abs() < 100.0 => format!("{value:.0}"),
            _ => figure(value),
        }
    }

    /// A measured value: `74.0 ms`, `19.4 s`, `5.1 %`, `12.4x`.
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Milliseconds => millis(value),
            _ => self.with_symbol(&self.figure(value)),
        }
    }

    /// A value that somebody set or claims, with no digit added: `1 %`, `20x`.
    pub fn show_exact(self, value: f64) -> String {
        match self {
            Self::Milliseconds if value.abs() >= 10_000.0 => {
                Self::Seconds.show_exact(value / 1_000.0)
            }
            _ => self.with_symbol(&exact(value * self.scale())),
        }
    }

    fn with_symbol(self, number: &str) -> String {
        match self {
            Self::Count => number.to_owned(),
            Self::Times => format!("{number}x"),
            _ => format!("{number} {}", self.symbol()),
        }
    }

    /// Reads `200 ms`, `0.2s`, `5 %`, `10x`, or a bare number, which is the value as it is kept.
    pub fn read(self, text: &str) -> Option<f64> {
        let asked = match self {
            Self::Share | Self::Times => "",
            Self::Count => "things",
            _ => self.symbol(),
        };
        readings(text, asked).ok()?.first().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_metrics_name_is_cut_before_its_unit() {
        for (name, unit, stem) in [
            ("latency_ms", Unit::Milliseconds, "latency"),
            ("split_brain_ms_total", Unit::Milliseconds, "split_brain"),
            ("oldest_age_s", Unit::Seconds, "oldest_age"),
            ("extra_load_ratio", Unit::Share, "extra_load"),
            ("leaf_utilization", Unit::Share, "leaf_utilization"),
            ("origin_rps", Unit::PerSecond, "origin"),
            ("hedges_total", Unit::Count, "hedges"),
            ("believers", Unit::Count, "believers"),
        ] {
            assert_eq!(unit.stem(name), stem, "{name}");
            assert_eq!(unit.label(name), stem.replace('_', " "));
        }
        // What of a replica? Its time.
        let label = Unit::Seconds.label("replica_seconds_total");
        assert_eq!(label, "replica time");
    }

    #[test]
    fn values_are_written_and_read_with_their_unit() {
        assert_eq!(Unit::Milliseconds.show(74.04), "74.0 ms");
        assert_eq!(Unit::Milliseconds.show(19_440.0), "19.4 s");
        assert_eq!(Unit::Share.show(0.051), "5.1 %");
        assert_eq!(Unit::Times.show(12.44), "12.4x");
        assert_eq!(Unit::Count.show(3.0), "3");
        assert_eq!(Unit::Share.show_exact(0.01), "1 %");
        assert_eq!(Unit::Share.show_exact(0.025), "2.5 %");
        assert_eq!(Unit::Milliseconds.read("0.2 s"), Some(200.0));
        assert_eq!(Unit::Milliseconds.read("200"), Some(200.0));
        assert_eq!(Unit::Share.read("5 %"), Some(0.05));
        assert_eq!(Unit::Share.read("0.05"), Some(0.05));
        assert_eq!(Unit::Times.read("10x"), Some(10.0));
        assert_eq!(Unit::Count.read("10 %"), None);
    }

    proptest! {
        #[test]
        fn an_exact_value_is_read_back(thousandths in 0u32..9_000_000) {
            let value = f64::from(thousandths) / 1e3;
            for unit in [Unit::Milliseconds, Unit::Seconds, Unit::Share, Unit::PerSecond, Unit::Times, Unit::Count] {
                let text = unit.show_exact(value);
                let read = unit.read(&text).unwrap();
                prop_assert!((read - value).abs() <= 1e-3 + value * 1e-4, "{text} became {read}");
            }
        }
    }
}
