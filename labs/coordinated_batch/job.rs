//! The job of a night, as the coordinator runs it: map, join, reduce, commit, pay. It begins from what the checkpoint has
//! kept, and goes back a stage where outputs are lost.

use super::commit::{Payout, commit};
use super::join::merge;
use super::night::Night;
use super::nights::Nights;
use super::pattern::{Outcome, Rules, Stage, run};
use super::settings::{Checkpoint, Committing};
use super::stages::{Attempts, Job, Join, Map, Pay, ROW_MB, Reduce};
use super::store::{Files, Kept, Manifest, Progress, Sums};
use super::world::{Running, Step, World};
use crate::engine;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::mem::take;
use std::rc::Rc;
use std::time::Duration;

/// A worker that died is given nothing for so long: it may be back then.
const REST: Duration = Duration::from_secs(1);
/// Share of a stage that must be done before there are backups (Spark 3: `spark.speculation.quantile`).
const QUANTILE: f64 = 0.75;

/// Settles the night, from wherever it stands.
pub async fn settle(nights: Rc<Nights>, attempts: Rc<Attempts>) {
    let world = &nights.world;
    let job = Job {
        world: Rc::clone(world),
        night: world.night(),
        attempts,
    };
    let mut progress = world.shelf.progress.borrow().clone();
    let is_frozen = progress.committed || world.shelf.complete.get();
    if !is_frozen {
        let outputs = compute(&job, &nights, &mut progress).await;
        freeze(&job, &nights, &outputs).await;
        progress.committed = true;
        if world.knobs.checkpoint.get() != Checkpoint::None {
            *world.shelf.progress.borrow_mut() = progress.clone();
        }
    }
    let plan = world.shelf.seen();
    if nights.may_be_paid(&plan) {
        pay(&job, &nights, &plan, take(&mut progress.paid)).await;
    }
    world.runs(None);
    nights.is_settled();
}

/// Map, join and reduce. What each reducer has found, sellers that were spread over several merged.
async fn compute(job: &Job, nights: &Nights, progress: &mut Progress) -> Vec<Vec<Payout>> {
    let (world, knobs) = (&job.world, &job.world.knobs);
    loop {
        let kept = sized(take(&mut progress.maps), knobs.map_tasks.get());
        let maps = stage(job, nights, Step::Map, &Map(job), kept).await;
        progress.maps = maps.outputs;
        checkpoint(world, progress).await;

        let join = Join {
            job,
            maps: &progress.maps,
            sent: RefCell::new(BTreeSet::new()),
        };
        let kept = sized(take(&mut progress.joins), knobs.join_tasks());
        let joins = stage(job, nights, Step::Join, &join, kept).await;
        progress.joins = joins.outputs;
        if forget(&mut progress.maps, &joins.missing) {
            continue;
        }
        checkpoint(world, progress).await;

        measure_shuffle(job, progress);
        let reduce = Reduce {
            job,
            joins: &progress.joins,
        };
        let kept = sized(take(&mut progress.sums), knobs.reducers.get());
        let sums = stage(job, nights, Step::Reduce, &reduce, kept).await;
        progress.sums = sums.outputs;
        if forget(&mut progress.joins, &sums.missing) {
            continue;
        }
        checkpoint(world, progress).await;
        let joins = progress.joins.iter().flatten();
        world.shelf.manifest.set(Manifest {
            unmatched: joins.clone().map(|join| join.rows.unmatched).sum(),
            unmatched_cents: joins.map(|join| join.rows.unmatched_cents).sum(),
            ..Manifest::default()
        });
        return outputs(&job.night, knobs.salting.get().is_some(), &progress.sums);
    }
}

/// Runs a stage, and measures it.
async fn stage<S: Stage>(
    job: &Job,
    nights: &Nights,
    step: Step,
    tasks: &S,
    outputs: Vec<Option<S::Output>>,
) -> Outcome<S::Output> {
    let (world, meters) = (&job.world, &job.world.meters);
    let began = world.now();
    let is_open = |output: &&Option<S::Output>| output.is_none();
    if outputs.iter().filter(is_open).count() == 0 {
        let rules = rules(world, step);
        return run(tasks, rules, outputs).await;
    }
    world.runs(Some(Running {
        step,
        tasks: outputs.len(),
        done: outputs.iter().filter(|output| output.is_some()).count(),
    }));
    let outcome = run(tasks, rules(world, step), outputs).await;
    let span = world.now() - began;
    let of_stage = match step {
        Step::Map => &meters.map_ms,
        Step::Join => &meters.join_ms,
        Step::Reduce => &meters.reduce_ms,
        Step::Commit | Step::Pay => &meters.pay_ms,
    };
    of_stage.record(span.into());
    meters.stage_s.set(span.as_secs_f64(), world.now());
    let wasted = &meters.wasted_work_ratio;
    wasted.whole.add(outcome.worked.as_millis() as u64);
    wasted.part.add(outcome.wasted.as_millis() as u64);
    nights.stage_is_over(step, began);
    outcome
}

