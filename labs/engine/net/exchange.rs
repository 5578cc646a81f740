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
use super::handlers::Handlers;
use super::slot::{Attempt, CallSlot, CallStage, Slots};
use super::{CallError, Channel, FlightKind, Leg, RequestCtx};
use crate::engine::executor::BoxedTask;
use crate::engine::node::NodeId;
use crate::engine::time::SimTime;
use crate::engine::wake::WakeTarget;
use crate::engine::world::World;
use futures::FutureExt;
use std::cell::{RefCell, RefMut};
use std::rc::Rc;
use std::task::Context;

type Start<Req, Rep> = dyn Fn(Req, RequestCtx, Answer<Req, Rep>) -> BoxedTask;

/// All calls of one pair of types.
pub(super) struct Calls<Req: 'static, Rep: 'static> {
    pub(super) world: Rc<World>,
    pub(super) index: u32,
    pub(super) slots: RefCell<Slots<Req, Rep>>,
    handlers: Handlers<Start<Req, Rep>>,
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
            handlers: Handlers::default(),
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
        let start = Rc::new(
            move |request, context, answer: Answer<Req, Rep>| -> BoxedTask {
                Box::pin(handler(request, context).map(move |reply| answer.give(reply)))
            },
        );
        self.handlers
            .install(node, self.world.current_node(), start);
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
            stage: CallStage::Request(request),
            caller: Some(WakeTarget::of(context, world)),
            from,
            to,
            incarnation: world.nodes.borrow().life(to).incarnation,
            tag: options.tag,
            key,
            serial,
            attempt: Attempt::first(now),
            request_arrives_at: now,
            cancel: None,
            trace: options.trace,
        };
        let mut slots = self.slots.borrow_mut();
        let index = slots.insert(slot);
        self.launch(index, &mut slots[index], Leg::Request);
        index
    }

    /// The result, if it is there; then the slot is free.
    pub fn poll(&self, index: u32, context: &Context<'_>) -> Option<Result<Rep, CallError>> {
        let mut slots = self.slots.borrow_mut();
        let slot = &mut slots[index];
        if let CallStage::Done(_) = slot.stage {
            let stage = std::mem::replace(&mut slot.stage, CallStage::Spent);
            slot.caller = None;
            self.settle(slots, index);
            if let CallStage::Done(result) = stage {
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
        let slot = &mut slots[index];
        let caller = slot.caller.take();
        let mut dropped = None;
        match slot.stage {
            CallStage::Request(_) | CallStage::Serving(_) => {
                self.world.net.count(|counters| counters.cancels += 1);
                slot.cancel = Some(Attempt::first(self.world.now.get()));
                self.launch(index, slot, Leg::Cancel);
            }
            CallStage::Done(_) => {
                dropped = Some(std::mem::replace(&mut slot.stage, CallStage::Spent));
            }
            CallStage::Reply(_) | CallStage::Revoked | CallStage::Spent => {}
        }
        self.settle(slots, index);
        drop(dropped);
        drop(caller);
    }

    /// Frees the slot if the life of its call is over.
    pub(super) fn settle(&self, mut slots: RefMut<'_, Slots<Req, Rep>>, index: u32) {
        let slot = &mut slots[index];
        if slot.is_over() {
            if slot.trace.take().is_some() {
                self.world.traced.set(self.world.traced.get() - 1);
            }
            slots.release(index);
        }
    }

    /// The request is at the server: the handler starts, or it is refused.
    pub(super) fn begin(self: &Rc<Self>, index: u32) {
        let world = &self.world;
        let now = world.now();
        let mut slots = self.slots.borrow_mut();
        let slot = &mut slots[index];
        let to = slot.to;
        let stage = std::mem::replace(&mut slot.stage, CallStage::Serving(None));
        let CallStage::Request(request) = stage else {
            slot.stage = CallStage::Spent;
            return self.settle(slots, index);
        };
        if let Some(trace) = &slot.trace {
            trace.record(|phases| phases.arrived = Some(now));
        }
        let life = world.nodes.borrow().life(to);
        let same_life = life.incarnation == slot.incarnation;
        let serial = slot.serial;
        let handler = self.handlers.of(to).filter(|_| life.up && same_life);
        let Some(start) = handler else {
            let reset = life.up && !same_life;
            drop(slots);
            drop(request);
            let error = if reset {
                CallError::Reset
            } else {
                CallError::Refused
            };
            return self.answer(index, serial, Err(error));
        };
        let context = RequestCtx {
            from: slot.from,
            node: to,
            sent_at: SimTime(slot.attempt.began_at()),
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
        let slot = &mut slots[index];
        if slot.serial == serial
            && let CallStage::Serving(running) = &mut slot.stage
        {
            *running = task;
        }
    }

    /// The server's side is over: the reply (or the error) goes back.
    fn answer(&self, index: u32, serial: u64, result: Result<Rep, CallError>) {
        let mut slots = self.slots.borrow_mut();
        // After a cancellation the slot may be free, or another call's.
        let slot = &mut slots[index];
        if slot.serial != serial || !matches!(slot.stage, CallStage::Serving(_)) {
            return;
        }
        let now = self.world.now.get();
        if let Some(trace) = &slot.trace {
            trace.record(|phases| phases.replied = Some(SimTime(now)));
        }
        slot.stage = CallStage::Reply(result);
        slot.attempt = Attempt::first(now);
        self.launch(index, slot, Leg::Reply);
    }

    /// The result is back at the caller.
    pub(super) fn finish(&self, index: u32) {
        let world = &self.world;
        let mut slots = self.slots.borrow_mut();
        let slot = &mut slots[index];
        if let Some(trace) = &slot.trace {
            trace.record(|phases| phases.returned = Some(world.now()));
        }
        let stage = std::mem::replace(&mut slot.stage, CallStage::Spent);
        let CallStage::Reply(result) = stage else {
            return;
        };
        if let Some(caller) = slot.caller.take() {
            world.net.count(|counters| match result {
                Ok(_) => counters.replies += 1,
                Err(_) => counters.errors += 1,
            });
            slot.stage = CallStage::Done(result);
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
    pub(super) fn cancel(&self, index: u32) {
        let world = &self.world;
        let mut slots = self.slots.borrow_mut();
        let slot = &mut slots[index];
        slot.cancel = None;
        match &slot.stage {
            CallStage::Request(_) => {
                let revoked = std::mem::replace(&mut slot.stage, CallStage::Revoked);
                drop(slots);
                drop(revoked);
            }
            CallStage::Serving(task) => {
                let task = *task;
                let to = slot.to;
                if let Some(trace) = &slot.trace {
                    trace.record(|phases| phases.cancelled = Some(world.now()));
                }
                slot.stage = CallStage::Spent;
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
        let slot = slots.get(slot)?;
        let (from, to) = slot.ends(leg);
        let (sent_at, kind) = match (leg, &slot.stage) {
            (Leg::Cancel, _) => (slot.cancel?.sent_at, FlightKind::Cancel),
            (Leg::Reply, CallStage::Reply(Err(_))) => (slot.attempt.sent_at, FlightKind::Error),
            (Leg::Reply, _) => (slot.attempt.sent_at, FlightKind::Reply),
            _ => (slot.attempt.sent_at, FlightKind::Request),
        };
        Some((from, to, SimTime(sent_at), kind, slot.tag))
    }

    fn forget_node(&self, node: NodeId) {
        self.handlers.forget_node(node);
    }

    fn census(&self) -> (usize, usize) {
        self.slots.borrow().census()
    }

    fn clear(&self) {
        self.handlers.clear();
    }
}
