//! What one simulation is made of, and which simulation is the current one of this thread.
//!
//! Every part sits in a cell of its own, so that a future may act on the world while the simulation polls it.
//! The rule that keeps this sound: nothing of the world stays borrowed while code of a lab runs (a poll, a
//! handler, a boot, a destructor).

use super::digest::Digest;
use super::executor::{BoxedTask, TaskRef, Tasks};
use super::net::{CallTrace, NetState};
use super::node::{NodeId, Nodes};
use super::time::SimTime;
use super::timer::{Event, TimerId, TimerQueue};
use super::unordered::Forks;
use super::wake::{Outside, Target, WakerSource};
use std::cell::{Cell, RefCell};
use std::ptr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Waker;

pub(crate) struct World {
    /// Apart from every other world of the process; not part of any result.
    pub id: u64,
    pub seed: u64,
    pub now: Cell<u64>,
    pub digest: Cell<Digest>,
    /// Events so far.
    pub events: Cell<u64>,
    pub tasks: RefCell<Tasks>,
    pub forks: RefCell<Forks>,
    pub timers: RefCell<TimerQueue>,
    pub nodes: RefCell<Nodes>,
    pub net: NetState,
    /// Nodes that are paused, and nodes whose clock is off: while it is 0, nobody asks which.
    pub paused: Cell<usize>,
    pub skewed: Cell<usize>,
    /// Calls that are traced just now; while it is 0, nobody looks for a trace.
    pub traced: Cell<usize>,
    current_task: Cell<Option<u32>>,
    current_node: Cell<NodeId>,
    /// What is polled just now: the task, or a branch within it.
    current_target: Cell<Target>,
    /// The data pointer of its waker: compared, never followed.
    current_waker: Cell<*const ()>,
    /// Sleeps that were over at once in this poll.
    at_once: Cell<u32>,
}

/// Sleeps that one poll may find over at once. A loop over sleeps of no length would otherwise never leave
/// its poll, and no budget of work could cut it.
const AT_ONCE_MAX: u32 = 128;

