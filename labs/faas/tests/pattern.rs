use crate::engine::{self, Sim, SimTime};
use crate::faas::account::{Account, ScaleRate, Share};
use crate::faas::keep_alive::KeepAlive;
use crate::faas::pattern::{
    Delivered, Failed, Function, HandlerError, Ran, Reason, Runtime, Settings, Start, Throttled,
};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Instances that start in 500 ms and run an event for as many milliseconds as it says; 0 fails.
#[derive(Default)]
struct Plain {
    started: Cell<u32>,
    reasons: RefCell<Vec<Reason>>,
    alive: Rc<Cell<u32>>,
}

struct Counted(u32, Rc<Cell<u32>>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.1.set(self.1.get() - 1);
    }
}

impl Runtime for Plain {
    type Instance = Counted;
    type Event = u64;
    type Answer = u32;

    async fn start(&self, reason: Reason) -> Counted {
        self.started.set(self.started.get() + 1);
        self.reasons.borrow_mut().push(reason);
        let number = self.started.get();
        self.alive.set(self.alive.get() + 1);
        let instance = Counted(number, Rc::clone(&self.alive));
        engine::sleep(ms(500)).await;
        instance
    }

    async fn run(&self, instance: &Counted, event: &u64) -> Result<u32, HandlerError> {
        engine::sleep(ms(*event)).await;
        match event {
            0 => Err(HandlerError("an event of nothing".to_owned())),
            _ => Ok(instance.0),
        }
    }
}

fn settings() -> Settings {
    Settings {
        per_instance: 1,
        target: 0.6,
        patience: None,
        time_limit: Duration::from_mins(15),
        provisioned: 0,
    }
}

/// A function in a simulation, with an account of so many instances.
struct Bench {
    sim: Sim,
    function: Rc<Function<Plain>>,
    alive: Rc<Cell<u32>>,
}

type Seen = Rc<RefCell<Vec<(u64, Result<Ran<u32>, Throttled>)>>>;

impl Bench {
    fn new(limit: usize, settings: Settings) -> Self {
        let sim = Sim::new(1);
        let runtime = Plain::default();
        let alive = Rc::clone(&runtime.alive);
        let function = Function::new(
            runtime,
            Share::of(&Account::new(limit)),
            ScaleRate::new(1_000),
            KeepAlive::Fixed(Duration::from_secs(10)),
            settings,
        );
        sim.spawn(Rc::clone(&function).retire_idle());
        sim.enter(|| function.keep_provisioned());
        Self {
            sim,
            function,
            alive,
        }
    }

    /// Calls it at these moments, in milliseconds, with these events; until 60 s.
    fn calls(&self, calls: &[(u64, u64)]) -> Seen {
        let seen = Seen::default();
        for (at, event) in calls.iter().copied() {
            let (function, seen) = (Rc::clone(&self.function), Rc::clone(&seen));
            self.sim.spawn(async move {
                engine::sleep(ms(at)).await;
                let outcome = function.invoke(&event).await;
                let now = engine::now().0 / 1_000_000;
                seen.borrow_mut().push((now, outcome));
            });
        }
        self.until(60);
        seen
    }

    fn until(&self, seconds: u64) {
        self.sim.run_until(SimTime::from_secs(seconds), 1_000_000);
        self.function.books_agree();
    }
}

#[test]
fn the_first_call_is_cold_and_the_next_one_finds_the_instance_it_left() {
    let bench = Bench::new(10, settings());
    let seen = bench.calls(&[(0, 100), (1_000, 100)]);
    let seen = seen.borrow();
    let (first, second) = (seen[0].1.as_ref().unwrap(), seen[1].1.as_ref().unwrap());
    assert_eq!(
        (seen[0].0, first.start, first.waited),
        (600, Start::Cold, ms(500))
    );
    assert_eq!(
        (seen[1].0, second.start, second.waited),
        (1_100, Start::Warm, ms(0))
    );
    assert_eq!((&first.answer, &second.answer), (&Ok(1), &Ok(1)));
}

