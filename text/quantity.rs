//! Numbers with units, as people type them: `63 %`, `0.63`, `1.2k`, `100ms`, `1,800`, `2 GB/s`.
//!
//! A unit that is not known is kept as a name and compared as such; so `requests/s`, `rps` and `qps` are
//! one unit, and `leaves` is whatever the question calls it.

/// A quantity: a value in the base unit of its dimension.
#[derive(Debug, Clone, PartialEq)]
struct Unit {
    /// How many base units one of it is.
    factor: f64,
    dimension: Dimension,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Dimension {
    /// A bare number, or a share: `%` is 0.01 of it.
    Number,
    /// Seconds.
    Time,
    /// Bytes.
    Size,
    /// One per second of anything that is counted.
    Rate,
    /// Bytes per second.
    Throughput,
    /// Something counted, by name.
    Named(String),
}

/// Why a text is not a number in this unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    #[error("`{}` does not begin with a number; type one such as 63, 0.63, 1.2k or 1,800", crate::clean::given(.0))]
    NotANumber(String),
    #[error("`{}` is not a unit of what is asked, which is {wanted}; leave the unit out", crate::clean::given(.given))]
    WrongUnit { given: String, wanted: String },
}

/// The values, in `unit`, that the text can mean. A bare number has the unit of the question; for a
/// question in per cent `0.63` may also mean 63, so there are two readings of it.
pub fn readings(text: &str, unit: &str) -> Result<Vec<f64>, QuantityError> {
    let (value, given) = number(text)?;
    let wanted = unit_of(unit);
    if given.is_empty() {
        let percent = unit.trim() == "%";
        let share = (percent && value.abs() <= 1.0).then_some(value * 100.0);
        return Ok([Some(value), share].into_iter().flatten().collect());
    }
    let given_unit = unit_of(given);
    // What is counted need not be named: `1.2k` of `requests` is 1200 requests.
    let fits = given_unit.dimension == wanted.dimension
        || matches!(
            (&given_unit.dimension, &wanted.dimension),
            (Dimension::Number, Dimension::Named(_)) if given_unit.factor >= 1.0
        );
    if !fits {
        return Err(QuantityError::WrongUnit {
            given: given.to_owned(),
            wanted: if unit.trim().is_empty() {
                "a bare number".to_owned()
            } else {
                unit.trim().to_owned()
            },
        });
    }
    Ok(vec![value * given_unit.factor / wanted.factor])
}

/// The number that the text begins with, and the rest. A magnitude (`k`, `M`, `million`) is part of the number.
fn number(text: &str) -> Result<(f64, &str), QuantityError> {
    let refuse = || QuantityError::NotANumber(text.trim().to_owned());
    let bare = text
        .trim()
        .trim_start_matches(['~', '≈', '='])
        .trim_start_matches("about ")
        .trim_start();
    let mut digits = String::new();
    let mut end = 0;
    let mut chars = bare.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let follows_digit = digits.ends_with(|c: char| c.is_ascii_digit());
        let digit_next = chars.peek().is_some_and(|(_, c)| c.is_ascii_digit());
        match c {
            '0'..='9' => digits.push(c),
            '.' if digit_next => digits.push(c),
            '-' | '−' if digits.is_empty() => digits.push('-'),
            '+' if digits.is_empty() => {}
            'e' | 'E' if follows_digit && digit_next => digits.push('e'),
            // Thousands: 1,800 and 1_800 and 1 800, three digits at a time.
            ',' | '_' | ' ' | '\u{a0}' | '\u{202f}' | '\''
                if follows_digit && three_digits(&bare[at + c.len_utf8()..]) => {}
            _ => break,
        }
        end = at + c.len_utf8();
    }
    let value: f64 = digits.parse().map_err(|_| refuse())?;
    if !value.is_finite() {
        return Err(refuse());
    }
    let rest = bare[end..].trim();
    Ok(with_magnitude(value, rest))
}

fn three_digits(text: &str) -> bool {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    digits == 3
}

fn with_magnitude(value: f64, rest: &str) -> (f64, &str) {
    const WORDS: [(&str, f64); 8] = [
        ("thousand", 1e3),
        ("million", 1e6),
        ("billion", 1e9),
        ("bn", 1e9),
        ("k", 1e3),
        ("K", 1e3),
        ("M", 1e6),
        ("G", 1e9),
    ];
    for (word, factor) in WORDS {
        if let Some(after) = rest.strip_prefix(word) {
            // `kB` and `MB` are units of their own; `k req/s` and `k/s` are a magnitude and a unit.
            if !after.starts_with(|c: char| c.is_alphabetic()) {
                return (value * factor, after.trim_start());
            }
        }
    }
    // `x` as in `ten times`.
    (value, rest.trim_start_matches(['x', '×']).trim_start())
}

fn unit_of(text: &str) -> Unit {
    let text = text.trim();
    if let Some(unit) = simple(text) {
        return unit;
    }
    let per = text
        .rsplit_once('/')
        .or_else(|| text.rsplit_once(" per "))
        .or_else(|| text.rsplit_once(" a "));
    if let Some((what, each)) = per {
        let each = simple(each.trim());
        if let Some(Unit {
            factor: seconds,
            dimension: Dimension::Time,
        }) = each
        {
            return match simple(what.trim()) {
                Some(Unit {
                    factor,
                    dimension: Dimension::Size,
                }) => Unit {
                    factor: factor / seconds,
                    dimension: Dimension::Throughput,
                },
                _ => Unit {
                    factor: 1.0 / seconds,
                    dimension: Dimension::Rate,
                },
            };
        }
    }
    Unit {
        factor: 1.0,
        dimension: Dimension::Named(singular(text)),
    }
}

