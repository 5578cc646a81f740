//! A mock interview: six phases against the clock, an interviewer who asks by what was said, a drawing pad, a
//! debrief. All of it is kept at every turn, so it is resumed after a crash; it ends in a profile with what to
//! study, and never predicts a hire.
//!
//! [`debrief`] is what is told at its end.

mod debrief;
#[cfg(test)]
mod tests;

use super::prompt::Prompt;
use super::{Ask, Flow, Lead, Step};
use crate::clock::{Moment, UtcMs};
use crate::content::model::Level;
use crate::progress::practice::MockKept;
use crate::progress::projection::standing;
use crate::progress::{Event, Stored};
use crate::study::sheet;
use crate::study::ticks::Ticks;
use ddlab_practice::mock::{Phase, countdown};
use ddlab_practice::pad::Pad;
use ddlab_practice::shuffle;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Questions of the deep dive.
const DEEP_QUESTIONS: usize = 3;
/// A line that begins so draws on the pad.
const DRAWS: char = '/';
/// Begins the interview again.
const ANEW: &str = "/anew";
/// What a phase counts at most between two turns: who walks away does not think for an hour.
const TURN_MS_MAX: i64 = 20 * 60_000;

pub struct Interview {
    prompt: Prompt,
    state: State,
    /// When the turn began; none while it is paused.
    since: Option<UtcMs>,
    /// It was left before, and nothing was said since.
    is_resumed: bool,
}

/// All that is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct State {
    topic: String,
    level: String,
    /// 0: without a clock.
    minutes: u64,
    /// None: the debrief.
    phase: Option<Phase>,
    spent_ms: BTreeMap<Phase, u64>,
    turns: Vec<Said>,
    /// Places of the facts that were told.
    told: BTreeSet<usize>,
    pad: Pad,
    /// What is still to be asked in this phase, with what a good answer says.
    to_ask: Vec<(String, String)>,
    /// Which of the curveballs.
    seed: u64,
    /// Places of the points that were ticked; none before.
    ticked: Option<Ticks>,
}

/// A turn of the conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Said {
    phase: Phase,
    is_interviewer: bool,
    text: String,
    /// What a good answer says; told in the debrief.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    listen_for: Option<String>,
}

impl Interview {
    /// A new one. `minutes` 0 is without a clock.
    pub fn new(prompt: Prompt, level: Level, minutes: u64, now: Moment) -> Self {
        let opening = Said {
            phase: Phase::Requirements,
            is_interviewer: true,
            text: prompt.opening.clone(),
            listen_for: None,
        };
        Self {
            state: State {
                topic: prompt.id.clone(),
                level: level_name(level).to_owned(),
                minutes,
                phase: Some(Phase::Requirements),
                spent_ms: BTreeMap::new(),
                turns: vec![opening],
                told: BTreeSet::new(),
                pad: Pad::default(),
                to_ask: Vec::new(),
                seed: now.at.0.unsigned_abs(),
                ticked: None,
            },
            prompt,
            since: Some(now.at),
            is_resumed: false,
        }
    }

