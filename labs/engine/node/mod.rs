//! Nodes: where tasks live, and what befalls a machine.
//!
//! A task belongs to the node whose code spawned it. A node that crashes loses its tasks, its handlers and
//! what was on the way to it; its [`Disk`] stays. A paused node (a long garbage collection, a suspended virtual
//! machine) runs nothing until the pause ends, and then finds its timers late. Its clock has an offset from
//! true time, and a rate: a clock that runs fast breaks a lease that an offset alone does not.
//!
//! [`table`] is what is known of each node, [`fate`] what befalls it; here are their names and what can be done to them.

mod clock;
mod disk;
mod fate;
mod table;

pub use disk::Disk;
pub(crate) use table::Nodes;

use super::executor::BoxedTask;
use super::sim::Handle;
use super::time::SimTime;
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

pub(crate) type Boot = Rc<dyn Fn(NodeCtx) -> BoxedTask>;

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
        self.world.nodes.borrow().paused_until(node).is_some()
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
