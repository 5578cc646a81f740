//! How a figure spreads over the seeds: its mean with a confidence, deviation and extremes, in constant
//! memory.

/// The values that a figure has at the seeds that had one.
///
/// Mean and deviation follow Welford (*Technometrics* 4, 1962), who loses no digits of a small deviation of
/// great values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    count: u64,
    sum: f64,
    mean: f64,
    /// Sum of the squares of the deviations from the mean.
    squares: f64,
    min: f64,
    max: f64,
}

impl Default for Spread {
    fn default() -> Self {
        Self {
            count: 0,
            sum: 0.0,
            mean: 0.0,
            squares: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }
}

impl Spread {
    /// Takes in the value of the next seed.
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Seeds that had a value.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Of all the values.
    pub fn sum(&self) -> f64 {
        self.sum
    }

    pub fn min(&self) -> Option<f64> {
        (self.count > 0).then_some(self.min)
    }

    pub fn max(&self) -> Option<f64> {
        (self.count > 0).then_some(self.max)
    }

    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// The standard deviation of the values, as estimated from a sample (over `count - 1`); none of
    /// fewer than two.
    pub fn deviation(&self) -> Option<f64> {
        (self.count > 1).then(|| (self.squares / (self.count - 1) as f64).sqrt())
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

#[cfg(test)]
#[allow(clippy::float_cmp)] // exactness is what is tested
mod tests {
    use super::*;

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
}
