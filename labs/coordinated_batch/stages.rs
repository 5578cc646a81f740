//! What the tasks of map, join, reduce and pay do: what they read, how long that takes, and what comes out.

use super::commit::Payout;
use super::join::{Joined, Sale, broadcast_join, hash_join, join_task_of, merge_join, reducer_of};
use super::night::Night;
use super::pattern::{Attempt, Ended, Stage};
use super::settings::{Checkpoint, Joining};
use super::store::{Kept, Matched, Progress, Sums};
use super::world::{Compute, Disburse, Step, Tamper, World};
use crate::engine::{self, Draw, Source as _};
use crate::workbench::frame::LaneKind;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

/// A row that travels, and that a sort handles again.
pub const ROW_MB: f64 = 1e-4;
/// Sorting both sides and merging them takes so many times longer than putting one of them into a table.
const SORT: f64 = 1.5;

/// Attempts of tonight at each task: how many there have been, and how many run.
#[derive(Default)]
pub struct Attempts(RefCell<BTreeMap<(Step, usize), (u64, u64)>>);

impl Attempts {
    fn begins<'a>(&'a self, world: &World, step: Step, task: usize) -> (u64, Counted<'a>) {
        let mut all = self.0.borrow_mut();
        let (count, running) = all.entry((step, task)).or_default();
        let is_backup = *running > 0;
        if is_backup {
            world.meters.backups_total.increment();
        } else if *count > 0 {
            world.meters.reexecuted_total.increment();
        }
        *count += 1;
        *running += 1;
        let key = (step, task);
        let counted = Counted {
            all: self,
            key,
            is_backup,
        };
        (*count, counted)
    }
}

/// One attempt that runs, until this is dropped.
struct Counted<'a> {
    all: &'a Attempts,
    key: (Step, usize),
    is_backup: bool,
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        if let Some((_, running)) = self.all.0.borrow_mut().get_mut(&self.key) {
            *running -= 1;
        }
    }
}

/// What all stages of one job have in common.
pub struct Job {
    pub world: Rc<World>,
    pub night: Rc<Night>,
    pub attempts: Rc<Attempts>,
}

impl Job {
    /// Has a worker do it, for as long as this says and what slows it down. Whether it did.
    async fn compute(
        &self,
        step: Step,
        attempt: Attempt,
        takes: impl FnOnce(&mut Draw) -> Duration,
    ) -> bool {
        let (world, task) = (&self.world, attempt.task);
        let (nth, counted) = self.attempts.begins(world, step, task);
        let worker = &world.workers[attempt.worker];
        let key = [self.night.number, step as u64, task as u64, nth];
        let mut luck = world.luck.tasks.draw(&key);
        let straggles = luck.chance(world.knobs.straggler_ratio.get());
        let dies = luck.chance(world.knobs.crash_ratio.get());
        let slower = if straggles {
            world.knobs.straggler_factor.get()
        } else {
            world.slower(worker)
        };
        let mut takes = takes(&mut luck).mul_f64(slower);
        if world.knobs.checkpoint.get() == Checkpoint::Task {
            takes += world.knobs.store_service.borrow().sample(&mut luck);
        }
        let began = world.now();
        let kind = match (counted.is_backup, slower > 1.0) {
            (true, _) => LaneKind::Backup,
            (_, true) => LaneKind::Straggles,
            (_, false) => LaneKind::Works,
        };
        let compute = Compute {
            step,
            task,
            takes,
            dies,
            kind,
        };
        let done = engine::net()
            .call::<Compute, ()>(worker.node, compute)
            .await;
        if done.is_ok() {
            world.meters.task_ms.record((world.now() - began).into());
        }
        done.is_ok()
    }

    /// Where the output of an attempt lies.
    fn keep<T>(&self, attempt: Attempt, rows: T) -> Kept<T> {
        let is_shared = self.world.knobs.checkpoint.get() == Checkpoint::Task;
        Kept {
            rows: Rc::new(rows),
            disk: (!is_shared).then(|| self.world.disk(attempt.worker)),
        }
    }

    fn rows_take(&self, rows: f64) -> Duration {
        self.world.knobs.row_service.get().mul_f64(rows)
    }

