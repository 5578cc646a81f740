//! One night after the other: when each begins, who settles it, what happens when the coordinator dies, and what must hold
//! at the end.

use super::commit::{Payout, balances};
use super::job::settle;
use super::settings::Committing;
use super::stages::Attempts;
use super::waterfall;
use super::world::{Step, World};
use crate::engine::{self, SimTime};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;

/// The journal says at most one line in so long about nights that come too late.
const SAY_EVERY: Duration = Duration::from_secs(30);

/// How the night stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// The coordinator is at it.
    Running,
    /// The coordinator has died.
    Orphaned,
    Over,
}

pub struct Nights {
    pub world: Rc<World>,
    attempts: RefCell<Rc<Attempts>>,
    standing: Cell<Standing>,
    changed: Notify,
    /// Its list of payouts was frozen at some time: what is owed has been counted.
    frozen: Cell<bool>,
    /// It was over at some time.
    counted: Cell<bool>,
    /// The stages of tonight that are over, from when to when.
    pub stages: RefCell<Vec<(Step, SimTime, SimTime)>>,
    coordinator_crashes: Cell<u64>,
    said_at: Cell<SimTime>,
}

impl Nights {
    pub fn begin(world: &Rc<World>) -> Rc<Self> {
        let nights = Rc::new(Self {
            world: Rc::clone(world),
            attempts: RefCell::default(),
            standing: Cell::new(Standing::Over),
            changed: Notify::new(),
            frozen: Cell::new(false),
            counted: Cell::new(false),
            stages: RefCell::default(),
            coordinator_crashes: Cell::new(0),
            said_at: Cell::new(SimTime::ZERO),
        });
        nights.start_job();
        world.sim.spawn(Rc::clone(&nights).follow());
        nights
    }

    /// For ever. A night that would begin while the one before is not over is left out.
    async fn follow(self: Rc<Self>) {
        let world = &self.world;
        for number in 2.. {
            loop {
                while self.standing.get() != Standing::Over {
                    self.changed.notified().await;
                }
                let (left, skipped) = self.until_next();
                if left.is_zero() {
                    world.meters.nights_skipped_total.add(skipped);
                    break;
                }
                // Turned meanwhile, or run once more: look again.
                let _ = engine::timeout(left, self.changed.notified()).await;
            }
            let night = world.calendar.night(number, world.now(), &world.knobs);
            *world.night.borrow_mut() = Rc::new(night);
            world.shelf.clear();
            world.accounts.clear();
            self.attempts.take();
            self.stages.take();
            self.frozen.set(false);
            self.counted.set(false);
            self.start_job();
        }
    }

    /// How long until the next night begins, and how many are left out by then.
    fn until_next(&self) -> (Duration, u64) {
        let every = self.world.knobs.night_every.get();
        let passed = self.world.now() - self.world.night().began;
        let nights = passed.as_nanos().div_ceil(every.as_nanos()).max(1) as u64;
        let due = every.saturating_mul(nights as u32);
        (due.saturating_sub(passed), nights - 1)
    }

    /// `night_every` was turned.
    pub fn turned(&self) {
        self.changed.notify_one();
    }

    fn start_job(self: &Rc<Self>) {
        let world = &self.world;
        if world.sim.is_up(world.coordinator) {
            self.standing.set(Standing::Running);
            let attempts = Rc::clone(&self.attempts.borrow());
            world
                .sim
                .spawn_on(world.coordinator, settle(Rc::clone(self), attempts));
        } else {
            self.standing.set(Standing::Orphaned);
        }
    }

    /// Whether it was up. Another one is there after `restart_after`.
    pub fn crash_coordinator(self: &Rc<Self>) -> bool {
        let world = &self.world;
        if !world.sim.is_up(world.coordinator) {
            return false;
        }
        world.sim.crash(world.coordinator);
        world.runs(None);
        if self.standing.get() == Standing::Running {
            self.standing.set(Standing::Orphaned);
        }
        let crash = self.coordinator_crashes.get() + 1;
        self.coordinator_crashes.set(crash);
        if let Some(after) = world.knobs.restart_after.get() {
            let nights = Rc::clone(self);
            world.sim.spawn(async move {
                engine::sleep(after).await;
                if nights.coordinator_crashes.get() == crash {
                    nights.restart_coordinator();
                }
            });
        }
        true
    }

