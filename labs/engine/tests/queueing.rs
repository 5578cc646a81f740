//! Queues against theory: closed forms of Kleinrock, *Queueing Systems* vol. 1, and Erlang's C formula.
//!
//! Lengths of runs are chosen so that the standard error of the mean over 24 seeds (`SEEDS=24`) is below a third of
//! the 3 % that are allowed; an ordinary run takes a third of them. One run of M/M/1 at rho 0.8 with 400,000 jobs has a standard error of about 1.4 %.

use super::*;
use crate::trial::seeds;
use std::cell::Cell;

const SEEDS: u64 = 8;
const TOLERANCE: f64 = 0.03;

struct Outcome {
    /// Mean wait in the queue and mean time in the system, in units of the mean service time.
    wait: f64,
    sojourn: f64,
    /// Share of the slots in use, from the server's own integral.
    utilization: f64,
    /// Mean number in the queue, from the server's own integral.
    queue: f64,
    /// 99th percentile of the time in the system.
    p99: f64,
}

/// Poisson arrivals at `rho` times the capacity, to `slots` slots, with a mean service of 1 ms.
fn queue(seed: u64, slots: usize, rho: f64, service: &Distribution, jobs: u64) -> Outcome {
    let sim = Sim::new(seed);
    let server = Server::new(Some(slots));
    let mean = ms(1).as_secs_f64();
    let gap = Distribution::exponential(Duration::from_secs_f64(mean / (rho * slots as f64)));
    let sojourns: Rc<RefCell<Vec<f64>>> = Rc::default();
    let waited = Rc::new(Cell::new(0.0));
    // The queue starts empty: the first tenth is left out.
    let warm = jobs / 10;
    let (mut arrivals, purpose, service) = (
        sim.stream("arrivals"),
        sim.purpose("service"),
        service.clone(),
    );
    let (counter, sums, waits) = (server.clone(), Rc::clone(&sojourns), Rc::clone(&waited));
    sim.spawn(async move {
        for job in 0..jobs {
            sleep(gap.sample(&mut arrivals)).await;
            let slot = counter.serve(service.sample(&mut purpose.draw(&[job])));
            let (sums, waits) = (Rc::clone(&sums), Rc::clone(&waits));
            spawn(async move {
                let served = slot.await;
                if job >= warm {
                    waits.set(waits.get() + served.queued().as_secs_f64());
                    sums.borrow_mut()
                        .push((served.ended - served.arrived).as_secs_f64());
                }
            });
        }
    });
    while sim.peek().is_some() {
        run(&sim, sim.now() + Duration::from_secs(10));
    }
    let end = sim.now();
    let mut sojourns = sojourns.take();
    let count = sojourns.len() as f64;
    sojourns.sort_by(f64::total_cmp);
    // The run is rounded up to ten seconds; the integrals stand still after the last job.
    let span = jobs as f64 * mean / (rho * slots as f64);
    Outcome {
        wait: waited.get() / count / mean,
        sojourn: sojourns.iter().sum::<f64>() / count / mean,
        utilization: server.busy_seconds(end) / span / slots as f64,
        queue: server.queued_seconds(end) / span,
        p99: sojourns[(count * 0.99) as usize] / mean,
    }
}

/// The mean over the seeds.
fn over_seeds(slots: usize, rho: f64, service: &str, jobs: u64) -> Outcome {
    let service: Distribution = service.parse().expect("it is a distribution");
    let runs: Vec<Outcome> = seeds(SEEDS)
        .map(|seed| queue(seed, slots, rho, &service, jobs))
        .collect();
    let mean = |of: fn(&Outcome) -> f64| runs.iter().map(of).sum::<f64>() / runs.len() as f64;
    Outcome {
        wait: mean(|run| run.wait),
        sojourn: mean(|run| run.sojourn),
        utilization: mean(|run| run.utilization),
        queue: mean(|run| run.queue),
        p99: mean(|run| run.p99),
    }
}

#[track_caller]
fn close(what: &str, measured: f64, theory: f64) {
    let off = measured / theory - 1.0;
    assert!(
        off.abs() < TOLERANCE,
        "{what}: measured {measured:.4}, theory {theory:.4}, {:+.1} %",
        off * 100.0
    );
}

/// The probability of having to wait in M/M/c, by the recursion of Erlang B.
fn erlang_c(slots: usize, rho: f64) -> f64 {
    let offered = rho * slots as f64;
    let blocked = (1..=slots).fold(1.0, |b, k| offered * b / (k as f64 + offered * b));
    blocked / (1.0 - rho * (1.0 - blocked))
}

#[test]
fn erlang_c_agrees_with_the_table() {
    for (slots, rho, table) in [
        (1, 0.8, 0.8),
        (5, 0.8, 0.554_113),
        (10, 0.9, 0.668_732),
        (100, 0.95, 0.506_457),
    ] {
        assert!((erlang_c(slots, rho) - table).abs() < 1e-6);
    }
}

#[test]
fn one_slot_with_exponential_service_is_mm1() {
    for rho in [0.5, 0.8] {
        let measured = over_seeds(1, rho, "exp:1ms", 100_000);
        close("utilization", measured.utilization, rho);
        close("W", measured.sojourn, 1.0 / (1.0 - rho));
        close("Lq", measured.queue, rho * rho / (1.0 - rho));
        close("p99", measured.p99, libm::log(100.0) / (1.0 - rho));
    }
}

#[test]
fn one_slot_with_constant_service_waits_half_as_long() {
    let measured = over_seeds(1, 0.8, "const:1ms", 100_000);
    close("Wq", measured.wait, 0.8 / (2.0 * 0.2));
}

