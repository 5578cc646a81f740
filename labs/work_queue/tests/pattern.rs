use crate::engine::{self, Sim, SimTime};
use crate::work_queue::pattern::{
    Ack, Delivery, Failed, Habits, Job, LeaseLost, Processed, Queue, Receipt, Rules, Stop,
    Unreachable, WorkQueue, work,
};
use crate::work_queue::sizing::{Backoff, Bounds, ScaleBy, Scaler, Seen};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn queue(max_receives: Option<u32>, backoff: Backoff) -> WorkQueue<&'static str> {
    let visibility_timeout = s(30);
    WorkQueue::new(Rules {
        visibility_timeout,
        max_receives,
        backoff,
    })
}

#[test]
fn items_are_handed_out_in_their_order_and_each_to_one() {
    let mut queue = queue(None, Backoff::None);
    queue.put("a", s(0));
    queue.put("b", s(0));
    assert_eq!(queue.receive(s(1)).unwrap().item, "a");
    assert_eq!(queue.receive(s(1)).unwrap().item, "b");
    assert_eq!(queue.receive(s(1)), None);
    assert_eq!((queue.queued(), queue.leased()), (0, 2));
}

#[test]
fn an_item_comes_back_before_all_others_when_its_lease_runs_out() {
    let mut queue = queue(None, Backoff::None);
    queue.put("a", s(0));
    queue.put("b", s(0));
    let first = queue.receive(s(1)).unwrap();
    assert_eq!(queue.next_due(), Some(s(31)));
    queue.expire(Duration::from_millis(30_999));
    assert_eq!(queue.leased(), 1);
    queue.expire(s(31));
    let again = queue.receive(s(31)).unwrap();
    assert_eq!((again.item, again.received), ("a", 2));
    assert_ne!(again.receipt, first.receipt);
}

#[test]
fn a_receipt_counts_only_while_its_lease_lasts() {
    let mut queue = queue(None, Backoff::None);
    queue.put("a", s(0));
    let late = queue.receive(s(0)).unwrap();
    // At its very end it is over, whether or not the queue has looked.
    assert_eq!(queue.ack(late.receipt, s(30)), Err(LeaseLost));
    queue.expire(s(30));
    let again = queue.receive(s(30)).unwrap();
    assert_eq!(queue.ack(late.receipt, s(31)), Err(LeaseLost));
    assert_eq!(queue.extend(late.receipt, s(31)), Err(LeaseLost));
    assert_eq!(queue.nack(late.receipt, s(31)), Err(LeaseLost));
    assert_eq!(queue.ack(again.receipt, s(31)), Ok("a"));
    assert_eq!(queue.oldest_since(), None);
}

#[test]
fn extending_starts_the_lease_afresh() {
    let mut queue = queue(None, Backoff::None);
    queue.put("a", s(0));
    let held = queue.receive(s(0)).unwrap();
    queue.extend(held.receipt, s(20)).unwrap();
    queue.expire(s(45));
    assert_eq!(queue.ack(held.receipt, s(49)), Ok("a"));
}

#[test]
fn the_last_delivery_is_followed_by_the_dead_letters_and_redrive_forgives() {
    let mut queue = queue(Some(2), Backoff::None);
    queue.put("poison", s(0));
    for round in 1..=2 {
        let delivery = queue.receive(s(round)).unwrap();
        queue.nack(delivery.receipt, s(round)).unwrap();
    }
    assert_eq!(queue.dead().collect::<Vec<_>>(), [&"poison"]);
    assert_eq!((queue.receive(s(9)), queue.oldest_since()), (None, None));
    assert_eq!(queue.redrive(s(10)), 1);
    assert_eq!(queue.receive(s(10)).unwrap().received, 1);
    assert_eq!(queue.oldest_since(), Some(s(10)));
}

