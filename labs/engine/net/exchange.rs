//! The life of calls between caller and server.
//!
//! A call is a slot in the slab of its types. Its stage says where it is; the legs under way are events in the
//! time queue that name the slot. A slot is free again when the caller has its result or is gone, and no
//! leg of it is under way:
//!
//! ```text
//!            arrives                 handler answers            arrives
//! Request ─────────────▶ Serving ──────────────────────▶ Reply ─────────▶ Done ──▶ free
//!    │ node down            │ node crashes: Reset           ▲
//!    └──────────────────────┴─────── refused ───────────────┘
//! ```
//!
//! When the caller drops its call, a cancellation goes after the request (it never overtakes it, as on an HTTP/2
//! stream). If it finds the call in service, the handler's task is dropped.

use super::call::Options;
use super::{CallError, CallTrace, Channel, FlightKind, Leg, Luck, RequestCtx};
use crate::engine::executor::{BoxedTask, TaskRef, WakeTarget};
use crate::engine::node::NodeId;
use crate::engine::time::SimTime;
use crate::engine::timer::Event;
use crate::engine::world::World;
use futures::FutureExt;
use slab::Slab;
use std::cell::RefCell;
use std::rc::Rc;
use std::task::Context;

enum Stage<Req, Rep> {
    /// The request is on its way, or waits to be sent again.
    Request(Req),
    /// The cancellation was there before the request got through; the request is still about.
    Revoked,
    /// The handler has it. No task only while the handler is being called.
    Serving(Option<TaskRef>),
    Reply(Result<Rep, CallError>),
    Done(Result<Rep, CallError>),
    /// Nothing more to come but, perhaps, a cancellation.
    Spent,
}

/// One leg under way: since when, and the how-manieth attempt.
#[derive(Clone, Copy)]
struct Attempt {
    began_at: u64,
    sent_at: u64,
    number: u8,
}

impl Attempt {
    fn first(now: u64) -> Self {
        Self {
            began_at: now,
            sent_at: now,
            number: 0,
        }
    }
}

struct CallSlot<Req, Rep> {
    stage: Stage<Req, Rep>,
    /// None: the caller is gone.
    caller: Option<WakeTarget>,
    from: NodeId,
    to: NodeId,
    /// The life of the server that the request was sent to.
    incarnation: u32,
    tag: u8,
    key: u64,
    serial: u64,
    /// The request or the reply, whichever is under way.
    attempt: Attempt,
    request_arrives_at: u64,
    cancel: Option<Attempt>,
    trace: Option<CallTrace>,
}

type Start<Req, Rep> = Rc<dyn Fn(Req, RequestCtx, Answer<Req, Rep>) -> BoxedTask>;

struct Installed<Req: 'static, Rep: 'static> {
    start: Start<Req, Rep>,
    /// By the node's own code: it goes when the node does.
    by_node: bool,
}

/// All calls of one pair of types.
pub(super) struct Calls<Req: 'static, Rep: 'static> {
    world: Rc<World>,
    index: u32,
    slots: RefCell<Slab<CallSlot<Req, Rep>>>,
    /// By node.
    handlers: RefCell<Vec<Option<Installed<Req, Rep>>>>,
}

/// The handler's duty to answer: dropped without an answer (its node crashed), the caller gets a reset.
struct Answer<Req: 'static, Rep: 'static> {
    calls: Rc<Calls<Req, Rep>>,
    slot: u32,
    serial: u64,
    given: bool,
}

impl<Req, Rep> Answer<Req, Rep> {
    fn give(mut self, reply: Rep) {
        self.given = true;
        self.calls.answer(self.slot, self.serial, Ok(reply));
    }
}

impl<Req, Rep> Drop for Answer<Req, Rep> {
    fn drop(&mut self) {
        if !self.given {
            self.calls
                .answer(self.slot, self.serial, Err(CallError::Reset));
        }
    }
}

impl<Req: 'static, Rep: 'static> Calls<Req, Rep> {
    pub fn new(world: Rc<World>, index: u32) -> Self {
        Self {
            world,
            index,
            slots: RefCell::default(),
            handlers: RefCell::default(),
        }
    }

    pub fn world(&self) -> &Rc<World> {
        &self.world
    }

    pub fn install<H, F>(&self, node: NodeId, handler: H)
    where
        H: Fn(Req, RequestCtx) -> F + 'static,
        F: Future<Output = Rep> + 'static,
    {
        let start: Start<Req, Rep> = Rc::new(move |request, context, answer| {
            Box::pin(handler(request, context).map(move |reply| answer.give(reply)))
        });
        let installed = Installed {
            start,
            by_node: self.world.current_node() == node,
        };
        let mut handlers = self.handlers.borrow_mut();
        if handlers.len() <= node.index() {
            handlers.resize_with(node.index() + 1, || None);
        }
        let before = handlers[node.index()].replace(installed);
        drop(handlers);
        drop(before);
    }

