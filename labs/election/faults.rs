//! What befalls candidates and the store: by hand, or again and again by knob.

use super::beliefs::Life;
use super::world::World;
use crate::engine::{self, Distribution, Stream};
use crate::workbench::knob::Knob;
use std::rc::Rc;
use std::time::Duration;

impl World {
    /// Stops the world of a candidate.
    pub fn pause(self: &Rc<Self>, candidate: usize, span: Duration) {
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
                world.beliefs.lives(candidate, Life::Up);
            }
        });
    }

    pub fn crash(&self, candidate: usize) {
        self.sim.crash(self.node(candidate));
        self.beliefs.lives(candidate, Life::Down);
    }

    pub fn restart(&self, candidate: usize) {
        let node = self.node(candidate);
        if !self.sim.is_up(node) {
            self.sim.restart(node);
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
            world.crash(owner);
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

    /// Does it at the intervals of a knob, as long as that is not off; each fault has its own luck.
    fn again_and_again(
        self: &Rc<Self>,
        name: &str,
        every: &Knob<Option<Distribution>>,
        fault: impl Fn(&mut Stream) + 'static,
    ) {
        let (world, every) = (Rc::clone(self), every.clone());
        let mut luck = self.sim.stream(name);
        self.sim.spawn(async move {
            loop {
                let changed = world.faults_changed.notified();
                let gap = every.borrow().as_ref().map(|every| every.sample(&mut luck));
                let Some(gap) = gap else {
                    changed.await;
                    continue;
                };
                // Even a gap of nothing lets time pass.
                let gap = gap.max(Duration::from_millis(1));
                tokio::select! {
                    biased;
                    () = engine::sleep(gap) => fault(&mut luck),
                    () = changed => {}
                }
            }
        });
    }
}
