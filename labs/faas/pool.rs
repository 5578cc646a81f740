//! The instances of one function: which of them have room, which are idle, which are on their way.

use slab::Slab;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;

/// How many instances there are, by what they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    pub starting: usize,
    pub busy: usize,
    pub idle: usize,
    /// Calls that have an instance, running or waiting for its start.
    pub calls: usize,
}

impl Count {
    pub fn instances(&self) -> usize {
        self.starting + self.busy + self.idle
    }
}

pub struct Pool<I> {
    pub slots: Slab<Slot<I>>,
    /// With room and at work, the one that came last at the end.
    open: Vec<usize>,
    /// Without a call, the one that has been idle the longest first.
    idle: VecDeque<usize>,
    /// On their way, and nobody waits for them.
    pub coming: VecDeque<usize>,
    /// Raised by a deployment: older instances take no more calls.
    pub version: u64,
    pub count: Count,
    /// Since when the function has had no call at all.
    pub quiet_since: Option<Duration>,
}

pub struct Slot<I> {
    /// None while it starts.
    pub instance: Option<Rc<I>>,
    /// Tells of the end of its start.
    pub ready: Rc<Notify>,
    pub calls: usize,
    pub idle_since: Duration,
    /// Of the function, when it was started.
    pub version: u64,
    /// It is paid for being there.
    provisioned: bool,
}

impl<I> Default for Pool<I> {
    fn default() -> Self {
        Self {
            slots: Slab::new(),
            open: Vec::new(),
            idle: VecDeque::new(),
            coming: VecDeque::new(),
            version: 0,
            count: Count::default(),
            quiet_since: None,
        }
    }
}

impl<I> Pool<I> {
    /// One that begins to start, and is neither open nor idle yet.
    pub fn add(&mut self, provisioned: bool) -> (usize, Rc<Notify>) {
        let ready = Rc::new(Notify::new());
        let number = self.slots.insert(Slot {
            instance: None,
            ready: Rc::clone(&ready),
            calls: 0,
            idle_since: Duration::MAX,
            version: self.version,
            provisioned,
        });
        self.count.starting += 1;
        (number, ready)
    }

    /// It has started; `ready` tells it from a later one in its place, if it was taken away meanwhile.
    pub fn is_ready(&mut self, number: usize, ready: &Rc<Notify>, instance: I, now: Duration) {
        let slot = self.slots.get_mut(number);
        let Some(slot) = slot.filter(|slot| Rc::ptr_eq(&slot.ready, ready)) else {
            return;
        };
        slot.instance = Some(Rc::new(instance));
        self.count.starting -= 1;
        if slot.calls > 0 {
            self.count.busy += 1;
            return;
        }
        self.count.idle += 1;
        if let Some(at) = self.coming.iter().position(|coming| *coming == number) {
            self.coming.remove(at);
            self.rest(number, now);
        }
    }

    /// For the next call: an instance at work that has room, and one without a call; ready ones first.
    pub fn candidates(&self) -> (Option<usize>, Option<usize>) {
        let ready = |number: &&usize| self.slots[**number].instance.is_some();
        let open = self.open.iter().rev().find(ready);
        let idle = self.idle.back();
        let starting = self.open.last().filter(|_| idle.is_none());
        (
            open.or(starting).copied(),
            idle.or(self.coming.front()).copied(),
        )
    }

    pub fn enter(&mut self, number: usize, per_instance: usize) {
        let slot = &mut self.slots[number];
        slot.calls += 1;
        self.count.calls += 1;
        if slot.calls == 1 {
            match slot.instance {
                // Mostly the last: the one that is taken first.
                Some(_) => {
                    let at = self.idle.iter().rposition(|idle| *idle == number);
                    at.and_then(|at| self.idle.remove(at));
                    self.count.idle -= 1;
                    self.count.busy += 1;
                }
                None => self.coming.retain(|coming| *coming != number),
            }
            self.open.push(number);
        }
        if slot.calls >= per_instance {
            self.close(number);
        }
    }

    /// Whether that was its last call.
    pub fn leave(&mut self, number: usize, per_instance: usize, now: Duration) -> bool {
        let slot = &mut self.slots[number];
        let old = slot.version < self.version;
        slot.calls -= 1;
        self.count.calls -= 1;
        if slot.calls > 0 {
            if slot.calls < per_instance && !old && !self.open.contains(&number) {
                self.open.push(number);
            }
            return false;
        }
        if slot.instance.is_some() {
            self.count.busy -= 1;
            self.count.idle += 1;
        }
        self.close(number);
        match self.slots[number].instance {
            Some(_) => self.rest(number, now),
            None => self.coming.push_back(number),
        }
        true
    }

    /// It has no call from now on.
    fn rest(&mut self, number: usize, now: Duration) {
        self.slots[number].idle_since = now;
        self.idle.push_back(number);
    }

    fn close(&mut self, number: usize) {
        if let Some(at) = self.open.iter().rposition(|open| *open == number) {
            self.open.remove(at);
        }
    }

    pub fn longest_idle(&self) -> Option<usize> {
        let mut idle = self.idle.iter().copied();
        idle.find(|number| !self.slots[*number].provisioned)
    }

    /// One without a call goes.
    pub fn remove(&mut self, number: usize) {
        for unused in [&mut self.idle, &mut self.coming] {
            unused.retain(|one| *one != number);
        }
        let slot = self.slots.remove(number);
        match slot.instance {
            Some(_) => self.count.idle -= 1,
            None => self.count.starting -= 1,
        }
    }

    pub fn remove_idle(&mut self) {
        while let Some(number) = self.longest_idle() {
            self.remove(number);
        }
    }

    /// All are of an old version: the idle ones go, the others after their last call.
    pub fn age(&mut self) {
        self.version += 1;
        while let Some(number) = self.idle.back().or(self.coming.back()).copied() {
            self.remove(number);
        }
        self.open.clear();
    }

    /// Marks so many as paid for, or takes the mark off some. Returns how many have it.
    pub fn keep_provisioned(&mut self, wanted: usize) -> usize {
        let mut there = 0;
        for (_, slot) in &mut self.slots {
            if slot.provisioned && slot.version == self.version {
                there += 1;
                slot.provisioned = there <= wanted;
            }
        }
        there.min(wanted)
    }
}

#[cfg(test)]
impl<I> Pool<I> {
    pub fn books_agree(&self) {
        let mut found = Count::default();
        for (_, slot) in &self.slots {
            found.calls += slot.calls;
            match (&slot.instance, slot.calls) {
                (None, _) => found.starting += 1,
                (Some(_), 0) => found.idle += 1,
                (Some(_), _) => found.busy += 1,
            }
        }
        assert_eq!(found, self.count);
        let unused = self.slots.iter().filter(|(_, slot)| slot.calls == 0);
        assert_eq!(unused.count(), self.idle.len() + self.coming.len());
    }
}
