//! How a span of time is printed and read.
//!
//! A span that somebody set has its shortest exact form, `12.5ms` ([`format_span`]), which [`parse_span`]
//! reads back; [`human_span`] is the same for people. A span that was measured in milliseconds has three
//! significant digits ([`millis`]). A moment of a run is a clock ([`clock`]).

use crate::clean::given;
use crate::number::{exact, figure, tick};
use std::time::Duration;

/// A text that is not a span of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{}` is not a duration: {why}; write a number and a unit, for example `250us`, `12.5ms`, `2s`, `15m`",
    given(.text)
)]
pub struct SpanError {
    pub text: String,
    pub why: &'static str,
}

const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("min", 60_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads `10ms`, `0.25ms`, `1.5s`, `3us`, `15m`, `1h`. Exact to the nanosecond (what is finer is cut): decimal
/// arithmetic and not floating point, so that [`format_span`] reads back to the same value.
pub fn parse_span(text: &str) -> Result<Duration, SpanError> {
    let wrong = |why| SpanError {
        text: text.to_owned(),
        why,
    };
    let trimmed = text.trim();
    let split = trimmed
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .ok_or_else(|| {
            wrong(if trimmed.is_empty() {
                "it is empty"
            } else {
                "the unit is missing"
            })
        })?;
    let (number, unit) = trimmed.split_at(split);
    let (_, unit_nanos) = UNITS
        .iter()
        .find(|(name, _)| *name == unit.trim_start())
        .ok_or_else(|| wrong("the units are ns, us, ms, s, m and h"))?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return Err(wrong("there is no number before the unit"));
    }
    let too_long = || wrong("it is longer than 584 years");
    // What is finer than 18 decimals is far below a nanosecond of any unit.
    let fraction = &fraction[..fraction.len().min(18)];
    let parse = |digits: &str| match digits {
        "" => Ok(0),
        _ => digits.parse::<u128>().map_err(|_| too_long()),
    };
    let scale = 10_u128.pow(u32::try_from(fraction.len()).unwrap_or(0));
    let unit_nanos = u128::from(*unit_nanos);
    let total = parse(whole)?
        .checked_mul(unit_nanos)
        .and_then(|nanos| nanos.checked_add(parse(fraction).ok()? * unit_nanos / scale))
        .and_then(|nanos| u64::try_from(nanos).ok())
        .ok_or_else(too_long)?;
    Ok(Duration::from_nanos(total))
}

/// The shortest exact form that [`parse_span`] reads back: `12.5ms`, `2s`, `15m`.
pub fn format_span(span: Duration) -> String {
    let total = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
    let (unit, unit_nanos) = match total {
        0 => return "0ms".to_owned(),
        _ if total.is_multiple_of(3_600_000_000_000) => ("h", 3_600_000_000_000),
        _ if total.is_multiple_of(60_000_000_000) => ("m", 60_000_000_000),
        1..1_000 => ("ns", 1),
        1_000..1_000_000 => ("us", 1_000),
        1_000_000..1_000_000_000 => ("ms", 1_000_000),
        _ => ("s", 1_000_000_000),
    };
    let (whole, rest) = (total / unit_nanos, total % unit_nanos);
    if rest == 0 {
        return format!("{whole}{unit}");
    }
    let decimals = unit_nanos.ilog10() as usize;
    let fraction = format!("{rest:0decimals$}");
    format!("{whole}.{}{unit}", fraction.trim_end_matches('0'))
}

/// A span as a person reads it: `1.5 s`, `250 µs`, `10 min`; at most three decimals.
pub fn human_span(span: Duration) -> String {
    let text = format_span(span);
    let unit_at = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let unit = match unit {
        "us" => "µs",
        "m" => "min",
        other => other,
    };
    let number = number.parse().map_or_else(|_| number.to_owned(), exact);
    format!("{number} {unit}")
}

/// Measured milliseconds: `312 ms`, `0.254 ms`; from ten seconds on in seconds, `19.4 s`.
pub fn millis(ms: f64) -> String {
    if ms.abs() >= 10_000.0 {
        format!("{} s", figure(ms / 1e3))
    } else {
        format!("{} ms", figure(ms))
    }
}

/// A moment since a start to the millisecond, `00:42.310`; hours when there are any. Cut and not rounded: it
/// never shows a moment that is still to come.
pub fn clock(since_start: impl Into<Duration>) -> String {
    let ms = since_start.into().as_millis();
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_are_read_exactly() {
        for (text, nanos) in [
            ("10ms", 10_000_000),
            ("0.25ms", 250_000),
            (" 1.5s ", 1_500_000_000),
            ("3us", 3_000),
            (".5 s", 500_000_000),
            ("15m", 900_000_000_000),
            ("1.5min", 90_000_000_000),
            ("0.1h", 360_000_000_000),
            ("0.3ns", 0),
        ] {
            assert_eq!(parse_span(text), Ok(Duration::from_nanos(nanos)), "{text}");
        }
        for text in [
            "",
            "ms",
            ".ms",
            "10",
            "1.2.3s",
            "-1s",
            "1e3s",
            "10 parsecs",
            "999999999999999h",
        ] {
            assert!(parse_span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_span_is_shown_in_the_unit_that_reads_best() {
        assert_eq!(human_span(Duration::from_millis(100)), "100 ms");
        assert_eq!(human_span(Duration::from_millis(1500)), "1.5 s");
        assert_eq!(human_span(Duration::from_micros(250)), "250 µs");
        assert_eq!(human_span(Duration::from_mins(10)), "10 min");
        assert_eq!(human_span(Duration::from_nanos(1_234_567)), "1.235 ms");
    }

    #[test]
    fn measured_milliseconds_become_seconds_from_ten_seconds_on() {
        assert_eq!(millis(0.25), "0.250 ms");
        assert_eq!(millis(1004.4), "1,004 ms");
        assert_eq!(millis(19_440.0), "19.4 s");
    }

    #[test]
    fn the_clock_cuts_and_keeps_its_width() {
        let at = |nanos| clock(Duration::from_nanos(nanos));
        assert_eq!(at(42_310_999_999), "00:42.310");
        assert_eq!(at(0), "00:00.000");
        assert_eq!(at(3_723_004_000_000), "1:02:03.004");
        assert_eq!(clock_tick(90.0, 10.0), "1:30");
        assert_eq!(clock_tick(42.5, 0.5), "42.5");
        assert_eq!(clock_tick(3600.0, 600.0), "1:00:00");
    }

    proptest! {
        #[test]
        fn spans_read_back_as_printed(nanos in prop_oneof![0_u64..2000, any::<u64>(), (0_u64..5000).prop_map(|m| m * 60_000_000_000)]) {
            let span = Duration::from_nanos(nanos);
            prop_assert_eq!(parse_span(&format_span(span)), Ok(span));
        }
    }
}
