//! Nodes: where tasks live, and what befalls a machine.
//!
//! A task belongs to the node whose code spawned it. A node that crashes loses its tasks, its handlers and
//! what was on the way to it; its [`Disk`] stays. A paused node (a long garbage collection, a suspended virtual
//! machine) runs nothing until the pause ends, and then finds its timers late. Its clock has an offset from
//! true time, and a rate: a clock that runs fast breaks a lease that an offset alone does not.

use super::executor::BoxedTask;
use super::sim::Handle;
use super::time::{SimTime, nanos, round_nanos};
use super::timer::Event;
use super::world::World;
use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

/// A node of one simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// Where code runs that belongs to no node: setup, workload, interventions. It is always up.
    pub const OUTSIDE: Self = Self(0);

    /// Its place in the order of creation; 0 is [`NodeId::OUTSIDE`], the first added node is 1.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "node {}", self.0)
    }
}

/// What a node's boot closure is given.
#[derive(Debug, Clone)]
pub struct NodeCtx {
    pub id: NodeId,
    /// What survives a crash.
    pub disk: Disk,
    /// How often it was started before: 0 at the first boot.
    pub boots: u32,
}

/// Typed values by name that survive a crash. A write is durable when it returns: the time that a sync takes
/// is the lab's to spend (`sleep`), and so is the choice to keep a copy in memory.
#[derive(Clone, Default)]
pub struct Disk(Rc<RefCell<BTreeMap<String, Box<dyn Any>>>>);

impl Disk {
    /// Writes (or overwrites) a value. Store plain values: what is shared by `Rc` would be memory that survives.
    pub fn write<T: Clone + 'static>(&self, name: &str, value: T) {
        let before = self.0.borrow_mut().insert(name.to_owned(), Box::new(value));
        drop(before);
    }

    /// A copy of the value; none if nothing of this type was written under the name.
    pub fn read<T: Clone + 'static>(&self, name: &str) -> Option<T> {
        self.0.borrow().get(name)?.downcast_ref::<T>().cloned()
    }

    /// Removes a value; says whether there was one.
    pub fn remove(&self, name: &str) -> bool {
        let before = self.0.borrow_mut().remove(name);
        before.is_some()
    }

    /// A new disk in place of the old: all is gone.
    pub fn wipe(&self) {
        let before = self.0.take();
        drop(before);
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.borrow().keys()).finish()
    }
}

pub(crate) type Boot = Rc<dyn Fn(NodeCtx) -> BoxedTask>;

/// A clock that showed `shown` at the true moment `since` and runs at `rate` from there.
#[derive(Debug, Clone, Copy)]
struct Clock {
    since: u64,
    shown: i128,
    rate: f64,
}

const CLOCK_RATE_MIN: f64 = 0.001;
const CLOCK_RATE_MAX: f64 = 1000.0;

struct Node {
    name: Rc<str>,
    paused_until: Option<u64>,
    /// Ready tasks that wait for the end of the pause, in order.
    stalled: Vec<u32>,
    /// None: it shows true time, as almost all do.
    clock: Option<Clock>,
    disk: Disk,
    boot: Option<Boot>,
}

/// Which life of a node this is, and whether it lasts. A message meant for an earlier one finds nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Life {
    pub incarnation: u32,
    pub up: bool,
}

pub(crate) struct Nodes {
    all: Vec<Node>,
    /// By node. Apart from the rest, because each message looks here: eight bytes a node stay in the cache.
    lives: Vec<Life>,
}

impl Nodes {
    pub fn new() -> Self {
        let mut nodes = Self {
            all: Vec::new(),
            lives: Vec::new(),
        };
        nodes.add("outside", None);
        nodes
    }

    pub fn add(&mut self, name: &str, boot: Option<Boot>) -> NodeId {
        let id = NodeId(self.all.len() as u32);
        self.all.push(Node {
            name: name.into(),
            paused_until: None,
            stalled: Vec::new(),
            clock: None,
            disk: Disk::default(),
            boot,
        });
        self.lives.push(Life {
            incarnation: 0,
            up: true,
        });
        id
    }

    fn node(&self, id: NodeId) -> &Node {
        self.all.get(id.index()).unwrap_or_else(|| unknown(id))
    }

