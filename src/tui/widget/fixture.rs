//! A frame of a lab that never ran: every part of it is filled, so that tests of drawing need no run.

use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::action::{ActionSpec, number, on};
use ddlab_labs::workbench::figure::{FigureSpec, Readout};
use ddlab_labs::workbench::frame::{
    Flight, FlightKind, Frame, HistogramView, InvariantView, LinkView, LogLevel, LogLine,
    MetricValue, MetricView, NodeState, NodeView, Pace, SeriesView, Statistic,
};
use ddlab_labs::workbench::intervention::{Intervention, TimedIntervention};
use ddlab_labs::workbench::knob::form::{choice, count, distribution, duration, quantity, share};
use ddlab_labs::workbench::knob::{KnobSettings, KnobSpec, KnobValue};
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::meter::{MetricKind, MetricSpec};
use ddlab_labs::workbench::role::{Rank, Role as NodeRole};
use ddlab_labs::workbench::scene::SceneKind;
use ddlab_labs::workbench::trace::{Outcome, Phase, PhaseKind, Span, Trace};
use ddlab_text::Unit;
use std::sync::{Arc, LazyLock};

const MS: u64 = 1_000_000;

/// An intervention in this lab, as it is written: `slow=3`.
pub fn intervention(at: SimTime, text: &str) -> TimedIntervention {
    let what = Intervention::parse(text, spec()).expect("the fixture's lab knows it");
    TimedIntervention { at, what }
}

/// A lab of its own, close to a real one, so that tests do not change with the real one.
pub fn spec() -> &'static LabSpec {
    static SPEC: LazyLock<LabSpec> = LazyLock::new(|| LabSpec {
        id: "scatter-gather",
        title: "Scatter/gather",
        chapter: 7,
        promise: "see why the slowest leaf rules",
        scene: SceneKind::Network,
        knobs: knobs(),
        actions: actions(),
        metrics: metrics(),
        invariants: Vec::new(),
        endpoints: Vec::new(),
        experiments: "",
        source: SOURCE,
    });
    &SPEC
}

/// A figure of that lab.
pub fn figure() -> &'static FigureSpec {
    static FIGURE: LazyLock<FigureSpec> = LazyLock::new(|| {
        let mut knobs = KnobSettings::defaults(&spec().knobs);
        let set = knobs.set_text("fan_out=100");
        set.expect("the lab has this knob");
        let readout = |label: &str, metric, statistic| Readout {
            label: label.to_owned(),
            metric: metric_spec(metric),
            statistic,
        };
        FigureSpec {
            id: "tail".to_owned(),
            caption: "1 % of a leaf's answers take 1 s".to_owned(),
            seed: 7,
            knobs,
            script: Vec::new(),
            length: SimTime::from_secs(20),
            speed: 2.0,
            dials: vec!["fan_out"],
            readouts: vec![
                readout(
                    "of requests met a slow leaf",
                    "slow_ratio",
                    Statistic::Value,
                ),
                readout("p50", "latency_ms", Statistic::P50),
                readout("p99", "latency_ms", Statistic::P99),
            ],
        }
    });
    &FIGURE
}

fn metric_spec(name: &str) -> &'static MetricSpec {
    let mut all = spec().metrics.iter();
    all.find(|metric| metric.name == name)
        .expect("the lab has this metric")
}

const SOURCE: &str = "//! The pattern.\n\n/// Answers.\npub struct Gathered {\n    pub answered: usize,\n}\n\nimpl Gathered {\n    pub fn is_whole(&self) -> bool {\n        true\n    }\n}\n\n/// Waits for all.\npub async fn wait_all() -> Gathered {\n    Gathered { answered: 0 }\n}\n";

ddlab_labs::choices! {
    enum Arrivals {
        Poisson,
        Constant,
    }
}

ddlab_labs::choices! {
    enum Policy {
        WaitAll,
        Deadline,
        Hedge,
        Redundant,
        Tied,
        Quorum,
    }
}

