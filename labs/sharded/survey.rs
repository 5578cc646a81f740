//! The map as a picture shows it: who owns what, looked up at even steps through the space that the
//! strategy divides, and what the last resize has moved.

use super::fleet::StrategyName;
use super::keys::Keys;
use super::pattern::{Key, MAGLEV_SLOTS, SLOTS, ShardId};
use super::table::Knobs;
use crate::workbench::scene::{OwnershipMap, SAMPLES, Sample, Space};
use std::cell::RefCell;
use std::sync::Arc;

pub struct Survey {
    space: Space,
    table: Table,
    /// The owner at each step, in the order of the space.
    owners: RefCell<Vec<ShardId>>,
    /// Made once a resize: a frame is drawn much more often than a map changes.
    map: RefCell<Arc<OwnershipMap>>,
    joined: RefCell<Vec<ShardId>>,
}

/// By what a strategy finds its place in the space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    Ring,
    Maglev,
    Lookup,
    Range,
    Formula,
}

impl Survey {
    pub fn new(knobs: &Knobs, keys: &Keys, owner: impl Fn(&Key) -> ShardId) -> Self {
        let (table, space) = match knobs.strategy.get() {
            StrategyName::Ring => {
                let points = knobs.vnodes.get();
                (Table::Ring, Space::Ring { points })
            }
            StrategyName::Maglev => {
                let slots = MAGLEV_SLOTS;
                (Table::Maglev, Space::Slots { slots })
            }
            StrategyName::Lookup => (Table::Lookup, Space::Slots { slots: SLOTS }),
            StrategyName::Range => (Table::Range, Space::Places { keys: keys.len() }),
            // What is computed has no neighbours.
            StrategyName::Modulo | StrategyName::Jump | StrategyName::Rendezvous => {
                (Table::Formula, Space::Keys { keys: keys.len() })
            }
        };
        let survey = Self {
            space,
            table,
            owners: RefCell::default(),
            map: RefCell::new(Arc::new(OwnershipMap {
                space,
                samples: Vec::new(),
                moved: None,
            })),
            joined: RefCell::default(),
        };
        survey.look(keys, owner, None);
        survey
    }

    /// Looks again, after a shard has come or left.
    pub fn resized(
        &self,
        keys: &Keys,
        owner: impl Fn(&Key) -> ShardId,
        joined: Vec<ShardId>,
        moved: f64,
    ) {
        self.joined.replace(joined);
        self.look(keys, owner, Some(moved));
    }

    fn look(&self, keys: &Keys, owner: impl Fn(&Key) -> ShardId, moved: Option<f64>) {
        let steps = SAMPLES.min(match self.space {
            Space::Ring { .. } => SAMPLES,
            Space::Slots { slots } => slots,
            Space::Places { keys } | Space::Keys { keys } => keys,
        });
        let now: Vec<ShardId> = (0..steps)
            .map(|step| owner(&self.key_at(step, steps, keys)))
            .collect();
        let before = self.owners.replace(now.clone());
        let mut samples: Vec<Sample> = now
            .iter()
            .enumerate()
            .map(|(step, owner)| Sample {
                owner: owner.0,
                moved: before.get(step).is_some_and(|before| before != owner),
            })
            .collect();
        if self.table == Table::Formula {
            samples.sort_by_key(|sample| (sample.owner, sample.moved));
        }
        *self.map.borrow_mut() = Arc::new(OwnershipMap {
            space: self.space,
            samples,
            moved,
        });
    }

    /// What is looked up in the middle of a step.
    fn key_at(&self, step: usize, steps: usize, keys: &Keys) -> Key {
        let of = |whole: usize| (2 * step + 1) * whole / (2 * steps);
        let nowhere = Key {
            place: 0,
            hash: 0,
            slot: 0,
        };
        match self.table {
            Table::Ring => Key {
                hash: (((2 * step + 1) as u128) << 64).wrapping_div(2 * steps as u128) as u64,
                ..nowhere
            },
            Table::Maglev => Key {
                hash: of(MAGLEV_SLOTS) as u64,
                ..nowhere
            },
            Table::Lookup => Key {
                slot: of(SLOTS) as u16,
                ..nowhere
            },
            Table::Range => Key {
                place: of(keys.len()) as u64,
                ..nowhere
            },
            Table::Formula => *keys.nth(of(keys.len())),
        }
    }

