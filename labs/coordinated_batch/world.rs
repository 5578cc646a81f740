//! What all rooms of the lab share: the simulator, the night, the workers as nodes, the store, the bank, the instruments.

use super::bank::{Accounts, Book, Teller};
use super::commit::{self, Payout};
use super::night::{Calendar, Night};
use super::settings::Committing;
use super::store::{Disk, Shelf};
use super::table::{BatchMeters, Invariants, Knobs, SPEC};
use super::timeline::Timeline;
use crate::engine::{self, Handle, NodeId, Purpose, SimTime};
use crate::workbench::frame::LaneKind;
use crate::workbench::instruments::Instruments;
use std::cell::{Cell, RefCell};
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

/// What the lab does wrong on purpose, for the tests of its invariants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tamper {
    Nothing,
    /// The join drops sales that have no payment.
    InnerJoin,
    /// The bank pays again what it has seen.
    ForgetKeys,
    /// The pointer is moved file by file.
    PointEarly,
}

/// The stages of a night.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Map,
    Join,
    Reduce,
    Commit,
    Pay,
}

impl Step {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Join => "join",
            Self::Reduce => "reduce",
            Self::Commit => "commit",
            Self::Pay => "pay",
        }
    }
}

/// One randomness for each purpose.
pub struct Luck {
    pub tasks: Purpose,
    pub store: Purpose,
    pub bank: Purpose,
}

/// A machine that does tasks.
pub struct Worker {
    pub node: NodeId,
    pub slow: Cell<bool>,
    /// How often it has died: each life has an empty disk.
    pub lives: Cell<u64>,
    pub doing: Cell<Option<(Step, usize)>>,
}

/// Work of a worker that has no effect outside.
pub struct Compute {
    pub step: Step,
    pub task: usize,
    pub takes: Duration,
    /// The worker dies half-way.
    pub dies: bool,
    /// How it looks on the timeline.
    pub kind: LaneKind,
}

/// Payouts that a worker makes.
pub struct Disburse {
    pub task: usize,
    pub payouts: Rc<[Payout]>,
}

/// The stage that runs.
#[derive(Debug, Clone, Copy)]
pub struct Running {
    pub step: Step,
    pub tasks: usize,
    pub done: usize,
}

pub struct World {
    pub sim: Handle,
    pub knobs: Rc<Knobs>,
    pub meters: Rc<BatchMeters>,
    pub invariants: Invariants,
    pub instruments: Rc<Instruments>,
    pub luck: Luck,
    pub tamper: Tamper,
    pub coordinator: NodeId,
    pub workers: Vec<Worker>,
    pub calendar: Calendar,
    pub night: RefCell<Rc<Night>>,
    pub shelf: Shelf,
    pub accounts: Accounts,
    /// What the coordinator is at; none while it does nothing.
    running: Cell<Option<Running>>,
    pub timeline: Timeline,
}

impl World {
    pub fn build(sim: &Handle, knobs: &Rc<Knobs>, tamper: Tamper) -> Rc<Self> {
        let instruments = Instruments::new(sim, &SPEC);
        let calendar = Calendar::new(sim);
        let worker = |number| Worker {
            node: sim.add_server(&format!("worker {number}")),
            slow: Cell::new(false),
            lives: Cell::new(0),
            doing: Cell::new(None),
        };
        let world = Rc::new(Self {
            sim: sim.clone(),
            coordinator: sim.add_server("coordinator"),
            workers: (1..=knobs.map_workers.get()).map(worker).collect(),
            meters: BatchMeters::of(&instruments.meters),
            invariants: Invariants::of(&instruments),
            instruments,
            luck: Luck {
                tasks: sim.purpose("tasks"),
                store: sim.purpose("store"),
                bank: sim.purpose("bank"),
            },
            tamper,
            night: RefCell::new(Rc::new(calendar.night(1, SimTime::ZERO, knobs))),
            calendar,
            knobs: Rc::clone(knobs),
            shelf: Shelf::default(),
            accounts: Accounts::default(),
            running: Cell::new(None),
            timeline: Timeline::new(knobs.map_workers.get()),
        });
        for place in 0..world.workers.len() {
            world.serve(place);
        }
        world
    }

    /// By the handle: some rooms are left while their simulation is taken down.
    pub fn now(&self) -> SimTime {
        self.sim.now()
    }

    pub fn night(&self) -> Rc<Night> {
        Rc::clone(&self.night.borrow())
    }

    pub fn running(&self) -> Option<Running> {
        self.running.get()
    }

    /// The coordinator is at this stage from now on, or at none.
    pub fn runs(&self, running: Option<Running>) {
        self.running.set(running);
        let step = running.map(|running| running.step);
        self.timeline.stage(step, self.now());
    }