    /// Sends a call from the current node; returns its slot.
    pub fn send(&self, to: NodeId, request: Req, options: Options, context: &Context<'_>) -> u32 {
        let world = &self.world;
        let from = world.current_node();
        let now = world.now.get();
        let serial = world.net.next_serial();
        let key = options
            .key
            .unwrap_or_else(|| world.net.links.borrow_mut().next_key(from));
        if let Some(trace) = &options.trace {
            world.traced.set(world.traced.get() + 1);
            trace.record(|phases| phases.sent = Some(SimTime(now)));
        }
        world.net.count(|counters| counters.calls += 1);
        let slot = CallSlot {
            stage: Stage::Request(request),
            caller: Some(WakeTarget::of(context, world)),
            from,
            to,
            incarnation: world.nodes.borrow().incarnation(to),
            tag: options.tag,
            key,
            serial,
            attempt: Attempt::first(now),
            request_arrives_at: now,
            cancel: None,
            trace: options.trace,
        };
        let mut slots = self.slots.borrow_mut();
        let index = slots.insert(slot) as u32;
        self.launch(index, &mut slots[index as usize], Leg::Request);
        index
    }

    /// The result, if it is there; then the slot is free.
    pub fn poll(&self, index: u32, context: &Context<'_>) -> Option<Result<Rep, CallError>> {
        let mut slots = self.slots.borrow_mut();
        let slot = &mut slots[index as usize];
        if let Stage::Done(_) = slot.stage {
            let slot = slots.remove(index as usize);
            drop(slots);
            self.forget_trace(&slot);
            if let Stage::Done(result) = slot.stage {
                return Some(result);
            }
        } else if let Some(caller) = &mut slot.caller {
            caller.refresh(context, &self.world);
        }
        None
    }

    /// The caller no longer waits.
    pub fn drop_caller(&self, index: u32) {
        let mut slots = self.slots.borrow_mut();
        let slot = &mut slots[index as usize];
        let caller = slot.caller.take();
        let mut dropped = None;
        match slot.stage {
            Stage::Request(_) | Stage::Serving(_) => {
                self.world.net.count(|counters| counters.cancels += 1);
                slot.cancel = Some(Attempt::first(self.world.now.get()));
                self.launch(index, slot, Leg::Cancel);
            }
            Stage::Done(_) => dropped = Some(std::mem::replace(&mut slot.stage, Stage::Spent)),
            Stage::Reply(_) | Stage::Revoked | Stage::Spent => {}
        }
        self.settle(slots, index);
        drop(dropped);
        drop(caller);
    }

    /// Frees the slot if its life is over.
    fn settle(&self, mut slots: std::cell::RefMut<'_, Slab<CallSlot<Req, Rep>>>, index: u32) {
        let slot = &slots[index as usize];
        if slot.caller.is_none() && slot.cancel.is_none() && matches!(slot.stage, Stage::Spent) {
            let slot = slots.remove(index as usize);
            drop(slots);
            self.forget_trace(&slot);
        }
    }

    fn forget_trace(&self, slot: &CallSlot<Req, Rep>) {
        if slot.trace.is_some() {
            self.world.traced.set(self.world.traced.get() - 1);
        }
    }

    /// Puts one leg on its way, or sets the time of the next attempt if it is lost.
    fn launch(&self, index: u32, slot: &mut CallSlot<Req, Rep>, leg: Leg) {
        let world = &self.world;
        let now = world.now.get();
        let (from, to) = slot.ends(leg);
        let attempt = slot.attempt_of(leg);
        attempt.sent_at = now;
        let luck = Luck {
            leg: leg as u8,
            attempt: attempt.number,
            key: slot.key,
        };
        let latency = world.net.links.borrow().transmit(from, to, luck);
        if let Some(latency) = latency {
            let mut at = now.saturating_add(latency);
            match leg {
                Leg::Request => slot.request_arrives_at = at,
                Leg::Cancel => at = at.max(slot.request_arrives_at),
                _ => {}
            }
            world.net.count(|counters| counters.in_flight += 1);
            self.schedule(at, to, index, leg);
        } else {
            self.launch_later(index, slot, leg);
        }
    }