    fn node_mut(&mut self, id: NodeId) -> &mut Node {
        self.all.get_mut(id.index()).unwrap_or_else(|| unknown(id))
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn name(&self, id: NodeId) -> Rc<str> {
        Rc::clone(&self.node(id).name)
    }

    pub fn life(&self, id: NodeId) -> Life {
        match self.lives.get(id.index()) {
            Some(life) => *life,
            None => unknown(id),
        }
    }

    pub fn is_paused(&self, id: NodeId) -> bool {
        self.node(id).paused_until.is_some()
    }

    pub fn stall(&mut self, id: NodeId, task: u32) -> bool {
        let node = self.node_mut(id);
        if node.paused_until.is_none() {
            return false;
        }
        node.stalled.push(task);
        true
    }

    /// Ends the pause if it is over by `now`; returns what was ready meanwhile, in order.
    fn resume(&mut self, id: NodeId, now: u64) -> Option<Vec<u32>> {
        let node = self.node_mut(id);
        node.paused_until.take_if(|until| *until <= now)?;
        Some(std::mem::take(&mut node.stalled))
    }

    /// Says whether it was paused.
    fn go_down(&mut self, id: NodeId) -> bool {
        let life = &mut self.lives[id.index()];
        life.up = false;
        life.incarnation += 1;
        let node = self.node_mut(id);
        node.stalled.clear();
        node.paused_until.take().is_some()
    }

    fn local(&self, id: NodeId, now: u64) -> u64 {
        match self.node(id).clock {
            None => now,
            Some(clock) => {
                let passed = round_nanos((now - clock.since) as f64 * clock.rate);
                let shown = clock.shown + i128::from(passed);
                u64::try_from(shown.max(0)).unwrap_or(u64::MAX)
            }
        }
    }

    /// True nanoseconds in which the node's clock advances by `span`.
    fn true_span(&self, id: NodeId, span: u64) -> u64 {
        match self.node(id).clock {
            None => span,
            // Rounded up, so that a sleep is never over before the clock shows it.
            Some(clock) => libm::ceil(span as f64 / clock.rate) as u64,
        }
    }

    /// Lets go of boots and disks, which may hold handles of the world.
    pub fn clear(&mut self) -> Vec<(Option<Boot>, Disk)> {
        self.all
            .iter_mut()
            .map(|node| (node.boot.take(), std::mem::take(&mut node.disk)))
            .collect()
    }
}

#[cold]
fn unknown(id: NodeId) -> ! {
    panic!("{id} is not a node of this simulation")
}

impl World {
    /// What the node's own clock shows.
    pub fn local_now(&self, id: NodeId) -> SimTime {
        if self.skewed.get() == 0 {
            return self.now();
        }
        SimTime(self.nodes.borrow().local(id, self.now.get()))
    }

    /// The true moment at which the current node's clock will have advanced by `span`.
    pub fn deadline(&self, span: Duration) -> u64 {
        let span = nanos(span);
        let span = if self.skewed.get() == 0 {
            span
        } else {
            self.nodes.borrow().true_span(self.current_node(), span)
        };
        self.now.get().saturating_add(span)
    }

    pub fn boot(&self, id: NodeId) {
        let (boot, context) = {
            let nodes = self.nodes.borrow();
            let node = nodes.node(id);
            let context = NodeCtx {
                id,
                disk: node.disk.clone(),
                boots: nodes.life(id).incarnation,
            };
            (node.boot.clone(), context)
        };
        if let Some(boot) = boot {
            let task = self.as_node(id, || boot(context));
            self.spawn(id, task, None);
        }
    }

    pub fn crash(&self, id: NodeId) {
        if id == NodeId::OUTSIDE || !self.nodes.borrow().life(id).up {
            return;
        }
        if self.nodes.borrow_mut().go_down(id) {
            self.paused.set(self.paused.get() - 1);
        }
        // First its handlers, so that nothing new starts while the tasks go.
        self.net.forget_node(id);
        let tasks = self.tasks.borrow().of_node(id);
        for task in tasks {
            self.as_node(id, || self.abort(task));
        }
    }

    pub fn restart(&self, id: NodeId) {
        self.crash(id);
        if id != NodeId::OUTSIDE {
            self.nodes.borrow_mut().lives[id.index()].up = true;
            self.boot(id);
        }
    }

