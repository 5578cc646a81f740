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
    id: "election",
    title: "Ownership election",
    chapter: 12,
    promise: "see why a flawless lock still lets two owners write, and what a fencing token does about it",
    scene: SceneKind::Timeline,
    knobs: knobs(),
    actions: actions(),
    metrics: metrics(),
    endpoints: endpoints(),
    figures: figures(),
    experiments: include_str!("experiments.yaml"),
    source: include_str!("pattern.rs"),
});

const S: u64 = 1_000_000_000;
const HOUR: u64 = 3_600 * S;

/// More candidates only wait: eight followers show all there is to see.
pub const CANDIDATES_MAX: u32 = 9;

fn knobs() -> Vec<KnobSpec> {
    let mut knobs = lease();
    knobs.extend(work());
    knobs.extend(faults());
    knobs
}

fn lease() -> Vec<KnobSpec> {
    vec![
        KnobSpec::count("candidates", 3, 1, CANDIDATES_MAX)
            .restarts()
            .of("lease", "processes that compete for the lease"),
        KnobSpec::choice(
            "backend",
            &["redis_ttl", "etcd", "zookeeper", "k8s_lease", "sql_lock"],
        )
        .restarts()
        .of("lease", "the store of the lease: who decides expiry, and what the token is"),
        KnobSpec::duration("lease", 15 * S, S / 10, HOUR)
            .of("lease", "how long a grant lasts without a renewal"),
        KnobSpec::duration("renew_deadline", 10 * S, S / 20, HOUR).of(
            "lease",
            "an owner that could not renew for so long stops; counts as two thirds of the lease at most",
        ),
        KnobSpec::duration("retry_period", 2 * S, S / 100, HOUR).of(
            "lease",
            "from one renewal to the next; a fifth of the deadline at most; those who wait ask after 1 to 2.2 times as long",
        ),
        KnobSpec::duration("keepalive", 30 * S, S, 3 * HOUR)
            .or_words(&["off"])
            .starting_at("off")
            .of("lease", "sql_lock: the server ends a session that was silent for so long"),
        KnobSpec::switch("fencing", true).of(
            "lease",
            "the storage refuses a token lower than the highest it has seen",
        ),
    ]
}

fn work() -> Vec<KnobSpec> {
    vec![
        KnobSpec::duration("job_every", S, S / 100, HOUR)
            .of("work", "a job is due so often, owned or not"),
        KnobSpec::distribution("job_takes", "exp:200ms")
            .of("work", "from what the owner reads to what it writes"),
        KnobSpec::distribution("network", "lognormal:1ms,0.3")
            .of("work", "how long a message takes, one way"),
    ]
}

fn faults() -> Vec<KnobSpec> {
    vec![
        KnobSpec::quantity("clock_rate", "x", 1.0, 0.01, 100.0)
            .of("faults", "how fast the clock of candidate 1 runs"),
        KnobSpec::distribution("pause_every", "const:40s")
            .starting_at("off")
            .of("faults", "how often the world of the owner stops"),
        KnobSpec::distribution("pause_for", "const:26s")
            .of("faults", "how long it stands still then"),
        KnobSpec::distribution("crash_every", "const:2m")
            .starting_at("off")
            .of("faults", "how often the owner's machine dies"),
        KnobSpec::distribution("crash_for", "const:30s")
            .of("faults", "how long it stays down then"),
        KnobSpec::distribution("store_stall_every", "exp:20s")
            .starting_at("off")
            .of("faults", "how often the lease store stands still"),
        KnobSpec::distribution("store_stall_for", "exp:2s").of("faults", "how long it does"),
    ]
}

fn actions() -> Vec<ActionSpec> {
    let action = ActionSpec::new;
    let node = ArgumentKind::Node;
    vec![
        action(
            "pause",
            'P',
            ArgumentKind::NodeFor { default: "26s" },
            "the candidate's world stops for so long, and it does not notice",
        ),
        action(
            "crash",
            'K',
            node,
            "the candidate's machine dies without a word",
        ),
        action("restart", 'U', node, "it starts again, with empty memory"),
        action(
            "cut",
            'X',
            node,
            "nothing passes between it and the lease store",
        ),
        action(
            "cut_storage",
            'Y',
            node,
            "nothing passes between it and the storage",
        ),
        action("heal", 'M', node, "messages pass again, to both"),
        action(
            "crash_store",
            'D',
            ArgumentKind::None,
            "the lease store dies",
        ),
        action(
            "restart_store",
            'R',
            ArgumentKind::None,
            "it is back, with what it has not forgotten",
        ),
        action(
            "skew",
            'C',
            ArgumentKind::NodeBy { default: "2" },
            "the candidate's clock runs so many times as fast",
        ),
    ]
}

fn metrics() -> Vec<MetricSpec> {
    use MetricKind::{Counter, Gauge, Histogram};
    let metric = MetricSpec::new;
    vec![
        metric(
            "believers",
            Gauge,
            1,
            "candidates that believe to be the owner",
        ),
        metric(
            "split_brain_ms_total",
            Counter,
            2,
            "time with two believers or more",
        ),
        metric(
            "ownerless_ms_total",
            Counter,
            3,
            "time without any believer",
        ),
        metric(
            "failover_ms",
            Histogram,
            0,
            "from when the last owner stopped working (it died, stood still or gave up) to the next ownership",
        ),
        metric("elections_total", Counter, 4, "ownerships that began"),
        metric("writes_total", Counter, 5, "jobs written, accepted or not"),
        metric(
            "dual_writes_total",
            Counter,
            0,
            "writes accepted from an owner after a newer one had come to the storage",
        ),
        metric(
            "fenced_writes_total",
            Counter,
            0,
            "writes refused for their token",
        ),
        metric(
            "jobs_missed_total",
            Counter,
            0,
            "jobs not done when two more had fallen due",
        ),
        metric(
            "jobs_doubled_total",
            Counter,
            0,
            "jobs that were written again after they were done",
        ),
        metric(
            "renewals_failed_total",
            Counter,
            0,
            "renewals refused, unanswered or given up",
        ),
    ]
}

fn figures() -> Vec<FigureSpec> {
    use Statistic::{Last, Mean, Value};
    let readout = Readout::new;
    vec![
        FigureSpec {
            id: "paused-owner",
            caption: "the owner stands still for 26 s, its lease lasts 15",
            seed: 7,
            settings: &[
                "backend=k8s_lease",
                "fencing=off",
                "pause_every=const:40s",
                "pause_for=const:26s",
                // Long enough that a pause catches the owner between reading and writing.
                "job_takes=exp:600ms",
            ],
            speed: 4.0,
            tells_in: SimTime::from_secs(300),
            dials: &["fencing", "lease"],
            readouts: vec![
                readout("believe", "believers", Last),
                readout("stale writes landed", "dual_writes_total", Value),
                readout("bounced", "fenced_writes_total", Value),
            ],
        },
        FigureSpec {
            id: "lease-length",
            caption: "a crash now and then, and a store with slow moments",
            seed: 7,
            settings: &[
                "backend=k8s_lease",
                "lease=15s",
                "crash_every=const:2m",
                "store_stall_every=exp:20s",
                "store_stall_for=exp:2s",
            ],
            speed: 20.0,
            tells_in: SimTime::from_secs(600),
            dials: &["lease"],
            readouts: vec![
                readout("elections", "elections_total", Value),
                readout("failover", "failover_ms", Mean),
                readout("ownerless ms", "ownerless_ms_total", Value),
            ],
        },
    ]
}
