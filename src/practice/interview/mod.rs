//! A mock interview: six phases against the clock, an interviewer who asks by what was said, a drawing pad, a
//! debrief. All of it is kept at every turn, so it is resumed after a crash; it ends in a profile with what to
//! study, and never predicts a hire.
//!
//! [`conversation`] is what both say, [`debrief`] what is said at its end.

mod conversation;
mod debrief;
#[cfg(test)]
mod tests;

use super::prompt::Prompt;
use super::{Ask, Flow, Lead, Step};
use crate::clock::{Moment, UtcMs};
use crate::content::model::Level;
use crate::judge::{self, Question, Verdicts};
use crate::progress::practice::{JudgeSet, MockKept};
use crate::progress::projection::standing;
use crate::progress::{Event, Stored};
use crate::study::sheet;
use crate::study::ticks::Ticks;
use ddlab_practice::mock::{Phase, countdown};
use ddlab_practice::pad::Pad;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Begins the interview again.
const ANEW: &str = "/anew";
/// What a phase counts at most between two turns: who leaves does not think for an hour.
const TURN_MS_MAX: i64 = 20 * 60_000;

pub struct Interview {
    prompt: Prompt,
    state: State,
    /// When the turn began; none while it is paused.
    since: Option<UtcMs>,
    /// It was left before, and nothing was said since.
    is_resumed: bool,
    /// Level and length are still to be chosen: nothing is kept and no clock runs.
    is_offered: bool,
    /// Where to study what was missing.
    leads: Vec<Lead>,
    judge: Option<JudgeSet>,
    /// Whether it is being asked, and what it said.
    judging: Judging,
}

#[derive(Debug, Clone, Default, PartialEq)]
enum Judging {
    #[default]
    No,
    Asked,
    Said(Result<Verdicts, String>),
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
    /// Places of the facts that were given; `told` in interviews that an earlier build kept.
    #[serde(alias = "told")]
    given: BTreeSet<usize>,
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
    /// What a good answer says; shown in the debrief.
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
                given: BTreeSet::new(),
                pad: Pad::default(),
                to_ask: Vec::new(),
                seed: now.at.0.unsigned_abs(),
                ticked: None,
            },
            prompt,
            since: Some(now.at),
            is_resumed: false,
            is_offered: false,
            leads: Vec::new(),
            judge: None,
            judging: Judging::No,
        }
    }

    /// The same, whose level and length may still be chosen.
    pub fn offered(prompt: Prompt, level: Level, minutes: u64, now: Moment) -> Self {
        Self {
            since: None,
            is_offered: true,
            ..Self::new(prompt, level, minutes, now)
        }
    }

    /// With this judge, where one is set.
    #[must_use]
    pub fn with_judge(self, judge: Option<JudgeSet>) -> Self {
        Self { judge, ..self }
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
        let state: State = serde_json::from_value(kept?.clone()).ok()?;
        let (level, minutes) = (level_of(&state.level)?, state.minutes);
        Some(Self {
            state,
            is_resumed: true,
            ..Self::new(prompt.clone(), level, minutes, now)
        })
    }

    /// What may be chosen before it begins.
    fn offer(&self) -> String {
        let level = |name: &str| {
            let who = if name == "mid" { "mid-level" } else { name };
            chosen(&format!("a {who} engineer"), self.state.level == name)
        };
        let minutes = self.state.minutes;
        let length = |n: u64| chosen(&format!("{n} minutes"), minutes == n);
        let other = match minutes {
            0 | 20 | 45 => String::new(),
            other => format!("\n{}\n", chosen(&format!("{other} minutes"), true)),
        };
        format!(
            "Requirements, estimation, high-level design, a deep dive, failure, trade-offs and evolution: an interviewer asks by what you say. What you say is kept at every turn, and you may leave and come back.\n\nWhat is asked of you:\n\n1. {}\n2. {}\n3. {}\n\nHow long it takes:\n\n4. {}\n5. {}\n6. {}\n{other}",
            level("mid"),
            level("senior"),
            level("staff"),
            length(20),
            length(45),
            chosen("without a clock", minutes == 0),
        )
    }

    /// Something of the offer is chosen, or the interview begins.
    fn choose(&mut self, typed: &str, now: Moment) -> Result<Vec<Event>, String> {
        let state = &mut self.state;
        match typed.trim() {
            "" => {
                self.is_offered = false;
                self.since = Some(now.at);
                return Ok(self.kept());
            }
            "1" => "mid".clone_into(&mut state.level),
            "2" => "senior".clone_into(&mut state.level),
            "3" => "staff".clone_into(&mut state.level),
            "4" => state.minutes = 20,
            "5" => state.minutes = 45,
            "6" => state.minutes = 0,
            _ => return Err("press 1 to 6, or enter to begin".to_owned()),
        }
        Ok(Vec::new())
    }

    fn level(&self) -> Level {
        level_of(&self.state.level).unwrap_or(Level::Senior)
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
        if self.is_offered {
            return String::new();
        }
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

    fn how(phase: Phase) -> &'static str {
        match phase {
            Phase::Requirements => {
                "Ask what you need to know, or state what you assume. Nothing typed: on to the estimation."
            }
            Phase::Estimation => {
                "Work the numbers out as you would aloud. Nothing typed: on to the high-level design."
            }
            Phase::HighLevel => {
                "Describe it; lines such as /box root, /arrow root leaf search, /move root 30 4 draw. Nothing typed: on to the deep dive."
            }
            Phase::DeepDive | Phase::Failure | Phase::Evolution => {
                "Answer as you would aloud. Nothing typed: on to what comes next."
            }
        }
    }
}

