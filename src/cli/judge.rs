//! `ddlab judge`: an optional second opinion on an answer, from a model of your own. Off until it is set; where it is,
//! a review and a mock interview offer it too.

use super::keeper::Keeper;
use super::{Global, refused};
use crate::judge::{self, Question};
use crate::progress::practice::JudgeSet;
use crate::progress::projection::standing;
use crate::progress::{Event, Stored};
use clap::{Args, Subcommand};
use ddlab_text::{clean, clean_line};
use eyre::Result;
use std::io::Write;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct JudgeArgs {
    #[command(subcommand)]
    command: JudgeCommand,
}

#[derive(Debug, Subcommand)]
enum JudgeCommand {
    /// Set the endpoint, such as a local Ollama or llama.cpp server
    Set {
        /// Its base, <http://127.0.0.1:11434/v1>
        #[arg(long)]
        url: String,
        /// The model by the name that the server knows
        #[arg(long)]
        model: String,
        /// Your answers may leave this machine
        #[arg(long)]
        allow_remote: bool,
        /// How long it may think about an answer, in seconds
        #[arg(long, value_name = "SECONDS", default_value_t = judge::TIMEOUT_S, value_parser = clap::value_parser!(u64).range(1..=3_600))]
        timeout: u64,
    },
    /// Forget it
    Off,
    /// Ask it once, to see whether it answers as it should
    Check,
    /// Have your last answer to an interview question judged, point by point
    Answer {
        /// The id of the question, ch07-q1
        question: String,
    },
}

/// # Errors
/// When the output cannot be written.
pub fn run(args: &JudgeArgs, global: &Global, out: &mut dyn Write) -> Result<ExitCode> {
    let mut keeper = Keeper::open(global);
    let done = match &args.command {
        JudgeCommand::Set {
            url,
            model,
            allow_remote,
            timeout,
        } => judge::allowed(url, *allow_remote).map(|()| {
            let set = JudgeSet {
                url: url.trim_end_matches('/').to_owned(),
                model: model.clone(),
                allow_remote: *allow_remote,
                timeout_s: *timeout,
            };
            keeper.keep(Event::JudgeSet(Some(set)));
            "the judge is set; `ddlab judge check` tries it".to_owned()
        }),
        JudgeCommand::Off => {
            keeper.keep(Event::JudgeSet(None));
            Ok("the judge is off".to_owned())
        }
        JudgeCommand::Check => set(keeper.log()).and_then(|set| {
            let verdicts = Question::trial(set).ask()?;
            Ok(judge::trial_in_words(&verdicts))
        }),
        JudgeCommand::Answer { question } => judged(keeper.log(), global, question),
    };
    match done {
        Ok(said) => {
            writeln!(out, "{}", clean(&said))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => Ok(refused(clean_line(&error))),
    }
}

fn set<'a>(log: impl IntoIterator<Item = &'a Stored>) -> Result<JudgeSet, String> {
    judge::set(log).ok_or_else(|| {
        "the judge is off; `ddlab judge set --url http://127.0.0.1:11434/v1 --model NAME` sets it".to_owned()
    })
}

/// The last answer to a question, judged.
fn judged<'a>(
    log: impl IntoIterator<Item = &'a Stored> + Clone,
    global: &Global,
    id: &str,
) -> Result<String, String> {
    let set = set(log.clone())?;
    let library = super::library_aloud(global);
    let (_, question) = library
        .interview_question(id)
        .map_err(|error| error.to_string())?;
    let answer = standing(log)
        .into_iter()
        .rev()
        .find_map(|stored| match &stored.event {
            Event::AnswerCommitted(committed) if committed.question == question.id => {
                Some(committed.answer.clone())
            }
            _ => None,
        });
    let answer = answer
        .ok_or_else(|| format!("you have not answered {id} yet; `ddlab ask {id}` asks it"))?;
    let asked = Question::of(set, question, &answer);
    let verdicts = asked.ask()?;
    let lines = asked.points.iter().map(|point| {
        let said = judge::in_words(&verdicts[&point.id]);
        format!("- {}: {said}", point.statement.trim())
    });
    let lines: Vec<String> = lines.collect();
    Ok(format!(
        "{}\n\nA second opinion by {}; your own ticks are what counts.",
        lines.join("\n"),
        asked.set.model
    ))
}