#[test]
fn a_call_does_not_wait_for_a_busy_instance_it_gets_a_cold_one_of_its_own() {
    let bench = Bench::new(10, settings());
    let seen = bench.calls(&[(0, 1_000), (600, 10)]);
    assert_eq!(seen.borrow()[0].0, 1_110);
    assert_eq!(seen.borrow()[0].1.as_ref().unwrap().answer, Ok(2));
}

#[test]
fn the_one_used_last_is_used_again_and_the_others_grow_old() {
    let bench = Bench::new(10, settings());
    // Two at once, then one a second: only one of the two is kept busy.
    let mut calls = vec![(0, 100), (0, 200)];
    calls.extend((1..30).map(|second| (1_000 * second, 100)));
    bench.calls(&calls);
    assert_eq!(bench.function.runtime.started.get(), 2);
    assert_eq!(
        bench.alive.get(),
        0,
        "all are gone ten seconds after the last call"
    );
}

#[test]
fn an_instance_goes_when_its_keep_alive_is_over_and_not_before() {
    let bench = Bench::new(10, settings());
    // The first is done at 600 ms, the second at 10,699 ms: just in time, and just too late.
    let seen = bench.calls(&[(0, 100), (10_599, 100), (20_700, 100)]);
    let starts: Vec<Start> = seen
        .borrow()
        .iter()
        .map(|(_, ran)| ran.as_ref().unwrap().start)
        .collect();
    assert_eq!(starts, [Start::Cold, Start::Warm, Start::Cold]);
}

#[test]
fn beyond_the_limit_a_call_is_refused_at_once_or_waits_in_its_order() {
    let calls = [(0, 1_000), (0, 1_000), (100, 10), (101, 20)];
    let refusing = Bench::new(2, settings());
    let seen = refusing.calls(&calls);
    let refused = |seen: &Seen| {
        let seen = seen.borrow();
        seen.iter().filter(|(_, ran)| ran.is_err()).count()
    };
    assert_eq!(refused(&seen), 2);
    assert_eq!(seen.borrow()[0], (100, Err(Throttled::Concurrency)));

    let patient = Settings {
        patience: Some(ms(5_000)),
        ..settings()
    };
    let seen = Bench::new(2, patient.clone()).calls(&calls);
    let ends: Vec<u64> = seen.borrow().iter().map(|(at, _)| *at).collect();
    assert_eq!(
        (refused(&seen), ends),
        (0, vec![1_500, 1_500, 1_510, 1_520])
    );

    let impatient = Settings {
        patience: Some(ms(300)),
        ..patient
    };
    let seen = Bench::new(2, impatient).calls(&calls);
    assert_eq!(refused(&seen), 2);
    assert_eq!(seen.borrow()[0].0, 400);
}

#[test]
fn several_calls_share_an_instance_and_its_cold_start() {
    let shared = Settings {
        per_instance: 3,
        target: 1.0,
        ..settings()
    };
    let bench = Bench::new(10, shared);
    let seen = bench.calls(&[(0, 100), (100, 100), (200, 100), (300, 100)]);
    assert_eq!(bench.function.runtime.started.get(), 2);
    let waits: Vec<Duration> = seen
        .borrow()
        .iter()
        .map(|(_, ran)| ran.as_ref().unwrap().waited)
        .collect();
    assert_eq!(waits, [ms(500), ms(400), ms(300), ms(500)]);
}

#[test]
fn an_instance_that_takes_many_is_joined_by_another_before_it_is_full() {
    let shared = Settings {
        per_instance: 10,
        ..settings()
    };
    let bench = Bench::new(10, shared);
    let calls: Vec<(u64, u64)> = (0..7).map(|at| (at, 2_000)).collect();
    bench.calls(&calls);
    let reasons = bench.function.runtime.reasons.borrow();
    assert_eq!(*reasons, [Reason::Call, Reason::Headroom]);
}

