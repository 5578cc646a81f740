//! The full trust run: every solution, starter and wrong program of every exercise, on many seeds.
//!
//! ```text
//! cargo run -p ddlab-exercises --example trust -- --seeds 50 [--exercise SLUG] [--only NAME] [--jobs N]
//! ```
//!
//! Exits with 1 when the grader said of any program what it should not have said.

use ddlab_exercises::harness::trust::{self, Subject};
use futures::{FutureExt, StreamExt};
use std::process::ExitCode;

struct Options {
    seeds: u64,
    jobs: usize,
    exercise: Option<String>,
    /// Part of a subject's name.
    only: String,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        seeds: 2,
        jobs: 2,
        exercise: None,
        only: String::new(),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments
            .next()
            .ok_or_else(|| format!("{name} needs a value"))?;
        let number = || {
            value
                .parse::<u64>()
                .map_err(|_| format!("{name} needs a number, not {value:?}"))
        };
        match name.as_str() {
            "--seeds" => options.seeds = number()?,
            "--jobs" => options.jobs = usize::try_from(number()?).unwrap_or(1).max(1),
            "--exercise" => options.exercise = Some(value),
            "--only" => options.only = value,
            other => {
                return Err(format!(
                    "{other} is unknown; there are --seeds, --jobs, --exercise, --only"
                ));
            }
        }
    }
    Ok(options)
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(complaint) => {
            eprintln!("{complaint}");
            return ExitCode::from(2);
        }
    };
    let mut untrustworthy = 0;
    for exercise in ddlab_exercises::all() {
        let slug = &exercise.manifest().slug;
        if options
            .exercise
            .as_ref()
            .is_some_and(|wanted| wanted != slug)
        {
            continue;
        }
        println!("{slug}: {} seeds", options.seeds);
        for subject in trust::subjects(*exercise) {
            if subject.name.contains(&options.only) {
                untrustworthy += try_out(subject, &options).await;
            }
        }
    }
    println!("{untrustworthy} wrong verdicts");
    ExitCode::from(u8::from(untrustworthy > 0))
}

/// How many of the seeds ended in a verdict that they should not have ended in.
async fn try_out(subject: Subject, options: &Options) -> usize {
    let name = subject.name.clone();
    if !subject.can_run() {
        println!(
            "  {name:<36} left out: {} is not installed",
            subject.language.needs
        );
        return 0;
    }
    let trial = match subject.prepare() {
        Ok(trial) => trial,
        Err(error) => {
            println!("  {name:<36} could not be laid out: {error}");
            return 1;
        }
    };
    let trial = &trial;
    let begun = tokio::time::Instant::now();
    // The first seed alone, so that the others find it built.
    let first = trial.judge(&trial.grade(1).await);
    let rest = futures::stream::iter(2..=options.seeds)
        .map(|seed| async move { trial.judge(&trial.grade(seed).await) }.boxed_local())
        .buffer_unordered(options.jobs)
        .collect::<Vec<_>>()
        .await;
    let complaints: Vec<String> = std::iter::once(first)
        .chain(rest)
        .filter_map(Result::err)
        .collect();
    println!(
        "  {name:<36} {} of {} as it should be, {:.1} s",
        options.seeds as usize - complaints.len(),
        options.seeds,
        begun.elapsed().as_secs_f64(),
    );
    for complaint in complaints.iter().take(3) {
        println!("{complaint}\n");
    }
    complaints.len()
}
