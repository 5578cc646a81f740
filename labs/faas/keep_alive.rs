//! How long an instance is kept for the next call.
//!
//! [`KeepAlive::Fixed`] keeps each for the same time. [`KeepAlive::Histogram`] learns the gaps between the
//! calls of its function and goes by them, as M. Shahrad and others describe it (Serverless in the Wild,
//! USENIX ATC 2020, section 4.2): take the instances away at once, start one again shortly before the gap is
//! usually over, and keep it until nearly all gaps would have ended.

use std::time::Duration;

/// Gaps are counted by the minute, up to four hours.
const BIN: Duration = Duration::from_mins(1);
const BINS: usize = 240;
/// Before that nothing is usual.
const GAPS_MIN: u32 = 10;
/// The shares of gaps that end before the pause is over, and before the instance goes.
const HEAD: f64 = 0.05;
const TAIL: f64 = 0.99;
/// Early and late by so much of the time, to be sure.
const MARGIN: f64 = 0.10;
/// With more than this share of gaps beyond the histogram it says too little.
const BEYOND_MAX: f64 = 0.5;
/// What is kept while the histogram says too little.
const UNSURE: Duration = Duration::from_hours(4);

#[derive(Debug, Clone, PartialEq)]
pub enum KeepAlive {
    Fixed(Duration),
    Histogram(Gaps),
}

/// What to do with instances that nobody calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// Away at once, and one back after this; none keeps them.
    pub pause: Option<Duration>,
    /// An instance that has been idle for so long goes.
    pub keep: Duration,
}

impl KeepAlive {
    /// A histogram of gaps that has seen none.
    pub fn learning() -> Self {
        Self::Histogram(Gaps::default())
    }

    /// A call came after the function had had none for `gap`.
    pub fn saw_gap(&mut self, gap: Duration) {
        if let Self::Histogram(gaps) = self {
            gaps.count(gap);
        }
    }

    pub fn windows(&self) -> Windows {
        match self {
            Self::Fixed(keep) => Windows {
                pause: None,
                keep: *keep,
            },
            Self::Histogram(gaps) => gaps.windows(),
        }
    }

    /// Another policy; a histogram that goes on being one keeps what it has learned.
    pub fn replace_by(&mut self, other: Self) {
        if !matches!((&*self, &other), (Self::Histogram(_), Self::Histogram(_))) {
            *self = other;
        }
    }
}

/// The gaps of one function: how many calls came after how many minutes without any.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaps {
    bins: Box<[u32; BINS]>,
    within: u32,
    beyond: u32,
}

impl Default for Gaps {
    fn default() -> Self {
        Self {
            bins: Box::new([0; BINS]),
            within: 0,
            beyond: 0,
        }
    }
}

impl Gaps {
    fn count(&mut self, gap: Duration) {
        let bin = (gap.as_secs() / BIN.as_secs()) as usize;
        match self.bins.get_mut(bin) {
            Some(count) => {
                *count += 1;
                self.within += 1;
            }
            None => self.beyond += 1,
        }
    }

    fn windows(&self) -> Windows {
        let all = self.within + self.beyond;
        if all < GAPS_MIN || f64::from(self.beyond) > BEYOND_MAX * f64::from(all) {
            return Windows {
                pause: None,
                keep: UNSURE,
            };
        }
        // Rounded down at the head and up at the tail, each with its margin.
        let head = BIN * self.bin_of(HEAD) as u32;
        let tail = BIN * (self.bin_of(TAIL) as u32 + 1);
        let pause = head.mul_f64(1.0 - MARGIN);
        Windows {
            pause: (head > BIN).then_some(pause),
            // With a pause it counts from the return of the instance on.
            keep: if head > BIN {
                tail.mul_f64(1.0 + MARGIN).saturating_sub(pause)
            } else {
                tail.mul_f64(1.0 + MARGIN)
            },
        }
    }

    /// The bin in which this share of the gaps within the histogram is reached.
    fn bin_of(&self, share: f64) -> usize {
        let wanted = share * f64::from(self.within);
        let mut seen = 0.0;
        let reached = self.bins.iter().position(|count| {
            seen += f64::from(*count);
            seen >= wanted
        });
        reached.unwrap_or(BINS - 1)
    }
}
