//! `ddlab exercise verify`: the grader on programs whose verdict is known. Solutions must pass,
//! starters must fail, and each wrong program must fail for its own mistake.
//!
//! A run is a program and a seed. Runs are numbered, program by program, so that a shard is a stretch of them as in
//! a sweep of a lab. [`ledger`] keeps what each came to, and [`table`] adds it up.

mod ledger;
mod table;

use super::{complain, grader_runtime, unsaid};
use crate::cli::aside;
use crate::cli::lab::sweep::cluster::Split;
use crate::cli::lab::sweep::{part, slurm};
use crate::cli::signal::interrupted;
use clap::Args;
use ddlab_exercises::trust::{self, Subject, Trial};
use ddlab_text::clean;
use eyre::{Result, WrapErr, eyre};
use futures::StreamExt;
use ledger::{Came, Ledger, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;
use std::time::Instant;
use table::Table;

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// Exercises, as in the list [default: all of them]
    slugs: Vec<String>,
    /// Runs of each program, each with a seed of its own, from 1 on
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    runs: u64,
    /// Only the programs with this text in their name
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Grades at a time
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=64))]
    jobs: u64,
    /// Keep what each run came to in a file, a line each (JSON Lines). Runs that are in it already are not done again,
    /// and files of several shards are one when their lines are put together
    #[arg(long, value_name = "FILE", conflicts_with = "slurm")]
    out: Option<PathBuf>,
    /// Do this part of the runs only (`1/4`: the first of four)
    #[arg(long, value_name = "I/N", conflicts_with = "slurm")]
    shard: Option<String>,
    /// Print the script of a Slurm job array that does this on machines where `ddlab` and the languages of the
    /// programs are on the path; nothing is run here
    #[arg(long)]
    slurm: bool,
    /// Shards of the job array, a task each [default: 10]
    #[arg(long, value_name = "N", requires = "slurm")]
    completions: Option<u64>,
    /// Tasks at a time [default: all]
    #[arg(long, value_name = "N", requires = "slurm")]
    parallelism: Option<u64>,
}

/// The exit status of a grader that broke, as of a grade.
const BROKEN: u8 = 4;

/// Prints a line for each program. The exit status is 1 when the grader said of one what it must not say, 3 when this
/// machine was too busy for a verdict, and 128 and the signal when one ended it.
pub(super) fn run(args: &VerifyArgs) -> ExitCode {
    let asked = subjects(args).and_then(|subjects| {
        let all = subjects.len() as u64 * args.runs;
        if args.slurm {
            let mut out = io::stdout();
            out.write_all(script(args, all)?.as_bytes())?;
            return Ok(None);
        }
        let shard = part::chosen(args.shard.as_deref(), None, None)?;
        let runs = Runs {
            numbers: shard.of_runs(all)?,
            of_program: args.runs,
        };
        let ledger = args.out.as_deref().map(Ledger::open).transpose()?;
        Ok(Some((subjects, runs, ledger)))
    });
    let verified = match asked {
        Err(error) => return complain(&format!("{error:#}")),
        Ok(None) => return ExitCode::SUCCESS,
        Ok(Some((subjects, runs, ledger))) => verify(&subjects, &runs, ledger, args.jobs),
    };
    verified.unwrap_or_else(|error| match error.downcast_ref::<io::Error>() {
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => unsaid(error),
        _ => {
            aside(format!(
                "ddlab exercise verify: {}",
                clean(&format!("{error:#}"))
            ));
            ExitCode::from(BROKEN)
        }
    })
}

/// Does the runs that the ledger has not, until all are in or a signal comes.
fn verify(
    subjects: &[Subject],
    runs: &Runs,
    mut ledger: Option<Ledger>,
    jobs: u64,
) -> Result<ExitCode> {
    let mut table = Table::new(subjects, runs);
    let mut missing: BTreeSet<(usize, u64)> = runs.iter().collect();
    let known = ledger.iter_mut().flat_map(|ledger| ledger.rows.drain(..));
    // What was left open is tried again.
    for row in known.filter(|row| row.came != Came::Open) {
        if let Some(program) = table.find(&row.program)
            && missing.remove(&(program, row.seed))
        {
            table.add(program, row);
        }
    }
    let dir = tempfile::tempdir().wrap_err("could not make a temporary folder")?;
    let trials = lay_out(subjects, &missing, &mut table, dir.path())?;
    let signal = grader_runtime()?.block_on(async {
        let mut signal = pin!(interrupted());
        let work = missing.into_iter().filter_map(|(program, seed)| {
            let trial = trials.get(&program)?;
            Some(async move { (program, run_once(trial, seed).await) })
        });
        let mut rows = pin!(futures::stream::iter(work).buffer_unordered(jobs as usize));
        let mut out = io::stdout();
        loop {
            table.print_complete(&mut out)?;
            let next = tokio::select! {
                biased;
                // Leaving the block drops what is under way, and with it every process that it started.
                signal = &mut signal => return Ok(Some(signal)),
                next = rows.next() => next,
            };
            let Some((program, row)) = next else {
                return eyre::Ok(None);
            };
            if let Some(ledger) = &mut ledger {
                ledger.add(&row)?;
            }
            table.add(program, row);
        }
    })?;
    table.finish(&mut io::stdout())?;
    Ok(ExitCode::from(match signal {
        Some(signal) => 128 + signal,
        None => table.exit_code(),
    }))
}

