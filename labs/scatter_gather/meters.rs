//! The lab's meters by name, fetched once.

use crate::workbench::meter::{Counter, Gauge, Histogram, Meters, Ratio};
use std::rc::Rc;

pub struct RootMeters {
    pub latency: Rc<Histogram>,
    pub leaf_latency: Rc<Histogram>,
    pub completeness: Rc<Ratio>,
    pub extra_load: Rc<Ratio>,
    pub slow: Rc<Ratio>,
    pub requests: Rc<Counter>,
    pub complete: Rc<Counter>,
    pub partial: Rc<Counter>,
    pub failed: Rc<Counter>,
    pub shed: Rc<Counter>,
    pub hedges: Rc<Counter>,
    pub hedges_won: Rc<Counter>,
    pub cancelled: Rc<Counter>,
    pub in_progress: Rc<Gauge>,
}

impl RootMeters {
    pub fn of(meters: &Meters) -> Self {
        Self {
            latency: meters.histogram("latency_ms"),
            leaf_latency: meters.histogram("leaf_latency_ms"),
            completeness: meters.ratio("completeness_ratio"),
            extra_load: meters.ratio("extra_load_ratio"),
            slow: meters.ratio("slow_ratio"),
            requests: meters.counter("requests_total"),
            complete: meters.counter("complete_total"),
            partial: meters.counter("partial_total"),
            failed: meters.counter("failed_total"),
            shed: meters.counter("shed_total"),
            hedges: meters.counter("hedges_total"),
            hedges_won: meters.counter("hedges_won_total"),
            cancelled: meters.counter("cancelled_total"),
            in_progress: meters.gauge("in_progress"),
        }
    }
}
