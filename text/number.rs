//! How a number is printed.
//!
//! **A measured number has three significant digits** ([`figure`]): `0.0254`, `5.10`, `52.3`; whole numbers below
//! a million keep all of theirs, `1,004`, and larger ones are `1.25 M`.
//!
//! **A measured percentage has one decimal** ([`percent`]): `62.0 %`. Within one per cent of either end it
//! has two, because a digit there is a whole step of quality: `0.94 %`, `99.97 %`.
//!
//! **A number that somebody set is printed as it was set** ([`exact`]): no digits are added, and no
//! separators, so that it can be typed back.
//!
//! Thousands are set apart by a comma, as in the text of the book: it is ASCII, and no line breaks at it.

/// The widest number that [`figure`] writes below a thousand million, so that a column of them keeps its width.
pub const FIGURE_WIDTH: usize = 7;

/// A measured number: three significant digits, thousands apart. What is not finite is a dash.
pub fn figure(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        "–".to_owned()
    } else if size == 0.0 {
        "0".to_owned()
    } else if size < 0.000_999_5 {
        format!("{value:.1e}")
    } else if size < 0.009_995 {
        format!("{value:.5}")
    } else if size < 0.099_95 {
        format!("{value:.4}")
    } else if size < 0.9995 {
        format!("{value:.3}")
    } else if size < 9.995 {
        format!("{value:.2}")
    } else if size < 99.95 {
        format!("{value:.1}")
    } else if size < 999_999.5 {
        grouped(value.round() as i64)
    } else if size < 9.995e8 {
        let millions = value / 1e6;
        let decimals = match millions.abs() {
            below if below < 9.995 => 2,
            below if below < 99.95 => 1,
            _ => 0,
        };
        format!("{millions:.decimals$} M")
    } else {
        format!("{value:.1e}")
    }
}

