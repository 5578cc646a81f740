//! How fast the engine is; what an event costs in a lab is in the bench `labs`.
//!
//! **RPCs.** A root asks all of its leaves, one query every 14 s; each leaf has one slot and exponential service of
//! 10 s (so work queues at a load of 0.71), and each link takes 1 s. One RPC is request latency, queue, service, reply
//! latency, with counters and a histogram on, and [`workload`] has what both sides share: the keyed draws, the
//! gather, the meters. [`simulated`] and [`on_tokio`] are the two sides. Both measure the same mean
//! latency, or the bench stops.
//!
//! Why seconds: virtual time costs nothing, and tokio's timers round up to a millisecond. At spans of
//! milliseconds it runs another, coarser world, in which whatever happens within one millisecond is one event; the
//! more leaves, the more it saves. The last column is that world: the same workload with all spans a thousandth.
//!
//! The tables go by time on a core, criterion by the clock on the wall.
//!
//! **Memory.** An hour of virtual time must not grow what the simulator holds.
//!
//! `cargo bench -p ddlab-labs --bench engine` prints criterion's figures and then the tables; `-- tables`
//! prints these alone.

#![allow(clippy::disallowed_methods)] // It is the wall clock that is measured here.

mod cpu;
mod on_tokio;
mod simulated;
mod tables;
mod workload;

use criterion::{BenchmarkId, Criterion, Throughput};
use std::hint::black_box;
use std::time::Duration;
use workload::Workload;

const FAN_OUTS: [usize; 3] = [10, 100, 1000];
/// RPCs of one run, whatever the fan-out.
const RPCS: usize = 100_000;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(10)
        .configure_from_args();
    let mut group = criterion.benchmark_group("rpc");
    group.throughput(Throughput::Elements(RPCS as u64));
    for fan_out in FAN_OUTS {
        let workload = Workload {
            fan_out,
            rpcs: RPCS,
            unit: Duration::from_secs(1),
        };
        group.bench_function(BenchmarkId::new("engine", fan_out), |bench| {
            bench.iter(|| simulated::run(black_box(workload)));
        });
        group.bench_function(BenchmarkId::new("tokio_paused", fan_out), |bench| {
            bench.iter(|| on_tokio::run(black_box(workload)));
        });
    }
    group.finish();
    criterion.final_summary();

    let mut arguments = std::env::args().skip(1).filter(|word| word != "--bench");
    // With another filter, or under a profiler, only what was asked for runs.
    if arguments.next().is_none_or(|filter| filter == "tables") {
        tables::print();
    }
}
