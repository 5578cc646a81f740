use super::*;
use std::cell::Cell;

/// A node that runs this at each start, and the diary that it writes into.
fn noting<F: Future<Output = ()> + 'static>(
    sim: &Sim,
    name: &str,
    at_start: impl Fn(Diary) -> F + 'static,
) -> (NodeId, Diary) {
    let diary = Diary::default();
    let log = diary.clone();
    let node = sim.add_node(name, move |_| at_start(log.clone()));
    (node, diary)
}

#[test]
fn a_crash_drops_the_tasks_of_the_node_and_of_no_other() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    let node = |name: &'static str| {
        let log = diary.clone();
        sim.add_node(name, move |_| {
            let stone = Tombstone(log.clone(), name);
            async move {
                let child = spawn(async move {
                    let _stone = stone;
                    sleep(ms(100)).await;
                });
                let _ = child.await;
            }
        })
    };
    let (first, _second) = (node("first"), node("second"));
    run(&sim, at_ms(10));
    sim.crash(first);
    diary.expect(&[(10.0, "first")]);
    assert!(!sim.is_up(first));
    run(&sim, at_ms(200));
    diary.expect(&[(10.0, "first"), (100.0, "second")]);
}

#[test]
fn a_restart_keeps_the_disk_and_empties_the_memory() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    let log = diary.clone();
    let node = sim.add_node("store", move |node: NodeCtx| {
        let log = log.clone();
        async move {
            let memory = Cell::new(0_u64);
            loop {
                memory.set(memory.get() + 1);
                let stored = node.disk.read::<u64>("count").unwrap_or(0) + 1;
                node.disk.write("count", stored);
                log.note(format!(
                    "boot {} memory {} disk {stored}",
                    node.boots,
                    memory.get()
                ));
                sleep(ms(10)).await;
            }
        }
    });
    run(&sim, at_ms(15));
    sim.crash(node);
    run(&sim, at_ms(50));
    sim.restart(node);
    run(&sim, at_ms(55));
    diary.expect(&[
        (0.0, "boot 0 memory 1 disk 1"),
        (10.0, "boot 0 memory 2 disk 2"),
        (50.0, "boot 1 memory 1 disk 3"),
    ]);
}

#[test]
fn a_pause_makes_timers_late_and_keeps_their_order() {
    let sim = Sim::new(1);
    let (node, diary) = noting(&sim, "owner", |log| async move {
        for n in [2_u64, 1, 3] {
            let log = log.clone();
            spawn(async move {
                sleep(ms(10 * n)).await;
                log.note(n);
            });
        }
        sleep(ms(100)).await;
        log.note("end");
    });
    run(&sim, at_ms(5));
    sim.pause(node, ms(40));
    assert!(sim.is_paused(node));
    run(&sim, at_ms(44));
    diary.expect(&[]);
    run(&sim, at_ms(200));
    diary.expect(&[(45.0, "1"), (45.0, "2"), (45.0, "3"), (100.0, "end")]);
    assert!(!sim.is_paused(node));
}

#[test]
fn a_pause_within_a_pause_can_only_extend_it() {
    let sim = Sim::new(1);
    let (node, diary) = noting(&sim, "owner", |log| async move {
        sleep(ms(1)).await;
        log.note("awake");
    });
    sim.pause(node, ms(30));
    run(&sim, at_ms(10));
    sim.pause(node, ms(5));
    sim.pause(node, ms(50));
    run(&sim, at_ms(100));
    // Its sleep began only when the first pause let it run: at 60 ms.
    diary.expect(&[(61.0, "awake")]);
}

#[test]
fn a_node_that_crashes_in_its_pause_comes_back_awake() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    let log = diary.clone();
    let node = sim.add_node("owner", move |node| {
        let log = log.clone();
        async move { log.note(node.boots) }
    });
    sim.pause(node, ms(100));
    run(&sim, at_ms(10));
    sim.restart(node);
    run(&sim, at_ms(200));
    diary.expect(&[(10.0, "1")]);
}

