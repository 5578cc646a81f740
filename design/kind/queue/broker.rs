//! The queue's node: the work queue of the lab behind messages, workers that wait for items, and the books.

use super::{Knobs, QueueMeters};
use crate::system::call::Call;
use crate::system::work::{Stand, Start};
use ddlab_labs::engine::{self, Handle, Purpose, SimTime, Source as _};
use ddlab_labs::work_queue::pattern::{Delivery, LeaseLost, Nack, Receipt};
use ddlab_labs::work_queue::queue::{Rules, WorkQueue};
use ddlab_labs::workbench::invariant::Invariant;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

/// How often the age of the oldest item is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Something to be done.
#[derive(Debug)]
pub struct Item {
    /// What its luck depends on.
    pub key: u64,
    /// Whose it is.
    pub user: u64,
    /// Calls between it and the client.
    pub depth: usize,
    pub poison: bool,
    pub arrived: SimTime,
    /// The worker that has it, by number.
    worker: Cell<u32>,
}

/// Items, each in one delivery.
pub type Hand = Vec<Delivery<Rc<Item>>>;

/// What travels from a worker.
pub struct Receive {
    pub worker: u32,
    pub most: usize,
}

pub struct Extend(pub Vec<Receipt>);

pub struct Acknowledge {
    pub receipt: Receipt,
    /// The hand of a worker that has yet to begin on it.
    pub early: Option<Rc<InHand>>,
}

pub struct GiveBack {
    pub receipt: Receipt,
    pub why: Nack,
}

/// What one life of a worker has that the queue has forgotten, as it was acknowledged before its work.
#[derive(Debug, Default)]
pub struct InHand {
    held: RefCell<BTreeMap<Receipt, Rc<Item>>>,
    pub is_over: Cell<bool>,
}

pub struct Broker {
    pub knobs: Rc<Knobs>,
    queue: RefCell<WorkQueue<Rc<Item>>>,
    /// Workers that wait for items.
    waiting: RefCell<VecDeque<(Receive, oneshot::Sender<Hand>)>>,
    /// Acknowledged, and still in the hand of a worker.
    held: Cell<usize>,
    put: Cell<u64>,
    done: Cell<u64>,
    lost: Cell<u64>,
    adds_up: Rc<Invariant>,
    meters: QueueMeters,
    poison: Purpose,
    sim: Handle,
    node: OnceCell<engine::NodeId>,
    alarm: Notify,
    alarm_at: Cell<Option<Duration>>,
}

impl Broker {
    pub fn new(start: &Start<'_>) -> Rc<Self> {
        let (base, name) = (start.base, &start.component.name);
        let knobs = Knobs::of(start.own);
        Rc::new(Self {
            queue: RefCell::new(WorkQueue::new(rules(&knobs))),
            waiting: RefCell::default(),
            held: Cell::new(0),
            put: Cell::new(0),
            done: Cell::new(0),
            lost: Cell::new(0),
            adds_up: Rc::clone(&base.checks.invariants.items),
            meters: QueueMeters::of(&base.instruments.meters, name),
            poison: base.sim.purpose(&format!("{name} poison")),
            sim: base.sim.clone(),
            node: OnceCell::new(),
            alarm: Notify::new(),
            alarm_at: Cell::new(None),
            knobs,
        })
    }

    /// Answers its workers on this machine.
    pub fn serve(self: &Rc<Self>, stand: &Stand) {
        let node = stand.machine.node;
        assert!(self.node.set(node).is_ok(), "a queue has one machine");
        let net = self.sim.net();
        let broker = Rc::clone(self);
        net.serve(node, move |receive: Receive, _| {
            let broker = Rc::clone(&broker);
            async move { broker.receive(receive).await }
        });
        let broker = Rc::clone(self);
        net.serve(node, move |extend: Extend, _| {
            let (now, mut lost) = (engine::now().into(), extend.0);
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
            broker.change(|queue, now| {
                // Lost already? Then it has come back by itself.
                let _ = queue.nack(back.receipt, back.why, now);
            });
            std::future::ready(())
        });
    }

