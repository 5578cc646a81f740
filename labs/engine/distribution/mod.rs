//! Distributions of spans of time: what a knob holds and what service and latency are drawn from.
//!
//! | text | meaning |
//! |---|---|
//! | `const:10ms` | always 10 ms |
//! | `exp:10ms` | exponential, mean 10 ms |
//! | `uniform:5ms..15ms` | uniform between the two |
//! | `lognormal:10ms,0.5` | log-normal, median 10 ms, sigma (of the logarithm) 0.5 |
//! | `pareto:5ms,1.5` | Pareto, minimum 5 ms, tail index alpha 1.5 |
//! | `mix:99%*const:10ms,1%*const:1s` | one of several, with these shares |
//! | `shift:2ms+exp:8ms` | 2 ms more than another distribution |
//!
//! [`text`] reads and prints them. A sample is a function of *one* uniform number (the quantile function;
//! for a mix, the number picks the component and what is left of it draws from it). So two runs that share
//! a keyed draw but differ in a parameter get the same luck: a straggler stays a straggler.

mod normal;
mod text;

#[cfg(test)]
mod tests;

pub use text::DistributionError;

use super::rng::Source;
use super::time::{nanos, round_nanos};
use std::time::Duration;

/// A distribution of spans of time. Build it by the constructors or by `parse`; both keep out what makes no sense.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution(Shape);

/// Spans in nanoseconds. Kept private so that a negative sigma or a mix of nothing can't be built.
#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Const(u64),
    Exp {
        mean: u64,
    },
    Uniform {
        low: u64,
        high: u64,
    },
    LogNormal {
        median: u64,
        sigma: f64,
    },
    Pareto {
        minimum: u64,
        alpha: f64,
    },
    /// Shares in percent, which add up to 100. No mix within a mix.
    Mix(Vec<(f64, Distribution)>),
    Shift(u64, Box<Distribution>),
}

/// Sigma and alpha stay in a range where the arithmetic is sound and a learner can still see an effect.
const SIGMA_MAX: f64 = 10.0;
const ALPHA_MIN: f64 = 0.05;
const ALPHA_MAX: f64 = 1000.0;

impl Distribution {
    pub const ZERO: Self = Self(Shape::Const(0));

    pub fn constant(span: Duration) -> Self {
        Self(Shape::Const(nanos(span)))
    }

    pub fn exponential(mean: Duration) -> Self {
        Self(Shape::Exp { mean: nanos(mean) })
    }

    /// Uniform between the two, in whichever order.
    pub fn uniform(one: Duration, other: Duration) -> Self {
        Self(Shape::Uniform {
            low: nanos(one.min(other)),
            high: nanos(one.max(other)),
        })
    }

    /// Sigma is that of the logarithm; it is kept within 0 to 10.
    pub fn lognormal(median: Duration, sigma: f64) -> Self {
        Self(Shape::LogNormal {
            median: nanos(median),
            sigma: sigma.clamp(0.0, SIGMA_MAX),
        })
    }

    /// The tail index alpha is kept within 0.05 to 1000; at 1 and below the mean is infinite.
    pub fn pareto(minimum: Duration, alpha: f64) -> Self {
        Self(Shape::Pareto {
            minimum: nanos(minimum),
            alpha: alpha.clamp(ALPHA_MIN, ALPHA_MAX),
        })
    }

    /// This distribution, later by a constant.
    #[must_use]
    pub fn shifted(self, by: Duration) -> Self {
        match self.0 {
            Shape::Const(span) => Self(Shape::Const(span.saturating_add(nanos(by)))),
            Shape::Shift(shift, inner) => {
                Self(Shape::Shift(shift.saturating_add(nanos(by)), inner))
            }
            shape => Self(Shape::Shift(nanos(by), Box::new(Self(shape)))),
        }
    }

    /// One draw.
    pub fn sample(&self, source: &mut impl Source) -> Duration {
        Duration::from_nanos(self.sample_nanos(source))
    }

    pub(crate) fn sample_nanos(&self, source: &mut impl Source) -> u64 {
        match self.0 {
            // The usual latency of a link: nothing to draw.
            Shape::Const(span) => span,
            _ => self.at(source.uniform()),
        }
    }

