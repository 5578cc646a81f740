//! The network between nodes: typed calls and one-way messages, over links that are slow, lossy or cut.
//!
//! - [`call`] is the caller's side: the future of a call, its errors, its trace.
//! - [`exchange`] is the life of calls between the two sides: request, service, reply, cancellation; [`slot`] is
//!   one call in it, [`transport`] brings its messages to the other end.
//! - [`oneway`] is messages without an answer.
//! - [`handlers`] is who answers what.
//! - [`link`] says how long a message takes, and whether it arrives.
//! - [`flight`] shows what is on the way.
//!
//! Messages are typed Rust values and are never serialised. All messages of one pair of types share a slab, so
//! a message takes no allocation of its own.

mod call;
mod exchange;
mod flight;
mod handlers;
mod link;
mod oneway;
mod slot;
mod state;
mod transport;

pub use call::{Call, CallError, CallTrace, CallTraces, Phases};
pub use flight::{Flight, FlightKind};
pub use link::Link;

use super::node::NodeId;
use super::time::SimTime;
use super::world::{self, World};
use exchange::Calls;
use link::Luck;
use oneway::Letters;
use state::what;
pub(crate) use state::{Channel, NetState};
use std::rc::Rc;

/// The part of a message's way that an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leg {
    Request,
    Reply,
    Cancel,
    OneWay,
    /// The transport tries again, from the sender.
    RequestAgain,
    ReplyAgain,
    CancelAgain,
}

/// What the network has done since the start. Take two and subtract for a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Calls made.
    pub calls: u64,
    /// Calls that ended in a reply that reached the caller.
    pub replies: u64,
    /// Calls that ended in `Refused`, `Reset` or `Unreachable` at the caller.
    pub errors: u64,
    /// Cancellations sent, because a call was dropped before its end.
    pub cancels: u64,
    /// Cancellations that came in time: the work at the server was dropped.
    pub cancelled: u64,
    /// One-way messages sent, without their duplicates.
    pub sends: u64,
    /// One-way messages that arrived twice.
    pub duplicated: u64,
    /// One-way messages lost on the way, or that found nobody.
    pub lost: u64,
    /// Times that the transport of a call sent again.
    pub retransmits: u64,
    /// Messages on the way just now.
    pub in_flight: u64,
}

/// What a handler knows of the message that it handles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestCtx {
    /// Who sent it.
    pub from: NodeId,
    /// Whose handler this is.
    pub node: NodeId,
    pub sent_at: SimTime,
    pub arrived_at: SimTime,
    /// What the sender marked it with: a hedge, a retry.
    pub tag: u8,
}

/// The network of a simulation. Cheap to clone.
#[derive(Clone)]
pub struct Net {
    world: Rc<World>,
}

/// The network of the current simulation.
#[track_caller]
pub fn net() -> Net {
    Net::new(world::current("net"))
}

impl Net {
    pub(crate) fn new(world: Rc<World>) -> Self {
        Self { world }
    }

    /// Calls `to` and waits for its answer. Nothing is sent before the first poll. Dropping the call cancels
    /// it at the server after the link's latency. The types name the handler: `net.call::<Search, TopTen>(leaf, search)`.
    pub fn call<Req: 'static, Rep: 'static>(&self, to: NodeId, request: Req) -> Call<Req, Rep> {
        Call::new(self.calls::<Req, Rep>(), to, request)
    }

    /// Installs the handler of a node for calls of these types; each call runs as a task of that node. In place
    /// of the one before, if any. A handler that the node's own code installs dies with the node; one that is
    /// installed from outside serves every life of it.
    pub fn serve<Req, Rep, H, F>(&self, node: NodeId, handler: H)
    where
        Req: 'static,
        Rep: 'static,
        H: Fn(Req, RequestCtx) -> F + 'static,
        F: Future<Output = Rep> + 'static,
    {
        self.calls::<Req, Rep>().install(node, handler);
    }

    /// Sends a message without an answer. It may be lost, and may arrive twice, as the link says.
    pub fn send<M: Clone + 'static>(&self, to: NodeId, message: M) {
        self.letters::<M>().send(to, message, None, 0);
    }

    /// As [`send`](Self::send), with the key that its luck depends on, and a tag for the picture.
    pub fn send_keyed<M: Clone + 'static>(&self, to: NodeId, message: M, key: u64, tag: u8) {
        self.letters::<M>().send(to, message, Some(key), tag);
    }

    /// Installs what a node does with messages of this type; each runs as a task of that node. The rules of
    /// [`serve`](Self::serve) hold.
    pub fn receive<M, H, F>(&self, node: NodeId, handler: H)
    where
        M: Clone + 'static,
        H: Fn(M, RequestCtx) -> F + 'static,
        F: Future<Output = ()> + 'static,
    {
        self.letters::<M>().install(node, handler);
    }

    /// The link of all pairs that have none of their own.
    pub fn set_default_link(&self, link: Link) {
        self.world.net.links.borrow_mut().default = link;
    }

    /// The link in one direction.
    pub fn set_link(&self, from: NodeId, to: NodeId, link: Link) {
        self.world.net.links.borrow_mut().set(from, to, link);
    }

    pub fn link(&self, from: NodeId, to: NodeId) -> Link {
        self.world.net.links.borrow().get(from, to)
    }

    /// Cuts one direction: what is sent, and what would arrive while it is cut, is lost. Nobody is told.
    pub fn cut_one_way(&self, from: NodeId, to: NodeId) {
        self.world.net.links.borrow_mut().set_cut(from, to, true);
    }

    /// Cuts both directions.
    pub fn cut(&self, one: NodeId, other: NodeId) {
        self.cut_one_way(one, other);
        self.cut_one_way(other, one);
    }

    /// Undoes [`cut`](Self::cut) and [`cut_one_way`](Self::cut_one_way) between the two.
    pub fn heal(&self, one: NodeId, other: NodeId) {
        let mut links = self.world.net.links.borrow_mut();
        links.set_cut(one, other, false);
        links.set_cut(other, one, false);
    }

    /// Cuts a node off from everybody.
    pub fn isolate(&self, node: NodeId) {
        self.world.net.links.borrow_mut().set_isolated(node, true);
    }

    /// Undoes [`isolate`](Self::isolate).
    pub fn rejoin(&self, node: NodeId) {
        self.world.net.links.borrow_mut().set_isolated(node, false);
    }

    pub fn is_isolated(&self, node: NodeId) -> bool {
        self.world.net.links.borrow().is_isolated(node)
    }

    /// Messages pass from one to the other just now.
    pub fn passes(&self, from: NodeId, to: NodeId) -> bool {
        self.world.net.links.borrow().passes(from, to)
    }

    pub fn counters(&self) -> Counters {
        self.world.net.counters.get()
    }

    fn calls<Req: 'static, Rep: 'static>(&self) -> Rc<Calls<Req, Rep>> {
        self.world
            .net
            .channel(|index| Calls::new(Rc::clone(&self.world), index))
    }

    fn letters<M: Clone + 'static>(&self) -> Rc<Letters<M>> {
        self.world
            .net
            .channel(|index| Letters::new(Rc::clone(&self.world), index))
    }
}