#[test]
fn many_slots_are_erlang_c() {
    for (slots, rho) in [(2, 0.8), (5, 0.8), (10, 0.8), (10, 0.9)] {
        // The higher the load, the longer a queue remembers.
        let jobs = if rho < 0.85 { 100_000 } else { 250_000 };
        let measured = over_seeds(slots, rho, "exp:1ms", jobs);
        let wait = erlang_c(slots, rho) / (slots as f64 * (1.0 - rho));
        close(
            &format!("Wq of {slots} slots at {rho}"),
            measured.wait,
            wait,
        );
        close("W", measured.sojourn, wait + 1.0);
        close("utilization", measured.utilization, rho);
    }
}

#[test]
fn service_of_any_shape_is_pollaczek_khinchine() {
    // Uniform from 0 to 2 ms: C^2 = 1/3.
    let measured = over_seeds(1, 0.7, "uniform:0ms..2ms", 100_000);
    close("Wq", measured.wait, 0.7 * (1.0 + 1.0 / 3.0) / (2.0 * 0.3));
}

#[test]
fn a_server_takes_jobs_in_the_order_of_arrival() {
    let sim = Sim::new(1);
    let server = Server::new(Some(2));
    let diary = Diary::default();
    for n in 0..6 {
        let (server, diary) = (server.clone(), diary.clone());
        sim.spawn(async move {
            server.serve(ms(10)).await;
            diary.note(n);
        });
    }
    run(&sim, at_ms(5));
    assert_eq!((server.busy(), server.queue_len()), (2, 4));
    assert!((server.load() - 1.0).abs() < f64::EPSILON);
    run(&sim, at_ms(100));
    diary.expect(&[
        (10.0, "0"),
        (10.0, "1"),
        (20.0, "2"),
        (20.0, "3"),
        (30.0, "4"),
        (30.0, "5"),
    ]);
    assert!((server.busy_seconds(sim.now()) - 0.06).abs() < 1e-9);
    assert!((server.queued_seconds(sim.now()) - 0.06).abs() < 1e-9);
}

#[test]
fn cancellation_frees_a_slot_or_a_place_at_once() {
    let sim = Sim::new(1);
    let server = Server::new(Some(1));
    let diary = Diary::default();
    let jobs: Vec<JoinHandle<()>> = (0..5)
        .map(|n| {
            let (server, diary) = (server.clone(), diary.clone());
            sim.spawn(async move {
                server.serve(ms(10)).await;
                diary.note(n);
            })
        })
        .collect();
    run(&sim, at_ms(4));
    // In service, in the middle of the queue, at its end.
    for n in [0, 2, 4] {
        jobs[n].abort();
    }
    assert_eq!((server.busy(), server.queue_len()), (1, 1));
    run(&sim, at_ms(100));
    diary.expect(&[(14.0, "1"), (24.0, "3")]);
    assert_eq!((server.busy(), server.queue_len()), (0, 0));
    assert_eq!(sim.census().timers, 0);
}

#[test]
fn a_slow_server_stretches_what_starts_from_then_on_and_more_slots_admit_at_once() {
    let sim = Sim::new(1);
    let server = Server::new(Some(1));
    let diary = Diary::default();
    for n in 0..3 {
        let (server, diary) = (server.clone(), diary.clone());
        sim.spawn(async move {
            server.serve(ms(10)).await;
            diary.note(n);
        });
    }
    run(&sim, at_ms(1));
    server.slow(20.0);
    run(&sim, at_ms(50));
    sim.enter(|| server.set_slots(Some(2)));
    server.slow(1.0);
    run(&sim, at_ms(1000));
    diary.expect(&[(10.0, "0"), (210.0, "1"), (250.0, "2")]);
}

#[test]
fn a_server_without_limit_never_queues() {
    let sim = Sim::new(1);
    let server = Server::new(None);
    for _ in 0..1000 {
        let server = server.clone();
        sim.spawn(async move { assert_eq!(server.serve(ms(10)).await.queued(), ms(0)) });
    }
    run(&sim, at_ms(5));
    assert_eq!((server.busy(), server.queue_len()), (1000, 0));
    run(&sim, at_ms(10));
    assert_eq!(server.busy(), 0);
}

#[test]
fn a_seat_holds_its_slot_until_it_is_dropped() {
    let sim = Sim::new(1);
    let server = Server::new(Some(1));
    server.slow(2.0);
    let diary = Diary::default();
    for n in 0..3 {
        let (server, diary) = (server.clone(), diary.clone());
        sim.spawn(async move {
            let seat = server.admit().await;
            diary.note(format!("{n} starts"));
            if n == 1 {
                return;
            }
            seat.work(ms(5)).await;
            assert_eq!(seat.leave().service(), ms(10));
        });
    }
    run(&sim, at_ms(9));
    assert_eq!((server.busy(), server.queue_len()), (1, 2));
    run(&sim, at_ms(100));
    diary.expect(&[(0.0, "0 starts"), (10.0, "1 starts"), (10.0, "2 starts")]);
    assert_eq!((server.busy(), server.queue_len()), (0, 0));
}

#[test]
fn a_paused_node_holds_its_slots_until_it_goes_on() {
    let sim = Sim::new(1);
    let server = Server::new(Some(1));
    let diary = Diary::default();
    let (server, log) = (server.clone(), diary.clone());
    let node = sim.add_node("leaf", move |_| {
        let (server, log) = (server.clone(), log.clone());
        async move {
            for n in 0..2 {
                let (server, log) = (server.clone(), log.clone());
                spawn(async move {
                    server.serve(ms(10)).await;
                    log.note(n);
                });
            }
        }
    });
    run(&sim, at_ms(5));
    sim.pause(node, ms(95));
    run(&sim, at_ms(200));
    diary.expect(&[(100.0, "0"), (110.0, "1")]);
}
