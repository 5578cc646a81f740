use crate::engine::{self, Sim, SimTime};
use crate::work_queue::pattern::{
    Ack, Delivery, Failed, Habits, Job, LeaseLost, Nack, Processed, Queue, Receipt, Stop,
    Unreachable, work,
};
use crate::work_queue::queue::{QueueKind, Rules, WorkQueue};
use crate::work_queue::sizing::Backoff;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_key_lets_its_effect_happen_once() {
    let (mut processed, mut effects) = (Processed::default(), 0);
    assert!(processed.once("photo-8812", || effects += 1));
    assert!(!processed.once("photo-8812", || effects += 1));
    assert_eq!(effects, 1);
    processed.forget(&"photo-8812");
    assert!(processed.once("photo-8812", || effects += 1));
}

/// A queue in memory and a job that takes two seconds; both write down what happens.
struct Bench {
    queue: RefCell<WorkQueue<&'static str>>,
    events: RefCell<Vec<String>>,
    job_fails: Cell<bool>,
    job_takes: Cell<Duration>,
    /// Beats within this span are not answered.
    silent: Cell<(Duration, Duration)>,
}

impl Bench {
    fn new(lease: Duration, items: &[&'static str]) -> Rc<Self> {
        let mut queue = WorkQueue::new(Rules {
            kind: QueueKind::PostgresTable,
            visibility_timeout: lease,
            max_receives: None,
            backoff: Backoff::Fixed(s(60)),
        });
        for item in items {
            queue.put(*item, s(0));
        }
        Rc::new(Self {
            queue: RefCell::new(queue),
            events: RefCell::default(),
            job_fails: Cell::new(false),
            job_takes: Cell::new(s(2)),
            silent: Cell::default(),
        })
    }

    fn note(&self, what: &str, said: bool) {
        let word = if said { "" } else { " refused" };
        let at = SimTime::from(engine::env::now()).as_secs_f64();
        self.events.borrow_mut().push(format!("{at} {what}{word}"));
    }
}

struct Bound(Rc<Bench>);

impl Queue for Bound {
    type Item = &'static str;

    async fn receive(&self, most: usize) -> Result<Vec<Delivery<&'static str>>, Unreachable> {
        loop {
            let now = engine::env::now();
            let hand: Vec<_> = {
                let mut queue = self.0.queue.borrow_mut();
                queue.expire(now);
                std::iter::from_fn(|| queue.receive(now))
                    .take(most)
                    .collect()
            };
            if !hand.is_empty() {
                return Ok(hand);
            }
            engine::env::sleep(s(1)).await;
        }
    }

    async fn extend(&self, mut receipts: Vec<Receipt>) -> Result<Vec<Receipt>, Unreachable> {
        let (now, (from, to)) = (engine::env::now(), self.0.silent.get());
        if (from..to).contains(&now) {
            return Err(Unreachable);
        }
        let mut queue = self.0.queue.borrow_mut();
        queue.expire(now);
        receipts.retain(|receipt| queue.extend(*receipt, now).is_err());
        Ok(receipts)
    }

    async fn ack(&self, receipt: Receipt) -> Result<(), LeaseLost> {
        let acked = self.0.queue.borrow_mut().ack(receipt, engine::env::now());
        self.0.note("ack", acked.is_ok());
        acked.map(drop)
    }

    async fn nack(&self, receipt: Receipt, why: Nack) {
        let now = engine::env::now();
        let nacked = self.0.queue.borrow_mut().nack(receipt, why, now);
        let what = match why {
            Nack::Failed => "nack",
            Nack::NotBegun => "not begun",
        };
        self.0.note(what, nacked.is_ok());
    }
}

impl Job<&'static str> for Bound {
    async fn perform(&self, delivery: &Delivery<&'static str>) -> Result<(), Failed> {
        engine::env::sleep(self.0.job_takes.get()).await;
        self.0.note(delivery.item, true);
        if self.0.job_fails.get() {
            Err(Failed)
        } else {
            Ok(())
        }
    }
}

fn events(bench: &Rc<Bench>, habits: Habits, stop_at: Option<Duration>) -> Vec<String> {
    let sim = Sim::new(1);
    let stop = Rc::new(Stop::default());
    let (asked, bound) = (Rc::clone(&stop), Bound(Rc::clone(bench)));
    let worker = sim.spawn(async move { work(&bound, &bound, || habits, &stop).await });
    sim.spawn(async move {
        if let Some(at) = stop_at {
            engine::sleep(at).await;
            asked.request();
        }
    });
    sim.run_until(SimTime::from_secs(10), 10_000);
    assert_eq!(worker.is_finished(), stop_at.is_some());
    bench.events.take()
}

const LATE: Habits = Habits {
    ack: Ack::Late,
    prefetch: 1,
    lease: Some(s(60)),
    heartbeat: false,
    longest: None,
};

#[test]
fn a_worker_acknowledges_after_the_effect_or_before_it() {
    assert_eq!(
        events(&Bench::new(s(5), &["a"]), LATE, None),
        ["2 a", "2 ack"]
    );
    let early = Habits {
        ack: Ack::Early,
        ..LATE
    };
    assert_eq!(
        events(&Bench::new(s(5), &["a"]), early, None),
        ["0 ack", "2 a"]
    );
}

