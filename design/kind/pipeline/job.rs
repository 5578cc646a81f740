//! The job: all stages together, their checkpoints, and how they go on after a crash.

use super::books::{Books, Event, Fate, Happened};
use super::stages::{Worker, Writer};
use super::{Knobs, PipelineMeters};
use crate::system::component::Component;
use crate::system::machine::Machine;
use crate::system::world::{Tamper, World};
use ddlab_labs::engine::{self, Handle, NodeId, Purpose, SimTime, Source as _};
use ddlab_labs::event_pipeline::buffer::{Buffer, Overflow};
use ddlab_labs::event_pipeline::group::{Rebalance, assign, moved};
use ddlab_labs::event_pipeline::log::Log;
use ddlab_labs::event_pipeline::pattern::{self, State};
use ddlab_labs::event_pipeline::window::{IDLE, Kind, Row, Watermarks, Windows};
use ddlab_labs::workbench::invariant::Invariant;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

/// Places of the stages that take events: filter, enrich, split, aggregate.
pub const FILTER: usize = 0;
pub const ENRICH: usize = 1;
pub const AGGREGATE: usize = 3;
const STAGES: usize = 4;

/// From the end of the job's process until it is started again by itself.
const RESTART_AFTER: Duration = Duration::from_secs(5);
/// How often the readers say how far they are (Flink's `pipeline.auto-watermark-interval`).
const MARK_EVERY: Duration = Duration::from_millis(200);
/// In a storm of rebalances a worker leaves or joins after the last rebalance is over and so much more time.
const STORM_PAUSE: Duration = Duration::from_secs(2);

/// What a job is made of.
pub struct Parts {
    pub knobs: Rc<Knobs>,
    pub meters: Rc<PipelineMeters>,
    pub exact: Rc<Invariant>,
    pub node: NodeId,
}

pub struct Job {
    pub knobs: Rc<Knobs>,
    pub meters: Rc<PipelineMeters>,
    pub books: Books,
    pub log: Log<Event>,
    pub service: Purpose,
    pub tamper: Tamper,
    /// What the sink's workers have collected, and since when.
    pub batches: RefCell<BTreeMap<usize, (SimTime, Vec<Row>)>>,
    sim: Handle,
    node: NodeId,
    /// The machine of the log: a job is as slow as that.
    machine: Rc<Machine>,
    lanes: Purpose,
    delays: Purpose,
    inserts: Cell<u64>,
    /// The buffer before each stage that takes events, and before the sink.
    buffers: [Buffer<Event>; STAGES],
    rows: Buffer<Row>,
    /// A reader that takes nothing: the pattern's source has two.
    nobody: Buffer<Event>,
    /// The reader of each lane.
    readers: RefCell<Vec<usize>>,
    workers: Cell<usize>,
    storm: Cell<bool>,
    state: RefCell<State>,
    marks: [RefCell<Watermarks>; 3],
    /// Of each lane: when its newest event happened, and when it was read.
    newest: RefCell<Vec<(Duration, SimTime)>>,
    under_way: RefCell<Option<Checkpoint>>,
    complete: RefCell<Option<State>>,
    checkpoints: Cell<u64>,
    /// Events that are on their way to the log.
    coming: Cell<usize>,
}

/// A checkpoint in the making.
struct Checkpoint {
    number: u64,
    positions: Vec<Option<u64>>,
    state: Option<State>,
    sink: bool,
}

