use super::*;
use std::cell::Cell;

#[test]
fn an_endless_loop_at_one_instant_is_cut_by_the_budget_and_goes_on_at_the_next_call() {
    let sim = Sim::new(1);
    let turns = Rc::new(Cell::new(0_u64));
    let count = Rc::clone(&turns);
    sim.spawn(async move {
        loop {
            count.set(count.get() + 1);
            yield_now().await;
        }
    });
    assert_eq!(sim.run_until(at_ms(1), 1000), Ran::OutOfBudget);
    let first = turns.get();
    assert!((900..=1000).contains(&first), "{first} turns");
    assert_eq!(sim.now(), SimTime::ZERO);
    assert_eq!(sim.run_until(at_ms(1), 1000), Ran::OutOfBudget);
    assert!(turns.get() >= first + 900);
    assert_eq!(sim.step(1000), Stepped::OutOfBudget);
}

#[test]
fn an_endless_loop_of_sleeps_of_no_length_is_cut_as_well() {
    let sim = Sim::new(1);
    sim.spawn(async {
        loop {
            sleep(Duration::ZERO).await;
        }
    });
    assert_eq!(sim.run_until(at_ms(1), 1000), Ran::OutOfBudget);
    assert_eq!(sim.now(), SimTime::ZERO);
}

#[test]
fn time_stands_at_the_target_when_nothing_is_left_to_do() {
    let sim = Sim::new(1);
    assert_eq!(sim.peek(), None);
    assert_eq!(sim.step(PLENTY), Stepped::Idle);
    run(&sim, at_ms(7));
    assert_eq!(sim.now(), at_ms(7));
    run(&sim, at_ms(3));
    assert_eq!(sim.now(), at_ms(7), "time never goes back");
}

#[test]
fn a_step_is_one_event_and_what_follows_from_it() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    for n in [3_u64, 1, 2] {
        let diary = diary.clone();
        sim.spawn(async move {
            sleep(ms(n)).await;
            diary.note(n);
        });
    }
    assert_eq!(sim.peek(), Some(SimTime::ZERO), "new tasks are ready now");
    assert_eq!(sim.step(PLENTY), Stepped::Event);
    assert_eq!(sim.peek(), Some(at_ms(1)));
    assert_eq!(sim.step(PLENTY), Stepped::Event);
    assert_eq!(sim.now(), at_ms(1));
    diary.expect(&[(1.0, "1")]);
    assert_eq!(sim.peek(), Some(at_ms(2)));
}

#[test]
fn two_simulations_side_by_side_do_not_disturb_each_other() {
    let alone = busy(5);
    let [one, other] = [busy(5), busy(6)];
    for slice in 1..=100 {
        run(&one, at_ms(slice));
        run(&other, at_ms(slice));
    }
    run(&alone, at_ms(100));
    assert_eq!(alone.digest(), one.digest());
    assert_ne!(one.digest(), other.digest());
}

fn busy(seed: u64) -> Sim {
    let sim = Sim::new(seed);
    let mut arrivals = sim.stream("arrivals");
    let gap = Distribution::exponential(ms(1));
    sim.spawn(async move {
        loop {
            sleep(gap.sample(&mut arrivals)).await;
        }
    });
    sim
}

#[test]
fn a_channel_whose_sender_is_outside_wakes_its_task() {
    let sim = Sim::new(1);
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let diary = Diary::default();
    let log = diary.clone();
    sim.spawn(async move { log.note(receiver.await.expect("the sender sends")) });
    run(&sim, at_ms(5));
    sender.send("hello").expect("the receiver waits");
    run(&sim, at_ms(6));
    diary.expect(&[(5.0, "hello")]);
}

#[test]
fn nothing_of_a_simulation_outlives_it() {
    let sim = Sim::new(1);
    let world = Rc::downgrade(&sim.world);
    let leaf = sim.add_node("leaf", |node: NodeCtx| async move {
        node.disk.write("net", net());
        net().serve(node.id, move |held: Rc<()>, _| async move {
            let kept = (handle(), held);
            sleep(ms(1000)).await;
            drop(kept);
        });
        sleep(ms(1000)).await;
    });
    let held = Rc::new(());
    let request = Rc::clone(&held);
    sim.spawn(async move {
        let call = || net().call::<Rc<()>, ()>(leaf, Rc::clone(&request));
        let (first, second) = (spawn(call()), call());
        sleep(ms(5)).await;
        let _ = second.await;
        let _ = first.await;
    });
    // One call is being served, the other is on its way.
    run(&sim, SimTime::from_micros(5_100));
    assert_eq!(sim.census().calls, 2);
    drop(sim);
    assert_eq!(Rc::strong_count(&held), 1);
    assert!(world.upgrade().is_none());
}

#[test]
fn dropping_a_simulation_drops_its_tasks_with_the_simulation_still_current() {
    let diary = Diary::default();
    let sim = Sim::new(1);
    let log = diary.clone();
    sim.add_node("leaf", move |_| {
        let stone = Tombstone(log.clone(), "dropped");
        async move {
            let _stone = stone;
            sleep(ms(100)).await;
        }
    });
    run(&sim, at_ms(2));
    drop(sim);
    diary.expect(&[(2.0, "dropped")]);
    assert_eq!(Rc::strong_count(&diary.0), 1, "boots are let go as well");
}
