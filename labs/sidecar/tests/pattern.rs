use crate::engine::{self, Sim, SimTime};
use crate::sidecar::logger::{Appended, OnFull, RotatingLog, Rules as LogRules};
use crate::sidecar::pattern::{Checkpoint, Log, NotStored, Read, Rules, SaveOn, Shipper, Sink};
use crate::sidecar::reload::{Looked, Reloadable, look};
use futures::FutureExt;
use std::cell::{Cell, RefCell};
use std::future::{pending, ready};
use std::rc::Rc;
use std::time::Duration;

/// A log of numbers, a store that fails so many times first, and an offset.
#[derive(Default)]
struct Desk {
    lines: RefCell<Vec<u32>>,
    fails: Cell<u32>,
    stored: RefCell<Vec<u32>>,
    given_up: Cell<usize>,
    offset: Cell<u64>,
}

#[derive(Clone, Default)]
struct Way(Rc<Desk>);

impl Log for Way {
    type Batch = Vec<u32>;

    fn read(&self, offset: u64, most: usize) -> Option<Read<Vec<u32>>> {
        let lines = self.0.lines.borrow();
        let batch: Vec<u32> = lines
            .iter()
            .skip(offset as usize)
            .take(most)
            .copied()
            .collect();
        let behind = offset + batch.len() as u64;
        let full = batch.len() == most;
        (!batch.is_empty()).then_some(Read {
            batch,
            behind,
            full,
        })
    }
}

impl Sink<Vec<u32>> for Way {
    async fn deliver(&self, batch: &Vec<u32>) -> Result<(), NotStored> {
        engine::sleep(Duration::from_millis(10)).await;
        if self.0.fails.get() > 0 {
            self.0.fails.set(self.0.fails.get() - 1);
            return Err(NotStored);
        }
        self.0.stored.borrow_mut().extend(batch);
        engine::sleep(Duration::from_millis(10)).await;
        Ok(())
    }

    fn gives_up(&self, batch: &Vec<u32>) {
        self.0.given_up.set(self.0.given_up.get() + batch.len());
    }
}

impl Checkpoint for Way {
    fn load(&self) -> u64 {
        self.0.offset.get()
    }

    fn save(&self, offset: u64) {
        self.0.offset.set(offset);
    }
}

fn shipper(lines: u32) -> Shipper<Way, Way, Way> {
    let way = Way::default();
    *way.0.lines.borrow_mut() = (0..lines).collect();
    Shipper {
        log: way.clone(),
        sink: way.clone(),
        checkpoint: way,
    }
}

fn rules(save_on: SaveOn, attempts: Option<usize>) -> Rules {
    Rules {
        batch: 4,
        every: Duration::from_secs(1),
        save_on,
        attempts,
    }
}

/// Ships for so many milliseconds and then dies.
fn ships_for(shipper: Rc<Shipper<Way, Way, Way>>, rules: Rules, ms: u64) {
    let sim = Sim::new(1);
    let task = sim.spawn(async move { shipper.run(|| rules, pending()).await });
    sim.run_until(SimTime::from_millis(ms), u64::MAX);
    task.abort();
}

#[test]
fn lines_arrive_in_order_and_once_in_batches() {
    let shipper = Rc::new(shipper(10));
    ships_for(Rc::clone(&shipper), rules(SaveOn::Acknowledged, None), 500);
    assert_eq!(*shipper.sink.0.stored.borrow(), (0..10).collect::<Vec<_>>());
    assert_eq!(shipper.checkpoint.load(), 10);
}

#[test]
fn a_crash_between_the_two_steps_repeats_a_batch_or_forgets_one() {
    // The first batch is stored at 10 ms and acknowledged at 20 ms.
    for (save_on, at, stored) in [
        (SaveOn::Acknowledged, 15, 14),
        (SaveOn::Read, 15, 10),
        (SaveOn::Acknowledged, 5, 10),
        (SaveOn::Read, 5, 6),
    ] {
        let shipper = Rc::new(shipper(10));
        ships_for(Rc::clone(&shipper), rules(save_on, None), at);
        ships_for(Rc::clone(&shipper), rules(save_on, None), 500);
        let arrived = shipper.sink.0.stored.borrow().len();
        assert_eq!(arrived, stored, "{save_on:?}, a crash at {at} ms");
    }
}