impl Job {
    /// Starts it.
    pub fn begin(parts: Parts, world: &World, component: &Component) -> Rc<Self> {
        let Parts {
            knobs,
            meters,
            exact,
            node,
        } = parts;
        let (sim, name) = (world.sim.clone(), &component.name);
        let (lanes, workers) = (knobs.partitions.get(), knobs.workers.get());
        let readers = assign(lanes, workers, &[], Rebalance::Eager);
        let (room, rule) = (knobs.buffer.get(), knobs.rule_when_full());
        let marks = || RefCell::new(Watermarks::new(lanes));
        let job = Rc::new(Self {
            books: Books::new(knobs.window.get(), &exact, &meters),
            log: Log::new(lanes),
            service: sim.purpose(&format!("{name} service")),
            lanes: sim.purpose(&format!("{name} partition")),
            delays: sim.purpose(&format!("{name} delay")),
            inserts: Cell::new(0),
            tamper: world.tamper,
            batches: RefCell::default(),
            machine: component.machine(1),
            buffers: std::array::from_fn(|_| Buffer::new(&readers, room, rule)),
            rows: Buffer::new(&readers, room, Overflow::Backpressure),
            nobody: Buffer::new(&readers, 0, Overflow::DropNew),
            state: RefCell::new(empty(&knobs)),
            marks: [marks(), marks(), marks()],
            newest: RefCell::new(vec![(Duration::ZERO, SimTime::ZERO); lanes]),
            readers: RefCell::new(readers),
            workers: Cell::new(workers),
            storm: Cell::new(false),
            under_way: RefCell::new(None),
            complete: RefCell::new(None),
            checkpoints: Cell::new(0),
            coming: Cell::new(0),
            sim,
            node,
            knobs,
            meters,
        });
        job.start();
        job
    }

    /// How many times as long everything takes.
    pub fn slowness(&self) -> f64 {
        self.machine.server.factor()
    }

    pub fn insert_takes(&self) -> Duration {
        self.inserts.set(self.inserts.get() + 1);
        let mut luck = self.service.draw(&[self.inserts.get(), STAGES as u64]);
        let usual = self.knobs.insert.borrow().sample(&mut luck);
        usual.mul_f64(self.slowness())
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.sim.spawn_on(self.node, task);
    }

    /// Starts the readers and all workers.
    fn start(self: &Rc<Self>) {
        for lane in 0..self.log.lanes() {
            let job = Rc::clone(self);
            self.spawn(async move {
                pattern::read(&*job, lane, &job.buffers[FILTER], &job.nobody).await;
            });
        }
        self.spawn(Rc::clone(self).mark());
        self.spawn(Rc::clone(self).order_checkpoints());
        for worker in 0..self.knobs.workers.get() {
            (FILTER..=AGGREGATE).for_each(|stage| self.start_worker(stage, worker));
            let job = Rc::clone(self);
            self.spawn(async move {
                pattern::drain(&Writer(Rc::clone(&job)), worker, &job.rows).await;
            });
        }
    }

    fn start_worker(self: &Rc<Self>, stage: usize, worker: usize) {
        let it = Worker {
            job: Rc::clone(self),
            stage,
        };
        self.spawn(async move {
            let job = Rc::clone(&it.job);
            let input = &job.buffers[stage];
            if stage == AGGREGATE {
                return pattern::aggregate(&it, worker, input, &job.rows, &job.state).await;
            }
            let (output, marks) = (&job.buffers[stage + 1], &job.marks[stage]);
            pattern::run(&it, worker, input, output, marks).await;
        });
    }

    /// The readers say how far they are: behind the newest event by as much as events may come late.
    async fn mark(self: Rc<Self>) {
        loop {
            engine::sleep(MARK_EVERY).await;
            let now = self.sim.now();
            let (behind, idle) = (
                self.knobs.watermark_delay.get(),
                self.knobs.idle_after.get(),
            );
            for (lane, &(newest, read)) in self.newest.borrow().iter().enumerate() {
                let is_idle = idle.is_some_and(|idle| now - read >= idle);
                let mark = if is_idle {
                    IDLE
                } else {
                    newest.saturating_sub(behind)
                };
                self.buffers[FILTER].mark(lane, mark);
            }
        }
    }

    pub fn configure_buffers(&self) {
        let (room, rule) = (self.knobs.buffer.get(), self.knobs.rule_when_full());
        self.buffers
            .iter()
            .for_each(|buffer| buffer.configure(room, rule));
        // A result stands for many events: it always waits.
        self.rows.configure(room, Overflow::Backpressure);
    }

