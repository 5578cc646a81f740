//! Meters: what is measured while a lab runs.
//!
//! Recording is O(1) and allocates nothing, so that meters can stay on at a million requests a
//! second. Whoever drives the run closes a window every 100 ms of virtual time; closed windows go
//! into a bounded [`History`] at falling resolution. Totals leave the warm-up out: at its end they
//! start afresh, the history keeps it.
//!
//! - [`Counter`], [`Ratio`] (of two totals), [`Gauge`] (mean over time), [`Histogram`] (percentiles);
//! - [`MetricSpec`] is a line of a lab's table of metrics, with its unit; [`Meters`] has a meter for each;
//! - [`MetricView`]: what is seen of one; [`Statistic`] is one figure of it;
//! - [`Samples`] and [`Tally`]: what adds up exactly over several runs.

mod buckets;
mod counter;
mod fresh;
mod gauge;
mod histogram;
mod history;
mod meters;
mod ratio;
mod samples;
mod spec;
mod view;

pub use counter::{Begun, Counter};
pub use gauge::Gauge;
pub use histogram::Histogram;
pub use history::History;
pub use meters::{Measure, Meters, Tally};
pub use ratio::Ratio;
pub use samples::Samples;
pub use spec::{MetricKind, MetricSpec};
pub use view::{HistogramView, MetricValue, MetricView, SeriesView, Statistic};

use crate::engine::SimTime;

/// The width of the windows that make the series, in virtual time.
pub const WINDOW: SimTime = SimTime(100_000_000);
