//! `ddlab lab sweep`: many seeds of a lab on all cores, added up.
//!
//! - [`recipe`]: what is swept, as text; [`part`]: which part of it is done here;
//! - [`pool`]: the threads that do it, and [`file`]: the rows that it comes to, kept as they come;
//! - [`table`] of [`column`]s on a [`grid`], and [`summary`]: what they add up to, for eyes and for programs;
//!   [`result`]: which of these are asked for;
//! - [`merge`]: files of rows become one, at a [`destination`] that is there whole or not at all;
//! - [`cluster`]: the same sweep on other machines, as a Job of Kubernetes ([`k8s`]) or an array of Slurm ([`slurm`]).
//!
//! Here it is run: rows are taken in as they come, and a signal ends it with what is in.

pub(in crate::cli) mod cluster;
mod column;
mod destination;
pub mod file;
mod grid;
mod k8s;
pub(super) mod merge;
pub(in crate::cli) mod part;
mod pool;
mod recipe;
mod result;
pub(in crate::cli) mod slurm;
pub mod summary;
mod table;

use super::harmless;
use super::progress::StatusLine;
use crate::cli::aside;
use crate::cli::signal::interrupted;
use clap::Args;
use ddlab_labs::workbench::sweep::Sweep;
use eyre::{Result, WrapErr};
use file::{Head, Kept};
use futures::StreamExt;
use pool::Done;
use recipe::Recipe;
use result::ResultArgs;
use std::io::Write;
use std::ops::Range;
use std::pin::pin;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The line of progress is drawn anew at least so often while anybody looks.
const TICK: Duration = Duration::from_secs(1);
/// A point whose first runs are all refused what was asked of them is asked for in vain.
const REFUSALS: u64 = 3;

#[derive(Debug, Args)]
pub(in crate::cli) struct SweepArgs {
    #[command(flatten)]
    recipe: Recipe,
    /// Threads, each with one run at a time [default: one a core]; they change no result
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Do this part only (`1/4`: the first of four)
    #[arg(long, value_name = "I/N")]
    shard: Option<String>,
    /// Of so many parts do the one that `JOB_COMPLETION_INDEX` (from 0) names; --shard goes before it
    #[arg(long, value_name = "N", env = "DDLAB_SHARDS")]
    shards: Option<u64>,
    #[command(flatten)]
    result: ResultArgs,
    #[command(flatten)]
    cluster: cluster::ClusterArgs,
}

impl SweepArgs {
    /// What is swept, as it was given.
    pub(in crate::cli) fn file(&self) -> &str {
        &self.recipe.lab
    }
}

