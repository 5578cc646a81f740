//! What befalls candidates and the store: by hand, or again and again by knob.

use super::beliefs::Life;
use super::world::World;
use crate::engine::{self, Distribution, Draw};
use crate::workbench::knob::Knob;
use std::rc::Rc;
use std::time::Duration;

/// How long a process has for ending in good order: Kubernetes' default grace period.
const GRACE: Duration = Duration::from_secs(30);
/// How often a deploy looks whether it has.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// From the end of the old process to the start of the new one.
const NEW_PROCESS: Duration = Duration::from_secs(2);

impl World {
    /// The process of a candidate stands still: a collector of garbage, `SIGSTOP`. Its machine runs, and its clock.
    pub fn pause(self: &Rc<Self>, candidate: usize, span: Duration) {
        self.stands_still(candidate, span);
    }

    /// The machine of a candidate stands still, and with it a clock that doesn't count that (on Linux
    /// `CLOCK_MONOTONIC`).
    pub fn suspend(self: &Rc<Self>, candidate: usize, span: Duration) {
        let node = self.node(candidate);
        if self.sim.is_up(node) && !self.sim.is_paused(node) {
            let shown = i128::from(self.sim.node_now(node).0);
            let rate = self.rate(candidate);
            // What it would show meanwhile, nobody sees; at the end it shows what it showed at the start.
            let missed = (span.as_nanos() as f64 * rate) as i128;
            let offset = shown - missed - i128::from(self.sim.now().0);
            let offset = i64::try_from(offset).unwrap_or(i64::MIN);
            self.sim.set_clock(node, offset, rate);
        }
        if self.sim.is_up(node) && !span.is_zero() {
            self.suspended.borrow_mut()[candidate] = true;
        }
        self.stands_still(candidate, span);
    }

    fn stands_still(self: &Rc<Self>, candidate: usize, span: Duration) {
        let node = self.node(candidate);
        if !self.sim.is_up(node) || span.is_zero() {
            return;
        }
        self.sim.pause(node, span);
        self.beliefs.lives(candidate, Life::Paused);
        let world = Rc::clone(self);
        self.sim.spawn(async move {
            engine::sleep(span).await;
            // It may have been paused for longer meanwhile, or have died.
            if world.sim.is_up(node) && !world.sim.is_paused(node) {
                world.suspended.borrow_mut()[candidate] = false;
                world.beliefs.lives(candidate, Life::Up);
            }
        });
    }

    /// Its process dies. Its machine lives, and closes its connections: the store hears that if it can be reached.
    pub fn crash(&self, candidate: usize) {
        let who = self.session(candidate);
        let is_heard = self.kernel_answers(who) && self.sim.is_up(self.store);
        self.lose_power(candidate);
        if is_heard {
            self.lease_server.hangs_up(who, self.sim.now());
        }
    }

    /// Its machine dies, without a word to anyone.
    pub fn lose_power(&self, candidate: usize) {
        self.sim.crash(self.node(candidate));
        self.beliefs.lives(candidate, Life::Down);
    }

    /// Asks its process to end in good order.
    pub fn stop(&self, candidate: usize) {
        if self.sim.is_up(self.node(candidate)) {
            self.stops(self.session(candidate)).request();
        }
    }

    /// Replaces each candidate by a new process, one after the other.
    pub fn deploy(self: &Rc<Self>) {
        let world = Rc::clone(self);
        self.sim.spawn(async move {
            for candidate in 0..world.count() {
                let node = world.node(candidate);
                world.stop(candidate);
                let patience = engine::now() + GRACE;
                while world.sim.is_up(node) && engine::now() < patience {
                    engine::sleep(LOOK_EVERY).await;
                }
                world.crash(candidate);
                engine::sleep(NEW_PROCESS).await;
                world.restart(candidate);
            }
        });
    }

    /// Somebody, or NTP, sets the wall clock of the lease store forward.
    pub fn step_clock(&self, by: Duration) {
        self.lease_server.wall_clock_jumps(by);
    }

    pub fn restart(&self, candidate: usize) {
        let node = self.node(candidate);
        if !self.sim.is_up(node) {
            self.sim.restart(node);
            self.suspended.borrow_mut()[candidate] = false;
            self.beliefs.lives(candidate, Life::Up);
        }
    }

    pub fn crash_store(&self) {
        if self.sim.is_up(self.store) {
            self.sim.crash(self.store);
            self.lease_server.crashed(self.sim.now());
        }
    }

    pub fn restart_store(&self) {
        if !self.sim.is_up(self.store) {
            self.sim.restart(self.store);
        }
    }

    /// Faults that come by knob.
    pub fn start_faults(self: &Rc<Self>) {
        let (world, knobs) = (Rc::clone(self), &self.knobs);
        self.again_and_again("pause_every", &knobs.pause_every, move |luck| {
            if let Some(owner) = world.beliefs.owner() {
                let span = world.knobs.pause_for.borrow().sample(luck);
                world.pause(owner, span);
            }
        });
        let world = Rc::clone(self);
        self.again_and_again("crash_every", &knobs.crash_every, move |luck| {
            let Some(owner) = world.beliefs.owner() else {
                return;
            };
            world.lose_power(owner);
            let down = world.knobs.crash_for.borrow().sample(luck);
            let world = Rc::clone(&world);
            engine::handle().spawn(async move {
                engine::sleep(down).await;
                world.restart(owner);
            });
        });
        let world = Rc::clone(self);
        let stalls = &knobs.store_stall_every;
        self.again_and_again("store_stall_every", stalls, move |luck| {
            let span = world.knobs.store_stall_for.borrow().sample(luck);
            world.sim.pause(world.store, span);
        });
    }

    /// Does it at the intervals of a knob, as long as that is not off. The nth fault has its interval and its length by
    /// its number, each from a luck of its own: whatever became of the others, and whichever of the two is changed, the
    /// rest stays.
    fn again_and_again(
        self: &Rc<Self>,
        name: &str,
        every: &Knob<Option<Distribution>>,
        fault: impl Fn(&mut Draw) + 'static,
    ) {
        let (world, every) = (Rc::clone(self), every.clone());
        let gaps = self.sim.purpose(name);
        let lengths = self.sim.purpose(&format!("{name}, how long"));
        self.sim.spawn(async move {
            let mut nth = 0;
            loop {
                let changed = world.faults_changed.notified();
                let mut luck = gaps.draw(&[nth]);
                let gap = every.borrow().as_ref().map(|every| every.sample(&mut luck));
                let Some(gap) = gap else {
                    changed.await;
                    continue;
                };
                // Even a gap of nothing lets time pass.
                let gap = gap.max(Duration::from_millis(1));
                tokio::select! {
                    biased;
                    () = engine::sleep(gap) => {
                        fault(&mut lengths.draw(&[nth]));
                        nth += 1;
                    }
                    () = changed => {}
                }
            }
        });
    }
}
