//! Messages without an answer: sent and forgotten, lost or doubled as the link says.

use super::handlers::Handlers;
use super::{Channel, FlightKind, Leg, Luck, RequestCtx};
use crate::engine::executor::BoxedTask;
use crate::engine::node::NodeId;
use crate::engine::time::SimTime;
use crate::engine::timer::Event;
use crate::engine::world::World;
use slab::Slab;
use std::cell::RefCell;
use std::rc::Rc;

struct Letter<M> {
    message: M,
    from: NodeId,
    to: NodeId,
    incarnation: u32,
    tag: u8,
    serial: u64,
    sent_at: u64,
}

type Start<M> = dyn Fn(M, RequestCtx) -> BoxedTask;

/// All one-way messages of one type.
pub(super) struct Letters<M> {
    world: Rc<World>,
    index: u32,
    slots: RefCell<Slab<Letter<M>>>,
    handlers: Handlers<Start<M>>,
}

impl<M: Clone + 'static> Letters<M> {
    pub fn new(world: Rc<World>, index: u32) -> Self {
        Self {
            world,
            index,
            slots: RefCell::default(),
            handlers: Handlers::default(),
        }
    }

    pub fn install<H, F>(&self, node: NodeId, handler: H)
    where
        H: Fn(M, RequestCtx) -> F + 'static,
        F: Future<Output = ()> + 'static,
    {
        let start =
            Rc::new(move |message, context| -> BoxedTask { Box::pin(handler(message, context)) });
        self.handlers
            .install(node, self.world.current_node(), start);
    }

    pub fn send(&self, to: NodeId, message: M, key: Option<u64>, tag: u8) {
        let world = &self.world;
        let from = world.current_node();
        let mut links = world.net.links.borrow_mut();
        let key = key.unwrap_or_else(|| links.next_key(from));
        let luck = |attempt| Luck {
            key,
            leg: Leg::OneWay as u8,
            attempt,
        };
        world.net.count(|counters| counters.sends += 1);
        let latency = links.transmit(from, to, luck(0));
        // The copy takes its own way through the network, and its own time.
        let copy = links
            .duplicates(from, to, luck(0))
            .then(|| links.transmit(from, to, luck(1)))
            .flatten();
        drop(links);
        match (latency, copy) {
            (None, None) => world.net.count(|counters| counters.lost += 1),
            (Some(latency), None) | (None, Some(latency)) => {
                self.post(from, to, message, tag, latency);
            }
            (Some(latency), Some(second)) => {
                world.net.count(|counters| counters.duplicated += 1);
                self.post(from, to, message.clone(), tag, latency);
                self.post(from, to, message, tag, second);
            }
        }
    }

    fn post(&self, from: NodeId, to: NodeId, message: M, tag: u8, latency: u64) {
        let world = &self.world;
        let sent_at = world.now.get();
        let letter = Letter {
            message,
            from,
            to,
            incarnation: world.nodes.borrow().life(to).incarnation,
            tag,
            serial: world.net.next_serial(),
            sent_at,
        };
        let slot = self.slots.borrow_mut().insert(letter) as u32;
        world.net.count(|counters| counters.in_flight += 1);
        let event = Event::Net {
            channel: self.index,
            slot,
            leg: Leg::OneWay,
        };
        world.schedule(sent_at.saturating_add(latency), to, event);
    }
}

impl<M: Clone + 'static> Channel for Letters<M> {
    fn deliver(self: Rc<Self>, slot: u32, leg: Leg) {
        let world = &self.world;
        let letter = self.slots.borrow_mut().remove(slot as usize);
        let (from, to) = (letter.from, letter.to);
        world.net.count(|counters| counters.in_flight -= 1);
        let there = {
            let life = world.nodes.borrow().life(to);
            life.up && life.incarnation == letter.incarnation
        };
        let passes = world.net.links.borrow().passes(from, to);
        let Some(start) = self.handlers.of(to).filter(|_| there && passes) else {
            world.net.count(|counters| counters.lost += 1);
            return;
        };
        world.note(super::what(leg, from, to, letter.serial));
        let context = RequestCtx {
            from,
            node: to,
            sent_at: SimTime(letter.sent_at),
            arrived_at: world.now(),
            tag: letter.tag,
        };
        let task = world.as_node(to, || start(letter.message, context));
        world.spawn(to, task, None);
    }

    fn flight(&self, slot: u32, _leg: Leg) -> Option<(NodeId, NodeId, SimTime, FlightKind, u8)> {
        let slots = self.slots.borrow();
        let letter = slots.get(slot as usize)?;
        Some((
            letter.from,
            letter.to,
            SimTime(letter.sent_at),
            FlightKind::OneWay,
            letter.tag,
        ))
    }

    fn forget_node(&self, node: NodeId) {
        self.handlers.forget_node(node);
    }

    fn census(&self) -> (usize, usize) {
        let slots = self.slots.borrow();
        (slots.len(), slots.capacity())
    }

    fn clear(&self) {
        self.handlers.clear();
    }
}
