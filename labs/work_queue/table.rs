//! The lab's table: its knobs, actions, metrics, requests and invariants.

use super::pattern::Ack;
use super::settings::{Autoscale, Broker, DelayedBy, Idempotency, RetryBackoff, ServicePer};
use crate::workbench::prelude::*;

/// The most items of one burst: what the queue can hold.
const BURST_MAX: u32 = 200_000;

lab_spec! {
    id: "work-queue",
    title: "Work queue",
    chapter: 8,
    promise: "see why every item may be done twice, what poison costs, and how many workers are enough",
    scene: SceneKind::Belt,
    metrics: QueueMeters::specs(),
}

/// A pool can't be larger than a frame can carry.
pub const WORKERS_MAX: u32 = 500;

knobs! {
    pub struct Knobs;
    pub enum Turned { Rate, Service, Workers, Autoscale, Network, Rules }

    "load" {
        /// items that the source puts into the queue, a second
        arrival_rps: f64 = quantity("rps", 20.0, 0.1, 10_000.0).essential() => Rate;
        /// at random moments, or evenly spaced
        arrivals: Arrivals = choice();
        /// how long the work on an item takes
        service: Distribution = distribution("lognormal:200ms,0.6") => Service;
        /// each item has its time, the same in every delivery (a large photograph); or each delivery draws its own (a
        /// machine or a vendor that is slow at times)
        service_per: ServicePer = choice();
        /// an item is not to be done before so long after its arrival
        delay: Option<Distribution> = distribution("const:1m").starting_at("off");
        /// an item that is not due is kept by the queue, or handed out and held by a worker, on its lease
        delayed_by: DelayedBy = choice().restarts();
    }
    "pool" {
        /// workers in the pool; with autoscale the least there are
        workers: usize = count(4, 0, WORKERS_MAX).essential() => Workers;
        /// items that a worker takes at a time; all but the first wait for it, on their lease
        prefetch: usize = count(1, 1, 1_000);
        /// how long a message takes, one way
        network: Distribution = distribution("const:0.1ms") => Network;
    }
    "delivery" {
        /// whose rules the queue follows: a table in Postgres with the lease in a column, a Kafka share group, an SQS
        /// standard queue, or a RabbitMQ quorum queue; kafka and rabbitmq take back what a closed connection had
        broker: Broker = choice().restarts();
        /// the lease: how long an item is handed out before the queue takes it back
        visibility_timeout: Duration = duration("5s", "1ms", "12h").essential() => Rules;
        /// a worker extends the leases of what it has in hand, three times before they run out
        heartbeat: bool = switch(false);
        /// a worker gives an item up after so long; what hangs and has a heartbeat has no other end
        longest: Option<Duration> = duration("1m", "10ms", "12h").or("off");
        /// a worker acknowledges after the effect, or on receipt
        ack: Ack = choice().essential();
        /// the store lets each effect happen as often as it comes, or once a key
        idempotency: Idempotency = choice().essential();
        /// an item that has used up its deliveries is put aside
        dead_letter: bool = switch(true) => Rules;
        /// deliveries that an item has; see dead_letter
        max_receives: usize = count(5, 1, 100) => Rules;
        /// how long an item that came back stays out of sight: not at all, retry_delay, or twice as long
        /// each time
        retry_backoff: RetryBackoff = choice() => Rules;
        /// the first delay of retry_backoff
        retry_delay: Duration = duration("1s", "1ms", "1h") => Rules;
    }
    "faults" {
        /// items that never succeed: each delivery hangs its worker, until longest frees it
        poison_ratio: f64 = share(0.0, 0.001).essential();
        /// deliveries in which the worker dies half-way: one half of them amid the work, one between effect
        /// and acknowledgement
        worker_crash_ratio: f64 = share(0.0, 0.01).essential();
        /// a worker that died by worker_crash_ratio is back after this
        restart_after: Duration = duration("2s", "1ms", "1h");
    }
    "scaling" {
        /// the pool follows the number of items, or the age of the oldest; or the number of items by the rules of
        /// Kubernetes' autoscaler, alone or behind KEDA
        autoscale: Autoscale = choice() => Autoscale;
        /// the most workers that autoscale may start
        workers_max: usize = count(20, 1, WORKERS_MAX);
        /// depth, hpa, keda: items per worker; age: seconds that the oldest item may be old
        scale_target: f64 = quantity("", 10.0, 0.1, 100_000.0);
        /// how often the autoscaler looks
        scale_poll: Duration = duration("15s", "100ms", "1h");
        /// fewer workers only after fewer were enough for this long; HPA's stabilisation window, 5m by default
        scale_cooldown: Duration = duration("1m", "1ms", "1h");
        /// from the decision for a worker to its first item
        worker_start: Duration = duration("5s", "1ms", "1h");
    }
}