fn rules(world: &World, step: Step) -> Rules {
    let knobs = &world.knobs;
    let may_speculate = step != Step::Pay || knobs.speculative_payments.get();
    Rules {
        workers: world.workers.len(),
        rest: REST,
        speculative: knobs.speculative.get().filter(|_| may_speculate),
        quantile: QUANTILE,
    }
}

/// As many places as there are tasks.
fn sized<T: Clone>(mut kept: Vec<Option<T>>, tasks: usize) -> Vec<Option<T>> {
    kept.resize(tasks, None);
    kept
}

/// Whether there is anything to be done again.
fn forget<T>(outputs: &mut [Option<T>], missing: &[usize]) -> bool {
    for task in missing {
        outputs[*task] = None;
    }
    !missing.is_empty()
}

/// Keeps the stages that are over in the shared store, if that is wanted.
async fn checkpoint(world: &World, progress: &mut Progress) {
    if world.knobs.checkpoint.get() != Checkpoint::Stage {
        return;
    }
    share(world, &mut progress.maps);
    share(world, &mut progress.joins);
    share(world, &mut progress.sums);
    let step = world.now().0;
    engine::sleep(world.store_takes(step)).await;
    *world.shelf.progress.borrow_mut() = progress.clone();
}

/// Outputs that can be read are in the shared store from now on.
fn share<T>(world: &World, outputs: &mut [Option<Kept<T>>]) {
    for output in outputs.iter_mut().flatten() {
        if world.is_there(output.disk) {
            output.disk = None;
        }
    }
}

fn measure_shuffle(job: &Job, progress: &Progress) {
    let (world, knobs) = (&job.world, &job.world.knobs);
    let joins = || progress.joins.iter().flatten();
    let rows: Vec<usize> = (0..knobs.reducers.get())
        .map(|reducer| joins().map(|join| join.rows.parts[reducer].len()).sum())
        .collect();
    let all: usize = rows.iter().sum();
    let (sales, payments) = (job.night.sales.len(), job.night.payments.len());
    let to_join = knobs.rows_to_join(sales, payments);
    let now = world.now();
    let travels = (to_join + all) as f64 * ROW_MB;
    world.meters.shuffle_mb.set(travels, now);
    let busiest = rows.iter().copied().max().unwrap_or(0);
    let imbalance = (busiest * rows.len()) as f64 / all.max(1) as f64;
    world.meters.reducer_imbalance_ratio.set(imbalance, now);
}

fn outputs(night: &Night, salted: bool, sums: &[Option<Kept<Sums>>]) -> Vec<Vec<Payout>> {
    let mut parts: Vec<Sums> = sums
        .iter()
        .flatten()
        .map(|kept| (*kept.rows).clone())
        .collect();
    if salted {
        let mut all = Sums::new();
        for part in &mut parts {
            merge(&mut all, take(part));
        }
        let count = parts.len() as u64;
        for (seller, cents) in all {
            parts[(seller % count) as usize].insert(seller, cents);
        }
    }
    let payout = |(seller, cents)| Payout {
        night: night.number,
        seller,
        cents,
    };
    let part = |sums: Sums| sums.into_iter().map(payout).collect();
    parts.into_iter().map(part).collect()
}

/// Makes the list of payouts visible: from then on it does not change.
async fn freeze(job: &Job, nights: &Nights, outputs: &[Vec<Payout>]) {
    let world = &job.world;
    let began = world.now();
    world.runs(Some(Running {
        step: Step::Commit,
        tasks: outputs.len(),
        done: 0,
    }));
    world.shelf.manifest.set(Manifest {
        parts: outputs.len(),
        ..world.shelf.manifest.get()
    });
    let how = world.knobs.commit.get();
    // Who dies here is dropped; nothing is left to be said then.
    let _ = commit(how.protocol(), outputs, &Files(world)).await;
    if how != Committing::Direct {
        world.shelf.complete.set(true);
    }
    nights.stage_is_over(Step::Commit, began);
    nights.is_frozen();
}

/// Pays what the list says, in tasks.
async fn pay(job: &Job, nights: &Nights, plan: &[Payout], paid: Vec<Option<()>>) {
    let count = job.world.knobs.pay_tasks.get();
    let part = |task| plan.iter().skip(task).step_by(count).copied().collect();
    let tasks: Vec<Rc<[Payout]>> = (0..count).map(part).collect();
    let paid = sized(paid, count);
    stage(job, nights, Step::Pay, &Pay { job, tasks }, paid).await;
}