    fn is_done(&self, note: impl FnOnce(&mut Progress)) {
        self.world.task_is_done();
        if self.world.knobs.checkpoint.get() == Checkpoint::Task {
            note(&mut self.world.shelf.progress.borrow_mut());
        }
    }
}

/// Puts an output into its place, in a list that may be shorter still.
fn put<T>(list: &mut Vec<Option<T>>, task: usize, output: T) {
    if list.len() <= task {
        list.resize_with(task + 1, || None);
    }
    list[task] = Some(output);
}

/// The tasks whose outputs can't be read any more.
fn lost<T>(world: &World, inputs: &[Option<Kept<T>>]) -> Vec<usize> {
    let is_lost = |(_, input): &(usize, &Option<Kept<T>>)| {
        input.as_ref().is_none_or(|kept| !world.is_there(kept.disk))
    };
    let lost = inputs.iter().enumerate().filter(is_lost);
    lost.map(|(task, _)| task).collect()
}

/// Winner and price of each auction: a task reads its share of the day's bids.
pub struct Map<'a>(pub &'a Job);

impl Stage for Map<'_> {
    type Output = Kept<Vec<Vec<Sale>>>;

    async fn attempt(&self, attempt: Attempt) -> Ended<Self::Output> {
        let (job, knobs) = (self.0, &self.0.world.knobs);
        let service = knobs.task_service.borrow().clone();
        let takes = |luck: &mut Draw| service.sample(luck);
        if !job.compute(Step::Map, attempt, takes).await {
            return Ended::Died;
        }
        let (tasks, joins) = (knobs.map_tasks.get(), knobs.join_tasks());
        let mut parts = vec![Vec::new(); joins];
        let stays = knobs.join.get() == Joining::Broadcast;
        let sales = job.night.sales.iter();
        for sale in sales.skip(attempt.task).step_by(tasks) {
            let to = if stays {
                attempt.task
            } else {
                join_task_of(sale.auction, joins)
            };
            parts[to].push(*sale);
        }
        Ended::Done(job.keep(attempt, parts))
    }

    fn done(&self, task: usize, output: &Self::Output) {
        let output = output.clone();
        self.0
            .is_done(|progress| put(&mut progress.maps, task, output));
    }
}

/// Sales and payments of a part of the auctions.
pub struct Join<'a> {
    pub job: &'a Job,
    pub maps: &'a [Option<Kept<Vec<Vec<Sale>>>>],
    /// Workers that have all payments already.
    pub sent: RefCell<BTreeSet<usize>>,
}

impl Join<'_> {
    /// A row of the sales counts once for each pass over them, and a payment once; more for a sort.
    fn takes(&self, worker: usize, sales: usize, payments: usize) -> Duration {
        let knobs = &self.job.world.knobs;
        let passes = payments.div_ceil(knobs.join_memory.get()).max(1);
        let once = (sales * passes) as f64;
        let rows = match knobs.join.get() {
            Joining::Hash => once + payments as f64,
            Joining::SortMerge => SORT * (sales + payments) as f64,
            // A worker puts the payments into its table once.
            Joining::Broadcast if self.sent.borrow_mut().insert(worker) => once + payments as f64,
            Joining::Broadcast => once,
        };
        self.job.rows_take(rows)
    }

    fn join(&self, sales: &[Sale], payments: &[u64]) -> Vec<Joined> {
        match self.job.world.knobs.join.get() {
            Joining::Hash => hash_join(sales, payments),
            Joining::SortMerge => merge_join(sales, payments),
            Joining::Broadcast => broadcast_join(sales, &self.job.night.paid, &mut BTreeSet::new()),
        }
    }

    fn matched(&self, rows: &[Joined]) -> Matched {
        let (world, knobs) = (&self.job.world, &self.job.world.knobs);
        let reducers = knobs.reducers.get();
        let salted = knobs.salting.get().map(|salts| salts as u64);
        let mut matched = Matched {
            parts: vec![Vec::new(); reducers],
            ..Matched::default()
        };
        for row in rows {
            match row {
                Joined::Paid(sale) => {
                    let (seller, cents) = (sale.seller, sale.cents);
                    let to = reducer_of(seller, sale.auction, salted, reducers as u64);
                    matched.parts[to as usize].push((seller, cents));
                }
                Joined::Unpaid(sale) if world.tamper != Tamper::InnerJoin => {
                    matched.unmatched += 1;
                    matched.unmatched_cents += sale.cents;
                }
                Joined::Unpaid(_) | Joined::Stray(_) => {}
            }
        }
        if knobs.combiner.get() {
            for part in &mut matched.parts {
                *part = add_up(part).into_iter().collect();
            }
        }
        matched
    }
}

