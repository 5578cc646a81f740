//! An incident: what truly goes wrong, what is seen of it, what mends it, and how somebody with experience finds it.

use super::board::{Board, Part};
use super::log::Log;
use ddlab_text::Unit;
use std::time::Duration;

/// What sort of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    RetryStorm,
    ZoneDown,
    BadRollout,
    ConnectionsExhausted,
    NoisyNeighbour,
    QuotaReached,
    SlowDependency,
    SlowMachine,
    Certificate,
}

impl Sort {
    pub const ALL: [Self; 9] = [
        Self::RetryStorm,
        Self::ZoneDown,
        Self::BadRollout,
        Self::ConnectionsExhausted,
        Self::NoisyNeighbour,
        Self::QuotaReached,
        Self::SlowDependency,
        Self::SlowMachine,
        Self::Certificate,
    ];

    /// As a cause is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::RetryStorm => "retry_storm",
            Self::ZoneDown => "zone_down",
            Self::BadRollout => "bad_rollout",
            Self::ConnectionsExhausted => "connections_exhausted",
            Self::NoisyNeighbour => "noisy_neighbour",
            Self::QuotaReached => "quota_reached",
            Self::SlowDependency => "slow_dependency",
            Self::SlowMachine => "slow_machine",
            Self::Certificate => "certificate",
        }
    }

    pub const fn help(self) -> &'static str {
        match self {
            Self::RetryStorm => "retries keep it full, after what began it has gone",
            Self::ZoneDown => "a zone is down, and what is left is too little",
            Self::BadRollout => "its new version is wrong",
            Self::ConnectionsExhausted => "it accepts no more connections, though it has time",
            Self::NoisyNeighbour => "somebody else's work takes its capacity",
            Self::QuotaReached => "it refuses what is above a quota",
            Self::SlowDependency => "it has become slow, and its callers wait for it",
            Self::SlowMachine => "one of its machines is slow",
            Self::Certificate => "a certificate has run out",
        }
    }

    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.word() == word)
    }
}

/// A true cause, or what somebody takes for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Where it is: a component, a client, or a zone (`zone-b`).
    pub part: String,
    pub sort: Sort,
}

impl std::fmt::Display for Cause {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {}", self.part, self.sort.word())
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    pub id: &'static str,
    /// `a retry storm that outlives its cause`.
    pub title: &'static str,
    pub cause: Cause,
    /// What is done to the system, from its beginning on: interventions, in which `{search 2}` is the number of a machine.
    pub faults: Vec<(Duration, String)>,
    /// Lines that come into the log.
    pub lines: Vec<(Duration, String)>,
    /// The objectives that it burns, by name.
    pub burns: Vec<&'static str>,
    /// What an action of the operator does beside what it always does, where only this incident gives it something to
    /// do: `rollback bids` puts the old version back.
    pub cures: Vec<Cure>,
    /// How it is found, step by step.
    pub path: Vec<Step>,
    /// What then ends it.
    pub mend: Vec<String>,
    pub naive: Naive,
    /// What happened, for the post-mortem.
    pub story: &'static str,
    /// What keeps it from happening again.
    pub prevention: &'static str,
}

/// An action of the operator, as it is written, and the interventions that it comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Cure {
    pub action: String,
    pub does: Vec<String>,
}

/// What people do first, and what does not mend it.
#[derive(Debug, Clone, PartialEq)]
pub struct Naive {
    pub actions: Vec<String>,
    /// Why it doesn't.
    pub because: &'static str,
}

/// One look of somebody with experience.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub clue: Clue,
    /// What it tells.
    pub says: &'static str,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Clue {
    /// A figure of a part.
    Figure {
        part: String,
        figure: &'static str,
        is: Is,
    },
    /// A line of the log that holds these words.
    Log(String),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Is {
    AtLeast(f64),
    AtMost(f64),
    /// So many times what it was in the quiet minutes, or more.
    TimesUsual(f64),
}

impl Clue {
    pub fn figure(part: &str, figure: &'static str, is: Is) -> Self {
        Self::Figure {
            part: part.to_owned(),
            figure,
            is,
        }
    }

    /// Where to look for it: `look bids`, `logs`.
    pub fn look(&self) -> String {
        match self {
            Self::Figure { part, .. } => format!("look {part}"),
            Self::Log(_) => "logs".to_owned(),
        }
    }

    pub fn holds(&self, board: &Board, log: &Log) -> bool {
        match self {
            Self::Log(words) => log.has(words),
            Self::Figure { part, figure, is } => {
                let Some(figure) = board.part(part).and_then(|part: &Part| part.figure(figure))
                else {
                    return false;
                };
                let Some(now) = figure.now() else {
                    return false;
                };
                match is {
                    Is::AtLeast(bound) => now >= *bound,
                    Is::AtMost(bound) => now <= *bound,
                    Is::TimesUsual(times) => {
                        now >= times * figure.usual().unwrap_or_default().max(1e-9)
                    }
                }
            }
        }
    }

    /// `utilization of auction-db at least 95 %`.
    pub fn text(&self, board: &Board) -> String {
        let (part, name, is) = match self {
            Self::Log(words) => return format!("a line of the log says `{words}`"),
            Self::Figure { part, figure, is } => (part, *figure, is),
        };
        let figure = board.part(part).and_then(|part| part.figure(name));
        let title = figure.map_or_else(|| name.to_owned(), super::board::Figure::title);
        let show = |value: f64| {
            figure.map_or_else(|| Unit::Count.show(value), |figure| figure.show(value))
        };
        let bound = match is {
            Is::AtLeast(bound) => format!("at least {}", show(*bound)),
            Is::AtMost(bound) => format!("at most {}", show(*bound)),
            Is::TimesUsual(times) => format!("at least {times} times what is usual"),
        };
        format!("{title} of {part} {bound}")
    }
}
