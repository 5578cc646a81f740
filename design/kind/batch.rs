//! A coordinated batch: night after night a coordinator gives tasks to workers, and pays when all of them are done, as in
//! the lab of the coordinated batch.

use super::{Calls, Kind};
use crate::format::require::{Figure, own};
use crate::format::{Component as Written, number};
use crate::system::call::Whose;
use crate::system::component::Component;
use crate::system::lots::Lots;
use crate::system::machine::Machine;
use crate::system::meters::part_metrics;
use crate::system::work::{Order, Stand, Start, Work, call_all};
use crate::system::world::{Tamper, World};
use crate::theory::{Flow, Load, Station, Time};
use ddlab_labs::coordinated_batch::pattern::{Attempt, Ended, Rules, Stage, run};
use ddlab_labs::engine::{self, Draw, Purpose, SimTime, Source as _};
use ddlab_labs::knobs;
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::invariant::Invariant;
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_labs::workbench::meter::MetricSpec;
use ddlab_labs::workbench::prelude::*;
use ddlab_text::Unit;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::pending;

/// A worker that died is given nothing for so long: it may be back then.
const REST: Duration = Duration::from_secs(1);
/// An attempt that runs for so many times the mean of those that are done is named in the log.
const LONG: f64 = 5.0;
/// Share of a stage that must be done before there are backups (Spark 3: `spark.speculation.quantile`).
const QUANTILE: f64 = 0.75;

knobs! {
    pub struct Knobs;
    pub enum Turned { }

    "batch" {
        /// workers; each does one task at a time
        map_workers: usize = count(10, 1, 200).restarts().essential();
        /// tasks of the map; the payment waits for all of them
        map_tasks: usize = count(100, 1, 1_000).essential();
        /// how long a task of the map takes
        task_service: Distribution = distribution("lognormal:1s,0.2").essential();
        /// attempts at the map that land on a slow disk
        straggler_ratio: f64 = share(0.05, 0.01).essential();
        /// how many times longer these take
        straggler_factor: f64 = quantity("", 8.0, 1.0, 100.0);
        /// a task that has run for so many times the median gets a backup, once three quarters are done
        speculative: Option<f64> = quantity("", 1.5, 1.0, 20.0).starting_at("off").essential();
        /// attempts in which the worker dies half-way
        crash_ratio: f64 = share(0.0, 0.01);
        /// a worker that died is back after this
        restart_after: Duration = duration("10s", "100ms", "1h");
        /// tasks that the list of payouts is cut into; each makes the calls of the component
        pay_tasks: usize = count(20, 1, 500);
        /// how long such a task takes, without what it waits for others
        pay_service: Distribution = distribution("const:50ms");
        /// one call after the other, or all at once
        calls_in: Order = choice();
        /// slow tasks of the payment get backups, too: others may be called twice
        speculative_payments: bool = switch(false);
        /// from one night to the next; one that is not over holds up the next
        night_every: Duration = duration("5m", "10s", "24h").essential();
    }
}

part_metrics! {
    struct BatchMeters {
        /// tasks of the present stage that are done
        stage_done_ratio: Gauge in Share, chart 0;
        /// from the start of a night until all of it is paid
        makespan_ms: Histogram in Milliseconds;
        /// how long the map takes
        map_ms: Histogram in Milliseconds;
        /// how long the payment takes
        pay_ms: Histogram in Milliseconds;
        /// time of attempts that did not count, of all attempts
        wasted_work_ratio: Ratio in Share;
        /// attempts that were started while another one at the same task ran
        backups_total: Counter in Count;
        /// payouts that were made again
        paid_again_total: Counter in Count;
        /// for how long the present night has run; 0 when there is none
        night_age_s: Gauge in Seconds;
        /// nights that are over
        nights_total: Counter in Count;
        /// nights that were left out, since the one before was not over
        nights_skipped_total: Counter in Count;
    }
}

const FIGURES: [Figure; 4] = [
    own(
        "makespan",
        "makespan_ms",
        Statistic::Max,
        Unit::Milliseconds,
        "from the start of a night until all of it is paid, at most",
    ),
    own(
        "wasted_work",
        "wasted_work_ratio",
        Statistic::Value,
        Unit::Share,
        "share of the work of attempts that did not count",
    ),
    own(
        "paid_again",
        "paid_again_total",
        Statistic::Value,
        Unit::Count,
        "payouts that were made again",
    ),
    own(
        "nights_skipped",
        "nights_skipped_total",
        Statistic::Value,
        Unit::Count,
        "nights left out, since the one before was not over",
    ),
];