    /// Goes on with the interview on this topic that was left; none when there is none.
    pub fn resumed<'a>(
        prompt: &Prompt,
        log: impl IntoIterator<Item = &'a Stored>,
        now: Moment,
    ) -> Option<Self> {
        let mut kept = None;
        for stored in standing(log) {
            match &stored.event {
                Event::MockKept(mock) if mock.topic == prompt.id => kept = Some(&mock.state),
                Event::MockDone(mock) if mock.topic == prompt.id => kept = None,
                _ => {}
            }
        }
        Some(Self {
            prompt: prompt.clone(),
            state: serde_json::from_value(kept?.clone()).ok()?,
            since: Some(now.at),
            is_resumed: true,
        })
    }

    fn level(&self) -> Level {
        level_of(&self.state.level).unwrap_or(Level::Senior)
    }

    /// All that the candidate has said, drawings too.
    fn said(&self) -> String {
        let own = self.state.turns.iter().filter(|said| !said.is_interviewer);
        own.map(|said| said.text.as_str())
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn speak(&mut self, phase: Phase, text: impl Into<String>, listen_for: Option<String>) {
        self.state.turns.push(Said {
            phase,
            is_interviewer: true,
            text: text.into(),
            listen_for,
        });
    }

    /// The next phase begins, with what the interviewer says to it.
    fn go_on(&mut self, phase: Phase) {
        let Some(next) = phase.next() else {
            self.state.phase = None;
            return;
        };
        self.state.phase = Some(next);
        let prompt = &self.prompt;
        let pick = |n: usize| shuffle::shuffled(n.max(1), self.state.seed)[0];
        self.state.to_ask = match next {
            Phase::DeepDive => {
                let asked = prompt.followups(&self.said());
                let asked = asked.into_iter().take(DEEP_QUESTIONS);
                let asked = asked.map(|a| (a.prompt.clone(), a.listen_for.clone()));
                asked.collect()
            }
            Phase::Failure => prompt
                .curveballs
                .get(pick(prompt.curveballs.len()))
                .map(|turn| (turn.ask.clone(), turn.listen_for.clone()))
                .into_iter()
                .collect(),
            Phase::Evolution => [&prompt.pushback, &prompt.evolution]
                .map(|turn| (turn.ask.clone(), turn.listen_for.clone()))
                .to_vec(),
            Phase::Requirements | Phase::Estimation | Phase::HighLevel => Vec::new(),
        };
        match next {
            Phase::Estimation => {
                let untold = self.untold();
                self.speak(
                    next,
                    format!("{untold}Now give me the numbers that decide the design: rates, sizes, what they follow from."),
                    None,
                );
            }
            Phase::HighLevel => self.speak(
                next,
                "Draw it. What are the parts, and how does a request travel through them?",
                None,
            ),
            _ => self.ask_next(next),
        }
    }

    fn ask_next(&mut self, phase: Phase) {
        if self.state.to_ask.is_empty() {
            return self.go_on(phase);
        }
        let (ask, listen_for) = self.state.to_ask.remove(0);
        self.speak(phase, ask, Some(listen_for));
    }

    /// What could have been asked and was not.
    fn untold(&self) -> String {
        let facts = self.prompt.facts.iter().enumerate();
        let untold: Vec<&str> = facts
            .filter(|(at, _)| !self.state.told.contains(at))
            .map(|(_, fact)| fact.say.as_str())
            .collect();
        if untold.is_empty() {
            return String::new();
        }
        let mut text =
            "You could also have asked; here it is, so that we have the same picture:\n\n"
                .to_owned();
        for fact in untold {
            let _ = writeln!(text, "- {fact}");
        }
        text.push('\n');
        text
    }

    /// Answers to questions about the scenario.
    fn answer_questions(&mut self, typed: &str) {
        let facts = self.prompt.facts.iter().enumerate();
        let asked: Vec<usize> = facts
            .filter(|(_, fact)| fact.is_asked(typed))
            .map(|(at, _)| at)
            .collect();
        let told: Vec<&str> = asked
            .iter()
            .map(|at| self.prompt.facts[*at].say.as_str())
            .collect();
        let answer = if told.is_empty() {
            "Nothing is given about that: assume something, and say so. What else?".to_owned()
        } else {
            format!("{} What else?", told.join(" "))
        };
        self.state.told.extend(asked);
        self.speak(Phase::Requirements, answer, None);
    }

    /// Draws what is to be drawn; what is left is said.
    fn draw(&mut self, typed: &str) -> Result<String, String> {
        let mut pad = self.state.pad.clone();
        let mut said = Vec::new();
        for line in typed.lines() {
            match line.trim().strip_prefix(DRAWS) {
                Some(command) => pad.command(command).map_err(|error| error.to_string())?,
                None => said.push(line),
            }
        }
        self.state.pad = pad;
        Ok(said.join("\n").trim().to_owned())
    }

    fn turn(&mut self, phase: Phase, typed: &str) -> Result<(), String> {
        let drew = !self.state.pad.is_empty();
        let said = self.draw(typed)?;
        if !typed.trim().is_empty() {
            let text = if said.is_empty() {
                "(draws)".to_owned()
            } else {
                said.clone()
            };
            self.state.turns.push(Said {
                phase,
                is_interviewer: false,
                text,
                listen_for: None,
            });
        }
        match phase {
            Phase::Requirements if !said.is_empty() => self.answer_questions(&said),
            Phase::HighLevel if !typed.trim().is_empty() => {
                let hint = if self.state.pad.is_empty() && !drew {
                    " You can draw: /box root, /arrow root leaf search."
                } else {
                    ""
                };
                self.speak(phase, format!("Go on.{hint}"), None);
            }
            Phase::DeepDive | Phase::Failure | Phase::Evolution => self.ask_next(phase),
            _ => self.go_on(phase),
        }
        Ok(())
    }

    fn spend(&mut self, phase: Phase, now: Moment) {
        let Some(since) = self.since.replace(now.at) else {
            return;
        };
        let ms = (now.at.0 - since.0).clamp(0, TURN_MS_MAX);
        *self.state.spent_ms.entry(phase).or_default() += ms.unsigned_abs();
    }

    fn kept(&self) -> Vec<Event> {
        let state = serde_json::to_value(&self.state).ok();
        let kept = state.map(|state| {
            Event::MockKept(MockKept {
                topic: self.state.topic.clone(),
                state,
            })
        });
        kept.into_iter().collect()
    }

    fn status(&self, now: Moment) -> String {
        let Some(phase) = self.state.phase else {
            return "debrief".to_owned();
        };
        if self.state.minutes == 0 {
            return phase.name().to_owned();
        }
        let running = self.since.map_or(0, |since| (now.at.0 - since.0).max(0));
        let spent = self.spent(phase) + running.unsigned_abs();
        format!(
            "{} · {}",
            phase.name(),
            countdown(phase, self.state.minutes, spent)
        )
    }

    /// The task, and what was said in this phase before the last turn of the interviewer.
    fn before(&self, phase: Phase) -> String {
        let turns = &self.state.turns;
        let last = turns.iter().rposition(|said| said.is_interviewer);
        let mut text = String::new();
        for (at, said) in turns.iter().enumerate() {
            if Some(at) == last || at > 0 && said.phase != phase {
                continue;
            }
            // Writing to a string cannot fail.
            let _ = if said.is_interviewer {
                writeln!(text, "{}\n", said.text.trim())
            } else {
                writeln!(text, "You: {}\n", sheet::quoted(&said.text))
            };
        }
        text
    }

    fn how(phase: Phase) -> &'static str {
        match phase {
            Phase::Requirements => {
                "Ask what you need to know, or state what you assume. Nothing typed: on to the estimation."
            }
            Phase::Estimation => "Work the numbers out as you would aloud.",
            Phase::HighLevel => {
                "Describe it; lines such as /box root, /arrow root leaf search, /move root 30 4 draw. Nothing typed: on to the deep dive."
            }
            Phase::DeepDive | Phase::Failure | Phase::Evolution => "Answer as you would aloud.",
        }
    }
}

