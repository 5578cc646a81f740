//! What the root knows of the replicas: whether it may ask them.
//!
//! A replica that fails a call (refused, reset, unreachable) is ejected: it is asked again once it has
//! answered a probe. A call that was given up makes the root probe its replica too, as nobody
//! tells of a link that is cut. A slow replica passes its probes: health is not speed.

use super::replica::Replica;
use crate::engine::{self, Handle, NodeId, SimTime};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// From one probe of a replica to the next, and the time that it has to answer.
const PROBE_EVERY: Duration = Duration::from_secs(1);

/// What travels to a replica that is probed. It waits for no slot.
pub struct Probe;

pub struct Alive;

/// The root's knowledge of one replica.
#[derive(Default)]
pub struct Health {
    ejected: Cell<bool>,
    probed_until: Cell<SimTime>,
}

impl Health {
    pub fn is_ejected(&self) -> bool {
        self.ejected.get()
    }
}

/// A call to the replica has failed.
pub fn failed(sim: &Handle, root: NodeId, replica: &Rc<Replica>) {
    if !replica.health.ejected.replace(true) {
        probe(sim, root, replica, PROBE_EVERY);
    }
}

/// A call to the replica was given up.
pub fn suspect(sim: &Handle, root: NodeId, replica: &Rc<Replica>) {
    let health = &replica.health;
    if !health.is_ejected() && sim.now() >= health.probed_until.get() {
        health.probed_until.set(sim.now() + PROBE_EVERY);
        probe(sim, root, replica, Duration::ZERO);
    }
}

/// Probes the replica until it answers.
fn probe(sim: &Handle, root: NodeId, replica: &Rc<Replica>, after: Duration) {
    let replica = Rc::clone(replica);
    sim.spawn_on(root, async move {
        engine::sleep(after).await;
        loop {
            let began = engine::now();
            let probe = engine::net().call::<Probe, Alive>(replica.node, Probe);
            let alive = probe.within(PROBE_EVERY).await.is_ok();
            replica.health.ejected.set(!alive);
            if alive {
                return;
            }
            engine::sleep_until(began + PROBE_EVERY).await;
        }
    });
}
