//! The lab's meters by name, fetched once.

use crate::workbench::meter::{Counter, Gauge, Histogram, Meters, Ratio};
use std::rc::Rc;

pub struct ProxyMeters {
    pub latency: Rc<Histogram>,
    pub hits: Rc<Ratio>,
    pub origin_rps: Rc<Gauge>,
    pub max_over_mean: Rc<Gauge>,
    pub cv: Rc<Gauge>,
    pub moved: Rc<Gauge>,
    pub calls: Rc<Ratio>,
    pub errors: Rc<Counter>,
    pub stale: Rc<Counter>,
    pub requests: Rc<Counter>,
    pub writes: Rc<Counter>,
    pub shed: Rc<Counter>,
    pub hot_keys: Rc<Gauge>,
    pub in_progress: Rc<Gauge>,
}

impl ProxyMeters {
    pub fn of(meters: &Meters) -> Self {
        Self {
            latency: meters.histogram("latency_ms"),
            hits: meters.ratio("hit_ratio"),
            origin_rps: meters.gauge("origin_rps"),
            max_over_mean: meters.gauge("shard_load_max_over_mean"),
            cv: meters.gauge("shard_load_cv"),
            moved: meters.gauge("keys_moved_ratio"),
            calls: meters.ratio("calls_per_request"),
            errors: meters.counter("errors_total"),
            stale: meters.counter("stale_reads_total"),
            requests: meters.counter("requests_total"),
            writes: meters.counter("writes_total"),
            shed: meters.counter("shed_total"),
            hot_keys: meters.gauge("hot_keys"),
            in_progress: meters.gauge("in_progress"),
        }
    }
}
