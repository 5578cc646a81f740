//! The subcommands, one file each, and the plain form of every flow: each works in a pipe, without
//! colour and with scripted input.

mod aside;
mod ask;
mod cheat;
pub mod content;
mod design;
mod doctor;
mod drill;
mod exercise;
mod find;
mod gameday;
mod interview;
mod judge;
mod keeper;
mod lab;
mod lines;
mod log;
mod manual;
mod open;
mod paper;
mod picture;
mod progress;
mod prove;
mod read;
mod record;
mod review;
mod session;
mod signal;

use crate::clock;
use crate::content::Library;
use crate::progress::{Record, place};
pub use aside::aside;
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue};
use clap::{Args, Parser, Subcommand, ValueEnum};
use ddlab_text::counted;
use eyre::{Report, Result, eyre};
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

/// The exit status of a command that was asked for something that is not there.
pub const USAGE: u8 = 2;

/// Learn the patterns of distributed systems: read, predict, poke, build, defend.
///
/// Without a command it opens the program where you left it.
#[derive(Debug, Parser)]
#[command(name = "ddlab", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options that every command knows.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// A folder of chapters that overrides or adds to the book; may be given more than once
    #[arg(long, global = true, value_name = "DIR")]
    pub content: Vec<PathBuf>,
    /// Where your record is kept [default: the data folder of your system, or `$DDLAB_DATA`]
    // Read as text first: an empty variable is none, and no mistake.
    #[arg(long, global = true, value_name = "DIR", env = "DDLAB_DATA", value_parser = OsStringValueParser::new().map(PathBuf::from))]
    pub data: Option<PathBuf>,
    /// Dark or light colours, now and from now on; auto asks the terminal [default: as chosen last, else auto]
    #[arg(long, global = true, value_enum)]
    pub theme: Option<ThemeChoice>,
    /// Draw with ASCII signs only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Pretend that it is this time, to see what falls due: 2026-11-30T09:00, or a day
    #[arg(long, global = true, value_name = "TIME")]
    pub now: Option<String>,
    /// Little motion: a running lab is drawn once a second, and after a key
    #[arg(long, global = true)]
    pub still: bool,
    /// Leave the mouse to the terminal
    #[arg(long, global = true)]
    pub no_mouse: bool,
}

impl Global {
    /// The book: what is embedded, the learner's packs, and the folders of the command line, each over
    /// the one before.
    pub fn library(&self) -> Library {
        let packs = place::data_folder(self.data.as_deref())
            .map(|folder| place::packs_folder(&folder))
            .filter(|packs| packs.is_dir());
        let folders: Vec<PathBuf> = packs.into_iter().chain(self.content.clone()).collect();
        Library::load(&folders)
    }

