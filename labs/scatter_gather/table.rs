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
    id: "scatter-gather",
    title: "Scatter/gather",
    chapter: 7,
    promise: "see why the slowest leaf rules, and what hedging, deadlines and quorums buy",
    scene: SceneKind::Network,
    knobs: knobs(),
    actions: actions(),
    metrics: metrics(),
    endpoints: endpoints(),
    figures: figures(),
    experiments: include_str!("experiments.yaml"),
    source: include_str!("pattern.rs"),
});

const MS: u64 = 1_000_000;

/// Root and leaves can't be more in number than a frame and a page can carry.
pub const FAN_OUT_MAX: u32 = 2_000;
pub const REPLICAS_MAX: u32 = 5;

fn knobs() -> Vec<KnobSpec> {
    let mut knobs = load_and_cluster();
    knobs.extend(faults_and_policy());
    knobs
}

fn load_and_cluster() -> Vec<KnobSpec> {
    vec![
        KnobSpec::quantity("arrival_rps", "rps", 50.0, 0.1, 100_000.0)
            .of("load", "requests that arrive at the root, a second"),
        KnobSpec::choice("arrivals", &["poisson", "constant"])
            .of("load", "at random moments, or evenly spaced"),
        KnobSpec::count("fan_out", 20, 1, FAN_OUT_MAX)
            .restarts()
            .of("cluster", "leaves that each request asks"),
        KnobSpec::count("replicas", 2, 1, REPLICAS_MAX)
            .restarts()
            .of("cluster", "machines that hold the same leaf"),
        KnobSpec::distribution("service", "lognormal:8ms,0.4")
            .of("cluster", "how long a leaf works on one search"),
        KnobSpec::distribution("network", "const:0.25ms")
            .of("cluster", "how long a message takes, one way"),
        KnobSpec::count("slots", 8, 1, 1_000).or_words(&["inf"]).of(
            "cluster",
            "searches that a replica works on at a time; the rest wait in its queue",
        ),
    ]
}

fn faults_and_policy() -> Vec<KnobSpec> {
    vec![
        KnobSpec::count("straggler", 1, 1, FAN_OUT_MAX)
            .or_words(&["none"])
            .starting_at("none")
            .of("faults", "the leaf that is slow"),
        KnobSpec::quantity("straggler_factor", "x", 20.0, 1.0, 1_000.0)
            .of("faults", "how many times as long a slow leaf works"),
        KnobSpec::choice("faults_hit", &["one", "all"]).of(
            "faults",
            "one replica of the leaf, or all of them (slow together: correlated)",
        ),
        KnobSpec::choice(
            "policy",
            &[
                "wait_all",
                "deadline",
                "hedge",
                "redundant",
                "tied",
                "quorum",
            ],
        )
        .of("policy", "what the root does about leaves that are slow"),
        KnobSpec::duration("deadline", 100 * MS, MS, 60_000 * MS).of(
            "policy",
            "deadline: after this the root answers with what it has",
        ),
        KnobSpec::duration("hedge_after", 20 * MS, MS / 10, 60_000 * MS)
            .or_words(&["p50", "p75", "p90", "p95", "p99"])
            .starting_at("p95")
            .of(
                "policy",
                "hedge: ask a second replica after this time, or this quantile of late",
            ),
        KnobSpec::share("hedge_budget", 0.05, 0.01)
            .of("policy", "hedge: at most this share of extra calls"),
        KnobSpec::count("copies", 2, 1, REPLICAS_MAX)
            .of("policy", "redundant: replicas that are asked at once"),
        KnobSpec::share("quorum", 0.95, 0.01)
            .of("policy", "quorum: the share of leaves that is enough"),
        KnobSpec::duration("slow_over", 200 * MS, MS, 60_000 * MS).of(
            "policy",
            "a request that takes longer counts as slow (see slow_ratio)",
        ),
    ]
}