    /// The value, if it is always the same.
    pub(crate) fn as_const_nanos(&self) -> Option<u64> {
        match self.0 {
            Shape::Const(span) => Some(span),
            _ => None,
        }
    }

    /// The value that belongs to `u` in (0, 1); for all but mixes this is the quantile function.
    fn at(&self, u: f64) -> u64 {
        match &self.0 {
            Shape::Const(span) => *span,
            // -ln(1-u) rises with u, as the other quantiles do.
            Shape::Exp { mean } => round_nanos(-libm::log1p(-u) * *mean as f64),
            Shape::Uniform { low, high } => low + round_nanos(u * (high - low) as f64),
            Shape::LogNormal { median, sigma } => {
                round_nanos(*median as f64 * libm::exp(sigma * normal::quantile(u)))
            }
            Shape::Pareto { minimum, alpha } => {
                round_nanos(*minimum as f64 * libm::exp(-libm::log1p(-u) / alpha))
            }
            Shape::Mix(parts) => {
                let mut below = 0.0;
                for (index, (percent, part)) in parts.iter().enumerate() {
                    let share = percent / 100.0;
                    if u < below + share || index + 1 == parts.len() {
                        let within = ((u - below) / share)
                            .clamp(f64::EPSILON / 2.0, 1.0 - f64::EPSILON / 2.0);
                        return part.at(within);
                    }
                    below += share;
                }
                0
            }
            Shape::Shift(shift, inner) => shift.saturating_add(inner.at(u)),
        }
    }

    /// The mean; none when it is infinite (Pareto with alpha of 1 or less).
    pub fn mean(&self) -> Option<Duration> {
        let mean = self.mean_nanos();
        mean.is_finite()
            .then(|| Duration::from_nanos(round_nanos(mean)))
    }

    fn mean_nanos(&self) -> f64 {
        match &self.0 {
            Shape::Const(span) => *span as f64,
            Shape::Exp { mean } => *mean as f64,
            Shape::Uniform { low, high } => f64::midpoint(*low as f64, *high as f64),
            Shape::LogNormal { median, sigma } => *median as f64 * libm::exp(sigma * sigma / 2.0),
            Shape::Pareto { minimum, alpha } => {
                if *alpha > 1.0 {
                    alpha * *minimum as f64 / (alpha - 1.0)
                } else if *minimum == 0 {
                    0.0
                } else {
                    f64::INFINITY
                }
            }
            Shape::Mix(parts) => parts
                .iter()
                .map(|(percent, part)| percent / 100.0 * part.mean_nanos())
                .sum(),
            Shape::Shift(shift, inner) => *shift as f64 + inner.mean_nanos(),
        }
    }

    /// The value that a share `p` of all draws stays below; `p` is kept within (0, 1). None for a mix, which has no closed form.
    pub fn quantile(&self, p: f64) -> Option<Duration> {
        match &self.0 {
            Shape::Mix(_) => None,
            Shape::Shift(shift, inner) => inner
                .quantile(p)
                .map(|span| span.saturating_add(Duration::from_nanos(*shift))),
            _ => Some(Duration::from_nanos(
                self.at(p.clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0)),
            )),
        }
    }

    /// Every span times `factor` (a straggler is twenty times as slow): the same luck, stretched. A negative factor is zero.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let scale = |span: u64| round_nanos(span as f64 * factor);
        Self(match &self.0 {
            Shape::Const(span) => Shape::Const(scale(*span)),
            Shape::Exp { mean } => Shape::Exp { mean: scale(*mean) },
            Shape::Uniform { low, high } => Shape::Uniform {
                low: scale(*low),
                high: scale(*high),
            },
            Shape::LogNormal { median, sigma } => Shape::LogNormal {
                median: scale(*median),
                sigma: *sigma,
            },
            Shape::Pareto { minimum, alpha } => Shape::Pareto {
                minimum: scale(*minimum),
                alpha: *alpha,
            },
            Shape::Mix(parts) => Shape::Mix(
                parts
                    .iter()
                    .map(|(percent, part)| (*percent, part.scaled(factor)))
                    .collect(),
            ),
            Shape::Shift(shift, inner) => {
                Shape::Shift(scale(*shift), Box::new(inner.scaled(factor)))
            }
        })
    }
}
