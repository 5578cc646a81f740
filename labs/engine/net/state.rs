//! The network's part of a world: its links, its counters, and a channel for each kind of traffic.

use super::link::Links;
use super::{Counters, FlightKind, Leg};
use crate::engine::node::NodeId;
use crate::engine::time::SimTime;
use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// One kind of traffic: the calls of one pair of types, or the messages of one type.
pub(crate) trait Channel {
    fn deliver(self: Rc<Self>, slot: u32, leg: Leg);
    /// A message on the way: from, to, when sent, what, and the sender's tag.
    fn flight(&self, slot: u32, leg: Leg) -> Option<(NodeId, NodeId, SimTime, FlightKind, u8)>;
    /// Drops the handlers that the node's own code installed.
    fn forget_node(&self, node: NodeId);
    /// Slots in use, and slots there are.
    fn census(&self) -> (usize, usize);
    fn clear(&self);
}

struct Registered {
    types: TypeId,
    channel: Rc<dyn Channel>,
    any: Rc<dyn Any>,
}

/// The network's part of a world.
pub(crate) struct NetState {
    pub(super) links: RefCell<Links>,
    pub(super) counters: Cell<Counters>,
    channels: RefCell<Vec<Registered>>,
    /// Numbers messages, for the digest.
    serial: Cell<u64>,
}

impl NetState {
    pub fn new(seed: u64) -> Self {
        Self {
            links: RefCell::new(Links::new(seed)),
            counters: Cell::default(),
            channels: RefCell::default(),
            serial: Cell::new(0),
        }
    }

    pub fn by_index(&self, index: u32) -> Rc<dyn Channel> {
        Rc::clone(&self.channels.borrow()[index as usize].channel)
    }

    /// The channel of these types; made at first use.
    pub(super) fn channel<C: Channel + 'static>(&self, make: impl FnOnce(u32) -> C) -> Rc<C> {
        let types = TypeId::of::<C>();
        let mut channels = self.channels.borrow_mut();
        if let Some(found) = channels.iter().find(|registered| registered.types == types) {
            let any = Rc::clone(&found.any);
            drop(channels);
            return any
                .downcast::<C>()
                .unwrap_or_else(|_| unreachable!("a channel is registered under its own type"));
        }
        let channel = Rc::new(make(channels.len() as u32));
        channels.push(Registered {
            types,
            channel: Rc::clone(&channel) as Rc<dyn Channel>,
            any: Rc::clone(&channel) as Rc<dyn Any>,
        });
        channel
    }

    pub fn forget_node(&self, node: NodeId) {
        self.each(|channel| channel.forget_node(node));
    }

    /// Lets go of everything: channels hold the world that holds them.
    pub fn clear(&self) {
        self.each(|channel| channel.clear());
        let channels = self.channels.take();
        drop(channels);
    }

    /// Calls and messages alive, and slots there are for them.
    pub fn census(&self) -> (usize, usize) {
        let channels = self.channels.borrow();
        channels.iter().fold((0, 0), |(live, room), registered| {
            let (more, slots) = registered.channel.census();
            (live + more, room + slots)
        })
    }

    fn each(&self, f: impl Fn(&dyn Channel)) {
        let count = self.channels.borrow().len();
        for index in 0..count {
            // What is dropped may call into the network: hold no borrow.
            f(&*self.by_index(index as u32));
        }
    }

    pub(super) fn count(&self, f: impl FnOnce(&mut Counters)) {
        let mut counters = self.counters.get();
        f(&mut counters);
        self.counters.set(counters);
    }

    pub(super) fn next_serial(&self) -> u64 {
        let serial = self.serial.get() + 1;
        self.serial.set(serial);
        serial
    }
}

/// A delivery in one word, for the digest.
pub(super) fn what(leg: Leg, from: NodeId, to: NodeId, serial: u64) -> u64 {
    // The number of the message over the ends of its way: they meet only in the middle bits, and each counts.
    (serial << 8 | leg as u64 | 1 << 7) ^ (u64::from(from.0) << 44) ^ (u64::from(to.0) << 24)
}
