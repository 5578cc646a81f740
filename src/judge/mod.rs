//! The judge: an optional second opinion on an answer, by a model of the learner's own. Off until it is set. What is
//! sent and what is believed is [`ddlab_practice::judge`]'s; here is how it is set, what it is asked and how its verdict
//! reads. [`client`] asks it.

mod client;

use crate::content::model::InterviewQuestion;
use crate::progress::practice::{JudgeSet, judge_timeout_s};
use crate::progress::projection::standing;
use crate::progress::{Event, Stored};
use crate::study::sheet;
pub use ddlab_practice::judge::{Point, Verdict};
use ddlab_text::clean_line;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::IpAddr;

/// How long it may think about an answer unless the learner says otherwise, in seconds.
pub const TIMEOUT_S: u64 = judge_timeout_s();

/// An answer by which the judge is tried.
const TRIAL: &str =
    "The root waits for its slowest leaf, so I set a deadline and say that the answer is partial.";
/// The point that it makes.
const TRIAL_POINT: &str = "time-limit";

/// Typed where points are ticked, it asks the judge.
pub const WORD: &str = "judge";
/// That it may be typed.
pub const HOW: &str = "; the word judge asks for a second opinion";
/// While it is asked.
pub const WAITS: &str = "The judge reads your answer twice.";

/// What is said of each point, by its id.
pub type Verdicts = BTreeMap<String, Verdict>;

/// What the judge is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub set: JudgeSet,
    pub question: String,
    pub points: Vec<Point>,
    pub answer: String,
}

impl Question {
    /// Something whose verdict is known, to see whether the judge answers as it should.
    pub fn trial(set: JudgeSet) -> Self {
        Self {
            set,
            question: "How does search stay fast?".to_owned(),
            points: vec![Point {
                id: TRIAL_POINT.to_owned(),
                statement: "Sets a deadline at the root.".to_owned(),
            }],
            answer: TRIAL.to_owned(),
        }
    }

    /// An answer to an interview question.
    pub fn of(set: JudgeSet, question: &InterviewQuestion, answer: &str) -> Self {
        Self {
            set,
            question: question.prompt.clone(),
            points: points(question),
            answer: answer.to_owned(),
        }
    }
}

/// The rubric of an interview question as the judge is asked about it.
pub fn points(question: &InterviewQuestion) -> Vec<Point> {
    let points = question.rubric.iter().map(|point| Point {
        id: point.id.clone(),
        statement: point.statement.clone(),
    });
    points.collect()
}

/// What the trial came to, in a sentence.
pub fn trial_in_words(verdicts: &Verdicts) -> String {
    match verdicts.get(TRIAL_POINT) {
        Some(Verdict::Met(quote)) => format!("it works: it found the point, in “{quote}”"),
        _ => "it answers, but it did not find a point that is plainly there; another model may do better".to_owned(),
    }
}

/// `met, by “I set a deadline”`
pub fn in_words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Met(quote) => format!("met, by “{}”", clean_line(quote)),
        Verdict::NotMet => "not met".to_owned(),
        Verdict::YouDecide => "undecided: its two readings disagree, so you decide".to_owned(),
    }
}

/// What it says of each point, under the number of the point, as markdown.
pub fn report(points: &[Point], said: &Result<Verdicts, String>) -> String {
    let mut text = "**What the judge says**; your own ticks are what counts\n\n".to_owned();
    let verdicts = match said {
        Ok(verdicts) => verdicts,
        Err(reason) => return format!("**The judge said nothing:** {}\n", sheet::plain(reason)),
    };
    for (number, point) in points.iter().enumerate() {
        let said = verdicts.get(&point.id).map(in_words).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}. {}", number + 1, sheet::plain(&said));
    }
    text
}

/// The judge that is set; none while it is off.
pub fn set<'a>(log: impl IntoIterator<Item = &'a Stored>) -> Option<JudgeSet> {
    let events = standing(log).into_iter().rev();
    let mut settings = events.filter_map(|stored| match &stored.event {
        Event::JudgeSet(set) => Some(set.clone()),
        _ => None,
    });
    settings.next().flatten()
}

/// Reads `http://127.0.0.1:11434/v1 llama3.2`, or `off`.
///
/// # Errors
/// A sentence with what may be typed.
pub fn typed(line: &str) -> Result<Option<JudgeSet>, String> {
    match line.split_whitespace().collect::<Vec<_>>()[..] {
        ["off"] => Ok(None),
        [url, model] => {
            allowed(url, false)?;
            Ok(Some(JudgeSet {
                url: url.trim_end_matches('/').to_owned(),
                model: model.to_owned(),
                allow_remote: false,
                timeout_s: TIMEOUT_S,
            }))
        }
        _ => Err("type an address and the name of a model, or off".to_owned()),
    }
}

/// The endpoint may be asked: it is on the loopback, unless the learner allows more.
///
/// # Errors
/// A sentence with what may be given.
pub fn allowed(url: &str, allow_remote: bool) -> Result<(), String> {
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
        "`{host}` is not this machine, and your answers would leave it; `ddlab judge set --allow-remote` permits that"
    ))
}
