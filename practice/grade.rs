//! How sure one is before the reveal, and how it went after it.

use serde::{Deserialize, Serialize};

/// What one would bet on the own answer, before seeing the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Confidence {
    Guess,
    Doubtful,
    Even,
    Likely,
    Sure,
}

impl Confidence {
    pub const ALL: [Self; 5] = [
        Self::Guess,
        Self::Doubtful,
        Self::Even,
        Self::Likely,
        Self::Sure,
    ];

    /// 10, 30, 50, 70 or 90.
    pub const fn percent(self) -> u8 {
        match self {
            Self::Guess => 10,
            Self::Doubtful => 30,
            Self::Even => 50,
            Self::Likely => 70,
            Self::Sure => 90,
        }
    }
}

impl From<Confidence> for u8 {
    fn from(confidence: Confidence) -> Self {
        confidence.percent()
    }
}

impl TryFrom<u8> for Confidence {
    type Error = String;

    fn try_from(percent: u8) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|confidence| confidence.percent() == percent)
            .ok_or_else(|| format!("confidence is 10, 30, 50, 70 or 90, not {percent}"))
    }
}

/// How an answer went, said by the one who gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    Again,
    Hard,
    Good,
    Easy,
}

impl Grade {
    pub const ALL: [Self; 4] = [Self::Again, Self::Hard, Self::Good, Self::Easy];

    /// The key that gives it, 1 to 4.
    pub const fn key(self) -> char {
        match self {
            Self::Again => '1',
            Self::Hard => '2',
            Self::Good => '3',
            Self::Easy => '4',
        }
    }

    /// 1 to 4, as schedulers count.
    pub const fn rating(self) -> u8 {
        self as u8 + 1
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Again => "again",
            Self::Hard => "hard",
            Self::Good => "good",
            Self::Easy => "easy",
        }
    }

    /// The answer holds as it is: good or easy.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Good | Self::Easy)
    }

    /// Reads `3` or `good`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        Self::ALL
            .into_iter()
            .find(|grade| text == grade.name() || text.chars().eq([grade.key()]))
    }

    /// A grade for these ticks, to be suggested and never forced: a missed point that an answer cannot
    /// leave out means again; the rest goes by the share of the weight.
    pub fn suggested(points: &[(Tick, u8)]) -> Self {
        let weight = |ticked: bool| -> u32 {
            points
                .iter()
                .filter(|(tick, _)| !ticked || matches!(tick, Tick::Met))
                .map(|(_, weight)| u32::from(*weight))
                .sum()
        };
        let missed_must = points
            .iter()
            .filter(|(tick, _)| *tick == Tick::MissedMust)
            .count();
        let (met, all) = (weight(true), weight(false));
        match missed_must {
            0 if met == all => Self::Easy,
            0 => Self::Good,
            1 if met * 2 >= all => Self::Hard,
            _ => Self::Again,
        }
    }
}

/// What became of one point of a rubric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tick {
    Met,
    Missed,
    /// Missed, and a strong answer cannot leave it out.
    MissedMust,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grade_is_read_by_key_or_name() {
        assert_eq!(Grade::parse(" 3 "), Some(Grade::Good));
        assert_eq!(Grade::parse("Again"), Some(Grade::Again));
        assert_eq!(Grade::parse("5"), None);
        assert_eq!(Grade::parse(""), None);
    }

    #[test]
    fn the_suggestion_weighs_must_points_first() {
        use Tick::{Met, Missed, MissedMust};
        assert_eq!(Grade::suggested(&[(Met, 3), (Met, 1)]), Grade::Easy);
        assert_eq!(Grade::suggested(&[(Met, 3), (Missed, 1)]), Grade::Good);
        assert_eq!(Grade::suggested(&[(Met, 3), (MissedMust, 3)]), Grade::Hard);
        assert_eq!(Grade::suggested(&[(Met, 1), (MissedMust, 5)]), Grade::Again);
        assert_eq!(
            Grade::suggested(&[(Met, 5), (MissedMust, 1), (MissedMust, 1)]),
            Grade::Again
        );
    }

    #[test]
    fn confidence_is_stored_as_its_percentage() {
        assert_eq!(serde_json::to_string(&Confidence::Likely).unwrap(), "70");
        assert_eq!(
            serde_json::from_str::<Confidence>("90").unwrap(),
            Confidence::Sure
        );
        assert!(serde_json::from_str::<Confidence>("60").is_err());
    }
}
