//! Shares and numbers as people write and read them: `5%`, `5 %`, `100 ms`. Spans of time are read and
//! printed by the engine; here is only how they are shown.

use crate::engine::time::format_span;
use std::time::Duration;

/// As a person reads it: `1.5 s`, `250 µs`.
pub fn human_duration(span: Duration) -> String {
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
    // More than three decimals are dust of a computed span.
    let number = number.parse().map_or_else(|_| number.to_owned(), trimmed);
    format!("{number} {unit}")
}

/// Reads `0.05` or `5%`.
pub fn parse_share(text: &str) -> Option<f64> {
    match text.trim().strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok().map(|p| p / 100.0),
        None => text.trim().parse().ok(),
    }
}

/// `0.05` is `5 %`, `0.0025` is `0.25 %`.
pub fn human_share(share: f64) -> String {
    format!("{} %", trimmed(share * 100.0))
}

/// At most three decimals, none that say nothing.
pub fn trimmed(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Three digits that count, and thousands apart: `1 004`, `52.3`, `0.25`.
pub fn grouped(value: f64) -> String {
    match value.abs() {
        below if below < 10.0 => format!("{value:.2}"),
        below if below < 100.0 => format!("{value:.1}"),
        _ => grouped_whole(value),
    }
}

/// A number of things, thousands apart: `1 004`.
pub fn grouped_whole(value: f64) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_shown_in_the_unit_that_reads_best() {
        assert_eq!(human_duration(Duration::from_millis(100)), "100 ms");
        assert_eq!(human_duration(Duration::from_millis(1500)), "1.5 s");
        assert_eq!(human_duration(Duration::from_micros(250)), "250 µs");
        assert_eq!(human_duration(Duration::from_mins(10)), "10 min");
        assert_eq!(human_duration(Duration::from_nanos(1_234_567)), "1.235 ms");
    }

    #[test]
    fn shares_read_as_ratio_or_percent() {
        assert_eq!(parse_share("5%"), Some(0.05));
        assert_eq!(parse_share("0.05"), Some(0.05));
        assert_eq!(human_share(0.05), "5 %");
        assert_eq!(human_share(0.0025), "0.25 %");
        assert_eq!(trimmed(20.0), "20");
    }

    #[test]
    fn numbers_keep_three_digits_and_set_thousands_apart() {
        assert_eq!(grouped(0.254), "0.25");
        assert_eq!(grouped(52.34), "52.3");
        assert_eq!(grouped(1004.4), "1\u{202f}004");
        assert_eq!(grouped(999.0), "999");
    }
}
