//! One request as the lab sees it: which calls were made for it, how each fared. The pattern knows
//! nothing of this; it is what meters, checks and the waterfall read.

use super::index::Query;
use crate::engine::{CallTrace, CallTraces, SimTime};
use std::cell::{Cell, RefCell};

/// A request in progress.
#[derive(Debug)]
pub struct Request {
    /// From 1.
    pub number: u64,
    pub query: Query,
    pub arrived: SimTime,
    /// The share of extra calls that it may add: none unless it is hedged.
    pub hedge_budget: Option<f64>,
    /// Its client has given up.
    pub abandoned: Cell<bool>,
    pub traces: CallTraces,
    calls: RefCell<Vec<CallNote>>,
    leaves: RefCell<Vec<LeafNote>>,
}

/// One call to one replica.
#[derive(Debug, Clone)]
pub struct CallNote {
    pub leaf: usize,
    pub replica: usize,
    /// 0 is the first copy; anything else is an extra one.
    pub nth: usize,
    pub trace: CallTrace,
    pub asked: SimTime,
    /// When it was late and the budget of hedges allowed no second copy.
    pub hedge_refused: Option<SimTime>,
    pub end: Option<(SimTime, CallEnd)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallEnd {
    Answered,
    /// Another copy answered first or the root stopped waiting.
    Cancelled,
    /// Its tied twin started first.
    Withdrawn,
    Failed(String),
}

#[derive(Debug, Clone, Copy, Default)]
struct LeafNote {
    begun: u32,
    answered: bool,
    /// A bit for each replica that was asked.
    asked: u8,
}

impl Request {
    pub fn new(
        number: u64,
        query: Query,
        arrived: SimTime,
        fan_out: usize,
        hedge_budget: Option<f64>,
    ) -> Self {
        Self {
            number,
            query,
            arrived,
            hedge_budget,
            abandoned: Cell::new(false),
            traces: CallTraces::with_capacity(fan_out),
            calls: RefCell::new(Vec::with_capacity(fan_out)),
            leaves: RefCell::new(vec![LeafNote::default(); fan_out]),
        }
    }

    /// Notes a call; returns its place.
    pub fn call_opens(&self, note: CallNote) -> usize {
        self.leaves.borrow_mut()[note.leaf].asked |= 1 << note.replica;
        let mut calls = self.calls.borrow_mut();
        calls.push(note);
        calls.len() - 1
    }

    pub fn was_asked(&self, leaf: usize, replica: usize) -> bool {
        self.leaves.borrow()[leaf].asked & 1 << replica != 0
    }

    /// Notes that the budget allowed no hedge of this leaf.
    pub fn hedge_refused(&self, leaf: usize, at: SimTime) {
        let mut calls = self.calls.borrow_mut();
        let first = calls.iter_mut().rev().find(|call| call.leaf == leaf);
        if let Some(call) = first {
            call.hedge_refused = Some(at);
        }
    }

    /// Notes how a call ended. Returns true when it is the first answer of its leaf.
    pub fn call_ends(&self, place: usize, at: SimTime, end: CallEnd) -> bool {
        let mut calls = self.calls.borrow_mut();
        let call = &mut calls[place];
        let answered = end == CallEnd::Answered;
        call.end = Some((at, end));
        let leaf = &mut self.leaves.borrow_mut()[call.leaf];
        let first = answered && !leaf.answered;
        leaf.answered |= answered;
        first
    }

    /// A replica begins to work on it. Returns true when it is not the first of its leaf.
    pub fn search_begins(&self, leaf: usize) -> bool {
        let begun = &mut self.leaves.borrow_mut()[leaf].begun;
        *begun += 1;
        *begun > 1
    }

    pub fn has_answered(&self, leaf: usize) -> bool {
        self.leaves.borrow()[leaf].answered
    }

    /// All calls so far, in the order they were made.
    pub fn calls(&self) -> std::cell::Ref<'_, Vec<CallNote>> {
        self.calls.borrow()
    }
}