fn simple(text: &str) -> Option<Unit> {
    use Dimension::{Number, Rate, Size, Time};
    // Case decides for one letter only (`M` is a million, `m` a minute), so that is asked first.
    let (factor, dimension) = match text {
        "" => (1.0, Number),
        "h" => (3600.0, Time),
        "d" => (86_400.0, Time),
        "B" => (1.0, Size),
        _ => match text.to_lowercase().as_str() {
            "%" | "percent" | "per cent" | "pct" => (0.01, Number),
            "ns" | "nanoseconds" => (1e-9, Time),
            "us" | "µs" | "μs" | "microseconds" => (1e-6, Time),
            "ms" | "msec" | "millisecond" | "milliseconds" => (1e-3, Time),
            "s" | "sec" | "secs" | "second" | "seconds" => (1.0, Time),
            "m" | "min" | "mins" | "minute" | "minutes" => (60.0, Time),
            "hour" | "hours" => (3600.0, Time),
            "day" | "days" => (86_400.0, Time),
            "byte" | "bytes" => (1.0, Size),
            "kb" => (1e3, Size),
            "mb" => (1e6, Size),
            "gb" => (1e9, Size),
            "tb" => (1e12, Size),
            "pb" => (1e15, Size),
            "kib" => (1024.0, Size),
            "mib" => (1_048_576.0, Size),
            "gib" => (1_073_741_824.0, Size),
            "tib" => (1_099_511_627_776.0, Size),
            "rps" | "qps" | "tps" | "hz" => (1.0, Rate),
            _ => return None,
        },
    };
    Some(Unit { factor, dimension })
}

/// Good enough for the names of what is counted: leaf and leaves stay two names, shard and shards are one.
fn singular(name: &str) -> String {
    let name = name.to_lowercase();
    name.strip_suffix('s').map_or(name.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(text: &str, unit: &str) -> f64 {
        let values = readings(text, unit).unwrap();
        assert_eq!(values.len(), 1, "{text}: {values:?}");
        values[0]
    }

    #[track_caller]
    fn close(got: f64, want: f64) {
        assert!(
            (got - want).abs() <= want.abs() * 1e-9,
            "{got} is not {want}"
        );
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, value) in [
            ("63", 63.0),
            ("~ 63", 63.0),
            ("1,800", 1800.0),
            ("1 800", 1800.0),
            ("1,234,567.5", 1_234_567.5),
            ("1.2k", 1200.0),
            ("1.2 k", 1200.0),
            ("3 million", 3e6),
            ("2M", 2e6),
            ("1e6", 1e6),
            ("-4", -4.0),
            (".5", 0.5),
            ("20x", 20.0),
        ] {
            close(one(text, ""), value);
        }
    }

    #[test]
    fn a_share_answers_in_per_cent_either_way() {
        assert_eq!(readings("0.634", "%").unwrap(), vec![0.634, 63.4]);
        close(one("63 %", "%"), 63.0);
        close(one("63.4percent", "%"), 63.4);
        close(one("63", "%"), 63.0);
        close(one("63 %", ""), 0.63);
    }

    #[test]
    fn units_of_one_dimension_are_converted() {
        close(one("0.1s", "ms"), 100.0);
        close(one("100ms", "ms"), 100.0);
        close(one("100 ms", "s"), 0.1);
        close(one("250 µs", "ms"), 0.25);
        close(one("2 min", "s"), 120.0);
        close(one("1.5 GB", "MB"), 1500.0);
        close(one("1.5GB/s", "MB/s"), 1500.0);
        close(one("60 requests/min", "requests/s"), 1.0);
        close(one("1.2k rps", "requests/s"), 1200.0);
        close(one("500 qps", "requests per second"), 500.0);
        close(one("500/s", "requests/s"), 500.0);
        close(one("69 leaves", "leaves"), 69.0);
        close(one("1 shard", "shards"), 1.0);
    }

    #[test]
    fn a_wrong_unit_is_refused_with_the_right_one() {
        let error = readings("100 ms", "%").unwrap_err();
        assert!(error.to_string().contains('%'), "{error}");
        assert!(readings("5 GB", "ms").is_err());
        assert!(readings("5 s", "").is_err());
        assert!(readings("about a lot", "").is_err());
        assert!(readings("", "%").is_err());
        assert!(readings("NaN", "").is_err());
        assert!(readings("1e999", "").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(text in "\\PC{0,30}", unit in "\\PC{0,8}") {
            let _ = readings(&text, &unit);
        }

        #[test]
        fn what_is_printed_is_read_back(value in -1e9f64..1e9) {
            let read = readings(&format!("{value}"), "ms").unwrap();
            prop_assert_eq!(read, vec![value]);
        }

        #[test]
        fn times_convert_both_ways(ms in 1u32..1_000_000) {
            let seconds = readings(&format!("{ms} ms"), "s").unwrap()[0];
            let back = readings(&format!("{seconds} s"), "ms").unwrap()[0];
            prop_assert!((back - f64::from(ms)).abs() < 1e-6);
        }
    }
}
