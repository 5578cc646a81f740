//! How a figure spreads over the seeds: its mean with a confidence, deviation and extremes, in constant
//! memory and the same in whatever order the runs come in.

use super::exact::ExactSum;
use std::fmt;
use std::str::FromStr;

/// One value of each seed that had one.
///
/// Its text form, which parses back to the same, is `COUNT SUM SQUARES MIN MAX`.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    count: u64,
    sum: ExactSum,
    squares: ExactSum,
    min: f64,
    max: f64,
}

impl Default for Spread {
    fn default() -> Self {
        Self {
            count: 0,
            sum: ExactSum::default(),
            squares: ExactSum::default(),
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }
}

impl Spread {
    /// Takes in the value of one more seed.
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        self.sum.add(value);
        self.squares.add_product(value, value);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Seeds that had a value.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Of all the values.
    pub fn sum(&self) -> f64 {
        self.sum.value()
    }

    pub fn min(&self) -> Option<f64> {
        (self.count > 0).then_some(self.min)
    }

    pub fn max(&self) -> Option<f64> {
        (self.count > 0).then_some(self.max)
    }

    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum.value() / self.count as f64)
    }

    /// The standard deviation of the values, as estimated from a sample (over `count - 1`); none of
    /// fewer than two.
    ///
    /// The textbook formula n·Σx² − (Σx)², which is known to lose its digits in floats; here the
    /// difference is taken exactly and rounded once.
    pub fn deviation(&self) -> Option<f64> {
        if self.count < 2 {
            return None;
        }
        let n = self.count as f64;
        let mut scaled = ExactSum::default();
        for term in self.squares.terms() {
            scaled.add_product(n, term);
        }
        let sum = self.sum.terms();
        for a in &sum {
            for b in &sum {
                scaled.add_product(-a, *b);
            }
        }
        Some((scaled.value().max(0.0) / n / (n - 1.0)).sqrt())
    }

    /// The mean lies within so much of the true one in 95 of 100 sweeps (Student's t); none of fewer
    /// than two values. It takes the mean for normally distributed, which it is for many seeds.
    pub fn confidence(&self) -> Option<f64> {
        let deviation = self.deviation()?;
        Some(student_t(self.count - 1) * deviation / (self.count as f64).sqrt())
    }
}

/// The two-sided 95 % point of Student's t. Tabled where the expansion is not yet exact; from ten
/// degrees of freedom on Cornish and Fisher's (Abramowitz and Stegun 26.7.5), right to four digits.
fn student_t(freedom: u64) -> f64 {
    const FEW: [f64; 10] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    ];
    const Z: f64 = 1.959_963_985;
    if let Some(tabled) = usize::try_from(freedom)
        .ok()
        .and_then(|freedom| FEW.get(freedom.wrapping_sub(1)))
    {
        return *tabled;
    }
    let n = freedom as f64;
    let square = Z * Z;
    let first = Z * (square + 1.0) / 4.0;
    let second = Z * ((5.0 * square + 16.0) * square + 3.0) / 96.0;
    let third = Z * (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0;
    Z + first / n + second / (n * n) + third / (n * n * n)
}

impl fmt::Display for Spread {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            count,
            sum,
            squares,
            min,
            max,
        } = self;
        write!(out, "{count} {sum} {squares} {min:e} {max:e}")
    }
}

/// Why a text is no [`Spread`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not what a spread is written with: COUNT SUM SQUARES MIN MAX")]
pub struct SpreadError {
    text: String,
}

impl FromStr for Spread {
    type Err = SpreadError;

    fn from_str(text: &str) -> Result<Self, SpreadError> {
        let parse = || {
            let pieces: Vec<&str> = text.split(' ').collect();
            let [count, sum, squares, min, max] = pieces[..] else {
                return None;
            };
            Some(Self {
                count: count.parse().ok()?,
                sum: sum.parse().ok()?,
                squares: squares.parse().ok()?,
                min: min.parse().ok()?,
                max: max.parse().ok()?,
            })
        };
        parse()
            .filter(|spread| spread.count == 0 || spread.min <= spread.max)
            .ok_or_else(|| SpreadError {
                text: text.chars().take(80).collect(),
            })
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // exactness is what is tested
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[f64]) -> Spread {
        let mut spread = Spread::default();
        for value in values {
            spread.add(*value);
        }
        spread
    }

    #[test]
    fn mean_deviation_and_confidence_are_those_of_the_textbook() {
        let spread = of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert_eq!(spread.mean(), Some(5.0));
        let deviation = (32.0f64 / 7.0).sqrt();
        assert!((spread.deviation().unwrap() - deviation).abs() < 1e-15);
        let confidence = 2.365 * deviation / 8f64.sqrt();
        assert!((spread.confidence().unwrap() - confidence).abs() < 1e-12);
        assert_eq!((spread.min(), spread.max()), (Some(2.0), Some(9.0)));
    }

    #[test]
    fn a_small_deviation_of_great_values_is_not_lost() {
        let spread = of(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]);
        assert_eq!(spread.deviation(), Some(30f64.sqrt()));
        assert_eq!(of(&[0.1; 7]).deviation(), Some(0.0));
    }

    #[test]
    fn of_nothing_there_is_no_mean_and_of_one_value_no_confidence() {
        assert_eq!(of(&[]).mean(), None);
        assert_eq!(of(&[]).max(), None);
        assert_eq!(of(&[3.0]).mean(), Some(3.0));
        assert_eq!(of(&[3.0]).confidence(), None);
    }

    #[test]
    fn the_points_of_students_t_are_the_published_ones() {
        for (freedom, published) in [
            (1, 12.706),
            (10, 2.228),
            (11, 2.201),
            (15, 2.131),
            (20, 2.086),
            (30, 2.042),
            (60, 2.000),
            (120, 1.980),
            (1_000_000, 1.960),
        ] {
            let t = student_t(freedom);
            assert!((t - published).abs() < 6e-4, "{freedom}: {t}");
        }
    }

    proptest! {
        #[test]
        fn parts_merge_to_the_whole_in_any_order_and_survive_as_text(
            values in prop::collection::vec(-1e9..1e9f64, 0..40),
            cut in 0..40usize,
        ) {
            let (left, right) = values.split_at(cut.min(values.len()));
            let mut merged = of(right);
            merged.merge(&of(left));
            let whole = of(&values);
            prop_assert_eq!(merged.to_string(), whole.to_string());
            prop_assert_eq!(whole.to_string().parse::<Spread>(), Ok(whole));
        }
    }

    #[test]
    fn a_text_that_nobody_wrote_so_is_refused() {
        for text in ["", "1 2 3", "x 1 1 1 1", "1 1 1 2 1", "1 inf 1 1 1"] {
            assert!(text.parse::<Spread>().is_err(), "{text:?}");
        }
    }
}
