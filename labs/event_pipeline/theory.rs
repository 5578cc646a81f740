//! What closed forms say of bids that come late, and of bids and holds that are joined.

use super::job::MARK_EVERY;
use super::settings::{Delivery, SinkBy, Windowing};
use super::stages::CACHED;
use super::table::Knobs;
use crate::engine::Distribution;
use crate::workbench::frame::Statistic;
use crate::workbench::theory::{Theory, longer, unless};
use std::time::Duration;

/// Points of the window at which bids are looked at.
const POINTS: u32 = 200;
/// Above this share of the workers of enrich bids wait, and then find no room.
const CALM: f64 = 0.9;
const MIX: &str = "a mix has no quantiles in closed form";

pub fn theory(knobs: &Knobs) -> Vec<Theory> {
    vec![
        Theory::new(
            "window_error_ratio",
            Statistic::Value,
            "mean of P(delay > D + r) over r in the window, D behind the newest",
            late(knobs),
        ),
        Theory::new(
            "joined_ratio",
            Statistic::Value,
            "P(hold comes within the interval)",
            joined(knobs),
        ),
    ]
}

/// A bid misses its window when it takes longer than what is left of the window and the watermark is behind.
fn late(knobs: &Knobs) -> Result<f64, &'static str> {
    unless(&[
        (
            knobs.windows.get() != Windowing::Tumbling,
            "a bid is in several windows, or makes its own",
        ),
        (
            !knobs.lateness().is_zero(),
            "windows are told again for bids that come late",
        ),
        (
            knobs.sink.get() == SinkBy::Add || knobs.delivery.get() == Delivery::AtMost,
            "a crash or a second result changes the counts",
        ),
        (
            knobs.partitions.get() > 1,
            "the watermark is that of the partition that is most behind",
        ),
        (overloaded(knobs), "more comes than is looked up"),
    ])?;
    let delay = knobs.event_delay.borrow();
    let window = knobs.window.get();
    // The mark is half an interval old on average.
    let behind = knobs.watermark_delay.get() + MARK_EVERY / 2;
    let left = |point| window.mul_f64((f64::from(point) + 0.5) / f64::from(POINTS));
    let late: Option<f64> = (0..POINTS)
        .map(|point| longer(&delay, behind + left(point)))
        .sum();
    late.map(|sum| sum / f64::from(POINTS)).ok_or(MIX)
}

/// Kept until the watermark has passed the interval, a bid meets each hold that happens in it.
fn joined(knobs: &Knobs) -> Result<f64, &'static str> {
    let within = knobs.join_within.get().ok_or("nothing is joined")?;
    let delay = mean(&knobs.event_delay.borrow());
    unless(&[(
        knobs.watermark_delay.get().as_secs_f64() < 4.0 * delay,
        "bids are given up whose hold is on its way to the log",
    )])?;
    let longer = longer(&knobs.hold_after.borrow(), within).ok_or(MIX)?;
    Ok(1.0 - longer)
}

/// Enrich has more to do than its workers can, or nearly.
fn overloaded(knobs: &Knobs) -> bool {
    let rate = knobs.arrival_rps.get() * knobs.pass_ratio.get();
    let lookup = mean(&knobs.enrich_service.borrow());
    let cached = knobs.cached_ratio.get() * (1.0 - CACHED);
    rate * lookup * (1.0 - cached) > CALM * knobs.workers.get() as f64
}

/// In seconds; of a distribution without a mean more than anything.
fn mean(distribution: &Distribution) -> f64 {
    distribution.mean().unwrap_or(Duration::MAX).as_secs_f64()
}
