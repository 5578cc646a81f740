//! A grade from beginning to end: build, then every check on a stage of its own.
//!
//! Nothing stops it half-way: a check that fails, panics or hangs costs only itself. The one
//! exception is a program that does not build or start; then the other checks are "not reached".
//! Dropping the future cancels the grade and ends every process of it.

use super::exercise::{Check, Exercise, HARNESS_DIAGNOSES, Limits};
use super::observe::{Event, Observer, PlannedCheck};
use super::process::{Launch, Program};
use super::report::Report;
use super::stage::Stage;
use super::stall::{self, Watchman};
use super::verdict::{Diagnosis, Failure, Outcome, Stop};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;

/// A mistake found by the clock while this machine stalled is tried again this often.
const TRIES_MAX: u32 = 3;

/// What to grade.
#[derive(Debug, Clone)]
pub struct Request {
    pub exercise: &'static dyn Exercise,
    /// The learner's folder.
    pub dir: PathBuf,
    /// Shell command, may be empty.
    pub build: String,
    /// Shell command.
    pub run: String,
    pub seed: u64,
    /// One check, by name; all of them without it. [`find_check`] knows the names.
    pub only: Option<&'static str>,
}

/// The exercise has no check of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{exercise} has no check `{name}`{}; its checks are: {known}",
    ddlab_text::hint(.nearest.as_deref())
)]
pub struct UnknownCheck {
    pub exercise: String,
    pub name: String,
    pub nearest: Option<String>,
    pub known: String,
}

/// The check of this name.
pub fn find_check(exercise: &dyn Exercise, name: &str) -> Result<&'static str, UnknownCheck> {
    let names = || exercise.checks().iter().map(|check| check.name);
    names()
        .find(|known| *known == name)
        .ok_or_else(|| UnknownCheck {
            exercise: exercise.manifest().slug.clone(),
            name: ddlab_text::clean_line(name).into_owned(),
            nearest: ddlab_text::nearest(name, names()).map(str::to_owned),
            known: names().collect::<Vec<_>>().join(", "),
        })
}

/// A schedule of faults that nobody has seen yet. Small, because people type it to see it again.
pub fn new_seed() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish() % 1_000_000
}

/// Builds and grades. Needs a tokio runtime with time and I/O; one with several threads, if others
/// keep the runtime busy meanwhile.
pub async fn grade(request: &Request, observer: &Observer) -> Report {
    let begun = Instant::now();
    let manifest = request.exercise.manifest();
    let checks: Vec<Check> = request
        .exercise
        .checks()
        .iter()
        .filter(|check| request.only.is_none_or(|only| only == check.name))
        .copied()
        .collect();
    observer.tell(Event::Planned {
        seed: request.seed,
        checks: checks
            .iter()
            .map(|check| PlannedCheck {
                name: check.name,
                promise: manifest.check(check.name).map_or("", |note| &note.promise),
            })
            .collect(),
    });
    let mut outcomes = Vec::with_capacity(checks.len());
    // What the first check will be given instead of running, and why no later one runs.
    let mut built = build(request, observer).await;
    let mut blocked: Option<String> = None;
    let until = Instant::now() + Duration::from_secs(manifest.limits.wall_s);
    for check in checks {
        let check_begun = Instant::now();
        observer.tell(Event::CheckStarted { name: check.name });
        let outcome = if let Some(reason) = &blocked {
            Outcome::NotReached {
                reason: reason.clone(),
            }
        } else if let Err(stop) = std::mem::replace(&mut built, Ok(())) {
            blocked = Some("the program was not built".to_owned());
            outcome_of(stop)
        } else if Instant::now() >= until {
            let limit = manifest.limits.wall_s;
            Outcome::NotReached {
                reason: format!("all checks together took over {limit} s"),
            }
        } else {
            try_check(request, check, observer).await
        };
        if let Some(failure) = outcome.failure()
            && blocked.is_none()
            && failure.diagnosis.never_started()
        {
            blocked = Some(format!(
                "the program does not start ({})",
                failure.diagnosis
            ));
        }
        let took = check_begun.elapsed();
        observer.tell(Event::CheckEnded {
            name: check.name,
            outcome: outcome.clone(),
            took,
        });
        outcomes.push((check.name, outcome, took));
    }
    let report = Report::new(manifest, request.seed, outcomes, begun.elapsed());
    observer.tell(Event::Finished(Box::new(report.clone())));
    report
}

