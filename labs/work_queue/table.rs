//! The lab's table: its knobs, actions, metrics and figures.

use super::outside::endpoints;
use crate::engine::SimTime;
use crate::workbench::figure::{FigureSpec, Readout};
use crate::workbench::frame::Statistic;
use crate::workbench::knob::KnobSpec;
use crate::workbench::lab::{ActionSpec, ArgumentKind, LabSpec, MetricKind, MetricSpec};
use crate::workbench::scene::SceneKind;
use std::sync::LazyLock;

pub static SPEC: LazyLock<LabSpec> = LazyLock::new(|| LabSpec {
    id: "work-queue",
    title: "Work queue",
    chapter: 8,
    promise: "see why every item may be done twice, what poison costs, and how many workers are enough",
    scene: SceneKind::Belt,
    knobs: knobs(),
    actions: actions(),
    metrics: metrics(),
    endpoints: endpoints(),
    figures: figures(),
    experiments: include_str!("experiments.yaml"),
    source: include_str!("pattern.rs"),
});

const MS: u64 = 1_000_000;
const S: u64 = 1_000 * MS;
const HOUR: u64 = 3_600 * S;

/// A pool can't be larger than a frame can carry.
pub const WORKERS_MAX: u32 = 500;

fn knobs() -> Vec<KnobSpec> {
    let mut knobs = load_and_pool();
    knobs.extend(delivery());
    knobs.extend(faults());
    knobs.extend(scaling());
    knobs
}

fn load_and_pool() -> Vec<KnobSpec> {
    vec![
        KnobSpec::quantity("arrival_rps", "rps", 20.0, 0.1, 10_000.0).of(
            "load",
            "items that the source puts into the queue, a second",
        ),
        KnobSpec::choice("arrivals", &["poisson", "constant"])
            .of("load", "at random moments, or evenly spaced"),
        KnobSpec::distribution("service", "lognormal:200ms,0.6")
            .of("load", "how long a worker works on one delivery of an item"),
        KnobSpec::count("workers", 4, 1, WORKERS_MAX).of(
            "pool",
            "workers in the pool; with autoscale the least there are",
        ),
        KnobSpec::count("prefetch", 1, 1, 1_000).of(
            "pool",
            "items that a worker takes at a time; all but the first wait for it, on their lease",
        ),
        KnobSpec::distribution("network", "const:0.1ms")
            .of("pool", "how long a message takes, one way"),
    ]
}

fn delivery() -> Vec<KnobSpec> {
    vec![
        KnobSpec::duration("visibility_timeout", 5 * S, MS, 12 * HOUR).of(
            "delivery",
            "the lease: how long an item is handed out before the queue takes it back",
        ),
        KnobSpec::switch("heartbeat", false).of(
            "delivery",
            "a worker extends its leases, three times a lease",
        ),
        KnobSpec::choice("ack", &["late", "early"]).of(
            "delivery",
            "a worker acknowledges after the effect, or on receipt",
        ),
        KnobSpec::choice("idempotency", &["off", "key"]).of(
            "delivery",
            "the store lets each effect happen as often as it comes, or once a key",
        ),
        KnobSpec::switch("dead_letter", true).of(
            "delivery",
            "an item that has used up its deliveries is put aside",
        ),
        KnobSpec::count("max_receives", 5, 1, 100)
            .of("delivery", "deliveries that an item has; see dead_letter"),
        KnobSpec::choice("retry_backoff", &["none", "fixed", "exponential"]).of(
            "delivery",
            "how long an item that came back stays out of sight: not at all, retry_delay, or twice \
             as long each time",
        ),
        KnobSpec::duration("retry_delay", S, MS, HOUR)
            .of("delivery", "the first delay of retry_backoff"),
    ]
}

fn faults() -> Vec<KnobSpec> {
    vec![
        KnobSpec::share("poison_ratio", 0.0, 0.001).of(
            "faults",
            "items that never succeed: each delivery hangs its worker for a visibility_timeout",
        ),
        KnobSpec::share("worker_crash_ratio", 0.0, 0.01).of(
            "faults",
            "deliveries in which the worker dies half-way: one half of them amid the work, one \
             between effect and acknowledgement",
        ),
        KnobSpec::duration("restart_after", 2 * S, MS, HOUR).of(
            "faults",
            "a worker that died by worker_crash_ratio is back after this",
        ),
    ]
}

fn scaling() -> Vec<KnobSpec> {
    vec![
        KnobSpec::choice("autoscale", &["off", "depth", "age"]).of(
            "scaling",
            "the pool follows the number of items, or the age of the oldest",
        ),
        KnobSpec::count("workers_max", 20, 1, WORKERS_MAX)
            .of("scaling", "the most workers that autoscale may start"),
        KnobSpec::quantity("scale_target", "", 10.0, 0.1, 100_000.0).of(
            "scaling",
            "depth: items per worker; age: seconds that the oldest item may be old",
        ),
        KnobSpec::duration("scale_poll", 15 * S, 100 * MS, HOUR)
            .of("scaling", "how often the autoscaler looks"),
        KnobSpec::duration("scale_cooldown", 60 * S, MS, HOUR).of(
            "scaling",
            "fewer workers only after fewer were enough for this long",
        ),
        KnobSpec::duration("worker_start", 5 * S, MS, HOUR).of(
            "scaling",
            "from the decision for a worker to its first item",
        ),
    ]
}

