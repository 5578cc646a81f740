//! The coordinator of a batch stage: it gives tasks to workers, starts a backup for each that is slow, gives a task whose
//! worker died to another, and returns when every task has one output. That return is the barrier: the next stage starts
//! from all of it.
//!
//! Two attempts at a task may run at once, so an attempt must have no effect outside, or one that may be repeated.
//! [`commit`](super::commit) is for what must be seen.
//!
//! Sources: J. Dean, S. Ghemawat, `MapReduce`, OSDI 2004, sections 3.3 (dead workers) and 3.6 (backup tasks); Apache Spark
//! configuration, `spark.speculation.multiplier`, `spark.speculation.quantile` and `spark.excludeOnFailure`.

use crate::engine::env;
use futures::StreamExt as _;
use futures::future::{AbortHandle, abortable};
use futures::stream::FuturesUnordered;
use std::collections::VecDeque;
use std::time::Duration;

/// What the tasks of a stage do.
pub trait Stage {
    type Output;

    fn attempt(&self, attempt: Attempt) -> impl Future<Output = Ended<Self::Output>>;

    /// The task has its output. Whoever goes on after a crash of the coordinator need not do it again.
    fn done(&self, task: usize, output: &Self::Output);
}

/// One attempt at a task; both are numbers from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    pub task: usize,
    pub worker: usize,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended<T> {
    Done(T),
    /// The worker died, or cannot be reached.
    Died,
    /// The outputs of these tasks of the stage before are gone, with the disks that they were on.
    Missing(Vec<usize>),
}

/// How tasks are given out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// At least 1. Each does one task at a time.
    pub workers: usize,
    /// A worker that died is given nothing for so long.
    pub rest: Duration,
    /// A task that has run for so many times the median gets a backup.
    pub speculative: Option<f64>,
    /// Share of the tasks that must be done before there are backups, above 0.
    pub quantile: f64,
}

/// What a stage came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome<T> {
    /// One for each task in order; all are there unless inputs are missing.
    pub outputs: Vec<Option<T>>,
    /// Tasks of the stage before that must be done again, before this one can go on.
    pub missing: Vec<usize>,
    pub attempts: usize,
    /// Attempts that were started while another one at the same task ran.
    pub backups: usize,
    /// Time of all attempts, and of those that did not count.
    pub worked: Duration,
    pub wasted: Duration,
}

/// An attempt that runs.
struct Running {
    number: usize,
    attempt: Attempt,
    began: Duration,
    abort: AbortHandle,
}

/// The state of a stage that runs.
struct Coordinator<'a, S: Stage> {
    stage: &'a S,
    rules: Rules,
    waiting: VecDeque<usize>,
    /// Workers without a task, and from when each may be given one.
    free: VecDeque<(usize, Duration)>,
    running: Vec<Running>,
    /// How long the attempts took that counted.
    took: Vec<Duration>,
    outcome: Outcome<S::Output>,
}

// region: stage
/// Runs the tasks that have no output yet. Returns when all have one, or when inputs are found to be missing.
pub async fn run<S: Stage>(
    stage: &S,
    rules: Rules,
    outputs: Vec<Option<S::Output>>,
) -> Outcome<S::Output> {
    let mut coordinator = Coordinator::new(stage, rules, outputs);
    let mut attempts = FuturesUnordered::new();
    while !coordinator.is_over() {
        while let Some(attempt) = coordinator.next_attempt() {
            let (work, abort) = abortable(stage.attempt(attempt));
            let number = coordinator.starts(attempt, abort);
            attempts.push(async move { (number, work.await) });
        }
        let ended = match coordinator.until_next_attempt() {
            Some(span) if attempts.is_empty() => {
                env::sleep(span).await;
                None
            }
            Some(span) => env::timeout(span, attempts.next()).await.ok().flatten(),
            None => attempts.next().await,
        };
        // An attempt that was called off ends, too, and has nothing to say.
        if let Some((number, Ok(ended))) = ended {
            coordinator.ends(number, ended);
        }
    }
    coordinator.outcome
}

impl<'a, S: Stage> Coordinator<'a, S> {
    fn new(stage: &'a S, rules: Rules, outputs: Vec<Option<S::Output>>) -> Self {
        let is_open = |task: &usize| outputs[*task].is_none();
        Self {
            stage,
            rules,
            waiting: (0..outputs.len()).filter(is_open).collect(),
            free: (0..rules.workers)
                .map(|worker| (worker, env::now()))
                .collect(),
            running: Vec::new(),
            took: Vec::new(),
            outcome: Outcome {
                outputs,
                missing: Vec::new(),
                attempts: 0,
                backups: 0,
                worked: Duration::ZERO,
                wasted: Duration::ZERO,
            },
        }
    }