    fn launch_later(&self, index: u32, slot: &mut CallSlot<Req, Rep>, leg: Leg) {
        let (from, _) = slot.ends(leg);
        let attempt = slot.attempt_of(leg);
        let doubled = self.world.net.retransmit.get().after << attempt.number.min(16);
        let at = attempt.sent_at.saturating_add(doubled);
        let again = match leg {
            Leg::Request => Leg::RequestAgain,
            Leg::Reply => Leg::ReplyAgain,
            _ => Leg::CancelAgain,
        };
        self.schedule(at, from, index, again);
    }

    fn schedule(&self, at: u64, node: NodeId, slot: u32, leg: Leg) {
        let exchange = self.index;
        self.world.schedule(
            at,
            node,
            Event::Net {
                exchange,
                slot,
                leg,
            },
        );
    }

    fn again(&self, index: u32, leg: Leg) {
        let mut slots = self.slots.borrow_mut();
        let slot = &mut slots[index as usize];
        if matches!((leg, &slot.stage), (Leg::Request, Stage::Revoked)) {
            slot.stage = Stage::Spent;
            return self.settle(slots, index);
        }
        let now = self.world.now.get();
        let patience = self.world.net.retransmit.get().give_up;
        let attempt = slot.attempt_of(leg);
        if now - attempt.began_at < patience {
            attempt.number = attempt.number.saturating_add(1);
            self.world.net.count(|counters| counters.retransmits += 1);
            return self.launch(index, slot, leg);
        }
        if leg == Leg::Cancel {
            slot.cancel = None;
            return self.settle(slots, index);
        }
        let abandoned =
            std::mem::replace(&mut slot.stage, Stage::Reply(Err(CallError::Unreachable)));
        drop(slots);
        drop(abandoned);
        self.finish(index);
    }

    /// A leg is at the other end.
    fn arrive(self: &Rc<Self>, index: u32, leg: Leg) {
        let world = &self.world;
        world.net.count(|counters| counters.in_flight -= 1);
        let mut slots = self.slots.borrow_mut();
        let slot = &mut slots[index as usize];
        let (from, to) = slot.ends(leg);
        if !world.net.links.borrow().passes(from, to) {
            // The link was cut while it was under way.
            return self.launch_later(index, slot, leg);
        }
        world.note(super::what(leg, from, to, slot.serial));
        drop(slots);
        match leg {
            Leg::Request => self.begin(index),
            Leg::Reply => self.finish(index),
            _ => self.cancel(index),
        }
    }

    /// The request is at the server: the handler starts, or it is refused.
    fn begin(self: &Rc<Self>, index: u32) {
        let world = &self.world;
        let now = world.now();
        let mut slots = self.slots.borrow_mut();
        let slot = &mut slots[index as usize];
        let to = slot.to;
        let stage = std::mem::replace(&mut slot.stage, Stage::Serving(None));
        let Stage::Request(request) = stage else {
            slot.stage = Stage::Spent;
            return self.settle(slots, index);
        };
        if let Some(trace) = &slot.trace {
            trace.record(|phases| phases.arrived = Some(now));
        }
        let (up, incarnation) = {
            let nodes = world.nodes.borrow();
            (nodes.is_up(to), nodes.incarnation(to))
        };
        let handler = self
            .handlers
            .borrow()
            .get(to.index())
            .and_then(|installed| {
                installed
                    .as_ref()
                    .map(|installed| Rc::clone(&installed.start))
            });
        let serial = slot.serial;
        let start = match handler {
            Some(start) if up && incarnation == slot.incarnation => start,
            _ => {
                let reset = up && incarnation != slot.incarnation;
                drop(slots);
                drop(request);
                let error = if reset {
                    CallError::Reset
                } else {
                    CallError::Refused
                };
                return self.answer(index, serial, Err(error));
            }
        };
        let context = RequestCtx {
            from: slot.from,
            node: to,
            sent_at: SimTime(slot.attempt.began_at),
            arrived_at: now,
            tag: slot.tag,
        };
        let trace = slot.trace.clone();
        drop(slots);
        let answer = Answer {
            calls: Rc::clone(self),
            slot: index,
            serial,
            given: false,
        };
        let task = world.as_node(to, || start(request, context, answer));
        let task = world.spawn(to, task, trace);
        let mut slots = self.slots.borrow_mut();
        if let Some(slot) = slots.get_mut(index as usize)
            && let Stage::Serving(running) = &mut slot.stage
            && slot.serial == serial
        {
            *running = task;
        }
    }

