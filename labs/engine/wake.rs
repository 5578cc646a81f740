//! Whom to wake, and by what: from a timer or a reply to the task that waits for it.
//!
//! A [`Target`] is a task, or one branch of a [`FuturesUnordered`](super::unordered::FuturesUnordered) in it. What
//! belongs to the simulation (a sleep, a call, a place at a server) keeps the target and not a waker: two numbers,
//! no reference to count.
//!
//! `Waker` must be `Send`. A wake from within the simulation (always, but for a channel whose other end is
//! held outside) goes straight to the ready queue by way of the thread's current world; any other wake goes
//! through a locked list that `Sim` empties. So nothing is unsafe, and the usual path takes no lock.

use super::world::{self, World};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Wake, Waker};

/// One that waits, by its place in the tables of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    Task(u32),
    Branch { fork: u32, branch: u32 },
}

/// Whom a timer or a reply wakes.
pub(crate) enum WakeTarget {
    /// Known to the simulation: no waker is cloned for the usual `.await`.
    Known(Target),
    /// Something between that makes wakers of its own: a `join_all`.
    Waker(Waker),
    /// It has been woken already.
    Nobody,
}

impl WakeTarget {
    pub fn of(context: &Context<'_>, world: &World) -> Self {
        match world.polled(context.waker()) {
            Some(target) => Self::Known(target),
            None => Self::Waker(context.waker().clone()),
        }
    }

    /// Points it at the poller of now, if that is another than before.
    pub fn refresh(&mut self, context: &Context<'_>, world: &World) {
        let same = match self {
            Self::Known(target) => world.polled(context.waker()) == Some(*target),
            Self::Waker(waker) => waker.will_wake(context.waker()),
            Self::Nobody => true,
        };
        if !same {
            *self = Self::of(context, world);
        }
    }

    /// Call it while nothing of the world is borrowed.
    pub fn wake(self, world: &World) {
        match self {
            Self::Known(target) => world.wake(target),
            Self::Waker(waker) => waker.wake(),
            Self::Nobody => {}
        }
    }
}

/// Wakes from outside: a sender that is held by setup code or by another simulation.
#[derive(Default)]
pub(crate) struct Outside {
    any: AtomicBool,
    woken: Mutex<Vec<Target>>,
}

impl Outside {
    pub fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    fn push(&self, target: Target) {
        let mut woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
        woken.push(target);
        self.any.store(true, Ordering::Release);
    }

    /// What has come since the last time, in an order that does not depend on who came first: that
    /// may have been another thread.
    pub fn take(&self) -> Vec<Target> {
        // A load alone first: it is free, the exchange is not, and `Sim` looks after each event.
        if !self.any.load(Ordering::Relaxed) || !self.any.swap(false, Ordering::AcqRel) {
            return Vec::new();
        }
        let mut woken = {
            let mut woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *woken)
        };
        woken.sort_unstable();
        woken
    }
}

/// Makes the wakers of one world.
pub(crate) struct WakerSource {
    world: u64,
    outside: Arc<Outside>,
}

impl WakerSource {
    pub fn new(world: u64, outside: &Arc<Outside>) -> Self {
        let outside = Arc::clone(outside);
        Self { world, outside }
    }

    pub fn waker(&self, target: Target) -> Waker {
        Waker::from(Arc::new(TargetWaker {
            target,
            world: self.world,
            outside: Arc::clone(&self.outside),
        }))
    }
}

struct TargetWaker {
    target: Target,
    world: u64,
    outside: Arc<Outside>,
}

impl Wake for TargetWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let here = world::try_with(|world| {
            let here = world.id == self.world;
            if here {
                world.wake(self.target);
            }
            here
        });
        if !here {
            self.outside.push(self.target);
        }
    }
}
