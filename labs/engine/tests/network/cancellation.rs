//! Calls whose caller goes away.

use super::*;
use std::cell::Cell;

#[test]
fn a_dropped_call_is_cancelled_at_the_server_after_the_latency_of_the_link() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    let log = diary.clone();
    sim.net().serve(leaf, move |(): (), _| {
        let stone = Tombstone(log.clone(), "handler dropped");
        async move {
            let _stone = stone;
            sleep(ms(100)).await;
        }
    });
    sim.spawn(async move {
        let call = net().call::<(), ()>(leaf, ());
        assert_eq!(timeout(ms(10), call).await, Err(Elapsed));
    });
    run(&sim, at_ms(200));
    diary.expect(&[(11.0, "handler dropped")]);
    let counters = sim.net().counters();
    assert_eq!((counters.cancels, counters.cancelled), (1, 1));
    assert_eq!(sim.census().calls, 0);
}

#[test]
fn a_cancelled_call_leaves_the_queue_of_its_server() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    let server = Server::new(Some(1));
    let (served, log) = (server.clone(), diary.clone());
    sim.net().serve(leaf, move |Ask(n): Ask, _| {
        let (served, log) = (served.clone(), log.clone());
        async move {
            served.serve(ms(10)).await;
            log.note(n);
            n
        }
    });
    for n in 0..3 {
        let limit = if n == 1 { ms(5) } else { ms(100) };
        sim.spawn(async move { timeout(limit, net().call::<Ask, u64>(leaf, Ask(n))).await });
    }
    run(&sim, at_ms(3));
    assert_eq!((server.busy(), server.queue_len()), (1, 2));
    run(&sim, at_ms(7));
    assert_eq!((server.busy(), server.queue_len()), (1, 1));
    run(&sim, at_ms(100));
    diary.expect(&[(11.0, "0"), (21.0, "2")]);
}

#[test]
fn a_call_dropped_before_its_first_poll_was_never_sent() {
    let (sim, leaf) = world();
    sim.enter(|| drop(net().call::<Ask, u64>(leaf, Ask(1))));
    assert_eq!(sim.net().counters().calls, 0);
    assert_eq!(sim.census().calls, 0);
}

#[test]
fn a_paused_server_learns_of_a_cancellation_when_it_goes_on() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    let log = diary.clone();
    sim.net().serve(leaf, move |(): (), _| {
        let stone = Tombstone(log.clone(), "handler dropped");
        async move {
            let _stone = stone;
            sleep(ms(100)).await;
        }
    });
    sim.spawn(async move { timeout(ms(10), net().call::<(), ()>(leaf, ())).await });
    run(&sim, at_ms(5));
    sim.pause(leaf, ms(45));
    run(&sim, at_ms(200));
    diary.expect(&[(50.0, "handler dropped")]);
    assert_eq!(sim.census().calls, 0);
}

#[test]
fn a_cancellation_never_overtakes_its_request() {
    let (sim, leaf) = world();
    let started = Rc::new(Cell::new(0));
    let count = Rc::clone(&started);
    sim.net().set_default_link(Link::new(
        "uniform:1ms..50ms".parse().expect("it is a distribution"),
    ));
    sim.net().serve(leaf, move |Ask(_): Ask, _| {
        count.set(count.get() + 1);
        sleep(ms(1000)).map_to(0_u64)
    });
    for n in 0..100 {
        sim.spawn(async move { timeout(ms(1), net().call::<Ask, u64>(leaf, Ask(n))).await });
    }
    run(&sim, at_ms(500));
    assert_eq!(started.get(), 100);
    let counters = sim.net().counters();
    assert_eq!(counters.cancelled, 100);
    assert_eq!(sim.census().calls, 0);
}

#[test]
fn the_caller_s_own_limit_ends_a_call_in_timed_out_and_cancels_it() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    let log = diary.clone();
    sim.spawn(async move {
        let call = net().call::<Ask, u64>(leaf, Ask(100)).within(ms(20));
        log.note(call.await.expect_err("it takes longer"));
    });
    run(&sim, at_ms(500));
    diary.expect(&[(20.0, "timed out")]);
    assert_eq!(sim.net().counters().cancelled, 1);
}

#[test]
fn a_crash_of_the_caller_cancels_what_it_had_asked_for() {
    let (sim, leaf) = world();
    let root = sim.add_node("root", move |_| async move {
        let _ = net().call::<Ask, u64>(leaf, Ask(100)).await;
    });
    run(&sim, at_ms(10));
    sim.crash(root);
    run(&sim, at_ms(50));
    assert_eq!(sim.net().counters().cancelled, 1);
    assert_eq!(sim.census().calls, 0);
}

trait MapTo: Future<Output = ()> + Sized {
    async fn map_to<T>(self, value: T) -> T {
        self.await;
        value
    }
}

impl MapTo for Sleep {}
