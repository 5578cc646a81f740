//! The time queue: what is due when, in the order (time, order of insertion).
//!
//! A hierarchical timing wheel (Varghese and Lauck, 1987) with a grain of one nanosecond: level 0 has a slot for
//! each of the 64 nanoseconds around the current time, level 1 for each 64 of those, and so on up to all of the
//! 64 bits. A timer sits at the level of the highest digit (to base 64) in which its time differs from the
//! current one, so everything on a level is earlier than everything on the levels above. Slots are lists through
//! the slab of timers: inserting and cancelling take a few instructions, whatever the load, and a cancelled timer
//! leaves nothing behind.
//!
//! Why not a heap: three queue operations an RPC made it the first line of the profile, and it grows with the
//! number of nodes. Two things keep the wheel's cascades short. The current time jumps straight to the earliest
//! timer of the lowest slot in use, not to the slot's beginning; and a slot with one timer is not cascaded at all.
//!
//! Timers of one moment are always in one slot: they were put at the end of its list in order, and a cascade
//! goes through that list in order into slots that are empty. So they fire in the order of insertion, without
//! comparing anything.

use super::net::Leg;
use super::node::NodeId;
use super::wake::WakeTarget;

/// What happens when a moment comes.
pub(crate) enum Event {
    /// A sleep or a service ends.
    Wake(WakeTarget),
    /// A message reaches the other end of its link, or its sender tries again.
    Net { channel: u32, slot: u32, leg: Leg },
    /// A stop-the-world pause ends, unless it was extended.
    Resume,
}

/// Names one pending event; stale once it fired or was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimerId {
    index: u32,
    generation: u32,
}

const DIGIT_BITS: u32 = 6;
const SLOTS: usize = 1 << DIGIT_BITS;
/// Eleven digits to base 64 hold 66 bits.
const LEVELS: usize = 11;

/// The end of a list.
const NONE: u32 = u32::MAX;

struct Timer {
    at: u64,
    /// None when it is free.
    event: Option<Event>,
    /// The node that it belongs to, for the digest.
    node: NodeId,
    generation: u32,
    before: u32,
    after: u32,
}

#[derive(Clone, Copy)]
struct Slot {
    first: u32,
    last: u32,
}

pub(crate) struct Fired {
    pub at: u64,
    pub node: NodeId,
    pub event: Event,
}

pub(crate) struct TimerQueue {
    /// The current time: nothing pending is earlier, and every timer is where this puts it.
    base: u64,
    timers: Vec<Timer>,
    free: Vec<u32>,
    /// By level, which slots are in use; and which levels are.
    used: [u64; LEVELS],
    used_levels: u32,
    slots: Box<[[Slot; SLOTS]; LEVELS]>,
}

impl Default for TimerQueue {
    fn default() -> Self {
        const EMPTY: Slot = Slot {
            first: NONE,
            last: NONE,
        };
        Self {
            base: 0,
            timers: Vec::new(),
            free: Vec::new(),
            used: [0; LEVELS],
            used_levels: 0,
            slots: Box::new([[EMPTY; SLOTS]; LEVELS]),
        }
    }
}

impl TimerQueue {
    /// Adds a timer, not before the current time: that of the event that was taken out last.
    pub fn insert(&mut self, at: u64, node: NodeId, event: Event) -> TimerId {
        debug_assert!(at >= self.base, "a timer in the past");
        let index = if let Some(index) = self.free.pop() {
            let timer = &mut self.timers[index as usize];
            timer.at = at;
            timer.event = Some(event);
            timer.node = node;
            index
        } else {
            self.timers.push(Timer {
                at,
                event: Some(event),
                node,
                generation: 0,
                before: NONE,
                after: NONE,
            });
            (self.timers.len() - 1) as u32
        };
        self.append(index, at);
        let generation = self.timers[index as usize].generation;
        TimerId { index, generation }
    }