#[derive(Debug)]
pub struct Batch;

impl Kind for Batch {
    fn word(&self) -> &'static str {
        "batch"
    }

    fn help(&self) -> &'static str {
        "a job that cuts each night's work into tasks for workers, and pays when all are done; nobody calls it"
    }

    knob_table!();

    fn shape(&self) -> (&'static str, &'static str) {
        ("[/", "/]")
    }

    fn calls(&self) -> Calls {
        Calls::Many
    }

    fn machine(&self) -> &'static str {
        "worker"
    }

    fn is_called(&self) -> bool {
        false
    }

    fn machines(&self, settings: &KnobSettings) -> usize {
        number(settings, "map_workers").map_or(1, |workers| workers as usize)
    }

    fn figures(&self) -> &'static [Figure] {
        &FIGURES
    }

    fn metrics(&self, component: &str, chart: u8) -> Vec<MetricSpec> {
        BatchMeters::specs(component, chart)
    }

    /// The work of a night, evenly over its length; a barrier takes longer than that.
    fn station(&self, load: &Load<'_>) -> Station {
        let slower = 1.0 + load.part("straggler_ratio") * (load.part("straggler_factor") - 1.0);
        let nights = 1.0 / load.span("night_every").as_secs_f64();
        let map = load.time("task_service").mean * slower;
        let pay = load.time("pay_service").mean + load.others_ms;
        let work = load.part("map_tasks") * map + load.part("pay_tasks") * pay;
        let busy = work / 1e3 * nights / load.part("map_workers");
        let now = Time {
            mean: 0.0,
            scv: 0.0,
        };
        Station::without_line(nights, now).with("workers at work", busy)
    }

    fn passes_on(&self, component: &Written, _: Flow) -> f64 {
        let settings = &component.settings;
        let tasks = number(settings, "pay_tasks").unwrap_or_default();
        tasks / crate::theory::span(settings, "night_every").as_secs_f64()
    }

    fn start(&self, start: &Start<'_>) -> Rc<dyn Work> {
        let (base, name) = (start.base, &start.component.name);
        Rc::new(Job {
            knobs: Knobs::of(start.own),
            meters: BatchMeters::of(&base.instruments.meters, name),
            tasks: base.sim.purpose(&format!("{name} task")),
            barrier: Rc::clone(&base.checks.invariants.barrier),
            name: name.as_str().into(),
            lots: base.lots.clone().filter(|lots| lots.are_settled_by(name)),
            began: Cell::new(None),
            stage: RefCell::default(),
            tamper: base.tamper,
        })
    }
}

struct Job {
    knobs: Rc<Knobs>,
    meters: BatchMeters,
    tasks: Purpose,
    barrier: Rc<Invariant>,
    name: Rc<str>,
    /// The lots whose sellers it pays.
    lots: Option<Rc<Lots>>,
    /// When the night began that is not over.
    began: Cell<Option<SimTime>>,
    stage: RefCell<Progress>,
    tamper: Tamper,
}

/// How far the stage is that runs.
#[derive(Default)]
struct Progress {
    /// Attempts so far at each task.
    attempts: BTreeMap<usize, u64>,
    /// Attempts that run, by task and worker.
    running: BTreeMap<(usize, usize), Runs>,
    /// Attempts that are done, and how long they took together.
    done: u32,
    took: Duration,
}

#[derive(Debug, Clone, Copy)]
struct Runs {
    since: SimTime,
    /// The log has named it as slow.
    is_named: bool,
}

/// An attempt that runs, until this is dropped.
struct Running<'a> {
    stage: &'a RefCell<Progress>,
    task: usize,
    worker: usize,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut stage = self.stage.borrow_mut();
        stage.running.remove(&(self.task, self.worker));
    }
}

/// What a worker is to do.
#[derive(Debug, Clone, Copy)]
struct Compute {
    takes: Duration,
    /// The worker dies half-way.
    dies: bool,
    /// It pays.
    pays: Option<Payment>,
}

