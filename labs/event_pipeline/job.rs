//! The job: all stages together, their checkpoints, and how they go on after a crash.

use super::account::{Account, count};
use super::books::{BIDS_MAX, Judged, Rules};
use super::crowd::Fate;
use super::fraud::{Caught, Seen};
use super::group::{Rebalance, moved};
use super::log::RETAINED_MAX;
use super::outside::Clients;
use super::pattern::{self, State};
use super::settings::{Delivery, SinkBy};
use super::stages::{Watcher, Worker, Writer};
use super::table::STAGES;
use super::window::{Row, Watermarks, Windows};
use super::world::{AGGREGATE, ENRICH, FILTER, SINK, SPLIT, Tamper, World};
use crate::engine::{self, SimTime};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

/// From the end of the job's process until it is started again by itself.
const RESTART_AFTER: Duration = Duration::from_secs(5);
/// How often the readers say how far they are (Flink's `pipeline.auto-watermark-interval`).
pub const MARK_EVERY: Duration = Duration::from_millis(200);

pub struct Job {
    pub world: Rc<World>,
    pub clients: Clients,
    state: RefCell<State>,
    marks: [RefCell<Watermarks>; 3],
    pub fraud: RefCell<Seen>,
    pub caught: RefCell<Caught>,
    /// What the sink's workers have collected, and since when.
    pub batches: RefCell<BTreeMap<usize, (SimTime, Vec<Row>)>>,
    /// Results that are on their way to the store.
    pub outbox: RefCell<BTreeMap<(u64, Duration), Row>>,
    /// Of each lane: when its newest bid happened, and when it was read.
    pub newest: RefCell<Vec<(Duration, SimTime)>>,
    under_way: RefCell<Option<Checkpoint>>,
    /// The last complete checkpoints, the oldest first.
    kept: RefCell<VecDeque<Kept>>,
    checkpoints: Cell<u64>,
    /// How often the job has been started.
    starts: Cell<u64>,
    /// Up to here windows were told when the last checkpoint was taken, with `at_most`.
    told_upto: Cell<Duration>,
}

/// A checkpoint in the making.
struct Checkpoint {
    number: u64,
    ordered: SimTime,
    positions: Vec<Option<u64>>,
    state: Option<State>,
    fraud: Option<Seen>,
    sink: bool,
}

/// What the pipeline goes on from, after a crash or because somebody wants it.
struct Kept {
    ordered: SimTime,
    positions: Vec<u64>,
    state: State,
    fraud: Seen,
    judged: Judged,
}

impl Job {
    pub fn new(world: &Rc<World>) -> Rc<Self> {
        let lanes = world.log.lanes();
        let marks = || RefCell::new(Watermarks::new(lanes));
        let job = Rc::new(Self {
            clients: Clients::default(),
            state: RefCell::new(empty(world)),
            marks: [marks(), marks(), marks()],
            fraud: RefCell::default(),
            caught: RefCell::default(),
            batches: RefCell::default(),
            outbox: RefCell::default(),
            newest: RefCell::new(vec![(Duration::ZERO, SimTime::ZERO); lanes]),
            under_way: RefCell::new(None),
            kept: RefCell::default(),
            checkpoints: Cell::new(0),
            starts: Cell::new(0),
            told_upto: Cell::new(Duration::ZERO),
            world: Rc::clone(world),
        });
        job.start();
        job
    }

    /// Up to here windows have been told.
    pub fn watermark(&self) -> Duration {
        self.state.borrow().windows.watermark()
    }

