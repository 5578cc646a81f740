//! Work queue: independent items wait in one queue, and any of a pool of identical workers takes the
//! next one, does it, and says so.
//!
//! - [`work`]: the worker's loop. When it acknowledges ([`Ack`]) decides what a crash costs: an effect
//!   that happens twice, or an item that is lost;
//! - [`Processed`]: the record that makes the second time of an effect do nothing.
//!
//! The queue's side is in [`queue`](super::queue). How long to hold an item back after a failure and how
//! many workers there should be is in [`sizing`](super::sizing).
//!
//! The queue that a worker sees is whatever implements [`Queue`]: a simulated one or a broker behind a
//! socket. Time comes from [`env`], so the same code runs in both worlds.

use crate::engine::env;
use futures::future::{Either, select};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::future::{Future, pending};
use std::pin::pin;
use std::time::Duration;
use tokio::sync::Notify;

/// One handing-out of an item. The receipt belongs to it, not to the item: that is how the queue
/// tells the worker that has the item now from one that had it before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery<T> {
    pub item: T,
    pub receipt: Receipt,
    /// How often the item has been handed out, this time included.
    pub received: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Receipt(pub u64);

/// The lease has run out: someone else has the item, or will have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the lease of this delivery has run out")]
pub struct LeaseLost;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the queue can't be reached")]
pub struct Unreachable;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the work on this item failed")]
pub struct Failed;

/// Why a worker gives an item back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nack {
    /// Perhaps it is the item's fault: the delivery counts as an attempt.
    Failed,
    /// The worker stops and never began on it: the delivery doesn't count, where the queue allows that.
    NotBegun,
}

/// A queue as a worker sees it.
pub trait Queue {
    type Item;

    /// Up to `most` items. Waits until there is at least one.
    fn receive(
        &self,
        most: usize,
    ) -> impl Future<Output = Result<Vec<Delivery<Self::Item>>, Unreachable>>;

    /// Starts these leases afresh, in one request. Returns those that are lost.
    fn extend(
        &self,
        receipts: Vec<Receipt>,
    ) -> impl Future<Output = Result<Vec<Receipt>, Unreachable>>;

    /// The item is done: the queue forgets it.
    fn ack(&self, receipt: Receipt) -> impl Future<Output = Result<(), LeaseLost>>;

    /// Gives the item back before its lease is over; does nothing when that is lost already.
    fn nack(&self, receipt: Receipt, why: Nack) -> impl Future<Output = ()>;
}

/// What is to be done with an item: its effect included.
pub trait Job<T> {
    fn perform(&self, delivery: &Delivery<T>) -> impl Future<Output = Result<(), Failed>>;
}

/// When a worker acknowledges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ack {
    /// After the effect: a crash in between repeats it. At least once.
    Late,
    /// On receipt: a crash loses the item. At most once.
    Early,
}

/// How a worker goes about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Habits {
    pub ack: Ack,
    /// Items that it takes at a time. All but the first wait for it, while others may be idle.
    pub prefetch: usize,
    /// For how long the queue hands an item out; none where the lease lasts as long as the connection.
    pub lease: Option<Duration>,
    /// Whether it extends the leases of what it has in hand.
    pub heartbeat: bool,
    /// It gives an item up after working on it for so long. Without a limit, a worker that hangs and has a
    /// heartbeat keeps its item for ever.
    pub longest: Option<Duration>,
}

/// Asks one worker to finish what it is doing and to take no more.
#[derive(Debug, Default)]
pub struct Stop {
    requested: Cell<bool>,
    bell: Notify,
}

impl Stop {
    pub fn request(&self) {
        self.requested.set(true);
        self.bell.notify_one();
    }

    pub fn is_requested(&self) -> bool {
        self.requested.get()
    }
}

/// How long a worker waits before it tries a queue again that it could not reach.
const RECONNECT: Duration = Duration::from_secs(1);
/// A heartbeat comes at each quarter of a lease: three times before it runs out.
const QUARTERS: u32 = 4;

// region: work
/// Works until it is asked to stop; then finishes the item that it is working on and gives back the others.
/// A receive that is under way then is dropped: what it would have brought comes back by the end of its lease, or
/// when the connection closes.
pub async fn work<Q: Queue>(
    queue: &Q,
    job: &impl Job<Q::Item>,
    habits: impl Fn() -> Habits,
    stop: &Stop,
) {
    while !stop.is_requested() {
        let habits = habits();
        let received = pin!(queue.receive(habits.prefetch));
        let received = match select(pin!(stop.bell.notified()), received).await {
            Either::Left(_) => return,
            Either::Right((received, _)) => received,
        };
        match (received, habits.ack) {
            (Err(Unreachable), _) => env::sleep(RECONNECT).await,
            (Ok(deliveries), Ack::Early) => at_most_once(queue, job, deliveries, habits).await,
            (Ok(deliveries), Ack::Late) => {
                let hand = Hand::new(deliveries, habits.lease);
                let working = pin!(at_least_once(queue, job, &hand, habits, stop));
                // Beside the work, for the whole hand: short items get their beats too.
                let beating = pin!(beat(queue, &hand, habits));
                select(working, beating).await;
            }
        }
    }
}

