//! One call on its way through its life, and the slab that keeps all calls of one pair of types.

use super::{CallError, CallTrace, Leg};
use crate::engine::executor::TaskRef;
use crate::engine::node::NodeId;
use crate::engine::wake::WakeTarget;
use std::num::NonZeroU8;
use std::ops::{Index, IndexMut};

/// After so many nanoseconds the transport below calls sends a lost message again, and doubles that each time. 200 ms is
/// Linux's least retransmission timeout (`TCP_RTO_MIN`).
const RETRANSMIT_AFTER: u64 = 200_000_000;
/// So long after the first attempt it gives up, and the caller gets `Unreachable`. Three seconds are the lab's choice: real
/// transports try for minutes, which teaches no more and takes longer.
pub(super) const RETRANSMIT_UNTIL: u64 = 3_000_000_000;

pub(super) enum CallStage<Req, Rep> {
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

/// One leg under way: when it was sent last, and the number of that attempt.
#[derive(Clone, Copy)]
pub(super) struct Attempt {
    pub sent_at: u64,
    pub number: NonZeroU8,
}

impl Attempt {
    pub fn first(now: u64) -> Self {
        Self {
            sent_at: now,
            number: NonZeroU8::MIN,
        }
    }

    /// The wait before the next attempt: doubled with each.
    pub fn patience(self) -> u64 {
        RETRANSMIT_AFTER << (self.number.get() - 1).min(16)
    }

    /// When the first attempt was: the waits before this one add up to one less than the next, in units of the first.
    pub fn began_at(self) -> u64 {
        self.sent_at
            .saturating_sub(self.patience() - RETRANSMIT_AFTER)
    }
}

pub(super) struct CallSlot<Req, Rep> {
    pub stage: CallStage<Req, Rep>,
    /// None: the caller is gone.
    pub caller: Option<WakeTarget>,
    pub from: NodeId,
    pub to: NodeId,
    /// The life of the server that the request was sent to.
    pub incarnation: u32,
    pub tag: u8,
    pub key: u64,
    pub serial: u64,
    /// Of the request or of the reply, whichever is under way.
    pub attempt: Attempt,
    pub request_arrives_at: u64,
    pub cancel: Option<Attempt>,
    pub trace: Option<CallTrace>,
}

impl<Req, Rep> CallSlot<Req, Rep> {
    /// The sender and the receiver of a leg.
    pub fn ends(&self, leg: Leg) -> (NodeId, NodeId) {
        match leg {
            Leg::Reply => (self.to, self.from),
            _ => (self.from, self.to),
        }
    }

    pub fn attempt_of(&mut self, leg: Leg) -> &mut Attempt {
        match (leg, &mut self.cancel) {
            (Leg::Cancel, Some(cancel)) => cancel,
            _ => &mut self.attempt,
        }
    }

    pub fn is_over(&self) -> bool {
        self.caller.is_none() && self.cancel.is_none() && matches!(self.stage, CallStage::Spent)
    }
}

/// A slab in which a call that ends stays where it is until its slot is used again: nothing of it is moved.
pub(super) struct Slots<Req, Rep> {
    all: Vec<CallSlot<Req, Rep>>,
    free: Vec<u32>,
}

impl<Req, Rep> Default for Slots<Req, Rep> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<Req, Rep> Slots<Req, Rep> {
    pub fn insert(&mut self, call: CallSlot<Req, Rep>) -> u32 {
        if let Some(index) = self.free.pop() {
            self.all[index as usize] = call;
            index
        } else {
            self.all.push(call);
            (self.all.len() - 1) as u32
        }
    }

    /// Frees a slot whose call is over.
    pub fn release(&mut self, index: u32) {
        debug_assert!(self[index].is_over(), "a call is freed before its end");
        self.free.push(index);
    }

    pub fn get(&self, index: u32) -> Option<&CallSlot<Req, Rep>> {
        self.all.get(index as usize)
    }

    /// Calls alive, and slots there are.
    pub fn census(&self) -> (usize, usize) {
        (self.all.len() - self.free.len(), self.all.len())
    }
}

impl<Req, Rep> Index<u32> for Slots<Req, Rep> {
    type Output = CallSlot<Req, Rep>;

    fn index(&self, index: u32) -> &CallSlot<Req, Rep> {
        &self.all[index as usize]
    }
}

impl<Req, Rep> IndexMut<u32> for Slots<Req, Rep> {
    fn index_mut(&mut self, index: u32) -> &mut CallSlot<Req, Rep> {
        &mut self.all[index as usize]
    }
}