/// A task of the payment, of so many.
#[derive(Debug, Clone, Copy)]
struct Payment {
    night: u64,
    task: u64,
    of: u64,
}

impl Work for Job {
    fn slots(&self) -> Option<usize> {
        None
    }

    /// A worker does what the coordinator asks for.
    fn serve(self: Rc<Self>, stand: Stand) {
        let (net, node) = (stand.world.sim.net(), stand.machine.node);
        let stand = Rc::new(stand);
        net.serve(node, move |work: Compute, _| {
            let (job, stand) = (Rc::clone(&self), Rc::clone(&stand));
            async move { job.computes(&stand, work).await }
        });
    }

    fn opened(self: Rc<Self>, world: &Rc<World>, component: &Component) {
        let nights = self.nights(Rc::clone(world), component.place);
        world.sim.spawn(nights);
    }

    /// A worker does one task at a time.
    fn load(&self, machine: &Machine) -> f64 {
        let stage = self.stage.borrow();
        let mut workers = stage.running.keys().map(|(_, worker)| worker + 1);
        f64::from(u8::from(
            workers.any(|worker| worker == machine.number as usize),
        ))
    }

    fn restart(&self, _: &mut Draw) -> Duration {
        self.knobs.restart_after.get()
    }

    fn measure(&self, world: &World) {
        let now = world.now();
        let age = self
            .began
            .get()
            .map_or(0.0, |began| (now - began).as_secs_f64());
        self.meters.night_age_s.set(age, now);
        self.name_the_slow(world);
    }
}

impl Job {
    /// A worker does it. Whether it did.
    async fn computes(&self, stand: &Rc<Stand>, work: Compute) -> bool {
        let takes = work.takes.mul_f64(stand.machine.server.factor());
        if work.dies {
            engine::sleep(takes / 2).await;
            // Not from within the task that it takes down.
            let there = Rc::clone(stand);
            stand.world.sim.spawn(async move {
                let component = &there.world.components[there.place];
                component.fall(&there.world, &there.machine, false);
            });
            pending::<()>().await;
        }
        engine::sleep(takes).await;
        let Some(Payment { night, task, of }) = work.pays else {
            return true;
        };
        let callers = Rc::clone(&stand.machine.callers.borrow());
        let whose = Whose {
            user: task,
            depth: 0,
            spot: None,
        };
        let paid = call_all(&callers, self.knobs.calls_in.get(), [night, task], &whose).await;
        if let Some(lots) = self.lots.as_ref().filter(|_| paid) {
            lots.pays(task, of);
        }
        paid
    }

    /// Says once of each attempt that takes far longer than the others which worker it is on.
    fn name_the_slow(&self, world: &World) {
        let mut stage = self.stage.borrow_mut();
        if stage.done == 0 {
            return;
        }
        let (now, mean) = (world.now(), stage.took / stage.done);
        let limit = mean.mul_f64(LONG);
        for ((task, worker), attempt) in &mut stage.running {
            let runs = now - attempt.since;
            if runs > limit && !std::mem::replace(&mut attempt.is_named, true) {
                world.warn(format!(
                    "{}: task {task} has run for {:.0} s on worker {}; the others took {:.1} s",
                    self.name,
                    runs.as_secs_f64(),
                    worker + 1,
                    mean.as_secs_f64()
                ));
            }
        }
    }

    async fn nights(self: Rc<Self>, world: Rc<World>, place: usize) {
        for night in 1.. {
            if self.began.get().is_some() {
                self.meters.nights_skipped_total.increment();
            } else {
                self.began.set(Some(engine::now()));
                let (job, world) = (Rc::clone(&self), Rc::clone(&world));
                engine::spawn(async move { job.settle(&world, place, night).await });
            }
            engine::sleep(self.knobs.night_every.get()).await;
        }
    }

    async fn settle(&self, world: &Rc<World>, place: usize, night: u64) {
        let began = engine::now();
        let (knobs, meters) = (&self.knobs, &self.meters);
        self.stage(world, place, [night, 0], knobs.map_tasks.get())
            .await;
        let mapped = engine::now();
        meters.map_ms.record((mapped - began).into());
        if let Some(lots) = &self.lots {
            lots.night_begins();
        }
        self.stage(world, place, [night, 1], knobs.pay_tasks.get())
            .await;
        if let Some(lots) = &self.lots {
            lots.night_ends();
        }
        let paid = engine::now();
        meters.pay_ms.record((paid - mapped).into());
        meters.makespan_ms.record((paid - began).into());
        meters.nights_total.increment();
        self.began.set(None);
    }