/// A whole number with its thousands apart: `1,202`.
pub fn grouped(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::from(if value < 0 { "-" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// How many there are, with thousands apart: `63,794`.
pub fn many(count: impl TryInto<i64>) -> String {
    grouped(count.try_into().unwrap_or(i64::MAX))
}

/// A measured share (1 is all) in per cent, with its sign: `62.0 %`.
pub fn percent(share: f64) -> String {
    format!("{} %", percent_figure(share))
}

/// The number of [`percent`] alone. It reads 0 and 100 only for none and all: `<0.01`, `>99.99`.
pub fn percent_figure(share: f64) -> String {
    let value = share * 100.0;
    if !value.is_finite() {
        "–".to_owned()
    } else if [0.0, 100.0].contains(&value) {
        format!("{value:.0}")
    } else if value > 0.0 && value < 0.005 {
        "<0.01".to_owned()
    } else if value > 99.995 && value < 100.0 {
        ">99.99".to_owned()
    } else if value.abs() < 0.995 || (value > 99.0 && value < 100.0) {
        format!("{value:.2}")
    } else {
        format!("{value:.1}")
    }
}

/// A share in whole per cent, for a place too narrow for [`percent`]: `62 %`.
pub fn whole_percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// A number that somebody set: at most three decimals, none that add nothing.
pub fn exact(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return grouped(value as i64);
    }
    if value.abs() >= 1e15 {
        return format!("{value:e}");
    }
    without_trailing_zeros(&format!("{value:.3}")).to_owned()
}

/// A round number on an axis: as many decimals as the step between two of them needs.
pub fn tick(value: f64, step: f64) -> String {
    if value.abs() >= 1e6 {
        let millions = format!("{:.2}", value / 1e6);
        return format!("{} M", without_trailing_zeros(&millions));
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

/// A speed as it is chosen and reached, two significant digits: `100x`, `0.5x`, `41x`.
pub fn speed(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 9.95 => 0,
        size if size >= 0.995 => 1,
        size if size >= 0.0995 => 2,
        size if size >= 0.00995 => 3,
        _ => 4,
    };
    format!(
        "{}x",
        without_trailing_zeros(&format!("{value:.decimals$}"))
    )
}

fn without_trailing_zeros(decimal: &str) -> &str {
    if decimal.contains('.') {
        decimal.trim_end_matches('0').trim_end_matches('.')
    } else {
        decimal
    }
}

/// How many there are: `1 request`, `12 requests`.
pub fn counted<N: std::fmt::Display + PartialEq + From<u8> + Copy>(count: N, one: &str) -> String {
    let plural = if count == N::from(1) { "" } else { "s" };
    format!("{count} {one}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn figures_keep_three_significant_digits_and_never_grow_beyond_their_column() {
        assert_eq!(figure(0.0254), "0.0254");
        assert_eq!(figure(0.254), "0.254");
        assert_eq!(figure(5.1), "5.10");
        assert_eq!(figure(52.34), "52.3");
        assert_eq!(figure(99.97), "100");
        assert_eq!(figure(1004.4), "1,004");
        assert_eq!(figure(1_250_000.0), "1.25 M");
        assert_eq!(figure(f64::NAN), "–");
        assert_eq!(many(63_794_usize), "63,794");
        for exponent in -6..=12 {
            for digits in [1.0, 1.234_567, 5.5, 9.999_99] {
                let text = figure(digits * 10f64.powi(exponent));
                assert!(text.width() <= FIGURE_WIDTH + 1, "{text}");
            }
        }
    }

    #[test]
    fn a_percentage_has_one_decimal_and_two_near_either_end() {
        for (share, text) in [
            (0.0, "0 %"),
            (0.000_01, "<0.01 %"),
            (0.0094, "0.94 %"),
            (0.009_92, "0.99 %"),
            (0.051, "5.1 %"),
            (0.62, "62.0 %"),
            (0.9997, "99.97 %"),
            (0.999_999, ">99.99 %"),
            (1.0, "100 %"),
            (1.5, "150.0 %"),
        ] {
            assert_eq!(percent(share), text, "{share}");
        }
        assert_eq!(whole_percent(0.62), "62 %");
    }

    #[test]
    fn a_number_that_was_set_gains_no_digits() {
        assert_eq!(exact(20.0), "20");
        assert_eq!(exact(0.25), "0.25");
        assert_eq!(exact(2000.0), "2,000");
        assert_eq!(exact(-1e308), "-1e308");
    }

    #[test]
    fn axis_marks_have_the_digits_that_their_step_needs() {
        assert_eq!(tick(0.2, 0.05), "0.20");
        assert_eq!(tick(1500.0, 500.0), "1,500");
        assert_eq!(tick(2e6, 5e5), "2 M");
    }

    #[test]
    fn speeds_are_short() {
        assert_eq!(speed(100.0), "100x");
        assert_eq!(speed(0.001), "0.001x");
        assert_eq!(speed(41.3), "41x");
        assert_eq!(speed(4.13), "4.1x");
        assert_eq!(speed(1.0), "1x");
    }

    proptest! {
        #[test]
        fn a_figure_is_within_half_a_unit_of_its_third_digit(value in 0.001f64..999_000.0) {
            let shown: f64 = figure(value).replace(',', "").parse().unwrap();
            prop_assert!((shown - value).abs() <= value * 0.005_01, "{shown} for {value}");
        }

        #[test]
        fn a_larger_number_never_reads_smaller(a in 0.001f64..1e6, b in 0.001f64..1e6) {
            let read = |value| figure(value).replace(',', "").replace(" M", "e6").parse::<f64>().unwrap();
            prop_assert_eq!(a < b && read(a) > read(b), false);
        }

        #[test]
        fn grouping_changes_no_digit(value: i64) {
            prop_assert_eq!(grouped(value).replace(',', ""), value.to_string());
        }

        #[test]
        fn a_percentage_reads_none_or_all_only_for_none_or_all(share in 0.0f64..=1.0) {
            prop_assert_eq!(percent(share) == "0 %", share == 0.0);
            prop_assert_eq!(percent(share) == "100 %", [1.0].contains(&share));
        }
    }
}