#[test]
fn a_handler_over_its_time_limit_is_ended() {
    let short = Settings {
        time_limit: ms(50),
        ..settings()
    };
    let seen = Bench::new(10, short).calls(&[(0, 100)]);
    let (at, ran) = &seen.borrow()[0];
    assert_eq!(
        (*at, &ran.as_ref().unwrap().answer),
        (550, &Err(Failed::TimeLimit))
    );
}

#[test]
fn what_is_provisioned_is_warm_from_the_start_and_stays() {
    let ready = Settings {
        provisioned: 2,
        ..settings()
    };
    let bench = Bench::new(10, ready);
    let seen = bench.calls(&[(1_000, 100), (1_000, 100), (1_000, 100)]);
    let cold = seen
        .borrow()
        .iter()
        .filter(|(_, ran)| ran.as_ref().unwrap().start == Start::Cold)
        .count();
    assert_eq!(cold, 1);
    assert_eq!(bench.alive.get(), 2, "a minute without calls");
}

#[test]
fn after_a_deployment_no_call_meets_the_old_version() {
    let bench = Bench::new(10, settings());
    let (function, seen) = (Rc::clone(&bench.function), Seen::default());
    let kept = Rc::clone(&seen);
    bench.sim.spawn(async move {
        // One that is busy while the new version comes, and one that is idle.
        let call = |event: u64| {
            let function = Rc::clone(&function);
            async move { function.invoke(&event).await }
        };
        let long = engine::spawn(call(5_000));
        call(10).await.unwrap();
        function.deploy();
        let beside = call(10).await;
        kept.borrow_mut().push((1, beside));
        let _ = long.await;
        let after = call(10).await;
        kept.borrow_mut().push((2, after));
    });
    bench.until(120);
    let answers: Vec<Result<u32, Failed>> = seen
        .borrow()
        .iter()
        .map(|(_, ran)| ran.as_ref().unwrap().answer.clone())
        .collect();
    assert_eq!(answers, [Ok(3), Ok(3)]);
    assert_eq!(bench.alive.get(), 0);
}

#[test]
fn an_event_that_fails_is_tried_twice_more_after_one_minute_and_two() {
    let bench = Bench::new(10, settings());
    let (function, tries) = (
        Rc::clone(&bench.function),
        Rc::new(RefCell::new(Vec::new())),
    );
    let seen = Rc::clone(&tries);
    let delivered = bench.sim.spawn(async move {
        let note = |_: Result<&Ran<u32>, Throttled>| {
            seen.borrow_mut().push(engine::now().0 / 1_000_000_000);
        };
        function.deliver(&0, Duration::from_hours(6), note).await
    });
    bench.until(600);
    assert!(delivered.is_finished());
    // Each of them meets no instance: they are kept for ten seconds.
    assert_eq!(*tries.borrow(), [0, 61, 181]);
}

#[test]
fn an_event_that_is_refused_is_tried_again_from_1_s_to_5_min_apart_until_it_is_too_old() {
    let bench = Bench::new(0, settings());
    let (function, tries) = (
        Rc::clone(&bench.function),
        Rc::new(RefCell::new(Vec::new())),
    );
    let (seen, ended) = (Rc::clone(&tries), Rc::new(RefCell::new(None)));
    let end = Rc::clone(&ended);
    bench.sim.spawn(async move {
        let note = |_: Result<&Ran<u32>, Throttled>| {
            seen.borrow_mut().push(engine::now().0 / 1_000_000_000);
        };
        let delivered = function.deliver(&10, Duration::from_hours(1), note).await;
        *end.borrow_mut() = Some(delivered);
    });
    bench.until(7_200);
    let tries = tries.borrow();
    assert_eq!(tries[..11], [0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811]);
    assert!(*tries.last().unwrap() <= 3_600);
    assert_eq!(*ended.borrow(), Some(Delivered::TooOld));
}
