//! Which part of a sweep one of several does.

use std::fmt;
use std::ops::Range;

/// One of so many parts of a sweep, counted from 1 as test runners do: `1/4` is the first quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u64,
    of: u64,
}

/// Why a text does not name a part of a sweep.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    #[error("`{0}` is not a shard; write I/N, as in `1/4` for the first of four")]
    Form(String),
    #[error("there is no shard {index} of {of}; they are numbered from 1 to {of}")]
    OutOfRange { index: u64, of: u64 },
    #[error("{of} shards are more than there are runs ({runs}); take at most {runs}")]
    MoreThanRuns { of: u64, runs: u64 },
}

impl Shard {
    /// All of it.
    pub const WHOLE: Self = Self { index: 1, of: 1 };

    /// The shard with this number from 1.
    pub fn new(index: u64, of: u64) -> Result<Self, ShardError> {
        if (1..=of).contains(&index) {
            Ok(Self { index, of })
        } else {
            Err(ShardError::OutOfRange { index, of })
        }
    }

    pub fn parse(text: &str) -> Result<Self, ShardError> {
        let form = || ShardError::Form(text.chars().take(40).collect());
        let (index, of) = text.split_once('/').ok_or_else(form)?;
        let number = |text: &str| text.trim().parse().map_err(|_| form());
        Self::new(number(index)?, number(of)?)
    }

    /// The numbers of the runs that this shard does: stretches as equal as can be.
    pub fn of_runs(self, runs: u64) -> Result<Range<u64>, ShardError> {
        if self.of > runs {
            return Err(ShardError::MoreThanRuns { of: self.of, runs });
        }
        let edge = |index: u64| (u128::from(runs) * u128::from(index) / u128::from(self.of)) as u64;
        Ok(edge(self.index - 1)..edge(self.index))
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.index, self.of)
    }
}
