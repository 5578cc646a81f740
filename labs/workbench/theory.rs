//! What theory says of a lab's figures with the knobs as they stand; and where no law holds, why. A law speaks of a steady
//! state: it is to be compared with what was measured long after the last change.

use super::frame::Statistic;
use crate::engine::Distribution;
use std::time::Duration;

/// One figure, and what a law says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Theory {
    pub metric: &'static str,
    pub statistic: Statistic,
    /// With its source: `M/M/c (Erlang 1917)`.
    pub law: &'static str,
    /// In the unit of the metric; or why the law does not hold here.
    pub says: Result<f64, &'static str>,
}

impl Theory {
    pub fn new(
        metric: &'static str,
        statistic: Statistic,
        law: &'static str,
        says: Result<f64, &'static str>,
    ) -> Self {
        Self {
            metric,
            statistic,
            law,
            says,
        }
    }
}

/// The reason of the first of these that is so.
///
/// # Errors
/// That reason.
pub fn unless(reasons: &[(bool, &'static str)]) -> Result<(), &'static str> {
    match reasons.iter().find(|(is_so, _)| *is_so) {
        Some(&(_, reason)) => Err(reason),
        None => Ok(()),
    }
}

/// Share of arrivals that find every worker busy, in a queue with Poisson arrivals and exponential
/// service: Erlang's C formula, by way of B (A. K. Erlang 1917; recursion as in any teletraffic
/// handbook). `load` is arrivals x mean service time, in busy workers. None where the pool is too
/// small for the load: then the queue grows without end.
pub fn erlang_c(workers: usize, load: f64) -> Option<f64> {
    let utilization = load / workers as f64;
    if utilization >= 1.0 {
        return None;
    }
    let blocked = (1..=workers).fold(1.0, |b, k| load * b / (k as f64 + load * b));
    Some(blocked / (1.0 - utilization * (1.0 - blocked)))
}

/// Mean time that an item waits, in mean service times: C / (c - a).
pub fn erlang_wait(workers: usize, load: f64) -> Option<f64> {
    Some(erlang_c(workers, load)? / (workers as f64 - load))
}

/// Mean wait of M/G/c, in the unit of `mean`: that of M/M/c times (1 + cv²) / 2. It is exact for exponential service and,
/// by Pollaczek and Khinchine, for one server; else the approximation of Lee and Longton (1959).
///
/// # Errors
/// When more comes than is done.
pub fn mean_wait(workers: usize, rate: f64, service: Moments) -> Result<f64, &'static str> {
    let wait = erlang_wait(workers, rate * service.mean);
    let wait = wait.ok_or("more comes than is done, so the line grows without end")?;
    Ok(wait * service.mean * f64::midpoint(1.0, service.cv_squared))
}

/// Mean in seconds, and variance over the mean squared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    pub mean: f64,
    pub cv_squared: f64,
}

impl Moments {
    /// By a sum over its quantiles.
    ///
    /// # Errors
    /// When it has none in closed form, or its variance does not exist.
    pub fn of(distribution: &Distribution) -> Result<Self, &'static str> {
        const STEPS: u32 = 20_000;
        let mean = distribution.mean().ok_or("the time of work has no mean")?;
        let mean = mean.as_secs_f64();
        let points = (0..STEPS).map(|n| (f64::from(n) + 0.5) / f64::from(STEPS));
        let spans: Option<Vec<f64>> = points.map(|p| quantile(distribution, p)).collect();
        let spans = spans.ok_or("a mix has no quantiles in closed form")?;
        if mean <= 0.0 {
            return Ok(Self {
                mean,
                cv_squared: 0.0,
            });
        }
        let squares = spans.iter().map(|span| span * span).sum::<f64>() / f64::from(STEPS);
        Ok(Self {
            mean,
            cv_squared: (squares / (mean * mean) - 1.0).max(0.0),
        })
    }
}

/// The quantile of the slowest of `n` independent spans, in seconds: `F⁻¹(p^(1/n))`. None of a mix.
pub fn slowest(distribution: &Distribution, n: usize, p: f64) -> Option<f64> {
    quantile(distribution, libm::pow(p, 1.0 / n.max(1) as f64))
}

/// The share of spans that are longer. None of a mix.
pub fn longer(distribution: &Distribution, than: Duration) -> Option<f64> {
    let (mut low, mut high) = (0.0, 1.0);
    // 40 halvings: to a part in a million millions.
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if quantile(distribution, middle)? > than.as_secs_f64() {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(1.0 - low)
}

fn quantile(distribution: &Distribution, p: f64) -> Option<f64> {
    distribution.quantile(p).map(|span| span.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(10);

    #[test]
    fn moments_and_tails_are_those_of_the_textbook() {
        let constant = Moments::of(&Distribution::constant(MS)).unwrap();
        assert!(constant.cv_squared < 1e-9, "{constant:?}");
        let exponential = Moments::of(&Distribution::exponential(MS)).unwrap();
        assert!(
            (exponential.cv_squared - 1.0).abs() < 0.01,
            "{exponential:?}"
        );
        let lognormal = Moments::of(&Distribution::lognormal(MS, 0.5)).unwrap();
        assert!(
            (lognormal.cv_squared - libm::expm1(0.25)).abs() < 0.01,
            "{lognormal:?}"
        );
        let tail = longer(&Distribution::exponential(MS), 2 * MS).unwrap();
        assert!((tail - libm::exp(-2.0)).abs() < 1e-6, "{tail}");
        let median = slowest(&Distribution::exponential(MS), 100, 0.5).unwrap();
        let closed = -0.01 * libm::log(1.0 - libm::pow(0.5, 0.01));
        assert!((median - closed).abs() < 1e-6, "{median} against {closed}");
    }

    #[test]
    fn one_server_with_constant_service_waits_half_as_long_as_with_exponential() {
        let constant = Moments {
            mean: 0.01,
            cv_squared: 0.0,
        };
        let wait = mean_wait(1, 80.0, constant).unwrap();
        assert!((wait - 0.02).abs() < 1e-9, "{wait}");
        assert!(mean_wait(1, 100.0, constant).is_err());
    }
}
