//! Numbers as people read them: three digits that count, thousands apart, the unit beside. A metric's
//! name carries its unit (`latency_ms`); here the two are told apart.

use ddlab_labs::engine::SimTime;

/// The widest number that [`figure`] writes, so that a column of them can stand still.
pub const FIGURE_WIDTH: usize = 7;

/// What the name of a metric says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// `leaf latency`.
    pub label: String,
    /// `ms`, `%`, `/s`; empty for a plain count.
    pub unit: &'static str,
    percent: bool,
}

/// Endings of names, and what they stand for. A total is a count: its word says nothing more.
const ENDINGS: [(&str, &str); 9] = [
    ("_ms_total", "ms"),
    ("_seconds_total", "s"),
    ("_total", ""),
    ("_usd_month", "usd/month"),
    ("_ms", "ms"),
    ("_s", "s"),
    ("_ratio", "%"),
    ("_rps", "/s"),
    ("_mb", "MB"),
];

/// Shares whose names tell so without the ending.
const SHARES: [&str; 1] = ["utilization"];

impl Quantity {
    pub fn of(name: &str) -> Self {
        let ending = ENDINGS.iter().find_map(|(ending, unit)| {
            name.strip_suffix(ending)
                .filter(|rest| !rest.is_empty())
                .map(|rest| (rest, *unit))
        });
        let (stem, unit) = match ending {
            Some(found) => found,
            None if SHARES.iter().any(|share| name.ends_with(share)) => (name, "%"),
            None => (name, ""),
        };
        Self {
            label: stem.replace('_', " "),
            unit,
            percent: unit == "%",
        }
    }

    /// The value in the unit that is shown.
    pub fn scaled(&self, value: f64) -> f64 {
        if self.percent { value * 100.0 } else { value }
    }

    /// The number alone: `1 004`, `63.2`.
    pub fn figure(&self, value: f64) -> String {
        if self.percent {
            // A share keeps one decimal from 0 to 100, so that it does not change its shape.
            format!("{:.1}", value * 100.0)
        } else {
            figure(value)
        }
    }

    /// Number and unit: `1 004 ms`, `63.2 %`.
    pub fn text(&self, value: f64) -> String {
        match self.unit {
            "" => self.figure(value),
            unit => format!("{} {unit}", self.figure(value)),
        }
    }

    /// `latency, ms`: the head of a chart.
    pub fn title(&self) -> String {
        match self.unit {
            "" => self.label.clone(),
            unit => format!("{}, {unit}", self.label),
        }
    }
}

/// Three digits that count, thousands apart: `0.25`, `52.3`, `1 004`, `1.25 M`.
pub fn figure(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        "–".to_owned()
    } else if size == 0.0 {
        "0".to_owned()
    } else if size < 9.995 {
        format!("{value:.2}")
    } else if size < 99.95 {
        format!("{value:.1}")
    } else if size < 999_999.5 {
        grouped(value.round() as i64)
    } else if size < 9.995e8 {
        let millions = value / 1e6;
        let decimals = 2 - (millions.abs().log10().floor() as usize).min(2);
        format!("{millions:.decimals$} M")
    } else {
        format!("{value:.1e}")
    }
}

