//! The workload, and the parts of it that both sides share: the draws, the gather, the meters.

use ddlab_labs::engine::{Distribution, FuturesUnordered, Purpose, SimTime};
use ddlab_labs::workbench::meter::{Counter, Histogram};
use futures::StreamExt;
use std::time::Duration;

/// One workload; all its times are in `unit`s.
#[derive(Debug, Clone, Copy)]
pub struct Workload {
    pub fan_out: usize,
    pub rpcs: usize,
    pub unit: Duration,
}

impl Workload {
    /// Queries of the root, one after the other.
    pub fn queries(self) -> u64 {
        (self.rpcs / self.fan_out) as u64
    }

    /// The root asks all of its leaves once in this time.
    pub fn every(self) -> Duration {
        self.unit * 14
    }

    /// Of each link, each way.
    pub fn latency(self) -> Duration {
        self.unit
    }

    /// At a leaf with one slot; in the mean such that it is busy 10/14 of the time.
    pub fn service(self, purpose: Purpose) -> Service {
        let span = Distribution::exponential(self.unit * 10);
        Service { purpose, span }
    }
}

pub struct Ask(pub u64);
pub struct Found(pub u64);

/// What a service takes: of query 812 at leaf 2 the same, on whichever side it runs.
pub struct Service {
    purpose: Purpose,
    span: Distribution,
}

impl Service {
    pub fn of(&self, query: u64, leaf: usize) -> Duration {
        self.span
            .sample(&mut self.purpose.draw(&[query, leaf as u64]))
    }
}

#[derive(Default)]
pub struct Meters {
    pub sent: Counter,
    pub answered: Counter,
    /// From asking to having the answer.
    pub latency: Histogram,
}

/// What a run did, to hold the two sides against each other.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    pub rpcs: u64,
    pub mean_ms: f64,
}

impl Meters {
    pub fn outcome(&self) -> Outcome {
        Outcome {
            rpcs: self.answered.total(),
            mean_ms: self.latency.view().mean,
        }
    }
}

/// Waits for all answers of one query, whatever brings them, and meters each.
pub async fn gather<F: Future<Output = Option<Found>> + Unpin>(
    query: u64,
    calls: impl Iterator<Item = F>,
    meters: &Meters,
    now: impl Fn() -> SimTime,
) {
    let asked = now();
    let mut calls: FuturesUnordered<_> = calls.inspect(|_| meters.sent.add(1)).collect();
    while let Some(found) = calls.next().await {
        if found.is_some_and(|Found(of)| of == query) {
            meters.answered.add(1);
            meters.latency.record(SimTime(now().0 - asked.0));
        }
    }
}