#[test]
fn a_batch_is_tried_again_for_ever_or_given_up_after_so_many_attempts() {
    let patient = Rc::new(shipper(4));
    patient.sink.0.fails.set(6);
    ships_for(
        Rc::clone(&patient),
        rules(SaveOn::Acknowledged, None),
        60_000,
    );
    assert_eq!(patient.sink.0.stored.borrow().len(), 4);
    let hasty = Rc::new(shipper(8));
    hasty.sink.0.fails.set(2);
    ships_for(
        Rc::clone(&hasty),
        rules(SaveOn::Acknowledged, Some(2)),
        60_000,
    );
    assert_eq!(hasty.sink.0.given_up.get(), 4);
    assert_eq!(*hasty.sink.0.stored.borrow(), [4, 5, 6, 7]);
}

#[test]
fn one_that_is_told_to_stop_ships_the_rest_first() {
    let shipper = Rc::new(shipper(10));
    let told = Rc::clone(&shipper);
    let sim = Sim::new(1);
    let task = sim.spawn(async move {
        let rules = rules(SaveOn::Acknowledged, None);
        told.run(|| rules, ready(())).await;
    });
    sim.run_until(SimTime::from_secs(1), u64::MAX);
    assert!(task.is_finished());
    assert_eq!(shipper.checkpoint.load(), 10);
}

/// Two files of ten bytes each.
const fn small(on_full: OnFull) -> LogRules {
    LogRules {
        file: 10,
        total: 20,
        on_full,
    }
}

#[test]
fn a_log_gives_up_a_file_that_is_shipped_and_otherwise_does_as_it_is_told() {
    for (on_full, third) in [
        (OnFull::Block, Appended::Full),
        (OnFull::DropNew, Appended::Lost(1)),
        (OnFull::DropOld, Appended::Lost(2)),
    ] {
        let mut log = RotatingLog::default();
        for _ in 0..4 {
            assert_eq!(log.append(5, 0, &small(on_full)), Appended::Yes);
        }
        assert_eq!(log.append(5, 0, &small(on_full)), third, "{on_full:?}");
        let mut log = RotatingLog::default();
        for _ in 0..4 {
            log.append(5, 0, &small(on_full));
        }
        // The first file has lines 0 and 1, and both are shipped.
        assert_eq!(log.append(5, 2, &small(on_full)), Appended::Yes);
        assert_eq!((log.first(), log.end(), log.bytes()), (2, 5, 15));
    }
}

#[test]
fn of_the_oldest_file_only_what_was_not_shipped_is_lost() {
    let mut log = RotatingLog::default();
    for _ in 0..4 {
        log.append(5, 0, &small(OnFull::DropOld));
    }
    assert_eq!(log.append(5, 1, &small(OnFull::DropOld)), Appended::Lost(1));
}

struct Program {
    source: Cell<(u32, bool)>,
    running: Cell<(u32, bool)>,
    takes: Cell<bool>,
}

impl Reloadable for Program {
    type Config = (u32, bool);

    fn source(&self) -> (u32, bool) {
        self.source.get()
    }

    fn is_valid(&self, config: &(u32, bool)) -> bool {
        config.1
    }

    async fn apply(&self, config: &(u32, bool)) -> (u32, bool) {
        if self.takes.get() {
            self.running.set(*config);
        }
        self.running.get()
    }
}

#[test]
fn a_reloader_hands_on_what_is_valid_and_believes_only_what_runs() {
    let program = Program {
        source: Cell::new((1, true)),
        running: Cell::new((1, true)),
        takes: Cell::new(true),
    };
    let mut seen = Some((1, true));
    let mut looks = || look(&program, &mut seen).now_or_never().unwrap();
    assert_eq!(looks(), Looked::Unchanged);
    program.source.set((2, false));
    assert_eq!((looks(), looks()), (Looked::Rejected, Looked::Unchanged));
    program.takes.set(false);
    program.source.set((3, true));
    assert_eq!((looks(), looks()), (Looked::NotTaken, Looked::NotTaken));
    program.takes.set(true);
    assert_eq!((looks(), looks()), (Looked::Applied, Looked::Unchanged));
    assert_eq!(program.running.get(), (3, true));
}