    /// Where workers find it.
    pub fn node(&self) -> engine::NodeId {
        *self
            .node
            .get()
            .expect("a queue serves before its workers begin")
    }

    pub fn has_room(&self) -> bool {
        let queue = self.queue.borrow();
        let there = queue.queued() + queue.leased() + queue.dead().len() + self.held.get();
        there < self.knobs.room.get()
    }

    /// Takes in what a call asks for; a test has some `is_lost` on purpose.
    pub fn put(&self, call: &Call, is_lost: bool) {
        let ask = &call.ask;
        let mut luck = self.poison.draw(&call.luck());
        let item = Rc::new(Item {
            key: luck.next_u64(),
            user: ask.user,
            depth: ask.depth,
            poison: luck.chance(self.knobs.poison_ratio.get()),
            arrived: engine::now(),
            worker: Cell::new(0),
        });
        self.put.set(self.put.get() + 1);
        if is_lost {
            return;
        }
        self.change(|queue, now| queue.put(item, now));
    }

    async fn receive(&self, receive: Receive) -> Hand {
        let (hand, items) = oneshot::channel();
        {
            let mut waiting = self.waiting.borrow_mut();
            // Workers that died or were stopped while they waited leave a channel without an end.
            waiting.retain(|(_, hand)| !hand.is_closed());
            waiting.push_back((receive, hand));
        }
        self.hand_out();
        self.settle();
        // The sender is dropped unused together with the whole simulation.
        items.await.unwrap_or_default()
    }

    fn acknowledge(&self, ack: &Acknowledge) -> Result<(), LeaseLost> {
        let item = self
            .queue
            .borrow_mut()
            .ack(ack.receipt, engine::now().into());
        match (&item, &ack.early) {
            (Err(LeaseLost), _) => {}
            (Ok(item), None) => self.is_done(item),
            (Ok(_), Some(hand)) if hand.is_over.get() => self.is_lost(),
            (Ok(item), Some(hand)) => {
                self.held.set(self.held.get() + 1);
                let mut held = hand.held.borrow_mut();
                held.insert(ack.receipt, Rc::clone(item));
            }
        }
        self.settle();
        item.map(drop)
    }

    /// The work on this delivery is over; true if it was acknowledged before.
    pub fn early_ends(&self, hand: &InHand, receipt: Receipt, done: bool) -> bool {
        let item = hand.held.borrow_mut().remove(&receipt);
        if let Some(item) = &item {
            self.held.set(self.held.get() - 1);
            if done {
                self.is_done(item);
            } else {
                self.is_lost();
            }
            self.settle();
        }
        item.is_some()
    }

    /// A worker has died, or left: what it held is gone, and its connection closed.
    pub fn hand_is_over(&self, worker: u32, hand: &InHand) {
        hand.is_over.set(true);
        let receipts: Vec<Receipt> = hand.held.borrow().keys().copied().collect();
        for receipt in receipts {
            self.early_ends(hand, receipt, false);
        }
        self.connection_lost(worker);
    }

    fn is_lost(&self) {
        self.lost.set(self.lost.get() + 1);
        self.meters.lost_total.increment();
    }

    fn is_done(&self, item: &Item) {
        self.done.set(self.done.get() + 1);
        self.meters.done_total.increment();
        let sojourn = self.sim.now() - item.arrived;
        self.meters.sojourn_ms.record(sojourn.into());
    }

    fn connection_lost(&self, worker: u32) {
        if !self.queue.borrow().rules.kind.minds_connections() {
            return;
        }
        let receipts: Vec<Receipt> = {
            let queue = self.queue.borrow();
            let of_worker = |(_, item): &(Receipt, &Rc<Item>)| item.worker.get() == worker;
            let handed_out = queue.handed_out().filter(of_worker);
            handed_out.map(|(receipt, _)| receipt).collect()
        };
        self.change(|queue, now| {
            for receipt in receipts {
                queue.connection_lost(receipt, now);
            }
        });
    }

