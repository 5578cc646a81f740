//! `ddlab lab sweep`: many seeds of a lab on all cores, added up.
//!
//! - [`recipe`]: what is swept, as text; [`part`]: which part of it is done here;
//! - [`pool`]: the threads that do it;
//! - [`table`] of [`column`]s on a [`grid`], and [`file`]: what it came to, for eyes and for programs;
//!   [`destination`]: the file that is there whole or not at all; [`result`]: which of these are asked for;
//! - [`merge`]: shards become one;
//! - [`k8s`]: the same sweep as a Job of a cluster.
//!
//! Here it is run: results are taken in as they come, and a signal ends it with what is in.

mod column;
mod destination;
mod file;
mod grid;
mod k8s;
pub(super) mod merge;
mod part;
mod pool;
mod recipe;
mod result;
mod table;

use super::harmless;
use super::progress::StatusLine;
use crate::cli::signal::interrupted;
use clap::Args;
use color_eyre::eyre::{Result, WrapErr, bail};
use ddlab_labs::workbench::headless::RunError;
use ddlab_labs::workbench::sweep::Sweep;
use pool::{Done, Failure};
use recipe::Recipe;
use result::ResultArgs;
use std::io::Write;
use std::ops::Range;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Receiver;

/// The line of progress is drawn anew at least so often while anybody looks.
const TICK: Duration = Duration::from_secs(1);
/// A point whose first runs are all refused what was asked of them is asked for in vain.
const REFUSALS: u64 = 3;

#[derive(Debug, Args)]
pub(super) struct SweepArgs {
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
    job: k8s::JobArgs,
}

/// Sweeps, and prints what it came to. The exit status is 1 when a run failed, and 128 and the signal
/// when one ended it.
///
/// # Errors
/// A sentence that says what is wrong with a name, a value or a file, and what would do.
pub(super) fn run(out: &mut impl Write, args: &SweepArgs) -> Result<ExitCode> {
    let plan = args.recipe.plan()?;
    let jobs = args.jobs.map(usize::from);
    if let Some(image) = &args.job.k8s {
        let manifest = k8s::manifest(&plan, image, &args.job, jobs.unwrap_or(1))?;
        out.write_all(manifest.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let columns = args.result.columns(&plan)?;
    let index = std::env::var(part::INDEX).ok();
    let shard = part::chosen(args.shard.as_deref(), args.shards, index.as_deref())?;
    let runs = shard.of_runs(plan.runs()).map_err(harmless)?;
    let destination = args.result.destination()?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = jobs.unwrap_or(cores).min((runs.end - runs.start) as usize);

    let mut sweep = Sweep::new(plan);
    let signal = sweep_on(&mut sweep, &runs, jobs)?;
    if let Some(signal) = signal {
        let (done, all) = (sweep.done(), runs.end - runs.start);
        eprintln!("ddlab: interrupted; {done} of {all} runs are in");
        if done == 0 {
            return Ok(ExitCode::from(128 + signal));
        }
    }
    args.result
        .tell(out, &sweep, shard, &columns, destination)?;
    Ok(match (signal, sweep.failed()) {
        (Some(signal), _) => ExitCode::from(128 + signal),
        (None, 0) => ExitCode::SUCCESS,
        (None, _) => ExitCode::FAILURE,
    })
}

/// Does the runs, until all are in or a signal comes: then its number is returned.
fn sweep_on(sweep: &mut Sweep, runs: &Range<u64>, jobs: usize) -> Result<Option<u8>> {
    // This thread only takes in; the runtime is there to wait for a result, a signal or a tick at once.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .wrap_err("can't start the sweep")?;
    pool::hush_panics();
    runtime.block_on(async {
        let mut signal = std::pin::pin!(interrupted());
        let mut done = pool::start(sweep.plan().clone(), runs.clone(), jobs)?;
        let mut status = Status::new(runs.end - runs.start);
        loop {
            tokio::select! {
                biased;
                signal = &mut signal => {
                    drop(status);
                    take_waiting(sweep, &mut done)?;
                    return Ok(Some(signal));
                }
                next = done.recv() => match next {
                    Some(next) => take(sweep, next)?,
                    None => break,
                },
                () = status.tick() => {}
            }
            status.show(sweep);
        }
        let (got, wanted) = (sweep.done(), runs.end - runs.start);
        if got < wanted {
            bail!("a thread of the sweep is gone: {got} of {wanted} runs are in; please report it");
        }
        Ok(None)
    })
}

/// What was done when the signal came is done.
fn take_waiting(sweep: &mut Sweep, done: &mut Receiver<Done>) -> Result<()> {
    while let Ok(next) = done.try_recv() {
        take(sweep, next)?;
    }
    Ok(())
}

fn take(sweep: &mut Sweep, Done { run, came_to }: Done) -> Result<()> {
    let why = came_to.as_ref().map_err(Failure::text);
    if sweep.take(run, why).is_err() {
        bail!("run {run} was done twice; please report it");
    }
    if let Err(Failure::Run(error @ RunError::Refused { .. })) = &came_to {
        let (point, _) = sweep.plan().run(run);
        let outcome = &sweep.outcomes()[point];
        let enough = REFUSALS.min(sweep.plan().seeds().end - sweep.plan().seeds().start);
        if outcome.finished() == 0 && outcome.seeds.len() >= enough {
            let error = harmless(error);
            return Err(match sweep.point_text(point) {
                text if text.is_empty() => error,
                text => error.wrap_err(format!("with {text}")),
            });
        }
    }
    Ok(())
}

/// How far the sweep has come, for whoever looks.
struct Status {
    line: StatusLine,
    runs: u64,
    began: Instant,
}

impl Status {
    fn new(runs: u64) -> Self {
        Self {
            line: StatusLine::new(),
            runs,
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
        let (done, failed) = (sweep.done(), sweep.failed());
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