/// Sweeps, and prints what it came to. The exit status is 1 when a run failed, and 128 and the signal
/// when one ended it.
///
/// # Errors
/// A sentence that says what is wrong with a name, a value or a file, and what would do.
pub(in crate::cli) fn run(out: &mut impl Write, args: &SweepArgs) -> Result<ExitCode> {
    let plan = args.recipe.plan()?;
    let jobs = args.jobs.map(usize::from);
    if let Some(text) = args.cluster.text(&plan, jobs.unwrap_or(1))? {
        out.write_all(text.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let columns = args.result.columns(&plan)?;
    let index = std::env::var(part::INDEX).ok();
    let shard = part::chosen(args.shard.as_deref(), args.shards, index.as_deref())?;
    let runs = shard.of_runs(plan.runs()).map_err(harmless)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = jobs.unwrap_or(cores).min((runs.end - runs.start) as usize);

    let mut sweep = Sweep::new(plan.clone());
    let kept = args.result.out();
    let kept = kept.map(|name| Kept::open(name, &Head::of(&plan, shard), &mut sweep));
    let mut kept = kept.transpose()?;
    let known = sweep.done();
    if known > 0 {
        aside(format!(
            "ddlab: {known} of {} runs are in the file already",
            runs.end - runs.start
        ));
    }
    let signal = sweep_on(&mut sweep, &mut kept, runs.start + known..runs.end, jobs)?;
    if let Some(signal) = signal {
        let (done, all) = (sweep.done(), runs.end - runs.start);
        aside(format!("ddlab: interrupted; {done} of {all} runs are in"));
        if done == 0 {
            return Ok(ExitCode::from(128 + signal));
        }
    }
    args.result.print(out, &sweep, shard, &columns)?;
    Ok(match (signal, sweep.failed()) {
        (Some(signal), _) => ExitCode::from(128 + signal),
        (None, 0) => ExitCode::SUCCESS,
        (None, _) => ExitCode::FAILURE,
    })
}

/// Does the runs, until all are in or a signal comes: then its number is returned.
fn sweep_on(
    sweep: &mut Sweep,
    kept: &mut Option<Kept>,
    runs: Range<u64>,
    jobs: usize,
) -> Result<Option<u8>> {
    let runtime = pool::threads(jobs).wrap_err("can't start the sweep")?;
    pool::hush_panics();
    let ended = runtime.block_on(async {
        let mut signal = pin!(interrupted());
        let mut status = Status::new(runs.end - runs.start, sweep.done());
        let mut rows = pin!(pool::rows(sweep.plan().clone(), runs, jobs));
        loop {
            tokio::select! {
                biased;
                signal = &mut signal => return Ok(Some(signal)),
                next = rows.next() => match next {
                    Some(done) => take(sweep, kept, done)?,
                    None => return Ok(None),
                },
                () = status.tick() => {}
            }
            status.show(sweep);
        }
    });
    // Runs that have begun end with the process.
    runtime.shutdown_background();
    ended
}

fn take(sweep: &mut Sweep, kept: &mut Option<Kept>, Done { row, refused }: Done) -> Result<()> {
    sweep.take(&row);
    if let Some(why) = row.failed.as_ref().filter(|_| refused) {
        let outcome = &sweep.outcomes()[row.point];
        let enough = REFUSALS.min(sweep.plan().seeds().end - sweep.plan().seeds().start);
        if outcome.finished() == 0 && outcome.runs() >= enough {
            let error = harmless(why);
            return Err(match sweep.plan().point_text(row.point) {
                text if text.is_empty() => error,
                text => error.wrap_err(format!("with {text}")),
            });
        }
    }
    match kept {
        Some(kept) => kept.add(&row),
        None => Ok(()),
    }
}

/// How far the sweep has come, for whoever looks.
struct Status {
    line: StatusLine,
    /// That are to be done now, beside those that are known.
    runs: u64,
    known: u64,
    began: Instant,
}

impl Status {
    fn new(runs: u64, known: u64) -> Self {
        Self {
            line: StatusLine::new(),
            runs,
            known,
            began: Instant::now(),
        }
    }

    async fn tick(&self) {
        if self.line.is_seen() {
            tokio::time::sleep(TICK).await;
        } else {
            std::future::pending::<()>().await;
        }
    }

    fn show(&mut self, sweep: &Sweep) {
        let (done, failed) = (sweep.done() - self.known, sweep.failed());
        let (runs, passed) = (self.runs, self.began.elapsed());
        self.line.show(|| progress(done, failed, runs, passed));
    }
}

/// `[####........] 412 of 1000 runs, 23 s left, 2 failed (ctrl-C ends it)`.
fn progress(done: u64, failed: u64, runs: u64, passed: Duration) -> String {
    // With a million runs, failed ones and an hour to go, the line still fits into 80 columns.
    const WIDTH: u64 = 12;
    let full = (u128::from(done) * u128::from(WIDTH) / u128::from(runs.max(1))) as usize;
    let bar = "#".repeat(full) + &".".repeat(WIDTH as usize - full);
    let left = if done == 0 {
        String::new()
    } else {
        let left = passed.as_secs_f64() * (runs - done) as f64 / done as f64;
        format!(", {} left", coarse(left))
    };
    let failed = match failed {
        0 => String::new(),
        count => format!(", {count} failed"),
    };
    format!("[{bar}] {done} of {runs} runs{left}{failed} (ctrl-C ends it)")
}

/// Steady to look at, and no more exact than it can be.
fn coarse(seconds: f64) -> String {
    match seconds {
        below if below < 100.0 => format!("{below:.0} s"),
        below if below < 6_000.0 => format!("{:.0} min", below / 60.0),
        hours => format!("{:.1} h", hours / 3_600.0),
    }
}

#[cfg(test)]
mod tests;
