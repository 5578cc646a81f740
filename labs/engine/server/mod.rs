//! A server: c slots and one queue before them, first come, first served. It is what makes load queue.
//!
//! ```ignore
//! let served = server.serve(service_time).await; // waits for a slot, then holds it for that time
//! ```
//!
//! A job that gets a slot is timed from that moment by whoever freed it; its task is woken once, when its
//! service ends. Dropping the future gives slot or place back at once: a cancelled call costs the server no
//! more than it has used already.

mod desk;

use super::executor::WakeTarget;
use super::time::{SimTime, nanos};
use super::timer::Event;
use super::world::{self, World};
use desk::{Desk, Job, Stage};
use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

/// A server of one simulation; clones share slots and queue.
#[derive(Clone)]
pub struct Server(Rc<RefCell<Desk>>);

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
        Self(Rc::new(RefCell::new(Desk::new(slots))))
    }

    /// Waits for a slot, then holds it for `service` times the slowness of the server.
    pub fn serve(&self, service: Duration) -> Serve {
        Serve {
            server: self.clone(),
            state: State::New {
                service: nanos(service),
            },
        }
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
        let desk = self.0.borrow();
        desk.busy as f64 / desk.slots.map_or(1.0, |slots| slots.max(1) as f64)
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
        let mut desk = self.0.borrow_mut();
        desk.slots = slots;
        desk.admit(&world);
    }

    /// Slot time in use up to `now` (pass `sim.now()`), summed over slots, in seconds. Over a window, its growth
    /// divided by slots and length is the utilisation.
    pub fn busy_seconds(&self, now: SimTime) -> f64 {
        let desk = self.0.borrow();
        desk.usage.at(now.0, desk.busy, desk.queued).busy as f64 / 1e9
    }

    /// Job seconds spent in the queue up to `now`: over a window, its growth divided by the length is the mean
    /// length of the queue.
    pub fn queued_seconds(&self, now: SimTime) -> f64 {
        let desk = self.0.borrow();
        desk.usage.at(now.0, desk.busy, desk.queued).queued as f64 / 1e9
    }
}

enum State {
    New {
        service: u64,
    },
    /// The world is kept for the destructor, which may run when another is current.
    In {
        job: u32,
        world: Rc<World>,
    },
    Ended,
}

/// The future of [`Server::serve`].
#[must_use = "a server does nothing for a job that is not awaited"]
pub struct Serve {
    server: Server,
    state: State,
}

impl Serve {
    /// Completes when the job has its slot and its service begins; then await the `Serve` itself for the
    /// end. For work that must tell somebody that it starts, as a tied request tells its twin.
    pub async fn started(&mut self) {
        poll_fn(|context| self.poll_started(context)).await;
    }

    fn poll_started(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let State::New { service } = self.state {
            self.enter(service, context);
        }
        if let State::In { job, world } = &self.state {
            let mut desk = self.server.0.borrow_mut();
            let waiting = &mut desk.jobs[*job as usize];
            if let Stage::Queued { .. } = waiting.stage {
                waiting.tell_start = true;
                waiting.wake.refresh(context, world);
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    }

    /// Hands the job in: into a slot or into the queue.
    fn enter(&mut self, service: u64, context: &mut Context<'_>) {
        let world = world::current("Server::serve");
        let now = world.now.get();
        let job = Job {
            stage: Stage::Queued {
                before: None,
                after: None,
            },
            service,
            arrived: now,
            started: now,
            node: world.current_node(),
            wake: WakeTarget::of(context, &world),
            tell_start: false,
            trace: world.current_trace(),
        };
        let job = self.server.0.borrow_mut().arrive(&world, job);
        self.state = State::In { job, world };
    }
}

impl Future for Serve {
    type Output = Served;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Served> {
        let this = &mut *self;
        match &this.state {
            &State::New { service } => {
                this.enter(service, context);
                Poll::Pending
            }
            State::In { job, world } => {
                let mut desk = this.server.0.borrow_mut();
                let waiting = &mut desk.jobs[*job as usize];
                if let Stage::InService { timer } = waiting.stage {
                    if let Some(Event::Wake(target)) = world.timers.borrow_mut().get_mut(timer) {
                        match target {
                            WakeTarget::Nobody => *target = WakeTarget::of(context, world),
                            _ => target.refresh(context, world),
                        }
                        return Poll::Pending;
                    }
                } else {
                    waiting.wake.refresh(context, world);
                    return Poll::Pending;
                }
                let done = desk.leave(world, *job);
                drop(desk);
                let ended = world.now();
                if let Some(trace) = &done.trace {
                    trace.record(|phases| phases.service_ended = Some(ended));
                }
                this.state = State::Ended;
                Poll::Ready(Served {
                    arrived: SimTime(done.arrived),
                    started: SimTime(done.started),
                    ended,
                })
            }
            State::Ended => panic!("a `Serve` was polled after it had ended"),
        }
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        if let State::In { job, world } = &self.state {
            let left = self.server.0.borrow_mut().leave(world, *job);
            if let Stage::InService { timer } = left.stage {
                let event = world.timers.borrow_mut().cancel(timer);
                drop(event);
            }
        }
    }
}
