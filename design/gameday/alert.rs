//! Service level objectives, their error budgets, and the alerts on how fast these burn.
//!
//! The alerts are the recommended ones of *The Site Reliability Workbook* (Beyer and others, 2018, chapter 5, table
//! 5-8): a page at a burn rate of 14.4 over 1 h and 5 min and at 6 over 6 h and 30 min, a ticket at 1 over 3 days and
//! 6 h. Both windows must burn: the long one says that it matters, the short one that it still goes on.
//!
//! An evening of 30 minutes stands for those three days: all windows are [`SCALE`] times as short, and the 30 days of the
//! budget are 5 hours.

use super::board::{Board, CALM};
use ddlab_text::whole_percent;
use std::borrow::Cow;

/// How many times as short all windows are as in the book: three days are 30 minutes.
pub const SCALE: u64 = 144;
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
/// Seconds that an error budget is for: 30 days, scaled.
pub const PERIOD: u64 = 30 * DAY / SCALE;

/// What must be good, and how much of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Slo {
    pub name: &'static str,
    /// `99 % of bids are answered within 500 ms`.
    pub says: &'static str,
    pub sli: Sli,
}

/// The share that must be good, of each objective.
pub const OBJECTIVE: f64 = 0.99;

impl Slo {
    pub const fn of(name: &'static str, says: &'static str, sli: Sli) -> Self {
        Self { name, says, sli }
    }

    /// It is about requests that are answered.
    pub fn counts_requests(&self) -> bool {
        matches!(
            self.sli,
            Sli::Events {
                bad: "failed_total",
                ..
            }
        )
    }

    /// The share of the requests to its part that fail, over ten seconds, second by second.
    pub fn failed_shares<'a>(&self, board: &'a Board) -> &'a [f64] {
        board.rates(self.part(), "error_ratio")
    }

    /// The part whose figures are counted.
    pub const fn part(&self) -> &'static str {
        match self.sli {
            Sli::Events { part, .. } | Sli::Seconds { part, .. } => part,
        }
    }
}

/// What is counted as good and as bad.
#[derive(Debug, Clone, PartialEq)]
pub enum Sli {
    /// Events of two counters of a part.
    Events {
        part: &'static str,
        good: &'static str,
        bad: &'static str,
    },
    /// Seconds: those are good in which a level is at most this.
    Seconds {
        part: &'static str,
        level: &'static str,
        at_most: f64,
    },
}

/// How it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Page,
    Ticket,
}

impl Severity {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Ticket => "ticket",
        }
    }
}

/// A rule of alerting: fires while the budget burns at this rate in both windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    pub severity: Severity,
    pub burn: f64,
    /// As the book has it, in seconds.
    long: u64,
    short: u64,
    /// The windows as the book has them, in words.
    pub windows: &'static str,
}

pub const RULES: [Rule; 3] = [
    Rule {
        severity: Severity::Page,
        burn: 14.4,
        long: HOUR,
        short: HOUR / 12,
        windows: "1 h and 5 min",
    },
    Rule {
        severity: Severity::Page,
        burn: 6.0,
        long: 6 * HOUR,
        short: HOUR / 2,
        windows: "6 h and 30 min",
    },
    Rule {
        severity: Severity::Ticket,
        burn: 1.0,
        long: 3 * DAY,
        short: 6 * HOUR,
        windows: "3 days and 6 h",
    },
];

impl Rule {
    /// The long and the short window in seconds of the evening, to the next whole one.
    pub const fn seconds(&self) -> [usize; 2] {
        [
            self.long.div_ceil(SCALE) as usize,
            self.short.div_ceil(SCALE) as usize,
        ]
    }
}

/// Seconds that tell whether it still burns.
const SETTLES: usize = 3;

/// What was good and what was bad of an objective, second by second.
#[derive(Debug, Clone)]
pub struct Tally<'a> {
    pub(super) good: Cow<'a, [f64]>,
    pub(super) bad: Cow<'a, [f64]>,
}

