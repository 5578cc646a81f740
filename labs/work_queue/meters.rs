//! The lab's meters by name, fetched once.

use crate::workbench::meter::{Counter, Gauge, Histogram, Meters, Ratio};
use std::rc::Rc;

pub struct QueueMeters {
    pub queue_depth: Rc<Gauge>,
    pub in_flight: Rc<Gauge>,
    pub oldest_age: Rc<Gauge>,
    pub sojourn: Rc<Histogram>,
    pub wait: Rc<Histogram>,
    pub submitted: Rc<Counter>,
    pub done: Rc<Counter>,
    pub effects: Rc<Counter>,
    pub duplicates: Rc<Counter>,
    pub duplicate_ratio: Rc<Ratio>,
    pub absorbed: Rc<Counter>,
    pub redelivered: Rc<Counter>,
    pub acks_refused: Rc<Counter>,
    pub dead_lettered: Rc<Counter>,
    pub dead_letters: Rc<Gauge>,
    pub lost: Rc<Counter>,
    pub refused: Rc<Counter>,
    pub workers: Rc<Gauge>,
    pub utilization: Rc<Gauge>,
    pub worker_seconds: Rc<Counter>,
}

impl QueueMeters {
    pub fn of(meters: &Meters) -> Self {
        Self {
            queue_depth: meters.gauge("queue_depth"),
            in_flight: meters.gauge("in_flight"),
            oldest_age: meters.gauge("oldest_age_s"),
            sojourn: meters.histogram("sojourn_ms"),
            wait: meters.histogram("wait_ms"),
            submitted: meters.counter("submitted_total"),
            done: meters.counter("done_total"),
            effects: meters.counter("effects_total"),
            duplicates: meters.counter("duplicate_effects_total"),
            duplicate_ratio: meters.ratio("duplicate_ratio"),
            absorbed: meters.counter("absorbed_total"),
            redelivered: meters.counter("redelivered_total"),
            acks_refused: meters.counter("acks_refused_total"),
            dead_lettered: meters.counter("dead_lettered_total"),
            dead_letters: meters.gauge("dead_letters"),
            lost: meters.counter("lost_total"),
            refused: meters.counter("refused_total"),
            workers: meters.gauge("workers"),
            utilization: meters.gauge("worker_utilization"),
            worker_seconds: meters.counter("worker_seconds_total"),
        }
    }
}
