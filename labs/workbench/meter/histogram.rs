//! Distributions of spans of time: percentiles over the run and window by window.

use super::buckets::{Buckets, SERIES};
use super::history::{History, Window};
use crate::engine::SimTime;
use crate::workbench::frame::HistogramView;
use hdrhistogram::Histogram as Hdr;
use std::cell::{Cell, RefCell};

/// A span of time above this counts as this: an hour. It bounds the histogram's memory.
const LONGEST_NS: u64 = 3_600_000_000_000;
/// Spans are kept in units of a microsecond: what is shown is milliseconds with a few digits.
const UNIT_NS: u64 = 1_000;

/// Spans of virtual time, shown in milliseconds.
#[derive(Debug)]
pub struct Histogram {
    /// Three digits: percentiles of the whole run are right within 0.1 %.
    total: RefCell<Hdr<u64>>,
    /// Two digits (1 %): it is read and emptied ten times per virtual second.
    window: RefCell<Hdr<u32>>,
    history: RefCell<History<Buckets>>,
    /// Exact, where a bucket would be off by its width.
    sum_ns: Cell<u128>,
    max_ns: Cell<u64>,
}

impl Default for Histogram {
    fn default() -> Self {
        const SANE: &str = "the bounds of the histogram are constants that hdrhistogram accepts";
        Self {
            total: RefCell::new(Hdr::new_with_max(LONGEST_NS / UNIT_NS, 3).expect(SANE)),
            window: RefCell::new(Hdr::new_with_max(LONGEST_NS / UNIT_NS, 2).expect(SANE)),
            history: RefCell::default(),
            sum_ns: Cell::new(0),
            max_ns: Cell::new(0),
        }
    }
}

impl Histogram {
    /// Records a span of virtual time.
    pub fn record(&self, span: SimTime) {
        // Half up to the nearest unit; hdrhistogram's zero bucket is real, so 0 stays 0.
        let us = (span.0 + UNIT_NS / 2) / UNIT_NS;
        self.total.borrow_mut().saturating_record(us);
        self.window.borrow_mut().saturating_record(us);
        self.sum_ns.set(self.sum_ns.get() + u128::from(span.0));
        self.max_ns.set(self.max_ns.get().max(span.0));
    }

    pub fn count(&self) -> u64 {
        self.total.borrow().len()
    }

    pub(super) fn end_warm_up(&self) {
        self.total.borrow_mut().reset();
        self.sum_ns.set(0);
        self.max_ns.set(0);
    }

    pub(super) fn close_window(&self, end: SimTime) {
        let mut window = self.window.borrow_mut();
        let mut counts = Vec::new();
        if !window.is_empty() {
            let recorded = window.iter_recorded();
            counts.extend(recorded.map(|bucket| {
                let middle = window.median_equivalent(bucket.value_iterated_to());
                (middle, bucket.count_at_value())
            }));
            window.reset();
        }
        self.history.borrow_mut().push(end, Buckets::new(counts));
    }

    /// After the warm-up.
    pub fn view(&self) -> HistogramView {
        let total = self.total.borrow();
        let middle = |us| total.median_equivalent(us);
        let recorded = total.iter_recorded();
        let buckets = recorded.map(|b| (middle(b.value_iterated_to()), b.count_at_value()));
        let mut view = view(buckets, total.len());
        if view.count > 0 {
            view.mean = self.sum_ns.get() as f64 / view.count as f64 / 1e6;
            view.max = self.max_ns.get() as f64 / 1e6;
        }
        // The middle of the last bucket may lie above the greatest sample.
        for quantile in [
            &mut view.p50,
            &mut view.p90,
            &mut view.p95,
            &mut view.p99,
            &mut view.p999,
        ] {
            *quantile = quantile.min(view.max);
        }
        view
    }

    /// Of the windows that began at `since` or later.
    pub(super) fn recent(&self, since: SimTime) -> HistogramView {
        let mut sum: Vec<(u64, u32)> = Vec::new();
        let history = self.history.borrow();
        for window in history.windows().filter(|window| window.start >= since) {
            sum.extend_from_slice(window.value.counts());
        }
        // Sorting and not merging window by window: one pass over a few thousand pairs.
        sum.sort_unstable_by_key(|(us, _)| *us);
        let count = sum.iter().map(|(_, count)| u64::from(*count)).sum();
        view(
            sum.iter().map(|(us, count)| (*us, u64::from(*count))),
            count,
        )
    }