#[test]
fn work_that_failed_is_given_back_unless_it_was_acknowledged_before() {
    let bench = Bench::new(s(5), &["a"]);
    bench.job_fails.set(true);
    assert_eq!(events(&bench, LATE, None), ["2 a", "2 nack"]);
    assert_eq!(bench.queue.borrow().queued(), 1);
    let bench = Bench::new(s(5), &["a"]);
    bench.job_fails.set(true);
    let early = Habits {
        ack: Ack::Early,
        ..LATE
    };
    assert_eq!(events(&bench, early, None), ["0 ack", "2 a"]);
    assert_eq!(bench.queue.borrow().queued(), 0);
}

/// Whose leases last so long, and are extended.
fn beating(lease: Duration) -> Habits {
    Habits {
        lease: Some(lease),
        heartbeat: true,
        ..LATE
    }
}

#[test]
fn work_that_outlasts_its_lease_is_refused_unless_a_heartbeat_keeps_it() {
    assert_eq!(
        events(&Bench::new(s(1), &["a"]), LATE, Some(s(1))),
        ["2 a", "2 ack refused"]
    );
    assert_eq!(
        events(&Bench::new(s(1), &["a"]), beating(s(1)), None),
        ["2 a", "2 ack"]
    );
    // It covers what waits in the hand as well.
    let many = Habits {
        prefetch: 2,
        ..beating(s(1))
    };
    let both = ["2 a", "2 ack", "4 b", "4 ack"];
    assert_eq!(events(&Bench::new(s(1), &["a", "b"]), many, None), both);
}

#[test]
fn one_heartbeat_covers_the_hand_however_short_its_items_are() {
    // Each item is shorter than the time from beat to beat, and all of them outlast the lease.
    let bench = Bench::new(s(4), &["a", "b", "c", "d", "e", "f", "g", "h"]);
    bench.job_takes.set(Duration::from_millis(900));
    let eight = Habits {
        prefetch: 8,
        ..beating(s(4))
    };
    let seen = events(&bench, eight, None);
    assert_eq!(seen.len(), 16);
    assert!(
        !seen.iter().any(|event| event.contains("refused")),
        "{seen:?}"
    );
}

#[test]
fn a_worker_that_hears_that_a_lease_is_lost_lets_go_of_the_work() {
    // It takes the lease to be six seconds long, and it is one: the first beat, at 1.5 s, tells.
    let seen = events(&Bench::new(s(1), &["a"]), beating(s(6)), Some(s(1)));
    assert!(seen.is_empty(), "{seen:?}");
}

#[test]
fn one_beat_that_is_lost_costs_nothing_and_a_silent_lease_costs_the_hand() {
    let bench = Bench::new(s(4), &["a", "b"]);
    bench.job_takes.set(s(5));
    let two = Habits {
        prefetch: 2,
        ..beating(s(4))
    };
    let halves = |halves: u64| Duration::from_millis(halves * 500);
    bench.silent.set((halves(1), halves(3)));
    assert_eq!(
        events(&bench, two, None),
        ["5 a", "5 ack", "10 b", "10 ack"]
    );
    let bench = Bench::new(s(4), &["a", "b"]);
    bench.job_takes.set(s(5));
    bench.silent.set((halves(1), s(60)));
    let seen = events(&bench, two, Some(s(3)));
    assert!(seen.is_empty(), "neither is worked off: {seen:?}");
}

#[test]
fn what_waited_in_the_hand_for_longer_than_its_lease_is_not_worked_on() {
    let bench = Bench::new(s(3), &["a", "b", "c"]);
    let three = Habits {
        prefetch: 3,
        lease: Some(s(3)),
        ..LATE
    };
    let seen = events(&bench, three, Some(s(5)));
    // The second one is begun in time and ends too late; the third one is left to whoever has it now.
    assert_eq!(seen, ["2 a", "2 ack", "4 b", "4 ack refused"]);
}

#[test]
fn work_that_hangs_is_given_up_after_the_longest_time_of_an_item() {
    let bench = Bench::new(s(1), &["a"]);
    bench.job_takes.set(s(3_600));
    let capped = Habits {
        longest: Some(s(3)),
        ..beating(s(1))
    };
    assert_eq!(events(&bench, capped, Some(s(2))), ["3 nack"]);
    assert_eq!(bench.queue.borrow().queued(), 1);
    // Without a limit a heartbeat keeps it for ever.
    let bench = Bench::new(s(1), &["a"]);
    bench.job_takes.set(s(3_600));
    assert!(events(&bench, beating(s(1)), None).is_empty());
    assert_eq!(bench.queue.borrow().leased(), 1);
}

#[test]
fn who_is_asked_to_stop_finishes_the_item_in_hand_and_gives_back_the_others_uncounted() {
    let three = Habits {
        prefetch: 3,
        ..LATE
    };
    let bench = Bench::new(s(60), &["a", "b", "c"]);
    let seen = events(&bench, three, Some(s(1)));
    assert_eq!(seen, ["2 a", "2 ack", "2 not begun", "2 not begun"]);
    let mut queue = bench.queue.borrow_mut();
    let again = queue.receive(s(2)).unwrap();
    assert_eq!((again.item, again.received), ("b", 1));
    let idle = Bench::new(s(60), &[]);
    assert!(events(&idle, LATE, Some(s(3))).is_empty());
}