fn actions() -> Vec<ActionSpec> {
    let leaf = |name, key, help| ActionSpec::new(name, key, ArgumentKind::Node, help);
    vec![
        leaf("slow", 'S', "the leaf works straggler_factor times as long"),
        leaf("recover", 'R', "the leaf works at its usual speed again"),
        leaf(
            "crash",
            'K',
            "the leaf's process dies, with all that it was working on",
        ),
        leaf("restart", 'U', "the leaf's process starts again"),
        leaf(
            "cut",
            'X',
            "nothing passes between root and leaf, and nobody is told",
        ),
        leaf("heal", 'M', "messages between root and leaf pass again"),
        ActionSpec {
            name: "burst",
            help: "so many more requests a second, for five seconds",
            argument: ArgumentKind::Number {
                unit: "rps",
                default: 500,
            },
            key: 'B',
        },
    ]
}

fn metrics() -> Vec<MetricSpec> {
    use MetricKind::{Counter, Gauge, Histogram, Ratio};
    let metric = MetricSpec::new;
    vec![
        metric(
            "latency_ms",
            Histogram,
            1,
            "from a request's arrival to its answer, of all that were answered",
        ),
        metric(
            "leaf_latency_ms",
            Histogram,
            3,
            "until a leaf answered the root, by whichever replica; not those that were given up",
        ),
        metric(
            "completeness_ratio",
            Ratio,
            4,
            "leaves that answered, of leaves asked",
        ),
        metric(
            "extra_load_ratio",
            Ratio,
            2,
            "searches begun beyond one a leaf, of leaves asked",
        ),
        metric(
            "slow_ratio",
            Ratio,
            0,
            "requests that took longer than slow_over, of all that were answered",
        ),
        metric(
            "requests_total",
            Counter,
            0,
            "requests that arrived: answered, in progress or shed",
        ),
        metric("complete_total", Counter, 0, "answers of all leaves"),
        metric("partial_total", Counter, 0, "answers of some leaves"),
        metric("failed_total", Counter, 0, "requests that no leaf answered"),
        metric(
            "shed_total",
            Counter,
            0,
            "requests turned away: too many in progress",
        ),
        metric(
            "hedges_total",
            Counter,
            0,
            "second copies sent by the policy hedge",
        ),
        metric(
            "hedges_won_total",
            Counter,
            0,
            "second copies whose answer came first",
        ),
        metric(
            "cancelled_total",
            Counter,
            0,
            "calls dropped by the root before their answer",
        ),
        metric(
            "leaf_utilization",
            Gauge,
            5,
            "slots in use, of all slots (with slots inf: searches in progress per replica)",
        ),
        metric(
            "in_progress",
            Gauge,
            0,
            "requests between arrival and answer",
        ),
    ]
}

fn figures() -> Vec<FigureSpec> {
    use Statistic::{P50, P99, Value};
    let readout = Readout::new;
    vec![
        FigureSpec {
            id: "tail-at-fan-out",
            caption: "1 % of a leaf's answers take 1 s",
            seed: 7,
            settings: &[
                "fan_out=100",
                "replicas=1",
                "service=mix:99%*const:10ms,1%*const:1s",
                "slots=inf",
                "slow_over=500ms",
            ],
            speed: 2.0,
            tells_in: SimTime::from_secs(20),
            dials: &["fan_out"],
            readouts: vec![
                readout("of requests met a slow leaf", "slow_ratio", Value),
                readout("p50", "latency_ms", P50),
                readout("p99", "latency_ms", P99),
            ],
        },
        FigureSpec {
            id: "hedged",
            caption: "one replica of twenty leaves is 20x slow",
            seed: 7,
            settings: &["straggler=3", "policy=hedge"],
            speed: 2.0,
            tells_in: SimTime::from_secs(20),
            dials: &["policy", "hedge_after", "hedge_budget"],
            readouts: vec![
                readout("p50", "latency_ms", P50),
                readout("p99", "latency_ms", P99),
                readout("extra load", "extra_load_ratio", Value),
            ],
        },
        FigureSpec {
            id: "deadline",
            caption: "a slow leaf, and a root that does not wait for it",
            seed: 7,
            settings: &["straggler=3", "policy=deadline", "deadline=50ms"],
            speed: 2.0,
            tells_in: SimTime::from_secs(20),
            dials: &["deadline", "straggler_factor"],
            readouts: vec![
                readout("complete", "completeness_ratio", Value),
                readout("p50", "latency_ms", P50),
                readout("p99", "latency_ms", P99),
            ],
        },
    ]
}