#[test]
fn an_item_that_came_back_stays_out_of_sight_longer_each_time() {
    let mut queue = queue(None, Backoff::Exponential(s(1)));
    queue.put("a", s(0));
    let mut now = s(0);
    for delay in [1, 2, 4, 8] {
        let delivery = queue.receive(now).unwrap();
        queue.nack(delivery.receipt, now).unwrap();
        queue.expire((now + s(delay)).saturating_sub(Duration::from_nanos(1)));
        assert_eq!(queue.receive(now), None);
        now += s(delay);
        assert_eq!(queue.next_due(), Some(now));
        queue.expire(now);
    }
    assert_eq!(
        Backoff::Exponential(s(1)).after(200),
        s(900),
        "within bounds"
    );
    assert_eq!(Backoff::Fixed(s(3)).after(7), s(3));
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

fn scale(
    scaler: &mut Scaler,
    by: ScaleBy,
    items: usize,
    age: u64,
    workers: usize,
    now: u64,
) -> usize {
    let bounds = Bounds {
        least: 2,
        most: 20,
        cooldown: s(60),
    };
    let seen = Seen {
        items,
        oldest_age: s(age),
        workers,
    };
    scaler.desired(by, bounds, seen, s(now))
}

#[test]
fn the_pool_is_as_large_as_items_per_worker_say_within_its_bounds() {
    let wanted = |items| scale(&mut Scaler::default(), ScaleBy::Depth(10.0), items, 0, 2, 0);
    // KEDA's documentation: 30 messages at 10 for each pod are 3 pods.
    assert_eq!(
        [wanted(30), wanted(31), wanted(0), wanted(5_000)],
        [3, 4, 2, 20]
    );
    let by_age = |age| scale(&mut Scaler::default(), ScaleBy::Age(60.0), 0, age, 4, 0);
    assert_eq!([by_age(60), by_age(120), by_age(3_600)], [4, 8, 20]);
}

#[test]
fn the_pool_shrinks_only_after_a_whole_cooldown_and_not_below_what_was_wanted_meanwhile() {
    let (mut scaler, by) = (Scaler::default(), ScaleBy::Depth(10.0));
    assert_eq!(scale(&mut scaler, by, 20, 0, 12, 0), 12);
    assert_eq!(scale(&mut scaler, by, 70, 0, 12, 30), 12);
    assert_eq!(scale(&mut scaler, by, 20, 0, 12, 59), 12);
    assert_eq!(scale(&mut scaler, by, 20, 0, 12, 60), 7);
    // Whoever calls for the present size in between starts the cooldown anew.
    assert_eq!(scale(&mut scaler, by, 20, 0, 7, 100), 7);
    assert_eq!(scale(&mut scaler, by, 70, 0, 7, 130), 7);
    assert_eq!(scale(&mut scaler, by, 20, 0, 7, 165), 7);
}

/// A queue in memory and a job that takes two seconds; both write down what happens.
struct Bench {
    queue: RefCell<WorkQueue<&'static str>>,
    events: RefCell<Vec<String>>,
    job_fails: Cell<bool>,
}

impl Bench {
    fn new(lease: Duration, items: &[&'static str]) -> Rc<Self> {
        let mut queue = WorkQueue::new(Rules {
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

    async fn extend(&self, receipt: Receipt) -> Result<(), LeaseLost> {
        self.0
            .queue
            .borrow_mut()
            .extend(receipt, engine::env::now())
    }

    async fn ack(&self, receipt: Receipt) -> Result<(), LeaseLost> {
        let acked = self.0.queue.borrow_mut().ack(receipt, engine::env::now());
        self.0.note("ack", acked.is_ok());
        acked.map(drop)
    }

    async fn nack(&self, receipt: Receipt) {
        let nacked = self.0.queue.borrow_mut().nack(receipt, engine::env::now());
        self.0.note("nack", nacked.is_ok());
    }
}

impl Job<&'static str> for Bound {
    async fn perform(&self, delivery: &Delivery<&'static str>) -> Result<(), Failed> {
        engine::env::sleep(s(2)).await;
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
    let (told, bound) = (Rc::clone(&stop), Bound(Rc::clone(bench)));
    let worker = sim.spawn(async move { work(&bound, &bound, || habits, &stop).await });
    sim.spawn(async move {
        if let Some(at) = stop_at {
            engine::sleep(at).await;
            told.tell();
        }
    });
    sim.run_until(SimTime::from_secs(10), 10_000);
    assert_eq!(worker.is_finished(), stop_at.is_some());
    bench.events.take()
}

const LATE: Habits = Habits {
    ack: Ack::Late,
    prefetch: 1,
    heartbeat: None,
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

#[test]
fn work_that_outlasts_its_lease_is_refused_unless_a_heartbeat_keeps_it() {
    assert_eq!(
        events(&Bench::new(s(1), &["a"]), LATE, Some(s(1))),
        ["2 a", "2 ack refused"]
    );
    let beating = Habits {
        heartbeat: Some(Duration::from_millis(300)),
        ..LATE
    };
    assert_eq!(
        events(&Bench::new(s(1), &["a"]), beating, None),
        ["2 a", "2 ack"]
    );
    // It covers what waits in the hand as well.
    let many = Habits {
        prefetch: 2,
        ..beating
    };
    let both = ["2 a", "2 ack", "4 b", "4 ack"];
    assert_eq!(events(&Bench::new(s(1), &["a", "b"]), many, None), both);
}

#[test]
fn a_worker_that_loses_its_lease_lets_go_of_the_work() {
    let slow_beat = Habits {
        heartbeat: Some(Duration::from_millis(1_500)),
        ..LATE
    };
    let seen = events(&Bench::new(s(1), &["a"]), slow_beat, Some(s(1)));
    assert_eq!(seen, ["1.5 nack refused"]);
}

#[test]
fn who_is_told_to_stop_finishes_the_item_in_hand_and_gives_back_the_others() {
    let three = Habits {
        prefetch: 3,
        ..LATE
    };
    let bench = Bench::new(s(60), &["a", "b", "c"]);
    let seen = events(&bench, three, Some(s(1)));
    assert_eq!(seen, ["2 a", "2 ack", "2 nack", "2 nack"]);
    assert_eq!(bench.queue.borrow().queued(), 2);
    let idle = Bench::new(s(60), &[]);
    assert!(events(&idle, LATE, Some(s(3))).is_empty());
}
