//! The coordinator, the joins and the protocols without a lab.

use crate::coordinated_batch::commit::{
    Bank, Crashed, Imbalance, Ledger, Payout, Protocol, Store, balances, commit, pay,
};
use crate::coordinated_batch::join::{
    Joined, Sale, broadcast_join, hash_join, merge, merge_join, reduce, reducer_of,
};
use crate::coordinated_batch::pattern::{Attempt, Ended, Outcome, Rules, Stage, run};
use crate::engine::{Sim, SimTime, env};
use futures::FutureExt as _;
use proptest::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

/// Each task takes so many seconds at its first attempt, and one at any other.
#[derive(Default)]
struct Tasks {
    takes: Vec<u64>,
    /// Tasks whose first attempt dies when its time is over.
    die: BTreeSet<usize>,
    /// Workers that are dead.
    dead: BTreeSet<usize>,
    /// What the first attempt at a task finds missing.
    miss: BTreeMap<usize, usize>,
    attempts: RefCell<Vec<(u64, Attempt)>>,
    done: RefCell<Vec<usize>>,
}

impl Tasks {
    fn of(takes: &[u64]) -> Self {
        Self {
            takes: takes.to_vec(),
            ..Self::default()
        }
    }
}

impl Stage for Tasks {
    type Output = usize;

    async fn attempt(&self, attempt: Attempt) -> Ended<usize> {
        let task = attempt.task;
        let is_first = {
            let mut attempts = self.attempts.borrow_mut();
            attempts.push((env::now().as_secs(), attempt));
            attempts.iter().filter(|(_, it)| it.task == task).count() == 1
        };
        if self.dead.contains(&attempt.worker) {
            return Ended::Died;
        }
        if let Some(missing) = self.miss.get(&task).filter(|_| is_first) {
            return Ended::Missing(vec![*missing]);
        }
        let seconds = if is_first { self.takes[task] } else { 1 };
        env::sleep(Duration::from_secs(seconds)).await;
        if is_first && self.die.contains(&task) {
            Ended::Died
        } else {
            Ended::Done(task)
        }
    }

    fn done(&self, task: usize, output: &usize) {
        assert_eq!(task, *output);
        self.done.borrow_mut().push(task);
    }
}

const RULES: Rules = Rules {
    workers: 10,
    rest: Duration::from_secs(3),
    speculative: None,
    quantile: 0.75,
};

/// How many seconds the stage takes, and what it comes to.
fn stage(tasks: Tasks, rules: Rules, outputs: Vec<Option<usize>>) -> (u64, Outcome<usize>, Tasks) {
    let sim = Sim::new(1);
    let ended = Rc::new(RefCell::new(None));
    let result = Rc::clone(&ended);
    sim.handle().spawn(async move {
        let outcome = run(&tasks, rules, outputs).await;
        *result.borrow_mut() = Some((env::now().as_secs(), outcome, tasks));
    });
    sim.run_until(SimTime::from_secs(1_000), u64::MAX);
    ended.take().expect("the stage comes to its end")
}

fn all(outputs: usize) -> Vec<Option<usize>> {
    (0..outputs).map(Some).collect()
}

#[test]
fn the_barrier_waits_for_the_slowest_and_a_backup_is_as_long_as_its_wait_and_its_work() {
    let mut takes = vec![1; 9];
    takes.push(8);
    let (seconds, outcome, _) = stage(Tasks::of(&takes), RULES, vec![None; 10]);
    assert_eq!((seconds, outcome.attempts, outcome.backups), (8, 10, 0));
    assert_eq!(outcome.outputs, all(10));
    let speculative = Rules {
        speculative: Some(2.0),
        ..RULES
    };
    let (seconds, outcome, tasks) = stage(Tasks::of(&takes), speculative, vec![None; 10]);
    // Twice the median of one second, and one more.
    assert_eq!((seconds, outcome.attempts, outcome.backups), (3, 11, 1));
    assert_eq!(outcome.wasted, Duration::from_secs(3));
    assert_eq!(outcome.worked, Duration::from_secs(9 + 3 + 1));
    assert_eq!(tasks.done.borrow().len(), 10);
}

