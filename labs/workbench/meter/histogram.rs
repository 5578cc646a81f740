//! Distributions of spans of time: percentiles over the run and window by window.

use super::HistogramView;
use super::WINDOW;
use super::buckets::Buckets;
use super::fresh::Fresh;
use super::history::{History, Merge};
use super::samples::Samples;
use crate::engine::SimTime;
use hdrhistogram::Histogram as Hdr;
use std::cell::{Cell, RefCell};

/// The usual spans are below this, an hour: room for them is there from the start. A longer one makes the
/// histogram grow, by 8 KiB for each doubling.
const USUAL_NS: u64 = 3_600_000_000_000;
const GROWS: &str = "a histogram that grows takes any number";
/// Spans are kept in units of a microsecond: what is shown is milliseconds with a few digits.
const UNIT_NS: u64 = 1_000;

/// Samples that a point of a line is made of.
const SAMPLES_A_POINT: f64 = 100.0;
/// A point of a line spans at most so many doublings of a window: 6.4 s.
const DOUBLINGS_MAX: u32 = 6;
/// In doublings: how far the rate moves before the points change with it.
const SLACK: f64 = 0.25;
/// Windows that tell the rate.
const RECENT_WINDOWS: usize = 300;
/// The rate is looked at once in so many windows.
const RATE_EVERY: u64 = 5;

/// How often samples are taken in where no window is kept.
const PASSED_SETTLE: SimTime = SimTime(60_000_000_000);

/// Spans of virtual time, shown in milliseconds.
#[derive(Debug)]
pub struct Histogram {
    /// What is not yet in the others.
    fresh: RefCell<Fresh>,
    /// Three digits: percentiles of the whole run are right within 0.1 %.
    total: RefCell<Hdr<u64>>,
    /// The present window, in two digits (1 %): there are ten in each virtual second to remember.
    window: RefCell<Buckets>,
    history: RefCell<History<Buckets>>,
    /// Exact, where a bucket would be off by its width.
    sum_ns: Cell<u128>,
    max_ns: Cell<u64>,
    /// How many times the window is doubled for a point of a line.
    doublings: Cell<u32>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            fresh: RefCell::default(),
            total: RefCell::new(growing()),
            window: RefCell::default(),
            history: RefCell::default(),
            sum_ns: Cell::new(0),
            max_ns: Cell::new(0),
            doublings: Cell::new(0),
        }
    }
}

impl Histogram {
    /// Records a span of virtual time.
    pub fn record(&self, span: SimTime) {
        // Half up to the nearest unit; hdrhistogram's zero bucket is real, so 0 stays 0.
        let us = span.0.saturating_add(UNIT_NS / 2) / UNIT_NS;
        self.fresh.borrow_mut().add(us);
        self.sum_ns.set(self.sum_ns.get() + u128::from(span.0));
        self.max_ns.set(self.max_ns.get().max(span.0));
    }

    /// Takes in what is fresh: before anything is read.
    fn settle(&self) {
        let (mut fresh, mut total) = (self.fresh.borrow_mut(), self.total.borrow_mut());
        let mut buckets: Vec<(u64, u32)> = Vec::new();
        for (us, count) in fresh.take() {
            total.record_n(us, count.into()).expect(GROWS);
            let middle = coarse(us);
            match buckets.last_mut() {
                Some((last, sum)) if *last == middle => *sum += count,
                _ => buckets.push((middle, count)),
            }
        }
        if !buckets.is_empty() {
            self.window.borrow_mut().merge(Buckets::new(buckets));
        }
    }

    pub fn count(&self) -> u64 {
        self.settle();
        self.total.borrow().len()
    }

    pub(super) fn end_warm_up(&self) {
        self.settle();
        self.total.borrow_mut().reset();
        self.sum_ns.set(0);
        self.max_ns.set(0);
    }

    pub(super) fn close_window(&self, end: SimTime) {
        self.settle();
        let mut history = self.history.borrow_mut();
        history.push(end, self.window.take());
        // Here and not when somebody looks: a line must not depend on how often it was drawn.
        if end.0.is_multiple_of(WINDOW.0 * RATE_EVERY) {
            self.follow_rate(&history);
        }
    }

    /// Ends the current window without keeping it. Samples are taken in before there are too many to count.
    pub(super) fn pass_window(&self, end: SimTime) {
        if end.0.is_multiple_of(PASSED_SETTLE.0) {
            self.settle();
            self.window.take();
        }
    }

    /// After the warm-up.
    pub fn view(&self) -> HistogramView {
        self.settle();
        let total = self.total.borrow();
        let (sum_ns, max_ns) = (self.sum_ns.get(), self.max_ns.get());
        exact_view(counts(&total), total.len(), sum_ns, max_ns)
    }