pub static SOURCE: Role = Role::new("source", "sources", Rank::Head);
pub static QUEUE: Role = Role::new("queue", "queues", Rank::Head);
pub static WORKER: Role = Role::new("worker", "workers", Rank::Member);
pub static STORE: Role = Role::new("store", "stores", Rank::Tail);

actions! {
    pub enum Act {
        /// so many items at once
        'B' Burst(f64) = number("items", 500, BURST_MAX);
        /// so many poison items at once
        'P' Poison(f64) = number("items", 4, BURST_MAX);
        /// the worker's process dies with what it has in hand, and stays down
        'K' Crash(u32) = on(&WORKER);
        /// the worker's process starts again
        'U' Restart(u32) = on(&WORKER);
        /// the worker stands still for two leases, and then goes on as if nothing had been
        'Z' Pause(u32) = on(&WORKER);
        /// every worker finishes what it works on, gives back the others, and makes room for a new one
        'D' Deploy;
        /// dead letters go back to the queue, their attempts forgiven
        'R' Redrive;
        /// nothing more arrives, until arrival_rps is turned
        'X' StopSource;
    }
}

metrics! {
    pub struct QueueMeters {
        /// items that wait, seen or held back
        queue_depth: Gauge in Count, chart 1;
        /// items that workers have in hand, as far as is known
        in_flight: Gauge in Count;
        /// age of the oldest item that is neither done nor dead
        oldest_age_s: Gauge in Seconds, chart 3;
        /// from an item's arrival until it is done
        sojourn_ms: Histogram in Milliseconds, chart 2;
        /// from an item's arrival until work on it first begins
        wait_ms: Histogram in Milliseconds;
        /// items that lie aside now
        dead_letters: Gauge in Count;
        /// workers that are up
        workers: Gauge in Count, chart 5;
        /// workers that are at work, of those that are up
        worker_utilization: Gauge in Share, chart 6;
        /// items acknowledged whose effect never came
        lost_total: Counter in Count;
        /// items that the queue has taken in
        submitted_total: Counter in Count;
        /// items done: acknowledged, with their effect
        done_total: Counter in Count;
        /// effects that happened in the store
        effects_total: Counter in Count;
        /// effects beyond the first of an item
        duplicate_effects_total: Counter in Count, chart 4;
        /// effects beyond the first of an item, of all effects
        duplicate_ratio: Ratio in Share;
        /// effects that came again and that the key made nothing of
        absorbed_total: Counter in Count;
        /// deliveries of items that had been delivered before
        redelivered_total: Counter in Count;
        /// acknowledgements that came after the lease was over
        acks_refused_total: Counter in Count;
        /// items put aside: their deliveries are used up
        dead_lettered_total: Counter in Count;
        /// items turned away: the queue, or the network before it, is full
        refused_total: Counter in Count;
        /// seconds that workers were paid for, from their start on
        worker_seconds_total: Counter in Seconds;
    }
}

endpoints! {
    pub enum Asked {
        /// put an item into the queue; answers with its id when the queue has taken it in
        Put = post("/items").queues();
        /// what became of an item that was put in from outside, by the lab's own books
        Look(String) = get("/items/{id}").looks().example("/items/1");
    }
}

invariants! {
    pub struct Invariants {
        adds_up: "submitted = done + queued + in flight + dead-lettered + lost";
        nothing_lost: "with late ack and a dead-letter queue nothing is lost";
        one_effect: "with an idempotency key each item has one effect";
    }
}