    /// All outputs are there; or inputs are missing, and what could be done without them is done.
    fn is_over(&self) -> bool {
        let is_stuck = !self.outcome.missing.is_empty();
        self.running.is_empty() && (self.waiting.is_empty() || is_stuck)
    }

    /// A task that nobody has begun, or one that is due for a backup, for a worker that is free.
    fn next_attempt(&mut self) -> Option<Attempt> {
        let now = env::now();
        let place = self.free.iter().position(|(_, from)| *from <= now)?;
        let task = self.next_task(now)?;
        let (worker, _) = self.free.remove(place)?;
        Some(Attempt { task, worker })
    }

    fn next_task(&mut self, now: Duration) -> Option<usize> {
        if !self.outcome.missing.is_empty() {
            return None;
        }
        self.waiting.pop_front().or_else(|| {
            let (task, due) = self.next_backup()?;
            (due <= now).then_some(task)
        })
    }

    /// How long until a worker that is free has something to do; none when that depends on an attempt that runs.
    fn until_next_attempt(&self) -> Option<Duration> {
        let (_, from) = *self.free.iter().min_by_key(|(_, from)| *from)?;
        if !self.outcome.missing.is_empty() {
            return None;
        }
        let due = if self.waiting.is_empty() {
            self.next_backup()?.1
        } else {
            Duration::ZERO
        };
        Some(due.max(from).saturating_sub(env::now()))
    }

    /// The task that has run longest of those with one attempt, and when it is due for a backup.
    fn next_backup(&self) -> Option<(usize, Duration)> {
        let factor = self.rules.speculative?;
        let outputs = &self.outcome.outputs;
        let enough = outputs.len() as f64 * self.rules.quantile;
        let done = outputs.iter().filter(|output| output.is_some()).count();
        if (done as f64) < enough {
            return None;
        }
        let slow = self.median()?.mul_f64(factor);
        let alone = self.running.iter().filter(|it| !self.has_other(it));
        let longest = alone.min_by_key(|running| running.began)?;
        Some((longest.attempt.task, longest.began + slow))
    }

    /// Another attempt at the same task runs.
    fn has_other(&self, it: &Running) -> bool {
        let same = |other: &&Running| other.attempt.task == it.attempt.task;
        self.running
            .iter()
            .filter(same)
            .any(|other| other.number != it.number)
    }

    fn median(&self) -> Option<Duration> {
        let mut took = self.took.clone();
        let middle = took.len() / 2;
        (middle < took.len()).then(|| *took.select_nth_unstable(middle).1)
    }

    fn starts(&mut self, attempt: Attempt, abort: AbortHandle) -> usize {
        let is_backup = self
            .running
            .iter()
            .any(|it| it.attempt.task == attempt.task);
        self.outcome.backups += usize::from(is_backup);
        self.outcome.attempts += 1;
        let number = self.outcome.attempts;
        let began = env::now();
        self.running.push(Running {
            number,
            attempt,
            began,
            abort,
        });
        number
    }

    /// The first attempt that is done counts, and the other one is called off.
    fn ends(&mut self, number: usize, ended: Ended<S::Output>) {
        let Some(place) = self.running.iter().position(|it| it.number == number) else {
            return;
        };
        let it = self.running.swap_remove(place);
        let task = it.attempt.task;
        match ended {
            Ended::Done(output) => {
                let took = self.frees(&it, true, Duration::ZERO);
                self.took.push(took);
                self.stage.done(task, &output);
                self.outcome.outputs[task] = Some(output);
                while let Some(other) = self.running.iter().position(|it| it.attempt.task == task) {
                    let other = self.running.swap_remove(other);
                    other.abort.abort();
                    self.frees(&other, false, Duration::ZERO);
                }
            }
            Ended::Died => {
                self.frees(&it, false, self.rules.rest);
                self.again(&it);
            }
            Ended::Missing(tasks) => {
                self.frees(&it, false, Duration::ZERO);
                self.outcome.missing.extend(tasks);
                self.again(&it);
            }
        }
    }

    fn again(&mut self, it: &Running) {
        if !self.has_other(it) {
            self.waiting.push_back(it.attempt.task);
        }
    }

    /// The worker of an attempt may have another task after so long. Returns how long the attempt took.
    fn frees(&mut self, it: &Running, counts: bool, rest: Duration) -> Duration {
        let now = env::now();
        let took = now.saturating_sub(it.began);
        self.outcome.worked += took;
        if !counts {
            self.outcome.wasted += took;
        }
        self.free.push_back((it.attempt.worker, now + rest));
        took
    }
}
// endregion: stage