#[test]
fn a_clock_with_a_rate_makes_sleeps_short_and_readings_long() {
    let sim = Sim::new(1);
    let (node, diary) = noting(&sim, "fast", |log| async move {
        sleep(ms(10)).await;
        let before = node_now();
        sleep(ms(110)).await;
        log.note(node_now() - before >= ms(110));
    });
    run(&sim, at_ms(5));
    sim.set_clock(node, 3_000_000, 1.1);
    assert_eq!(sim.node_now(node), at_ms(8));
    run(&sim, at_ms(10));
    assert_eq!(sim.node_now(node), SimTime::from_micros(13_500));
    run(&sim, at_ms(200));
    let (at, said) = diary.entries().remove(0);
    assert_eq!(said, "true");
    assert!(
        (at - 110.0).abs() < 0.001,
        "110 ms of a clock that gains a tenth are 100 ms, not {at}"
    );
}

#[test]
fn an_offset_alone_changes_no_span() {
    let sim = Sim::new(1);
    let (node, diary) = noting(&sim, "late", |log| async move {
        sleep(ms(1)).await;
        let before = node_now();
        sleep(ms(50)).await;
        log.note((node_now() - before).as_millis());
    });
    sim.set_clock(node, -1_000_000_000, 1.0);
    assert_eq!(
        sim.node_now(node),
        SimTime::ZERO,
        "a clock never shows less than nothing"
    );
    sim.set_clock(node, 1_000_000_000, 1.0);
    run(&sim, at_ms(100));
    diary.expect(&[(51.0, "50")]);
}

#[test]
fn ticks_on_a_clock_of_any_rate_come_at_the_clock_s_own_times() {
    for rate in [0.001, 0.3, 0.999_999, 1.1, 7.77, 1000.0] {
        let sim = Sim::new(1);
        let ticks = Rc::new(Cell::new(0));
        let count = Rc::clone(&ticks);
        let node = sim.add_node("odd", move |_| {
            let count = Rc::clone(&count);
            async move {
                sleep_until(at_ms(1)).await;
                let mut rhythm = interval(ms(10));
                loop {
                    rhythm.tick().await;
                    count.set(count.get() + 1);
                }
            }
        });
        sim.set_clock(node, 12_345, rate);
        let span = SimTime::from_secs_f64(0.001 + 1.005 / rate);
        assert_eq!(sim.run_until(span, 100_000), Ran::Reached, "rate {rate}");
        assert_eq!(ticks.get(), 101, "rate {rate}");
    }
}

#[test]
fn a_node_may_crash_itself() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    let log = diary.clone();
    let node = sim.add_node("suicidal", move |_| {
        let stone = Tombstone(log.clone(), "dropped");
        async move {
            let _stone = stone;
            sleep(ms(1)).await;
            handle().crash(current_node());
            yield_now().await;
            unreachable!("a crashed node runs on");
        }
    });
    run(&sim, at_ms(10));
    assert!(!sim.is_up(node));
    diary.expect(&[(1.0, "dropped")]);
}

#[test]
fn a_task_for_a_node_that_is_down_never_runs() {
    let sim = Sim::new(1);
    let node = sim.add_server("leaf");
    sim.crash(node);
    let task = sim.spawn_on(node, async { unreachable!("it is down") });
    run(&sim, at_ms(1));
    assert!(task.is_finished());
}

#[test]
fn nodes_know_their_names_and_the_outside_can_not_be_harmed() {
    let sim = Sim::new(1);
    let leaf = sim.add_server("leaf 3");
    assert_eq!(&*sim.name(leaf), "leaf 3");
    assert_eq!(sim.nodes().collect::<Vec<_>>(), [leaf]);
    sim.crash(NodeId::OUTSIDE);
    sim.pause(NodeId::OUTSIDE, ms(10));
    assert!(sim.is_up(NodeId::OUTSIDE) && !sim.is_paused(NodeId::OUTSIDE));
}
