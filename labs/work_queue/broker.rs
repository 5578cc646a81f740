//! The queue's node: the pattern's [`WorkQueue`] behind messages, with workers that wait for items,
//! and the lab's books.

use super::checks::Stock;
use super::item::{AttemptEnd, Fate, Item};
use super::life;
use super::pattern::{Delivery, LeaseLost, Nack, Receipt};
use super::queue::WorkQueue;
use super::settings::DelayedBy;
use super::worker::Worker;
use super::world::{Tamper, World};
use crate::engine::{self, SimTime};
use crate::workbench::journal::Overload;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

/// Items in the queue at most, the dead ones included: it bounds the memory of an overload.
const ITEMS_MAX: usize = 200_000;

/// What travels from the source.
#[derive(Clone)]
pub struct Put(pub Rc<Item>);

/// An item from outside; the answer is whether it was taken in.
pub struct Submit(pub Rc<Item>);

/// What travels from a worker.
pub struct Receive {
    pub worker: Rc<Worker>,
    /// Which life of the worker asks.
    pub life: u64,
    pub most: usize,
}

pub struct Extend(pub Vec<Receipt>);

pub struct Acknowledge {
    pub receipt: Receipt,
    /// The worker that has not yet begun on the item.
    pub early: Option<Rc<Worker>>,
}

pub struct GiveBack {
    pub receipt: Receipt,
    pub why: Nack,
}

/// Items, each in one delivery.
pub type Hand = Vec<Delivery<Rc<Item>>>;

pub struct Broker {
    pub world: Rc<World>,
    queue: RefCell<WorkQueue<Rc<Item>>>,
    waiting: RefCell<VecDeque<Waiting>>,
    /// Acknowledged early and still in a worker's hand.
    acknowledged_early: Cell<usize>,
    alarm: Notify,
    alarm_at: Cell<Option<Duration>>,
    overload: Overload,
}

/// A worker that waits for an item.
struct Waiting {
    receive: Receive,
    hand: oneshot::Sender<Hand>,
}

impl Waiting {
    /// Nobody is there any more to be handed anything.
    fn is_over(&self, minds_connections: bool) -> bool {
        let Receive { worker, life, .. } = &self.receive;
        self.hand.is_closed() || minds_connections && !worker.is_connected(*life)
    }
}

impl Broker {
    pub fn open(world: &Rc<World>) -> Rc<Self> {
        let rules = world.knobs.rules();
        let broker = Rc::new(Self {
            world: Rc::clone(world),
            queue: RefCell::new(WorkQueue::new(rules)),
            waiting: RefCell::default(),
            acknowledged_early: Cell::new(0),
            alarm: Notify::new(),
            alarm_at: Cell::new(None),
            overload: Overload::default(),
        });
        broker.serve();
        let sim = &world.sim;
        sim.spawn_on(world.queue, Rc::clone(&broker).watch_leases());
        broker
    }

    fn serve(self: &Rc<Self>) {
        let (net, node) = (self.world.sim.net(), self.world.queue);
        let broker = Rc::clone(self);
        net.receive(node, move |put: Put, _| {
            broker.put(put.0);
            std::future::ready(())
        });
        let broker = Rc::clone(self);
        net.serve(node, move |submit: Submit, _| {
            std::future::ready(broker.put(submit.0))
        });
        let broker = Rc::clone(self);
        net.serve(node, move |receive: Receive, _| {
            let broker = Rc::clone(&broker);
            async move { broker.receive(receive).await }
        });
        let broker = Rc::clone(self);
        net.serve(node, move |extend: Extend, _| {
            let (now, mut lost) = (broker.world.clock(), extend.0);
            lost.retain(|receipt| broker.queue.borrow_mut().extend(*receipt, now).is_err());
            broker.settle();
            std::future::ready(lost)
        });
        let broker = Rc::clone(self);
        net.serve(node, move |ack: Acknowledge, _| {
            std::future::ready(broker.acknowledge(&ack))
        });
        let broker = Rc::clone(self);
        net.serve(node, move |back: GiveBack, _| {
            let now = broker.world.clock();
            broker.change(|queue| {
                // Lost already? Then it has come back by itself.
                let _ = queue.nack(back.receipt, back.why, now);
            });
            std::future::ready(())
        });
    }

