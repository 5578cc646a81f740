//! `ddlab exercise`: list, start, grade, hint, solution, reset. Plain lines on standard output, so
//! that it works in a pipe; what is only for eyes (progress, colour) goes where a terminal is.

use super::{Global, USAGE};
use crate::clock;
use crate::progress;
use clap::{Args, Subcommand};
use ddlab_exercises::harness::grade::{self, Request};
use ddlab_exercises::harness::observe::{Event, Observer};
use ddlab_exercises::harness::plain;
use ddlab_exercises::harness::report::{CheckReport, Report};
use ddlab_exercises::harness::verdict::Outcome;
use ddlab_exercises::harness::watch::Watch;
use ddlab_exercises::harness::workspace::{Workspace, WorkspaceError};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::sync::mpsc::UnboundedReceiver;

#[derive(Debug, Args)]
pub struct ExerciseArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Name every exercise
    List,
    /// Make a folder with the statement and a starter that builds and fails
    Start {
        /// As in the list: scatter-gather-top10
        slug: String,
        /// Folder to make [default: the slug]
        dir: Option<PathBuf>,
        /// Language of the starter: rust or python; any other will do later
        #[arg(long, default_value = "rust")]
        lang: String,
    },
    /// Build your program and check it under faults
    ///
    /// Exit codes: 0 pass, 1 fail, 2 wrong usage, 3 inconclusive, 4 grader error.
    Grade(GradeArgs),
    /// Show one hint more
    Hint {
        /// Folder of the exercise, or one inside it
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Show the reference solution, after a pass
    Solution {
        #[arg(default_value = ".")]
        dir: PathBuf,
        /// Show it before a pass; that is remembered
        #[arg(long)]
        give_up: bool,
    },
    /// Put your files aside and lay the starter out again
    Reset {
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
}

#[derive(Debug, Args)]
struct GradeArgs {
    /// Folder of the exercise, or one inside it
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Grade again whenever a file changes, until ctrl-C
    #[arg(long, conflicts_with = "json")]
    watch: bool,
    /// One check only
    #[arg(long, value_name = "NAME")]
    check: Option<String>,
    /// The schedule of faults; the same seed gives the same schedule [default: a new one]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// The report as JSON
    #[arg(long)]
    json: bool,
}

/// Does what was asked. The exit status of a grade is its verdict's.
pub fn run(args: ExerciseArgs, global: &Global) -> ExitCode {
    let done = match args.command {
        Command::List => list(),
        Command::Start { slug, dir, lang } => start(&slug, dir, &lang),
        Command::Grade(args) => return grade_command(&args, global),
        Command::Hint { dir } => hint(&dir, global),
        Command::Solution { dir, give_up } => solution(&dir, give_up, global),
        Command::Reset { dir } => reset(&dir),
    };
    match done {
        Ok(lines) => say(&lines),
        Err(error) => complain(&error.to_string()),
    }
}

/// Into the learner's record. What is wrong with the record is said, and stops nothing.
fn remember(global: &Global, event: progress::Event) {
    let mut record = global.record();
    record.append(event, clock::now());
    for notice in record.take_notices() {
        eprintln!(
            "{} {}",
            plain::line(&notice.what),
            plain::line(&notice.next)
        );
    }
}

type Lines = Result<Vec<String>, WorkspaceError>;

fn say(lines: &[String]) -> ExitCode {
    let mut out = std::io::stdout().lock();
    for line in lines {
        // A reader that went away (`| head`) is no error of ours.
        if writeln!(out, "{line}").is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}

fn complain(what: &str) -> ExitCode {
    eprintln!("ddlab exercise: {}", plain::text(what));
    ExitCode::from(USAGE)
}

fn list() -> Lines {
    let mut lines = Vec::new();
    for exercise in ddlab_exercises::all() {
        let about = exercise.manifest();
        lines.push(format!(
            "{}  chapter {}, about {} min",
            about.slug, about.number, about.minutes
        ));
        lines.push(format!("    {}", about.summary));
        let languages: Vec<&str> = about.languages.iter().map(|l| l.id.as_str()).collect();
        lines.push(format!(
            "    starters: {}; or any other language",
            languages.join(", ")
        ));
    }
    Ok(lines)
}

fn start(slug: &str, dir: Option<PathBuf>, lang: &str) -> Lines {
    let exercise = ddlab_exercises::find(slug)?;
    let dir = dir.unwrap_or_else(|| PathBuf::from(slug));
    let workspace = Workspace::start(exercise, lang, &dir)?;
    let shown = plain::line(&dir.display().to_string());
    Ok(vec![
        format!("{} is in {shown}", exercise.manifest().title),
        String::new(),
        format!("  read      {shown}/statement.md"),
        format!("  change    your program; {shown}/ddlab.yaml says how it is built and run"),
        format!("  grade     ddlab exercise grade {shown}"),
        format!("  stuck?    ddlab exercise hint {shown}"),
        String::new(),
        format!("build: {}", workspace.config.build),
        format!("run:   {}", workspace.config.run),
    ])
}

fn hint(dir: &Path, global: &Global) -> Lines {
    let mut workspace = Workspace::open(dir)?;
    let Some(hint) = workspace.hint()? else {
        return Ok(vec!["This exercise has no hints.".to_owned()]);
    };
    if !hint.last {
        let (of, number) = (
            workspace.config.exercise,
            u16::try_from(hint.nr).unwrap_or(u16::MAX),
        );
        remember(global, progress::Event::HintShown { of, number });
    }
    let mut lines = vec![format!(
        "hint {} of {}: {}",
        hint.nr,
        hint.of,
        hint.text.trim()
    )];
    if hint.last {
        lines.push("There are no more hints.".to_owned());
    }
    Ok(lines)
}

fn solution(dir: &Path, give_up: bool, global: &Global) -> Lines {
    let mut workspace = Workspace::open(dir)?;
    let files = workspace.solution(give_up)?;
    let of = workspace.config.exercise;
    remember(global, progress::Event::SolutionShown { of });
    Ok(files
        .into_iter()
        .flat_map(|(path, text)| [format!("==> {} <==", path.display()), text])
        .collect())
}

fn reset(dir: &Path) -> Lines {
    let mut workspace = Workspace::open(dir)?;
    let kept = workspace.reset()?;
    Ok(vec![
        "The starter is laid out again.".to_owned(),
        format!(
            "Your files are in {}",
            plain::line(&kept.display().to_string())
        ),
    ])
}

fn grade_command(args: &GradeArgs, global: &Global) -> ExitCode {
    let workspace = match Workspace::open(&args.dir) {
        Ok(workspace) => workspace,
        Err(error) => return complain(&error.to_string()),
    };
    let only = match &args.check {
        None => None,
        Some(name) => match grade::find_check(workspace.exercise, name) {
            Ok(name) => Some(name),
            Err(error) => return complain(&error.to_string()),
        },
    };
    // Several threads: a learner's flood of output must not delay the servers around the program.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            return complain(&format!(
                "could not start the runtime of the grader: {error}"
            ));
        }
    };
    let session = Session {
        args,
        only,
        workspace,
    };
    runtime.block_on(async {
        let interrupted = interrupted();
        tokio::select! {
            code = session.run(global) => code,
            // Leaving the block drops the grade, and with it every process that it started.
            signal = interrupted => ExitCode::from(128 + signal),
        }
    })
}

