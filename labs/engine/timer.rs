//! The time queue: what is due when, in the order (time, sequence number).
//!
//! A 4-ary heap of 16-byte keys beside a slab of events. The four children of a node share a cache line,
//! and the heap is half as deep as a binary one; a hierarchical wheel would be O(1), but its cascades cost
//! more than a few levels of heap at the sizes that labs have.
//!
//! Cancelling frees the event at once and leaves its key behind; the key is dropped when it surfaces, or
//! when more than half of all keys are such leftovers. So timeouts that never fire (most of them) cost
//! O(1) and can't pile up.

use super::executor::WakeTarget;
use super::net::Leg;
use super::node::NodeId;

/// What happens when a moment comes.
pub(crate) enum Event {
    /// A sleep or a service ends.
    Wake(WakeTarget),
    /// A message reaches the other end of its link, or its sender tries again.
    Net { exchange: u32, slot: u32, leg: Leg },
    /// A stop-the-world pause ends, unless it was extended.
    Resume,
}

/// Names one pending event; stale once it fired or was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimerId {
    slot: u32,
    seq: u64,
}

/// Time in the upper half, then sequence number, then slot: comparing keys compares (time, sequence).
type Key = u128;
const SLOT_BITS: u32 = 24;
const SEQ_BITS: u32 = 64 - SLOT_BITS;

fn key(at: u64, seq: u64, slot: u32) -> Key {
    (Key::from(at) << 64) | Key::from((seq << SLOT_BITS) | u64::from(slot))
}

fn at(key: Key) -> u64 {
    (key >> 64) as u64
}

fn seq(key: Key) -> u64 {
    (key as u64) >> SLOT_BITS
}

fn slot(key: Key) -> u32 {
    (key as u32) & ((1 << SLOT_BITS) - 1)
}

struct Pending {
    /// 0 when the slot is free: sequence numbers start at 1.
    seq: u64,
    /// The node that it belongs to, for the digest.
    node: NodeId,
    event: Option<Event>,
}

pub(crate) struct Fired {
    pub at: u64,
    pub node: NodeId,
    pub event: Event,
}

#[derive(Default)]
pub(crate) struct TimerQueue {
    heap: Vec<Key>,
    slots: Vec<Pending>,
    free: Vec<u32>,
    last_seq: u64,
    /// Keys in the heap whose event was cancelled.
    stale: usize,
}