ddlab_labs::choices! {
    enum Quantile {
        P50,
        P95,
        P99,
    }
}

fn knobs() -> Vec<KnobSpec> {
    let load = |knob: KnobSpec| knob.of("load", "requests that arrive, a second");
    let cluster = |knob: KnobSpec| knob.of("cluster", "what there is");
    let faults = |knob: KnobSpec| knob.of("faults", "the leaf that is slow");
    let policy = |knob: KnobSpec| {
        let help = "what the root does about leaves that are slow";
        knob.of("policy", help)
    };
    vec![
        load(
            quantity("rps", 50.0, 0.1, 100_000.0)
                .essential()
                .named("arrival_rps"),
        ),
        load(choice::<Arrivals>().named("arrivals")),
        cluster(count(20, 1, 2_000).restarts().essential().named("fan_out")),
        cluster(count(2, 1, 5).restarts().named("replicas")),
        cluster(distribution("lognormal:8ms,0.4").named("service")),
        cluster(distribution("const:0.25ms").named("network")),
        cluster(count(8, 1, 1_000).or("inf").named("slots")),
        faults(
            count(1, 1, 2_000)
                .starting_at("none")
                .essential()
                .named("straggler"),
        ),
        faults(
            quantity("x", 20.0, 1.0, 1_000.0)
                .essential()
                .named("straggler_factor"),
        ),
        policy(choice::<Policy>().essential().named("policy")),
        policy(duration("100ms", "1ms", "1m").essential().named("deadline")),
        policy(
            duration("20ms", "100us", "1m")
                .or_one_of(Quantile::P95)
                .essential()
                .named("hedge_after"),
        ),
        policy(share(0.05, 0.01).named("hedge_budget")),
    ]
}

/// Roles such as labs have them.
pub static ROOT: NodeRole = NodeRole::new("root", "roots", Rank::Head).that_asks();
pub static LEAF: NodeRole = NodeRole::new("leaf", "leaves", Rank::Member);
pub static PROXY: NodeRole = NodeRole::new("proxy", "proxies", Rank::Head);
pub static SHARD: NodeRole = NodeRole::new("shard", "shards", Rank::Member);
pub static ORIGIN: NodeRole = NodeRole::new("origin", "origins", Rank::Tail);
pub static FEED: NodeRole = NodeRole::new("source", "sources", Rank::Head);
pub static QUEUE: NodeRole = NodeRole::new("queue", "queues", Rank::Head);
pub static WORKER: NodeRole = NodeRole::new("worker", "workers", Rank::Member);
pub static STORE: NodeRole = NodeRole::new("store", "stores", Rank::Tail);
pub static CANDIDATE: NodeRole = NodeRole::new("candidate", "candidates", Rank::Member);

fn actions() -> Vec<ActionSpec> {
    let leaf = |name, key, help| ActionSpec::new(name, key, help).aimed(&on(&LEAF));
    vec![
        leaf("slow", 'S', "the leaf works straggler_factor times as long"),
        leaf("crash", 'K', "the leaf's process dies"),
        leaf("restart", 'U', "the leaf's process starts again"),
        ActionSpec::new("burst", 'B', "so many more requests a second")
            .aimed(&number("rps", 500, 100_000)),
    ]
}

fn metrics() -> Vec<MetricSpec> {
    let metric = |name, kind, unit, chart| MetricSpec {
        name,
        help: "what it says",
        kind,
        unit,
        chart,
    };
    vec![
        metric("latency_ms", MetricKind::Histogram, Unit::Milliseconds, 1),
        metric(
            "leaf_latency_ms",
            MetricKind::Histogram,
            Unit::Milliseconds,
            3,
        ),
        metric("completeness_ratio", MetricKind::Ratio, Unit::Share, 4),
        metric("extra_load_ratio", MetricKind::Ratio, Unit::Share, 2),
        metric("slow_ratio", MetricKind::Ratio, Unit::Share, 0),
        metric("requests_total", MetricKind::Counter, Unit::Count, 0),
        metric("leaf_utilization", MetricKind::Gauge, Unit::Share, 5),
    ]
}