    /// Starts the readers and all workers.
    fn start(self: &Rc<Self>) {
        self.starts.set(self.starts.get() + 1);
        for lane in 0..self.world.log.lanes() {
            let job = Rc::clone(self);
            self.spawn(async move {
                let buffers = &job.world.buffers;
                pattern::read(&*job, lane, &buffers.filter, &buffers.fraud).await;
            });
        }
        self.spawn(Rc::clone(self).mark());
        self.spawn(Rc::clone(self).order_checkpoints());
        for stage in 0..STAGES.len() {
            let workers = self.world.accounts[stage].workers.get();
            (0..workers).for_each(|worker| self.start_worker(stage, worker));
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.world.sim.spawn_on(self.world.job, task);
    }

    fn start_worker(self: &Rc<Self>, stage: usize, worker: usize) {
        let job = Rc::clone(self);
        let it = Worker {
            job: Rc::clone(self),
            stage,
        };
        self.spawn(async move {
            let (buffers, marks) = (&job.world.buffers, &job.marks);
            match stage {
                FILTER => {
                    pattern::run(&it, worker, &buffers.filter, &buffers.enrich, &marks[0]).await;
                }
                ENRICH => {
                    pattern::run(&it, worker, &buffers.enrich, &buffers.split, &marks[1]).await;
                }
                SPLIT => {
                    pattern::run(&it, worker, &buffers.split, &buffers.aggregate, &marks[2]).await;
                }
                AGGREGATE => {
                    let (input, output) = (&buffers.aggregate, &buffers.sink);
                    pattern::aggregate(&it, worker, input, output, &job.state).await;
                }
                SINK => pattern::drain(&Writer(Rc::clone(&job)), worker, &buffers.sink).await,
                _ => pattern::drain(&Watcher(Rc::clone(&job)), worker, &buffers.fraud).await,
            }
        });
    }

    /// The readers say how far they are: behind the newest bid by as much as bids may come late.
    async fn mark(self: Rc<Self>) {
        loop {
            engine::sleep(MARK_EVERY).await;
            let world = &self.world;
            for (lane, &newest) in self.newest.borrow().iter().enumerate() {
                world.buffers.filter.mark(lane, world.mark(newest));
            }
        }
    }

    /// Adds a worker; the lanes that change their reader stand still for a while, or all of them.
    pub fn add_worker(self: &Rc<Self>, stage: usize) {
        let world = &self.world;
        let (account, rule) = (&world.accounts[stage], world.knobs.rebalance.get());
        let before = account.readers();
        let after = account.add_worker(rule);
        let still: Vec<usize> = match rule {
            Rebalance::Eager => (0..after.len()).collect(),
            Rebalance::Cooperative => moved(&before, &after).collect(),
        };
        if world.sim.is_up(world.job) {
            self.start_worker(stage, account.workers.get() - 1);
            for &lane in &still {
                self.pause(stage, lane, true);
            }
            let job = Rc::clone(self);
            self.spawn(async move {
                engine::sleep(job.world.knobs.rebalance_pause.get()).await;
                job.read_by(stage);
                for &lane in &still {
                    job.pause(stage, lane, false);
                }
            });
        } else {
            self.read_by(stage);
        }
    }

    fn pause(&self, stage: usize, lane: usize, paused: bool) {
        let buffers = &self.world.buffers;
        match stage {
            FILTER => buffers.filter.pause(lane, paused),
            ENRICH => buffers.enrich.pause(lane, paused),
            SPLIT => buffers.split.pause(lane, paused),
            AGGREGATE => buffers.aggregate.pause(lane, paused),
            SINK => buffers.sink.pause(lane, paused),
            _ => buffers.fraud.pause(lane, paused),
        }
    }

    fn read_by(&self, stage: usize) {
        let (buffers, readers) = (&self.world.buffers, self.world.accounts[stage].readers());
        match stage {
            FILTER => buffers.filter.read_by(&readers),
            ENRICH => buffers.enrich.read_by(&readers),
            SPLIT => buffers.split.read_by(&readers),
            AGGREGATE => buffers.aggregate.read_by(&readers),
            SINK => buffers.sink.read_by(&readers),
            _ => buffers.fraud.read_by(&readers),
        }
    }
}

/// Checkpoints.
impl Job {
    /// For ever. One that is not complete when the next would be due is waited for.
    async fn order_checkpoints(self: Rc<Self>) {
        loop {
            engine::sleep(self.world.knobs.checkpoint_every.get()).await;
            if self.world.knobs.delivery.get() == Delivery::AtMost {
                // There are none. What was told before the last look has been written by now.
                let told_upto = self.told_upto.replace(self.watermark());
                self.judge(told_upto);
                let (books, store) = (&self.world.books, &self.world.store);
                books.forget_before(&books.judged(), self.world.knobs.kind());
                store.forget_before(self.horizon(told_upto));
                self.kept.borrow_mut().clear();
            } else if self.under_way.borrow().is_none() {
                let number = self.checkpoints.get() + 1;
                self.checkpoints.set(number);
                *self.under_way.borrow_mut() = Some(Checkpoint {
                    number,
                    ordered: self.world.now(),
                    positions: vec![None; self.world.log.lanes()],
                    state: None,
                    fraud: None,
                    sink: false,
                });
                self.world.log.order_barriers(number);
            }
        }
    }

