//! How many RPCs a second the engine runs, and the same workload on tokio's paused clock beside it.
//!
//! A root asks all of its leaves, one query every 14 ms; each leaf has one slot and exponential service of 10 ms
//! (so work queues at a load of 0.7), and each link takes 1 ms. One RPC is request latency, queue, service, reply
//! latency. On tokio each RPC is a task that sleeps, takes the leaf's semaphore, sleeps, and answers by a
//! oneshot after another sleep: no net layer, no nodes, no counters. Times are chosen long, because tokio's timers
//! round up to a millisecond.
//!
//! `cargo bench -p ddlab-labs --bench engine` prints criterion's figures and then one table.

#![allow(clippy::disallowed_methods)] // It is the wall clock that is measured here.

use criterion::{BenchmarkId, Criterion, Throughput};
use ddlab_labs::engine::{self, Distribution, Link, NodeId, Server, Sim, SimTime, Stream};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use std::cell::Cell;
use std::hint::black_box;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, oneshot};

const EVERY: Duration = Duration::from_millis(14);
const LATENCY: Duration = Duration::from_millis(1);
const FAN_OUTS: [usize; 3] = [10, 100, 1000];
/// RPCs of one run, whatever the fan-out.
const RPCS: usize = 100_000;

fn service() -> Distribution {
    Distribution::exponential(Duration::from_millis(10))
}

struct Ask(u64);
struct Found(u64);

/// Runs the workload in the simulator; returns the RPCs done.
fn simulated(fan_out: usize, rpcs: usize) -> u64 {
    let sim = Sim::new(1);
    sim.net()
        .set_default_link(Link::new(Distribution::constant(LATENCY)));
    let leaves: Rc<[NodeId]> = (0..fan_out)
        .map(|leaf| {
            let node = sim.add_server(&format!("leaf {leaf}"));
            let desk = Server::new(Some(1));
            let (purpose, service) = (sim.purpose("service"), service());
            sim.net().serve(node, move |Ask(query): Ask, _| {
                let mut draw = purpose.draw(&[query, leaf as u64]);
                let served = desk.serve(service.sample(&mut draw));
                async move {
                    served.await;
                    Found(query)
                }
            });
            node
        })
        .collect();
    let done = Rc::new(Cell::new(0));
    let count = Rc::clone(&done);
    sim.add_node("root", move |_| {
        let (leaves, done) = (Rc::clone(&leaves), Rc::clone(&count));
        async move {
            for query in 0..(rpcs / fan_out) as u64 {
                let (leaves, done) = (Rc::clone(&leaves), Rc::clone(&done));
                engine::spawn(async move {
                    let net = engine::net();
                    let mut calls: FuturesUnordered<_> = leaves
                        .iter()
                        .map(|leaf| net.call::<Ask, Found>(*leaf, Ask(query)).keyed(query))
                        .collect();
                    while let Some(found) = calls.next().await {
                        done.set(done.get() + u64::from(found.is_ok_and(|Found(of)| of == query)));
                    }
                });
                engine::sleep(EVERY).await;
            }
        }
    });
    sim.run_until(SimTime::from_secs(100_000), u64::MAX);
    done.get()
}

/// Runs the workload on tokio's paused clock; returns the RPCs done.
fn on_tokio(fan_out: usize, rpcs: usize) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a current-thread runtime needs no more than memory");
    let leaves: Rc<[_]> = (0..fan_out).map(|_| Rc::new(Semaphore::new(1))).collect();
    let done = Rc::new(Cell::new(0));
    let local = tokio::task::LocalSet::new();
    let work = async {
        let (mut draws, service) = (Stream::new(1, "service"), service());
        let mut queries = Vec::new();
        for query in 0..(rpcs / fan_out) as u64 {
            let calls: FuturesUnordered<_> = leaves
                .iter()
                .map(|leaf| {
                    let (leaf, service) = (Rc::clone(leaf), service.sample(&mut draws));
                    let (reply, answer) = oneshot::channel();
                    tokio::task::spawn_local(async move {
                        tokio::time::sleep(LATENCY).await;
                        let slot = leaf.acquire().await;
                        tokio::time::sleep(service).await;
                        drop(slot);
                        tokio::time::sleep(LATENCY).await;
                        let _ = reply.send(Found(query));
                    });
                    answer
                })
                .collect();
            let done = Rc::clone(&done);
            queries.push(tokio::task::spawn_local(async move {
                let mut calls = calls;
                while let Some(found) = calls.next().await {
                    done.set(done.get() + u64::from(found.is_ok_and(|Found(of)| of == query)));
                }
            }));
            tokio::time::sleep(EVERY).await;
        }
        for query in queries {
            let _ = query.await;
        }
    };
    runtime.block_on(local.run_until(work));
    done.get()
}

/// The best of a few runs, in nanoseconds an RPC: what disturbs a run only ever makes it slower.
fn nanos_per_rpc(run: impl Fn() -> u64) -> f64 {
    (0..5)
        .map(|_| {
            let begin = Instant::now();
            let done = run();
            begin.elapsed().as_nanos() as f64 / done as f64
        })
        .fold(f64::INFINITY, f64::min)
}

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(10)
        .configure_from_args();
    let mut group = criterion.benchmark_group("rpc");
    group.throughput(Throughput::Elements(RPCS as u64));
    for fan_out in FAN_OUTS {
        group.bench_function(BenchmarkId::new("engine", fan_out), |bench| {
            bench.iter(|| assert_eq!(simulated(black_box(fan_out), RPCS), RPCS as u64));
        });
        group.bench_function(BenchmarkId::new("tokio_paused", fan_out), |bench| {
            bench.iter(|| assert_eq!(on_tokio(black_box(fan_out), RPCS), RPCS as u64));
        });
    }
    group.finish();
    criterion.final_summary();

    // With a filter or under a profiler only what was asked for runs.
    if std::env::args()
        .skip(1)
        .any(|argument| argument != "--bench")
    {
        return;
    }
    println!("fan-out  engine RPC/s  ns/RPC  tokio RPC/s  ns/RPC  ratio");
    for fan_out in FAN_OUTS {
        let engine = nanos_per_rpc(|| simulated(fan_out, RPCS));
        let tokio = nanos_per_rpc(|| on_tokio(fan_out, RPCS));
        println!(
            "{fan_out:>7}  {:>12.0}  {engine:>6.0}  {:>11.0}  {tokio:>6.0}  {:>5.2}",
            1e9 / engine,
            1e9 / tokio,
            tokio / engine
        );
    }
}