/// Runs the check; again, if the clock convicted the program while the machine itself stalled.
async fn try_check(request: &Request, check: Check, observer: &Observer) -> Outcome {
    let mut stalls = Vec::new();
    for _ in 0..TRIES_MAX {
        let watchman = Watchman::begin();
        let outcome = run_check(request, check, observer).await;
        let worst = watchman.worst();
        let room = outcome.failure().and_then(|failure| failure.by_clock);
        let doubtful = room.is_some_and(|room| stall::is_doubtful(worst, room));
        if !doubtful {
            return outcome;
        }
        stalls.push(format!("{} ms", worst.as_millis()));
    }
    Outcome::Inconclusive {
        reason: format!(
            "the program was late, but this machine itself stood still for {} in {TRIES_MAX} tries; \
             run it again when the machine is quieter",
            stalls.join(", "),
        ),
    }
}

async fn run_check(request: &Request, check: Check, observer: &Observer) -> Outcome {
    let manifest = request.exercise.manifest();
    let limits = manifest.limits;
    let stage = match Stage::set(
        check.name,
        request.seed,
        &request.dir,
        &request.run,
        limits,
        observer,
    ) {
        Ok(stage) => stage,
        Err(stop) => return outcome_of(stop),
    };
    let limit = Duration::from_secs(limits.check_s);
    // A panic in a check is a mistake of the grader. It must neither end the grade nor pass.
    let run = AssertUnwindSafe((check.run)(&stage)).catch_unwind();
    let outcome = match tokio::time::timeout(limit, run).await {
        Err(_) => Outcome::Inconclusive {
            reason: format!("the check did not end within {} s", limits.check_s),
        },
        Ok(Err(panic)) => Outcome::GraderError {
            reason: format!("the check panicked: {}", panic_text(panic.as_ref())),
        },
        Ok(Ok(Err(stop))) => outcome_of(stop),
        Ok(Ok(Ok(()))) => match stage.unheard().as_slice() {
            [] => Outcome::Passed,
            unheard => Outcome::Inconclusive {
                reason: format!("this never happened: {}", unheard.join("; ")),
            },
        },
    };
    name_the_reason(request.exercise, outcome)
}

/// Gives a failure its "why" from the manifest. A diagnosis that the manifest does not announce has
/// no meaning for the learner's record and no trust test, so it is the grader's mistake.
fn name_the_reason(exercise: &dyn Exercise, outcome: Outcome) -> Outcome {
    let Outcome::Failed(mut failure) = outcome else {
        return outcome;
    };
    match exercise.manifest().diagnoses.get(failure.diagnosis.0) {
        Some(why) if failure.why.is_empty() => failure.why.clone_from(why),
        Some(_) => {}
        None if HARNESS_DIAGNOSES.contains(&failure.diagnosis.0) => {}
        None => {
            let reason = format!("a check gave the unknown diagnosis {}", failure.diagnosis);
            return Outcome::GraderError { reason };
        }
    }
    Outcome::Failed(failure)
}

fn outcome_of(stop: Stop) -> Outcome {
    match stop {
        Stop::Failed(failure) => Outcome::Failed(failure),
        Stop::Inconclusive(reason) => Outcome::Inconclusive { reason },
        Stop::Grader(reason) => Outcome::GraderError { reason },
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    ddlab_text::clip(&text.unwrap_or_else(|| "without words".to_owned()), 200)
}

async fn build(request: &Request, observer: &Observer) -> Result<(), Stop> {
    observer.tell(Event::Building {
        command: ddlab_text::clean_line(&request.build).into_owned(),
    });
    let begun = Instant::now();
    let result = run_build(request, observer).await;
    observer.tell(Event::Built {
        took: begun.elapsed(),
    });
    result
}

async fn run_build(request: &Request, observer: &Observer) -> Result<(), Stop> {
    if request.build.trim().is_empty() {
        return Ok(());
    }
    let limit_s = request.exercise.manifest().limits.build_s;
    let launch = Launch {
        command: request.build.clone(),
        dir: request.dir.clone(),
        env: Vec::new(),
        limits: build_limits(limit_s),
    };
    let mut program = Program::start(&launch, observer)
        .map_err(|e| Stop::grader("could not start a shell for the build", e))?;
    let got = match program.wait_ended(Duration::from_secs(limit_s)).await {
        Some(ended) if ended.0.success() => return Ok(()),
        Some(ended) => format!("it {}", ended.in_words()),
        None => format!("it was still running after {limit_s} s"),
    };
    program.kill().await;
    let mut failure = Failure::new(Diagnosis("build-failed"), "The program does not build.")
        .sent(format!("build: {}", request.build))
        .got(got)
        .expected("the build command of ddlab.yaml ends with status 0");
    failure.program = program.transcript().await.excerpt(8, 6);
    Err(failure.into())
}

/// A compiler is a heavier guest than what it makes; these are against the runaway build only.
fn build_limits(build_s: u64) -> Limits {
    Limits {
        cpu_s: u32::try_from(build_s.saturating_mul(8)).unwrap_or(u32::MAX),
        memory_mb: 6 * 1024,
        processes: 512,
        file_mb: 4 * 1024,
        build_s,
        start_s: build_s,
        check_s: build_s,
        wall_s: build_s,
    }
}