    /// The barrier goes into a lane at this place.
    pub fn starts_from(&self, lane: usize, checkpoint: u64) {
        let position = self.world.log.position(lane);
        self.note(checkpoint, |made| made.positions[lane] = Some(position));
    }

    pub fn saves(&self, checkpoint: u64, state: &State) {
        self.note(checkpoint, |made| made.state = Some(state.clone()));
    }

    pub fn sink_reached(&self, checkpoint: u64) {
        self.note(checkpoint, |made| made.sink = true);
    }

    pub fn fraud_reached(&self, checkpoint: u64) {
        let seen = self.fraud.borrow().clone();
        self.note(checkpoint, |made| made.fraud = Some(seen));
    }

    fn note(&self, checkpoint: u64, note: impl FnOnce(&mut Checkpoint)) {
        let mut under_way = self.under_way.borrow_mut();
        let Some(made) = under_way.as_mut().filter(|made| made.number == checkpoint) else {
            return;
        };
        note(made);
        let all_positions: Option<Vec<u64>> = made.positions.iter().copied().collect();
        if let (Some(positions), Some(state), Some(fraud), true) =
            (all_positions, &made.state, &made.fraud, made.sink)
        {
            let kept = Kept {
                ordered: made.ordered,
                positions,
                state: state.clone(),
                fraud: fraud.clone(),
                judged: Judged::new(),
            };
            *under_way = None;
            drop(under_way);
            self.completes(kept);
        }
    }

    fn completes(&self, mut checkpoint: Kept) {
        let world = &self.world;
        self.reads_from(&checkpoint.positions);
        world.meters.checkpoints_total.increment();
        let took = world.now() - checkpoint.ordered;
        world.meters.checkpoint_ms.record(took.into());
        self.judge(checkpoint.told_upto());
        checkpoint.judged = world.books.judged();
        self.kept.borrow_mut().push_back(checkpoint);
        self.forget();
    }

    /// After a crash the log is read from here on.
    fn reads_from(&self, positions: &[u64]) {
        for (lane, &position) in positions.iter().enumerate() {
            self.world.log.pass(lane, position);
        }
    }

    /// Keeps as many checkpoints as the knob says, fewer when much lies between them, and what lies after the oldest.
    fn forget(&self) {
        let (world, mut kept) = (&self.world, self.kept.borrow_mut());
        let most = world.knobs.checkpoints_kept.get();
        while let Some(oldest) = kept.front() {
            let log = &world.log;
            for (lane, &position) in oldest.positions.iter().enumerate() {
                log.forget_before(lane, position);
            }
            world
                .books
                .forget_before(&oldest.judged, world.knobs.kind());
            world.store.forget_before(self.horizon(oldest.told_upto()));
            let is_much =
                log.retained() > RETAINED_MAX / 2 || world.books.bids_kept() > BIDS_MAX / 2;
            if kept.len() == 1 || (kept.len() <= most && !is_much) {
                break;
            }
            kept.pop_front();
        }
    }

    /// Windows that were told by then and end by this moment are forgotten, too.
    fn horizon(&self, told_upto: Duration) -> Duration {
        told_upto.saturating_sub(self.world.knobs.lateness())
    }

    /// Windows that were told and forgotten by then are done.
    fn judge(&self, told_upto: Duration) {
        let (world, knobs) = (&self.world, &self.world.knobs);
        let once = knobs.delivery.get() == Delivery::EffectivelyOnce;
        let rules = Rules {
            kind: knobs.kind(),
            horizon: self.horizon(told_upto),
            exact: once && knobs.sink.get() == SinkBy::Upsert,
        };
        let (books, store) = (&world.books, &world.store);
        books.judge(rules, store, &world.log, &world.meters);
    }
}

impl Kept {
    /// Up to here windows were told when it was taken.
    fn told_upto(&self) -> Duration {
        self.state.windows.watermark()
    }
}

/// Crashes, and going back.
impl Job {
    /// The stage's process dies, and the job with it: it is started again by itself. Whether it was up.
    pub fn crash(self: &Rc<Self>, stage: usize) -> bool {
        let world = &self.world;
        if !self.is_up() {
            return false;
        }
        self.stop();
        world.accounts[stage].down.set(true);
        let (job, starts) = (Rc::clone(self), self.starts.get());
        world.sim.spawn(async move {
            engine::sleep(RESTART_AFTER).await;
            if job.starts.get() == starts {
                job.restart();
            }
        });
        true
    }