    /// The learner's record; what is wrong with it is in its notices.
    pub fn record(&self) -> Record {
        let folder = place::data_folder(self.data.as_deref());
        Record::open_in(folder.as_deref(), clock::now().at)
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ThemeChoice {
    Dark,
    Light,
    Auto,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read a chapter; with --plain, or in a pipe, as plain text
    Read(read::ReadArgs),
    /// Find words anywhere in the book: titles, headings, terms, questions, text
    Find(find::FindArgs),
    /// Answer the questions of a chapter; with --plain, or in a pipe, line by line
    Ask(ask::AskArgs),
    /// Take the quiz of a chapter, with the score by section; with --plain, or in a pipe, line by line
    Quiz(ask::QuizArgs),
    /// Review what is due, over all chapters
    Review(review::ReviewArgs),
    /// Hold a mock interview against the clock, with a debrief
    Interview(interview::InterviewArgs),
    /// Settle an interview question in the lab: predict a figure, run the scenario, explain the gap
    Prove(prove::ProveArgs),
    /// Work numbers problems, as they come up when a design is sized
    Drill(drill::DrillArgs),
    /// See where you stand: what is due, what is weak, how well your confidence holds
    Progress(progress::ProgressArgs),
    /// Have a model of your own judge an answer; off until it is set
    Judge(judge::JudgeArgs),
    /// Print the cheat sheet of a pattern, or all of them, weak ones first
    Cheat(cheat::CheatArgs),
    /// Keep a copy of your record, join two machines, take your cards to Anki
    Record(record::RecordArgs),
    /// Check chapters and questions
    Content(content::ContentArgs),
    /// Run a lab without the screen
    Lab(lab::LabArgs),
    /// Put a system together from the patterns, in a text file, and see whether it stands
    Design(design::DesignArgs),
    /// Be on call for the auction of an evening: pages, dashboards, logs, and a post-mortem at the end
    Gameday(gameday::GamedayArgs),
    /// Build a pattern in any language and have it graded under real faults
    Exercise(exercise::ExerciseArgs),
    /// Print the completions of a shell
    Completions(manual::CompletionsArgs),
    /// Print the manual page, or write one for each subcommand
    Man(manual::ManArgs),
    /// Say what a report of a fault should tell: versions, terminal, files, limits; nothing personal
    Doctor,
    /// Draw a screen of the program as an SVG picture
    #[command(hide = true)]
    Picture(picture::PictureArgs),
}

/// The arguments of this process.
///
/// # Errors
/// What clap says of them, also of a call for help. What was given is repeated short.
pub fn parsed() -> Result<Cli, clap::Error> {
    Cli::try_parse().map_err(|mut error| {
        let repeated = [
            ContextKind::InvalidValue,
            ContextKind::InvalidArg,
            ContextKind::InvalidSubcommand,
        ];
        for kind in repeated {
            if let Some(ContextValue::String(text)) = error.get(kind)
                && ddlab_text::given(text) != *text
            {
                let short = ddlab_text::given(text);
                error.insert(kind, ContextValue::String(short));
                // The hint would repeat it at its length.
                error.insert(ContextKind::Suggested, ContextValue::None);
            }
        }
        error
    })
}

/// Prints the help that was asked for, or what is wrong with the arguments.
///
/// # Errors
/// When it cannot be printed.
pub fn explain(error: &clap::Error) -> Result<ExitCode> {
    error.print()?;
    Ok(ExitCode::from(
        u8::try_from(error.exit_code()).unwrap_or(USAGE),
    ))
}

/// Does what was asked.
///
/// # Errors
/// A sentence that says what was attempted, on what, and what to do next.
pub fn run(cli: Cli) -> Result<ExitCode> {
    if let Some(now) = &cli.global.now {
        clock::set(now).map_err(|error| eyre!("--now: {error}"))?;
    }
    match cli.command {
        None => open::run(&cli.global),
        Some(Command::Exercise(args)) => Ok(exercise::run(args, &cli.global)),
        Some(Command::Completions(args)) => manual::completions(&args, &mut io::stdout()),
        Some(Command::Man(args)) => manual::pages(&args, &mut io::stdout()),
        Some(Command::Doctor) => doctor::run(&cli.global, &mut io::stdout()),
        Some(Command::Read(args)) => read::run(&args, &cli.global, &mut io::stdout()),
        Some(Command::Find(args)) => find::run(&args, &cli.global, &mut io::stdout()),
        Some(Command::Ask(args)) => {
            // Not locked: the program itself may open from here, and its threads print too.
            let mut input = io::BufReader::new(io::stdin());
            ask::run(&args, &cli.global, &mut input, &mut io::stdout())
        }
        Some(Command::Quiz(args)) => {
            let mut input = io::BufReader::new(io::stdin());
            ask::run(&args.into(), &cli.global, &mut input, &mut io::stdout())
        }
        Some(Command::Review(args)) => {
            let mut input = io::BufReader::new(io::stdin());
            review::run(&args, &cli.global, &mut input, &mut io::stdout())
        }
        Some(Command::Interview(args)) => {
            let mut input = io::BufReader::new(io::stdin());
            interview::run(&args, &cli.global, &mut input, &mut io::stdout())
        }
        Some(Command::Drill(args)) => {
            let mut input = io::BufReader::new(io::stdin());
            drill::run(&args, &cli.global, &mut input, &mut io::stdout())
        }
        Some(Command::Prove(args)) => {
            let mut input = io::BufReader::new(io::stdin());
            prove::run(&args, &cli.global, &mut input, &mut io::stdout())
        }
        Some(Command::Progress(args)) => progress::run(&args, &cli.global, &mut io::stdout()),
        Some(Command::Cheat(args)) => cheat::run(&args, &cli.global, &mut io::stdout()),
        Some(Command::Judge(args)) => judge::run(&args, &cli.global, &mut io::stdout()),
        Some(Command::Record(args)) => record::run(&args, &cli.global, &mut io::stdout()),
        Some(Command::Content(args)) => content::run(&args, &cli.global, &mut io::stdout()),
        Some(Command::Lab(args)) => lab::run(args, &cli.global),
        Some(Command::Design(args)) => design::run(args, &cli.global),
        Some(Command::Gameday(args)) => {
            let mut input = io::BufReader::new(io::stdin());
            gameday::run(&args, &cli.global, &mut input, &mut io::stdout())
        }
        Some(Command::Picture(args)) => picture::run(&args, &cli.global),
    }
}

/// Says why what was asked for cannot be done.
fn refused(why: impl std::fmt::Display) -> ExitCode {
    aside(format!("ddlab: {why}"));
    ExitCode::from(USAGE)
}

/// Success, or the status of a command that did not come to the end that was asked for.
fn status(succeeded: bool) -> ExitCode {
    ExitCode::from(u8::from(!succeeded))
}

/// What to say when something in the content could not be loaded.
fn problems_in(library: &Library, global: &Global) -> Option<String> {
    let count = library.problems().len();
    if count == 0 {
        return None;
    }
    let them = if count == 1 { "it" } else { "them" };
    let same = if global.content.is_empty() {
        ""
    } else {
        " with the same --content"
    };
    Some(format!(
        "the content has {}; `ddlab content check`{same} lists {them}, the rest is loaded.",
        counted(count, "problem")
    ))
}

/// The book; what of it could not be loaded is said on standard error.
fn library_aloud(global: &Global) -> Library {
    let library = global.library();
    if let Some(problems) = problems_in(&library, global) {
        aside(format!("ddlab: {problems}"));
    }
    library
}

/// Whether the reader of our output went away.
pub fn is_broken_pipe(report: &Report) -> bool {
    report
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