impl World {
    pub fn new(seed: u64) -> Rc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let outside: Arc<Outside> = Arc::default();
        let wakers = || WakerSource::new(id, &outside);
        Rc::new(Self {
            id,
            seed,
            now: Cell::new(0),
            digest: Cell::new(Digest::new(seed)),
            events: Cell::new(0),
            tasks: RefCell::new(Tasks::new(wakers(), Arc::clone(&outside))),
            forks: RefCell::new(Forks::new(wakers())),
            timers: RefCell::default(),
            nodes: RefCell::new(Nodes::new()),
            net: NetState::new(seed),
            paused: Cell::new(0),
            skewed: Cell::new(0),
            traced: Cell::new(0),
            current_task: Cell::new(None),
            current_node: Cell::new(NodeId::OUTSIDE),
            current_target: Cell::new(Target::Task(0)),
            current_waker: Cell::new(ptr::null()),
            at_once: Cell::new(0),
        })
    }

    pub fn now(&self) -> SimTime {
        SimTime(self.now.get())
    }

    pub fn note(&self, what: u64) {
        let mut digest = self.digest.get();
        digest.note(self.now.get(), what);
        self.digest.set(digest);
    }

    pub fn schedule(&self, at: u64, node: NodeId, event: Event) -> TimerId {
        self.timers
            .borrow_mut()
            .insert(at.max(self.now.get()), node, event)
    }

    /// Starts a task on a node; none when the node is down.
    pub fn spawn(
        &self,
        node: NodeId,
        future: BoxedTask,
        trace: Option<CallTrace>,
    ) -> Option<TaskRef> {
        if !self.nodes.borrow().life(node).up {
            return None;
        }
        Some(self.tasks.borrow_mut().insert(node, future, trace))
    }

    pub fn abort(&self, task: TaskRef) {
        let future = self.tasks.borrow_mut().abort(task);
        drop(future);
    }

    /// Whether a sleep that is over already may complete within this poll; else its task is polled anew.
    pub fn may_pass_at_once(&self) -> bool {
        let passed = self.at_once.get();
        self.at_once.set(passed.saturating_add(1));
        passed < AT_ONCE_MAX
    }

    /// Units of work that the last poll was: one, and one for each sleep that was over at once.
    pub fn work_of_poll(&self) -> u64 {
        1 + u64::from(self.at_once.take())
    }

    pub fn begin_task(&self, index: u32, node: NodeId, waker: &Waker) {
        self.current_task.set(Some(index));
        self.current_node.set(node);
        self.current_target.set(Target::Task(index));
        self.current_waker.set(waker.data());
    }

    pub fn end_task(&self) {
        self.current_task.set(None);
        self.current_node.set(NodeId::OUTSIDE);
        self.current_waker.set(ptr::null());
    }

    /// What is polled, if this is its very waker and not that of a combinator within it.
    pub fn polled(&self, waker: &Waker) -> Option<Target> {
        ptr::eq(waker.data(), self.current_waker.get()).then(|| self.current_target.get())
    }

    /// Runs `poll` with a branch of the running task as what is polled.
    pub fn as_polled<R>(&self, target: Target, waker: &Waker, poll: impl FnOnce() -> R) -> R {
        let target = self.current_target.replace(target);
        let waker = self.current_waker.replace(waker.data());
        let result = poll();
        self.current_target.set(target);
        self.current_waker.set(waker);
        result
    }

    /// Call it while nothing of the world is borrowed.
    pub fn wake(&self, target: Target) {
        match target {
            Target::Task(task) => self.tasks.borrow_mut().make_ready(task),
            Target::Branch { fork, branch } => {
                let poller = self.forks.borrow_mut().wake(fork, branch);
                if let Some(poller) = poller {
                    poller.wake(self);
                }
            }
        }
    }

    pub fn current_node(&self) -> NodeId {
        self.current_node.get()
    }

    /// The trace of the call that the running task answers.
    pub fn current_trace(&self) -> Option<CallTrace> {
        if self.traced.get() == 0 {
            return None;
        }
        self.tasks.borrow().trace(self.current_task.get()?)
    }

    /// Runs `f` as code of this node (a handler, a boot), outside of any task.
    pub fn as_node<R>(&self, node: NodeId, f: impl FnOnce() -> R) -> R {
        let before = (
            self.current_task.take(),
            self.current_node.replace(node),
            self.current_waker.replace(ptr::null()),
        );
        let result = f();
        self.current_task.set(before.0);
        self.current_node.set(before.1);
        self.current_waker.set(before.2);
        result
    }

    /// Sets a ready task of a paused node aside until the node goes on.
    pub fn stall(&self, node: NodeId, task: u32) -> bool {
        self.nodes.borrow_mut().stall(node, task)
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<World>>> = const { RefCell::new(None) };
}

/// Makes `world` the current one until the guard is dropped.
pub(crate) fn enter(world: &Rc<World>) -> Entered {
    Entered {
        before: CURRENT.replace(Some(Rc::clone(world))),
    }
}

pub(crate) struct Entered {
    before: Option<Rc<World>>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        let inner = CURRENT.replace(self.before.take());
        drop(inner);
    }
}

/// True (and `f` ran and said so) if there is a current world. `f` runs no code of a lab.
pub(crate) fn try_with(f: impl FnOnce(&Rc<World>) -> bool) -> bool {
    // A thread that ends may drop wakers after its locals are gone.
    CURRENT
        .try_with(|current| current.borrow().as_ref().is_some_and(f))
        .unwrap_or(false)
}

pub(crate) fn is_current() -> bool {
    try_with(|_| true)
}

/// What `f` reads of the current world. Panics outside a simulation.
#[track_caller]
pub(crate) fn read<R>(what: &str, f: impl FnOnce(&World) -> R) -> R {
    CURRENT.with(|current| match current.borrow().as_ref() {
        Some(world) => f(world),
        None => outside(what),
    })
}

/// The current world. Panics outside a simulation, where its callers mean nothing.
#[track_caller]
pub(crate) fn current(what: &str) -> Rc<World> {
    CURRENT.with(|current| match current.borrow().as_ref() {
        Some(world) => Rc::clone(world),
        None => outside(what),
    })
}

#[track_caller]
#[cold]
fn outside(what: &str) -> ! {
    panic!(
        "`{what}` was called outside a simulation: call it in a task of a `Sim`, or within `Sim::enter`"
    )
}
