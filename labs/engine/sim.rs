//! The simulation, and how it is driven.
//!
//! [`Sim`] owns a world and turns it: [`peek`](Sim::peek), [`step`](Sim::step), [`run_until`](Sim::run_until). Everything
//! else that one can do to a world (add, crash, pause, cut, spawn) is on [`Handle`], which `Sim` derefs to and
//! which tasks get by [`handle`](super::handle).

use super::executor::poll_next;
use super::net::Net;
use super::node::NodeId;
use super::rng::{Purpose, Stream};
use super::task::{JoinHandle, spawn_into};
use super::time::SimTime;
use super::timer::Event;
use super::world::{self, Entered, World};
use futures::FutureExt as _;
use std::ops::Deref;
use std::rc::Rc;

/// One simulation. Not `Send`: it lives on its thread. Several may live side by side on one thread.
pub struct Sim {
    handle: Handle,
}

/// How a call of `run_until` ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ran {
    /// The moment is reached, and all is quiet at it.
    Reached,
    /// The work budget is used up first; the next turn goes on from there.
    OutOfBudget,
}

/// What one step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stepped {
    /// An event happened, and all is quiet after it.
    Event,
    /// Nothing is pending: time can only be made to pass by [`Sim::run_until`].
    Idle,
    /// The work budget was used up before it was quiet.
    OutOfBudget,
}

/// What is alive in a simulation: what must not grow with virtual time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Census {
    pub tasks: usize,
    /// Pending sleeps, services and messages.
    pub timers: usize,
    /// Calls and one-way messages between their first and their last moment.
    pub calls: usize,
    /// Room taken by task slots, timer keys, call slots and branches, in use or ready for use again.
    pub room: usize,
}

impl Sim {
    pub fn new(seed: u64) -> Self {
        Self {
            handle: Handle {
                world: World::new(seed),
            },
        }
    }

    /// A handle to keep: in a task, in a lab.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// When the next event is due. Tasks that are ready run before it: at [`now`](Handle::now).
    pub fn peek(&self) -> Option<SimTime> {
        if self.world.tasks.borrow().has_ready() {
            return Some(self.now());
        }
        self.world.timers.borrow_mut().peek().map(SimTime)
    }

    /// Advances to the next event, lets it happen, and runs until quiet. `budget` bounds the work: one unit
    /// an event, a poll, or a sleep of no length.
    pub fn step(&self, budget: u64) -> Stepped {
        let _entered = self.entered();
        unconstrained(|| self.step_within(budget))
    }

    fn step_within(&self, mut left: u64) -> Stepped {
        // What setup or an intervention made ready comes first, and is a step of its own.
        let ready = self.world.tasks.borrow().has_ready();
        if !ready && !self.fire(u64::MAX) {
            return Stepped::Idle;
        }
        while left > 0 {
            if !poll_next(&self.world) {
                return Stepped::Event;
            }
            left = left.saturating_sub(self.world.work_of_poll());
        }
        Stepped::OutOfBudget
    }

    /// Runs everything that is due by `until`, and moves time there. `budget` bounds the work (one unit an event
    /// or a poll), so that no lab can freeze its thread: an endless loop at one instant is cut, and goes on at the
    /// next call. However the way to a moment is sliced, the run is the same.
    pub fn run_until(&self, until: SimTime, budget: u64) -> Ran {
        let _entered = self.entered();
        unconstrained(|| self.run_within(until, budget))
    }

    fn run_within(&self, until: SimTime, mut left: u64) -> Ran {
        loop {
            while left > 0 && poll_next(&self.world) {
                left = left.saturating_sub(self.world.work_of_poll());
            }
            if left == 0 {
                return Ran::OutOfBudget;
            }
            if !self.fire(until.0) {
                self.world.now.set(self.world.now.get().max(until.0));
                return Ran::Reached;
            }
            left -= 1;
        }
    }