    /// A task of the stage that runs has its output.
    pub fn task_is_done(&self) {
        let done = |running: Running| Running {
            done: running.done + 1,
            ..running
        };
        self.running.set(self.running.get().map(done));
    }

    pub fn name(place: usize) -> String {
        format!("worker {}", place + 1)
    }

    fn serve(self: &Rc<Self>, place: usize) {
        let node = self.workers[place].node;
        let world = Rc::clone(self);
        self.sim.net().serve(node, move |work: Compute, _| {
            let world = Rc::clone(&world);
            async move { world.computes(place, work).await }
        });
        let world = Rc::clone(self);
        self.sim.net().serve(node, move |work: Disburse, _| {
            let world = Rc::clone(&world);
            async move { world.disburses(place, work).await }
        });
    }

    async fn computes(self: &Rc<Self>, place: usize, work: Compute) {
        let busy = Busy::at(self, place, work.kind, work.step, work.task);
        if !work.dies {
            engine::sleep(work.takes).await;
            return busy.is_done();
        }
        engine::sleep(work.takes / 2).await;
        // Not from within the task that it takes down.
        let world = Rc::clone(self);
        self.sim.spawn(async move { world.crash(place) });
        pending::<()>().await;
    }

    /// True when all of them are made.
    async fn disburses(&self, place: usize, work: Disburse) -> bool {
        let worker = &self.workers[place];
        let kind = if worker.slow.get() {
            LaneKind::Straggles
        } else {
            LaneKind::Works
        };
        let busy = Busy::at(self, place, kind, Step::Pay, work.task);
        let teller = Teller {
            world: self,
            payer: Self::name(place),
            slower: self.slower(worker),
        };
        let paid = self.pays(&work.payouts, &teller).await;
        if paid {
            busy.is_done();
        }
        paid
    }

    pub fn slower(&self, worker: &Worker) -> f64 {
        if worker.slow.get() {
            self.knobs.straggler_factor.get()
        } else {
            1.0
        }
    }

    /// Makes these payouts, as `commit` says. True when all of them are made.
    pub async fn pays(&self, payouts: &[Payout], teller: &Teller<'_>) -> bool {
        let how = self.knobs.commit.get();
        let book = Book {
            world: self,
            is_kept: how != Committing::Direct,
        };
        let with_key = how == Committing::Transaction;
        let paid = commit::pay(payouts, &book, teller, with_key).await;
        paid.is_ok()
    }

    /// The machine dies, with its disk; it is back after `restart_after`. Whether it was up.
    pub fn crash(self: &Rc<Self>, place: usize) -> bool {
        let worker = &self.workers[place];
        if !self.sim.is_up(worker.node) {
            return false;
        }
        self.sim.crash(worker.node);
        self.timeline.is_down(place, true, self.now());
        let life = worker.lives.get() + 1;
        worker.lives.set(life);
        if let Some(after) = self.knobs.restart_after.get() {
            let world = Rc::clone(self);
            self.sim.spawn(async move {
                engine::sleep(after).await;
                if world.workers[place].lives.get() == life {
                    world.restart(place);
                }
            });
        }
        true
    }

    /// Whether it was down.
    pub fn restart(&self, place: usize) -> bool {
        let node = self.workers[place].node;
        let was_down = !self.sim.is_up(node);
        if was_down {
            self.sim.restart(node);
            self.timeline.is_down(place, false, self.now());
        }
        was_down
    }

    pub fn disk(&self, place: usize) -> Disk {
        Disk {
            worker: place,
            life: self.workers[place].lives.get(),
        }
    }

    /// What is on it can be read.
    pub fn is_there(&self, disk: Option<Disk>) -> bool {
        disk.is_none_or(|disk| self.disk(disk.worker) == disk)
    }
}

/// A worker has this task in hand until this is dropped.
struct Busy<'a> {
    world: &'a World,
    place: usize,
    is_done: Cell<bool>,
}

impl<'a> Busy<'a> {
    fn at(world: &'a World, place: usize, kind: LaneKind, step: Step, task: usize) -> Self {
        world.workers[place].doing.set(Some((step, task)));
        world.timeline.task(place, kind, step, task, world.now());
        Self {
            world,
            place,
            is_done: Cell::new(false),
        }
    }

    /// It was not called off.
    fn is_done(&self) {
        self.is_done.set(true);
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        let (world, place) = (self.world, self.place);
        world.workers[place].doing.set(None);
        let counts = self.is_done.get();
        world.timeline.task_ends(place, counts, world.now());
    }
}