    /// After the warm-up, in the form that adds up over runs.
    pub fn samples(&self) -> Samples {
        self.settle();
        let total = self.total.borrow();
        Samples::new(counts(&total), self.sum_ns.get(), self.max_ns.get())
    }

    /// Of the windows that began at `since` or later.
    pub(super) fn recent(&self, since: SimTime) -> HistogramView {
        let history = self.history.borrow();
        let recent = history.windows().filter(|window| window.start >= since);
        let sum = Buckets::of_all(recent.map(|window| &window.value));
        let count = sum.count();
        view(
            sum.counts()
                .iter()
                .map(|(us, count)| (*us, u64::from(*count))),
            count,
        )
    }

    /// Quantiles over time, one line for each of `shares`: (end of the stretch in seconds, quantile in
    /// milliseconds). Stretches without a sample have no point.
    ///
    /// A point is not one window but as many as hold a hundred samples or so: the p99 of five samples
    /// is their greatest, and a line of those is noise. Counts are joined, never percentiles averaged.
    /// Stretches lie on a fixed grid of time, so that a line does not change behind its newest point.
    pub(super) fn quantile_lines<const N: usize>(&self, shares: [f64; N]) -> [Vec<(f64, f64)>; N] {
        let history = self.history.borrow();
        let stretch_ns = WINDOW.0 << self.doublings.get();
        let mut lines = shares.map(|_| Vec::new());
        let mut finish = |joined: &mut Buckets, end: SimTime| {
            let joined = std::mem::take(joined);
            for (line, share) in lines.iter_mut().zip(shares) {
                line.extend(
                    joined
                        .quantile_ms(share)
                        .map(|value| (end.as_secs_f64(), value)),
                );
            }
        };
        let mut joined = Buckets::default();
        let mut last: Option<SimTime> = None;
        let mut points = false;
        let place = |end: SimTime| end.0.saturating_sub(1) / stretch_ns;
        for window in history.windows() {
            if let Some(end) = last.filter(|end| place(*end) != place(window.end)) {
                finish(&mut joined, end);
                points = true;
            }
            joined.merge(window.value.clone());
            last = Some(window.end);
        }
        // The newest stretch is shown once it is full (else the line's end would jump about), or when
        // there is nothing else to show.
        if let Some(end) = last.filter(|end| end.0.is_multiple_of(stretch_ns) || !points) {
            finish(&mut joined, end);
        }
        lines
    }

    /// Sets how long a stretch of a line is: a power of two of windows, by the samples of the recent
    /// past.
    fn follow_rate(&self, history: &History<Buckets>) {
        let (mut samples, mut ns) = (0, 0);
        for window in history.newest().take(RECENT_WINDOWS) {
            samples += window.value.count();
            ns += window.end.0 - window.start.0;
        }
        if samples == 0 {
            return;
        }
        let needed_ns = ns as f64 / samples as f64 * SAMPLES_A_POINT;
        let wanted = (needed_ns / WINDOW.0 as f64).log2();
        let doublings = f64::from(self.doublings.get());
        // Not at each flicker of the rate: the whole line changes its shape with it.
        if wanted > doublings + SLACK || wanted < doublings - 1.0 - SLACK {
            let doublings = wanted.ceil().clamp(0.0, f64::from(DOUBLINGS_MAX));
            self.doublings.set(doublings as u32);
        }
    }
}

/// An empty histogram of microseconds with three digits.
fn growing() -> Hdr<u64> {
    const SANE: &str = "the bounds of the histogram are constants that hdrhistogram accepts";
    let mut histogram = Hdr::new_with_max(USUAL_NS / UNIT_NS, 3).expect(SANE);
    histogram.auto(true);
    histogram
}

/// The middle of a bucket of two digits, as hdrhistogram has them: one apart up to 256, then 128 to each doubling.
fn coarse(us: u64) -> u64 {
    let doublings = (u64::BITS - us.leading_zeros()).saturating_sub(8);
    (us >> doublings << doublings) + ((1 << doublings) >> 1)
}

/// (value in microseconds, count), ascending: a bucket stands for its middle.
fn counts(total: &Hdr<u64>) -> impl Iterator<Item = (u64, u64)> {
    let middle = |us| total.median_equivalent(us);
    let recorded = total.iter_recorded();
    recorded.map(move |b| (middle(b.value_iterated_to()), b.count_at_value()))
}