/// The knobs as they stand when nobody has turned them.
pub fn values() -> Vec<KnobValue> {
    spec()
        .knobs
        .iter()
        .map(|knob| knob.default.clone())
        .collect()
}

/// 42.31 s into a run in which leaf 3 is slow, leaf 5 is down and leaf 7 is cut off.
pub fn frame(fan_out: u32, replicas: u32) -> Frame {
    let mut frame = Frame {
        lab: "scatter-gather",
        seed: 7,
        now: SimTime(42_310 * MS),
        pace: Pace {
            playing: true,
            asked: 10.0,
            reached: 10.0,
        },
        knobs: values(),
        metrics: measured(),
        invariants: vec![
            InvariantView {
                name: "a complete answer is right",
                held: true,
                first_broken_at: None,
                detail: "checked 812 times".to_owned(),
            },
            InvariantView {
                name: "hedges stay within the budget",
                held: true,
                first_broken_at: None,
                detail: "checked 9 times".to_owned(),
            },
        ],
        log: (1..=20)
            .map(|n| LogLine {
                at: SimTime(n * 2_000 * MS),
                level: if n % 5 == 0 {
                    LogLevel::Warn
                } else {
                    LogLevel::Info
                },
                text: format!("leaf {n} did something"),
            })
            .collect(),
        interventions: vec![
            intervention(SimTime(12_000 * MS), "slow=3"),
            intervention(SimTime(30_000 * MS), "policy=hedge"),
        ],
        slowest: (0..5)
            .map(|n| Arc::new(trace(812 - n, 312 - n * 20)))
            .collect(),
        sampled: vec![Arc::new(trace(64, 14))],
        targets: (1..=fan_out).collect(),
        ..Frame::default()
    };
    nodes(&mut frame, fan_out, replicas);
    frame
}

fn nodes(frame: &mut Frame, fan_out: u32, replicas: u32) {
    let node = |name: String, role: &'static NodeRole, group| NodeView {
        group,
        ..NodeView::new(name, role)
    };
    frame.nodes.push(NodeView {
        queue: 3,
        ..node("root".to_owned(), &ROOT, 0)
    });
    for leaf in 1..=fan_out {
        for replica in 0..replicas {
            let at = frame.nodes.len() as u32;
            let mut view = node(format!("leaf {leaf}"), &LEAF, leaf);
            view.load = f64::from((leaf * 7 + replica * 3) % 10) / 10.0;
            match leaf {
                3 if replica == 0 => {
                    view.state = NodeState::Slow;
                    view.badge = "20x".to_owned();
                    view.load = 1.4;
                    view.queue = 12;
                }
                5 => view.state = NodeState::Down,
                7 => view.state = NodeState::Cut,
                _ => {}
            }
            frame.links.push(LinkView {
                from: 0,
                to: at,
                cut: leaf == 7,
            });
            let kind = [FlightKind::Request, FlightKind::Hedge][replica as usize % 2];
            if leaf % 2 == 0 {
                frame.flights.push(Flight {
                    from: 0,
                    to: at,
                    progress: 0.5,
                    kind,
                });
            } else {
                frame.flights.push(Flight {
                    from: at,
                    to: 0,
                    progress: 0.2,
                    kind: FlightKind::Reply,
                });
            }
            frame.nodes.push(view);
        }
    }
}