    /// False when the queue is full.
    pub fn put(&self, item: Rc<Item>) -> bool {
        let meters = &self.world.meters;
        let stock = self.stock();
        if stock.queued + stock.in_flight() + stock.dead >= ITEMS_MAX {
            self.turn_away();
            return false;
        }
        let number = self.world.checks.is_submitted();
        meters.submitted_total.begin(1);
        if self.world.tamper == Tamper::DropItems && number.is_multiple_of(50) {
            return true;
        }
        let now = self.world.clock();
        let due = match self.world.knobs.delayed_by.get() {
            DelayedBy::Queue => item.due.into(),
            DelayedBy::Worker => now,
        };
        self.change(|queue| queue.put_for_later(item, due, now));
        true
    }

    async fn receive(&self, receive: Receive) -> Hand {
        let (hand, items) = oneshot::channel();
        {
            let mut waiting = self.waiting.borrow_mut();
            // Workers that died or were stopped while they waited leave a channel without an end.
            waiting.retain(|waiting| !waiting.hand.is_closed());
            waiting.push_back(Waiting { receive, hand });
        }
        self.hand_out();
        self.settle();
        // The sender is dropped unused when its worker has gone, or together with the whole lab.
        items.await.unwrap_or_default()
    }

    fn acknowledge(&self, ack: &Acknowledge) -> Result<(), LeaseLost> {
        let world = &self.world;
        let now = world.clock();
        let accepted = self.queue.borrow_mut().ack(ack.receipt, now);
        match &accepted {
            Err(LeaseLost) => world.meters.acks_refused_total.increment(),
            Ok(item) => match &ack.early {
                Some(worker) if worker.is_running() => {
                    self.acknowledged_early
                        .set(self.acknowledged_early.get() + 1);
                    worker.hold(Rc::clone(item));
                }
                Some(_) => self.is_lost(item),
                None => {
                    item.attempt_ends(ack.receipt, world.now(), AttemptEnd::Done);
                    world.checks.late_ack(item);
                    if item.effects() > 0 {
                        self.is_done(item);
                    } else {
                        self.is_lost(item);
                    }
                }
            },
        }
        self.settle();
        accepted.map(drop)
    }

    /// The end of an item that was acknowledged early: done, or its effect will never come.
    pub fn early_ends(&self, item: &Item, done: bool) {
        self.acknowledged_early
            .set(self.acknowledged_early.get() - 1);
        if done {
            self.is_done(item);
        } else {
            self.is_lost(item);
        }
        self.settle();
    }

    fn is_done(&self, item: &Item) {
        let (world, now) = (&self.world, self.world.now());
        world.checks.is_done();
        world.meters.done_total.increment();
        world.meters.sojourn_ms.record((now - item.arrived).into());
        self.has_ended(item, Fate::Done);
    }

    fn is_lost(&self, item: &Item) {
        self.world.checks.is_lost();
        self.world.meters.lost_total.increment();
        self.has_ended(item, Fate::Lost);
    }

    fn has_ended(&self, item: &Item, fate: Fate) {
        item.ends(Some(fate));
        self.world.meters.submitted_total.end(1);
        let now = self.world.now();
        let traces = &self.world.instruments.traces;
        traces.offer(item.number, item.arrived, now, || {
            life::trace(item, fate, now)
        });
    }

    /// Takes back what was handed out for too long, for ever.
    async fn watch_leases(self: Rc<Self>) {
        loop {
            let due = self.queue.borrow().next_due();
            self.alarm_at.set(due);
            let due = due.map_or(SimTime::MAX, SimTime::from);
            tokio::select! {
                biased;
                () = self.alarm.notified() => {}
                () = engine::sleep_until(due) => {
                    let now = self.world.clock();
                    self.change(|queue| queue.expire(now));
                }
            }
        }
    }

    /// This worker's connection is closed.
    pub fn connection_lost(&self, worker: usize) {
        if !self.queue.borrow().rules.kind.minds_connections() {
            return;
        }
        let now = self.world.clock();
        let receipts: Vec<Receipt> = {
            let queue = self.queue.borrow();
            let of_worker = |receipt: Receipt, item: &Item| {
                let attempt = item.attempt(receipt);
                attempt.is_some_and(|attempt| attempt.worker == worker)
            };
            let handed_out = queue.handed_out();
            let of_worker = handed_out.filter(|(receipt, item)| of_worker(*receipt, item));
            of_worker.map(|(receipt, _)| receipt).collect()
        };
        self.change(|queue| {
            for receipt in receipts {
                queue.connection_lost(receipt, now);
            }
        });
    }

