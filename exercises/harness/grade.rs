//! A grade from beginning to end: build, then every check in a context of its own. The first check
//! runs alone, because it finds out whether the program starts; the others run side by side.
//!
//! Nothing stops it half-way: a check that fails, panics or hangs costs only itself. The one
//! exception is a program that does not build or start; then the other checks are "not reached".
//! Dropping the future cancels the grade and ends every process of it.

use super::context::CheckContext;
use super::exercise::{Check, Exercise, HARNESS_DIAGNOSES};
use super::journal::Journal;
use super::observe::{Event, Observer};
use super::process::{CpuWait, Launch, Limits, Program};
use super::report::{CheckReport, Report};
use super::stall;
use super::verdict::{CheckOutcome, CheckResult, Diagnosis, Failure};
use futures::FutureExt;
use futures::future::join_all;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// A mistake found while this machine stalled is tried this often in all.
const TRIES_MAX: usize = 3;
/// Checks that run at the same time: they mostly wait for deadlines.
const SIDE_BY_SIDE: u32 = 4;

/// What to grade.
#[derive(Debug, Clone)]
pub struct GradeRequest {
    pub exercise: &'static Exercise,
    /// The learner's folder.
    pub dir: PathBuf,
    /// Shell command, may be empty.
    pub build: String,
    /// Shell command.
    pub run: String,
    /// Seconds that it may take to start, where those of the exercise are too few.
    pub start_s: Option<u64>,
    pub seed: u64,
    /// One check, by name; all of them without it. [`find_check`] knows the names.
    pub only: Option<&'static str>,
}

