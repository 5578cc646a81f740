//! One worker: the pattern's loop on a node of its own, the queue as it sees it, and the work.

use super::broker::{Acknowledge, Broker, Extend, GiveBack, Hand, Receive};
use super::item::{AttemptEnd, Item};
use super::pattern::{
    Delivery, Failed, Job, LeaseLost, Nack, Queue, Receipt, Stop, Unreachable, work,
};
use super::pool::Pool;
use super::settings::{DelayedBy, ServicePer};
use super::store::Effect;
use super::world::Tamper;
use crate::engine::{self, NodeId, SimTime, Source};
use std::cell::{Cell, RefCell};
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

/// Where a worker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not in the pool.
    Out,
    /// Paid for, and not there yet.
    Starting,
    Up,
    /// Finishes what it has in hand, then leaves.
    Draining,
    /// Its process died.
    Down,
}

/// The delivery that a worker works on, as the picture shows it.
#[derive(Debug, Clone, Copy)]
pub struct Task {
    pub item: u64,
    pub received: u32,
    pub receipt: Receipt,
    pub begun: SimTime,
    pub takes: Duration,
    /// Acknowledged before it was begun: the queue has forgotten it.
    pub early: bool,
}

pub struct Worker {
    /// From 1.
    pub number: usize,
    pub node: NodeId,
    pub standing: Cell<Standing>,
    /// How often its standing has changed: an old timer finds out that it is old.
    pub turn: Cell<u64>,
    /// How often its process has started, each time with a connection of its own to the queue.
    pub lives: Cell<u64>,
    pub stop: RefCell<Rc<Stop>>,
    /// Items that wait in its hand or are worked on.
    pub in_hand: Cell<usize>,
    pub busy: Cell<bool>,
    pub task: Cell<Option<Task>>,
    /// Acknowledged and not yet done: if it dies, they are gone.
    held: RefCell<Vec<Rc<Item>>>,
    /// The delivery that it has finished and not yet acknowledged.
    finished: Cell<Option<Receipt>>,
}

impl Worker {
    pub fn new(number: usize, node: NodeId) -> Self {
        Self {
            number,
            node,
            standing: Cell::new(Standing::Out),
            turn: Cell::new(0),
            lives: Cell::new(0),
            stop: RefCell::default(),
            in_hand: Cell::new(0),
            busy: Cell::new(false),
            task: Cell::new(None),
            held: RefCell::default(),
            finished: Cell::new(None),
        }
    }

    pub fn is_running(&self) -> bool {
        matches!(self.standing.get(), Standing::Up | Standing::Draining)
    }

    /// Whether the connection of this life to the queue is open.
    pub fn is_connected(&self, life: u64) -> bool {
        self.is_running() && self.lives.get() == life
    }

    pub fn is_in_the_pool(&self) -> bool {
        self.standing.get() != Standing::Out
    }

    pub fn hold(&self, item: Rc<Item>) {
        self.held.borrow_mut().push(item);
    }

    /// Lets go of an item; true if it was held, which is to say acknowledged early.
    fn release(&self, item: &Rc<Item>) -> bool {
        let mut held = self.held.borrow_mut();
        let place = held.iter().position(|held| Rc::ptr_eq(held, item));
        place.is_some_and(|place| {
            held.swap_remove(place);
            true
        })
    }

    /// All that dies with it.
    pub fn lose_hand(&self) -> Vec<Rc<Item>> {
        self.in_hand.set(0);
        self.finished.set(None);
        self.held.take()
    }
}

/// The loop of one life of a worker.
pub async fn run(pool: Rc<Pool>, worker: Rc<Worker>) {
    let stop = Rc::clone(&worker.stop.borrow());
    let adapter = WorkerAdapter { pool, worker };
    let habits = || adapter.pool.world().knobs.habits();
    work(&adapter, &adapter, habits, &stop).await;
    adapter.pool.has_left(&adapter.worker);
}

/// What the pattern asks of a worker: its queue and its job.
struct WorkerAdapter {
    pool: Rc<Pool>,
    worker: Rc<Worker>,
}

impl WorkerAdapter {
    fn broker(&self) -> &Broker {
        &self.pool.broker
    }

    /// What it works on from now on, for so long unless something comes in between.
    fn shows(&self, delivery: &Delivery<Rc<Item>>, takes: Duration) {
        let held = self.worker.held.borrow();
        self.worker.task.set(Some(Task {
            item: delivery.item.number,
            received: delivery.received,
            receipt: delivery.receipt,
            begun: self.pool.world().now(),
            takes,
            early: held.iter().any(|held| Rc::ptr_eq(held, &delivery.item)),
        }));
    }

    fn hand_shrinks(&self) {
        let left = self.worker.in_hand.get().saturating_sub(1);
        self.worker.in_hand.set(left);
    }
}

impl Queue for WorkerAdapter {
    type Item = Rc<Item>;

    async fn receive(&self, most: usize) -> Result<Hand, Unreachable> {
        let receive = Receive {
            worker: Rc::clone(&self.worker),
            life: self.worker.lives.get(),
            most,
        };
        let queue = self.pool.world().queue;
        self.worker.in_hand.set(0);
        let hand = engine::net().call::<Receive, Hand>(queue, receive).await;
        let hand = hand.map_err(|_| Unreachable)?;
        self.worker.in_hand.set(hand.len());
        Ok(hand)
    }

    async fn extend(&self, receipts: Vec<Receipt>) -> Result<Vec<Receipt>, Unreachable> {
        let queue = self.pool.world().queue;
        let lost = engine::net().call::<Extend, Vec<Receipt>>(queue, Extend(receipts));
        lost.await.map_err(|_| Unreachable)
    }

