//! One request as the lab sees it: which calls were made for it and how each fared. What meters and
//! the waterfall read.

use super::fleet::shard_name;
use super::keys::KeyId;
use super::pattern::ShardId;
use crate::engine::{self, CallTrace, CallTraces, SimTime};
use std::cell::{Cell, RefCell};

/// A request in progress.
pub struct Request {
    /// From 1.
    pub number: u64,
    pub key: KeyId,
    pub kind: Kind,
    pub arrived: SimTime,
    traces: CallTraces,
    calls: RefCell<Vec<CallNote>>,
    /// A read of which every part came from a cache.
    pub all_hits: Cell<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Read,
    Write,
}

/// One call, to a shard or to the origin.
pub struct CallNote {
    pub to: Callee,
    pub what: &'static str,
    pub trace: CallTrace,
    pub asked: SimTime,
    pub end: Option<(SimTime, CallEnd)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callee {
    Shard(ShardId),
    Origin,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallEnd {
    Done,
    Miss,
    /// The request was given up.
    Cancelled,
    Failed(String),
}

impl Request {
    pub fn new(number: u64, key: KeyId, kind: Kind, arrived: SimTime) -> Self {
        Self {
            number,
            key,
            kind,
            arrived,
            traces: CallTraces::with_capacity(2),
            calls: RefCell::new(Vec::with_capacity(2)),
            all_hits: Cell::new(true),
        }
    }

    /// Notes a call that goes out now.
    pub fn opens(&self, to: Callee, what: &'static str) -> OpenCall<'_> {
        let trace = self.traces.open();
        let mut calls = self.calls.borrow_mut();
        calls.push(CallNote {
            to,
            what,
            trace: trace.clone(),
            asked: engine::now(),
            end: None,
        });
        OpenCall {
            request: self,
            place: calls.len() - 1,
            trace,
        }
    }

    /// The names of the shards that were called so, each once.
    pub fn shards_called(&self, what: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for call in self.calls().iter().filter(|call| call.what == what) {
            if let Callee::Shard(id) = call.to
                && !names.contains(&shard_name(id))
            {
                names.push(shard_name(id));
            }
        }
        names
    }

    pub fn calls(&self) -> std::cell::Ref<'_, Vec<CallNote>> {
        self.calls.borrow()
    }
}

/// A call in progress. Without an end it was cancelled: its request was given up.
pub struct OpenCall<'a> {
    request: &'a Request,
    place: usize,
    pub trace: CallTrace,
}

impl OpenCall<'_> {
    pub fn ends(self, end: CallEnd) {
        let now = engine::now();
        self.request.calls.borrow_mut()[self.place].end = Some((now, end));
    }
}
