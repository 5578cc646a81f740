//! An incident: what truly goes wrong, what is seen of it, what mends it, and how somebody with experience finds it.

use super::board::{Board, Part};
use super::log::Log;
use ddlab_text::Unit;
use std::time::Duration;

/// The sorts of cause: the word by which one is written, and what it is.
macro_rules! sorts {
    ($( $Sort:ident = $word:literal, $help:literal; )+) => {
        /// What sort of thing went wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Sort { $( $Sort ),+ }

        impl Sort {
            pub const ALL: &[Self] = &[$( Self::$Sort ),+];

            /// As a cause is written.
            pub const fn word(self) -> &'static str {
                match self { $( Self::$Sort => $word ),+ }
            }

            pub const fn help(self) -> &'static str {
                match self { $( Self::$Sort => $help ),+ }
            }
        }
    };
}

sorts! {
    BadRollout = "bad_rollout", "its new version answers wrongly";
    Certificate = "certificate", "a certificate has run out";
    ColdCache = "cold_cache", "it remembers hardly anything any more";
    ColdStarts = "cold_starts", "its calls wait for instances that start";
    ConnectionsExhausted = "connections_exhausted", "it accepts no more connections, though it has time";
    HotKey = "hot_key", "one key is asked for far more than all others";
    LogDiskFull = "log_disk_full", "the volume of its log is full, and it waits for room";
    NoisyNeighbour = "noisy_neighbour", "somebody else's work takes its capacity";
    PoisonItem = "poison_item", "some of its items hang whoever works on them";
    QuotaReached = "quota_reached", "it refuses what is above a quota";
    RebalanceStorm = "rebalance_storm", "its workers join and leave again and again, and nobody reads meanwhile";
    RenamedMetric = "renamed_metric", "it serves, and the monitor does not find its figures";
    RetryStorm = "retry_storm", "retries keep it full, after what began it has gone";
    SlowDependency = "slow_dependency", "it has become slow, and its callers wait for it";
    SlowMachine = "slow_machine", "one of its machines is slow";
    StaleOwner = "stale_owner", "each owner loses the lease before its work is done";
    WrongClock = "wrong_clock", "the clock of one of its machines races";
    ZoneDown = "zone_down", "a zone is down, and what is left is too little";
}

impl Sort {
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|sort| sort.word() == word)
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
    /// Other parts of which the same sort may be said as well: whose capacity is taken, and not only who takes it.
    pub also: Vec<&'static str>,
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

impl Incident {
    /// It is the true cause, of the part where it is or of one where it is as true.
    pub fn is_named_by(&self, cause: &Cause) -> bool {
        cause.sort == self.cause.sort
            && (cause.part == self.cause.part || self.also.contains(&cause.part.as_str()))
    }
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
    pub says: String,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Clue {
    /// A figure of a part.
    Figure {
        part: String,
        figure: String,
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
            Self::Figure { part, figure, is } => (part, figure, is),
        };
        let figure = board.part(part).and_then(|part| part.figure(name));
        let title = figure.map_or_else(|| name.clone(), super::board::Figure::title);
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
