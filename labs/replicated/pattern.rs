//! A replicated service: identical copies behind a balancer that picks one for each request.
//!
//! [`Balancer::pick`] chooses by its [`Policy`]:
//!
//! | policy | needs to know | breaks when |
//! |---|---|---|
//! | `Random` | who is ready | never badly, never well |
//! | `RoundRobin` | whose turn it is | requests differ in size |
//! | `TwoChoices` | the load of two | loads are very old |
//! | `LeastConnections` | the load of all | loads are old: everybody runs to the same one |
//! | `Sticky` | where this user was | users differ, and when a copy goes |
//! | `RingHash` | the user's name | users differ |
//!
//! The balancer counts what it has sent and what has come back. A [`Ticket`] does that: it is held while a
//! request is out and counts it back in when it is dropped, however the request ended. Counting down *after
//! the answer* would leak one with each call that is cancelled or times out.
//!
//! The code is the same in a simulation and before real servers: a replica is any `R`.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;
use xxhash_rust::xxh3::xxh3_64;

/// How a replica is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    RoundRobin,
    Random,
    LeastConnections,
    TwoChoices,
    /// The replica that had this user before; for a new user, the better of two.
    Sticky,
    /// The replica that follows the hash of the user on a ring.
    RingHash,
}

/// A ready copy, as its balancer knows it.
#[derive(Debug)]
pub struct Endpoint<R> {
    pub number: u32,
    pub replica: R,
    /// When it was added: it is slow-started from here.
    since: Duration,
    /// Requests out, by our own count.
    in_flight: Cell<usize>,
    /// The same as it was last reported, where loads are not known at once.
    reported: Cell<usize>,
}

/// Held while a request is out.
#[derive(Debug)]
pub struct Ticket<R>(Rc<Endpoint<R>>);

impl<R> Ticket<R> {
    pub fn endpoint(&self) -> &Endpoint<R> {
        &self.0
    }
}

impl<R> Drop for Ticket<R> {
    fn drop(&mut self) {
        self.0.in_flight.set(self.0.in_flight.get() - 1);
    }
}

/// What a balancer goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    pub policy: Policy,
    /// Loads are those of the last [`Balancer::report`], not of this moment.
    pub stale: bool,
    /// How long a new replica takes to its full share; none gives it at once.
    pub slow_start: Option<Duration>,
}

#[derive(Debug)]
pub struct Balancer<R> {
    endpoints: Vec<Rc<Endpoint<R>>>,
    pub settings: Settings,
    turn: usize,
    /// Which replica has which user; bounded by the number of users.
    users: HashMap<u64, u32>,
    /// Points of the ring in order, each with a place in `endpoints`.
    ring: Vec<(u64, usize)>,
}

/// Points of each replica on the ring.
const POINTS: u32 = 100;
/// The least share of a replica that has just come, of its full one: Envoy's `min_weight_percent`.
const SHARE_MIN: f64 = 0.1;

impl<R> Balancer<R> {
    pub fn new(settings: Settings) -> Self {
        Self {
            endpoints: Vec::new(),
            settings,
            turn: 0,
            users: HashMap::new(),
            ring: Vec::new(),
        }
    }

    /// A replica is ready.
    pub fn add(&mut self, number: u32, replica: R, now: Duration) {
        self.endpoints.push(Rc::new(Endpoint {
            number,
            replica,
            since: now,
            in_flight: Cell::new(0),
            reported: Cell::new(0),
        }));
        self.lay_ring();
    }

    /// It is not ready any more. What is out at it goes on.
    pub fn remove(&mut self, number: u32) {
        self.endpoints.retain(|endpoint| endpoint.number != number);
        self.lay_ring();
    }

    pub fn has(&self, number: u32) -> bool {
        self.endpoints
            .iter()
            .any(|endpoint| endpoint.number == number)
    }

    pub fn endpoints(&self) -> impl ExactSizeIterator<Item = &Endpoint<R>> {
        self.endpoints.iter().map(|endpoint| &**endpoint)
    }

    /// Takes note of all loads, for as long as they are to be believed.
    pub fn report(&self) {
        for endpoint in &self.endpoints {
            endpoint.reported.set(endpoint.in_flight.get());
        }
    }

