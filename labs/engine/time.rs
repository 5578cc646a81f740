//! Virtual time: a moment or a span, in whole nanoseconds. The text form of a span is that of the whole
//! program, `ddlab_text::span`.
//!
//! Integers and not floats, so that a run adds up to the same moments on every platform; saturating
//! and not checked, so that an absurd knob makes an absurdly late timer and not a panic.

pub use ddlab_text::span::{SpanError, format_span, parse_span};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

/// A moment of virtual time since the start of its simulation (or a span), in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SimTime(pub u64);

impl SimTime {
    pub const ZERO: Self = Self(0);
    /// About 584 years; nothing is due later.
    pub const MAX: Self = Self(u64::MAX);

    pub const fn from_micros(micros: u64) -> Self {
        Self(micros.saturating_mul(1_000))
    }

    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000_000))
    }

    /// Seconds to the nearest nanosecond; below zero (and not a number) is zero.
    pub fn from_secs_f64(secs: f64) -> Self {
        Self(round_nanos(secs * 1e9))
    }

    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    pub fn as_millis_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The span since the moment `earlier`; zero when that is still to come.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// Whole nanoseconds of a count of nanoseconds: rounded, never negative, saturating.
pub(crate) fn round_nanos(nanos: f64) -> u64 {
    // `as` cuts, saturates, and makes zero of NaN: with the half added, all that is wanted here.
    (nanos + 0.5) as u64
}

/// Nanoseconds of a `Duration`; more than 584 years is "never".
pub(crate) fn nanos(span: Duration) -> u64 {
    // The usual span is far below 2^32 seconds, where this cannot overflow.
    let secs = span.as_secs();
    if secs < (1 << 33) {
        secs * 1_000_000_000 + u64::from(span.subsec_nanos())
    } else {
        u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
    }
}

impl From<Duration> for SimTime {
    fn from(span: Duration) -> Self {
        Self(nanos(span))
    }
}

impl From<SimTime> for Duration {
    fn from(time: SimTime) -> Self {
        Duration::from_nanos(time.0)
    }
}

impl Add<Duration> for SimTime {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(nanos(span)))
    }
}

impl AddAssign<Duration> for SimTime {
    fn add_assign(&mut self, span: Duration) {
        *self = *self + span;
    }
}

impl Sub<Duration> for SimTime {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(nanos(span)))
    }
}

/// The span between two moments; zero when the second is the later one.
impl Sub for SimTime {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

impl Sum for SimTime {
    fn sum<I: Iterator<Item = Self>>(times: I) -> Self {
        times.fold(Self::ZERO, |sum, time| Self(sum.0.saturating_add(time.0)))
    }
}

/// `850 ns`, `12.345 us`, `12.345 ms`, `61.250 s`: three decimals, cut and not rounded, so that a moment
/// never reads later than it is. A width pads on the left.
impl fmt::Display for SimTime {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit_nanos, unit) = match self.0 {
            0..1_000 => return out.pad(&format!("{} ns", self.0)),
            1_000..1_000_000 => (1_000, "us"),
            1_000_000..1_000_000_000 => (1_000_000, "ms"),
            _ => (1_000_000_000, "s"),
        };
        let whole = self.0 / unit_nanos;
        let thousandths = self.0 % unit_nanos / (unit_nanos / 1_000);
        out.pad(&format!("{whole}.{thousandths:03} {unit}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_in_the_unit_that_suits_them() {
        for (nanos, text) in [
            (0, "0 ns"),
            (850, "850 ns"),
            (12_345, "12.345 us"),
            (12_345_678, "12.345 ms"),
            (999_999_999, "999.999 ms"),
            (61_250_000_000, "61.250 s"),
        ] {
            assert_eq!(SimTime(nanos).to_string(), text);
        }
        assert_eq!(format!("[{:>10}]", SimTime(850)), "[    850 ns]");
    }

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(SimTime::MAX + Duration::from_secs(1), SimTime::MAX);
        assert_eq!(SimTime::ZERO - Duration::from_secs(1), SimTime::ZERO);
        assert_eq!(SimTime(3) - SimTime(5), Duration::ZERO);
        assert_eq!(SimTime::from(Duration::MAX), SimTime::MAX);
        assert_eq!(SimTime::from_secs_f64(f64::NAN), SimTime::ZERO);
    }
}
