//! The simulator's own `FuturesUnordered` does what that of `futures` does.

use super::*;
use futures::future::{Either, poll_fn, select};
use futures::stream::{FuturesUnordered as AnyThread, Stream, StreamExt};
use proptest::prelude::*;
use std::cell::Cell;
use std::pin::pin;
use std::task::Poll;
use tokio::sync::oneshot;

/// What comes when, of futures that wait once or twice.
fn comings<S>(waits: &[(u64, u64)]) -> Vec<(f64, String)>
where
    S: FromIterator<Branch> + Stream<Item = usize> + Unpin + 'static,
{
    let sim = Sim::new(1);
    let (diary, waits) = (Diary::default(), waits.to_vec());
    let log = diary.clone();
    sim.spawn(async move {
        let branch = |(number, (first, second)): (usize, (u64, u64))| -> Branch {
            Box::pin(async move {
                sleep(ms(first)).await;
                sleep(ms(second)).await;
                number
            })
        };
        let mut out: S = waits.into_iter().enumerate().map(branch).collect();
        while let Some(number) = out.next().await {
            log.note(number);
        }
    });
    run(&sim, at_ms(1_000));
    assert_eq!(sim.census().tasks, 0);
    diary.entries()
}

type Branch = futures::future::LocalBoxFuture<'static, usize>;

proptest! {
    #[test]
    fn outputs_come_as_from_the_one_of_futures(waits in prop::collection::vec((0..6_u64, 0..6_u64), 0..40)) {
        prop_assert_eq!(
            comings::<FuturesUnordered<Branch>>(&waits),
            comings::<AnyThread<Branch>>(&waits)
        );
    }
}

#[test]
fn only_a_branch_that_is_woken_is_polled() {
    let sim = Sim::new(1);
    let polls = Rc::new(Cell::new(0));
    let count = Rc::clone(&polls);
    sim.spawn(async move {
        let branch = |n: u64| {
            let (count, mut wait) = (Rc::clone(&count), Box::pin(sleep(ms(n))));
            poll_fn(move |context| {
                count.set(count.get() + 1);
                wait.as_mut().poll(context)
            })
        };
        let out: FuturesUnordered<_> = (1..=100).map(branch).collect();
        assert_eq!(out.count().await, 100);
    });
    run(&sim, at_ms(200));
    assert_eq!(polls.get(), 200, "each once to begin and once to end");
}

#[test]
fn a_foreign_waker_wakes_its_own_branch() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    let log = diary.clone();
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..3).map(|_| oneshot::channel::<u32>()).unzip();
    sim.spawn(async move {
        let mut out: FuturesUnordered<_> = receivers.into_iter().collect();
        while let Some(answer) = out.next().await {
            log.note(answer.map_or("closed".to_owned(), |n| n.to_string()));
        }
    });
    run(&sim, at_ms(1));
    let mut senders = senders.into_iter();
    // From without, between two steps: nothing of the simulation is entered.
    drop(senders.next());
    let _ = senders.next_back().expect("three were made").send(3);
    run(&sim, at_ms(2));
    let last = senders.next().expect("three were made");
    sim.spawn(async move {
        sleep(ms(3)).await;
        let _ = last.send(2);
    });
    run(&sim, at_ms(10));
    diary.expect(&[(1.0, "closed"), (1.0, "3"), (5.0, "2")]);
}

#[test]
fn one_within_a_branch_of_another_wakes_both() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    let log = diary.clone();
    sim.spawn(async move {
        let first_of = |waits: [u64; 2]| {
            Box::pin(async move {
                let mut inner: FuturesUnordered<_> =
                    waits.map(|n| sleep(ms(n))).into_iter().collect();
                inner.next().await;
                waits
            })
        };
        let mut out: FuturesUnordered<_> =
            [[9, 4], [2, 8], [6, 6]].map(first_of).into_iter().collect();
        while let Some(waits) = out.next().await {
            log.note(format!("{waits:?}"));
        }
    });
    run(&sim, at_ms(100));
    diary.expect(&[(2.0, "[2, 8]"), (4.0, "[9, 4]"), (6.0, "[6, 6]")]);
    assert_eq!(sim.census().timers, 0, "the losers' timers are taken back");
}

#[test]
fn a_branch_that_wakes_itself_lets_the_others_run() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    let log = diary.clone();
    sim.spawn(async move {
        let done = Rc::new(Cell::new(false));
        let (seen, set) = (Rc::clone(&done), Rc::clone(&done));
        let busy = Box::pin(async move {
            while !seen.get() {
                yield_now().await;
            }
            "busy"
        }) as futures::future::LocalBoxFuture<'static, &str>;
        let brief = Box::pin(async move {
            yield_now().await;
            set.set(true);
            "brief"
        });
        let mut out: FuturesUnordered<_> = [busy, brief].into_iter().collect();
        while let Some(who) = out.next().await {
            log.note(who);
        }
    });
    run(&sim, at_ms(1));
    assert_eq!(diary.words(), ["brief", "busy"]);
}

#[test]
fn what_is_dropped_is_cancelled_and_its_place_serves_the_next() {
    let sim = Sim::new(1);
    let diary = Diary::default();
    let log = diary.clone();
    sim.spawn(async move {
        for round in 0..50 {
            let out: FuturesUnordered<_> = (10..20).map(|n| sleep(ms(n))).collect();
            let mut out = out;
            let all = pin!(async { while out.next().await.is_some() {} });
            match select(all, sleep(ms(12))).await {
                Either::Right(_) if round == 49 => log.note("late"),
                Either::Right(_) => {}
                Either::Left(_) => log.note("the limit did not hold"),
            }
        }
    });
    run(&sim, at_ms(50 * 12 + 1));
    diary.expect(&[(600.0, "late")]);
    let census = sim.census();
    assert_eq!((census.tasks, census.timers), (0, 0));
    assert!(census.room < 50, "{census:?}");
}

#[test]
fn one_of_nothing_ends_at_once_and_outside_a_simulation_it_is_that_of_futures() {
    let mut out: FuturesUnordered<_> = [3, 1, 2].map(futures::future::ready).into_iter().collect();
    let mut sum = 0;
    let summed = poll_fn(|context| {
        while let Poll::Ready(next) = out.poll_next_unpin(context) {
            match next {
                Some(n) => sum += n,
                None => return Poll::Ready(sum),
            }
        }
        Poll::Pending
    });
    assert_eq!(futures::FutureExt::now_or_never(summed), Some(6));
    let sim = Sim::new(1);
    let none = sim.spawn(async { FuturesUnordered::<Branch>::from_iter([]).next().await });
    run(&sim, at_ms(1));
    assert!(none.is_finished());
}