/// Returns the number of the signal that asked us to end.
async fn interrupted() -> u8 {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind: SignalKind| async move {
        match signal(kind) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = listen(SignalKind::interrupt()) => 2,
        () = listen(SignalKind::terminate()) => 15,
        () = listen(SignalKind::hangup()) => 1,
    }
}

struct Session<'a> {
    args: &'a GradeArgs,
    only: Option<&'static str>,
    workspace: Workspace,
}

impl Session<'_> {
    async fn run(mut self, global: &Global) -> ExitCode {
        let mut watch = None;
        if self.args.watch {
            let (begun, notice) = Watch::begin(&self.workspace.dir);
            if let Some(notice) = notice {
                eprintln!("{notice}");
            }
            watch = Some(begun);
        }
        loop {
            let report = self.once(watch.as_mut()).await;
            remember(global, progress::Event::graded(&report));
            if let Err(error) = self.workspace.record(&report) {
                eprintln!("the pass could not be noted in the folder: {error}");
            }
            let Some(watch) = watch.as_mut() else {
                return ExitCode::from(report.verdict.exit_code());
            };
            println!("\nwatching for changes; ctrl-C ends it");
            watch.changed().await;
            println!();
            // build and run may be what was changed.
            match Workspace::open(&self.workspace.dir) {
                Ok(workspace) => self.workspace = workspace,
                Err(error) => {
                    complain(&error.to_string());
                    watch.changed().await;
                }
            }
        }
    }

    async fn once(&self, mut watch: Option<&mut Watch>) -> Report {
        let request = Request {
            exercise: self.workspace.exercise,
            dir: self.workspace.dir.clone(),
            build: self.workspace.config.build.clone(),
            run: self.workspace.config.run.clone(),
            seed: self.args.seed.unwrap_or_else(new_seed),
            only: self.only,
        };
        let (observer, events) = Observer::channel();
        let printer = Printer {
            quiet: self.args.json,
            colour: colour(),
            built: || {
                // What the build wrote is no news to the watch.
                if let Some(watch) = watch.as_deref_mut() {
                    watch.settle();
                }
            },
        };
        let (report, ()) = futures::join!(
            async move { grade::grade(&request, &observer).await },
            printer.print(events),
        );
        if self.args.json {
            match serde_json::to_string_pretty(&report) {
                Ok(text) => println!("{text}"),
                Err(error) => eprintln!("the report could not be written as JSON: {error}"),
            }
        }
        report
    }
}