    /// Where a key lies in the space, 0 to 1; none where keys have no place in it.
    pub fn place(&self, key: &Key, keys: usize) -> Option<f64> {
        Some(match self.table {
            Table::Ring => key.hash as f64 / u64::MAX as f64,
            Table::Maglev => (key.hash % MAGLEV_SLOTS as u64) as f64 / MAGLEV_SLOTS as f64,
            Table::Lookup => f64::from(key.slot) / SLOTS as f64,
            Table::Range => key.place as f64 / keys.max(1) as f64,
            Table::Formula => return None,
        })
    }

    pub fn map(&self) -> Arc<OwnershipMap> {
        Arc::clone(&self.map.borrow())
    }

    /// The shard joined at the last resize.
    pub fn has_joined(&self, id: ShardId) -> bool {
        self.joined.borrow().contains(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Sim;
    use crate::sharded::pattern::{Jump, Lookup, Maglev, Range, Ring, Strategy, Weights};
    use crate::sharded::table::SPEC;
    use crate::workbench::knob::{KnobSettings, Settings};

    const KEYS: usize = 5_000;

    fn shards(count: u32) -> Vec<ShardId> {
        (1..=count).map(ShardId).collect()
    }

    fn strategy(name: &str) -> Box<dyn Strategy> {
        match name {
            "ring" => Box::new(Ring::new("cache", &shards(4), 100, Weights::default())),
            "maglev" => Box::new(Maglev::new("cache", &shards(4), Weights::default())),
            "lookup" => Box::new(Lookup::new(&shards(4))),
            "range" => Box::new(Range::new(&shards(4), KEYS as u64)),
            _ => Box::new(Jump::new(&shards(4))),
        }
    }

    /// The map of a strategy over four shards, before and after a fifth one.
    fn surveyed(name: &str) -> [Arc<OwnershipMap>; 2] {
        let sim = Sim::new(1);
        let mut settings = KnobSettings::defaults(&SPEC.knobs);
        settings.set_text(&format!("strategy={name}")).unwrap();
        settings.set_text(&format!("keys={KEYS}")).unwrap();
        let knobs = Knobs::of(&Settings::new(settings));
        let keys = Keys::new(&sim.handle(), &knobs);
        let mut map = strategy(name);
        let survey = Survey::new(&knobs, &keys, |key| map.owner(key));
        let before = survey.map();
        map.add(ShardId(5)).unwrap();
        survey.resized(&keys, |key| map.owner(key), vec![ShardId(5)], 0.2);
        [before, survey.map()]
    }

    fn owned(map: &OwnershipMap, shard: u32) -> f64 {
        let of_shard = map.samples.iter().filter(|sample| sample.owner == shard);
        of_shard.count() as f64 / map.samples.len() as f64
    }

    #[test]
    fn every_shard_of_an_even_map_owns_about_its_share_of_the_samples() {
        for name in ["ring", "maglev", "lookup", "range", "jump"] {
            let [before, _] = surveyed(name);
            assert_eq!(before.samples.len(), SAMPLES);
            assert!(before.moved.is_none());
            for shard in 1..=4 {
                let share = owned(&before, shard);
                assert!((0.17..0.33).contains(&share), "{name} {shard}: {share}");
            }
        }
    }

    #[test]
    fn what_a_consistent_map_moves_is_what_the_newcomer_has() {
        for name in ["ring", "lookup", "range", "jump"] {
            let [_, after] = surveyed(name);
            assert!(owned(&after, 5) > 0.1, "{name}");
            for sample in &after.samples {
                assert_eq!(sample.moved, sample.owner == 5, "{name}");
            }
        }
    }

    #[test]
    fn samples_of_a_formula_lie_shard_by_shard() {
        let [_, after] = surveyed("jump");
        assert!(after.samples.is_sorted_by_key(|sample| sample.owner));
        assert_eq!(after.space, Space::Keys { keys: KEYS });
    }
}