fn actions() -> Vec<ActionSpec> {
    let action = ActionSpec::new;
    let items = |default| ArgumentKind::Number {
        unit: "items",
        default,
    };
    vec![
        action("burst", 'B', items(500), "so many items at once"),
        action("poison", 'P', items(4), "so many poison items at once"),
        action(
            "crash",
            'K',
            ArgumentKind::Node,
            "the worker's process dies with what it has in hand, and stays down",
        ),
        action(
            "restart",
            'U',
            ArgumentKind::Node,
            "the worker's process starts again",
        ),
        action(
            "pause",
            'Z',
            ArgumentKind::Node,
            "the worker stands still for two leases, and then goes on as if nothing had been",
        ),
        action(
            "redrive",
            'R',
            ArgumentKind::None,
            "dead letters go back to the queue, their attempts forgiven",
        ),
        action(
            "stop_source",
            'X',
            ArgumentKind::None,
            "nothing more arrives, until arrival_rps is turned",
        ),
    ]
}

fn metrics() -> Vec<MetricSpec> {
    let mut metrics = levels_and_times();
    metrics.extend(totals());
    metrics
}

fn levels_and_times() -> Vec<MetricSpec> {
    use MetricKind::{Gauge, Histogram};
    let metric = MetricSpec::new;
    vec![
        metric(
            "queue_depth",
            Gauge,
            1,
            "items that wait, seen or held back",
        ),
        metric(
            "in_flight",
            Gauge,
            0,
            "items that workers have in hand, as far as is known",
        ),
        metric(
            "oldest_age_s",
            Gauge,
            3,
            "age of the oldest item that is neither done nor dead",
        ),
        metric(
            "sojourn_ms",
            Histogram,
            2,
            "from an item's arrival until it is done",
        ),
        metric(
            "wait_ms",
            Histogram,
            0,
            "from an item's arrival until work on it first begins",
        ),
        metric("dead_letters", Gauge, 0, "items that lie aside now"),
        metric("workers", Gauge, 5, "workers that are up"),
        metric(
            "worker_utilization",
            Gauge,
            6,
            "workers that are at work, of those that are up",
        ),
    ]
}

fn totals() -> Vec<MetricSpec> {
    use MetricKind::{Counter, Ratio};
    let metric = MetricSpec::new;
    vec![
        metric(
            "lost_total",
            Counter,
            0,
            "items acknowledged whose effect never came",
        ),
        metric(
            "submitted_total",
            Counter,
            0,
            "items that the queue has taken in",
        ),
        metric(
            "done_total",
            Counter,
            0,
            "items done: acknowledged, with their effect",
        ),
        metric(
            "effects_total",
            Counter,
            0,
            "effects that happened in the store",
        ),
        metric(
            "duplicate_effects_total",
            Counter,
            4,
            "effects beyond the first of an item",
        ),
        metric(
            "duplicate_ratio",
            Ratio,
            0,
            "effects beyond the first of an item, of all effects",
        ),
        metric(
            "absorbed_total",
            Counter,
            0,
            "effects that came again and that the key made nothing of",
        ),
        metric(
            "redelivered_total",
            Counter,
            0,
            "deliveries of items that had been delivered before",
        ),
        metric(
            "acks_refused_total",
            Counter,
            0,
            "acknowledgements that came after the lease was over",
        ),
        metric(
            "dead_lettered_total",
            Counter,
            0,
            "items put aside: their deliveries are used up",
        ),
        metric(
            "refused_total",
            Counter,
            0,
            "items turned away: the queue, or the network before it, is full",
        ),
        metric(
            "worker_seconds_total",
            Counter,
            0,
            "seconds that workers were paid for, from their start on",
        ),
    ]
}

fn figures() -> Vec<FigureSpec> {
    use Statistic::{Last, P99, Value};
    let readout = Readout::new;
    vec![
        FigureSpec {
            id: "lease-too-short",
            caption: "a lease of 1.5 times the usual work, and nothing broken",
            seed: 8,
            settings: &["workers=10", "visibility_timeout=300ms"],
            speed: 2.0,
            tells_in: SimTime::from_secs(20),
            dials: &["visibility_timeout", "heartbeat", "idempotency"],
            readouts: vec![
                readout("of effects are repeats", "duplicate_ratio", Value),
                readout("acks refused", "acks_refused_total", Value),
                readout("p99 until done", "sojourn_ms", P99),
            ],
        },
        FigureSpec {
            id: "poison",
            caption: "one item in two hundred never succeeds",
            seed: 8,
            settings: &["workers=10", "poison_ratio=0.005", "dead_letter=off"],
            speed: 10.0,
            tells_in: SimTime::from_secs(120),
            dials: &["dead_letter", "max_receives", "poison_ratio"],
            readouts: vec![
                readout("of workers busy", "worker_utilization", Value),
                readout("items waiting", "queue_depth", Last),
                readout("dead letters", "dead_letters", Last),
            ],
        },
    ]
}
