//! All meters of one lab, by the names of its table of metrics.

use super::gauge::Reading;
use super::ratio::share;
use super::{Counter, Gauge, Histogram, MetricKind, MetricSpec, Ratio, Samples, WINDOW};
use super::{MetricValue, MetricView, SeriesView};
use crate::engine::SimTime;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// How far back a metric's *recent* value reaches.
const RECENT: SimTime = SimTime(10_000_000_000);

/// One meter for each line of a lab's table of metrics, in its order.
#[derive(Debug)]
pub struct Meters {
    by_metric: Vec<(&'static MetricSpec, Meter)>,
    /// What changes only when a window closes, worked out once for all the frames until then.
    past: Past,
    /// Nobody will ask for a history.
    unseen: Cell<bool>,
}

/// Both are none until a frame asks for them.
#[derive(Debug, Default)]
struct Past {
    /// None of a gauge before its first window has closed.
    recent: RefCell<Option<Vec<Option<MetricValue>>>>,
    series: RefCell<Option<Vec<Vec<SeriesView>>>>,
}

impl Past {
    fn forget(&self) {
        self.recent.take();
        self.series.take();
    }
}

#[derive(Debug, Clone)]
pub enum Meter {
    Counter(Rc<Counter>),
    Ratio(Rc<Ratio>),
    Gauge(Rc<Gauge>),
    Histogram(Rc<Histogram>),
}

/// A type of meter, of which each metric of its kind has one.
pub trait Measure: Sized {
    const KIND: MetricKind;