fn subjects(args: &VerifyArgs) -> Result<Vec<Subject>> {
    let exercises = if args.slugs.is_empty() {
        ddlab_exercises::all().to_vec()
    } else {
        let found = args.slugs.iter().map(|slug| ddlab_exercises::find(slug));
        found.collect::<Result<_, _>>()?
    };
    let mut subjects = Vec::new();
    for exercise in exercises {
        let all = trust::subjects(exercise)?;
        let wanted = |subject: &Subject| subject.to_string().contains(&args.only);
        subjects.extend(all.into_iter().filter(wanted));
    }
    if subjects.is_empty() {
        let only = clean(&args.only);
        return Err(eyre!(
            "no program of these exercises has `{only}` in its name; `--only solution` takes their solutions"
        ));
    }
    Ok(subjects)
}

/// `retry-budget/solution-python`
fn name_of(subject: &Subject) -> String {
    format!("{}/{subject}", subject.exercise.slug())
}

/// The runs that are to be done, by number: program by program, seed by seed.
struct Runs {
    numbers: Range<u64>,
    of_program: u64,
}

impl Runs {
    /// The program's place in the list, and the seed.
    fn iter(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        let of_program = self.of_program;
        let numbers = self.numbers.clone();
        numbers.map(move |number| ((number / of_program) as usize, number % of_program + 1))
    }
}

/// Lays out the programs of these runs; those whose language is not installed are left out of the table.
fn lay_out(
    subjects: &[Subject],
    runs: &BTreeSet<(usize, u64)>,
    table: &mut Table,
    dir: &Path,
) -> Result<BTreeMap<usize, Trial>> {
    let programs: BTreeSet<usize> = runs.iter().map(|(program, _)| *program).collect();
    let can_run = |program: &usize| subjects[*program].can_run();
    let (here, not_here): (Vec<usize>, Vec<usize>) = programs.into_iter().partition(can_run);
    for program in not_here {
        let subject = &subjects[program];
        let (name, needs) = (name_of(subject), subject.language.needs);
        aside(format!("{name} is left out: {needs} is not installed"));
        table.leave_out(program);
    }
    let chosen = here.iter().map(|program| subjects[*program].clone());
    let laid_out = trust::lay_out(chosen.collect(), dir)?;
    Ok(here.into_iter().zip(laid_out).collect())
}

async fn run_once(trial: &Trial, seed: u64) -> Row {
    let begun = Instant::now();
    let verified = trial.verify(seed).await;
    let (came, complaint) = match verified {
        Ok(()) => (Came::AsExpected, String::new()),
        Err(complaint) if complaint.is_open => (Came::Open, complaint.to_string()),
        Err(complaint) => (Came::Wrong, complaint.to_string()),
    };
    Row::new(
        name_of(&trial.subject),
        seed,
        came,
        begun.elapsed(),
        complaint,
    )
}

/// The same as an array of Slurm.
fn script(args: &VerifyArgs, runs: u64) -> Result<String> {
    let jobs = args.jobs as usize;
    let most = (slurm::TASKS_MAX, "an array as Slurm comes");
    let split = Split::of(runs, args.completions, args.parallelism, most, jobs)?;
    let mut command = format!("ddlab exercise verify --runs {}", args.runs);
    if !args.only.is_empty() {
        let only = args.only.replace('\'', "'\\''");
        let _ = write!(command, " --only '{only}'");
    }
    for slug in &args.slugs {
        let _ = write!(command, " {slug}");
    }
    let merge = format!("cat shard-*.jsonl > verify.jsonl; {command} --out verify.jsonl");
    let work = slurm::Work {
        command: &command,
        name: "verify",
        file: "verify.sbatch",
        // The largest limit of an exercise, for each grade at a time, and what the grader takes.
        memory: &format!("{}M", 512 * (jobs + 1)),
        merge: &merge,
    };
    Ok(slurm::script(&work, split))
}