    /// Takes the event out, if it is still pending. The caller drops it when no part of the world is borrowed.
    pub fn cancel(&mut self, id: TimerId) -> Option<Event> {
        if self.timers.get(id.index as usize)?.generation != id.generation {
            return None;
        }
        self.unlink(id.index);
        self.release(id.index)
    }

    /// The event of a timer that is still pending.
    pub fn get_mut(&mut self, id: TimerId) -> Option<&mut Event> {
        let timer = self.timers.get_mut(id.index as usize)?;
        if timer.generation == id.generation {
            timer.event.as_mut()
        } else {
            None
        }
    }

    /// When the next event is due.
    pub fn peek(&self) -> Option<u64> {
        let (level, slot) = self.lowest()?;
        Some(self.earliest(level, slot))
    }

    /// Takes out the next event if it is due by `until`; its time is the current one from then on.
    pub fn pop_due(&mut self, until: u64) -> Option<Fired> {
        let (level, slot) = self.lowest()?;
        let earliest = self.earliest(level, slot);
        if earliest > until {
            return None;
        }
        let Slot { first, last } = self.slots[level][slot];
        let index = if first == last {
            self.clear(level, slot);
            self.base = earliest;
            first
        } else {
            self.base = earliest;
            if level > 0 {
                self.cascade(level, slot);
            }
            let index = self.slots[0][digit(earliest, 0)].first;
            self.unlink(index);
            index
        };
        let node = self.timers[index as usize].node;
        let event = self.release(index)?;
        Some(Fired {
            at: earliest,
            node,
            event,
        })
    }

    /// Pending events in no particular (but always the same) order: (due, event).
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Event)> {
        self.timers
            .iter()
            .filter_map(|timer| Some((timer.at, timer.event.as_ref()?)))
    }

    /// Pending events.
    pub fn len(&self) -> usize {
        self.timers.len() - self.free.len()
    }

    /// Room taken, used or not: what must stay bounded.
    pub fn capacity(&self) -> usize {
        self.timers.len()
    }

    /// Takes out everything, for the end of the world.
    pub fn drain(&mut self) -> Vec<Event> {
        let timers = std::mem::take(self).timers;
        timers.into_iter().filter_map(|timer| timer.event).collect()
    }

    /// The lowest slot in use: the next timer is in it.
    fn lowest(&self) -> Option<(usize, usize)> {
        if self.used_levels == 0 {
            return None;
        }
        let level = self.used_levels.trailing_zeros() as usize;
        Some((level, self.used[level].trailing_zeros() as usize))
    }

    fn earliest(&self, level: usize, slot: usize) -> u64 {
        let Slot { first, last } = self.slots[level][slot];
        let mut earliest = self.timers[first as usize].at;
        if level == 0 || first == last {
            return earliest;
        }
        let mut index = first;
        while index != NONE {
            let timer = &self.timers[index as usize];
            earliest = earliest.min(timer.at);
            index = timer.after;
        }
        earliest
    }

    /// Puts the timers of a slot where the new current time wants them: on the levels below.
    fn cascade(&mut self, level: usize, slot: usize) {
        let mut index = self.slots[level][slot].first;
        self.clear(level, slot);
        while index != NONE {
            let Timer { at, after, .. } = self.timers[index as usize];
            self.append(index, at);
            index = after;
        }
    }

    fn append(&mut self, index: u32, at: u64) {
        let level = level_of(at, self.base);
        let slot = digit(at, level);
        let ends = &mut self.slots[level][slot];
        let last = ends.last;
        ends.last = index;
        if last == NONE {
            ends.first = index;
            self.used[level] |= 1 << slot;
            self.used_levels |= 1 << level;
        } else {
            self.timers[last as usize].after = index;
        }
        let timer = &mut self.timers[index as usize];
        timer.before = last;
        timer.after = NONE;
    }

    fn unlink(&mut self, index: u32) {
        let Timer {
            at, before, after, ..
        } = self.timers[index as usize];
        if before != NONE && after != NONE {
            self.timers[before as usize].after = after;
            self.timers[after as usize].before = before;
            return;
        }
        let level = level_of(at, self.base);
        let slot = digit(at, level);
        match (before, after) {
            (NONE, NONE) => self.clear(level, slot),
            (NONE, _) => {
                self.slots[level][slot].first = after;
                self.timers[after as usize].before = NONE;
            }
            _ => {
                self.slots[level][slot].last = before;
                self.timers[before as usize].after = NONE;
            }
        }
    }

    fn clear(&mut self, level: usize, slot: usize) {
        self.slots[level][slot] = Slot {
            first: NONE,
            last: NONE,
        };
        self.used[level] &= !(1 << slot);
        if self.used[level] == 0 {
            self.used_levels &= !(1 << level);
        }
    }

    fn release(&mut self, index: u32) -> Option<Event> {
        let timer = &mut self.timers[index as usize];
        timer.generation = timer.generation.wrapping_add(1);
        self.free.push(index);
        timer.event.take()
    }
}

