//! `ddlab exercise verify`: the grader on programs whose verdict is known. Solutions must pass,
//! starters must fail, and each wrong program must fail for its own mistake.

use super::{complain, on_grader_runtime, unsaid};
use crate::cli::aside;
use clap::Args;
use ddlab_exercises::trust::{self, Complaint, Subject, Trial};
use ddlab_text::clean;
use futures::StreamExt;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

/// Complaints of one program that are shown in full.
const SHOWN_MAX: usize = 3;

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// Exercises, as in the list [default: all of them]
    slugs: Vec<String>,
    /// Runs of each program, each with a seed of its own
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,
    /// Only the programs with this text in their name
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Grades at a time
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=64))]
    jobs: u64,
}

/// Prints a line for each program; exits with 1 when the grader said of one what it must not say.
pub(super) fn run(args: &VerifyArgs) -> ExitCode {
    match subjects(args) {
        Ok(subjects) => on_grader_runtime(verify(subjects, args)),
        Err(error) => complain(&error),
    }
}

fn subjects(args: &VerifyArgs) -> Result<Vec<Subject>, String> {
    let exercises = if args.slugs.is_empty() {
        ddlab_exercises::all().to_vec()
    } else {
        let found = args.slugs.iter().map(|slug| ddlab_exercises::find(slug));
        found
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())?
    };
    let mut subjects = Vec::new();
    for exercise in exercises {
        let all = trust::subjects(exercise).map_err(|error| error.to_string())?;
        let wanted = |subject: &Subject| subject.to_string().contains(&args.only);
        subjects.extend(all.into_iter().filter(wanted));
    }
    Ok(subjects)
}

async fn verify(subjects: Vec<Subject>, args: &VerifyArgs) -> ExitCode {
    let (here, not_here): (Vec<_>, Vec<_>) = subjects.into_iter().partition(Subject::can_run);
    for subject in &not_here {
        let needs = subject.language.needs;
        aside(format!("{subject:<36} left out: {needs} is not installed"));
    }
    let laid_out = tempfile::tempdir()
        .map_err(|error| format!("could not make a temporary folder: {error}"))
        .and_then(|dir| {
            let trials = trust::lay_out(here, dir.path()).map_err(|error| error.to_string())?;
            Ok((dir, trials))
        });
    let (_dir, trials) = match laid_out {
        Ok(laid_out) => laid_out,
        Err(error) => {
            aside(format!("ddlab exercise verify: {}", clean(&error)));
            return ExitCode::FAILURE;
        }
    };
    let mut wrong_verdicts = 0;
    for trial in &trials {
        match verify_one(trial, args).await {
            Ok(wrong) => wrong_verdicts += wrong,
            Err(error) => return unsaid(&error),
        }
    }
    let of = trials.len();
    match writeln!(
        io::stdout(),
        "{of} programs, {wrong_verdicts} wrong verdicts"
    ) {
        Ok(()) => ExitCode::from(u8::from(wrong_verdicts > 0)),
        Err(error) => unsaid(&error),
    }
}

/// How many of the runs ended in a verdict that they must not end in.
async fn verify_one(trial: &Trial, args: &VerifyArgs) -> io::Result<usize> {
    let begun = Instant::now();
    let complaints: Vec<Complaint> = futures::stream::iter(1..=args.runs)
        .map(|seed| trial.verify(seed))
        .buffer_unordered(args.jobs as usize)
        .filter_map(|verified| async { verified.err() })
        .collect()
        .await;
    let mut out = io::stdout();
    writeln!(
        out,
        "{:<36} {} of {} as expected, {:.1} s",
        trial.subject.to_string(),
        args.runs as usize - complaints.len(),
        args.runs,
        begun.elapsed().as_secs_f64(),
    )?;
    for complaint in complaints.iter().take(SHOWN_MAX) {
        writeln!(out, "{complaint}\n")?;
    }
    Ok(complaints.len())
}
