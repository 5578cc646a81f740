//! A server: c slots and one queue before them, first come, first served. It is what makes load queue.
//!
//! ```
//! # use ddlab_labs::engine::{Server, Sim, SimTime};
//! # use std::time::Duration;
//! # let sim = Sim::new(1);
//! let server = Server::new(Some(1));
//! # let watched = server.clone();
//! # let task = sim.spawn(async move {
//! // Waits for a slot, then holds it for that time:
//! let served = server.serve(Duration::from_millis(10)).await;
//! assert_eq!(served.queued(), Duration::ZERO);
//! // The same in two steps, for work that has something to do in between:
//! let seat = server.admit().await;
//! seat.work(Duration::from_millis(10)).await;
//! # });
//! # sim.run_until(SimTime::from_secs(1), 1000);
//! # assert!(task.is_finished());
//! # assert_eq!(watched.busy(), 0);
//! ```
//!
//! A job that gets a slot is timed from that moment by whoever freed it; its task is woken once, when its
//! service ends. Dropping the future gives slot or place back at once: a cancelled call costs the server no
//! more than it has used already.

mod place;
mod state;

pub use place::{Admit, Seat, Serve};

use super::time::SimTime;
use super::world;
use state::ServerState;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// A server of one simulation; clones share slots and queue.
#[derive(Clone)]
pub struct Server(Rc<RefCell<ServerState>>);

/// How a job fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    pub arrived: SimTime,
    pub started: SimTime,
    pub ended: SimTime,
}

impl Served {
    /// The wait for a slot.
    pub fn queued(&self) -> Duration {
        self.started - self.arrived
    }

    /// The time in service. On a node that was paused meanwhile this includes the pause.
    pub fn service(&self) -> Duration {
        self.ended - self.started
    }
}

impl Server {
    /// A server with this many slots; none is without limit (work takes its time, but never queues).
    pub fn new(slots: Option<usize>) -> Self {
        Self(Rc::new(RefCell::new(ServerState::new(slots))))
    }

    /// Waits for a slot, then holds it for `service` times the slowness of the server.
    pub fn serve(&self, service: Duration) -> Serve {
        Serve::new(self.clone(), service)
    }

    /// Waits for a slot, and holds it as long as the [`Seat`] lives: for work that must do something when its
    /// service starts, as a tied request tells its twin.
    pub fn admit(&self) -> Admit {
        Admit::new(self.clone())
    }

    /// Jobs that wait for a slot.
    pub fn queue_len(&self) -> usize {
        self.0.borrow().queued
    }

    /// Jobs in service.
    pub fn busy(&self) -> usize {
        self.0.borrow().busy
    }

    /// None: without limit.
    pub fn slots(&self) -> Option<usize> {
        self.0.borrow().slots
    }

    /// Jobs in service over slots; of an unlimited server, the number of jobs.
    pub fn load(&self) -> f64 {
        let state = self.0.borrow();
        state.busy as f64 / state.slots.map_or(1.0, |slots| slots.max(1) as f64)
    }

    /// Makes the service that starts from now on last `factor` times as long: 20 is a straggler. Below zero is zero.
    pub fn slow(&self, factor: f64) {
        self.0.borrow_mut().factor = factor.max(0.0);
    }

    /// How many times as long as asked a service takes.
    pub fn factor(&self) -> f64 {
        self.0.borrow().factor
    }

    /// Adds or takes away slots. Work in service goes on; with more slots, waiting work starts at once.
    #[track_caller]
    pub fn set_slots(&self, slots: Option<usize>) {
        let world = world::current("Server::set_slots");
        let mut state = self.0.borrow_mut();
        state.slots = slots;
        state.admit(&world);
    }

    /// Slot time in use up to `now` (pass `sim.now()`), summed over slots, in seconds. Over a window, its growth
    /// divided by slots and length is the utilisation.
    pub fn busy_seconds(&self, now: SimTime) -> f64 {
        let state = self.0.borrow();
        state.usage.at(now.0, state.busy, state.queued).busy as f64 / 1e9
    }

    /// Job seconds spent in the queue up to `now`: over a window, its growth divided by the length is the mean
    /// length of the queue.
    pub fn queued_seconds(&self, now: SimTime) -> f64 {
        let state = self.0.borrow();
        state.usage.at(now.0, state.busy, state.queued).queued as f64 / 1e9
    }
}
