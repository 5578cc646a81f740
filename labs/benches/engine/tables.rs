//! The tables that the bench ends with.

use crate::cpu::on_cpu;
use crate::workload::{Meters, Outcome, Workload};
use crate::{FAN_OUTS, on_tokio, simulated};
use ddlab_labs::engine::{Sim, SimTime};
use std::rc::Rc;
use std::time::Duration;

/// Runs of each; the best counts, because what disturbs a run only ever makes it slower.
const RUNS: usize = 3;
/// RPCs of one run.
const RPCS: usize = 500_000;

pub fn print() {
    print_rpcs();
    print_memory();
}

fn print_rpcs() {
    let seconds = Duration::from_secs(1);
    println!("fan-out  engine RPC/s  ns/RPC  tokio RPC/s  ns/RPC  ratio  ratio at 1/1000");
    for fan_out in FAN_OUTS {
        let workload = |unit| Workload {
            fan_out,
            rpcs: RPCS,
            unit,
        };
        let (engine, tokio) = side_by_side(workload(seconds), 1e-3);
        // There tokio's rounding is a twentieth of a service, and the two worlds differ by so much.
        let (fine, coarse) = side_by_side(workload(seconds / 1_000), 0.5);
        println!(
            "{fan_out:>7}  {:>12.0}  {engine:>6.0}  {:>11.0}  {tokio:>6.0}  {:>5.2}  {:>15.2}",
            1e9 / engine,
            1e9 / tokio,
            tokio / engine,
            coarse / fine
        );
    }
}

/// Nanoseconds an RPC of the simulator and of tokio. Their runs take turns, so that a busy machine slows both.
fn side_by_side(workload: Workload, tolerance: f64) -> (f64, f64) {
    let mut best = (f64::INFINITY, f64::INFINITY);
    for _ in 0..RUNS {
        let (nanos, engine) = timed(|| simulated::run(workload));
        best.0 = best.0.min(nanos);
        let (nanos, tokio) = timed(|| on_tokio::run(workload));
        best.1 = best.1.min(nanos);
        assert_eq!(
            (engine.rpcs, tokio.rpcs),
            (workload.rpcs as u64, workload.rpcs as u64)
        );
        let apart = (tokio.mean_ms / engine.mean_ms - 1.0).abs();
        assert!(
            apart < tolerance,
            "not the same workload: {engine:?}, {tokio:?}"
        );
    }
    best
}

fn timed(run: impl Fn() -> Outcome) -> (f64, Outcome) {
    let begin = on_cpu();
    let outcome = run();
    let spent = on_cpu().saturating_sub(begin);
    (spent.as_nanos() as f64 / outcome.rpcs as f64, outcome)
}

fn print_memory() {
    let sim = Sim::new(1);
    let meters = Rc::new(Meters::default());
    // A query every 14 ms to 100 leaves: 26 million RPCs in an hour.
    let workload = Workload {
        fan_out: 100,
        rpcs: usize::MAX,
        unit: Duration::from_millis(1),
    };
    simulated::build(&sim, workload, &meters);
    println!("\nvirtual time  RPCs done  tasks  timers  calls  slots for all  resident set");
    for minutes in [1, 10, 20, 30, 40, 50, 60] {
        sim.run_until(SimTime::from_secs(minutes * 60), u64::MAX);
        let census = sim.census();
        println!(
            "{minutes:>8} min  {:>9}  {:>5}  {:>6}  {:>5}  {:>13}  {:>12}",
            meters.answered.total(),
            census.tasks,
            census.timers,
            census.calls,
            census.room,
            resident()
        );
    }
}

/// The resident set as the kernel tells it, where there is such a kernel.
fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    line.and_then(|line| line.split_once(':'))
        .map_or_else(|| "unknown".to_owned(), |(_, size)| size.trim().to_owned())
}
