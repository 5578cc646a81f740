//! A job's place at a server, in the queue or in a slot, and the futures that wait for it.

use super::state::{Job, JobStage};
use super::{Served, Server};
use crate::engine::task::Sleep;
use crate::engine::time::{SimTime, nanos, round_nanos};
use crate::engine::timer::Event;
use crate::engine::wake::WakeTarget;
use crate::engine::world::{self, World};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

/// Given back when it is dropped, whether it was waited for to the end or not.
struct Place {
    server: Server,
    state: State,
}

enum State {
    New {
        service: Option<u64>,
    },
    /// The world is kept for the destructor, which may run when another is current.
    In {
        job: u32,
        world: Rc<World>,
    },
    Left,
}

impl Place {
    fn new(server: Server, service: Option<u64>) -> Self {
        Self {
            server,
            state: State::New { service },
        }
    }

    /// Ready when the job's service time is over, or when it is in, if that is all it wants.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match &self.state {
            State::New { service } => {
                let world = world::current("Server::serve");
                let now = world.now.get();
                let job = Job {
                    stage: JobStage::Queued {
                        before: None,
                        after: None,
                    },
                    service: *service,
                    arrived: now,
                    started: now,
                    node: world.current_node(),
                    wake: WakeTarget::of(context, &world),
                    trace: world.current_trace(),
                };
                let mut state = self.server.0.borrow_mut();
                let job = state.arrive(&world, job);
                let stage = &state.jobs[job as usize].stage;
                let is_in = matches!(stage, JobStage::InService { timer: None });
                drop(state);
                let passes = is_in && world.may_pass_at_once();
                if is_in && !passes {
                    context.waker().wake_by_ref();
                }
                self.state = State::In { job, world };
                if passes {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            }
            State::In { job, world } => {
                let mut state = self.server.0.borrow_mut();
                let waiting = &mut state.jobs[*job as usize];
                match waiting.stage {
                    JobStage::InService { timer: None } => return Poll::Ready(()),
                    JobStage::InService { timer: Some(timer) } => {
                        match world.timers.borrow_mut().get_mut(timer) {
                            Some(Event::Wake(target)) => target.refresh(context, world),
                            _ => return Poll::Ready(()),
                        }
                    }
                    JobStage::Queued { .. } => waiting.wake.refresh(context, world),
                }
                Poll::Pending
            }
            State::Left => panic!("a place at a server was polled after it had been left"),
        }
    }

    /// Gives the place back, and its slot to the next.
    fn leave(&mut self) -> Option<Served> {
        let State::In { job, world } = std::mem::replace(&mut self.state, State::Left) else {
            return None;
        };
        let job = self.server.0.borrow_mut().leave(&world, job);
        let ended = world.now();
        if let JobStage::InService { timer } = job.stage {
            let mut timers = world.timers.borrow_mut();
            let early = timer.and_then(|timer| timers.cancel(timer));
            drop(timers);
            drop(early);
            if let Some(trace) = &job.trace {
                trace.record(|phases| phases.service_ended = Some(ended));
            }
        }
        Some(Served {
            arrived: SimTime(job.arrived),
            started: SimTime(job.started),
            ended,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.leave();
    }
}

/// The future of [`Server::serve`].
#[must_use = "a server does nothing for a job that is not awaited"]
pub struct Serve(Place);

impl Serve {
    pub(super) fn new(server: Server, service: Duration) -> Self {
        Self(Place::new(server, Some(nanos(service))))
    }
}

impl Future for Serve {
    type Output = Served;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Served> {
        self.0.poll(context).map(|()| {
            self.0
                .leave()
                .expect("a job whose service is over is still in its place")
        })
    }
}

/// The future of [`Server::admit`].
#[must_use = "a server does nothing for a job that is not awaited"]
pub struct Admit(Option<Place>);

impl Admit {
    pub(super) fn new(server: Server) -> Self {
        Self(Some(Place::new(server, None)))
    }
}

impl Future for Admit {
    type Output = Seat;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Seat> {
        let place = self
            .0
            .as_mut()
            .expect("an `Admit` is not polled after it has given its seat");
        if place.poll(context).is_pending() {
            return Poll::Pending;
        }
        Poll::Ready(Seat(
            self.0.take().expect("the place was there a moment ago"),
        ))
    }
}

/// A slot of a server, held until this is dropped.
#[must_use = "the slot is given back when this is dropped"]
pub struct Seat(Place);

impl Seat {
    /// Works for `service` times the slowness of the server.
    #[track_caller]
    pub fn work(&self, service: Duration) -> Sleep {
        let world = world::current("Seat::work");
        let span = round_nanos(nanos(service) as f64 * self.0.server.factor());
        let due = world.now.get().saturating_add(span);
        Sleep::new(world, due)
    }

    /// Gives the slot back, and tells how it went.
    pub fn leave(mut self) -> Served {
        self.0
            .leave()
            .expect("a seat holds its place until it is left")
    }
}
