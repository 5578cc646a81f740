use super::*;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use std::cell::Cell;

#[derive(Debug, Clone, PartialEq)]
struct Ask(u64);

/// Links of 1 ms; a node that answers an `Ask(n)` after n milliseconds with the number.
fn world() -> (Sim, NodeId) {
    let sim = Sim::new(1);
    sim.net()
        .set_default_link(Link::new(Distribution::constant(ms(1))));
    let leaf = sim.add_server("leaf");
    sim.net().serve(leaf, |Ask(n): Ask, _| async move {
        sleep(ms(n)).await;
        n
    });
    (sim, leaf)
}

/// Calls from outside, and notes how it ends.
fn ask(sim: &Sim, diary: &Diary, to: NodeId, n: u64) {
    let diary = diary.clone();
    sim.spawn(async move {
        match net().call::<Ask, u64>(to, Ask(n)).await {
            Ok(found) => diary.note(found),
            Err(error) => diary.note(format!("{error:?}")),
        }
    });
}

#[test]
fn a_call_takes_both_ways_and_the_service() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    ask(&sim, &diary, leaf, 10);
    run(&sim, at_ms(50));
    diary.expect(&[(12.0, "10")]);
    let counters = sim.net().counters();
    assert_eq!(
        (counters.calls, counters.replies, counters.in_flight),
        (1, 1, 0)
    );
}

#[test]
fn a_call_to_a_node_that_is_down_or_serves_no_such_call_is_refused_after_a_round_trip() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    let bare = sim.add_server("bare");
    ask(&sim, &diary, bare, 10);
    sim.crash(leaf);
    ask(&sim, &diary, leaf, 10);
    run(&sim, at_ms(50));
    diary.expect(&[(2.0, "Refused"), (2.0, "Refused")]);
}

#[test]
fn a_crash_resets_the_calls_that_the_node_has() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    ask(&sim, &diary, leaf, 10);
    run(&sim, at_ms(5));
    sim.crash(leaf);
    run(&sim, at_ms(50));
    diary.expect(&[(6.0, "Reset")]);
}

#[test]
fn a_request_on_its_way_to_a_former_life_is_reset() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    ask(&sim, &diary, leaf, 10);
    sim.step(PLENTY);
    sim.restart(leaf);
    run(&sim, at_ms(50));
    diary.expect(&[(2.0, "Reset")]);
}

#[test]
fn a_reply_on_its_way_survives_the_crash_of_its_sender() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    ask(&sim, &diary, leaf, 10);
    run(&sim, SimTime::from_micros(11_500));
    sim.crash(leaf);
    run(&sim, at_ms(50));
    diary.expect(&[(12.0, "10")]);
}

#[test]
fn a_handler_from_outside_serves_every_life_and_one_of_the_node_s_own_dies_with_it() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    let own = sim.add_node("own", |node: NodeCtx| async move {
        if node.boots == 0 {
            net().serve(node.id, |Ask(n): Ask, _| async move { n });
        }
    });
    for node in [leaf, own] {
        ask(&sim, &diary, node, 0);
        run(&sim, sim.now() + ms(5));
        sim.restart(node);
        ask(&sim, &diary, node, 0);
        run(&sim, sim.now() + ms(5));
    }
    assert_eq!(diary.words(), ["0", "0", "0", "Refused"]);
}

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
    let desk = Server::new(Some(1));
    let (served, log) = (desk.clone(), diary.clone());
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
    assert_eq!((desk.busy(), desk.queue_len()), (1, 2));
    run(&sim, at_ms(7));
    assert_eq!((desk.busy(), desk.queue_len()), (1, 1));
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

trait MapTo: Future<Output = ()> + Sized {
    async fn map_to<T>(self, value: T) -> T {
        self.await;
        value
    }
}

impl MapTo for Sleep {}

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
fn a_cut_link_is_silent_until_the_transport_gives_up() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    sim.net().cut(NodeId::OUTSIDE, leaf);
    ask(&sim, &diary, leaf, 10);
    run(&sim, at_ms(10_000));
    // Attempts at 0, 0.2, 0.6 and 1.4 s; at 3 s it gives up.
    diary.expect(&[(3000.0, "Unreachable")]);
    assert_eq!(sim.net().counters().retransmits, 3);
    assert_eq!(sim.census().calls, 0);
}

#[test]
fn a_link_that_heals_in_time_lets_the_call_through() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    sim.net().isolate(leaf);
    ask(&sim, &diary, leaf, 10);
    run(&sim, at_ms(300));
    sim.net().rejoin(leaf);
    run(&sim, at_ms(10_000));
    diary.expect(&[(612.0, "10")]);
}

