//! The queue's side of the pattern. It can't know whether a silent worker is dead or busy, so it hands an
//! item out for a time, counts how often, and puts aside what never succeeds.
//!
//! Brokers do this by rules of their own ([`QueueKind`]):
//!
//! | broker | lease | what counts as an attempt | a late acknowledgement | where an item comes back | a closed connection |
//! |---|---|---|---|---|---|
//! | a table in Postgres | a column | each delivery; not if it is given back unread | refused | at its place | is nothing to it |
//! | Kafka share group | a lock | each delivery; not if it is given back unread | refused | at its offset | gives all back, uncounted |
//! | SQS standard queue | the visibility timeout | each receive | may delete the item | at its place, and at the end from the third receive on | is nothing to it |
//! | `RabbitMQ` quorum queue | the connection | what failed, or lost its connection | none is late | at the head, in the order of the returns | gives all back |
//!
//! The table is what one writes oneself: `SELECT … FOR UPDATE SKIP LOCKED` in the order of the items, columns for
//! the end of the lease and the attempts, and updates that name the attempt they are of.
//!
//! Sources: Apache Kafka, `ShareSessionCache.java` (a connection that closes ends its share session),
//! `SharePartition.java` (`releaseAcquiredRecords` then lowers the delivery count of all that the session had; the
//! next records to be had are those of the lowest offset) and KIP-932; Amazon SQS, API reference, `DeleteMessage`
//! (with an outdated receipt handle "the request will succeed, but the message might not be deleted") and developer
//! guide, `CloudWatch` metrics (messages received three times or more go to the back); `RabbitMQ` 4.3
//! documentation, Quorum queues (`basic.reject` and a lost connection count, `basic.nack` and a consumer timeout
//! don't; what comes back goes to the returns queue, "in the exact order" of the returns).

use super::pattern::{Delivery, LeaseLost, Nack, Receipt};
use super::sizing::Backoff;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// Whose rules a queue follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueKind {
    PostgresTable,
    KafkaShareGroup,
    SqsStandard,
    RabbitQuorum,
}

impl QueueKind {
    /// A worker that ends, in good order or not, closes its connection, and the queue takes back what it had.
    pub const fn minds_connections(self) -> bool {
        matches!(self, Self::KafkaShareGroup | Self::RabbitQuorum)
    }
}

/// SQS moves an item that was received so often to the back.
const SQS_BACK_FROM: u32 = 3;

/// The rules of a queue; may be changed while it is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    pub kind: QueueKind,
    /// How long an item is handed out for.
    pub visibility_timeout: Duration,
    /// After so many attempts it is put aside; never, if none.
    pub max_receives: Option<u32>,
    pub backoff: Backoff,
}

#[derive(Debug)]
struct Entry<T> {
    item: T,
    put_at: Duration,
    place: Place,
    received: u32,
    receipt: Receipt,
}

/// Where an item stands in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// Before all others: `RabbitMQ` has a queue of its own for what came back.
    Returned(u64),
    /// As it came. It keeps its place, unless it is sent to the back.
    Put(u64),
}

/// Why an item comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Back {
    LeaseOver,
    ConnectionLost,
    Given(Nack),
}

/// The queue: what waits, what is handed out, what is dead. All moments are of one clock, and `now`
/// never goes back.
#[derive(Debug)]
pub struct WorkQueue<T> {
    pub rules: Rules,
    /// By place, so that items that come back together do so in their order.
    visible: BTreeMap<Place, Entry<T>>,
    /// Came back, and is not to be seen until its moment.
    delayed: BTreeMap<(Duration, Place), Entry<T>>,
    leased: BTreeMap<Receipt, (Duration, Entry<T>)>,
    /// When leases run out, the next one first.
    expiries: BTreeSet<(Duration, Receipt)>,
    dead: VecDeque<Entry<T>>,
    /// Everything but the dead by the moment it was put, for the age of the oldest.
    ages: BTreeMap<Duration, usize>,
    /// SQS: where the items are whose last delivery ran out, by its receipt.
    outdated: BTreeMap<Receipt, (Option<Duration>, Place)>,
    places: u64,
    receipts: u64,
}