#[test]
fn there_is_no_backup_before_most_tasks_are_done_and_never_a_second_one() {
    let speculative = Rules {
        speculative: Some(2.0),
        quantile: 1.0,
        ..RULES
    };
    let (seconds, outcome, _) = stage(Tasks::of(&[1, 1, 8, 8]), speculative, vec![None; 4]);
    assert_eq!((seconds, outcome.backups), (8, 0));
    let patient = Rules {
        speculative: Some(1.0),
        quantile: 0.5,
        ..RULES
    };
    let (seconds, outcome, _) = stage(Tasks::of(&[1, 1, 8, 8]), patient, vec![None; 4]);
    assert_eq!((seconds, outcome.backups), (2, 2));
}

#[test]
fn a_task_whose_worker_died_is_done_again_and_tasks_that_are_done_are_not() {
    let tasks = Tasks {
        die: BTreeSet::from([2]),
        ..Tasks::of(&[1; 4])
    };
    let outputs = vec![Some(0), None, None, None];
    let (seconds, outcome, tasks) = stage(tasks, RULES, outputs);
    assert_eq!((seconds, outcome.attempts), (2, 4));
    assert_eq!(outcome.outputs, all(4));
    assert_eq!(outcome.wasted, Duration::from_secs(1));
    let tried = tasks.attempts.borrow();
    assert!(tried.iter().all(|(_, attempt)| attempt.task != 0));
}

#[test]
fn a_worker_that_died_is_asked_again_only_after_its_rest() {
    let tasks = Tasks {
        dead: BTreeSet::from([0]),
        ..Tasks::of(&[1; 8])
    };
    let two = Rules {
        workers: 2,
        ..RULES
    };
    let (seconds, outcome, tasks) = stage(tasks, two, vec![None; 8]);
    assert_eq!((seconds, outcome.outputs), (8, all(8)));
    let tried = tasks.attempts.borrow();
    let of_the_dead = tried.iter().filter(|(_, attempt)| attempt.worker == 0);
    assert_eq!(
        of_the_dead.map(|(at, _)| *at).collect::<Vec<_>>(),
        [0, 3, 6]
    );
}

#[test]
fn a_stage_whose_inputs_are_missing_ends_what_runs_and_says_what_it_misses() {
    let tasks = Tasks {
        miss: BTreeMap::from([(1, 17)]),
        ..Tasks::of(&[2; 4])
    };
    let two = Rules {
        workers: 2,
        ..RULES
    };
    let (seconds, outcome, _) = stage(tasks, two, vec![None; 4]);
    assert_eq!((seconds, outcome.missing), (2, vec![17]));
    assert_eq!(outcome.outputs, [Some(0), None, None, None]);
}

#[test]
fn more_tasks_than_workers_go_in_waves() {
    let three = Rules {
        workers: 3,
        ..RULES
    };
    let (seconds, ..) = stage(Tasks::of(&[1; 10]), three, vec![None; 10]);
    assert_eq!(seconds, 4);
}

fn night(luck: &mut impl crate::engine::Source, sales: u64) -> (Vec<Sale>, Vec<u64>) {
    let sale = |auction| Sale {
        auction,
        seller: luck.below(7),
        cents: luck.below(100_000),
    };
    let sales: Vec<Sale> = (1..=sales).map(sale).collect();
    let paid = sales.iter().map(|sale| sale.auction);
    let mut payments: Vec<u64> = paid.filter(|_| luck.chance(0.9)).collect();
    payments.extend([3, 10_000]);
    payments.sort_unstable();
    (sales, payments)
}

proptest! {
    #[test]
    fn the_joins_agree_and_every_cent_is_accounted_for(seed in any::<u64>(), count in 0_u64..60) {
        let mut luck = crate::engine::Stream::new(seed, "night");
        let (sales, payments) = night(&mut luck, count);
        let sorted = |mut joined: Vec<Joined>| { joined.sort_unstable(); joined };
        let merged = sorted(merge_join(&sales, &payments));
        prop_assert_eq!(&merged, &sorted(hash_join(&sales, &payments)));
        let everywhere: BTreeSet<u64> = payments.iter().copied().collect();
        let mut seen = BTreeSet::new();
        let halves = sales.split_at(sales.len() / 2);
        let mut broadcast = broadcast_join(halves.0, &everywhere, &mut seen);
        broadcast.extend(broadcast_join(halves.1, &everywhere, &mut seen));
        let matched = |rows: &[Joined]| {
            let rows = rows.iter().filter(|row| !matches!(row, Joined::Stray(_)));
            rows.copied().collect::<Vec<_>>()
        };
        prop_assert_eq!(matched(&sorted(broadcast)), matched(&merged));

        let owed: u64 = sales.iter().map(|sale| sale.cents).sum();
        let unpaid = merged.iter().map(|row| match row {
            Joined::Unpaid(sale) => sale.cents,
            Joined::Paid(_) | Joined::Stray(_) => 0,
        });
        // Added up on three reducers, with a salt, and merged.
        let mut sums = BTreeMap::new();
        for reducer in 0..3 {
            let mine: Vec<Joined> = merged.iter().copied().filter(|row| match row {
                Joined::Paid(sale) => reducer_of(sale.seller, sale.auction, Some(2), 3) == reducer,
                Joined::Unpaid(_) | Joined::Stray(_) => false,
            }).collect();
            merge(&mut sums, reduce(&mine));
        }
        let payout = |(seller, cents)| Payout { night: 1, seller, cents };
        let plan: Vec<Payout> = sums.into_iter().map(payout).collect();
        prop_assert_eq!(balances(owed, unpaid.sum(), &plan), Ok(()));
    }
}

