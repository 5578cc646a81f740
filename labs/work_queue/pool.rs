//! The pool: workers that come, go, die and come back.

use super::broker::Broker;
use super::pattern::Stop;
use super::worker::{self, Standing, Worker};
use super::world::World;
use crate::engine::{self, Purpose, SimTime};
use std::cell::{Cell, Ref, RefCell};
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

/// How long a pause lasts, in leases: long enough that what the worker has in hand is handed out
/// to another.
const PAUSE_LEASES: u32 = 2;

pub struct Pool {
    pub broker: Rc<Broker>,
    /// Grows as far as it is ever needed; who leaves makes room for who comes.
    workers: RefCell<Vec<Rc<Worker>>>,
    busy: Cell<usize>,
    /// When the autoscaler looks next.
    pub next_look: Cell<SimTime>,
    pub service: Purpose,
    pub crashes: Purpose,
}

impl Pool {
    pub fn open(broker: &Rc<Broker>) -> Rc<Self> {
        let sim = &broker.world.sim;
        let pool = Rc::new(Self {
            broker: Rc::clone(broker),
            workers: RefCell::default(),
            busy: Cell::new(0),
            next_look: Cell::new(SimTime::ZERO),
            service: sim.purpose("service"),
            crashes: sim.purpose("crash"),
        });
        let first = broker.world.knobs.workers.get();
        pool.hire(first, Duration::ZERO);
        pool
    }

    pub fn world(&self) -> &Rc<World> {
        &self.broker.world
    }

