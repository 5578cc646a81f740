//! A number with the range that should hold it four times in five, as people type it: `63 %`, `63 % 40..80`, or the
//! range alone, `40..80`, whose middle is then the number.

use ddlab_text::quantity::QuantityError;

/// Why a text is not such a number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    #[error("`{0}` is not above zero, which the answer is")]
    NotPositive(String),
    #[error("a range goes from the smaller to the larger: write it as 40..80")]
    Order,
    #[error("the range does not hold your own guess")]
    Outside,
}

/// A number, and the range behind it if one was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranged {
    pub value: f64,
    pub range: Option<(f64, f64)>,
}

/// Reads a number with or without a range; `value` reads one number.
pub fn read(
    text: &str,
    value: impl Fn(&str) -> Result<f64, RangeError>,
) -> Result<Ranged, RangeError> {
    let text = text.trim().trim_end_matches(')');
    let Some((before, high)) = text.split_once("..") else {
        return Ok(Ranged {
            value: value(text)?,
            range: None,
        });
    };
    let before = before.trim_end();
    let apart = [' ', ',', ';', '('];
    let (guess, low) = before.split_at(before.rfind(apart).unwrap_or(0));
    let low = value(low.trim_start_matches(apart))?;
    let high = value(high)?;
    if low > high {
        return Err(RangeError::Order);
    }
    let guess = match guess.trim_end_matches(apart) {
        "" => f64::midpoint(low, high),
        guess => value(guess)?,
    };
    if !(low..=high).contains(&guess) {
        return Err(RangeError::Outside);
    }
    Ok(Ranged {
        value: guess,
        range: Some((low, high)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ddlab_text::quantity;

    fn ms(text: &str) -> Result<Ranged, RangeError> {
        read(text, |text| Ok(quantity::readings(text, "ms")?[0]))
    }

    #[test]
    fn a_number_is_read_with_and_without_its_range() {
        let alone = Ranged {
            value: 250.0,
            range: None,
        };
        assert_eq!(ms("250ms"), Ok(alone));
        assert_eq!(ms("0.25 s"), Ok(alone));
        let ranged = Ranged {
            value: 100.0,
            range: Some((50.0, 200.0)),
        };
        for text in ["100 50..200", "100ms, 50..0.2s", "100 (50ms..200 ms)"] {
            assert_eq!(ms(text), Ok(ranged), "{text}");
        }
        let middle = Ranged {
            value: 125.0,
            range: Some((50.0, 200.0)),
        };
        for text in ["50..200", "(50ms..0.2s)"] {
            assert_eq!(ms(text), Ok(middle), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_a_cure() {
        assert_eq!(ms("100 200..50"), Err(RangeError::Order));
        assert_eq!(ms("200..50"), Err(RangeError::Order));
        assert_eq!(ms("500 50..200"), Err(RangeError::Outside));
        assert!(ms("soon").is_err() && ms("3 GB").is_err());
    }
}
