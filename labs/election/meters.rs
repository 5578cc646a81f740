//! The lab's meters by name, fetched once.

use crate::workbench::meter::{Counter, Gauge, Histogram, Meters};
use std::rc::Rc;

pub struct ElectionMeters {
    pub believers: Rc<Gauge>,
    pub split_brain: Rc<Counter>,
    pub ownerless: Rc<Counter>,
    pub failover: Rc<Histogram>,
    pub elections: Rc<Counter>,
    pub writes: Rc<Counter>,
    pub dual_writes: Rc<Counter>,
    pub fenced_writes: Rc<Counter>,
    pub jobs_missed: Rc<Counter>,
    pub jobs_doubled: Rc<Counter>,
    pub renewals_failed: Rc<Counter>,
}

impl ElectionMeters {
    pub fn of(meters: &Meters) -> Rc<Self> {
        Rc::new(Self {
            believers: meters.gauge("believers"),
            split_brain: meters.counter("split_brain_ms_total"),
            ownerless: meters.counter("ownerless_ms_total"),
            failover: meters.histogram("failover_ms"),
            elections: meters.counter("elections_total"),
            writes: meters.counter("writes_total"),
            dual_writes: meters.counter("dual_writes_total"),
            fenced_writes: meters.counter("fenced_writes_total"),
            jobs_missed: meters.counter("jobs_missed_total"),
            jobs_doubled: meters.counter("jobs_doubled_total"),
            renewals_failed: meters.counter("renewals_failed_total"),
        })
    }
}
