//! Ratios of totals: what share of one thing another is, over all the time after the warm-up.

use super::Counter;

/// Two counters of which the one is read as a share of the other. Not a mean of ratios: a busy
/// second weighs more than a quiet one.
#[derive(Debug, Default)]
pub struct Ratio {
    pub part: Counter,
    pub whole: Counter,
}

impl Ratio {
    /// None before there is anything to divide by.
    pub fn read(&self) -> Option<f64> {
        share(self.part.total(), self.whole.total())
    }
}

pub(super) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