fn add_up(rows: &[(u64, u64)]) -> Sums {
    let mut sums = Sums::new();
    for (seller, cents) in rows {
        *sums.entry(*seller).or_insert(0) += cents;
    }
    sums
}

impl Stage for Join<'_> {
    type Output = Kept<Matched>;

    async fn attempt(&self, attempt: Attempt) -> Ended<Self::Output> {
        let (job, knobs) = (self.job, &self.job.world.knobs);
        let missing = lost(&job.world, self.maps);
        if !missing.is_empty() {
            return Ended::Missing(missing);
        }
        let maps = self.maps.iter().flatten();
        let mut sales: Vec<Sale> = maps
            .flat_map(|map| map.rows[attempt.task].iter().copied())
            .collect();
        sales.sort_unstable();
        let stays = knobs.join.get() == Joining::Broadcast;
        let tasks = knobs.join_tasks();
        let is_mine = |auction: &u64| stays || join_task_of(*auction, tasks) == attempt.task;
        let all = job.night.payments.iter().copied();
        let payments: Vec<u64> = all.filter(is_mine).collect();
        let takes = self.takes(attempt.worker, sales.len(), payments.len());
        if !job.compute(Step::Join, attempt, |_| takes).await {
            return Ended::Died;
        }
        let rows = self.join(&sales, &payments);
        Ended::Done(job.keep(attempt, self.matched(&rows)))
    }

    fn done(&self, task: usize, output: &Self::Output) {
        let output = output.clone();
        self.job
            .is_done(|progress| put(&mut progress.joins, task, output));
    }
}

/// The sum of each seller.
pub struct Reduce<'a> {
    pub job: &'a Job,
    pub joins: &'a [Option<Kept<Matched>>],
}

impl Stage for Reduce<'_> {
    type Output = Kept<Sums>;

    async fn attempt(&self, attempt: Attempt) -> Ended<Self::Output> {
        let job = self.job;
        let missing = lost(&job.world, self.joins);
        if !missing.is_empty() {
            return Ended::Missing(missing);
        }
        let joins = self.joins.iter().flatten();
        let parts = joins.map(|join| &join.rows.parts[attempt.task]);
        let rows: Vec<(u64, u64)> = parts.flatten().copied().collect();
        let takes = job.rows_take(rows.len() as f64);
        if !job.compute(Step::Reduce, attempt, |_| takes).await {
            return Ended::Died;
        }
        Ended::Done(job.keep(attempt, add_up(&rows)))
    }

    fn done(&self, task: usize, output: &Self::Output) {
        let output = output.clone();
        self.job
            .is_done(|progress| put(&mut progress.sums, task, output));
    }
}

/// The payouts of a part of the list, one call to the bank after the other.
pub struct Pay<'a> {
    pub job: &'a Job,
    pub tasks: Vec<Rc<[Payout]>>,
}

impl Stage for Pay<'_> {
    type Output = ();

    async fn attempt(&self, attempt: Attempt) -> Ended<()> {
        let (job, world) = (self.job, &self.job.world);
        let (_, _counted) = job.attempts.begins(world, Step::Pay, attempt.task);
        let disburse = Disburse {
            task: attempt.task,
            payouts: Rc::clone(&self.tasks[attempt.task]),
        };
        let node = world.workers[attempt.worker].node;
        match engine::net().call::<Disburse, bool>(node, disburse).await {
            Ok(true) => Ended::Done(()),
            Ok(false) | Err(_) => Ended::Died,
        }
    }

    fn done(&self, task: usize, (): &()) {
        self.job
            .is_done(|progress| put(&mut progress.paid, task, ()));
    }
}