    /// The server's side is over: the reply (or the error) goes back.
    fn answer(&self, index: u32, serial: u64, result: Result<Rep, CallError>) {
        let mut slots = self.slots.borrow_mut();
        // After a cancellation the slot may be gone, or be another call's.
        let Some(slot) = slots.get_mut(index as usize) else {
            return;
        };
        if slot.serial != serial || !matches!(slot.stage, Stage::Serving(_)) {
            return;
        }
        let now = self.world.now.get();
        if let Some(trace) = &slot.trace {
            trace.record(|phases| phases.replied = Some(SimTime(now)));
        }
        slot.stage = Stage::Reply(result);
        slot.attempt = Attempt::first(now);
        self.launch(index, slot, Leg::Reply);
    }

    /// The result is back at the caller.
    fn finish(&self, index: u32) {
        let world = &self.world;
        let mut slots = self.slots.borrow_mut();
        let slot = &mut slots[index as usize];
        if let Some(trace) = &slot.trace {
            trace.record(|phases| phases.returned = Some(world.now()));
        }
        let stage = std::mem::replace(&mut slot.stage, Stage::Spent);
        let Stage::Reply(result) = stage else {
            return;
        };
        if let Some(caller) = slot.caller.take() {
            world.net.count(|counters| match result {
                Ok(_) => counters.replies += 1,
                Err(_) => counters.errors += 1,
            });
            slot.stage = Stage::Done(result);
            // Kept until the caller has fetched it; there is nothing left to wake.
            slot.caller = Some(WakeTarget::Nobody);
            drop(slots);
            caller.wake(world);
        } else {
            self.settle(slots, index);
            drop(result);
        }
    }

    /// A cancellation is at the server.
    fn cancel(&self, index: u32) {
        let world = &self.world;
        let mut slots = self.slots.borrow_mut();
        let slot = &mut slots[index as usize];
        slot.cancel = None;
        match &slot.stage {
            Stage::Request(_) => {
                let revoked = std::mem::replace(&mut slot.stage, Stage::Revoked);
                drop(slots);
                drop(revoked);
            }
            Stage::Serving(task) => {
                let task = *task;
                let to = slot.to;
                if let Some(trace) = &slot.trace {
                    trace.record(|phases| phases.cancelled = Some(world.now()));
                }
                slot.stage = Stage::Spent;
                world.net.count(|counters| counters.cancelled += 1);
                self.settle(slots, index);
                if let Some(task) = task {
                    world.as_node(to, || world.abort(task));
                }
            }
            _ => self.settle(slots, index),
        }
    }
}

impl<Req, Rep> CallSlot<Req, Rep> {
    fn ends(&self, leg: Leg) -> (NodeId, NodeId) {
        match leg {
            Leg::Reply => (self.to, self.from),
            _ => (self.from, self.to),
        }
    }

    fn attempt_of(&mut self, leg: Leg) -> &mut Attempt {
        match (leg, &mut self.cancel) {
            (Leg::Cancel, Some(cancel)) => cancel,
            _ => &mut self.attempt,
        }
    }
}

impl<Req: 'static, Rep: 'static> Channel for Calls<Req, Rep> {
    fn deliver(self: Rc<Self>, slot: u32, leg: Leg) {
        match leg {
            Leg::RequestAgain => self.again(slot, Leg::Request),
            Leg::ReplyAgain => self.again(slot, Leg::Reply),
            Leg::CancelAgain => self.again(slot, Leg::Cancel),
            _ => self.arrive(slot, leg),
        }
    }

    fn flight(&self, slot: u32, leg: Leg) -> Option<(NodeId, NodeId, SimTime, FlightKind, u8)> {
        if !leg.travels() {
            return None;
        }
        let slots = self.slots.borrow();
        let slot = slots.get(slot as usize)?;
        let (from, to) = slot.ends(leg);
        let (sent_at, kind) = match (leg, &slot.stage) {
            (Leg::Cancel, _) => (slot.cancel?.sent_at, FlightKind::Cancel),
            (Leg::Reply, Stage::Reply(Err(_))) => (slot.attempt.sent_at, FlightKind::Error),
            (Leg::Reply, _) => (slot.attempt.sent_at, FlightKind::Reply),
            _ => (slot.attempt.sent_at, FlightKind::Request),
        };
        Some((from, to, SimTime(sent_at), kind, slot.tag))
    }

    fn forget_node(&self, node: NodeId) {
        let mut handlers = self.handlers.borrow_mut();
        let forgotten = handlers
            .get_mut(node.index())
            .and_then(|installed| installed.take_if(|installed| installed.by_node));
        drop(handlers);
        drop(forgotten);
    }

    fn census(&self) -> (usize, usize) {
        let slots = self.slots.borrow();
        (slots.len(), slots.capacity())
    }

    fn clear(&self) {
        let handlers = self.handlers.take();
        drop(handlers);
    }
}
