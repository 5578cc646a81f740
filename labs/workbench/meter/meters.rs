//! All meters of one lab, by the names of its table of metrics.

use super::ratio::share;
use super::{Counter, Gauge, Histogram, Ratio};
use crate::engine::SimTime;
use crate::workbench::frame::{MetricValue, MetricView, SeriesView};
use crate::workbench::lab::{MetricKind, MetricSpec};
use std::rc::Rc;

/// How far back a metric's *recent* value reaches.
const RECENT: SimTime = SimTime(10_000_000_000);

/// One meter for each line of a lab's table of metrics, in its order.
#[derive(Debug)]
pub struct Meters {
    meters: Vec<(&'static MetricSpec, Meter)>,
}

#[derive(Debug, Clone)]
enum Meter {
    Counter(Rc<Counter>),
    Ratio(Rc<Ratio>),
    Gauge(Rc<Gauge>),
    Histogram(Rc<Histogram>),
}

/// Each takes a name of the lab's table; a name that is not there, or of another kind, is a slip in
/// the lab's code, found by its first run.
impl Meters {
    pub fn new(specs: &'static [MetricSpec]) -> Self {
        let meter = |spec: &'static MetricSpec| {
            let meter = match spec.kind {
                MetricKind::Counter => Meter::Counter(Rc::default()),
                MetricKind::Ratio => Meter::Ratio(Rc::default()),
                MetricKind::Gauge => Meter::Gauge(Rc::default()),
                MetricKind::Histogram => Meter::Histogram(Rc::default()),
            };
            (spec, meter)
        };
        Self {
            meters: specs.iter().map(meter).collect(),
        }
    }

    pub fn counter(&self, name: &str) -> Rc<Counter> {
        match self.meter(name) {
            Meter::Counter(counter) => counter,
            other => panic!("the lab takes metric `{name}` for a counter, it is {other:?}"),
        }
    }

    pub fn ratio(&self, name: &str) -> Rc<Ratio> {
        match self.meter(name) {
            Meter::Ratio(ratio) => ratio,
            other => panic!("the lab takes metric `{name}` for a ratio, it is {other:?}"),
        }
    }

    pub fn gauge(&self, name: &str) -> Rc<Gauge> {
        match self.meter(name) {
            Meter::Gauge(gauge) => gauge,
            other => panic!("the lab takes metric `{name}` for a gauge, it is {other:?}"),
        }
    }

    pub fn histogram(&self, name: &str) -> Rc<Histogram> {
        match self.meter(name) {
            Meter::Histogram(histogram) => histogram,
            other => panic!("the lab takes metric `{name}` for a histogram, it is {other:?}"),
        }
    }

    fn meter(&self, name: &str) -> Meter {
        let found = self.meters.iter().find(|(spec, _)| spec.name == name);
        let (_, meter) = found.unwrap_or_else(|| panic!("the lab has no metric `{name}`"));
        meter.clone()
    }

    /// Totals start afresh: what is shown is of the time from `now` on.
    pub fn end_warm_up(&self, now: SimTime) {
        for (_, meter) in &self.meters {
            match meter {
                Meter::Counter(counter) => counter.end_warm_up(),
                Meter::Ratio(ratio) => {
                    ratio.part.end_warm_up();
                    ratio.whole.end_warm_up();
                }
                Meter::Gauge(gauge) => gauge.end_warm_up(now),
                Meter::Histogram(histogram) => histogram.end_warm_up(),
            }
        }
    }

    /// Ends the current window at `end`; called every [`WINDOW`](super::WINDOW).
    pub fn close_window(&self, end: SimTime) {
        for (_, meter) in &self.meters {
            match meter {
                Meter::Counter(counter) => counter.close_window(end),
                Meter::Ratio(ratio) => {
                    ratio.part.close_window(end);
                    ratio.whole.close_window(end);
                }
                Meter::Gauge(gauge) => gauge.close_window(end),
                Meter::Histogram(histogram) => histogram.close_window(end),
            }
        }
    }

    /// Every metric as it stands, without its history.
    pub fn values(&self, now: SimTime) -> Vec<(&'static MetricSpec, MetricValue)> {
        self.meters
            .iter()
            .map(|(spec, meter)| (*spec, meter.value(now)))
            .collect()
    }

    /// Every metric with its history, for a frame.
    pub fn views(&self, now: SimTime) -> Vec<MetricView> {
        let view = |(spec, meter): &(&'static MetricSpec, Meter)| MetricView {
            name: spec.name,
            value: meter.value(now),
            recent: meter.recent(now),
            series: meter.series(),
        };
        self.meters.iter().map(view).collect()
    }
}

impl Meter {
    fn value(&self, now: SimTime) -> MetricValue {
        match self {
            Self::Counter(counter) => MetricValue::Counter(counter.total() as f64),
            Self::Ratio(ratio) => MetricValue::Ratio(ratio.read()),
            Self::Gauge(gauge) => {
                let read = gauge.read(now);
                MetricValue::Gauge {
                    last: read.last,
                    mean: read.mean,
                    min: read.min,
                    max: read.max,
                }
            }
            Self::Histogram(histogram) => MetricValue::Histogram(histogram.view()),
        }
    }

    fn recent(&self, now: SimTime) -> MetricValue {
        let since = SimTime(now.0.saturating_sub(RECENT.0));
        match self {
            Self::Counter(counter) => MetricValue::Counter(counter.recent(since) as f64),
            Self::Ratio(ratio) => {
                MetricValue::Ratio(share(ratio.part.recent(since), ratio.whole.recent(since)))
            }
            Self::Gauge(_) => self.value(now),
            Self::Histogram(histogram) => MetricValue::Histogram(histogram.recent(since)),
        }
    }

    fn series(&self) -> Vec<SeriesView> {
        let line = |label, points| SeriesView { label, points };
        match self {
            Self::Counter(counter) => vec![line("per second", counter.rates())],
            Self::Ratio(ratio) => vec![line("share", ratio.part.shares_of(&ratio.whole))],
            Self::Gauge(gauge) => vec![line("mean", gauge.means())],
            Self::Histogram(histogram) => {
                let [p50, p95, p99] = histogram.quantile_lines([0.5, 0.95, 0.99]);
                vec![line("p50", p50), line("p95", p95), line("p99", p99)]
            }
        }
    }
}
