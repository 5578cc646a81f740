//! A saved run that is repeated: its digests on the way are held against those of the replay.

use crate::engine::SimTime;
use crate::workbench::frame::SavedView;
use crate::workbench::replay::Replay;

/// What a saved run must come to.
#[derive(Debug)]
pub struct Saved {
    /// In order of time; never empty.
    digests: Vec<(SimTime, u64)>,
    /// How many of them were the same.
    same: usize,
    found: Option<Replay>,
}

impl Saved {
    /// None without a digest to come to.
    pub fn expecting(digests: Vec<(SimTime, u64)>) -> Option<Self> {
        (!digests.is_empty()).then_some(Self {
            digests,
            same: 0,
            found: None,
        })
    }

    /// The next moment at which there is a digest to hold against.
    pub fn next(&self) -> Option<SimTime> {
        if self.found.is_some() {
            return None;
        }
        self.digests.get(self.same).map(|(at, _)| *at)
    }

    /// Holds the digest of this moment against the saved one; tells what was found when that is settled by it.
    pub fn check(&mut self, now: SimTime, replayed: u64) -> Option<Replay> {
        let (at, recorded) = *self.digests.get(self.same)?;
        if self.found.is_some() || at != now {
            return None;
        }
        if recorded == replayed {
            self.same += 1;
            if self.same < self.digests.len() {
                return None;
            }
            self.found = Some(Replay::Same { digest: replayed });
        } else {
            let before = self
                .same
                .checked_sub(1)
                .map(|before| self.digests[before].0);
            self.found = Some(Replay::Differs {
                equal_until: before.unwrap_or_default(),
                at,
                recorded,
                replayed,
            });
        }
        self.found
    }

    pub fn is_settled(&self) -> bool {
        self.found.is_some()
    }

    pub fn view(&self) -> SavedView {
        SavedView {
            until: self.digests.last().map(|(at, _)| *at).unwrap_or_default(),
            found: self.found,
        }
    }
}