    // region: pick
    /// A replica for this user's request, or none when none is ready. `dice(n)` is uniform in `0..n`.
    pub fn pick(
        &mut self,
        user: u64,
        now: Duration,
        mut dice: impl FnMut(usize) -> usize,
    ) -> Option<Ticket<R>> {
        if self.endpoints.is_empty() {
            return None;
        }
        let place = match self.settings.policy {
            Policy::Random => self.by_share(now, &mut dice, |balancer, dice| {
                dice(balancer.endpoints.len())
            }),
            Policy::RoundRobin => self.by_share(now, &mut dice, |balancer, _| {
                balancer.turn = (balancer.turn + 1) % balancer.endpoints.len();
                balancer.turn
            }),
            Policy::TwoChoices => self.better_of_two(now, &mut dice),
            Policy::LeastConnections => self.least_loaded(now, &mut dice),
            Policy::Sticky => self.as_before(user, now, &mut dice),
            Policy::RingHash => self.on_the_ring(user),
        };
        let chosen = &self.endpoints[place];
        chosen.in_flight.set(chosen.in_flight.get() + 1);
        Some(Ticket(Rc::clone(chosen)))
    }

    /// The less busy of two different replicas.
    fn better_of_two(&self, now: Duration, dice: &mut impl FnMut(usize) -> usize) -> usize {
        let n = self.endpoints.len();
        let one = dice(n);
        if n == 1 {
            return one;
        }
        // The second die has a face less, so the two always differ.
        let other = (one + 1 + dice(n - 1)) % n;
        if self.load(other, now) < self.load(one, now) {
            other
        } else {
            one
        }
    }

    /// The least busy of all; among equals each is as likely, or those that follow a busy one would get more.
    fn least_loaded(&self, now: Duration, dice: &mut impl FnMut(usize) -> usize) -> usize {
        let (mut least, mut equals) = (f64::INFINITY, Vec::new());
        for place in 0..self.endpoints.len() {
            let load = self.load(place, now);
            if load < least {
                least = load;
                equals.clear();
            }
            if load <= least {
                equals.push(place);
            }
        }
        equals[dice(equals.len())]
    }

    fn as_before(
        &mut self,
        user: u64,
        now: Duration,
        dice: &mut impl FnMut(usize) -> usize,
    ) -> usize {
        let before = self.users.get(&user).copied();
        let there = before.and_then(|number| {
            let mut endpoints = self.endpoints.iter();
            endpoints.position(|endpoint| endpoint.number == number)
        });
        there.unwrap_or_else(|| {
            let place = self.better_of_two(now, dice);
            self.users.insert(user, self.endpoints[place].number);
            place
        })
    }

    /// The owner of the first point at or after the user's hash.
    fn on_the_ring(&self, user: u64) -> usize {
        let hash = xxh3_64(&user.to_le_bytes());
        let at = self.ring.partition_point(|(point, _)| *point < hash);
        self.ring[at % self.ring.len()].1
    }

    /// Requests out at it, over the share of a full replica that it may have.
    fn load(&self, place: usize, now: Duration) -> f64 {
        let endpoint = &self.endpoints[place];
        let out = if self.settings.stale {
            endpoint.reported.get()
        } else {
            endpoint.in_flight.get()
        };
        (out as f64 + 1.0) / self.share(endpoint, now)
    }

    /// From a tenth to all, evenly over the time of its slow start.
    fn share(&self, endpoint: &Endpoint<R>, now: Duration) -> f64 {
        match self.settings.slow_start {
            Some(window) if !window.is_zero() => {
                let age = now.saturating_sub(endpoint.since).as_secs_f64();
                (age / window.as_secs_f64()).clamp(SHARE_MIN, 1.0)
            }
            _ => 1.0,
        }
    }

    /// A choice that knows no loads: a replica in its slow start passes on what is more than its share.
    fn by_share<D: FnMut(usize) -> usize>(
        &mut self,
        now: Duration,
        dice: &mut D,
        choose: impl Fn(&mut Self, &mut D) -> usize,
    ) -> usize {
        const FACES: usize = 1_000;
        let mut place = choose(self, dice);
        // Not for ever: all may be new.
        for _ in 0..self.endpoints.len() {
            let share = self.share(&self.endpoints[place], now);
            if share >= 1.0 || (dice(FACES) as f64) < share * FACES as f64 {
                break;
            }
            place = choose(self, dice);
        }
        place
    }
    // endregion: pick

    fn lay_ring(&mut self) {
        self.ring.clear();
        for (place, endpoint) in self.endpoints.iter().enumerate() {
            for point in 0..POINTS {
                let name = (u64::from(endpoint.number) << 32) | u64::from(point);
                self.ring.push((xxh3_64(&name.to_le_bytes()), place));
            }
        }
        self.ring.sort_unstable();
    }
}
