//! A guess as people type it: `63 %`, `80ms`, with the range that should hold it, `63 % 40..80`, or the range alone,
//! `40..80`, whose middle is then the guess.

use ddlab_labs::workbench::experiment::Guess;
use ddlab_practice::range::{self, RangeError, Ranged};
use ddlab_text::Unit;
use ddlab_text::quantity;

/// Why a text is no guess.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuessError {
    #[error(transparent)]
    Number(#[from] RangeError),
    #[error("a share is at most 100 %; type it as 63 or 63 %")]
    Share,
    #[error("type a number from 1 to {0}")]
    NoOption(usize),
}

/// Reads a number with or without a range. What comes back is in the unit of the metric: a share from 0 to 1.
pub fn number(text: &str, unit: Unit) -> Result<Guess, GuessError> {
    let Ranged { value, range } = range::read(text, |text| value(text, unit))?;
    let most = range.map_or(value, |(_, high)| high);
    if unit == Unit::Share && most > 1.0 {
        return Err(GuessError::Share);
    }
    Ok(Guess::Number { value, range })
}

/// Reads the number of an option, counted from 1.
pub fn option(text: &str, options: usize) -> Result<Guess, GuessError> {
    match text.trim().parse::<usize>() {
        Ok(number) if (1..=options).contains(&number) => Ok(Guess::Choice(number - 1)),
        _ => Err(GuessError::NoOption(options)),
    }
}

/// A bare number has the unit of the question, so `0.6` of a question in per cent is 0.6 %.
fn value(text: &str, unit: Unit) -> Result<f64, RangeError> {
    let asked = match unit {
        Unit::Times => "",
        unit => unit.symbol(),
    };
    let readings = quantity::readings(text, asked)?;
    let first = readings.first().copied().unwrap_or_default();
    Ok(first / unit.scale())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, unit: Unit) -> (f64, Option<(f64, f64)>) {
        match number(text, unit) {
            Ok(Guess::Number { value, range }) => (value, range),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_guess_has_the_unit_of_the_question_unless_it_says_its_own() {
        assert_eq!(read("63 %", Unit::Share), (0.63, None));
        assert_eq!(read("63", Unit::Share), (0.63, None));
        assert_eq!(read("0.2 s", Unit::Milliseconds), (200.0, None));
        assert_eq!(read("20x", Unit::Times), (20.0, None));
        assert_eq!(read("1.2k", Unit::Count), (1200.0, None));
    }

    #[test]
    fn a_range_stands_behind_it() {
        for text in ["63 % 40..80", "63, 40..80", "63 (40..80)", "63% 40%..80 %"] {
            assert_eq!(read(text, Unit::Share), (0.63, Some((0.4, 0.8))), "{text}");
        }
        assert_eq!(
            read("100 50ms..0.2s", Unit::Milliseconds),
            (100.0, Some((50.0, 200.0)))
        );
        for text in ["40..80", "(40..80)", " 40%..80 %"] {
            let (guess, range) = read(text, Unit::Share);
            assert_eq!(range, Some((0.4, 0.8)), "{text}");
            assert!((guess - 0.6).abs() < 1e-9, "{text}");
        }
    }

    #[test]
    fn what_is_no_guess_says_what_would_be() {
        for (text, why) in [
            ("63 80..40", RangeError::Order),
            ("80..40", RangeError::Order),
            ("90 40..80", RangeError::Outside),
        ] {
            assert_eq!(number(text, Unit::Share), Err(GuessError::Number(why)));
        }
        assert_eq!(number("163", Unit::Share), Err(GuessError::Share));
        assert_eq!(number("63 40..180", Unit::Share), Err(GuessError::Share));
        assert!(number("a lot", Unit::Share).is_err());
        assert!(number("5 ms", Unit::Share).is_err());
        assert_eq!(option("2", 3), Ok(Guess::Choice(1)));
        assert_eq!(option("4", 3), Err(GuessError::NoOption(3)));
        assert_eq!(option("", 3), Err(GuessError::NoOption(3)));
    }
}
