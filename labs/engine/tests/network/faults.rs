//! Crashes, cuts, loss: each typed error, and what is kept or lost.

use super::*;
use std::cell::Cell;

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
