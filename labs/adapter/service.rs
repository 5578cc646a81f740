//! The services: what is true of each, and how it tells it in its dialect.

use super::dialect::Dialect;
use super::exposition::Kind;
use super::pattern::Rule;
use crate::engine::SimTime;
use crate::workbench::workload::Rate;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The common names. Requests and queue are what the monitor's board shows.
pub const REQUESTS: &str = "app_requests_total";
pub const QUEUE: &str = "app_queue_length";
pub const BIDS: &str = "app_bids_total";
/// Every so many requests one fails.
const FAILS_EVERY: u64 = 100;
const BUSY_MS: u64 = 5;
/// Items in a queue, as a rule and at a peak.
const CALM: u64 = 2;
pub const PEAK: u64 = 100;

/// Whether the monitor has seen a peak of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peak {
    Unseen,
    Seen,
}

/// One request: who bid, where it is a bid.
pub type Bidder = u64;

pub struct Service {
    pub number: u32,
    pub dialect: Dialect,
    pub up: Cell<bool>,
    /// It has another name for its requests than the adapter knows.
    pub renamed: Cell<bool>,
    /// Since its process started.
    requests: Cell<u64>,
    /// Since the run started: no monitor sees that.
    pub ever: Cell<u64>,
    /// The peak of its queue, where there is one.
    pub peak: Cell<Option<Peak>>,
    /// What it has sent since it was last read (statsd), and the bids of each bidder in it.
    sent: Cell<u64>,
    bids: RefCell<BTreeMap<Bidder, u64>>,
    /// When the adapter was last told something, and how many requests there had been ever.
    pub told: Cell<(SimTime, u64)>,
    pub rate: Rate,
}

const fn rule(
    field: &'static str,
    metric: &'static str,
    help: &'static str,
    kind: Kind,
    scale: f64,
) -> Rule {
    Rule {
        field,
        metric,
        help,
        kind,
        scale,
        optional: false,
    }
}

const fn requests(field: &'static str) -> Rule {
    rule(
        field,
        REQUESTS,
        "Requests since the start of the process.",
        Kind::Counter,
        1.0,
    )
}

const fn errors(field: &'static str) -> Rule {
    rule(
        field,
        "app_errors_total",
        "Requests that failed.",
        Kind::Counter,
        1.0,
    )
}

const fn queue(field: &'static str) -> Rule {
    rule(field, QUEUE, "Items that wait.", Kind::Gauge, 1.0)
}

const fn busy(field: &'static str, scale: f64) -> Rule {
    rule(
        field,
        "app_busy_seconds_total",
        "Time spent on requests.",
        Kind::Counter,
        scale,
    )
}

/// The table of an adapter: the whole of what it knows of its application.
pub const fn rules(dialect: Dialect) -> &'static [Rule] {
    match dialect {
        Dialect::Redis => {
            &const {
                [
                    requests("total_commands_processed"),
                    errors("total_error_replies"),
                    queue("blocked_clients"),
                    busy("used_cpu_user", 1.0),
                ]
            }
        }
        Dialect::Statsd => {
            &const {
                [
                    requests("requests"),
                    errors("errors"),
                    queue("queue"),
                    busy("busy", 0.001),
                    Rule {
                        optional: true,
                        ..rule("bids", BIDS, "Bids of each bidder.", Kind::Counter, 1.0)
                    },
                ]
            }
        }
        Dialect::Json => {
            &const {
                [
                    requests("image.jobs_done"),
                    errors("image.failed"),
                    queue("image.queue.length"),
                    busy("image.busy_ms", 0.001),
                ]
            }
        }
        Dialect::Jmx => {
            &const {
                [
                    requests("ledger:type=Payments/RequestCount"),
                    errors("ledger:type=Payments/ErrorCount"),
                    queue("ledger:type=Payments/QueueLength"),
                    busy("ledger:type=Payments/BusyNanos", 1e-9),
                ]
            }
        }
        Dialect::Csv => {
            &const {
                [
                    requests("sent"),
                    errors("failed"),
                    queue("queued"),
                    busy("busy_ms", 0.001),
                ]
            }
        }
        Dialect::Nginx => &const { [requests("requests"), errors("dropped"), queue("waiting")] },
    }
}

