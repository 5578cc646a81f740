//! What the learner has settled: the day of the interview, how much a day, how well to remember.

use crate::clock::LocalDay;
use crate::progress::practice::PracticePlanned;
use crate::progress::projection::standing;
use crate::progress::{Event, Stored};
use ddlab_practice::schedule::{RETENTION, RETENTION_RANGE, Scheduler};

/// Cards a day unless the learner says otherwise.
pub const DAILY_LIMIT: usize = 60;

/// The settings as the log has them last.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub interview: Option<LocalDay>,
    pub daily_limit: usize,
    /// The share of due cards that should be remembered.
    pub retention: f32,
    /// Fitted to the learner's own log; empty: those of the model.
    pub weights: Vec<f32>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            interview: None,
            daily_limit: DAILY_LIMIT,
            retention: RETENTION,
            weights: Vec::new(),
        }
    }
}

impl Plan {
    /// Takes up one event of the log.
    pub fn take(&mut self, stored: &Stored) {
        match &stored.event {
            Event::PracticePlanned(planned) => {
                self.interview = planned.interview.as_deref().and_then(LocalDay::parse);
                self.daily_limit = planned.daily_limit;
                self.retention = planned.retention;
            }
            Event::ScheduleFitted { weights } => self.weights.clone_from(weights),
            _ => {}
        }
    }

    /// The settings of this log.
    pub fn of<'a>(log: impl IntoIterator<Item = &'a Stored>) -> Self {
        let mut plan = Self::default();
        for stored in standing(log) {
            plan.take(stored);
        }
        plan
    }

    /// Settles the day of the interview, `2026-12-06`, or `none`.
    ///
    /// # Errors
    /// A sentence when it is not a day.
    pub fn set_interview(&mut self, day: &str) -> Result<(), String> {
        self.interview =
            match day {
                "none" => None,
                day => {
                    let known = LocalDay::parse(day);
                    Some(known.ok_or_else(|| {
                        format!("`{day}` is not a day; write 2026-12-06, or none")
                    })?)
                }
            };
        Ok(())
    }

    /// The event that keeps these settings.
    pub fn event(&self) -> Event {
        Event::PracticePlanned(PracticePlanned {
            interview: self.interview.map(|day| day.to_string()),
            daily_limit: self.daily_limit,
            retention: self.retention,
        })
    }

    pub fn scheduler(&self) -> Scheduler {
        Scheduler::default()
            .with_weights(&self.weights)
            .with_retention(self.retention)
            .with_interview(self.interview.map(LocalDay::number))
    }

    /// `interview on 2026-12-06 · 60 cards a day · 90 % to be remembered`
    pub fn in_words(&self) -> String {
        let interview = self.interview.map_or_else(
            || "no interview date".to_owned(),
            |day| format!("interview on {day}"),
        );
        let weights = if self.weights.is_empty() {
            ""
        } else {
            " · schedule fitted to your own log"
        };
        format!(
            "{interview} · {} a day · {:.0} % to be remembered{weights}",
            ddlab_text::counted(self.daily_limit, "card"),
            self.retention * 100.0
        )
    }

    /// Whether this share may be asked for.
    ///
    /// # Errors
    /// A sentence with what may be.
    pub fn check_retention(retention: f32) -> Result<f32, String> {
        if RETENTION_RANGE.contains(&retention) {
            return Ok(retention);
        }
        Err(format!(
            "retention {retention} is not within {} to {}; 0.9 suits most",
            RETENTION_RANGE.start(),
            RETENTION_RANGE.end()
        ))
    }
}
