//! Who believes to be the owner. The store can say who holds the lease; this nobody can say but the
//! candidates themselves, and only someone who looks at all of them at once.

use super::lanes::Lanes;
use super::pattern::Token;
use super::table::ElectionMeters;
use crate::engine::{Handle, SimTime};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

#[derive(Debug, Clone, Copy, Default)]
struct Mind {
    /// The ownership that it believes in.
    believes: Option<Belief>,
    life: Life,
    contact: Contact,
}

/// Whether a candidate runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Life {
    #[default]
    Up,
    Paused,
    Down,
}

/// What a candidate knows of its session with the store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Contact {
    #[default]
    Connected,
    /// No answer: nobody here knows whether the session lives.
    Disconnected,
    /// The store has said that the session, or the lease, is gone.
    Expired,
}

impl Contact {
    /// None while all is well.
    pub const fn word(self) -> Option<&'static str> {
        match self {
            Self::Connected => None,
            Self::Disconnected => Some("disconnected"),
            Self::Expired => Some("expired"),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Belief {
    ownership: u64,
    token: Token,
}

pub struct Beliefs {
    sim: Handle,
    minds: RefCell<Vec<Mind>>,
    ownerships: Cell<u64>,
    /// Up to where split brain and ownerless time have been counted.
    counted: Cell<SimTime>,
    /// What did not make a whole millisecond yet: split brain, ownerless.
    rest_ns: Cell<[u64; 2]>,
    /// Since when nobody is at work as an owner: none believes, or who does stands still. With the
    /// ownership that was there last.
    vacant: Cell<Option<(SimTime, u64)>>,
    meters: Rc<ElectionMeters>,
    lanes: Rc<Lanes>,
}

impl Beliefs {
    pub fn new(
        sim: &Handle,
        candidates: usize,
        meters: &Rc<ElectionMeters>,
        lanes: &Rc<Lanes>,
    ) -> Rc<Self> {
        Rc::new(Self {
            sim: sim.clone(),
            minds: RefCell::new(vec![Mind::default(); candidates]),
            ownerships: Cell::new(0),
            counted: Cell::new(SimTime::ZERO),
            rest_ns: Cell::default(),
            vacant: Cell::new(None),
            meters: Rc::clone(meters),
            lanes: Rc::clone(lanes),
        })
    }

    /// From now until the guard is dropped this candidate believes to be the owner. Returns which
    /// ownership of the run it is.
    pub fn begins(self: &Rc<Self>, candidate: usize, token: Token) -> (u64, Believing) {
        self.settle();
        let now = self.sim.now();
        let ownership = self.ownerships.get() + 1;
        self.ownerships.set(ownership);
        self.meters.elections_total.increment();
        if let Some((since, _)) = self.vacant.take() {
            self.meters.failover_ms.record((now - since).into());
        }
        self.minds.borrow_mut()[candidate].believes = Some(Belief { ownership, token });
        self.changed();
        (
            ownership,
            Believing {
                beliefs: Rc::clone(self),
                candidate,
            },
        )
    }

    fn ends(&self, candidate: usize) {
        self.settle();
        self.minds.borrow_mut()[candidate].believes = None;
        self.changed();
    }

    /// A candidate stands still, goes on, dies or starts again.
    pub fn lives(&self, candidate: usize, life: Life) {
        self.settle();
        self.minds.borrow_mut()[candidate].life = life;
        self.changed();
    }

    /// What the candidate has heard of the store.
    pub fn contact(&self, candidate: usize, contact: Contact) {
        let before = std::mem::replace(&mut self.minds.borrow_mut()[candidate].contact, contact);
        if before != contact {
            self.changed();
        }
    }

    pub fn contact_of(&self, candidate: usize) -> Contact {
        self.minds.borrow()[candidate].contact
    }

    pub fn token(&self, candidate: usize) -> Option<Token> {
        self.minds.borrow()[candidate]
            .believes
            .map(|belief| belief.token)
    }

    pub fn believers(&self) -> usize {
        let minds = self.minds.borrow();
        minds.iter().filter(|mind| mind.believes.is_some()).count()
    }

    /// The candidate that believes and has the newest ownership.
    pub fn owner(&self) -> Option<usize> {
        let minds = self.minds.borrow();
        let believing = |place: &usize| minds[*place].believes.map(|belief| belief.ownership);
        (0..minds.len())
            .filter(|place| believing(place).is_some())
            .max_by_key(believing)
    }

    /// Counts the time since the last look.
    pub fn settle(&self) {
        let now = self.sim.now();
        let passed = now.0 - self.counted.replace(now).0;
        let [split, none] = self.rest_ns.get();
        let (split, none) = match self.believers() {
            0 => (split, none + passed),
            1 => (split, none),
            _ => (split + passed, none),
        };
        self.meters.split_brain_ms_total.add(split / 1_000_000);
        self.meters.ownerless_ms_total.add(none / 1_000_000);
        self.rest_ns.set([split % 1_000_000, none % 1_000_000]);
    }

    fn changed(&self) {
        let now = self.sim.now();
        let believers = self.believers();
        self.meters.believers.set(believers as f64, now);
        let minds = self.minds.borrow();
        let at_work = minds
            .iter()
            .filter(|mind| mind.life == Life::Up)
            .filter_map(|mind| mind.believes);
        let newest = at_work.map(|belief| belief.ownership).max();
        match (newest, self.vacant.get()) {
            (Some(_), _) => self.vacant.set(None),
            (None, None) if self.ownerships.get() > 0 => {
                self.vacant.set(Some((now, self.ownerships.get())));
            }
            (None, _) => {}
        }
        for (candidate, mind) in minds.iter().enumerate() {
            let label = mind.believes.map(|belief| match mind.contact.word() {
                Some(word) => format!("{}, {word}", belief.token),
                None => belief.token.to_string(),
            });
            self.lanes.mind(candidate, label, mind.life, believers, now);
        }
    }
}

/// A candidate believes to be the owner.
pub struct Believing {
    beliefs: Rc<Beliefs>,
    candidate: usize,
}

impl Drop for Believing {
    fn drop(&mut self) {
        self.beliefs.ends(self.candidate);
    }
}
