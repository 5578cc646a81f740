//! What befalls candidates and the store: by hand, or again and again by knob.

use super::beliefs::Life;
use super::world::World;
use crate::engine::{self, Stream};
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
        let world = Rc::clone(self);
        self.sim.spawn(again_and_again(
            Rc::clone(self),
            "pause_every",
            move |luck| {
                if let Some(owner) = world.beliefs.owner() {
                    world.pause(owner, world.draw("pause_for", luck));
                }
            },
        ));
        let world = Rc::clone(self);
        self.sim.spawn(again_and_again(
            Rc::clone(self),
            "crash_every",
            move |luck| {
                let Some(owner) = world.beliefs.owner() else {
                    return;
                };
                world.crash(owner);
                let (world, down) = (Rc::clone(&world), world.draw("crash_for", luck));
                engine::handle().spawn(async move {
                    engine::sleep(down).await;
                    world.restart(owner);
                });
            },
        ));
        let world = Rc::clone(self);
        self.sim.spawn(again_and_again(
            Rc::clone(self),
            "store_stall_every",
            move |luck| {
                world
                    .sim
                    .pause(world.store, world.draw("store_stall_for", luck));
            },
        ));
    }

    fn draw(&self, knob: &str, luck: &mut Stream) -> Duration {
        self.knobs.borrow().distribution(knob).sample(luck)
    }
}

/// Does it at the intervals of a knob, as long as that is not `off`.
async fn again_and_again(world: Rc<World>, every: &'static str, fault: impl Fn(&mut Stream)) {
    let mut luck = world.sim.stream(every);
    loop {
        let changed = world.faults_changed.notified();
        let gap = world.knobs.borrow().distribution_if_any(every);
        let Some(gap) = gap else {
            changed.await;
            continue;
        };
        // Even a gap of nothing lets time pass.
        let gap = gap.sample(&mut luck).max(Duration::from_millis(1));
        tokio::select! {
            biased;
            () = engine::sleep(gap) => fault(&mut luck),
            () = changed => {}
        }
    }
}