impl<'a> Tally<'a> {
    pub fn of(slo: &Slo, board: &'a Board) -> Self {
        let (good, bad) = match &slo.sli {
            Sli::Events { part, good, bad } => (
                Cow::Borrowed(board.rates(part, good)),
                Cow::Borrowed(board.rates(part, bad)),
            ),
            Sli::Seconds {
                part,
                level,
                at_most,
            } => {
                let levels = board.rates(part, level).iter();
                let bad: Vec<f64> = levels
                    .map(|level| f64::from(u8::from(*level > *at_most)))
                    .collect();
                let good = bad.iter().map(|bad| 1.0 - bad).collect();
                (Cow::Owned(good), Cow::Owned(bad))
            }
        };
        Self { good, bad }
    }

    /// Share that was bad in the last seconds. Before the evening all was well: what a window has of that time counts
    /// as good, at the rate of the evening.
    pub fn bad_share(&self, seconds: usize) -> f64 {
        let seen = self.bad.len();
        let from = seen.saturating_sub(seconds);
        let bad: f64 = self.bad[from..].iter().sum();
        let all: f64 = bad + self.good[from..].iter().sum::<f64>();
        let whole = all * seconds as f64 / (seen - from).max(1) as f64;
        if whole > 0.0 { bad / whole } else { 0.0 }
    }

    /// How many times as fast as allowed the budget burns.
    pub fn burn(&self, seconds: usize) -> f64 {
        self.bad_share(seconds) / (1.0 - OBJECTIVE)
    }

    /// Whether this rule fires.
    pub fn fires(&self, rule: &Rule) -> bool {
        rule.seconds()
            .iter()
            .all(|seconds| self.burn(*seconds) >= rule.burn)
    }

    /// What was burnt since the start, as a share of the budget of [`PERIOD`]; more than 1 is more than there was. The
    /// budget is reckoned by the rate of the quiet minutes at the start: what is burnt never comes back.
    pub fn burnt(&self) -> f64 {
        let seen = self.bad.len();
        let calm = if seen > CALM.start {
            CALM.start..CALM.end.min(seen)
        } else {
            0..seen
        };
        let seconds = calm.len() as f64;
        let all: f64 = calm
            .map(|second| self.good[second] + self.bad[second])
            .sum();
        let budget = (1.0 - OBJECTIVE) * PERIOD as f64 * all / seconds;
        if budget > 0.0 {
            self.bad.iter().sum::<f64>() / budget
        } else {
            0.0
        }
    }

    /// How many of the last seconds, from the first of them on, still burn faster than this: a time that is well as a
    /// whole may begin before all is well.
    pub fn burns_on(&self, seconds: usize, burn: f64) -> usize {
        let from = self.bad.len().saturating_sub(seconds);
        let starts = from..self.bad.len().saturating_sub(SETTLES);
        let burns = |at: &usize| {
            let bad: f64 = self.bad[*at..at + SETTLES].iter().sum();
            let good: f64 = self.good[*at..at + SETTLES].iter().sum();
            bad > burn * (1.0 - OBJECTIVE) * (bad + good)
        };
        starts.take_while(burns).count()
    }

    /// All that was bad in the first seconds.
    pub fn bad_within(&self, seconds: usize) -> f64 {
        self.bad[..seconds.min(self.bad.len())].iter().sum()
    }
}

/// An alert that fires.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    pub slo: usize,
    pub severity: Severity,
    pub text: String,
}

/// What fires now: the fastest rule of each objective.
pub fn firing(slos: &[Slo], board: &Board) -> Vec<Alert> {
    let alert = |(place, slo): (usize, &Slo)| {
        let tally = Tally::of(slo, board);
        let rule = RULES.iter().find(|rule| tally.fires(rule))?;
        let [long, short] = rule.seconds();
        let text = format!(
            "{}: {} bad; the budget burns {:.0}x as fast as allowed, over {long} s and over {short} s ({} in the book)",
            slo.name,
            whole_percent(tally.bad_share(long)),
            tally.burn(long),
            rule.windows
        );
        let severity = rule.severity;
        Some(Alert {
            slo: place,
            severity,
            text,
        })
    };
    slos.iter().enumerate().filter_map(alert).collect()
}
