//! Work queue: independent items wait in one queue, and any of a pool of identical workers takes the
//! next one, does it, and says so.
//!
//! - [`work`]: the worker's loop. When it acknowledges ([`Ack`]) decides what a crash costs: an effect
//!   that happens twice, or an item that is lost;
//! - [`WorkQueue`]: the queue itself. It cannot know whether a silent worker is dead or busy, so it
//!   hands an item out for a time, counts how often, and puts aside what never succeeds;
//! - [`Processed`]: the record that makes the second time of an effect do nothing.
//!
//! How long to hold an item back after a failure and how many workers there should be is in
//! [`sizing`](super::sizing).
//!
//! The queue that a worker sees is whatever implements [`Queue`]: a simulated one or a broker behind a
//! socket. Time comes from [`env`] or as an argument, so the same code runs in both worlds.

use super::sizing::Backoff;
use crate::engine::env;
use futures::future::{Either, select};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::Future;
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

/// A queue as a worker sees it.
pub trait Queue {
    type Item;

    /// Up to `most` items. Waits until there is at least one.
    fn receive(
        &self,
        most: usize,
    ) -> impl Future<Output = Result<Vec<Delivery<Self::Item>>, Unreachable>>;

    /// Starts the lease afresh.
    fn extend(&self, receipt: Receipt) -> impl Future<Output = Result<(), LeaseLost>>;

    /// The item is done: the queue forgets it.
    fn ack(&self, receipt: Receipt) -> impl Future<Output = Result<(), LeaseLost>>;

    /// Gives the item back before its lease is over; does nothing when that is lost already.
    fn nack(&self, receipt: Receipt) -> impl Future<Output = ()>;
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
    /// How often it extends the leases of what it has in hand; never, if none.
    pub heartbeat: Option<Duration>,
}

/// Tells one worker to finish what it is doing and to take no more.
#[derive(Debug, Default)]
pub struct Stop {
    told: Cell<bool>,
    bell: Notify,
}

impl Stop {
    pub fn tell(&self) {
        self.told.set(true);
        self.bell.notify_one();
    }

    pub fn is_told(&self) -> bool {
        self.told.get()
    }
}

/// How long a worker waits before it tries a queue again that it could not reach.
const RECONNECT: Duration = Duration::from_secs(1);

// region: work
/// Works until told to stop; then finishes the item in hand and gives back those not yet begun.
pub async fn work<Q: Queue>(
    queue: &Q,
    job: &impl Job<Q::Item>,
    habits: impl Fn() -> Habits,
    stop: &Stop,
) {
    while !stop.is_told() {
        let habits = habits();
        let received = queue.receive(habits.prefetch);
        let mut hand: VecDeque<_> = match select(pin!(stop.bell.notified()), pin!(received)).await {
            Either::Left(_) => return,
            Either::Right((Ok(deliveries), _)) => deliveries.into(),
            Either::Right((Err(Unreachable), _)) => {
                env::sleep(RECONNECT).await;
                continue;
            }
        };
        if habits.ack == Ack::Early {
            hand = acknowledged(queue, hand).await;
        }
        while let Some(delivery) = hand.pop_front() {
            if stop.is_told() && habits.ack == Ack::Late {
                queue.nack(delivery.receipt).await;
                continue;
            }
            let outcome = {
                let working = pin!(job.perform(&delivery));
                match habits.heartbeat {
                    Some(every) if habits.ack == Ack::Late => {
                        let receipts = std::iter::once(&delivery).chain(&hand);
                        let receipts = receipts.map(|held| held.receipt).collect();
                        match select(working, pin!(keep(queue, receipts, every))).await {
                            Either::Left((outcome, _)) => outcome,
                            Either::Right((LeaseLost, _)) => Err(Failed),
                        }
                    }
                    _ => working.await,
                }
            };
            match (habits.ack, outcome) {
                // Refused? Then the effect happens again, and it has to bear that.
                (Ack::Late, Ok(())) => {
                    let _ = queue.ack(delivery.receipt).await;
                }
                (Ack::Late, Err(Failed)) => queue.nack(delivery.receipt).await,
                // The queue has forgotten it, whatever became of it.
                (Ack::Early, _) => {}
            }
        }
    }
}

