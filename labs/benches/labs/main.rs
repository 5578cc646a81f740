//! What an event costs in a lab.
//!
//! **One world in four ways.** [`world`] is run in the lab, as bare tasks of the engine ([`tasks`]), in a plain loop
//! over a heap ([`heap`]), and, where python3 and simpy are there, in `SimPy`. All must come to the same mean latency,
//! or the bench stops. What the tasks cost beyond the loop is what async code costs that can be cancelled, on nodes
//! that crash, with a digest; what the lab costs beyond the tasks is its traces, checks, knobs and the pattern.
//!
//! **Every lab** as it opens and at its busiest: events a second, and virtual time over time on a core.
//!
//! **Memory** of every lab after one and after two virtual hours of an overload, each in a process of its own: what is
//! bounded stays flat.
//!
//! `cargo bench -p ddlab-labs --bench labs` prints worlds and labs, `-- memory` memory; `-- LAB 60` only runs a lab for so many virtual seconds, or
//! `world`, `tasks` or `heap`, for a profiler.

#![allow(clippy::disallowed_methods)] // It is the wall clock that is measured here.

#[path = "../engine/cpu.rs"]
mod cpu;
mod heap;
mod memory;
mod tasks;
mod world;

use cpu::on_cpu;
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::lab::Lab;
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::session::Session;
use std::time::Duration;
use world::{Measured, World};

/// Runs of each; the best counts, because what disturbs a run only ever makes it slower.
const RUNS: usize = 5;

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["memory"] => memory::print(),
        ["memory", lab] => memory::of(lab),
        [what, seconds] => only(what, seconds.parse().expect("virtual seconds are a number")),
        _ => {
            print_world();
            print_labs();
        }
    }
}

/// One run, for a profiler.
fn only(what: &str, seconds: u64) {
    let span = SimTime::from_secs(seconds);
    let events = match what {
        "world" => World::of(span).in_the_lab().events,
        "tasks" => tasks::run(&World::of(span)).events,
        "heap" => heap::run(&World::of(span)).events,
        lab => {
            let lab = ddlab_labs::find(lab).expect("a lab of the registry");
            let mut session = Session::start(RunPlan::new(lab, 1));
            session.advance(span, u64::MAX);
            session.events()
        }
    };
    println!("{what}: {events} events");
}

type Way = fn(&World) -> Measured;

fn print_world() {
    let world = World::of(SimTime::from_secs(120));
    let ways: [(&str, Way); 3] = [
        ("heap loop, Rust", heap::run),
        ("bare tasks", tasks::run),
        ("the lab", World::in_the_lab),
    ];
    let mut best = [(0.0, 0.0); 3];
    // Their runs take turns, so that a busy machine slows all.
    for _ in 0..RUNS {
        for ((_, run), best) in ways.iter().zip(&mut best) {
            let (rate, mean_ms) = timed(|| run(&world));
            *best = (f64::max(best.0, rate), mean_ms);
        }
    }
    println!("20 leaves of 3 slots   M events/s   cost over the heap loop");
    let (heap_rate, heap_ms) = best[0];
    let row = |name: &str, (rate, mean_ms): (f64, f64)| {
        let apart = (mean_ms / heap_ms - 1.0).abs();
        assert!(
            apart < 0.05,
            "{name}: {mean_ms} ms, the loop {heap_ms} ms: not the same world"
        );
        let (millions, cost) = (rate / 1e6, heap_rate / rate);
        println!("{name:<20}  {millions:>11.2}   {cost:>23.2}");
    };
    for ((name, _), best) in ways.iter().zip(best) {
        row(name, best);
    }
    match World::of(SimTime::from_secs(20)).in_simpy() {
        Some(measured) => row("SimPy", measured),
        None => println!("SimPy                 not run: there is no python3 with simpy"),
    }
}

/// Events a second on a core, and the mean latency.
fn timed(run: impl Fn() -> Measured) -> (f64, f64) {
    let began = on_cpu();
    let measured = run();
    let spent = on_cpu().saturating_sub(began).as_secs_f64();
    (measured.events as f64 / spent, measured.mean_ms)
}

/// The knobs that make most work of one virtual second within what a learner would turn: see each lab's table.
fn busiest(lab: &str) -> &'static [&'static str] {
    match lab {
        "scatter-gather" => &["fan_out=1000", "policy=redundant", "replicas=3", "copies=3"],
        "sidecar" => &["arrival_rps=5000", "cpu_millis=8000", "proxy=mtls"],
        "adapter" => &["services=40", "arrival_rps=1000", "scrape_every=1s"],
        "ambassador" => &["arrival_rps=5000", "upstreams=20"],
        "replicated" => &["arrival_rps=20000", "replicas=60"],
        "sharded" => &["arrival_rps=20000", "shards=20", "shard_slots=8"],
        "work-queue" => &["arrival_rps=2000", "workers=200"],
        "event-pipeline" => &["arrival_rps=5000", "workers=16", "partitions=32"],
        "coordinated-batch" => &["map_workers=200", "map_tasks=1000", "night_every=10s"],
        "faas" => &["arrival_rps=5000", "concurrency_limit=10000"],
        "election" => &["candidates=9"],
        _ => &[],
    }
}

fn print_labs() {
    println!(
        "\n{:<14}  {:<60}  M events/s  virtual s a second",
        "lab", "knobs"
    );
    for lab in ddlab_labs::all() {
        let name = lab.spec().id;
        for settings in [&[], busiest(name)] {
            let best = (0..RUNS).map(|_| rates(*lab, settings));
            let (events, seconds) = best.fold((0.0, 0.0), |(events, seconds), (e, s)| {
                (f64::max(events, e), f64::max(seconds, s))
            });
            let label = if settings.is_empty() {
                "as it opens".to_owned()
            } else {
                settings.join(" ")
            };
            let millions = events / 1e6;
            println!("{name:<14}  {label:<60}  {millions:>10.2}  {seconds:>18.0}");
        }
    }
}

/// Events and virtual seconds, each a second on a core, once queues and caches have filled.
fn rates(lab: &'static dyn Lab, settings: &[&str]) -> (f64, f64) {
    let mut plan = RunPlan::new(lab, 1);
    for setting in settings {
        plan.knobs.set_text(setting).expect("a knob of the lab");
    }
    let mut session = Session::start(plan);
    session.advance(SimTime::from_secs(10), u64::MAX);
    let (began, from, events) = (on_cpu(), session.now(), session.events());
    while on_cpu().saturating_sub(began) < Duration::from_millis(300) {
        session.advance(SimTime(session.now().0 + 1_000_000_000), u64::MAX);
    }
    let spent = on_cpu().saturating_sub(began).as_secs_f64();
    let span = (session.now().0 - from.0) as f64 / 1e9;
    ((session.events() - events) as f64 / spent, span / spent)
}