fn measured() -> Vec<MetricView> {
    let wave = |base: f64, swing: f64| -> Vec<(f64, f64)> {
        (0..423)
            .map(|n| {
                (
                    f64::from(n) * 0.1,
                    base + swing * (f64::from(n) * 0.07).sin().abs(),
                )
            })
            .collect()
    };
    let percentiles = |scale: f64| {
        let view = HistogramView {
            count: 2_100,
            mean: 24.0 * scale,
            p50: 14.0 * scale,
            p90: 60.0 * scale,
            p95: 201.0 * scale,
            p99: 312.0 * scale,
            p999: 390.0 * scale,
            max: 401.0 * scale,
            buckets: (0..46)
                .map(|n| {
                    (
                        8.0 * scale * (f64::from(n) / 8.0).exp2(),
                        (46 - n as u64).pow(3),
                    )
                })
                .collect(),
        };
        let line = |label, base, swing| SeriesView {
            label,
            points: wave(base * scale, swing * scale),
        };
        let series = vec![
            line("p50", 12.0, 4.0),
            line("p95", 60.0, 140.0),
            line("p99", 120.0, 200.0),
        ];
        (MetricValue::Histogram(view), series)
    };
    spec()
        .metrics
        .iter()
        .map(|metric| {
            let (value, series) = match metric.kind {
                MetricKind::Histogram => percentiles(if metric.name.starts_with("leaf") {
                    0.5
                } else {
                    1.0
                }),
                MetricKind::Ratio => (
                    MetricValue::Ratio(Some(0.048)),
                    vec![SeriesView {
                        label: "share",
                        points: wave(0.04, 0.02),
                    }],
                ),
                MetricKind::Counter => (
                    MetricValue::Counter(2115.0),
                    vec![SeriesView {
                        label: "per second",
                        points: wave(50.0, 10.0),
                    }],
                ),
                MetricKind::Gauge => (
                    MetricValue::Gauge {
                        last: 0.31,
                        mean: 0.3,
                        min: 0.1,
                        max: 0.9,
                    },
                    vec![SeriesView {
                        label: "mean",
                        points: wave(0.3, 0.1),
                    }],
                ),
            };
            MetricView {
                name: metric.name,
                unit: metric.unit,
                recent: value.clone(),
                value,
                series,
            }
        })
        .collect()
}

/// A request that was answered by leaf 2 at once and by leaf 3 late, with a hedge that lost.
pub fn trace(request: u64, took_ms: u64) -> Trace {
    let at = |ms: u64| SimTime((42_000 + ms) * MS);
    let phase = |kind, from, to| Phase {
        kind,
        started: at(from),
        ended: at(to),
    };
    let third = took_ms / 3;
    let span = |node: &str, note: &str, from, to, outcome, phases| Span {
        parent: Some(0),
        node: node.to_owned(),
        note: note.to_owned(),
        started: at(from),
        ended: Some(at(to)),
        phases,
        outcome,
    };
    Trace {
        request,
        started: at(0),
        ended: at(took_ms),
        outcome: "answered by 20 of 20".to_owned(),
        spans: vec![
            Span {
                parent: None,
                node: "root".to_owned(),
                note: String::new(),
                started: at(0),
                ended: Some(at(took_ms)),
                phases: Vec::new(),
                outcome: Outcome::Ok,
            },
            span(
                "leaf 2 · replica a",
                "service 8.3 ms",
                0,
                9,
                Outcome::Ok,
                vec![
                    phase(PhaseKind::Network, 0, 1),
                    phase(PhaseKind::Service, 1, 8),
                    phase(PhaseKind::Network, 8, 9),
                ],
            ),
            span(
                "leaf 3 · replica a",
                "queue 210 ms, service 96 ms",
                0,
                took_ms,
                Outcome::Won,
                vec![
                    phase(PhaseKind::Queue, 1, 2 * third),
                    phase(PhaseKind::Service, 2 * third, took_ms),
                ],
            ),
            span(
                "leaf 3 · replica b",
                "hedge at 98 ms, cancelled",
                third,
                took_ms,
                Outcome::Cancelled,
                vec![phase(PhaseKind::Queue, third, took_ms)],
            ),
        ],
    }
}