#[test]
fn a_cut_of_the_way_back_lets_the_work_be_done_in_vain() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    let done = Rc::new(Cell::new(0));
    let count = Rc::clone(&done);
    sim.net().serve(leaf, move |Ask(n): Ask, _| {
        count.set(count.get() + 1);
        async move { n }
    });
    sim.net().cut_one_way(leaf, NodeId::OUTSIDE);
    ask(&sim, &diary, leaf, 10);
    run(&sim, at_ms(10_000));
    diary.expect(&[(3001.0, "Unreachable")]);
    assert_eq!(done.get(), 1);
}

#[test]
fn what_is_on_its_way_when_the_link_is_cut_does_not_arrive() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    let log = diary.clone();
    sim.net().receive(leaf, move |Ask(n): Ask, _| {
        let log = log.clone();
        async move { log.note(n) }
    });
    ask(&sim, &diary, leaf, 10);
    sim.enter(|| net().send(leaf, Ask(7)));
    sim.step(PLENTY);
    sim.net().cut(NodeId::OUTSIDE, leaf);
    run(&sim, at_ms(100));
    assert_eq!(sim.net().counters().lost, 1);
    sim.net().heal(NodeId::OUTSIDE, leaf);
    run(&sim, at_ms(1000));
    // The call was sent again after 200 ms; the message was not.
    diary.expect(&[(212.0, "10")]);
}

#[test]
fn an_abandoned_call_over_a_cut_link_is_forgotten_on_both_sides() {
    let (sim, leaf) = world();
    let limited = |sim: &Sim| {
        sim.spawn(async move { timeout(ms(5), net().call::<Ask, u64>(leaf, Ask(2))).await });
    };
    // Cut before the request, before the reply, and before the cancellation.
    for cut_after in [0, 2_500_u64, 4_500] {
        limited(&sim);
        run(&sim, sim.now() + Duration::from_micros(cut_after));
        sim.net().isolate(leaf);
        run(&sim, sim.now() + ms(20_000));
        sim.net().rejoin(leaf);
        run(&sim, sim.now() + ms(20_000));
        let census = sim.census();
        assert_eq!(
            (census.calls, census.tasks, census.timers),
            (0, 0, 0),
            "cut after {cut_after} us"
        );
    }
}

#[test]
fn loss_is_delay_for_calls_and_loss_for_messages() {
    let (sim, leaf) = world();
    sim.net()
        .set_default_link(Link::new(Distribution::constant(ms(1))).with_loss(0.3));
    let arrived = Rc::new(Cell::new(0_u32));
    let count = Rc::clone(&arrived);
    sim.net().receive(leaf, move |Ask(_): Ask, _| {
        count.set(count.get() + 1);
        async {}
    });
    let answered = Rc::new(Cell::new(0_u32));
    for n in 0..10_000 {
        let answered = Rc::clone(&answered);
        sim.spawn(async move {
            net().send(leaf, Ask(n));
            if net().call::<Ask, u64>(leaf, Ask(0)).await.is_ok() {
                answered.set(answered.get() + 1);
            }
        });
    }
    run(&sim, at_ms(20_000));
    let share = f64::from(arrived.get()) / 10_000.0;
    assert!(
        (share - 0.7).abs() < 0.02,
        "{share} of the messages came through"
    );
    // Four attempts each way: both ways come through with probability (1 - 0.3^4)^2 = 0.984.
    let share = f64::from(answered.get()) / 10_000.0;
    assert!(
        (share - 0.984).abs() < 0.01,
        "{share} of the calls were answered"
    );
    assert_eq!(sim.census().calls, 0);
}

#[test]
fn a_link_that_duplicates_delivers_some_messages_twice() {
    let (sim, leaf) = world();
    sim.net().set_link(
        NodeId::OUTSIDE,
        leaf,
        Link::new("exp:1ms".parse().expect("it is a distribution")).with_duplicates(0.25),
    );
    let arrived = Rc::new(Cell::new(0_u32));
    let count = Rc::clone(&arrived);
    sim.net().receive(leaf, move |Ask(_): Ask, _| {
        count.set(count.get() + 1);
        async {}
    });
    sim.enter(|| (0..10_000).for_each(|n| net().send(leaf, Ask(n))));
    run(&sim, at_ms(1000));
    let share = f64::from(arrived.get()) / 10_000.0;
    assert!((share - 1.25).abs() < 0.02, "{share} deliveries a message");
    assert_eq!(
        sim.net().counters().duplicated,
        u64::from(arrived.get()) - 10_000
    );
}