#[test]
fn an_inner_join_does_not_balance() {
    let (sales, _) = night(&mut crate::engine::Stream::new(1, "night"), 20);
    let joined = merge_join(&sales, &[1, 2]);
    let payout = |(seller, cents)| Payout {
        night: 1,
        seller,
        cents,
    };
    let plan: Vec<Payout> = reduce(&joined).into_iter().map(payout).collect();
    let owed: u64 = sales.iter().map(|sale| sale.cents).sum();
    let short = balances(owed, 0, &plan);
    assert!(matches!(short, Err(Imbalance::Sum { .. })), "{short:?}");
    let twice = [plan[0], plan[0]];
    let seller = plan[0].seller;
    let cents = 2 * plan[0].cents;
    assert_eq!(balances(cents, 0, &twice), Err(Imbalance::Twice(seller)));
}

#[test]
fn a_salt_spreads_a_seller_over_as_many_reducers() {
    let reducers = |salted| {
        let rows = (0..1_000).map(|row| reducer_of(4, row, salted, 16));
        rows.collect::<BTreeSet<u64>>().len()
    };
    assert_eq!(reducers(None), 1);
    assert_eq!(reducers(Some(8)), 8);
}

/// A machine that dies before its step of this number.
struct Fuse(Cell<u64>);

impl Fuse {
    fn burn(&self) -> Result<(), Crashed> {
        let left = self.0.get();
        if left == 0 {
            return Err(Crashed);
        }
        self.0.set(left - 1);
        Ok(())
    }
}

/// Nothing here waits.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("it waits for nothing")
}

struct Files {
    fuse: Fuse,
    rows: RefCell<BTreeMap<String, Vec<u64>>>,
    pointer: RefCell<Vec<String>>,
}

impl Files {
    /// What readers see: the files of the pointer, or those of the final places.
    fn seen(&self, protocol: Protocol) -> Vec<u64> {
        let (files, pointer) = (self.rows.borrow(), self.pointer.borrow());
        let is_seen = |name: &String| match protocol {
            Protocol::Transaction => pointer.contains(name),
            Protocol::Direct | Protocol::Rename => name.starts_with("part/"),
        };
        let files = files.iter().filter(|(name, _)| is_seen(name));
        files.flat_map(|(_, rows)| rows.iter().copied()).collect()
    }
}

impl Store for Files {
    type Row = u64;

    async fn append(&self, file: &str, rows: &[u64]) -> Result<(), Crashed> {
        self.fuse.burn()?;
        let mut files = self.rows.borrow_mut();
        files.entry(file.to_owned()).or_default().extend(rows);
        Ok(())
    }

    async fn replace(&self, file: &str, rows: &[u64]) -> Result<(), Crashed> {
        self.fuse.burn()?;
        let mut files = self.rows.borrow_mut();
        files.insert(file.to_owned(), rows.to_vec());
        Ok(())
    }

    async fn rename(&self, from: &str, to: &str) -> Result<(), Crashed> {
        self.fuse.burn()?;
        let mut files = self.rows.borrow_mut();
        let rows = files.remove(from).expect("what is renamed is there");
        files.insert(to.to_owned(), rows);
        Ok(())
    }

    async fn point_to(&self, files: Vec<String>) -> Result<(), Crashed> {
        self.fuse.burn()?;
        *self.pointer.borrow_mut() = files;
        Ok(())
    }

    fn has(&self, file: &str) -> bool {
        self.rows.borrow().contains_key(file)
    }
}

