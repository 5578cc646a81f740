//! One item with what became of it: known to the lab, not to the pattern.

use super::pattern::{Delivery, Receipt};
use super::store::Store;
use crate::engine::SimTime;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

/// Deliveries of one item that are remembered, the newest ones: poison that nobody puts aside comes
/// back for ever.
const ATTEMPTS_MAX: usize = 30;

/// An item on its way through the lab.
pub struct Item {
    /// From 1, in the order of arrival.
    pub number: u64,
    pub poison: bool,
    pub arrived: SimTime,
    /// Not to be done before.
    pub due: SimTime,
    effects: Cell<u32>,
    /// Those that happened under a key.
    keyed_effects: Cell<u32>,
    begun: Cell<bool>,
    /// Deliveries in its whole life; a redrive forgives attempts, and doesn't undo what was.
    deliveries: Cell<u64>,
    fate: Cell<Option<Fate>>,
    attempts: RefCell<VecDeque<Attempt>>,
    store: Weak<Store>,
}

/// How the life of an item ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Done,
    /// Among the dead letters, until it is driven back.
    Dead,
    Lost,
}

/// One delivery of it.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    pub receipt: Receipt,
    /// Which delivery in the item's whole life this is, from 1.
    pub nth: u64,
    /// The number of the worker, from 1.
    pub worker: usize,
    pub handed: SimTime,
    /// When the worker began; none while it waits in the worker's hand.
    pub begun: Option<SimTime>,
    pub ended: Option<(SimTime, AttemptEnd)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptEnd {
    Done,
    /// The work was done, and the lease over before the queue heard of it.
    AckRefused,
    Failed,
    /// The worker saw that its lease was lost and let go.
    GivenUp,
    /// It took longer than an item may.
    CutOff,
    Died,
}

impl Fate {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Lost => "lost",
        }
    }
}

impl AttemptEnd {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::AckRefused => "acknowledged too late",
            Self::Failed => "failed",
            Self::GivenUp => "lease lost, given up",
            Self::CutOff => "took too long, given up",
            Self::Died => "the worker died",
        }
    }
}

impl Item {
    pub fn new(
        number: u64,
        poison: bool,
        arrived: SimTime,
        due: SimTime,
        store: Weak<Store>,
    ) -> Self {
        Self {
            number,
            poison,
            arrived,
            due,
            effects: Cell::new(0),
            keyed_effects: Cell::new(0),
            begun: Cell::new(false),
            deliveries: Cell::new(0),
            fate: Cell::new(None),
            attempts: RefCell::default(),
            store,
        }
    }

    pub fn effects(&self) -> u32 {
        self.effects.get()
    }

    /// One more effect in the store; returns how many there are now.
    pub fn effect_happens(&self) -> u32 {
        self.effects.set(self.effects.get() + 1);
        self.effects.get()
    }

    /// One more effect under its key; returns how many there are now.
    pub fn keyed_effect(&self) -> u32 {
        self.keyed_effects.set(self.keyed_effects.get() + 1);
        self.keyed_effects.get()
    }

    /// None while the queue or a worker has it.
    pub fn fate(&self) -> Option<Fate> {
        self.fate.get()
    }

    pub fn ends(&self, fate: Option<Fate>) {
        self.fate.set(fate);
    }

    /// Work begins; true for the first time.
    pub fn begins(&self, receipt: Receipt, now: SimTime) -> bool {
        self.note(receipt, |attempt| attempt.begun = Some(now));
        !self.begun.replace(true)
    }

    /// Which delivery in the item's whole life this is, from 1.
    pub fn is_handed_out(&self, delivery: &Delivery<Rc<Self>>, worker: usize, now: SimTime) -> u64 {
        let nth = self.deliveries.get() + 1;
        self.deliveries.set(nth);
        let mut attempts = self.attempts.borrow_mut();
        if attempts.len() == ATTEMPTS_MAX {
            attempts.pop_front();
        }
        attempts.push_back(Attempt {
            receipt: delivery.receipt,
            nth,
            worker,
            handed: now,
            begun: None,
            ended: None,
        });
        nth
    }

    /// The end of a delivery; a later word replaces it.
    pub fn attempt_ends(&self, receipt: Receipt, now: SimTime, end: AttemptEnd) {
        self.note(receipt, |attempt| attempt.ended = Some((now, end)));
    }

    pub fn attempts(&self) -> Vec<Attempt> {
        self.attempts.borrow().iter().copied().collect()
    }

    /// None if so many have followed that it has been forgotten.
    pub fn attempt(&self, receipt: Receipt) -> Option<Attempt> {
        let attempts = self.attempts.borrow();
        let found = attempts.iter().find(|attempt| attempt.receipt == receipt);
        found.copied()
    }

    fn note(&self, receipt: Receipt, write: impl FnOnce(&mut Attempt)) {
        let mut attempts = self.attempts.borrow_mut();
        if let Some(attempt) = attempts
            .iter_mut()
            .find(|attempt| attempt.receipt == receipt)
        {
            write(attempt);
        }
    }
}

impl Drop for Item {
    /// Nothing and nobody has the item any more, so its key can't come again.
    fn drop(&mut self) {
        if let Some(store) = self.store.upgrade() {
            store.forget(self.number);
        }
    }
}