#[test]
fn a_message_to_a_node_that_crashed_meanwhile_finds_nobody() {
    let (sim, leaf) = world();
    let arrived = Rc::new(Cell::new(0_u32));
    let count = Rc::clone(&arrived);
    sim.net().receive(leaf, move |Ask(_): Ask, _| {
        count.set(count.get() + 1);
        async {}
    });
    sim.enter(|| net().send(leaf, Ask(1)));
    sim.restart(leaf);
    sim.enter(|| net().send(leaf, Ask(2)));
    run(&sim, at_ms(10));
    assert_eq!(arrived.get(), 1);
    assert_eq!(sim.net().counters().lost, 1);
}

#[test]
fn keyed_calls_meet_the_same_latency_whatever_else_is_sent() {
    let arrival = |others: u64| {
        let (sim, leaf) = world();
        sim.net()
            .set_default_link(Link::new("exp:5ms".parse().expect("it is a distribution")));
        let diary = Diary::default();
        let log = diary.clone();
        sim.spawn(async move {
            for n in 0..others {
                let _ = timeout(ms(1), net().call::<Ask, u64>(leaf, Ask(n)).keyed(1000 + n)).await;
            }
            sleep_until(at_ms(100)).await;
            let _ = net().call::<Ask, u64>(leaf, Ask(0)).keyed(812).await;
            log.note("back");
        });
        run(&sim, at_ms(1000));
        diary.entries().remove(0).0
    };
    assert_eq!(arrival(0), arrival(17));
}

#[test]
fn a_trace_tells_the_phases_of_a_call_and_how_far_a_cancelled_one_got() {
    let (sim, leaf) = world();
    let desk = Server::new(Some(1));
    sim.net().serve(leaf, move |Ask(n): Ask, _| {
        let desk = desk.clone();
        async move {
            desk.serve(ms(n)).await;
            n
        }
    });
    let traces = [CallTrace::new(), CallTrace::new(), CallTrace::new()];
    for (trace, limit) in traces.clone().into_iter().zip([100, 100, 15]) {
        sim.spawn(async move {
            let call = net()
                .call::<Ask, u64>(leaf, Ask(10))
                .traced(&trace)
                .within(ms(limit));
            let _ = call.await;
        });
    }
    run(&sim, at_ms(100));
    let [first, second, third] = traces.map(|trace| trace.phases());
    assert_eq!(
        first,
        Phases {
            sent: Some(at_ms(0)),
            arrived: Some(at_ms(1)),
            service_started: Some(at_ms(1)),
            service_ended: Some(at_ms(11)),
            replied: Some(at_ms(11)),
            cancelled: None,
            returned: Some(at_ms(12)),
        }
    );
    assert_eq!(second.service_started, Some(at_ms(11)));
    assert_eq!(
        third,
        Phases {
            sent: Some(at_ms(0)),
            arrived: Some(at_ms(1)),
            cancelled: Some(at_ms(16)),
            ..Phases::default()
        }
    );
}

#[test]
fn flights_show_what_is_on_the_way() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    ask(&sim, &diary, leaf, 10);
    let flight = |sim: &Sim| sim.net().flights(10).first().copied();
    run(&sim, SimTime::from_micros(500));
    let request = flight(&sim).expect("the request is on its way");
    assert_eq!(
        (request.from, request.to, request.kind),
        (NodeId::OUTSIDE, leaf, FlightKind::Request)
    );
    assert!((request.progress(sim.now()) - 0.5).abs() < 1e-6);
    run(&sim, at_ms(5));
    assert_eq!(flight(&sim), None);
    run(&sim, SimTime::from_micros(11_250));
    let reply = flight(&sim).expect("the reply is on its way");
    assert_eq!(
        (reply.from, reply.to, reply.kind),
        (leaf, NodeId::OUTSIDE, FlightKind::Reply)
    );
    assert_eq!((reply.sent_at, reply.arrives_at), (at_ms(11), at_ms(12)));
}

#[test]
fn calls_work_within_futures_unordered_and_the_first_answer_wins() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    let log = diary.clone();
    sim.spawn(async move {
        let mut calls: FuturesUnordered<_> = [30, 10, 20]
            .into_iter()
            .map(|n| net().call::<Ask, u64>(leaf, Ask(n)))
            .collect();
        while let Some(answer) = calls.next().await {
            log.note(answer.expect("nothing fails"));
        }
    });
    run(&sim, at_ms(100));
    diary.expect(&[(12.0, "10"), (22.0, "20"), (32.0, "30")]);
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