    async fn stage(&self, world: &Rc<World>, place: usize, key: [u64; 2], count: usize) {
        *self.stage.borrow_mut() = Progress::default();
        let tasks = Tasks {
            job: self,
            world,
            place,
            key,
            count,
            done: Cell::new(0),
        };
        let given_out = count - usize::from(self.tamper == Tamper::ForgetTasks);
        let outcome = run(&tasks, self.rules(tasks.pays()), vec![None; given_out]).await;
        let done = outcome.outputs.iter().flatten().count();
        self.barrier
            .check(done == count && tasks.done.get() == count, || {
                format!("{}: a stage of {count} tasks ended with {done}", self.name)
            });
        let wasted = &self.meters.wasted_work_ratio;
        wasted.whole.add(outcome.worked.as_millis() as u64);
        wasted.part.add(outcome.wasted.as_millis() as u64);
        self.meters.backups_total.add(outcome.backups as u64);
    }

    fn rules(&self, pays: bool) -> Rules {
        let knobs = &self.knobs;
        let may_speculate = !pays || knobs.speculative_payments.get();
        Rules {
            workers: knobs.map_workers.get(),
            rest: REST,
            speculative: knobs.speculative.get().filter(|_| may_speculate),
            quantile: QUANTILE,
        }
    }
}

/// The tasks of a stage of a night.
struct Tasks<'a> {
    job: &'a Job,
    world: &'a Rc<World>,
    place: usize,
    /// The night, and 0 for the map or 1 for the payment.
    key: [u64; 2],
    count: usize,
    done: Cell<usize>,
}

impl Tasks<'_> {
    fn pays(&self) -> bool {
        self.key[1] == 1
    }
}

impl Stage for Tasks<'_> {
    type Output = ();

    async fn attempt(&self, attempt: Attempt) -> Ended<()> {
        let (job, knobs, pays) = (self.job, &self.job.knobs, self.pays());
        let began = engine::now();
        let nth = {
            let mut stage = job.stage.borrow_mut();
            let runs = Runs {
                since: began,
                is_named: false,
            };
            stage.running.insert((attempt.task, attempt.worker), runs);
            let attempts = stage.attempts.entry(attempt.task).or_insert(0);
            *attempts += 1;
            *attempts
        };
        let _running = Running {
            stage: &job.stage,
            task: attempt.task,
            worker: attempt.worker,
        };
        if pays && nth > 1 {
            job.meters.paid_again_total.increment();
        }
        let [night, step] = self.key;
        let task = attempt.task as u64;
        let mut luck = job.tasks.draw(&[night, step, task, nth]);
        let straggles = luck.chance(knobs.straggler_ratio.get());
        let dies = luck.chance(knobs.crash_ratio.get());
        let service = if pays {
            &knobs.pay_service
        } else {
            &knobs.task_service
        };
        let usual = service.borrow().sample(&mut luck);
        let slower = if straggles && !pays {
            knobs.straggler_factor.get()
        } else {
            1.0
        };
        let compute = Compute {
            takes: usual.mul_f64(slower),
            dies: dies && !pays,
            pays: pays.then_some(Payment {
                night,
                task,
                of: self.count as u64,
            }),
        };
        let number = attempt.worker as u32 + 1;
        let machine = self.world.components[self.place].machine(number);
        let call = engine::net().call::<Compute, bool>(machine.node, compute);
        match call.await {
            Ok(true) => {
                let mut stage = job.stage.borrow_mut();
                stage.done += 1;
                stage.took += engine::now() - began;
                Ended::Done(())
            }
            // What it needs fails: the task is given out again, to whoever is free.
            Ok(false) | Err(_) => Ended::Died,
        }
    }

    fn done(&self, _: usize, (): &()) {
        self.done.set(self.done.get() + 1);
        let share = self.done.get() as f64 / self.count as f64;
        self.job.meters.stage_done_ratio.set(share, engine::now());
    }
}