    /// Takes back what was handed out for too long, for ever.
    pub async fn watch_leases(self: Rc<Self>) {
        loop {
            let due = self.queue.borrow().next_due();
            self.alarm_at.set(due);
            let due = due.map_or(SimTime::MAX, SimTime::from);
            tokio::select! {
                biased;
                () = self.alarm.notified() => {}
                () = engine::sleep_until(due) => self.change(WorkQueue::expire),
            }
        }
    }

    /// For ever.
    pub async fn keep_age(self: Rc<Self>) {
        loop {
            engine::sleep(LOOK_EVERY).await;
            let (now, age) = (engine::now(), self.oldest_age());
            self.meters.oldest_age_ms.set(age.as_secs_f64() * 1e3, now);
        }
    }

    pub fn apply_rules(&self) {
        self.queue.borrow_mut().rules = rules(&self.knobs);
    }

    /// A change by which items may become visible or dead.
    fn change(&self, change: impl FnOnce(&mut WorkQueue<Rc<Item>>, Duration)) {
        let mut queue = self.queue.borrow_mut();
        let before = queue.dead().len();
        change(&mut queue, self.sim.now().into());
        let died = queue.dead().len().saturating_sub(before);
        drop(queue);
        self.meters.dead_lettered_total.add(died as u64);
        self.hand_out();
        self.settle();
    }

    /// To whoever has waited longest, as long as there are items and somebody waits.
    fn hand_out(&self) {
        let (mut queue, mut waiting) = (self.queue.borrow_mut(), self.waiting.borrow_mut());
        let now = self.sim.now().into();
        while let Some((receive, hand)) = waiting.front() {
            if hand.is_closed() {
                waiting.pop_front();
                continue;
            }
            let items = std::iter::from_fn(|| queue.receive(now));
            let items: Hand = items.take(receive.most).collect();
            if items.is_empty() {
                return;
            }
            for delivery in &items {
                delivery.item.worker.set(receive.worker);
                let again = delivery.received > 1;
                self.meters.redelivered_total.add(u64::from(again));
            }
            if let Some((_, hand)) = waiting.pop_front() {
                // Nobody can have left since the look just above. If so, the lease brings them back.
                drop(hand.send(items));
            }
        }
    }

    /// After every change: the books, and the alarm for the next lease.
    fn settle(&self) {
        let queue = self.queue.borrow();
        let (put, done, lost) = (self.put.get(), self.done.get(), self.lost.get());
        let (queued, leased, dead) = (queue.queued(), queue.leased(), queue.dead().len());
        let there = (queued + leased + dead + self.held.get()) as u64;
        self.adds_up.check(put == done + lost + there, || {
            let held = self.held.get();
            format!(
                "{put} put, but {done} done, {queued} queued, {leased} handed out, {held} held, {dead} put aside, {lost} lost"
            )
        });
        let due = queue.next_due();
        if due.is_some_and(|due| self.alarm_at.get().is_none_or(|alarm| due < alarm)) {
            self.alarm.notify_one();
        }
    }

    pub fn waiting(&self) -> usize {
        self.queue.borrow().queued()
    }

    /// Waiting, handed out or held.
    pub fn items(&self) -> usize {
        let queue = self.queue.borrow();
        queue.queued() + queue.leased() + self.held.get()
    }

    /// Of the oldest item that is neither done nor put aside; zero when there is none.
    pub fn oldest_age(&self) -> Duration {
        let since = self.queue.borrow().oldest_since();
        let now = Duration::from(self.sim.now());
        since.map_or(Duration::ZERO, |since| now.saturating_sub(since))
    }
}

fn rules(knobs: &Knobs) -> Rules {
    let (kind, visibility_timeout) = knobs.broker.get().leases(knobs.visibility_timeout.get());
    let deliveries = knobs.max_receives.get() as u32;
    Rules {
        kind,
        visibility_timeout,
        max_receives: knobs.dead_letter.get().then_some(deliveries),
        backoff: knobs.retry_backoff.get().from(knobs.retry_delay.get()),
    }
}
