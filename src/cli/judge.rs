//! `ddlab judge`: an optional second opinion on an answer, from a model of your own. Off until it is set; no
//! other command of the program speaks to it.

use super::keeper::Keeper;
use super::{Global, refused};
use crate::content::model::InterviewQuestion;
use crate::progress::practice::JudgeSet;
use crate::progress::projection::standing;
use crate::progress::{Event, Stored};
use clap::{Args, Subcommand};
use color_eyre::eyre::{Report, Result, eyre};
use ddlab_practice::judge::{self, Point, RESPONSE_BYTES_MAX, Verdict};
use ddlab_text::{clean, clean_line};
use std::collections::BTreeMap;
use std::io::Write;
use std::net::IpAddr;
use std::process::ExitCode;
use std::time::Duration;

/// An answer by which `check` tries the judge.
const TRIAL: &str =
    "The root waits for its slowest leaf, so I set a deadline and say that the answer is partial.";

/// The point that it makes.
const TRIAL_POINT: &str = "time-limit";

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
        #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3_600))]
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
        } => allowed(url, *allow_remote).map(|()| {
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
            let points = [Point {
                id: TRIAL_POINT.to_owned(),
                statement: "Sets a deadline at the root.".to_owned(),
            }];
            let verdicts = ask(&set, "How does search stay fast?", &points, TRIAL)?;
            Ok(match &verdicts[TRIAL_POINT] {
                Verdict::Met(quote) => format!("it works: it found the point, in “{quote}”"),
                _ => "it answers, but it did not find a point that is plainly there; another model may do better".to_owned(),
            })
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

/// The judge that is set.
fn set<'a>(log: impl IntoIterator<Item = &'a Stored>) -> Result<JudgeSet, String> {
    let last = standing(log)
        .into_iter()
        .rev()
        .find_map(|stored| match &stored.event {
            Event::JudgeSet(set) => Some(set.clone()),
            _ => None,
        });
    last.flatten().ok_or_else(|| {
        "the judge is off; `ddlab judge set --url http://127.0.0.1:11434/v1 --model NAME` sets it".to_owned()
    })
}

/// Only the loopback, unless the learner allows more.
fn allowed(url: &str, allow_remote: bool) -> Result<(), String> {
    let parsed = reqwest::Url::parse(url).map_err(|error| {
        format!("`{url}` is not a URL: {error}; write http://127.0.0.1:11434/v1")
    })?;
    if parsed.scheme() != "http" {
        return Err(format!(
            "`{url}` is not http; for a server elsewhere run a local proxy, and give its address"
        ));
    }
    let host = parsed.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    if allow_remote || host == "localhost" || address.is_ok_and(|address| address.is_loopback()) {
        return Ok(());
    }
    Err(format!(
        "`{host}` is not this machine, and your answers would leave it; --allow-remote permits that"
    ))
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
    let points: Vec<Point> = points(question);
    let verdicts = ask(&set, &question.prompt, &points, &answer)?;
    let lines = points.iter().map(|point| {
        let said = match &verdicts[&point.id] {
            Verdict::Met(quote) => format!("met, by “{}”", clean_line(quote)),
            Verdict::NotMet => "not met".to_owned(),
            Verdict::YouDecide => "the judge disagrees with itself: you decide".to_owned(),
        };
        format!("- {}: {said}", point.statement.trim())
    });
    let lines: Vec<String> = lines.collect();
    Ok(format!(
        "{}\n\nA second opinion by {}; your own ticks are what counts.",
        lines.join("\n"),
        set.model
    ))
}

fn points(question: &InterviewQuestion) -> Vec<Point> {
    let point = |point: &crate::content::model::RubricPoint| Point {
        id: point.id.clone(),
        statement: point.statement.clone(),
    };
    question.rubric.iter().map(point).collect()
}

/// Asks twice, with the points in another order.
fn ask(
    set: &JudgeSet,
    question: &str,
    points: &[Point],
    answer: &str,
) -> Result<BTreeMap<String, Verdict>, String> {
    judge::gate(answer).map_err(|error| error.to_string())?;
    allowed(&set.url, set.allow_remote)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start the client: {error}"))?;
    let runs = runtime.block_on(async {
        let mut runs = Vec::new();
        for seed in [1, 2] {
            let body = judge::request(&set.model, question, points, answer, seed);
            let text = posted(set, &body)
                .await
                .map_err(|report| format!("{report:#}"))?;
            runs.push(judge::read(&text, points, answer).map_err(|error| error.to_string())?);
        }
        Ok::<_, String>(runs)
    })?;
    Ok(judge::agreed(&runs[0], &runs[1]))
}

/// The body of the response, as far as [`RESPONSE_BYTES_MAX`].
async fn posted(set: &JudgeSet, body: &serde_json::Value) -> Result<String> {
    let url = format!("{}/chat/completions", set.url);
    // A redirect would lead away from the loopback.
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(set.timeout_s))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()?;
    let reached = |error: reqwest::Error| {
        if error.is_timeout() {
            let seconds = set.timeout_s;
            return eyre!(
                "the judge at {url} did not answer within {seconds} s; set a smaller model, or a longer --timeout"
            );
        }
        Report::new(error).wrap_err(format!(
            "cannot ask the judge at {url}; is the server running?"
        ))
    };
    let response = client.post(&url).json(body).send().await;
    let mut response = response.map_err(reached)?;
    let status = response.status();
    if !status.is_success() {
        let next = if status.as_u16() == 429 {
            "it is busy: try again later"
        } else {
            "look at its log, and whether it knows the model"
        };
        color_eyre::eyre::bail!("the judge refused with {status}; {next}");
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(reached)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > RESPONSE_BYTES_MAX {
            color_eyre::eyre::bail!(
                "the judge sent more than {RESPONSE_BYTES_MAX} bytes; this is not an answer to what was asked"
            );
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