/// The highest digit in which the two differ; 0 if they don't.
fn level_of(at: u64, base: u64) -> usize {
    ((at ^ base) | 1).ilog2() as usize / DIGIT_BITS as usize
}

fn digit(at: u64, level: usize) -> usize {
    (at >> (level as u32 * DIGIT_BITS)) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wake() -> Event {
        Event::Wake(WakeTarget::Nobody)
    }

    #[test]
    fn equal_times_fire_in_the_order_of_insertion() {
        let mut queue = TimerQueue::default();
        for node in 0..100 {
            queue.insert(7, NodeId(node), wake());
        }
        let order: Vec<u32> =
            std::iter::from_fn(|| queue.pop_due(7).map(|fired| fired.node.0)).collect();
        assert_eq!(order, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn cancelled_timers_take_no_room_for_long() {
        let mut queue = TimerQueue::default();
        for round in 0..1_000_000_u64 {
            let id = queue.insert(1_000_000_000 + round, NodeId(0), wake());
            assert!(queue.cancel(id).is_some());
            assert!(queue.cancel(id).is_none(), "a timer is cancelled once");
        }
        assert_eq!(queue.len(), 0);
        assert_eq!(queue.capacity(), 1);
    }

    /// Near and far, so that every level is used, and often the same.
    fn distance() -> impl Strategy<Value = u64> {
        prop_oneof![
            0_u64..4,
            0_u64..500,
            (0_u32..64).prop_map(|bits| 1 << bits),
            any::<u64>()
        ]
    }

    proptest! {
        /// Whatever is inserted, cancelled and taken: the queue does as a sorted list would.
        #[test]
        fn behaves_as_a_sorted_list(steps in proptest::collection::vec((0_u8..5, distance()), 0..400)) {
            let mut queue = TimerQueue::default();
            let mut model: Vec<(u64, u32, TimerId)> = Vec::new();
            let (mut inserted, mut now) = (0, 0_u64);
            for (what, n) in steps {
                let n = now.saturating_add(n);
                match what {
                    0 | 1 => {
                        inserted += 1;
                        let id = queue.insert(n, NodeId(inserted), wake());
                        model.push((n, inserted, id));
                        model.sort_by_key(|(at, order, _)| (*at, *order));
                    }
                    2 if !model.is_empty() => {
                        let (_, _, id) = model.remove(n as usize % model.len());
                        prop_assert!(queue.cancel(id).is_some());
                    }
                    _ => {
                        prop_assert_eq!(queue.peek(), model.first().map(|(at, _, _)| *at));
                        let due = model.first().filter(|(at, _, _)| *at <= n).map(|(at, order, _)| (*at, *order));
                        if let Some((at, _)) = due {
                            model.remove(0);
                            now = at;
                        }
                        prop_assert_eq!(queue.pop_due(n).map(|fired| (fired.at, fired.node.0)), due);
                    }
                }
                prop_assert_eq!(queue.len(), model.len());
                prop_assert_eq!(queue.iter().count(), model.len());
            }
        }
    }
}