impl Flow for Interview {
    fn step(&self, now: Moment) -> Step {
        let title = format!("Mock interview: {}", self.prompt.title);
        let status = self.status(now);
        let (above, text, ask) = match (self.state.phase, &self.state.ticked) {
            _ if self.is_offered => {
                let how = "A number chooses; enter begins.".to_owned();
                (
                    String::new(),
                    self.offer(),
                    Ask::Pick { how, goes_on: true },
                )
            }
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
            (None, None) if self.judging == Judging::Asked => {
                let how = judge::WAITS.to_owned();
                (String::new(), self.debrief(), Ask::Wait { how })
            }
            (None, None) => {
                let judge = self.judge.as_ref().map_or("", |_| judge::HOW);
                let how = format!("Which points did you make? Type their numbers: 1 3 4{judge}");
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
            _ if self.is_offered => self.choose(typed, now),
            (Some(_), _) if typed.trim() == ANEW => {
                let prompt = self.prompt.clone();
                let anew = Self::new(prompt, self.level(), self.state.minutes, now);
                *self = anew.with_judge(self.judge.take());
                Ok(self.kept())
            }
            (Some(phase), _) => {
                self.turn(phase, typed)?;
                self.is_resumed = false;
                self.spend(phase, now);
                Ok(self.kept())
            }
            (None, None) if self.judge.is_some() && typed.trim() == judge::WORD => {
                self.judging = Judging::Asked;
                Ok(Vec::new())
            }
            (None, None) => {
                let points = self.prompt.points.len();
                let ticked = sheet::numbers(typed, points)
                    .ok_or_else(|| format!("the points are numbered 1 to {points}"))?;
                self.state.ticked = Some(ticked);
                self.leads = self.to_study();
                Ok(vec![self.done()])
            }
            (None, Some(_)) => Ok(Vec::new()),
        }
    }

    fn draft(&self) -> Option<String> {
        let runs = self.state.phase.filter(|_| !self.is_offered);
        runs.map(|_| format!("mock:{}", self.state.topic))
    }

    fn is_timed(&self) -> bool {
        self.state.minutes > 0 && self.state.phase.is_some() && !self.is_offered
    }

    fn keep(&mut self, now: Moment) -> Vec<Event> {
        let Some(phase) = self.state.phase.filter(|_| !self.is_offered) else {
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
        if !self.is_offered {
            self.since.get_or_insert(now.at);
        }
    }

    fn asks_judge(&self) -> Option<Question> {
        let set = self.judge.clone()?;
        (self.judging == Judging::Asked).then(|| Question {
            set,
            question: self.prompt.opening.clone(),
            points: self.judged_points(),
            answer: self.said(),
        })
    }

    fn judged(&mut self, said: Result<&Verdicts, String>) {
        self.judging = Judging::Said(said.cloned());
    }

    fn leads(&self) -> &[Lead] {
        &self.leads
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

/// `**45 minutes**, as chosen`
fn chosen(what: &str, is_chosen: bool) -> String {
    if is_chosen {
        format!("**{what}**, as chosen")
    } else {
        what.to_owned()
    }
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