    /// Lets the next event happen if it is due by `until`.
    fn fire(&self, until: u64) -> bool {
        let world = &self.world;
        let Some(fired) = world.timers.borrow_mut().pop_due(until) else {
            return false;
        };
        world.now.set(fired.at);
        world.events.set(world.events.get() + 1);
        match fired.event {
            Event::Wake(target) => {
                world.note(u64::from(fired.node.0));
                target.wake(world);
            }
            Event::Net { channel, slot, leg } => world.net.by_index(channel).deliver(slot, leg),
            Event::Resume => {
                world.note(1 << 40 | u64::from(fired.node.0));
                world.resume(fired.node);
            }
        }
        true
    }

    /// The hash over everything that happened so far; see [`digest`](super::digest).
    pub fn digest(&self) -> u64 {
        self.world.digest.get().value()
    }

    /// Timers that have fired and messages that have arrived since the start.
    pub fn events(&self) -> u64 {
        self.world.events.get()
    }

    /// What is alive at this moment.
    pub fn census(&self) -> Census {
        let (tasks, timers) = (self.world.tasks.borrow(), self.world.timers.borrow());
        let (calls, call_slots) = self.world.net.census();
        Census {
            tasks: tasks.live(),
            timers: timers.len(),
            calls,
            room: tasks.capacity()
                + timers.capacity()
                + call_slots
                + self.world.forks.borrow().capacity(),
        }
    }
}

/// A task of a real runtime that has done much is held up by Tokio's channels, which wake it again once it has
/// yielded. A simulation that is driven by such a task must not feel that: its own tasks would sleep until later.
fn unconstrained<T>(run: impl FnOnce() -> T) -> T {
    tokio::task::unconstrained(async { run() })
        .now_or_never()
        .expect("it awaits nothing")
}

impl Deref for Sim {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Sim {
    /// Tasks, handlers and boots may hold handles of the world that holds them: all are let go here.
    fn drop(&mut self) {
        let _entered = self.entered();
        let world = &self.world;
        // Nothing new starts while the rest goes.
        world.nodes.borrow_mut().close();
        let tasks = world.tasks.borrow().everything();
        for task in tasks {
            world.abort(task);
        }
        world.net.clear();
        let kept = world.nodes.borrow_mut().clear();
        drop(kept);
        let events = world.timers.borrow_mut().drain();
        drop(events);
    }
}

/// Acts on a simulation, from its setup or from within its tasks. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    pub(crate) world: Rc<World>,
}

impl Handle {
    pub(crate) fn entered(&self) -> Entered {
        world::enter(&self.world)
    }

    /// Runs `f` with this simulation as the current one, so that it can use the free functions of
    /// [`engine`](super): spawn, serve, call. It belongs to no node.
    pub fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        let _entered = self.entered();
        self.world.as_node(NodeId::OUTSIDE, f)
    }

    pub fn now(&self) -> SimTime {
        self.world.now()
    }

    pub fn seed(&self) -> u64 {
        self.world.seed
    }

    /// Tasks, calls and messages alive: what an overload piles up.
    pub fn alive(&self) -> usize {
        self.world.tasks.borrow().live() + self.world.net.census().0
    }

    /// The network of this simulation.
    pub fn net(&self) -> Net {
        Net::new(Rc::clone(&self.world))
    }

    /// The random stream of one purpose; two calls with one name give the same numbers.
    pub fn stream(&self, name: &str) -> Stream {
        Stream::new(self.world.seed, name)
    }

    /// Keyed draws for one purpose.
    pub fn purpose(&self, name: &str) -> Purpose {
        Purpose::new(self.world.seed, name)
    }

    /// Starts a task that belongs to no node.
    pub fn spawn<T: 'static>(&self, future: impl Future<Output = T> + 'static) -> JoinHandle<T> {
        self.spawn_on(NodeId::OUTSIDE, future)
    }

    /// Starts a task on a node. If that is down, the task is dropped and its handle says `Aborted`.
    pub fn spawn_on<T: 'static>(
        &self,
        node: NodeId,
        future: impl Future<Output = T> + 'static,
    ) -> JoinHandle<T> {
        spawn_into(&self.world, node, future)
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Handle")
            .field("seed", &self.seed())
            .field("now", &self.now())
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Sim {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.handle.fmt(out)
    }
}
