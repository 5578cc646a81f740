//! One replica of a leaf: its queue, what travels to it, and its side of a tied request.

use super::health::Health;
use super::index::Query;
use super::pattern::Hit;
use super::request::Request;
use crate::engine::{NodeId, Server};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use tokio::sync::oneshot;

/// What travels to a replica.
#[derive(Clone)]
pub struct Search {
    pub query: Query,
    /// The node that has the same search in its queue.
    pub twin: Option<NodeId>,
    /// For the meters only: a leaf reads nothing of it but its number.
    pub request: Rc<Request>,
}

/// What comes back from a replica that was reached.
pub enum Found {
    Hits(Vec<Hit>),
    /// The twin has started on it.
    Withdrawn,
}

/// To the twin: this request is being worked on, forget it.
#[derive(Clone, Copy)]
pub struct Forget {
    pub request: u64,
}

/// One replica of one leaf.
pub struct Replica {
    pub node: NodeId,
    pub server: Server,
    pub health: Health,
    /// Tied searches that wait in the queue, by request.
    waiting: RefCell<BTreeMap<u64, oneshot::Sender<()>>>,
    /// Withdrawals that came before the search they are about: the twin was quick.
    early: RefCell<BTreeSet<u64>>,
}

/// A tied search on the list of those that may be withdrawn, until this is dropped.
pub struct Waiting<'a> {
    replica: &'a Replica,
    request: u64,
    pub withdrawn: oneshot::Receiver<()>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.replica.waiting.borrow_mut().remove(&self.request);
    }
}

/// Withdrawals that are remembered for searches still on their way.
const EARLY_MAX: usize = 1_000;

/// Marks the message to a twin in the picture.
pub const TWIN_TAG: u8 = 255;

/// `leaf 3`, or `leaf 3b` when there are several replicas.
pub fn replica_name(leaf: usize, replica: usize, replicas: usize) -> String {
    match replicas {
        1 => format!("leaf {}", leaf + 1),
        _ => format!("leaf {}{}", leaf + 1, letter(replica)),
    }
}

pub fn letter(replica: usize) -> char {
    char::from(b'a' + replica as u8)
}

impl Replica {
    pub fn new(node: NodeId, slots: Option<usize>) -> Self {
        Self {
            node,
            server: Server::new(slots),
            health: Health::default(),
            waiting: RefCell::default(),
            early: RefCell::default(),
        }
    }

    /// Puts a tied search on the list; none when it has been withdrawn already.
    pub fn may_be_withdrawn(&self, request: u64) -> Option<Waiting<'_>> {
        if self.early.borrow_mut().remove(&request) {
            return None;
        }
        let (sender, withdrawn) = oneshot::channel();
        self.waiting.borrow_mut().insert(request, sender);
        Some(Waiting {
            replica: self,
            request,
            withdrawn,
        })
    }

    /// The twin works on this request. One that has its slot already is not on the list any more.
    pub fn forget(&self, request: u64) {
        if let Some(sender) = self.waiting.borrow_mut().remove(&request) {
            // Cancelled just now: nobody is left to be told.
            let _ = sender.send(());
            return;
        }
        let mut early = self.early.borrow_mut();
        early.insert(request);
        if early.len() > EARLY_MAX {
            early.pop_first();
        }
    }

    /// Its process died: what it remembered is gone.
    pub fn lose_memory(&self) {
        self.waiting.borrow_mut().clear();
        self.early.borrow_mut().clear();
    }

    pub fn is_slow(&self) -> bool {
        self.server.factor() > 1.0
    }
}
