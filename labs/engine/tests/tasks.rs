use super::*;

#[test]
fn sleeps_that_end_together_wake_in_the_order_in_which_they_began() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    for n in 0..50 {
        let diary = diary.clone();
        sim.spawn(async move {
            sleep_until(at_ms(10)).await;
            diary.note(n);
        });
    }
    run(&sim, at_ms(20));
    let expected: Vec<String> = (0..50).map(|n| n.to_string()).collect();
    assert_eq!(diary.words(), expected);
    assert!(diary.entries().iter().all(|(at, _)| *at == 10.0));
}

#[test]
fn sleeps_are_exact_to_the_nanosecond() {
    let sim = Sim::new(1);
    let ended = sim.spawn(async {
        for _ in 0..1000 {
            sleep(Duration::from_nanos(1_001)).await;
        }
        now()
    });
    let seen = sim.spawn(async move { assert_eq!(ended.await, Ok(SimTime(1_001_000))) });
    run(&sim, at_ms(2));
    assert!(seen.is_finished());
}

#[test]
fn timeout_drops_what_is_late_and_returns_what_is_in_time() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    let log = diary.clone();
    sim.spawn(async move {
        let late = timeout(ms(5), async {
            let _stone = Tombstone(log.clone(), "dropped");
            sleep(ms(6)).await;
        });
        assert_eq!(late.await, Err(Elapsed));
        let tie = timeout(ms(5), async {
            sleep(ms(5)).await;
            7
        });
        assert_eq!(
            tie.await,
            Ok(7),
            "what is due together with the limit is in time"
        );
        log.note("end");
    });
    run(&sim, at_ms(20));
    diary.expect(&[(5.0, "dropped"), (10.0, "end")]);
    assert_eq!(
        sim.census().timers,
        0,
        "the limit of what was in time is taken back"
    );
}

#[test]
fn an_interval_keeps_its_rhythm_and_leaves_out_what_it_missed() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    let log = diary.clone();
    sim.spawn(async move {
        let mut ticks = interval(ms(10));
        for n in 0..5 {
            ticks.tick().await;
            log.note(n);
            if n == 1 {
                sleep(ms(25)).await;
            }
        }
    });
    run(&sim, at_ms(100));
    diary.expect(&[
        (0.0, "0"),
        (10.0, "1"),
        (35.0, "2"),
        (40.0, "3"),
        (50.0, "4"),
    ]);
}

#[test]
fn abort_drops_a_task_at_once_and_its_handle_says_so() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    let log = diary.clone();
    sim.spawn(async move {
        let stone = Tombstone(log.clone(), "dropped");
        let task = spawn(async move {
            let _stone = stone;
            sleep(ms(50)).await;
        });
        sleep(ms(3)).await;
        task.abort();
        log.note("aborted");
        assert_eq!(task.await, Err(Aborted));
    });
    run(&sim, at_ms(100));
    diary.expect(&[(3.0, "dropped"), (3.0, "aborted")]);
    assert_eq!(sim.census().tasks, 0);
}

#[test]
fn a_task_that_aborts_itself_ends_at_its_next_pause() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    let log = diary.clone();
    sim.spawn(async move {
        let own: Rc<RefCell<Option<JoinHandle<()>>>> = Rc::default();
        let (handle, words) = (Rc::clone(&own), log.clone());
        *own.borrow_mut() = Some(spawn(async move {
            yield_now().await;
            if let Some(join) = handle.borrow().as_ref() {
                join.abort();
            }
            words.note("still here");
            yield_now().await;
            words.note("never");
        }));
        sleep(ms(1)).await;
        log.note("end");
    });
    run(&sim, at_ms(2));
    diary.expect(&[(0.0, "still here"), (1.0, "end")]);
    assert_eq!(sim.census().tasks, 0);
}

#[test]
fn dropping_a_handle_lets_the_task_run_on() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    let log = diary.clone();
    drop(sim.spawn(async move {
        sleep(ms(5)).await;
        log.note("done");
    }));
    run(&sim, at_ms(10));
    diary.expect(&[(5.0, "done")]);
}

#[test]
#[should_panic(expected = "`sleep` was called outside a simulation")]
fn sleeping_outside_a_simulation_says_what_is_wrong() {
    drop(sleep(ms(1)));
}

#[test]
fn a_panic_in_a_task_leaves_the_thread_without_a_current_simulation() {
    let sim = Sim::new(1);
    sim.spawn(async { panic!("a bug in a lab") });
    let caught =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| sim.run_until(at_ms(1), 10)));
    assert!(caught.is_err());
    assert!(std::panic::catch_unwind(|| now()).is_err());
    drop(sim);
}
