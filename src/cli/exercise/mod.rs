//! `ddlab exercise`: list, start, grade, hint, solution, diff, reset, verify. Plain lines on standard output, so
//! that it works in a pipe; colour only where a terminal is.
//!
//! Here are the commands on the learner's folder; [`grade`] runs the grader, [`printer`] writes down
//! what it says; [`verify`] tries the grader itself.

mod grade;
mod printer;
mod verify;

use super::keeper::Keeper;
use super::signal::interrupted;
use super::{Global, USAGE, aside};
use crate::progress::{self, Marks};
use crate::tui::exercise_worker::workspaces;
use clap::{Args, Subcommand};
use ddlab_exercises::harness::language::LANGUAGES;
use ddlab_exercises::workspace::{Workspace, WorkspaceError};
use ddlab_text::{clean, clean_line, wrap};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::runtime::Runtime;

#[derive(Debug, Args)]
pub struct ExerciseArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Name every exercise, by chapter, and say which are passed
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
    Grade(grade::GradeArgs),
    /// Show one hint more
    Hint(Folder),
    /// Show the reference solution, after a pass
    Solution(Reference),
    /// Show how your program differs from the reference solution, after a pass
    Diff(Reference),
    /// Put your files aside and lay the starter out again
    Reset(Folder),
    /// Try the grader on programs whose verdict is known
    ///
    /// For those who change an exercise: solutions must pass, starters must fail, and each wrong
    /// program must fail for its own mistake.
    ///
    /// Exit codes: 0 all as expected, 1 a wrong verdict, 2 wrong usage, 3 a verdict left open on a busy machine,
    /// 4 the programs could not be laid out or a result not be kept.
    Verify(verify::VerifyArgs),
}

#[derive(Debug, Args)]
struct Folder {
    /// Folder of the exercise or one inside it, or the name of an exercise that was started in ddlab
    #[arg(value_name = "FOLDER", default_value = ".")]
    dir: PathBuf,
}

#[derive(Debug, Args)]
struct Reference {
    #[command(flatten)]
    folder: Folder,
    /// Show it before a pass; that is remembered
    #[arg(long)]
    give_up: bool,
}

impl Folder {
    /// The folder as it is here; for a name that is none, where the program lays out the exercise.
    fn open(&self) -> Result<Workspace, WorkspaceError> {
        let laid_out = self.dir.to_str().filter(|_| !self.dir.exists());
        let slug = laid_out.and_then(|name| ddlab_exercises::find(name).ok());
        let laid_out = slug.map(|exercise| workspaces().join(exercise.slug()));
        let dir = laid_out.filter(|dir| dir.exists());
        Workspace::open(dir.as_deref().unwrap_or(&self.dir))
    }
}

/// Does what was asked. The exit status of a grade is its verdict's.
pub fn run(args: ExerciseArgs, global: &Global) -> ExitCode {
    let done = match args.command {
        Command::List => Ok(list(&Marks::of(global.record().events()))),
        Command::Start { slug, dir, lang } => start(&slug, dir, &lang),
        Command::Grade(args) => return grade::run(&args, global),
        Command::Hint(folder) => hint(&folder, global),
        Command::Solution(of) => solution(&of, global),
        Command::Diff(of) => diff(&of, global),
        Command::Reset(folder) => reset(&folder),
        Command::Verify(args) => return verify::run(&args),
    };
    match done {
        Ok(lines) => say(&lines),
        Err(error) => complain(&error.to_string()),
    }
}

/// Several threads: a learner's flood of output must not delay the servers around the program.
fn grader_runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
}

/// Runs a grade. A signal ends it, and every process that it started.
fn on_grader_runtime(work: impl Future<Output = ExitCode>) -> ExitCode {
    let runtime = match grader_runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            return complain(&format!(
                "could not start the runtime of the grader: {error}"
            ));
        }
    };
    runtime.block_on(async {
        let interrupted = interrupted();
        tokio::select! {
            code = work => code,
            // Leaving the block drops the work, and with it every process that it started.
            signal = interrupted => ExitCode::from(128 + signal),
        }
    })
}

/// Columns of running text.
const WIDTH: usize = 78;

type Lines = Result<Vec<String>, WorkspaceError>;

fn say(lines: &[String]) -> ExitCode {
    let mut out = std::io::stdout().lock();
    let mut said = lines.iter().try_for_each(|line| writeln!(out, "{line}"));
    said = said.and_then(|()| out.flush());
    said.map_or_else(|error| unsaid(&error), |()| ExitCode::SUCCESS)
}