    /// For each of [`SERIES`]: (end of window in seconds, the window's quantile in milliseconds);
    /// windows without a sample have no point.
    pub(super) fn quantiles(&self) -> [Vec<(f64, f64)>; SERIES.len()] {
        let history = self.history.borrow();
        std::array::from_fn(|which| {
            let point = |window: &Window<Buckets>| {
                Some((window.end_s(), ms(window.value.quantiles()?[which])))
            };
            history.windows().filter_map(point).collect()
        })
    }
}

fn ms(us: u64) -> f64 {
    us as f64 / 1e3
}

/// All figures in one walk over ascending (microseconds, count).
fn view(buckets: impl Iterator<Item = (u64, u64)>, count: u64) -> HistogramView {
    let mut view = HistogramView {
        count,
        ..HistogramView::default()
    };
    let wanted = [0.5, 0.9, 0.95, 0.99, 0.999];
    let mut found = [0.0; 5];
    let (mut next, mut seen, mut sum) = (0, 0u64, 0.0);
    for (us, n) in buckets {
        seen += n;
        sum += ms(us) * n as f64;
        while next < wanted.len() && seen as f64 >= (count as f64 * wanted[next]).ceil() {
            found[next] = ms(us);
            next += 1;
        }
        view.max = ms(us);
        picture(&mut view.buckets, ms(us), n);
    }
    view.mean = if count == 0 { 0.0 } else { sum / count as f64 };
    [view.p50, view.p90, view.p95, view.p99, view.p999] = found;
    view
}

/// Adds to the coarse buckets of the picture: eight to a factor of two, by their upper edge.
fn picture(buckets: &mut Vec<(f64, u64)>, ms: f64, count: u64) {
    let step = (ms.max(0.001).log2() * 8.0).ceil();
    let edge = (step / 8.0).exp2();
    match buckets.last_mut() {
        Some((last, total)) if (*last - edge).abs() < edge * 1e-9 => *total += count,
        _ => buckets.push((edge, count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(n: u64) -> SimTime {
        SimTime(n * 1_000_000)
    }

    fn of(values: impl Iterator<Item = u64>) -> Histogram {
        let histogram = Histogram::default();
        values.for_each(|n| histogram.record(millis(n)));
        histogram
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= b * 0.002
    }

    #[test]
    fn percentiles_of_one_to_a_thousand_are_what_they_are_called() {
        let view = of(1..=1000).view();
        assert_eq!(view.count, 1000);
        assert!(close(view.mean, 500.5), "{}", view.mean);
        assert!(close(view.p50, 500.0), "{}", view.p50);
        assert!(close(view.p95, 950.0), "{}", view.p95);
        assert!(close(view.p99, 990.0), "{}", view.p99);
        assert!(close(view.p999, 999.0), "{}", view.p999);
        assert!(close(view.max, 1000.0), "{}", view.max);
        assert_eq!(view.buckets.iter().map(|(_, n)| n).sum::<u64>(), 1000);
    }

    #[test]
    fn an_empty_one_is_all_zero_and_has_no_points() {
        let histogram = Histogram::default();
        histogram.close_window(millis(100));
        assert_eq!(histogram.view(), HistogramView::default());
        assert!(histogram.quantiles().iter().all(Vec::is_empty));
    }

    #[test]
    fn the_warm_up_leaves_totals_but_stays_in_the_series() {
        let histogram = of(1..=10);
        histogram.close_window(millis(100));
        histogram.end_warm_up();
        assert_eq!(histogram.count(), 0);
        let [_, _, points] = histogram.quantiles();
        assert_eq!(points.len(), 1);
        assert!(
            (points[0].1 - 10.0).abs() <= 0.1,
            "a window is right within 1 %"
        );
    }

    #[test]
    fn a_span_beyond_an_hour_is_held_at_about_an_hour() {
        let view = of(std::iter::once(100 * 3_600_000)).view();
        assert!(
            (3_590_000.0..3_700_000.0).contains(&view.p50),
            "{}",
            view.p50
        );
    }
}