    async fn ack(&self, receipt: Receipt) -> Result<(), LeaseLost> {
        let queue = self.pool.world().queue;
        let finished = self.worker.finished.take();
        let finished = finished.filter(|finished| *finished == receipt);
        let ack = Acknowledge {
            receipt,
            early: finished.is_none().then(|| Rc::clone(&self.worker)),
        };
        let acked = engine::net()
            .call::<Acknowledge, Result<(), LeaseLost>>(queue, ack)
            .await;
        if finished.is_some() || !matches!(acked, Ok(Ok(()))) {
            self.hand_shrinks();
        }
        acked.unwrap_or(Err(LeaseLost))
    }

    async fn nack(&self, receipt: Receipt, why: Nack) {
        self.hand_shrinks();
        let queue = self.pool.world().queue;
        let back = engine::net().call::<GiveBack, ()>(queue, GiveBack { receipt, why });
        // Not heard: the lease will bring it back.
        let _ = back.await;
    }
}

impl Job<Rc<Item>> for WorkerAdapter {
    async fn perform(&self, delivery: &Delivery<Rc<Item>>) -> Result<(), Failed> {
        if self.pool.world().knobs.delayed_by.get() == DelayedBy::Worker {
            engine::sleep_until(delivery.item.due).await;
        }
        let begun = Begun::new(self, delivery);
        let outcome = self.labour(delivery).await;
        begun.ends(outcome)
    }
}

impl WorkerAdapter {
    async fn labour(&self, delivery: &Delivery<Rc<Item>>) -> Result<(), Failed> {
        let item = &delivery.item;
        let (world, knobs) = (self.pool.world(), &self.pool.world().knobs);
        if item.poison {
            // It hangs. Only a limit on the time of an item frees the worker.
            self.shows(delivery, knobs.longest.get().unwrap_or(Duration::MAX));
            pending::<()>().await;
        }
        let nth = item.attempt(delivery.receipt).map_or(1, |known| known.nth);
        let per = match knobs.service_per.get() {
            ServicePer::Item => 1,
            ServicePer::Delivery => nth,
        };
        let mut luck = self.pool.service.draw(&[item.number, per]);
        let service = knobs.service.borrow().sample(&mut luck);
        self.shows(delivery, service);
        let luck =
            self.pool.crashes.draw(&[item.number, nth]).uniform() / knobs.worker_crash_ratio.get();
        if luck < 0.5 {
            engine::sleep(service / 2).await;
            self.pool.dies(&self.worker).await;
        }
        engine::sleep(service).await;
        let skipped = world.tamper == Tamper::SkipEffects && item.number.is_multiple_of(50);
        if !skipped {
            let effect = Effect {
                item: Rc::clone(item),
            };
            let written = engine::net().call::<Effect, ()>(world.store, effect).await;
            written.map_err(|_| Failed)?;
        }
        if luck < 1.0 {
            self.pool.dies(&self.worker).await;
        }
        Ok(())
    }
}

/// A delivery that is worked on. Dropped before its end, the worker died or let go of it.
struct Begun<'a> {
    adapter: &'a WorkerAdapter,
    delivery: &'a Delivery<Rc<Item>>,
    began: SimTime,
    ended: Cell<bool>,
}

impl<'a> Begun<'a> {
    fn new(adapter: &'a WorkerAdapter, delivery: &'a Delivery<Rc<Item>>) -> Self {
        let world = adapter.pool.world();
        let (item, now) = (&delivery.item, world.now());
        if item.begins(delivery.receipt, now) {
            world
                .meters
                .wait_ms
                .record((now - item.due.min(now)).into());
        }
        adapter.pool.is_busy(&adapter.worker, true);
        Self {
            adapter,
            delivery,
            began: now,
            ended: Cell::new(false),
        }
    }

    fn ends(self, outcome: Result<(), Failed>) -> Result<(), Failed> {
        let (worker, delivery) = (&self.adapter.worker, self.delivery);
        let end = match outcome {
            // Unless the queue accepts the acknowledgement, and says so.
            Ok(()) => AttemptEnd::AckRefused,
            Err(Failed) => AttemptEnd::Failed,
        };
        if worker.release(&delivery.item) {
            self.is_over(if outcome.is_ok() {
                AttemptEnd::Done
            } else {
                end
            });
            self.adapter.hand_shrinks();
            self.adapter
                .broker()
                .early_ends(&delivery.item, outcome.is_ok());
        } else {
            self.is_over(end);
            worker
                .finished
                .set(outcome.is_ok().then_some(delivery.receipt));
        }
        outcome
    }

    fn is_over(&self, end: AttemptEnd) {
        self.ended.set(true);
        self.adapter.worker.task.set(None);
        let now = self.adapter.pool.world().now();
        self.delivery
            .item
            .attempt_ends(self.delivery.receipt, now, end);
        self.adapter.pool.is_busy(&self.adapter.worker, false);
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        if self.ended.get() {
            return;
        }
        let world = self.adapter.pool.world();
        let worked = world.now() - self.began;
        let longest = world.knobs.longest.get();
        let late = longest.is_some_and(|longest| worked >= longest);
        let (running, item) = (self.adapter.worker.is_running(), &self.delivery.item);
        self.is_over(match (running, late) {
            (false, _) => AttemptEnd::Died,
            (true, true) => AttemptEnd::CutOff,
            (true, false) => AttemptEnd::GivenUp,
        });
        let early = running && self.adapter.worker.release(item);
        if early {
            // Acknowledged on receipt, and given up: nobody has it any more.
            self.adapter.broker().early_ends(item, false);
        }
        // What is cut off late in the work is given back, and counted there.
        if early || (running && !late) {
            self.adapter.hand_shrinks();
        }
    }
}