/// Small, because people type it.
fn new_seed() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish() % 1_000_000
}

/// Colour is for terminals, and for those who do not refuse it (<https://no-color.org>).
fn colour() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Writes a grade down as it happens: one line a check, and at the end what is to be said of each.
struct Printer<F> {
    quiet: bool,
    colour: bool,
    built: F,
}

impl<F: FnMut()> Printer<F> {
    async fn print(mut self, mut events: UnboundedReceiver<Event>) {
        let mut planned = Vec::new();
        while let Some(event) = events.recv().await {
            if let Event::Built { .. } = event {
                (self.built)();
            }
            if self.quiet {
                continue;
            }
            // A reader that went away (`| head`) ends the printing, not the grade.
            let _ = match event {
                Event::Planned { checks, .. } => {
                    planned = checks;
                    Ok(())
                }
                Event::Building { command } if !command.is_empty() => {
                    writeln!(std::io::stdout(), "build: {command}")
                }
                Event::CheckEnded { name, outcome, .. } => {
                    let promise = planned.iter().find(|check| check.name == name);
                    self.tick(name, promise.map_or("", |check| check.promise), &outcome)
                }
                Event::Finished(report) => self.finish(&report),
                _ => Ok(()),
            };
        }
    }

    fn tick(&self, name: &str, promise: &str, outcome: &Outcome) -> std::io::Result<()> {
        let (mark, colour) = mark(outcome);
        let mut out = std::io::stdout().lock();
        writeln!(out, "{} {name:<18} {promise}", self.paint(mark, colour))?;
        out.flush()
    }

    fn finish(&self, report: &Report) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        for check in &report.checks {
            self.write_details(&mut out, check)?;
        }
        writeln!(out, "\n{}", report.summary())
    }

    fn write_details(&self, out: &mut impl Write, check: &CheckReport) -> std::io::Result<()> {
        let details = check.details();
        if details.is_empty() || matches!(check.outcome, Outcome::NotReached { .. }) {
            return Ok(());
        }
        writeln!(out, "\n{}", self.paint(&format!("── {}", check.name), "1"))?;
        for line in details {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    fn paint(&self, text: &str, code: &str) -> String {
        if self.colour {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// A word as well as a colour: neither a pipe nor every eye tells red from green.
fn mark(outcome: &Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Passed => ("holds ", "32"),
        Outcome::Failed(_) => ("FAILS ", "31"),
        Outcome::Inconclusive { .. } => ("unsure", "33"),
        Outcome::GraderError { .. } => ("broken", "35"),
        Outcome::NotReached { .. } => ("   -  ", "2"),
    }
}
