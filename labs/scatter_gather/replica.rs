//! One replica of a leaf: its queue, what travels to it, and its side of a tied request.

use super::index::Query;
use super::pattern::Hit;
use super::request::Request;
use crate::engine::{NodeId, Server};
use std::cell::RefCell;
use std::collections::VecDeque;
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
    pub desk: Server,
    /// Tied searches that wait in the queue, by request.
    waiting: RefCell<Vec<(u64, oneshot::Sender<()>)>>,
    /// Withdrawals that came before the search they are about: the twin was quick.
    early: RefCell<VecDeque<u64>>,
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
        let (waiting, early) = (RefCell::default(), RefCell::default());
        Self {
            node,
            desk: Server::new(slots),
            waiting,
            early,
        }
    }

    /// Puts a tied search on the list; none when it has been withdrawn already.
    pub fn may_be_withdrawn(&self, request: u64) -> Option<oneshot::Receiver<()>> {
        let mut early = self.early.borrow_mut();
        if let Some(place) = early.iter().position(|withdrawn| *withdrawn == request) {
            early.remove(place);
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.waiting.borrow_mut();
        // Those that were cancelled in the queue leave a sender without a receiver.
        waiting.retain(|(_, sender)| !sender.is_closed());
        waiting.push((request, sender));
        Some(receiver)
    }

    /// The search has its slot: it can't be withdrawn any more.
    pub fn settle(&self, request: u64) {
        self.waiting
            .borrow_mut()
            .retain(|(waiting, _)| *waiting != request);
    }

    pub fn forget(&self, request: u64) {
        let mut waiting = self.waiting.borrow_mut();
        if let Some(place) = waiting.iter().position(|(waiting, _)| *waiting == request) {
            let (_, sender) = waiting.swap_remove(place);
            // Cancelled just now: nobody is left to be told.
            let _ = sender.send(());
            return;
        }
        drop(waiting);
        let mut early = self.early.borrow_mut();
        if early.len() == EARLY_MAX {
            early.pop_front();
        }
        early.push_back(request);
    }

    /// Its process died: what it remembered is gone.
    pub fn lose_memory(&self) {
        self.waiting.borrow_mut().clear();
        self.early.borrow_mut().clear();
    }

    pub fn is_slow(&self) -> bool {
        self.desk.factor() > 1.0
    }
}
