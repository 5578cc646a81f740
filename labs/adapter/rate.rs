//! What a monitor makes of the samples of a counter.
//!
//! Source: prometheus/prometheus, `promql/functions.go`, `extrapolatedRate`; version 3, where a sample at the very
//! start of a range is not in it. `tests/all/adapter_and_prometheus.rs` holds the two against each other where Prometheus is
//! found.

/// A sample: when, in seconds, and what the counter stood at.
pub type Point = (f64, f64);

// region: increase
/// What was counted between the first sample and the last. A counter that has fallen was restarted, and counts from
/// zero: what it had counted after the last look before is lost.
pub fn increase(points: &[Point]) -> f64 {
    let pairs = points.windows(2);
    pairs
        .map(|pair| {
            let (before, after) = (pair[0].1, pair[1].1);
            if after < before {
                after
            } else {
                after - before
            }
        })
        .sum()
}
// endregion: increase

/// The rate a second over the `range` seconds before `now`, as `rate()` has it: the samples seldom reach to both ends of
/// the range, so their increase is drawn out to them, by half of the usual gap at most where an end is farther away.
/// None with fewer than two samples.
pub fn rate(points: &[Point], now: f64, range: f64) -> Option<f64> {
    let from = now - range;
    let inside: Vec<Point> = points
        .iter()
        .copied()
        .filter(|(at, _)| *at > from && *at <= now)
        .collect();
    let (&(first, began), &(last, _)) = (inside.first()?, inside.last()?);
    let sampled = last - first;
    if inside.len() < 2 || sampled <= 0.0 {
        return None;
    }
    let grown = increase(&inside);
    let gap = sampled / (inside.len() - 1) as f64;
    let reach = |distance: f64| {
        if distance >= 1.1 * gap {
            gap / 2.0
        } else {
            distance
        }
    };
    let mut before = reach(first - from);
    if grown > 0.0 {
        // A counter can't have been below zero.
        before = before.min(sampled * began / grown);
    }
    Some(grown * (sampled + before + reach(now - last)) / sampled / range)
}