    fn of(meter: &Meter) -> Option<Rc<Self>>;
}

macro_rules! measures {
    ($($kind:ident),+) => { $(
        impl Measure for $kind {
            const KIND: MetricKind = MetricKind::$kind;

            fn of(meter: &Meter) -> Option<Rc<Self>> {
                match meter {
                    Meter::$kind(meter) => Some(Rc::clone(meter)),
                    _ => None,
                }
            }
        }
    )+ };
}

measures!(Counter, Ratio, Gauge, Histogram);

/// What of a metric adds up over several runs, where its value doesn't: a ratio of ratios or a mean of
/// percentiles is neither.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tally {
    /// Of a counter or a gauge: the value says it all.
    Value,
    Ratio {
        part: u64,
        whole: u64,
    },
    Histogram(Samples),
}

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
            by_metric: specs.iter().map(meter).collect(),
            past: Past::default(),
            unseen: Cell::new(false),
        }
    }

    /// Keeps no windows from now on: nobody will look at a history, nor at what is recent. Totals are the same to the
    /// last bit.
    pub fn keep_no_history(&self) {
        self.unseen.set(true);
    }

    /// The meter of this metric. The macro [`metrics`](crate::metrics) asks for each one, by the kind that
    /// it has in the table.
    pub fn get<M: Measure>(&self, name: &str) -> Rc<M> {
        let found = self.by_metric.iter().find(|(spec, _)| spec.name == name);
        let meter = found.and_then(|(_, meter)| M::of(meter));
        meter.unwrap_or_else(|| panic!("the lab has no metric `{name}` of this kind"))
    }

    /// Totals start afresh: what is shown is of the time from `now` on.
    pub fn end_warm_up(&self, now: SimTime) {
        self.past.forget();
        for (_, meter) in &self.by_metric {
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
        if self.unseen.get() {
            return self.pass_window(end);
        }
        self.past.forget();
        for (_, meter) in &self.by_metric {
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

    /// The sum of a gauge goes by its windows, so that it rounds as it does where they are kept.
    fn pass_window(&self, end: SimTime) {
        for (_, meter) in &self.by_metric {
            match meter {
                Meter::Counter(_) | Meter::Ratio(_) => {}
                Meter::Gauge(gauge) => gauge.settle(end),
                Meter::Histogram(histogram) => histogram.pass_window(end),
            }
        }
    }

    /// Every metric as it stands, without its history.
    pub fn values(&self, now: SimTime) -> Vec<(&'static MetricSpec, MetricValue)> {
        self.by_metric
            .iter()
            .map(|(spec, meter)| (*spec, meter.value(now)))
            .collect()
    }

    /// What of every metric adds up over runs, in the order of the table.
    pub fn tallies(&self) -> Vec<Tally> {
        let tally = |(_, meter): &(_, Meter)| match meter {
            Meter::Counter(_) | Meter::Gauge(_) => Tally::Value,
            Meter::Ratio(ratio) => Tally::Ratio {
                part: ratio.part.total(),
                whole: ratio.whole.total(),
            },
            Meter::Histogram(histogram) => Tally::Histogram(histogram.samples()),
        };
        self.by_metric.iter().map(tally).collect()
    }

    /// Every metric for a frame, still without its history.
    pub fn views(&self, now: SimTime) -> Vec<MetricView> {
        let mut recent = self.past.recent.borrow_mut();
        let recent = recent.get_or_insert_with(|| {
            let recent = |(_, meter): &(_, Meter)| meter.recent(now);
            self.by_metric.iter().map(recent).collect()
        });
        let meters = self.by_metric.iter().zip(recent);
        let view = |((spec, meter), recent): (&(&'static MetricSpec, Meter), &mut Option<_>)| {
            let value = meter.value(now);
            MetricView {
                name: spec.name,
                unit: spec.unit,
                recent: recent.clone().unwrap_or_else(|| value.clone()),
                value,
                series: Vec::new(),
            }
        };
        meters.map(view).collect()
    }

    /// The history of every metric, in the same order.
    pub fn series(&self) -> Vec<Vec<SeriesView>> {
        let mut series = self.past.series.borrow_mut();
        let series = series.get_or_insert_with(|| {
            let series = |(_, meter): &(_, Meter)| meter.series();
            self.by_metric.iter().map(series).collect()
        });
        series.clone()
    }
}

impl From<Reading> for MetricValue {
    fn from(read: Reading) -> Self {
        Self::Gauge {
            last: read.last,
            mean: read.mean,
            min: read.min,
            max: read.max,
        }
    }
}

impl Meter {
    fn value(&self, now: SimTime) -> MetricValue {
        match self {
            Self::Counter(counter) => MetricValue::Counter(counter.total() as f64),
            Self::Ratio(ratio) => MetricValue::Ratio(ratio.read()),
            Self::Gauge(gauge) => gauge.read(now).into(),
            Self::Histogram(histogram) => MetricValue::Histogram(histogram.view()),
        }
    }

    /// Of the windows closed in the last [`RECENT`]: the same at every moment of a window.
    fn recent(&self, now: SimTime) -> Option<MetricValue> {
        let closed = now.0 / WINDOW.0 * WINDOW.0;
        let since = SimTime(closed.saturating_sub(RECENT.0));
        Some(match self {
            Self::Counter(counter) => MetricValue::Counter(counter.recent(since) as f64),
            Self::Ratio(ratio) => {
                MetricValue::Ratio(share(ratio.part.recent(since), ratio.whole.recent(since)))
            }
            Self::Gauge(gauge) => gauge.recent(since)?.into(),
            Self::Histogram(histogram) => MetricValue::Histogram(histogram.recent(since)),
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workbench::lab::Lab as _;

    #[test]
    fn meters_that_nobody_will_look_at_keep_no_history_and_measure_as_others_do() {
        let run = |unseen: bool| {
            let meters = Meters::new(&crate::scatter_gather::LAB.spec().metrics);
            if unseen {
                meters.keep_no_history();
            }
            let (shed, latency) = (meters.get("shed_total"), meters.get("latency_ms"));
            let (shed, latency): (Rc<Counter>, Rc<Histogram>) = (shed, latency);
            for window in 1..=1_300 {
                shed.increment();
                latency.record(SimTime(window * 1_000_000));
                meters.close_window(SimTime(window * WINDOW.0));
            }
            let points = meters.series().into_iter().flatten();
            let points: usize = points.map(|line| line.points.len()).sum();
            (
                points,
                format!("{:?}", meters.values(SimTime(1_300 * WINDOW.0))),
            )
        };
        let ((seen, measured), (unseen, same)) = (run(false), run(true));
        assert!(seen > 0);
        assert_eq!((unseen, same), (0, measured));
    }
}