impl Service {
    pub fn new(number: u32, rate: Rate) -> Self {
        Self {
            number,
            dialect: Dialect::ALL[(number as usize - 1) % Dialect::ALL.len()],
            up: Cell::new(true),
            renamed: Cell::new(false),
            requests: Cell::new(0),
            ever: Cell::new(0),
            peak: Cell::new(None),
            sent: Cell::new(0),
            bids: RefCell::default(),
            told: Cell::new((SimTime::ZERO, 0)),
            rate,
        }
    }

    /// A request is done. A bidder is told only where bids have a label.
    pub fn count(&self, bidder: Option<Bidder>) {
        self.requests.set(self.requests.get() + 1);
        self.ever.set(self.ever.get() + 1);
        self.sent.set(self.sent.get() + 1);
        if let Some(bidder) = bidder {
            *self.bids.borrow_mut().entry(bidder).or_insert(0) += 1;
        }
    }

    /// Its process starts again, and its counters with it.
    pub fn begin_again(&self) {
        self.requests.set(0);
        self.lose_packets();
    }

    pub fn lose_packets(&self) {
        self.sent.set(0);
        self.bids.borrow_mut().clear();
    }

    /// What it tells, in its dialect. What it sends by packets it sends once.
    pub fn tell(&self, now: SimTime) -> String {
        self.told.set((now, self.ever.get()));
        let renamed = self.renamed.get();
        let name = |usual: &'static str, new: &'static str| if renamed { new } else { usual };
        let count = self.requests.get();
        let (failed, busy) = (count / FAILS_EVERY, count * BUSY_MS);
        let queue = if self.peak.get().is_some() {
            PEAK
        } else {
            CALM
        };
        match self.dialect {
            Dialect::Redis => format!(
                "# Server\r\nredis_version:8.2.1\r\nos:Linux 6.12 x86_64\r\n\r\n# Clients\r\nblocked_clients:{queue}\r\n\r\n# Stats\r\n\
                 {}:{count}\r\ntotal_error_replies:{failed}\r\n\r\n# CPU\r\nused_cpu_user:{}.{:03}\r\n",
                name("total_commands_processed", "commands_processed"),
                busy / 1_000,
                busy % 1_000
            ),
            Dialect::Statsd => self.packets(name("requests", "calls"), queue),
            Dialect::Json => format!(
                r#"{{"image":{{"version":"4.1","{}":{count},"failed":{failed},"busy_ms":{busy},"queue":{{"length":{queue}}}}}}}"#,
                name("jobs_done", "jobsDone")
            ),
            Dialect::Jmx => format!(
                "#mbean = ledger:type=Payments:\n{} = {count};\n\nErrorCount = {failed};\n\nQueueLength = {queue};\n\nBusyNanos = {};\n\n",
                name("RequestCount", "Requests"),
                busy * 1_000_000
            ),
            Dialect::Csv => format!(
                "time,{},failed,queued,busy_ms,note\n{},{count},{failed},{queue},{busy},\"two, as ever\"\n",
                name("sent", "sent_total"),
                now.0 / 1_000_000_000
            ),
            Dialect::Nginx => format!(
                "Active connections: {} \nserver accepts handled {}\n {count} {} {count} \nReading: 0 Writing: 1 Waiting: {queue} \n",
                queue + 1,
                name("requests", "calls"),
                count - failed
            ),
        }
    }

    fn packets(&self, requests: &str, queue: u64) -> String {
        let sent = self.sent.take();
        let mut packets = format!(
            "{requests}:{sent}|c\nqueue:{queue}|g\nbusy:{}|ms\n",
            sent * BUSY_MS
        );
        // Sampled: one in ten, and the adapter multiplies.
        let failed = sent as f64 / FAILS_EVERY as f64 / 10.0;
        let _ = writeln!(packets, "errors:{failed}|c|@0.1");
        for (bidder, bids) in self.bids.take() {
            let _ = writeln!(packets, "bids:{bids}|c|#bidder:{}", name_of(bidder));
        }
        packets
    }
}

/// Every tenth has a name that needs care.
fn name_of(bidder: Bidder) -> String {
    if bidder.is_multiple_of(10) {
        format!("the \"{bidder}\" \\ co")
    } else {
        format!("b{bidder}")
    }
}