    pub fn workers(&self) -> Ref<'_, Vec<Rc<Worker>>> {
        self.workers.borrow()
    }

    /// The worker of this number, from 1.
    pub fn worker(&self, number: u32) -> Rc<Worker> {
        Rc::clone(&self.workers.borrow()[number as usize - 1])
    }

    fn count(&self, of: impl Fn(Standing) -> bool) -> usize {
        let workers = self.workers.borrow();
        workers.iter().filter(|w| of(w.standing.get())).count()
    }

    /// Workers that are in the pool to stay: up, down for a while, or on their way.
    pub fn size(&self) -> usize {
        self.count(|standing| !matches!(standing, Standing::Out | Standing::Draining))
    }

    /// Workers that are paid for: a dead process has a machine still.
    pub fn paid(&self) -> usize {
        self.count(|standing| standing != Standing::Out)
    }

    /// Makes the pool this large: new workers are there after `worker_start`, those that go finish
    /// what they have in hand.
    pub fn resize(self: &Rc<Self>, size: usize) {
        let now = self.size();
        if size > now {
            let start = self.world().knobs.worker_start.get();
            self.hire(size - now, start);
        } else {
            self.dismiss(now - size);
        }
    }

    fn hire(self: &Rc<Self>, count: usize, start: Duration) {
        for _ in 0..count {
            let free = {
                let workers = self.workers.borrow();
                let mut all = workers.iter();
                all.find(|w| w.standing.get() == Standing::Out).cloned()
            };
            let worker = free.unwrap_or_else(|| self.add());
            if start.is_zero() {
                self.boot(&worker);
            } else {
                self.set(&worker, Standing::Starting);
                self.boot_after(&worker, start, Standing::Starting);
            }
        }
    }

    fn add(&self) -> Rc<Worker> {
        let mut workers = self.workers.borrow_mut();
        let number = workers.len() + 1;
        let node = self.world().sim.add_server(&format!("worker {number}"));
        let worker = Rc::new(Worker::new(number, node));
        workers.push(Rc::clone(&worker));
        worker
    }

    /// Every worker finishes what it works on, gives back the others, and makes room for a new one.
    pub fn deploy(self: &Rc<Self>) {
        let (size, start) = (self.size(), self.world().knobs.worker_start.get());
        self.dismiss(size);
        self.hire(size, start);
    }

    /// The newest go first.
    fn dismiss(&self, count: usize) {
        let staying: Vec<Rc<Worker>> = {
            let workers = self.workers.borrow();
            let newest = workers.iter().rev();
            let stays =
                |w: &&Rc<Worker>| !matches!(w.standing.get(), Standing::Out | Standing::Draining);
            newest.filter(stays).take(count).cloned().collect()
        };
        for worker in staying {
            if worker.standing.get() == Standing::Up {
                self.set(&worker, Standing::Draining);
                worker.stop.borrow().request();
            } else {
                self.set(&worker, Standing::Out);
            }
        }
    }

    /// Its process starts, at once.
    fn boot(self: &Rc<Self>, worker: &Rc<Worker>) {
        let sim = &self.world().sim;
        if !sim.is_up(worker.node) {
            sim.restart(worker.node);
        }
        *worker.stop.borrow_mut() = Rc::new(Stop::default());
        worker.lives.set(worker.lives.get() + 1);
        self.set(worker, Standing::Up);
        sim.spawn_on(worker.node, worker::run(Rc::clone(self), Rc::clone(worker)));
    }

    /// Starts its process later, unless something else has happened to the worker by then.
    fn boot_after(self: &Rc<Self>, worker: &Rc<Worker>, delay: Duration, expected: Standing) {
        let (pool, worker) = (Rc::clone(self), Rc::clone(worker));
        let turn = worker.turn.get();
        self.world().sim.spawn(async move {
            engine::sleep(delay).await;
            if worker.turn.get() == turn && worker.standing.get() == expected {
                pool.boot(&worker);
            }
        });
    }

    /// The worker has finished and leaves. What the queue has sent it meanwhile it will never see.
    pub fn has_left(&self, worker: &Worker) {
        self.set(worker, Standing::Out);
        self.broker.connection_lost(worker.number);
    }

    /// Its process dies, with all it has in hand. It stays down.
    pub fn crash(&self, worker: &Worker) {
        let next = match worker.standing.get() {
            Standing::Out | Standing::Down => return,
            // It was about to leave: nobody starts it again.
            Standing::Draining => Standing::Out,
            Standing::Starting | Standing::Up => Standing::Down,
        };
        self.set(worker, next);
        self.world().sim.crash(worker.node);
        self.broker.connection_lost(worker.number);
        for item in worker.lose_hand() {
            // It may have died between the effect and the end of its work.
            self.broker.early_ends(&item, item.effects() > 0);
        }
    }

    /// Dies by itself, and comes back after `restart_after`. Never ends: whoever awaits it dies.
    pub async fn dies(self: &Rc<Self>, worker: &Rc<Worker>) {
        let (pool, worker) = (Rc::clone(self), Rc::clone(worker));
        // Not from within the task that it takes down.
        self.world().sim.spawn(async move {
            pool.crash(&worker);
            let delay = pool.world().knobs.restart_after.get();
            pool.boot_after(&worker, delay, Standing::Down);
        });
        pending::<()>().await;
    }

    pub fn restart(self: &Rc<Self>, worker: &Rc<Worker>) {
        self.crash(worker);
        if worker.standing.get() == Standing::Down {
            self.boot(worker);
        }
    }

    /// Stands still, and goes on as if nothing had been. Returns for how long.
    pub fn pause(&self, worker: &Worker) -> Duration {
        let pause = self.world().knobs.visibility_timeout.get() * PAUSE_LEASES;
        self.world().sim.pause(worker.node, pause);
        pause
    }

    pub fn is_busy(&self, worker: &Worker, busy: bool) {
        if worker.busy.replace(busy) != busy {
            let change = |n: usize| if busy { n + 1 } else { n - 1 };
            self.busy.set(change(self.busy.get()));
            self.measure();
        }
    }

    fn set(&self, worker: &Worker, standing: Standing) {
        worker.standing.set(standing);
        worker.turn.set(worker.turn.get() + 1);
        self.measure();
    }

    fn measure(&self) {
        let (world, up) = (self.world(), self.count(is_running));
        let now = world.now();
        world.meters.workers.set(up as f64, now);
        let busy = self.busy.get() as f64;
        world
            .meters
            .worker_utilization
            .set(busy / up.max(1) as f64, now);
    }
}

fn is_running(standing: Standing) -> bool {
    matches!(standing, Standing::Up | Standing::Draining)
}
