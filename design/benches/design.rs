//! What a call costs in a design, and what is made of many.
//!
//! - A design of ten components, of most kinds, under load without faults: simulated calls a second on one core, beside the
//!   events a second of the replicated service's lab in the same run, so that a busy machine slows both. The aim is a
//!   million calls a second in the binary that is shipped: `--config 'profile.bench.lto="fat"' --config
//!   'profile.bench.codegen-units=1'` builds it so.
//! - The search for the limit of the auction's search path over five seeds, as `ddlab design limit` does it, on one core. The
//!   aim is ten seconds.
//! - The auction at its evening load, in virtual seconds a second. The aim is twenty.
//!
//! `cargo bench -p ddlab-design` prints all; `-- 60` only runs the design for so many virtual seconds, for a profiler.

#![allow(clippy::disallowed_methods)] // It is the wall clock that is measured here.

#[path = "../../labs/benches/engine/cpu.rs"]
mod cpu;

use cpu::on_cpu;
use ddlab_design::gameday;
use ddlab_design::system::{self, DesignLab};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::headless;
use ddlab_labs::workbench::lab::Lab as _;
use ddlab_labs::workbench::limit::{LimitPlan, Objective};
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::session::Session;

/// Runs of each; the best counts, because what disturbs a run only ever makes it slower.
const RUNS: usize = 5;
/// Virtual seconds of a run.
const SECONDS: u64 = 20;
/// Those of the auction.
const EVENING: u64 = 120;

/// Each request comes to some six calls.
const TEN: &str = "design: ten
clients:
  buyers: {rps: 3_000, calls: [{to: limit, timeout: 1s, retries: 1, retry_budget: 10%}]}
  sellers: {rps: 300, calls: [{to: gateway, timeout: 1s}, {to: uploads}]}
components:
  limit: {kind: rate_limiter, rate_limit: 100_000, to: gateway}
  gateway: {kind: service, replicas: 4, slots: 64, work: \"lognormal:2ms,0.4\", balance: two_choices, calls: [{to: lots, timeout: 300ms}, {to: prices, timeout: 100ms, optional: on}, {to: pictures, share: 0.5}, {to: search, share: 0.05, timeout: 500ms}]}
  lots: {kind: service, replicas: 4, slots: 32, work: \"exp:3ms\", blocking: off, calls: [{to: store, write_ratio: 5%}]}
  prices: {kind: cache, shards: 6, strategy: ring, keys: 100_000, memory: 10_000, origin: rates}
  rates: {kind: external, latency: \"lognormal:20ms,0.5\"}
  pictures: {kind: cdn, edges: 8, keys: 50_000, memory: 5_000, origin: store}
  search: {kind: scatter_gather, leaves: 10, replicas: 2, policy: hedge, deadline: 200ms}
  uploads: {kind: queue, workers: {count: 200, work: \"exp:400ms\", calls: [{to: store, write_ratio: 1}]}}
  store: {kind: database, replicas: 3, slots: 64, reads: \"exp:3ms\", writes: \"exp:6ms\"}
";

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    if let [seconds] = &words[..] {
        let seconds = seconds.parse().expect("virtual seconds are a number");
        println!("{:.0} calls a second", rate(|| design(seconds)));
        return;
    }
    let (mut calls, mut events) = (0.0, 0.0);
    // Their runs take turns, so that a busy machine slows all.
    for _ in 0..RUNS {
        calls = f64::max(calls, rate(|| design(SECONDS)));
        events = f64::max(events, rate(|| lab(SECONDS)));
    }
    println!("ten components  {:.2} M calls/s", calls / 1e6);
    println!("the lab         {:.2} M events/s", events / 1e6);
    println!("events of the lab for a call: {:.2}", events / calls);
    let (runs, took) = limit();
    println!("limit           {took:.1} s for {runs} runs");
    println!(
        "the auction     {:.0} virtual seconds a second",
        evening(EVENING)
    );
}

/// CPU seconds of a search for the limit of the auction's search path, and its runs.
fn limit() -> (usize, f64) {
    let lab = auction();
    let mut base = system::plan(lab, 1, SimTime::from_secs(30));
    base.warmup = SimTime::from_secs(5);
    let plan = LimitPlan::new(base, Some(system::LOAD), (1..6).collect());
    let mut plan = plan.expect("every design has a load");
    plan.reach = system::LOAD_SEARCHED;
    let mut metrics = lab.spec().metrics.iter();
    let metric = metrics.find(|metric| metric.name == "search_latency_ms");
    plan.objective = Some(Objective {
        metric: metric.expect("the auction has a search"),
        statistic: Statistic::P99,
        bound: 200.0,
        above: false,
    });
    let (began, mut runs) = (on_cpu(), 0);
    let found = plan.search(|plans| {
        runs += plans.len();
        plans.into_iter().map(headless::run).collect()
    });
    found.expect("its runs can be done");
    (runs, on_cpu().saturating_sub(began).as_secs_f64())
}

/// Virtual seconds of the auction in a second.
fn evening(seconds: u64) -> f64 {
    let mut session = Session::start(system::plan(auction(), 1, SimTime::from_secs(seconds)));
    rate(|| {
        session.advance(SimTime::from_secs(seconds), u64::MAX);
        seconds
    })
}

fn auction() -> &'static DesignLab {
    let read = ddlab_design::read(gameday::AUCTION);
    let design = read.design.expect("the auction is a design");
    system::lab(&design).expect("it is one of the first designs")
}

/// What is counted, a second on a core.
fn rate(mut run: impl FnMut() -> u64) -> f64 {
    let began = on_cpu();
    let counted = run();
    counted as f64 / on_cpu().saturating_sub(began).as_secs_f64()
}

/// The leaves of `TEN`'s search.
const LEAVES: u64 = 10;

/// Calls of a run without a screen: to components, and those of the search's root to its leaves.
fn design(seconds: u64) -> u64 {
    let design = ddlab_design::read(TEN).design.expect("it is a design");
    let lab = system::lab(&design).expect("it is the first design");
    let mut plan = system::plan(lab, 1, SimTime::from_secs(seconds));
    plan.warmup = SimTime::ZERO;
    let report = headless::run(plan).expect("it can be run");
    let count = |name: &str| {
        let count = report
            .metric(name)
            .and_then(|count| count.get(Statistic::Value));
        count.unwrap_or_else(|| panic!("`{name}` counts nothing")) as u64
    };
    let requests = design
        .components
        .iter()
        .map(|component| count(&format!("{}_requests_total", component.name)));
    requests.sum::<u64>() + count("search_requests_total") * LEAVES + count("search_hedges_total")
}

/// Events of the replicated service at its busiest.
fn lab(seconds: u64) -> u64 {
    let lab = ddlab_labs::find("replicated").expect("a lab of the registry");
    let mut plan = RunPlan::new(lab, 1);
    for set in ["arrival_rps=5000", "replicas=60"] {
        plan.knobs.set_text(set).expect("a value of the lab");
    }
    let mut session = Session::start(plan);
    session.advance(SimTime::from_secs(seconds), u64::MAX);
    session.events()
}