    /// The process ends, with all that lies in its buffers.
    fn stop(&self) {
        let world = &self.world;
        world.sim.crash(world.job);
        world.accounts.iter().for_each(Account::crashed);
        world.clear_buffers();
        self.batches.borrow_mut().clear();
        *self.under_way.borrow_mut() = None;
        world.log.cancel_barriers();
    }

    /// Starts the job again, if it is down, from what its delivery has kept. Whether it was down.
    pub fn restart(self: &Rc<Self>) -> bool {
        let is_down = !self.is_up();
        if is_down {
            self.go_on();
        }
        is_down
    }

    /// Starts the job again from where the log was read when the last checkpoint was begun that is at least so old, or
    /// the oldest that is kept. The moment of that one.
    ///
    /// # Errors
    /// Why it can't: for the journal.
    pub fn replay(self: &Rc<Self>, back: Duration) -> Result<SimTime, &'static str> {
        let world = &self.world;
        if !self.is_up() {
            return Err("the job is down: restart it first");
        }
        let moment = SimTime::from(Duration::from(world.now()).saturating_sub(back));
        let mut kept = self.kept.borrow_mut();
        let newer = kept.partition_point(|checkpoint| checkpoint.ordered <= moment);
        kept.truncate(newer.max(1));
        let at_most = world.knobs.delivery.get() == Delivery::AtMost;
        let Some(checkpoint) = kept.back().filter(|_| !at_most) else {
            return Err("no checkpoint is kept: with at_most there is none");
        };
        let from = checkpoint.ordered;
        self.stop();
        self.reads_from(&checkpoint.positions);
        world.books.judges_again_from(&checkpoint.judged);
        drop(kept);
        self.go_on();
        Ok(from)
    }

    fn go_on(self: &Rc<Self>) {
        let world = &self.world;
        world.sim.restart(world.job);
        world
            .accounts
            .iter()
            .for_each(|account| account.down.set(false));
        (0..STAGES.len()).for_each(|stage| self.read_by(stage));
        for marks in &self.marks {
            *marks.borrow_mut() = Watermarks::new(world.log.lanes());
        }
        self.state.borrow_mut().marks = Watermarks::new(world.log.lanes());
        let now = world.now();
        for lane in &mut *self.newest.borrow_mut() {
            *lane = (Duration::ZERO, now);
        }
        match world.knobs.delivery.get() {
            Delivery::EffectivelyOnce => self.restore(),
            Delivery::AtLeast => {
                world.log.rewind(|_| {});
                self.send_again();
            }
            Delivery::AtMost => self.outbox.borrow_mut().clear(),
        }
        world.books.order_begins_anew();
        self.start();
    }

    /// Sums and positions of the last checkpoint.
    fn restore(&self) {
        let world = &self.world;
        self.outbox.borrow_mut().clear();
        if world.tamper != Tamper::KeepSums {
            let checkpoints = self.kept.borrow();
            let kept = checkpoints.back();
            *self.state.borrow_mut() = kept.map_or_else(|| empty(world), |kept| kept.state.clone());
            *self.fraud.borrow_mut() = kept.map_or_else(Seen::default, |kept| kept.fraud.clone());
        }
        world.log.rewind(|bid| {
            bid.fate.set(Fate::Logged);
            bid.counted_before.set(false);
        });
    }

    /// The results that had not been written.
    fn send_again(&self) {
        let rows: Vec<Row> = self.outbox.borrow().values().copied().collect();
        let world = Rc::clone(&self.world);
        self.spawn(async move {
            for row in rows {
                count(&world.accounts[SINK].brought);
                let lane = (row.key % world.log.lanes() as u64) as usize;
                // What the buffer drops is lost, as any result that it drops.
                let _ = world.buffers.sink.put(lane, row).await;
            }
        });
    }

    /// A result is on its way.
    pub fn tells(&self, row: Row) {
        self.outbox.borrow_mut().insert((row.key, row.start), row);
    }

    pub fn is_up(&self) -> bool {
        self.world.sim.is_up(self.world.job)
    }
}

fn empty(world: &World) -> State {
    let knobs = &world.knobs;
    State {
        windows: Windows::new(knobs.kind(), knobs.lateness()),
        marks: Watermarks::new(world.log.lanes()),
    }
}