    pub fn apply_rules(&self) {
        let rules = self.world.knobs.rules();
        self.queue.borrow_mut().rules = rules;
    }

    pub fn redrive(&self) -> usize {
        let now = self.world.clock();
        let mut count = 0;
        self.queue.borrow().dead().for_each(|item| item.ends(None));
        self.change(|queue| count = queue.redrive(now));
        count
    }

    /// A change by which items may become visible or dead.
    fn change(&self, change: impl FnOnce(&mut WorkQueue<Rc<Item>>)) {
        let died: Vec<Rc<Item>> = {
            let mut queue = self.queue.borrow_mut();
            let before = queue.dead().len();
            change(&mut queue);
            let fresh = queue.dead().len().saturating_sub(before);
            queue.dead().rev().take(fresh).cloned().collect()
        };
        for item in died.into_iter().rev() {
            self.world.meters.dead_lettered_total.increment();
            self.has_ended(&item, Fate::Dead);
        }
        self.hand_out();
        self.settle();
    }

    /// To whoever has waited longest, as long as there are items and somebody waits.
    fn hand_out(&self) {
        let (mut queue, mut waiting) = (self.queue.borrow_mut(), self.waiting.borrow_mut());
        let (now, clock) = (self.world.now(), self.world.clock());
        while let Some(first) = waiting.front() {
            if first.is_over(queue.rules.kind.minds_connections()) {
                waiting.pop_front();
                continue;
            }
            let Receive { worker, most, .. } = &first.receive;
            let hand: Hand = std::iter::from_fn(|| queue.receive(clock))
                .take(*most)
                .collect();
            if hand.is_empty() {
                return;
            }
            for delivery in &hand {
                let again = delivery.item.is_handed_out(delivery, worker.number, now) > 1;
                self.world.meters.redelivered_total.add(again.into());
            }
            if let Some(first) = waiting.pop_front() {
                // Nobody can have left since the look just above. If so, the lease brings them back.
                drop(first.hand.send(hand));
            }
        }
    }

    /// After every change: gauges, books, and the alarm for the next lease.
    fn settle(&self) {
        let (world, stock, now) = (&self.world, self.stock(), self.world.now());
        world.meters.queue_depth.set(stock.queued as f64, now);
        world.meters.in_flight.set(stock.in_flight() as f64, now);
        world.meters.dead_letters.set(stock.dead as f64, now);
        world.checks.adds_up(stock);
        let due = self.queue.borrow().next_due();
        if due.is_some_and(|due| self.alarm_at.get().is_none_or(|alarm| due < alarm)) {
            self.alarm.notify_one();
        }
    }

    /// Of the first items in line, how often each has been handed out before; and how many there are.
    pub fn in_line(&self, most: usize) -> (Vec<u32>, usize) {
        let queue = self.queue.borrow();
        let in_line = queue.in_line();
        let count = in_line.len();
        (in_line.take(most).collect(), count)
    }

    /// Whether the queue waits still for the end of this delivery.
    pub fn awaits(&self, receipt: Receipt) -> bool {
        self.queue.borrow().awaits(receipt)
    }

    pub fn stock(&self) -> Stock {
        let queue = self.queue.borrow();
        Stock {
            queued: queue.queued(),
            leased: queue.leased(),
            acknowledged_early: self.acknowledged_early.get(),
            dead: queue.dead().len(),
        }
    }

    /// Age of the oldest item that is neither done nor dead; zero when there is none.
    pub fn oldest_age(&self) -> Duration {
        let since = self.queue.borrow().oldest_since();
        since.map_or(Duration::ZERO, |since| {
            self.world.clock().saturating_sub(since)
        })
    }

    /// There is no room for an item. It is counted, and reported once a second at most.
    pub fn turn_away(&self) {
        self.world.meters.refused_total.increment();
        let (world, now) = (&self.world, self.world.now());
        self.overload.say(now, &world.instruments.journal, || {
            let refused = world.meters.refused_total.since_start();
            let (queued, messages) = (self.stock().queued, world.sim.net().counters().in_flight);
            format!("{queued} items in the queue, {messages} messages under way; {refused} turned away so far")
        });
    }
}