/// Acknowledges all at once, and keeps those that the worker still had.
async fn acknowledged<Q: Queue>(
    queue: &Q,
    hand: VecDeque<Delivery<Q::Item>>,
) -> VecDeque<Delivery<Q::Item>> {
    let mut kept = VecDeque::with_capacity(hand.len());
    for delivery in hand {
        if queue.ack(delivery.receipt).await.is_ok() {
            kept.push_back(delivery);
        }
    }
    kept
}

/// The heartbeat: extends the leases for as long as it is polled; ends when that of the first, the
/// one being worked on, is lost.
async fn keep<Q: Queue>(queue: &Q, receipts: Vec<Receipt>, every: Duration) -> LeaseLost {
    loop {
        env::sleep(every).await;
        for (place, receipt) in receipts.iter().enumerate() {
            if queue.extend(*receipt).await.is_err() && place == 0 {
                return LeaseLost;
            }
        }
    }
}
// endregion

/// The rules of a queue; may be changed while it is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How long an item is handed out for.
    pub visibility_timeout: Duration,
    /// After so many deliveries it is put aside; never, if none.
    pub max_receives: Option<u32>,
    pub backoff: Backoff,
}

#[derive(Debug)]
struct Entry<T> {
    item: T,
    put_at: Duration,
    serial: u64,
    received: u32,
}

/// The queue: what waits, what is handed out, what is dead. All moments are of one clock, and `now`
/// never goes back.
#[derive(Debug)]
pub struct WorkQueue<T> {
    pub rules: Rules,
    visible: VecDeque<Entry<T>>,
    /// Came back, and is not to be seen until its moment.
    delayed: BTreeMap<(Duration, u64), Entry<T>>,
    leased: BTreeMap<Receipt, (Duration, Entry<T>)>,
    /// When leases run out, the next one first.
    expiries: BTreeSet<(Duration, Receipt)>,
    dead: VecDeque<Entry<T>>,
    /// Everything but the dead by the moment it was put, for the age of the oldest.
    ages: BTreeSet<(Duration, u64)>,
    serials: u64,
    receipts: u64,
}

