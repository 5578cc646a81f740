//! Challenges: a service level to meet with the knobs that one may turn, under a load and faults that one
//! may not.
//!
//! - [`form`]: the file's form; [`read`]: from there to what is here, checked against the lab;
//! - [`score`]: what settings come to, over several worlds, and which medal that is;
//! - [`check`]: that the par reaches its medal and that every trap fails, over many seeds.

pub mod check;
pub mod form;
mod read;
pub mod score;

pub use score::Score;

use super::claim::{Measure, MeasuredRun, Statement};
use super::knob::{KnobError, KnobSettings, KnobSpec, KnobValue};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

#[derive(Debug, Clone)]
pub struct Challenge {
    pub id: String,
    pub title: String,
    /// One line for the list.
    pub summary: String,
    pub minutes: u32,
    /// What is the matter and what is asked, markdown.
    pub brief: String,
    /// The first of the worlds in which it is scored.
    pub seed: u64,
    /// The run as a learner meets it.
    pub run: MeasuredRun,
    pub turn: Vec<Turn>,
    pub measures: Vec<Measure>,
    /// What every medal needs, in the order of the board.
    pub slo: Vec<Statement>,
    pub bronze: Vec<Statement>,
    pub silver: Vec<Statement>,
    pub gold: Vec<Statement>,
    pub hints: Vec<String>,
    pub par: Par,
    pub traps: Vec<Trap>,
}

/// In how many worlds settings are tried: the worst counts, so that luck does not win.
pub const WORLDS: u64 = 3;

/// A knob that the learner may turn, and how far.
#[derive(Debug, Clone)]
pub struct Turn {
    pub knob: &'static KnobSpec,
    /// Nothing but these; any value when empty.
    pub only: Vec<KnobValue>,
    pub at_least: Option<KnobValue>,
    pub at_most: Option<KnobValue>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Medal {
    Bronze,
    Silver,
    Gold,
}

/// Settings that reach a medal.
#[derive(Debug, Clone)]
pub struct Par {
    pub knobs: KnobSettings,
    pub medal: Medal,
    pub why: String,
}

/// Settings that look good and fail.
#[derive(Debug, Clone)]
pub struct Trap {
    pub name: String,
    pub knobs: KnobSettings,
    /// The measurement whose condition in the SLO it fails.
    pub fails: String,
    pub why: String,
}

/// Why a knob of a challenge can't be set so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TurnError {
    #[error(transparent)]
    Knob(#[from] KnobError),
    #[error("`{knob}` is given in this challenge; {suggestion}")]
    Fixed {
        knob: &'static str,
        suggestion: String,
    },
    #[error("`{knob}` may not be {given} in this challenge: it takes {range}")]
    Range {
        knob: &'static str,
        given: String,
        range: String,
    },
}

impl Medal {
    pub const ALL: [Self; 3] = [Self::Bronze, Self::Silver, Self::Gold];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Bronze => "bronze",
            Self::Silver => "silver",
            Self::Gold => "gold",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|medal| medal.name() == name)
    }
}

impl fmt::Display for Medal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Turn {
    /// What it takes here, in words.
    pub fn range(&self) -> String {
        let show = |value: &KnobValue| self.knob.human(value);
        if !self.only.is_empty() {
            let only: Vec<String> = self.only.iter().map(KnobValue::to_string).collect();
            return only.join(" | ");
        }
        match (&self.at_least, &self.at_most) {
            (None, None) => self.knob.range(),
            (Some(low), None) => format!("at least {}", show(low)),
            (None, Some(high)) => format!("at most {}", show(high)),
            (Some(low), Some(high)) => format!("{} to {}", show(low), show(high)),
        }
    }

    pub fn allows(&self, value: &KnobValue) -> bool {
        if !self.only.is_empty() {
            return self.only.contains(value);
        }
        let least = self.at_least.as_ref().and_then(amount);
        let most = self.at_most.as_ref().and_then(amount);
        match amount(value) {
            Some(amount) => {
                least.is_none_or(|least| amount >= least) && most.is_none_or(|most| amount <= most)
            }
            // A word beside the numbers (`inf`, `off`) has no place in a range.
            None => least.is_none() && most.is_none(),
        }
    }
}

fn amount(value: &KnobValue) -> Option<f64> {
    match value {
        KnobValue::Number(number) => Some(*number),
        KnobValue::Duration(ns) => Some(*ns as f64),
        KnobValue::Word(_) | KnobValue::Switch(_) | KnobValue::Distribution(_) => None,
    }
}

fn asked(
    medal: Option<Medal>,
    list: &[Statement],
) -> impl Iterator<Item = (Option<Medal>, &Statement)> {
    list.iter().map(move |statement| (medal, statement))
}

/// A sentence without its full stop.
fn bare(text: &str) -> &str {
    text.trim().trim_end_matches('.')
}

impl Challenge {
    /// Whether the knob may be turned to this value here.
    pub fn allows(&self, knob: &'static KnobSpec, value: &KnobValue) -> Result<(), TurnError> {
        let Some(turn) = self.turn.iter().find(|turn| turn.knob.name == knob.name) else {
            let names: Vec<&str> = self.turn.iter().map(|turn| turn.knob.name).collect();
            return Err(TurnError::Fixed {
                knob: knob.name,
                suggestion: format!("you may turn {}", names.join(", ")),
            });
        };
        if turn.allows(value) {
            Ok(())
        } else {
            Err(TurnError::Range {
                knob: knob.name,
                given: knob.human(value),
                range: turn.range(),
            })
        }
    }

    /// The knobs where the learner starts, with these settings (`policy=hedge`).
    pub fn knobs<'a>(
        &self,
        settings: impl IntoIterator<Item = &'a str>,
    ) -> Result<KnobSettings, TurnError> {
        let mut knobs = self.run.plan.knobs.clone();
        for setting in settings {
            knobs.set_text(setting)?;
            let name = setting.split('=').next().unwrap_or_default().trim();
            self.allows(knobs.spec(name)?, knobs.value(name))?;
        }
        Ok(knobs)
    }

    /// What these settings turn, by knob.
    pub fn turned(&self, knobs: &KnobSettings) -> BTreeMap<String, String> {
        let start = &self.run.plan.knobs;
        let all = knobs.iter().zip(start.values());
        all.filter(|((_, value), before)| value != before)
            .map(|((knob, value), _)| (knob.name.to_owned(), value.to_string()))
            .collect()
    }

    /// What there is to say of settings that were tried: why the trap that they are fails, or why the par
    /// works once its medal is won.
    pub fn word_on(&self, knobs: &KnobSettings, score: &Score) -> Option<String> {
        if let Some(trap) = self.traps.iter().find(|trap| trap.knobs == *knobs) {
            return Some(format!(
                "That is the trap *{}*: {}.",
                trap.name,
                bare(&trap.why)
            ));
        }
        (score.medal >= Some(self.par.medal)).then(|| {
            let turned = self.turned(&self.par.knobs);
            let turned = turned
                .iter()
                .map(|(knob, value)| format!("`{knob}={value}`"));
            let turned: Vec<String> = turned.collect();
            format!("Par was {}: {}.", turned.join(", "), bare(&self.par.why))
        })
    }

    /// All conditions with the medal that asks for each, in the order of the board; those of every medal
    /// first.
    pub fn conditions(&self) -> impl Iterator<Item = (Option<Medal>, &Statement)> {
        asked(None, &self.slo)
            .chain(asked(Some(Medal::Bronze), &self.bronze))
            .chain(asked(Some(Medal::Silver), &self.silver))
            .chain(asked(Some(Medal::Gold), &self.gold))
    }
}