/// A whole number with its thousands apart.
pub fn grouped(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::from(if value < 0 { "-" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// A round number of an axis: as few digits as the step between two of them needs.
pub fn tick(value: f64, step: f64) -> String {
    if value.abs() >= 1e6 {
        return format!("{} M", trim(format!("{:.2}", value / 1e6)));
    }
    let decimals = if step >= 1.0 || step <= 0.0 {
        0
    } else {
        (-step.log10().floor()) as usize
    };
    if decimals == 0 {
        grouped(value.round() as i64)
    } else {
        format!("{value:.decimals$}")
    }
}

fn trim(text: String) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Milliseconds as a person reads them: `312 ms`, `1.25 s`, `0.25 ms`.
pub fn millis(ms: f64) -> String {
    if ms >= 10_000.0 {
        format!("{} s", figure(ms / 1e3))
    } else {
        format!("{} ms", figure(ms))
    }
}

/// Virtual time to the millisecond, `00:42.310`; hours when there are any. Cut and not rounded: it
/// never shows a moment that is still to come.
pub fn clock(now: SimTime) -> String {
    let ms = now.0 / 1_000_000;
    let (s, m, h) = (ms / 1000, ms / 60_000, ms / 3_600_000);
    let rest = format!("{:02}:{:02}.{:03}", m % 60, s % 60, ms % 1000);
    if h > 0 { format!("{h}:{rest}") } else { rest }
}

/// A moment on an axis whose marks are `step` seconds apart: `0:20`, `42.5`, `1:02:00`.
pub fn clock_tick(seconds: f64, step: f64) -> String {
    if step < 1.0 {
        return tick(seconds, step);
    }
    let whole = seconds.round() as i64;
    let (h, m, s) = (whole / 3600, whole / 60 % 60, whole % 60);
    if h > 0 {
        format!("{h}:{m:02}:{s:02}")
    } else {
        format!("{m}:{s:02}")
    }
}

/// A speed as it is chosen and reached: `100x`, `0.5x`, `41x`.
pub fn speed(value: f64) -> String {
    let text = match value.abs() {
        size if size >= 99.5 => format!("{value:.0}"),
        size if size >= 9.95 => format!("{value:.0}"),
        size if size >= 0.995 => format!("{value:.1}"),
        size if size >= 0.0995 => format!("{value:.2}"),
        size if size >= 0.00995 => format!("{value:.3}"),
        _ => format!("{value:.4}"),
    };
    format!("{}x", trim(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn a_name_is_told_apart_from_its_unit() {
        let title = |name| Quantity::of(name).title();
        assert_eq!(title("latency_ms"), "latency, ms");
        assert_eq!(title("extra_load_ratio"), "extra load, %");
        assert_eq!(title("requests_total"), "requests");
        assert_eq!(title("split_brain_ms_total"), "split brain, ms");
        assert_eq!(title("leaf_utilization"), "leaf utilization, %");
        assert_eq!(title("queue_depth"), "queue depth");
        assert_eq!(title("origin_rps"), "origin, /s");
    }

    #[test]
    fn shares_are_shown_in_per_cent_with_one_decimal() {
        assert_eq!(Quantity::of("hit_ratio").text(0.632), "63.2 %");
        assert_eq!(Quantity::of("hit_ratio").text(1.0), "100.0 %");
        assert_eq!(Quantity::of("latency_ms").text(1004.4), "1 004 ms");
    }

    #[test]
    fn figures_keep_three_digits_and_never_grow_beyond_their_column() {
        assert_eq!(figure(0.254), "0.25");
        assert_eq!(figure(52.34), "52.3");
        assert_eq!(figure(99.97), "100");
        assert_eq!(figure(1_250_000.0), "1.25 M");
        assert_eq!(figure(f64::NAN), "–");
        for exponent in -3..=12 {
            for digits in [1.0, 1.234_567, 5.5, 9.999_99] {
                let text = figure(digits * 10f64.powi(exponent));
                assert!(text.width() <= FIGURE_WIDTH + 1, "{text}");
            }
        }
    }

    #[test]
    fn the_clock_cuts_and_keeps_its_width() {
        assert_eq!(clock(SimTime(42_310_999_999)), "00:42.310");
        assert_eq!(clock(SimTime(0)), "00:00.000");
        assert_eq!(clock(SimTime(3_723_004_000_000)), "1:02:03.004");
    }

    #[test]
    fn axis_marks_have_the_digits_that_their_step_needs() {
        assert_eq!(tick(0.2, 0.05), "0.20");
        assert_eq!(tick(1500.0, 500.0), "1 500");
        assert_eq!(clock_tick(90.0, 10.0), "1:30");
        assert_eq!(clock_tick(42.5, 0.5), "42.5");
        assert_eq!(clock_tick(3600.0, 600.0), "1:00:00");
    }

    #[test]
    fn speeds_are_short() {
        assert_eq!(speed(100.0), "100x");
        assert_eq!(speed(0.001), "0.001x");
        assert_eq!(speed(41.3), "41x");
        assert_eq!(speed(4.13), "4.1x");
        assert_eq!(speed(1.0), "1x");
    }
}