    pub fn measure(&self, now: SimTime) {
        let meters = &self.meters;
        let depth: usize = self.buffers.iter().map(Buffer::len).sum();
        meters
            .stage_depth
            .set((depth + self.rows.len()) as f64, now);
        meters.log_depth.set(self.log.unread() as f64, now);
        let blocked = self.buffers[FILTER].waiting() as f64 / self.log.lanes() as f64;
        meters.source_blocked_ratio.set(blocked, now);
        let watermark = self.state.borrow().windows.watermark();
        let lag = Duration::from(now).saturating_sub(watermark);
        meters.watermark_lag_s.set(lag.as_secs_f64(), now);
    }
}

/// Events.
impl Job {
    /// An event happens, and is on its way to the log.
    pub fn happens(self: &Rc<Self>, luck: u64, key: u64) {
        let at = Duration::from(self.sim.now());
        let lanes = self.log.lanes() as u64;
        let mut draw = self.delays.draw(&[luck]);
        let event = Rc::new(Happened {
            luck,
            key,
            at,
            lane: self.lanes.draw(&[key]).below(lanes) as usize,
            passes: draw.chance(self.knobs.pass_ratio.get()),
            logged: Cell::new(at),
            place: Cell::new(0),
            fate: Cell::new(Fate::Coming),
        });
        if event.passes {
            self.books.happens(&event);
        }
        let delay = self.knobs.event_delay.borrow().sample(&mut draw);
        if delay.is_zero() {
            return self.logs(&event);
        }
        if self.coming.get() >= ddlab_labs::event_pipeline::log::RETAINED_MAX {
            return self.drops(&event);
        }
        self.coming.set(self.coming.get() + 1);
        let job = Rc::clone(self);
        self.sim.spawn(async move {
            engine::sleep(delay).await;
            job.coming.set(job.coming.get() - 1);
            job.logs(&event);
        });
    }

    fn logs(&self, event: &Event) {
        event.logged.set(self.sim.now().into());
        event.fate.set(Fate::Logged);
        match self.log.append(event.lane, Rc::clone(event)) {
            Ok(place) => event.place.set(place),
            Err(event) => self.drops(&event),
        }
    }

    /// There was no room for it.
    pub fn drops(&self, event: &Event) {
        self.meters.dropped_total.increment();
        event.fate.set(Fate::Dropped);
    }

    pub fn has_read(&self, lane: usize, event: &Event) {
        let (newest, read) = &mut self.newest.borrow_mut()[lane];
        *newest = event.at.max(*newest);
        *read = self.sim.now();
    }
}

/// Checkpoints.
impl Job {
    /// For ever. One that is not complete when the next would be due is waited for.
    async fn order_checkpoints(self: Rc<Self>) {
        loop {
            engine::sleep(self.knobs.checkpoint_every.get()).await;
            if self.under_way.borrow().is_none() {
                let number = self.checkpoints.get() + 1;
                self.checkpoints.set(number);
                *self.under_way.borrow_mut() = Some(Checkpoint {
                    number,
                    positions: vec![None; self.log.lanes()],
                    state: None,
                    sink: false,
                });
                self.log.order_barriers(number);
            }
        }
    }

    /// The barrier goes into a lane at this place.
    pub fn starts_from(&self, lane: usize, checkpoint: u64) {
        let position = self.log.position(lane);
        self.note(checkpoint, |made| made.positions[lane] = Some(position));
    }

    pub fn saves(&self, checkpoint: u64, state: &State) {
        self.note(checkpoint, |made| made.state = Some(state.clone()));
    }

    pub fn sink_reached(&self, checkpoint: u64) {
        self.note(checkpoint, |made| made.sink = true);
    }

    fn note(&self, checkpoint: u64, note: impl FnOnce(&mut Checkpoint)) {
        let mut under_way = self.under_way.borrow_mut();
        let Some(made) = under_way.as_mut().filter(|made| made.number == checkpoint) else {
            return;
        };
        note(made);
        let positions: Option<Vec<u64>> = made.positions.iter().copied().collect();
        if let (Some(positions), Some(state), true) = (positions, &made.state, made.sink) {
            let state = state.clone();
            *under_way = None;
            drop(under_way);
            self.completes(&positions, state);
        }
    }