impl GradeRequest {
    /// Those of the exercise, with more time where the program takes longer to start.
    fn limits(&self) -> Limits {
        let limits = self.exercise.manifest().limits;
        let more = self.start_s.unwrap_or(0).saturating_sub(limits.start_s);
        Limits {
            start_s: limits.start_s + more,
            check_s: limits.check_s + more,
            // Each check starts the program anew.
            wall_s: limits.wall_s + more * self.exercise.checks().len() as u64,
            ..limits
        }
    }
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
pub fn find_check(exercise: &Exercise, name: &str) -> Result<&'static str, UnknownCheck> {
    let names = || exercise.checks().iter().map(|check| check.name);
    names()
        .find(|known| *known == name)
        .ok_or_else(|| UnknownCheck {
            exercise: exercise.slug().to_owned(),
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
pub async fn grade(request: &GradeRequest, observer: &Observer) -> Report {
    let begun = Instant::now();
    let checks: Vec<Check> = request
        .exercise
        .checks()
        .iter()
        .filter(|check| request.only.is_none_or(|only| only == check.name))
        .copied()
        .collect();
    observer.emit(Event::Planned {
        seed: request.seed,
        checks: checks.clone(),
    });
    let mut built = Some(build(request, observer).await);
    let wall_s = request.limits().wall_s;
    let grading = Grading {
        request,
        observer,
        until: Instant::now() + Duration::from_secs(wall_s),
        room: Semaphore::new(SIDE_BY_SIDE as usize),
        blocked: OnceLock::new(),
    };
    let (first, others) = checks.split_at(checks.len().min(1));
    let mut reports = Vec::with_capacity(checks.len());
    for check in first {
        reports.push(grading.report(*check, built.take()).await);
    }
    let others = others.iter().map(|check| grading.report(*check, None));
    reports.extend(join_all(others).await);
    let report = Report::new(request.exercise, request.seed, reports, begun.elapsed());
    observer.emit(Event::Finished(Box::new(report.clone())));
    report
}

/// What the checks of one grade share.
struct Grading<'a> {
    request: &'a GradeRequest,
    observer: &'a Observer,
    /// The end of the wall time of all checks together.
    until: Instant,
    /// One permit for each check that may run at the same time.
    room: Semaphore,
    /// Why no further check is reached.
    blocked: OnceLock<String>,
}

impl Grading<'_> {
    /// Runs the check once there is room for it. The first check is given how the build went, and
    /// fails for the build if that failed.
    async fn report(&self, check: Check, built: Option<CheckResult>) -> CheckReport {
        let permit = self.room.acquire().await;
        let begun = Instant::now();
        self.observer.emit(Event::CheckStarted { name: check.name });
        let outcome = match self.out_of_reach(built) {
            Some(outcome) => outcome,
            None => self.run_once(check).await,
        };
        drop(permit);
        let outcome = match outcome {
            Tried::Sure(outcome) => outcome,
            Tried::Stalled(worst) => self.run_alone(check, worst).await,
        };
        if let Some(failure) = outcome.failure()
            && failure.diagnosis.never_started()
        {
            let reason = format!("the program does not start ({})", failure.diagnosis);
            let _ = self.blocked.set(reason);
        }
        let took = begun.elapsed();
        let report = CheckReport::new(
            self.request.exercise,
            check,
            self.request.seed,
            outcome,
            took,
        );
        self.observer.emit(Event::CheckEnded(report.clone()));
        report
    }

    /// The outcome of a check that is not run, if it cannot be.
    fn out_of_reach(&self, built: Option<CheckResult>) -> Option<Tried> {
        let outcome = if let Some(Err(outcome)) = built {
            let _ = self.blocked.set("the program was not built".to_owned());
            outcome
        } else if let Some(reason) = self.blocked.get() {
            CheckOutcome::NotReached {
                reason: reason.clone(),
            }
        } else if Instant::now() >= self.until {
            let limit = self.request.limits().wall_s;
            CheckOutcome::NotReached {
                reason: format!("all checks together took over {limit} s"),
            }
        } else {
            return None;
        };
        Some(Tried::Sure(outcome))
    }

    async fn run_once(&self, check: Check) -> Tried {
        let cpu_wait = CpuWait::default();
        let run = run_check(self.request, check, &cpu_wait, self.observer);
        let (outcome, worst) = stall::watched(run).await;
        let cpu_wait = cpu_wait.get();
        let room = outcome.failure().map(Failure::room);
        if room.is_some_and(|room| stall::is_doubtful(worst, cpu_wait, room)) {
            Tried::Stalled(worst.max(cpu_wait))
        } else {
            Tried::Sure(outcome)
        }
    }

    /// Tries again, with no other check running, what was found while the machine stalled.
    async fn run_alone(&self, check: Check, first: Duration) -> CheckOutcome {
        let _all = self.room.acquire_many(SIDE_BY_SIDE).await;
        let mut stalls = vec![first];
        while stalls.len() < TRIES_MAX {
            match self.run_once(check).await {
                Tried::Sure(outcome) => return outcome,
                Tried::Stalled(worst) => stalls.push(worst),
            }
        }
        let stalls: Vec<String> = stalls
            .iter()
            .map(|stall| format!("{} ms", stall.as_millis()))
            .collect();
        CheckOutcome::Inconclusive {
            reason: format!(
                "a mistake was found, but this machine let the program or the grader wait for {} \
                 in {TRIES_MAX} tries; run it again when the machine is quieter",
                stalls.join(", "),
            ),
        }
    }
}

/// A check that ran once.
enum Tried {
    Sure(CheckOutcome),
    /// The program was convicted while the machine let it or the grader wait this long.
    Stalled(Duration),
}

async fn run_check(
    request: &GradeRequest,
    check: Check,
    cpu_wait: &CpuWait,
    observer: &Observer,
) -> CheckOutcome {
    let limits = request.limits();
    let program = Launch {
        command: request.run.clone(),
        dir: request.dir.clone(),
        env: Vec::new(),
        limits,
        cpu_wait: cpu_wait.clone(),
        journal: Journal::default(),
    };
    let context = match CheckContext::new(check.name, request.seed, program, observer.output()) {
        Ok(context) => context,
        Err(outcome) => return outcome,
    };
    let limit = Duration::from_secs(limits.check_s);
    // A panic in a check is a mistake of the grader. It must neither end the grade nor pass.
    let run = AssertUnwindSafe((check.run)(&context)).catch_unwind();
    let outcome = match tokio::time::timeout(limit, run).await {
        Err(_) => CheckOutcome::Inconclusive {
            reason: format!("the check did not end within {} s", limits.check_s),
        },
        Ok(Err(panic)) => CheckOutcome::GraderError {
            reason: format!("the check panicked: {}", panic_text(panic.as_ref())),
        },
        Ok(Ok(Err(outcome))) => outcome,
        Ok(Ok(Ok(()))) => match context.unheard().as_slice() {
            [] => CheckOutcome::Passed,
            unheard => CheckOutcome::Inconclusive {
                reason: format!("this never happened: {}", unheard.join("; ")),
            },
        },
    };
    name_the_reason(request.exercise, with_timeline(&context, outcome))
}

/// Gives a failure on time or order what happened until it was found.
fn with_timeline(context: &CheckContext, mut outcome: CheckOutcome) -> CheckOutcome {
    if let CheckOutcome::Failed(failure) = &mut outcome
        && (failure.by_clock.is_some() || failure.about.is_some())
    {
        let about = failure.about.as_deref().unwrap_or_default();
        failure.timeline = context.timeline(about);
    }
    outcome
}

/// Gives a failure its "why" from the manifest. A diagnosis that the manifest does not announce has
/// no meaning for the learner's record and no trust test, so it is the grader's mistake.
fn name_the_reason(exercise: &Exercise, outcome: CheckOutcome) -> CheckOutcome {
    let CheckOutcome::Failed(mut failure) = outcome else {
        return outcome;
    };
    match exercise.manifest().diagnoses.get(failure.diagnosis.0) {
        Some(why) if failure.why.is_empty() => failure.why.clone_from(why),
        Some(_) => {}
        None if HARNESS_DIAGNOSES.contains(&failure.diagnosis.0) => {}
        None => {
            let reason = format!("a check gave the unknown diagnosis {}", failure.diagnosis);
            return CheckOutcome::GraderError { reason };
        }
    }
    CheckOutcome::Failed(failure)
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    ddlab_text::clip(&text.unwrap_or_else(|| "without words".to_owned()), 200)
}

async fn build(request: &GradeRequest, observer: &Observer) -> CheckResult {
    observer.emit(Event::Building {
        command: ddlab_text::clean_line(&request.build).into_owned(),
    });
    let begun = Instant::now();
    let result = run_build(request, observer).await;
    observer.emit(Event::Built {
        took: begun.elapsed(),
    });
    result
}

async fn run_build(request: &GradeRequest, observer: &Observer) -> CheckResult {
    if request.build.trim().is_empty() {
        return Ok(());
    }
    let limit_s = request.exercise.manifest().limits.build_s;
    let launch = Launch {
        command: request.build.clone(),
        dir: request.dir.clone(),
        env: Vec::new(),
        limits: build_limits(limit_s),
        cpu_wait: CpuWait::default(),
        journal: Journal::default(),
    };
    let mut program = Program::start(&launch, &observer.output())
        .map_err(|e| CheckOutcome::grader_error("could not start a shell for the build", e))?;
    let got = match program.wait_ended(Duration::from_secs(limit_s)).await {
        Some(ended) if ended.0.success() => return Ok(()),
        Some(ended) => format!("it {}", ended.in_words()),
        None => format!("it still ran after {limit_s} s"),
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