    pub fn pause(&self, id: NodeId, span: Duration) {
        let now = self.now.get();
        let until = now.saturating_add(nanos(span));
        {
            let mut nodes = self.nodes.borrow_mut();
            let up = nodes.life(id).up;
            let node = nodes.node_mut(id);
            if id == NodeId::OUTSIDE || !up || until == now {
                return;
            }
            match node.paused_until {
                Some(before) if before >= until => return,
                Some(_) => node.paused_until = Some(until),
                None => {
                    node.paused_until = Some(until);
                    self.paused.set(self.paused.get() + 1);
                }
            }
        }
        self.schedule(until, id, Event::Resume);
    }

    pub fn resume(&self, id: NodeId) {
        let stalled = self.nodes.borrow_mut().resume(id, self.now.get());
        let Some(stalled) = stalled else { return };
        self.paused.set(self.paused.get() - 1);
        let mut tasks = self.tasks.borrow_mut();
        for task in stalled {
            tasks.make_ready(task);
        }
    }

    pub fn set_clock(&self, id: NodeId, offset_ns: i64, rate: f64) {
        let rate = if rate.is_finite() {
            rate.clamp(CLOCK_RATE_MIN, CLOCK_RATE_MAX)
        } else {
            1.0
        };
        let now = self.now.get();
        let mut nodes = self.nodes.borrow_mut();
        let node = nodes.node_mut(id);
        let was = node.clock.is_some();
        node.clock = (offset_ns != 0 || rate.to_bits() != 1.0_f64.to_bits()).then_some(Clock {
            since: now,
            shown: i128::from(now) + i128::from(offset_ns),
            rate,
        });
        let is = node.clock.is_some();
        self.skewed
            .set(self.skewed.get() + usize::from(is) - usize::from(was));
    }
}

/// What can be done to nodes, from setup code and from within tasks.
impl Handle {
    /// Adds a node and starts it: `boot` makes its main task, now and after each restart.
    pub fn add_node<B, F>(&self, name: &str, boot: B) -> NodeId
    where
        B: Fn(NodeCtx) -> F + 'static,
        F: Future<Output = ()> + 'static,
    {
        let boot: Boot = Rc::new(move |context| Box::pin(boot(context)));
        let _entered = self.entered();
        let id = self.world.nodes.borrow_mut().add(name, Some(boot));
        self.world.boot(id);
        id
    }

    /// Adds a node without a main task: a plain server, whose handlers are installed from outside.
    pub fn add_server(&self, name: &str) -> NodeId {
        self.world.nodes.borrow_mut().add(name, None)
    }

    pub fn name(&self, node: NodeId) -> Rc<str> {
        self.world.nodes.borrow().name(node)
    }

    /// All added nodes, in order; without [`NodeId::OUTSIDE`].
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (1..self.world.nodes.borrow().len() as u32).map(NodeId)
    }

    /// The process dies: its tasks are dropped, its calls in progress end in `Reset`, what is on the way to it
    /// finds nobody. Crashing what is down already does nothing.
    pub fn crash(&self, node: NodeId) {
        let _entered = self.entered();
        self.world.crash(node);
    }

    /// Starts a node again, with empty memory and its disk; crashes it first if it is up.
    pub fn restart(&self, node: NodeId) {
        let _entered = self.entered();
        self.world.restart(node);
    }

    /// Stops the world of a node for `span`: nothing of it is polled, its timers fire late. A pause within a
    /// pause can only extend it.
    pub fn pause(&self, node: NodeId, span: Duration) {
        self.world.pause(node, span);
    }

    pub fn is_up(&self, node: NodeId) -> bool {
        self.world.nodes.borrow().life(node).up
    }

    pub fn is_paused(&self, node: NodeId) -> bool {
        self.world.nodes.borrow().is_paused(node)
    }

    /// Sets a node's clock to true time plus `offset_ns`, and lets it run at `rate` from now (1.1 gains 10 %).
    /// Its sleeps and timeouts that start from now on go by it. The rate is kept within 0.001 to 1000.
    pub fn set_clock(&self, node: NodeId, offset_ns: i64, rate: f64) {
        self.world.set_clock(node, offset_ns, rate);
    }

    /// What the clock of a node shows.
    pub fn node_now(&self, node: NodeId) -> SimTime {
        self.world.local_now(node)
    }

    /// The disk of a node, to look at or to damage.
    pub fn disk(&self, node: NodeId) -> Disk {
        self.world.nodes.borrow().node(node).disk.clone()
    }
}