// region: queue
impl<T: Clone> WorkQueue<T> {
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            visible: BTreeMap::new(),
            delayed: BTreeMap::new(),
            leased: BTreeMap::new(),
            expiries: BTreeSet::new(),
            dead: VecDeque::new(),
            ages: BTreeMap::new(),
            outdated: BTreeMap::new(),
            places: 0,
            receipts: 0,
        }
    }

    pub fn put(&mut self, item: T, now: Duration) {
        self.put_for_later(item, now, now);
    }

    /// An item that nobody is to see before `due`.
    pub fn put_for_later(&mut self, item: T, due: Duration, now: Duration) {
        *self.ages.entry(now).or_default() += 1;
        let place = Place::Put(self.next_place());
        let entry = Entry {
            item,
            put_at: now,
            place,
            received: 0,
            receipt: Receipt(0),
        };
        self.show(entry, due, now);
    }

    /// Hands the next item out, for as long as its lease lasts.
    pub fn receive(&mut self, now: Duration) -> Option<Delivery<T>> {
        let (_, mut entry) = self.visible.pop_first()?;
        self.outdated.remove(&entry.receipt);
        entry.received += 1;
        self.receipts += 1;
        entry.receipt = Receipt(self.receipts);
        let delivery = Delivery {
            item: entry.item.clone(),
            receipt: entry.receipt,
            received: entry.received,
        };
        self.lease(entry, now);
        Some(delivery)
    }

    pub fn extend(&mut self, receipt: Receipt, now: Duration) -> Result<(), LeaseLost> {
        let entry = self.take_back(receipt, now)?;
        self.lease(entry, now);
        Ok(())
    }

    /// Forgets the item and returns it. A receipt whose lease is over counts for nothing, even if
    /// nobody else has taken the item yet; in SQS it may still count for as long as nobody has.
    pub fn ack(&mut self, receipt: Receipt, now: Duration) -> Result<T, LeaseLost> {
        let entry = match self.take_back(receipt, now) {
            Err(LeaseLost) => self.take_outdated(receipt).ok_or(LeaseLost),
            taken => taken,
        }?;
        self.forget_age(entry.put_at);
        Ok(entry.item)
    }

    pub fn nack(&mut self, receipt: Receipt, why: Nack, now: Duration) -> Result<(), LeaseLost> {
        let entry = self.take_back(receipt, now)?;
        self.come_back(entry, Back::Given(why), now);
        Ok(())
    }

    /// The worker that has it has closed its connection, or died: the item comes back, where that matters.
    pub fn connection_lost(&mut self, receipt: Receipt, now: Duration) {
        if self.rules.kind.minds_connections()
            && let Ok(entry) = self.take_back(receipt, now)
        {
            self.come_back(entry, Back::ConnectionLost, now);
        }
    }

    /// Takes back what is handed out for too long, and shows what has been hidden long enough.
    pub fn expire(&mut self, now: Duration) {
        while let Some((until, receipt)) = self.expiries.first().copied()
            && until <= now
        {
            self.expiries.remove(&(until, receipt));
            if let Some((_, entry)) = self.leased.remove(&receipt) {
                self.come_back(entry, Back::LeaseOver, now);
            }
        }
        while let Some(first) = self.delayed.first_entry()
            && first.key().0 <= now
        {
            let entry = first.remove();
            self.show(entry, now, now);
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

    /// Back into the line; or aside, if that was its last attempt.
    fn come_back(&mut self, mut entry: Entry<T>, back: Back, now: Duration) {
        let counts = match (self.rules.kind, back) {
            (QueueKind::SqsStandard, _) => true,
            (_, Back::Given(Nack::NotBegun))
            | (QueueKind::RabbitQuorum, Back::LeaseOver)
            | (QueueKind::KafkaShareGroup, Back::ConnectionLost) => false,
            (_, Back::Given(Nack::Failed) | Back::LeaseOver | Back::ConnectionLost) => true,
        };
        let attempts = entry.received;
        if !counts {
            entry.received -= 1;
        } else if self.rules.max_receives.is_some_and(|most| attempts >= most) {
            self.forget_age(entry.put_at);
            self.dead.push_back(entry);
            return;
        }
        match self.rules.kind {
            QueueKind::SqsStandard if attempts >= SQS_BACK_FROM => {
                entry.place = Place::Put(self.next_place());
            }
            QueueKind::RabbitQuorum => entry.place = Place::Returned(self.next_place()),
            _ => {}
        }
        let delay = if counts {
            self.rules.backoff.after(attempts)
        } else {
            Duration::ZERO
        };
        self.show(entry, now + delay, now);
    }

    /// Into the line when it is due.
    fn show(&mut self, entry: Entry<T>, due: Duration, now: Duration) {
        let hidden = due > now;
        if self.rules.kind == QueueKind::SqsStandard && entry.received > 0 {
            let until = hidden.then_some(due);
            self.outdated.insert(entry.receipt, (until, entry.place));
        }
        if hidden {
            self.delayed.insert((due, entry.place), entry);
        } else {
            self.visible.insert(entry.place, entry);
        }
    }

    fn lease(&mut self, entry: Entry<T>, now: Duration) {
        let until = now + self.rules.visibility_timeout;
        self.expiries.insert((until, entry.receipt));
        self.leased.insert(entry.receipt, (until, entry));
    }

    fn take_back(&mut self, receipt: Receipt, now: Duration) -> Result<Entry<T>, LeaseLost> {
        match self.leased.get(&receipt) {
            Some((until, _)) if now < *until => {}
            _ => return Err(LeaseLost),
        }
        let (until, entry) = self.leased.remove(&receipt).ok_or(LeaseLost)?;
        self.expiries.remove(&(until, receipt));
        Ok(entry)
    }

    fn take_outdated(&mut self, receipt: Receipt) -> Option<Entry<T>> {
        match self.outdated.remove(&receipt)? {
            (Some(due), place) => self.delayed.remove(&(due, place)),
            (None, place) => self.visible.remove(&place),
        }
    }

    fn next_place(&mut self) -> u64 {
        self.places += 1;
        self.places
    }

    fn forget_age(&mut self, put_at: Duration) {
        if let Some(count) = self.ages.get_mut(&put_at) {
            *count -= 1;
            if *count == 0 {
                self.ages.remove(&put_at);
            }
        }
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

    /// What is handed out, by its receipt.
    pub fn handed_out(&self) -> impl Iterator<Item = (Receipt, &T)> {
        let leased = self.leased.iter();
        leased.map(|(receipt, (_, entry))| (*receipt, &entry.item))
    }

    /// How often each of the items that wait in sight has been handed out, the next one first.
    pub fn in_line(&self) -> impl ExactSizeIterator<Item = u32> {
        self.visible.values().map(|entry| entry.received)
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
        self.ages.first_key_value().map(|(put_at, _)| *put_at)
    }
}