/// The exit status when the output cannot be written. A reader that went away (`| head`) is no error of ours.
fn unsaid(error: &io::Error) -> ExitCode {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return ExitCode::SUCCESS;
    }
    complain(&format!("the output cannot be written: {error}"))
}

fn complain(what: &str) -> ExitCode {
    aside(format!("ddlab exercise: {}", clean(what)));
    ExitCode::from(USAGE)
}

fn list(marks: &Marks) -> Vec<String> {
    let mut lines = Vec::new();
    let mut exercises = ddlab_exercises::all().to_vec();
    exercises.sort_by_key(|exercise| exercise.manifest().number);
    for exercise in exercises {
        let about = exercise.manifest();
        let state = match (marks.has_passed(&about.slug), marks.has_tried(&about.slug)) {
            (true, _) => ", passed",
            (false, true) => ", tried",
            (false, false) => "",
        };
        lines.push(format!(
            "{}  chapter {}, about {} min{state}",
            about.slug, about.number, about.minutes
        ));
        lines.push(format!("    {}", about.summary));
        let languages = LANGUAGES.map(|language| language.id).join(", ");
        lines.push(format!("    starters: {languages}; or any other language"));
    }
    lines
}

fn start(slug: &str, dir: Option<PathBuf>, lang: &str) -> Lines {
    let exercise = ddlab_exercises::find(slug)?;
    let dir = dir.unwrap_or_else(|| PathBuf::from(slug));
    let workspace = Workspace::start(exercise, lang, &dir)?;
    let dir = dir.display().to_string();
    let shown = clean_line(&dir);
    Ok(vec![
        format!("{} is in {shown}", exercise.manifest().title),
        String::new(),
        format!("  read      {shown}/statement.md"),
        format!("  change    your program; {shown}/ddlab.yaml says how it is built and run"),
        format!("  grade     ddlab exercise grade {shown}"),
        format!("  stuck?    ddlab exercise hint {shown}"),
        String::new(),
        format!("build: {}", or_nothing(&workspace.config.build)),
        format!("run:   {}", or_nothing(&workspace.config.run)),
    ])
}

fn or_nothing(command: &str) -> &str {
    if command.is_empty() {
        "(nothing to do)"
    } else {
        command
    }
}

fn hint(folder: &Folder, global: &Global) -> Lines {
    let mut workspace = folder.open()?;
    let Some(hint) = workspace.hint()? else {
        return Ok(vec!["This exercise has no hints.".to_owned()]);
    };
    if !hint.last {
        let (of, number) = (
            workspace.config.exercise,
            u16::try_from(hint.nr).unwrap_or(u16::MAX),
        );
        Keeper::open(global).keep(progress::Event::HintShown { of, number });
    }
    let mut lines = vec![format!("hint {} of {}", hint.nr, hint.of)];
    lines.extend(wrap(&hint.text, WIDTH));
    if hint.last {
        lines.push("There are no more hints.".to_owned());
    }
    Ok(lines)
}

impl Reference {
    /// Lets the solution be seen, if it may be, and records that it was.
    fn show<T>(
        &self,
        global: &Global,
        look: impl FnOnce(&Workspace, bool) -> Result<T, WorkspaceError>,
    ) -> Result<T, WorkspaceError> {
        let workspace = self.folder.open()?;
        let of = workspace.config.exercise.clone();
        // The folder is within reach of the program that is graded: only the record knows of a pass.
        let has_passed = || Marks::of(global.record().events()).has_passed(&of);
        let seen = look(&workspace, self.give_up || has_passed())?;
        Keeper::open(global).keep(progress::Event::SolutionShown { of });
        Ok(seen)
    }
}

fn solution(of: &Reference, global: &Global) -> Lines {
    let files = of.show(global, Workspace::solution)?;
    Ok(files
        .into_iter()
        .flat_map(|(path, text)| [format!("==> {} <==", path.display()), text])
        .collect())
}

fn diff(of: &Reference, global: &Global) -> Lines {
    let diff = of.show(global, Workspace::diff)?;
    if diff.is_empty() {
        return Ok(vec![
            "Your program is the solution, line by line.".to_owned(),
        ]);
    }
    Ok(clean(&diff).lines().map(str::to_owned).collect())
}

fn reset(folder: &Folder) -> Lines {
    let mut workspace = folder.open()?;
    let kept = workspace.reset()?;
    Ok(vec![
        "The starter is laid out again.".to_owned(),
        format!(
            "Your files are in {}",
            clean_line(&kept.display().to_string())
        ),
    ])
}
