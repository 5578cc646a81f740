//! The two strategies of [`pattern`](super::pattern) that are tables and not formulas: ranges of the
//! key itself, and fixed slots. A formula spreads; a table can be changed by hand. A table depends on the
//! changes that made it: routers copy it, and don't compute it.

use super::pattern::{CannotResize, Key, ShardId, Strategy, in_order, join, leave};

// region: range
/// Intervals of the key itself: neighbours stay together, and so do all who want the newest.
pub struct Range {
    shards: Vec<ShardId>,
    /// Where each range begins, in order; it ends where the next begins. The first begins at 0.
    starts: Vec<(u64, ShardId)>,
    /// No key is at this place or beyond.
    end: u64,
}

impl Range {
    /// Equal ranges of the places below `end`.
    pub fn new(shards: &[ShardId], end: u64) -> Self {
        let shards = in_order(shards);
        let count = shards.len() as u64;
        let begin = |(nth, shard): (usize, &ShardId)| (nth as u64 * end / count, *shard);
        Self {
            starts: shards.iter().enumerate().map(begin).collect(),
            shards,
            end,
        }
    }

    fn width(&self, nth: usize) -> u64 {
        let next = self.starts.get(nth + 1).map_or(self.end, |next| next.0);
        next - self.starts[nth].0
    }
}

impl Strategy for Range {
    fn owner(&self, key: &Key) -> ShardId {
        let begun = self
            .starts
            .partition_point(|(start, _)| *start <= key.place);
        self.starts[begun.saturating_sub(1)].1
    }

    fn shards(&self) -> &[ShardId] {
        &self.shards
    }

    /// The newcomer gets the upper half of the widest range: one split, and one shard relieved.
    fn add(&mut self, shard: ShardId) -> Result<(), CannotResize> {
        join(&mut self.shards, shard);
        let widest = (0..self.starts.len())
            .rev()
            .max_by_key(|nth| self.width(*nth));
        let nth = widest.expect("a map has a range");
        let middle = self.starts[nth].0 + self.width(nth).div_ceil(2);
        self.starts.insert(nth + 1, (middle, shard));
        Ok(())
    }

    /// Its neighbour below takes over, of the first one the neighbour above.
    fn remove(&mut self, shard: ShardId) -> Result<(), CannotResize> {
        leave(&mut self.shards, shard)?;
        self.starts.retain(|(_, owner)| *owner != shard);
        self.starts[0].0 = 0;
        Ok(())
    }
}
// endregion

// region: lookup
/// Keys hash to slots for ever; a table gives slots to shards. A resize moves slots, and as few as
/// it must.
pub struct Lookup {
    shards: Vec<ShardId>,
    table: Vec<ShardId>,
}

/// As many as Redis Cluster has.
pub const SLOTS: usize = 16_384;

/// The slot of a name. Only what stands between the first `{` and the next `}` counts, if there is
/// anything: so names can be made to share a slot (Redis Cluster specification, hash tags).
pub fn slot(name: &[u8]) -> u16 {
    let tag = name.iter().position(|byte| *byte == b'{').and_then(|open| {
        let rest = &name[open + 1..];
        let close = rest.iter().position(|byte| *byte == b'}')?;
        (close > 0).then_some(&rest[..close])
    });
    crc16(tag.unwrap_or(name)) % SLOTS as u16
}

/// CRC-16/XMODEM: polynomial 0x1021, begun at 0, neither reflected nor inverted.
pub fn crc16(bytes: &[u8]) -> u16 {
    let next = |crc: u16, byte: &u8| crc << 8 ^ CRC16[usize::from(crc >> 8 ^ u16::from(*byte))];
    bytes.iter().fold(0, next)
}

/// What the eight bits of a byte come to: a fleet of a million keys is named at the start of a run.
const CRC16: [u16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut crc, mut bit) = ((byte as u16) << 8, 0);
        while bit < 8 {
            crc = crc << 1 ^ if crc & 0x8000 != 0 { 0x1021 } else { 0 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

impl Lookup {
    /// Each shard gets an equal stretch of slots.
    pub fn new(shards: &[ShardId]) -> Self {
        let shards = in_order(shards);
        let owner = |slot: usize| shards[slot * shards.len() / SLOTS];
        let table = (0..SLOTS).map(owner).collect();
        Self { shards, table }
    }

    fn count(&self, shard: ShardId) -> usize {
        self.table.iter().filter(|owner| **owner == shard).count()
    }

    fn counts(&self) -> Vec<(usize, ShardId)> {
        let shards = self.shards.iter();
        shards.map(|shard| (self.count(*shard), *shard)).collect()
    }
}

impl Strategy for Lookup {
    fn owner(&self, key: &Key) -> ShardId {
        self.table[usize::from(key.slot)]
    }

    fn shards(&self) -> &[ShardId] {
        &self.shards
    }

    /// Everybody gives what they have beyond a fair share, until the newcomer has one.
    fn add(&mut self, shard: ShardId) -> Result<(), CannotResize> {
        let mut counts = self.counts();
        join(&mut self.shards, shard);
        let fair = SLOTS / self.shards.len();
        let mut wanted = fair;
        for owner in &mut self.table {
            let of_owner = counts.iter_mut().find(|(_, other)| other == owner);
            if let Some((count, _)) = of_owner
                && *count > fair
                && wanted > 0
            {
                *count -= 1;
                wanted -= 1;
                *owner = shard;
            }
        }
        Ok(())
    }

    /// Each of its slots goes to whoever has the fewest.
    fn remove(&mut self, shard: ShardId) -> Result<(), CannotResize> {
        leave(&mut self.shards, shard)?;
        let mut counts = self.counts();
        for owner in self.table.iter_mut().filter(|owner| **owner == shard) {
            let poorest = counts.iter_mut().min_by_key(|(count, _)| *count);
            let (count, heir) = poorest.expect("somebody stays");
            *count += 1;
            *owner = *heir;
        }
        Ok(())
    }
}
// endregion