    fn completes(&self, positions: &[u64], state: State) {
        for (lane, &position) in positions.iter().enumerate() {
            self.log.forget_before(lane, position);
        }
        self.nobody.clear();
        // Windows that were told and forgotten by then are done.
        let lateness = self.knobs.allowed_lateness.get();
        let horizon = state.windows.watermark().saturating_sub(lateness);
        let is_passed = |event: &Happened| self.log.is_passed(event.lane, event.place.get());
        self.books.judge(horizon, is_passed);
        *self.complete.borrow_mut() = Some(state);
    }
}

/// Crashes and rebalances.
impl Job {
    /// The job's process dies with all of its stages; it is started again by itself.
    pub fn crash(self: &Rc<Self>) {
        if !self.sim.is_up(self.node) {
            return;
        }
        self.sim.crash(self.node);
        for buffer in &self.buffers {
            buffer.clear();
        }
        self.rows.clear();
        self.batches.borrow_mut().clear();
        *self.under_way.borrow_mut() = None;
        self.log.cancel_barriers();
        let job = Rc::clone(self);
        self.sim.spawn(async move {
            engine::sleep(RESTART_AFTER).await;
            job.restart();
        });
    }

    /// From the sums and the positions of the last checkpoint, which are kept together.
    fn restart(self: &Rc<Self>) {
        self.sim.restart(self.node);
        let lanes = self.log.lanes();
        for marks in &self.marks {
            *marks.borrow_mut() = Watermarks::new(lanes);
        }
        let complete = self.complete.borrow().clone();
        let mut state = complete.unwrap_or_else(|| empty(&self.knobs));
        state.marks = Watermarks::new(lanes);
        *self.state.borrow_mut() = state;
        let now = self.sim.now();
        self.newest.borrow_mut().fill((Duration::ZERO, now));
        self.log.rewind(|event| event.fate.set(Fate::Logged));
        self.deal(self.knobs.workers.get());
        self.start();
    }

    /// Workers leave and join again and again, or they do no more.
    pub fn storm(self: &Rc<Self>, begins: bool) {
        if self.storm.replace(begins) || !begins {
            return;
        }
        let job = Rc::clone(self);
        self.sim.spawn(async move {
            let all = job.knobs.workers.get();
            while job.storm.get() {
                let others = if job.workers.get() == all {
                    all.max(2) - 1
                } else {
                    all
                };
                job.rebalance(others).await;
                engine::sleep(STORM_PAUSE).await;
            }
            job.rebalance(all).await;
        });
    }

    /// So many workers from now on; the lanes that change their reader stand still for a while, or all of them.
    async fn rebalance(&self, workers: usize) {
        self.meters.rebalances_total.increment();
        let before = self.readers.borrow().clone();
        let rule = self.knobs.rebalance.get();
        let after = assign(before.len(), workers, &before, rule);
        let still: Vec<usize> = match rule {
            Rebalance::Eager => (0..after.len()).collect(),
            Rebalance::Cooperative => moved(&before, &after).collect(),
        };
        self.stand_still(&still, true);
        engine::sleep(self.knobs.rebalance_pause.get()).await;
        self.workers.set(workers);
        *self.readers.borrow_mut() = after;
        self.read_by();
        self.stand_still(&still, false);
    }

    fn stand_still(&self, lanes: &[usize], still: bool) {
        for &lane in lanes {
            self.buffers
                .iter()
                .for_each(|buffer| buffer.pause(lane, still));
            self.rows.pause(lane, still);
        }
    }

    /// Deals the lanes out to so many workers.
    fn deal(&self, workers: usize) {
        let before = self.readers.borrow().clone();
        let after = assign(before.len(), workers, &before, self.knobs.rebalance.get());
        self.workers.set(workers);
        *self.readers.borrow_mut() = after;
        self.read_by();
    }

    fn read_by(&self) {
        let readers = self.readers.borrow();
        self.buffers
            .iter()
            .for_each(|buffer| buffer.read_by(&readers));
        self.rows.read_by(&readers);
    }
}

fn empty(knobs: &Knobs) -> State {
    let size = knobs.window.get();
    State {
        windows: Windows::new(Kind::Tumbling { size }, knobs.allowed_lateness.get()),
        marks: Watermarks::new(knobs.partitions.get()),
    }
}
