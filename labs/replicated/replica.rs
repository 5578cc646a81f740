//! One replica: its line and its slots, and whether it serves.

use super::world::World;
use crate::engine::Server;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;

/// Where a replica is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Starting,
    Up,
    /// Told to stop, and still serving: the balancers have not all heard of it.
    Leaving,
    /// Takes no more, and ends what it has.
    Closing,
    /// Its process or its machine is down.
    Down,
    Gone,
}

/// Why a replica did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("the replica was still starting")]
    Starting,
    #[error("the replica's process was down")]
    Down,
    #[error("the replica had stopped taking requests")]
    Closed,
    #[error("the replica was stopped with the request in it")]
    Dropped,
    #[error("the replica died with the request in it")]
    Reset,
    #[error("too many waited in line")]
    Shed,
    #[error("the database did not answer")]
    Database,
}

impl Trouble {
    pub fn is_of_a_shutdown(self) -> bool {
        matches!(self, Self::Closed | Self::Dropped)
    }
}

pub struct Replica {
    pub number: u32,
    pub zone: usize,
    pub version: u64,
    pub standing: Cell<Standing>,
    /// What its readiness last said.
    pub ready: Cell<bool>,
    /// It has served at some time.
    pub has_served: Cell<bool>,
    /// Raised when its process ends; what runs in an older one is lost.
    pub life: Cell<u64>,
    server: RefCell<Server>,
    in_progress: Cell<usize>,
    /// The last request in it has ended.
    pub emptied: Notify,
    /// Requests that it has answered.
    pub served: Cell<u64>,
    /// The same at the last look of the autoscaler, and of the balance.
    pub served_at_look: Cell<u64>,
    pub served_at_second: Cell<u64>,
    pub slow: Cell<bool>,
}

impl Replica {
    pub fn new(number: u32, zone: usize, version: u64, slots: usize) -> Rc<Self> {
        Rc::new(Self {
            number,
            zone,
            version,
            standing: Cell::new(Standing::Starting),
            ready: Cell::new(false),
            has_served: Cell::new(false),
            life: Cell::new(0),
            server: RefCell::new(Server::new(Some(slots))),
            in_progress: Cell::new(0),
            emptied: Notify::new(),
            served: Cell::new(0),
            served_at_look: Cell::new(0),
            served_at_second: Cell::new(0),
            slow: Cell::new(false),
        })
    }

    /// Its process serves from now on.
    pub fn is_up(&self) {
        self.standing.set(Standing::Up);
        self.ready.set(true);
        self.has_served.set(true);
    }

    /// Works on a request for this time, after those that wait already.
    pub async fn serve(&self, world: &World, takes: Duration) -> Result<(), Trouble> {
        match self.standing.get() {
            Standing::Up | Standing::Leaving => {}
            Standing::Starting if self.has_served.get() => return Err(Trouble::Down),
            Standing::Starting => return Err(Trouble::Starting),
            Standing::Down => return Err(Trouble::Down),
            Standing::Closing | Standing::Gone => return Err(Trouble::Closed),
        }
        let server = self.server.borrow().clone();
        let limit = world.knobs.shed.get();
        if limit.is_some_and(|limit| server.queue_len() >= limit && server.load() >= 1.0) {
            return Err(Trouble::Shed);
        }
        let life = self.life.get();
        let _in_progress = InProgress::of(self);
        server.serve(takes).await;
        if self.life.get() != life {
            return Err(match self.standing.get() {
                Standing::Gone => Trouble::Dropped,
                _ => Trouble::Reset,
            });
        }
        self.served.set(self.served.get() + 1);
        Ok(())
    }

    /// A probe that asks like any request, and waits like any.
    pub fn probe(&self) -> impl Future<Output = crate::engine::Served> {
        self.server.borrow().serve(Duration::ZERO)
    }

    /// Its process ends, with all that is in it. A new one has an empty line.
    pub fn end_process(&self, slots: usize) {
        self.life.set(self.life.get() + 1);
        self.ready.set(false);
        self.server.replace(Server::new(Some(slots)));
        self.apply_slowness();
    }

    pub fn set_slots(&self, slots: usize) {
        self.server.borrow().set_slots(Some(slots));
    }

    pub fn apply_slowness(&self) {
        let factor = if self.slow.get() { 10.0 } else { 1.0 };
        self.server.borrow().slow(factor);
    }

    /// Up, and its readiness says so.
    pub fn is_ready(&self) -> bool {
        self.standing.get() == Standing::Up && self.ready.get()
    }

    /// It counts as one of the fleet: it is not on its way out.
    pub fn stays(&self) -> bool {
        matches!(
            self.standing.get(),
            Standing::Starting | Standing::Up | Standing::Down
        )
    }

    pub fn in_progress(&self) -> usize {
        self.in_progress.get()
    }

    pub fn waiting(&self) -> usize {
        self.server.borrow().queue_len()
    }

    pub fn load(&self) -> f64 {
        self.server.borrow().load()
    }

    /// Requests answered since this was last asked of this mark.
    pub fn served_since(&self, mark: &Cell<u64>) -> u64 {
        let served = self.served.get();
        served - mark.replace(served)
    }
}

/// A request in the replica, however it ends.
struct InProgress<'a>(&'a Replica);

impl<'a> InProgress<'a> {
    fn of(replica: &'a Replica) -> Self {
        replica.in_progress.set(replica.in_progress.get() + 1);
        Self(replica)
    }
}

impl Drop for InProgress<'_> {
    fn drop(&mut self) {
        let left = self.0.in_progress.get() - 1;
        self.0.in_progress.set(left);
        if left == 0 {
            self.0.emptied.notify_one();
        }
    }
}