/// What readers see when the machine has died before step `at`, and when another one has gone on.
fn crash(protocol: Protocol, at: u64) -> Option<(Vec<u64>, Vec<u64>)> {
    let outputs = [vec![1, 2], vec![3], vec![4, 5]];
    let store = Files {
        fuse: Fuse(Cell::new(at)),
        rows: RefCell::default(),
        pointer: RefCell::default(),
    };
    let died = at_once(commit(protocol, &outputs, &store)).is_err();
    let between = store.seen(protocol);
    store.fuse.0.set(u64::MAX);
    assert_eq!(at_once(commit(protocol, &outputs, &store)), Ok(()));
    died.then(|| (between, store.seen(protocol)))
}

/// All steps before which the machine may die.
fn crashes(protocol: Protocol) -> Vec<(Vec<u64>, Vec<u64>)> {
    (0..).map_while(|at| crash(protocol, at)).collect()
}

const WHOLE: [u64; 5] = [1, 2, 3, 4, 5];

#[test]
fn a_crash_at_each_step_of_direct_leaves_a_part_and_then_more_than_all() {
    let crashes = crashes(Protocol::Direct);
    let written = [0, 2, 3];
    assert_eq!(crashes.len(), written.len());
    for ((between, after), written) in crashes.iter().zip(written) {
        assert_eq!(between, &WHOLE[..written]);
        assert_eq!(after.len(), 5 + written, "these rows are there twice");
    }
}

#[test]
fn a_crash_at_each_step_of_rename_repeats_nothing_and_may_show_a_part() {
    let crashes = crashes(Protocol::Rename);
    assert_eq!(crashes.len(), 6);
    let parts = crashes
        .iter()
        .filter(|(between, _)| !between.is_empty() && between.len() < WHOLE.len());
    assert_eq!(parts.count(), 2);
    assert!(crashes.iter().all(|(_, after)| after == &WHOLE));
}

#[test]
fn a_crash_at_each_step_of_a_transaction_shows_nothing_or_all() {
    let crashes = crashes(Protocol::Transaction);
    assert_eq!(crashes.len(), 4);
    for (between, after) in crashes {
        assert!(between.is_empty());
        assert_eq!(after, WHOLE);
    }
}

/// A bank that recognises keys, and a ledger: both die by one fuse.
struct Money {
    fuse: Fuse,
    payments: RefCell<BTreeMap<u64, Vec<u64>>>,
    seen: RefCell<BTreeSet<String>>,
    noted: RefCell<BTreeSet<String>>,
}

impl Bank for Money {
    async fn pay(&self, payout: Payout, key: Option<&str>) -> Result<(), Crashed> {
        self.fuse.burn()?;
        if key.is_none_or(|key| self.seen.borrow_mut().insert(key.to_owned())) {
            let mut payments = self.payments.borrow_mut();
            payments
                .entry(payout.seller)
                .or_default()
                .push(payout.cents);
        }
        Ok(())
    }
}

impl Ledger for Money {
    fn knows(&self, key: &str) -> bool {
        self.noted.borrow().contains(key)
    }

    async fn note(&self, key: &str) -> Result<(), Crashed> {
        self.fuse.burn()?;
        self.noted.borrow_mut().insert(key.to_owned());
        Ok(())
    }
}

#[test]
fn a_payer_that_dies_at_any_step_pays_at_most_one_twice_and_with_a_key_nobody() {
    let payout = |seller| Payout {
        night: 7,
        seller,
        cents: 100 * seller,
    };
    let plan: Vec<Payout> = (1..=3).map(payout).collect();
    let paid_twice = |at: u64, with_key: bool| {
        let money = Money {
            fuse: Fuse(Cell::new(at)),
            payments: RefCell::default(),
            seen: RefCell::default(),
            noted: RefCell::default(),
        };
        assert_eq!(at_once(pay(&plan, &money, &money, with_key)), Err(Crashed));
        // Another machine goes on where the first one has died.
        money.fuse.0.set(u64::MAX);
        assert_eq!(at_once(pay(&plan, &money, &money, with_key)), Ok(()));
        let payments = money.payments.borrow();
        assert_eq!(payments.len(), 3, "each seller is paid");
        payments.values().filter(|paid| paid.len() > 1).count()
    };
    for at in 0..6 {
        assert_eq!(paid_twice(at, true), 0);
        // Between the payment and the note.
        assert_eq!(paid_twice(at, false), usize::from(at % 2 == 1));
    }
}
