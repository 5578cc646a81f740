//! Primitives of `tokio::sync` and combinators of `futures` need no runtime, and work here as they are.

use super::*;
use futures::future::{join_all, select_all};
use std::cell::Cell;
use tokio::sync::{Mutex, Notify, Semaphore, mpsc, oneshot};

#[test]
fn a_bounded_channel_pushes_back() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    let (sender, mut receiver) = mpsc::channel(2);
    let (source, sink) = (diary.clone(), diary.clone());
    sim.spawn(async move {
        for n in 0..4 {
            sender.send(n).await.expect("the receiver lives");
            source.note(format!("sent {n}"));
        }
    });
    sim.spawn(async move {
        sleep(ms(10)).await;
        while let Some(n) = receiver.recv().await {
            sink.note(format!("got {n}"));
            sleep(ms(5)).await;
        }
        sink.note("closed");
    });
    run(&sim, at_ms(100));
    diary.expect(&[
        (0.0, "sent 0"),
        (0.0, "sent 1"),
        (10.0, "got 0"),
        (10.0, "sent 2"),
        (15.0, "got 1"),
        (15.0, "sent 3"),
        (20.0, "got 2"),
        (25.0, "got 3"),
        (30.0, "closed"),
    ]);
}

#[test]
fn a_task_of_a_runtime_that_drives_a_simulation_does_not_hold_up_its_channels() {
    const MANY: u64 = 1_000;
    let count = || {
        let sim = Sim::new(1);
        let got = Rc::new(Cell::new(0));
        let counted = Rc::clone(&got);
        sim.spawn(async move {
            let never = Notify::new();
            for _ in 0..MANY {
                tokio::select! {
                    biased;
                    () = never.notified() => {}
                    () = sleep(ms(1)) => counted.set(counted.get() + 1),
                }
            }
        });
        run(&sim, at_ms(MANY));
        got.get()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    assert_eq!(runtime.unwrap().block_on(async { count() }), MANY);
}

#[test]
fn a_semaphore_admits_in_order() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    let permits = Rc::new(Semaphore::new(2));
    for n in 0..5 {
        let (permits, diary) = (Rc::clone(&permits), diary.clone());
        sim.spawn(async move {
            let _permit = permits.acquire().await.expect("nobody closes it");
            diary.note(n);
            sleep(ms(10)).await;
        });
    }
    run(&sim, at_ms(100));
    diary.expect(&[
        (0.0, "0"),
        (0.0, "1"),
        (10.0, "2"),
        (10.0, "3"),
        (20.0, "4"),
    ]);
}

#[test]
fn a_biased_select_takes_the_first_of_two_that_are_ready() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    let log = diary.clone();
    sim.spawn(async move {
        for _ in 0..20 {
            tokio::select! {
                biased;
                () = sleep(ms(1)) => log.note("first"),
                () = sleep(ms(1)) => log.note("second"),
            }
        }
    });
    run(&sim, at_ms(100));
    assert_eq!(diary.words(), vec!["first"; 20]);
    assert_eq!(sim.census().timers, 0, "the loser's timer is taken back");
}

#[test]
fn oneshot_notify_and_mutex_work() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    let (sender, receiver) = oneshot::channel();
    let (notify, shared) = (Rc::new(Notify::new()), Rc::new(Mutex::new(0)));
    let (log, bell, guarded) = (diary.clone(), Rc::clone(&notify), Rc::clone(&shared));
    sim.spawn(async move {
        bell.notified().await;
        *guarded.lock().await += 1;
        log.note("notified");
        sender.send(7).expect("the receiver waits");
    });
    let log = diary.clone();
    sim.spawn(async move {
        let held = shared.lock().await;
        notify.notify_one();
        sleep(ms(5)).await;
        drop(held);
        log.note(receiver.await.expect("the sender sends"));
        assert_eq!(*shared.lock().await, 1);
    });
    run(&sim, at_ms(100));
    diary.expect(&[(5.0, "notified"), (5.0, "7")]);
}

#[test]
fn joins_and_selections_of_many_futures_work() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    let log = diary.clone();
    sim.spawn(async move {
        join_all((1..=50).map(|n| sleep(ms(n)))).await;
        log.note("all");
        select_all((1..=5).map(|n| Box::pin(sleep(ms(n))))).await;
        log.note("one");
    });
    run(&sim, at_ms(100));
    diary.expect(&[(50.0, "all"), (51.0, "one")]);
    assert_eq!(sim.census().timers, 0);
}
