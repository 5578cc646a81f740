//! A mock interview as a plan of time: six phases, each with its share, and where one is late.

use serde::{Deserialize, Serialize};

/// The parts of a system design interview, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Requirements,
    Estimation,
    HighLevel,
    DeepDive,
    Failure,
    Evolution,
}

impl Phase {
    pub const ALL: [Self; 6] = [
        Self::Requirements,
        Self::Estimation,
        Self::HighLevel,
        Self::DeepDive,
        Self::Failure,
        Self::Evolution,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Requirements => "requirements",
            Self::Estimation => "estimation",
            Self::HighLevel => "high-level design",
            Self::DeepDive => "deep dive",
            Self::Failure => "failure",
            Self::Evolution => "trade-offs and evolution",
        }
    }

    /// Of an interview of 45 minutes.
    const fn minutes_of_45(self) -> u64 {
        match self {
            Self::Requirements | Self::Estimation | Self::Failure | Self::Evolution => 5,
            Self::HighLevel => 10,
            Self::DeepDive => 15,
        }
    }

    /// How long it may take in an interview of so many minutes.
    pub const fn seconds(self, minutes: u64) -> u64 {
        self.minutes_of_45() * 60 * minutes / 45
    }

    pub fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|other| *other > self)
    }
}

/// What is left of a phase: `04:12`, or `1:05 over`. `spent` in milliseconds.
pub fn countdown(phase: Phase, minutes: u64, spent_ms: u64) -> String {
    let (all, spent) = (phase.seconds(minutes), spent_ms / 1_000);
    let clock = |seconds: u64| format!("{:02}:{:02}", seconds / 60, seconds % 60);
    if spent <= all {
        format!("{} left", clock(all - spent))
    } else {
        format!("{} over", clock(spent - all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phases_fill_the_interview() {
        for minutes in [45, 20] {
            let all: u64 = Phase::ALL.iter().map(|phase| phase.seconds(minutes)).sum();
            assert!(minutes * 60 - all < 6, "{minutes}: {all}");
        }
        let next: Vec<Option<Phase>> = Phase::ALL.map(Phase::next).to_vec();
        assert_eq!(next[..5], Phase::ALL.map(Some)[1..]);
        assert_eq!(next[5], None);
    }

    #[test]
    fn what_is_left_is_shown_and_what_is_over() {
        assert_eq!(countdown(Phase::DeepDive, 45, 90_000), "13:30 left");
        assert_eq!(countdown(Phase::Failure, 45, 365_000), "01:05 over");
    }
}