    /// Whether it was down.
    pub fn restart_coordinator(self: &Rc<Self>) -> bool {
        let world = &self.world;
        if world.sim.is_up(world.coordinator) {
            return false;
        }
        world.sim.restart(world.coordinator);
        if self.standing.get() == Standing::Orphaned {
            self.start_job();
        }
        true
    }

    /// Starts the job of this night once more; or says why not.
    pub fn rerun(self: &Rc<Self>) -> Option<String> {
        match self.standing.get() {
            Standing::Running => Some("the job of this night is running already".to_owned()),
            Standing::Orphaned => {
                Some("the coordinator is down; restart_coordinator goes on".to_owned())
            }
            Standing::Over => {
                self.start_job();
                None
            }
        }
    }

    pub fn is_running(&self) -> bool {
        self.standing.get() == Standing::Running
    }
}

/// What the job reports.
impl Nights {
    pub fn stage_is_over(&self, step: Step, began: SimTime) {
        let stage = (step, began, self.world.now());
        self.stages.borrow_mut().push(stage);
    }

    /// The list of payouts is where readers look.
    pub fn is_frozen(&self) {
        if self.frozen.replace(true) {
            return;
        }
        let (world, night) = (&self.world, self.world.night());
        let (meters, manifest) = (&world.meters, world.shelf.manifest.get());
        let span = world.now() - night.began;
        meters.frozen_ms.record(span.into());
        meters.makespan_s.set(span.as_secs_f64(), world.now());
        meters.owed_cents.begin(night.owed_cents);
        meters.owed_cents.end(manifest.unmatched_cents);
        meters.unmatched_cents.add(manifest.unmatched_cents);
        meters.unmatched_total.add(manifest.unmatched);
    }

    /// The gate before the first payment. Where tasks write in the final place there is no such moment.
    pub fn may_be_paid(&self, plan: &[Payout]) -> bool {
        let (world, night) = (&self.world, self.world.night());
        if world.knobs.commit.get() == Committing::Direct {
            return true;
        }
        let unmatched = world.shelf.manifest.get().unmatched_cents;
        let balance = balances(night.owed_cents, unmatched, plan);
        if let Err(imbalance) = balance {
            let text = format!("night {}: nobody is paid: {imbalance}", night.number);
            world.invariants.balances.check(false, || text.clone());
            world.instruments.journal.bad(world.now(), text);
        }
        balance.is_ok()
    }

    /// All that is to be paid is paid.
    pub fn is_settled(&self) {
        let (world, night) = (&self.world, self.world.night());
        let paid = world.accounts.cents();
        let unmatched = world.shelf.manifest.get().unmatched_cents;
        let owed = night.owed_cents;
        world
            .invariants
            .balances
            .check(paid + unmatched == owed, || {
                format!(
                    "night {}: {paid} paid + {unmatched} unmatched cents, {owed} owed",
                    night.number
                )
            });
        if !self.counted.replace(true) {
            world.meters.nights_total.increment();
            let traces = &world.instruments.traces;
            traces.offer(night.number, night.began, world.now(), || {
                waterfall::trace(&night, &self.stages.borrow(), world.now())
            });
        }
        self.standing.set(Standing::Over);
        self.changed.notify_one();
    }

    /// Says in the journal that a night takes longer than there is from one to the next.
    pub fn say_if_late(&self) {
        let (world, now) = (&self.world, self.world.now());
        let night = world.night();
        let every = world.knobs.night_every.get();
        let is_late = !self.counted.get() && now - night.began > every;
        if is_late && now - self.said_at.get() >= SAY_EVERY {
            self.said_at.set(now);
            let skipped = world.meters.nights_skipped_total.since_start();
            let text = format!(
                "overload: night {} is not over when the next is due; {skipped} nights were left out so far",
                night.number
            );
            world.instruments.journal.bad(now, text);
        }
    }
}
