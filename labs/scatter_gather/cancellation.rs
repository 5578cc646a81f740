//! What becomes of a search that is cancelled while it waits or works at a replica.

use super::cluster::Cluster;
use super::replica::Replica;
use crate::choices;
use crate::engine::{self, Handle, NodeId, Seat, SimTime};
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

choices! {
    /// What cancelling a search at work costs its replica: what it takes until the search looks up,
    /// nothing, or all of the work, as nobody tells the replica.
    pub enum Cancel { Costs, Free, None }
}

/// How often a search looks up from its work to see whether it was cancelled. Real ones look between
/// two parts of the work, as Elasticsearch does from segment to segment and within long reads.
const LOOKS_EVERY: Duration = Duration::from_millis(2);

impl Cancel {
    /// How much longer a search holds its slot that has worked for `worked`, has `left` to do, and is
    /// cancelled now.
    pub fn holds(self, worked: Duration, left: Duration) -> Duration {
        let until_it_looks = LOOKS_EVERY.as_nanos() - worked.as_nanos() % LOOKS_EVERY.as_nanos();
        match self {
            Self::Costs => left.min(Duration::from_nanos(until_it_looks as u64)),
            Self::Free => Duration::ZERO,
            Self::None => left,
        }
    }
}

/// A search in its slot. Dropped before its end it was cancelled: then it holds the slot for as long as
/// it takes until it stops.
pub struct AtWork {
    cluster: Rc<Cluster>,
    node: NodeId,
    slot: Option<Slot>,
    began: SimTime,
    ends: SimTime,
}

/// A slot in use, for the utilisation.
struct Slot {
    cluster: Rc<Cluster>,
    seat: Seat,
}

impl AtWork {
    pub fn new(cluster: &Rc<Cluster>, replica: &Replica, seat: Seat, service: Duration) -> Self {
        cluster.slot_taken();
        let slot = Slot {
            cluster: Rc::clone(cluster),
            seat,
        };
        let began = cluster.now();
        Self {
            cluster: Rc::clone(cluster),
            node: replica.node,
            slot: Some(slot),
            began,
            ends: began + service.mul_f64(replica.server.factor()),
        }
    }

    pub async fn finish(mut self, service: Duration) {
        if let Some(slot) = &self.slot {
            slot.seat.work(service).await;
        }
        self.slot = None;
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let Some(slot) = self.slot.take() else { return };
        let now = self.cluster.now();
        let cancel = self.cluster.cancel();
        let rest = cancel.holds(now - self.began, self.ends - now);
        if !rest.is_zero() {
            // Not on a node that has crashed: there the task is dropped, and the slot with it.
            self.cluster.sim.spawn_on(self.node, async move {
                engine::sleep(rest).await;
                drop(slot);
            });
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.cluster.slot_freed();
    }
}

/// A search that its replica can't call off: dropped before its end, it runs on as a task of its own.
pub struct Uncancelled<F: Future + 'static> {
    sim: Handle,
    node: NodeId,
    search: Option<Pin<Box<F>>>,
}

impl<F: Future + 'static> Uncancelled<F> {
    pub fn new(sim: Handle, node: NodeId, search: F) -> Self {
        let search = Some(Box::pin(search));
        Self { sim, node, search }
    }

    pub async fn finish(mut self) -> F::Output {
        let search = self.search.as_mut().expect("it is taken out below");
        let output = search.await;
        self.search = None;
        output
    }
}

impl<F: Future + 'static> Drop for Uncancelled<F> {
    fn drop(&mut self) {
        if let Some(search) = self.search.take() {
            self.sim.spawn_on(self.node, search);
        }
    }
}