// region: queue
impl<T: Clone> WorkQueue<T> {
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            visible: VecDeque::new(),
            delayed: BTreeMap::new(),
            leased: BTreeMap::new(),
            expiries: BTreeSet::new(),
            dead: VecDeque::new(),
            ages: BTreeSet::new(),
            serials: 0,
            receipts: 0,
        }
    }

    pub fn put(&mut self, item: T, now: Duration) {
        self.serials += 1;
        self.ages.insert((now, self.serials));
        self.visible.push_back(Entry {
            item,
            put_at: now,
            serial: self.serials,
            received: 0,
        });
    }

    /// Hands the next item out, for as long as the visibility timeout.
    pub fn receive(&mut self, now: Duration) -> Option<Delivery<T>> {
        let mut entry = self.visible.pop_front()?;
        entry.received += 1;
        self.receipts += 1;
        let delivery = Delivery {
            item: entry.item.clone(),
            receipt: Receipt(self.receipts),
            received: entry.received,
        };
        self.lease(delivery.receipt, entry, now);
        Some(delivery)
    }

    pub fn extend(&mut self, receipt: Receipt, now: Duration) -> Result<(), LeaseLost> {
        let entry = self.give_up(receipt, now)?;
        self.lease(receipt, entry, now);
        Ok(())
    }

    /// Forgets the item and returns it. A receipt whose lease is over counts for nothing, even if
    /// nobody else has taken the item yet.
    pub fn ack(&mut self, receipt: Receipt, now: Duration) -> Result<T, LeaseLost> {
        let entry = self.give_up(receipt, now)?;
        self.ages.remove(&(entry.put_at, entry.serial));
        Ok(entry.item)
    }

    pub fn nack(&mut self, receipt: Receipt, now: Duration) -> Result<(), LeaseLost> {
        let entry = self.give_up(receipt, now)?;
        self.come_back(entry, now);
        Ok(())
    }

    /// Takes back what is handed out for too long, and shows what has been hidden long enough.
    pub fn expire(&mut self, now: Duration) {
        while let Some((until, receipt)) = self.expiries.first().copied()
            && until <= now
        {
            self.expiries.remove(&(until, receipt));
            if let Some((_, entry)) = self.leased.remove(&receipt) {
                self.come_back(entry, now);
            }
        }
        while let Some(first) = self.delayed.first_entry()
            && first.key().0 <= now
        {
            self.visible.push_front(first.remove());
        }
    }

    /// When [`expire`](Self::expire) has something to do next.
    pub fn next_due(&self) -> Option<Duration> {
        let lease = self.expiries.first().map(|(until, _)| *until);
        let delay = self.delayed.first_key_value().map(|((until, _), _)| *until);
        lease.into_iter().chain(delay).min()
    }

    /// Dead letters back to the end of the queue, with their attempts forgiven. Returns how many.
    pub fn redrive(&mut self, now: Duration) -> usize {
        let dead = std::mem::take(&mut self.dead);
        let count = dead.len();
        for entry in dead {
            self.put(entry.item, now);
        }
        count
    }

    /// Back in front of the others, as it has waited longest; or aside, if that was its last attempt.
    fn come_back(&mut self, entry: Entry<T>, now: Duration) {
        let attempts = self.rules.max_receives;
        if attempts.is_some_and(|most| entry.received >= most) {
            self.ages.remove(&(entry.put_at, entry.serial));
            self.dead.push_back(entry);
            return;
        }
        match self.rules.backoff.after(entry.received) {
            Duration::ZERO => self.visible.push_front(entry),
            delay => drop(self.delayed.insert((now + delay, entry.serial), entry)),
        }
    }

    fn lease(&mut self, receipt: Receipt, entry: Entry<T>, now: Duration) {
        let until = now + self.rules.visibility_timeout;
        self.expiries.insert((until, receipt));
        self.leased.insert(receipt, (until, entry));
    }

    fn give_up(&mut self, receipt: Receipt, now: Duration) -> Result<Entry<T>, LeaseLost> {
        match self.leased.get(&receipt) {
            Some((until, _)) if now < *until => {}
            _ => return Err(LeaseLost),
        }
        let (until, entry) = self.leased.remove(&receipt).ok_or(LeaseLost)?;
        self.expiries.remove(&(until, receipt));
        Ok(entry)
    }
}
// endregion

impl<T> WorkQueue<T> {
    /// Waiting, seen or hidden.
    pub fn queued(&self) -> usize {
        self.visible.len() + self.delayed.len()
    }

    pub fn leased(&self) -> usize {
        self.leased.len()
    }

    /// How often each of the items that wait in sight has been handed out, the next one first.
    pub fn in_line(&self) -> impl ExactSizeIterator<Item = u32> {
        self.visible.iter().map(|entry| entry.received)
    }

    /// Whether it waits still for the acknowledgement of this delivery.
    pub fn awaits(&self, receipt: Receipt) -> bool {
        self.leased.contains_key(&receipt)
    }

    /// Put aside, the newest last.
    pub fn dead(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.dead.iter().map(|entry| &entry.item)
    }

    /// Since when the oldest item is there that is neither done nor dead.
    pub fn oldest_since(&self) -> Option<Duration> {
        self.ages.first().map(|(put_at, _)| *put_at)
    }
}

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