impl TimerQueue {
    pub fn insert(&mut self, at: u64, node: NodeId, event: Event) -> TimerId {
        self.last_seq += 1;
        let seq = self.last_seq;
        assert!(
            seq < 1 << SEQ_BITS,
            "a run of more than 10^12 events: start it afresh"
        );
        let pending = Pending {
            seq,
            node,
            event: Some(event),
        };
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = pending;
            slot
        } else {
            self.slots.push(pending);
            (self.slots.len() - 1) as u32
        };
        assert!(
            slot < 1 << SLOT_BITS,
            "more than 16 million timers and messages at once: lower the load"
        );
        self.push(key(at, seq, slot));
        TimerId { slot, seq }
    }

    /// Takes the event out, if it is still pending. The caller drops it when no part of the world is borrowed.
    pub fn cancel(&mut self, id: TimerId) -> Option<Event> {
        let pending = self.slots.get_mut(id.slot as usize)?;
        if pending.seq != id.seq {
            return None;
        }
        pending.seq = 0;
        let event = pending.event.take();
        self.free.push(id.slot);
        self.stale += 1;
        if self.stale > 64 && self.stale > self.heap.len() / 2 {
            self.sweep();
        }
        event
    }

    /// The event of a timer that is still pending.
    pub fn get_mut(&mut self, id: TimerId) -> Option<&mut Event> {
        let pending = self.slots.get_mut(id.slot as usize)?;
        if pending.seq == id.seq {
            pending.event.as_mut()
        } else {
            None
        }
    }

    /// When the next event is due.
    pub fn peek(&mut self) -> Option<u64> {
        loop {
            let first = *self.heap.first()?;
            if self.is_live(first) {
                return Some(at(first));
            }
            self.stale -= 1;
            self.pop_key();
        }
    }

    /// Takes out the next event if it is due by `until`.
    pub fn pop_due(&mut self, until: u64) -> Option<Fired> {
        loop {
            let first = *self.heap.first()?;
            let pending = &mut self.slots[slot(first) as usize];
            if pending.seq != seq(first) {
                self.stale -= 1;
                self.pop_key();
                continue;
            }
            if at(first) > until {
                return None;
            }
            pending.seq = 0;
            let node = pending.node;
            let event = pending.event.take();
            self.free.push(slot(first));
            self.pop_key();
            return event.map(|event| Fired {
                at: at(first),
                node,
                event,
            });
        }
    }

    /// Pending events in no particular (but always the same) order: (due, event).
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Event)> {
        self.heap
            .iter()
            .filter(|key| self.is_live(**key))
            .filter_map(|key| {
                let event = self.slots[slot(*key) as usize].event.as_ref()?;
                Some((at(*key), event))
            })
    }

    /// Pending events.
    pub fn len(&self) -> usize {
        self.heap.len() - self.stale
    }

    /// Room taken, used or not: what must stay bounded.
    pub fn capacity(&self) -> usize {
        self.heap.len().max(self.slots.len())
    }

    /// Takes out everything, for the end of the world.
    pub fn drain(&mut self) -> Vec<Event> {
        self.heap.clear();
        self.free.clear();
        self.stale = 0;
        self.slots.drain(..).filter_map(|p| p.event).collect()
    }

    fn is_live(&self, key: Key) -> bool {
        self.slots[slot(key) as usize].seq == seq(key)
    }

    /// Drops the keys of cancelled events and makes a heap of the rest.
    fn sweep(&mut self) {
        let slots = &self.slots;
        self.heap
            .retain(|key| slots[slot(*key) as usize].seq == seq(*key));
        self.stale = 0;
        // A sorted array is a heap, and the order of equal keys can't differ: there are none.
        self.heap.sort_unstable();
    }

    fn push(&mut self, key: Key) {
        let mut hole = self.heap.len();
        self.heap.push(key);
        while hole > 0 {
            let parent = (hole - 1) / 4;
            if self.heap[parent] <= key {
                break;
            }
            self.heap[hole] = self.heap[parent];
            hole = parent;
        }
        self.heap[hole] = key;
    }

    fn pop_key(&mut self) {
        let Some(last) = self.heap.pop() else { return };
        let heap = self.heap.as_mut_slice();
        let len = heap.len();
        if len == 0 {
            return;
        }
        let mut hole = 0;
        loop {
            let first = 4 * hole + 1;
            let (child, smallest) = if let Some(four) = heap.get(first..first + 4) {
                // The full case, without a branch that the data decides.
                let (a, left) = if four[1] < four[0] {
                    (1, four[1])
                } else {
                    (0, four[0])
                };
                let (b, right) = if four[3] < four[2] {
                    (3, four[3])
                } else {
                    (2, four[2])
                };
                if right < left {
                    (first + b, right)
                } else {
                    (first + a, left)
                }
            } else if first < len {
                let mut best = (first, heap[first]);
                for (child, key) in heap.iter().enumerate().skip(first + 1) {
                    if *key < best.1 {
                        best = (child, *key);
                    }
                }
                best
            } else {
                break;
            };
            if smallest >= last {
                break;
            }
            heap[hole] = smallest;
            hole = child;
        }
        heap[hole] = last;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wake() -> Event {
        Event::Wake(WakeTarget::Task(0))
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
        assert!(queue.capacity() < 200, "{} keys are left", queue.capacity());
    }

    proptest! {
        /// Whatever is inserted, cancelled and taken: the queue does as a sorted list would.
        #[test]
        fn behaves_as_a_sorted_list(steps in proptest::collection::vec((0_u8..4, 0_u64..50), 0..400)) {
            let mut queue = TimerQueue::default();
            let mut model: Vec<(u64, u32, TimerId)> = Vec::new();
            let mut inserted = 0;
            for (what, n) in steps {
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
                        if due.is_some() {
                            model.remove(0);
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