async fn at_least_once<Q: Queue>(
    queue: &Q,
    job: &impl Job<Q::Item>,
    hand: &Hand<Q::Item>,
    habits: Habits,
    stop: &Stop,
) {
    while let Some(delivery) = hand.next() {
        let receipt = delivery.receipt;
        if stop.is_requested() {
            queue.nack(receipt, Nack::NotBegun).await;
            continue;
        }
        let attempt = pin!(attempt(job, &delivery, habits.longest));
        match select(attempt, pin!(hand.loses(receipt))).await {
            // Refused? Then the effect happens again, and it has to bear that.
            Either::Left((Ok(()), _)) => drop(queue.ack(receipt).await),
            Either::Left((Err(Failed), _)) => queue.nack(receipt, Nack::Failed).await,
            // Another worker has it, or will have: let go.
            Either::Right(_) => {}
        }
    }
}

/// Acknowledges all at once, and works on those that the worker still had.
async fn at_most_once<Q: Queue>(
    queue: &Q,
    job: &impl Job<Q::Item>,
    deliveries: Vec<Delivery<Q::Item>>,
    habits: Habits,
) {
    let mut acknowledged = Vec::with_capacity(deliveries.len());
    for delivery in deliveries {
        if queue.ack(delivery.receipt).await.is_ok() {
            acknowledged.push(delivery);
        }
    }
    for delivery in &acknowledged {
        // The queue has forgotten it, whatever becomes of it.
        let _ = attempt(job, delivery, habits.longest).await;
    }
}

async fn attempt<T>(
    job: &impl Job<T>,
    delivery: &Delivery<T>,
    longest: Option<Duration>,
) -> Result<(), Failed> {
    let performed = job.perform(delivery);
    match longest {
        Some(longest) => env::timeout(longest, performed)
            .await
            .unwrap_or(Err(Failed)),
        None => performed.await,
    }
}

/// The heartbeat: extends the leases of the hand for as long as it is polled, and tells the hand what it
/// hears. One beat that is lost costs nothing; a whole lease without an answer costs the hand.
async fn beat<Q: Queue>(queue: &Q, hand: &Hand<Q::Item>, habits: Habits) {
    let Some(lease) = habits.lease.filter(|_| habits.heartbeat) else {
        return pending().await;
    };
    let every = lease / QUARTERS;
    let mut asked = env::now();
    loop {
        env::sleep((asked + every).saturating_sub(env::now())).await;
        asked = env::now();
        match env::timeout(every, queue.extend(hand.receipts())).await {
            Ok(Ok(lost)) => hand.is_extended(asked + lease, &lost),
            Ok(Err(Unreachable)) | Err(_) if hand.is_over() => hand.is_lost(),
            // Perhaps only this message was lost.
            Ok(Err(Unreachable)) | Err(_) => {}
        }
    }
}

/// What a worker has in hand: the item that it works on, and those that wait for it.
struct Hand<T> {
    current: Cell<Option<Receipt>>,
    waiting: RefCell<VecDeque<Delivery<T>>>,
    /// When the leases are over by the worker's own clock, unless they are extended.
    until: Cell<Option<Duration>>,
    shrunk: Notify,
}

impl<T> Hand<T> {
    fn new(deliveries: Vec<Delivery<T>>, lease: Option<Duration>) -> Self {
        Self {
            current: Cell::new(None),
            waiting: RefCell::new(deliveries.into()),
            until: Cell::new(lease.map(|lease| env::now() + lease)),
            shrunk: Notify::new(),
        }
    }

    /// The next item to work on: none whose lease is known to be lost.
    fn next(&self) -> Option<Delivery<T>> {
        if self.is_over() {
            self.is_lost();
        }
        let next = self.waiting.borrow_mut().pop_front();
        self.current.set(next.as_ref().map(|next| next.receipt));
        next
    }

    fn receipts(&self) -> Vec<Receipt> {
        let waiting = self.waiting.borrow();
        let waiting = waiting.iter().map(|delivery| delivery.receipt);
        self.current.get().into_iter().chain(waiting).collect()
    }

    fn is_extended(&self, until: Duration, lost: &[Receipt]) {
        self.until.set(Some(until));
        self.keep(|receipt| !lost.contains(&receipt));
    }

    fn is_over(&self) -> bool {
        self.until.get().is_some_and(|until| env::now() >= until)
    }

    fn is_lost(&self) {
        self.keep(|_| false);
    }

    fn keep(&self, keeps: impl Fn(Receipt) -> bool) {
        let mut waiting = self.waiting.borrow_mut();
        waiting.retain(|delivery| keeps(delivery.receipt));
        self.current
            .set(self.current.get().filter(|current| keeps(*current)));
        self.shrunk.notify_waiters();
    }

    /// Completes when the hand has lost this item, the one that is worked on.
    async fn loses(&self, receipt: Receipt) {
        loop {
            let shrunk = self.shrunk.notified();
            if self.current.get() != Some(receipt) {
                return;
            }
            shrunk.await;
        }
    }
}
// endregion

/// What has been done, by a key that is the same in every delivery of an item. In a real store it is
/// a table that is written in the same transaction as the effect.
#[derive(Debug, Default)]
pub struct Processed<K>(BTreeSet<K>);

impl<K: Ord> Processed<K> {
    /// Lets the effect happen if it has not happened yet. Returns whether it did.
    pub fn once(&mut self, key: K, effect: impl FnOnce()) -> bool {
        let first = self.0.insert(key);
        if first {
            effect();
        }
        first
    }

    /// For keys that no delivery can come for any more: a record that is never cleared only grows.
    pub fn forget(&mut self, key: &K) {
        self.0.remove(key);
    }
}