/// All figures, of which mean and greatest are exact.
pub(super) fn exact_view(
    counts: impl Iterator<Item = (u64, u64)>,
    count: u64,
    sum_ns: u128,
    max_ns: u64,
) -> HistogramView {
    let mut view = view(counts, count);
    if view.count > 0 {
        view.mean = sum_ns as f64 / view.count as f64 / 1e6;
        view.max = max_ns as f64 / 1e6;
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

pub(super) fn ms(us: u64) -> f64 {
    us as f64 / 1e3
}

/// All figures in one pass over ascending (microseconds, count).
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

/// A fine bucket stands for its middle, which is up to 0.05 % above its least value. A sample at the very
/// edge of a coarse bucket belongs below that edge, as `le` of an exposition promises.
const FINE_BUCKET: f64 = 1.0005;

/// Adds to the coarse buckets of the picture: eight to a factor of two, by their upper edge.
fn picture(buckets: &mut Vec<(f64, u64)>, ms: f64, count: u64) {
    let least = (ms / FINE_BUCKET).max(0.001);
    match buckets.last_mut() {
        // A trifle more than the edge is what rounding makes of it.
        Some((edge, total)) if least <= *edge * (1.0 + 1e-12) => *total += count,
        _ => {
            let step = (least.log2() * 8.0).ceil();
            buckets.push(((step / 8.0).exp2(), count));
        }
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
        assert!(histogram.quantile_lines([0.5])[0].is_empty());
    }

    #[test]
    fn the_warm_up_leaves_totals_but_stays_in_the_series() {
        let histogram = of(1..=10);
        histogram.close_window(millis(100));
        histogram.end_warm_up();
        assert_eq!(histogram.count(), 0);
        let points = histogram.quantile_lines([1.0])[0].clone();
        assert_eq!(points.len(), 1);
        assert!(
            (points[0].1 - 10.0).abs() <= 0.1,
            "a window is right within 1 %"
        );
    }

    #[test]
    fn merged_windows_give_the_percentile_of_all_samples_and_not_a_mean_of_two() {
        let mut fast = Buckets::new(vec![(1_000, 99)]);
        fast.merge(Buckets::new(vec![(1_000, 1), (900_000, 1)]));
        assert_eq!(fast.counts(), [(1_000, 100), (900_000, 1)]);
        assert_eq!(fast.count(), 101);
        let windows = [vec![(1_000, 99)], vec![], vec![(1_000, 1), (900_000, 1)]].map(Buckets::new);
        let together = Buckets::of_all(windows.iter());
        assert_eq!((together.counts(), together.count()), (fast.counts(), 101));
        assert_eq!(fast.quantile_ms(0.99), Some(1.0));
        assert_eq!(fast.quantile_ms(1.0), Some(900.0));
    }

    #[test]
    fn a_span_far_beyond_an_hour_is_read_as_it_is() {
        for hours in [1.5, 100.0, 24.0 * 365.0 * 100.0] {
            let ms = hours * 3_600_000.0;
            let view = of(std::iter::once(ms as u64)).view();
            assert!(
                close(view.p50, ms) && close(view.max, ms),
                "{hours} h: {view:?}"
            );
        }
        let view = Histogram::default();
        view.record(SimTime::MAX);
        assert_eq!(view.count(), 1);
    }

    #[test]
    fn a_sample_at_the_edge_of_a_bucket_counts_below_the_edge() {
        for ms in [1, 2, 16, 256, 4096, 65_536] {
            assert_eq!(of(std::iter::once(ms)).view().buckets, [(ms as f64, 1)]);
        }
        let above = of(std::iter::once(17)).view().buckets;
        assert!(above[0].0 > 17.0 && above[0].0 < 17.5, "{above:?}");
    }

    #[test]
    fn a_point_of_a_line_has_enough_samples_to_speak_of_a_tail() {
        let histogram = Histogram::default();
        // Five samples a window, one in a hundred slow: most windows have no slow one.
        for n in 0..600u64 {
            for sample in 0..5 {
                let slow = (n * 5 + sample).is_multiple_of(100);
                histogram.record(millis(if slow { 900 } else { 10 }));
            }
            histogram.close_window(millis((n + 1) * 100));
        }
        let [p50, max] = histogram.quantile_lines([0.5, 1.0]);
        assert!((10..=40).contains(&max.len()), "{}", max.len());
        assert!(
            max.iter().all(|(_, value)| *value > 800.0),
            "each point has met a slow one"
        );
        assert!(p50.iter().all(|(_, value)| *value < 11.0));
        let before = max.len();
        histogram.close_window(millis(60_100));
        let after = histogram.quantile_lines([1.0])[0].clone();
        assert_eq!(after[..before], max[..], "what was drawn stays as it was");
    }
}