impl Flow for Interview {
    fn step(&self, now: Moment) -> Step {
        let title = format!("Mock interview: {}", self.prompt.title);
        let status = self.status(now);
        let (above, text, ask) = match (self.state.phase, &self.state.ticked) {
            (Some(phase), _) => {
                let pad = if self.state.pad.is_empty() {
                    String::new()
                } else {
                    format!("```text\n{}\n```\n\n", self.state.pad.render())
                };
                let last = self
                    .state
                    .turns
                    .iter()
                    .rev()
                    .find(|said| said.is_interviewer);
                let last = last.map_or("", |said| said.text.as_str());
                let how = Self::how(phase).to_owned();
                let resumed = if self.is_resumed {
                    "*It goes on where you left it; a line with /anew begins again.*\n\n"
                } else {
                    ""
                };
                let text = format!("{resumed}{pad}{last}");
                (self.before(phase), text, Ask::Text { how })
            }
            (None, None) => {
                let how = "Which points did you make? Type their numbers: 1 3 4".to_owned();
                (String::new(), self.debrief(), Ask::Line { how })
            }
            (None, Some(_)) => (String::new(), self.profile(), Ask::Done),
        };
        Step {
            title,
            status,
            above,
            text,
            ask,
        }
    }

    fn reply(&mut self, typed: &str, now: Moment) -> Result<Vec<Event>, String> {
        match (self.state.phase, &self.state.ticked) {
            (Some(_), _) if typed.trim() == ANEW => {
                let prompt = self.prompt.clone();
                *self = Self::new(prompt, self.level(), self.state.minutes, now);
                Ok(self.kept())
            }
            (Some(phase), _) => {
                self.turn(phase, typed)?;
                self.is_resumed = false;
                self.spend(phase, now);
                Ok(self.kept())
            }
            (None, None) => {
                let points = self.prompt.points.len();
                let ticked = sheet::numbers(typed, points)
                    .ok_or_else(|| format!("the points are numbered 1 to {points}"))?;
                self.state.ticked = Some(ticked);
                Ok(vec![self.done()])
            }
            (None, Some(_)) => Ok(Vec::new()),
        }
    }

    fn draft(&self) -> Option<String> {
        self.state
            .phase
            .map(|_| format!("mock:{}", self.state.topic))
    }

    fn is_timed(&self) -> bool {
        self.state.minutes > 0 && self.state.phase.is_some()
    }

    fn keep(&mut self, now: Moment) -> Vec<Event> {
        let Some(phase) = self.state.phase else {
            return Vec::new();
        };
        self.spend(phase, now);
        self.kept()
    }

    fn pause(&mut self, now: Moment) -> Vec<Event> {
        let kept = self.keep(now);
        self.since = None;
        kept
    }

    fn resume(&mut self, now: Moment) {
        self.since.get_or_insert(now.at);
    }

    fn leads(&self) -> &[Lead] {
        &self.prompt.study
    }
}

/// The transcript of the last interview on this topic; of the last at all without one.
pub fn transcript<'a>(
    log: impl IntoIterator<Item = &'a Stored>,
    topic: Option<&str>,
) -> Option<&'a str> {
    standing(log)
        .into_iter()
        .rev()
        .find_map(|stored| match &stored.event {
            Event::MockDone(mock) if topic.is_none_or(|topic| topic == mock.topic) => {
                Some(mock.transcript.as_str())
            }
            _ => None,
        })
}

pub const fn level_name(level: Level) -> &'static str {
    match level {
        Level::Mid => "mid",
        Level::Senior => "senior",
        Level::Staff => "staff",
    }
}

/// Reads `mid`, `senior` or `staff`.
pub fn level_of(name: &str) -> Option<Level> {
    let levels = [Level::Mid, Level::Senior, Level::Staff];
    levels.into_iter().find(|level| level_name(*level) == name)
}
