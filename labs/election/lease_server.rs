//! The node that keeps the lease: a [`Store`] behind the network, with its clock.

use super::store::{Holder, Session, Store, StoreReply, StoreRequest};
use crate::engine::{self, Handle, NodeId, SimTime};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;

/// To a candidate: the lease may be free.
#[derive(Debug, Clone, Copy)]
pub struct Notice;

/// Who looks on at a lease server.
pub trait Witness {
    /// Who holds the lease from now on, by the store's own account.
    fn store_says(&self, holder: Option<Holder>, now: SimTime);

    /// `holder` has it; to whom it was `promised` before, and until when.
    fn granted(&self, holder: Holder, promised: Option<(Session, SimTime)>, now: SimTime);

    fn store_is_down(&self, _now: SimTime) {}
}

pub struct LeaseServer {
    store: RefCell<Box<dyn Store>>,
    /// What ends by itself may end at another moment now.
    changed: Notify,
    seen: Cell<Option<Holder>>,
    promised: Cell<Option<(Session, SimTime)>>,
    candidates: RefCell<Vec<NodeId>>,
    kernel_answers: RefCell<Box<dyn Fn(Session) -> bool>>,
    witness: Box<dyn Witness>,
}

impl LeaseServer {
    pub fn new(store: Box<dyn Store>, witness: impl Witness + 'static) -> Rc<Self> {
        Rc::new(Self {
            store: RefCell::new(store),
            changed: Notify::new(),
            seen: Cell::new(None),
            promised: Cell::new(None),
            candidates: RefCell::default(),
            kernel_answers: RefCell::new(Box::new(|_| false)),
            witness: Box::new(witness),
        })
    }

    /// Makes its node, of this name.
    pub fn open(self: &Rc<Self>, sim: &Handle, name: &str) -> NodeId {
        let server = Rc::clone(self);
        let node = sim.add_node(name, move |context| {
            let server = Rc::clone(&server);
            async move {
                if context.boots > 0 {
                    server.recover();
                }
                server.watch_the_clock().await;
            }
        });
        let server = Rc::clone(self);
        sim.net().serve(node, move |ask: StoreRequest, _| {
            let reply = server.ask(ask);
            std::future::ready(reply)
        });
        node
    }

    /// `kernel_answers` tells whether the machine of this life answers it at the moment.
    pub fn know(&self, candidates: &[NodeId], kernel_answers: impl Fn(Session) -> bool + 'static) {
        *self.candidates.borrow_mut() = candidates.to_vec();
        *self.kernel_answers.borrow_mut() = Box::new(kernel_answers);
    }

    pub fn set_keepalive(&self, keepalive: Option<Duration>) {
        self.store.borrow_mut().set_keepalive(keepalive);
        self.changed.notify_one();
    }

    /// The process of this life of a candidate has ended; its kernel closes its connections.
    pub fn hangs_up(&self, who: Session, now: SimTime) {
        self.store.borrow_mut().hangs_up(who);
        if self
            .promised
            .get()
            .is_some_and(|(promised, _)| promised == who)
            && self.holder().is_none()
        {
            self.promised.set(None);
        }
        self.look(now);
    }

    /// Somebody sets the store's wall clock forward.
    pub fn wall_clock_jumps(&self, by: Duration) {
        self.store.borrow_mut().wall_clock_jumps(by);
        self.changed.notify_one();
    }

    pub fn holder(&self) -> Option<Holder> {
        self.store.borrow().holder()
    }

    /// Until when the lease is promised to its holder; none where nothing is promised.
    pub fn promised_until(&self) -> Option<SimTime> {
        self.store.borrow().promised_until()
    }

    fn ask(&self, ask: StoreRequest) -> StoreReply {
        let now = engine::now();
        self.end(now);
        let reply = self.store.borrow_mut().ask(ask, now);
        if let (
            StoreRequest::Release { .. } | StoreRequest::Swap { holder: None, .. },
            StoreReply::Yes | StoreReply::Record(_),
        ) = (ask, reply)
        {
            self.promised.set(None);
        }
        self.look(now);
        reply
    }

    /// What runs out ends at its moment, or as soon as the store is awake again.
    async fn watch_the_clock(&self) {
        loop {
            let next = self.store.borrow().next_end();
            let at = engine::sleep_until(next.unwrap_or(SimTime::MAX));
            tokio::select! {
                biased;
                () = at => {
                    self.end(engine::now());
                    self.look(engine::now());
                }
                () = self.changed.notified() => {}
            }
        }
    }

    fn end(&self, now: SimTime) {
        let answers = self
            .holder()
            .is_some_and(|holder| (self.kernel_answers.borrow())(holder.who));
        {
            let mut store = self.store.borrow_mut();
            store.kernel_answers(answers);
            store.end(now);
        }
        self.look(now);
    }

    fn recover(&self) {
        let now = engine::now();
        self.store.borrow_mut().recover(now);
        self.look(now);
    }

    /// Its process died.
    pub fn crashed(&self, now: SimTime) {
        if self.store.borrow().breaks_its_word_openly() {
            self.promised.set(None);
        }
        self.witness.store_is_down(now);
    }

    /// Takes note of who holds the lease after something has happened.
    fn look(&self, now: SimTime) {
        let (holder, promised, notices) = {
            let mut store = self.store.borrow_mut();
            (store.holder(), store.promised_until(), store.notices())
        };
        let before = self.seen.replace(holder);
        if holder != before || holder.is_none() {
            self.witness.store_says(holder, now);
        }
        if let Some(holder) = holder {
            self.witness.granted(holder, self.promised.get(), now);
            self.promised.set(promised.map(|until| (holder.who, until)));
        }
        for session in notices {
            self.notify(session);
        }
        self.changed.notify_one();
    }

    fn notify(&self, session: Session) {
        if let Some(node) = self.candidates.borrow().get(session.candidate as usize) {
            engine::net().send(*node, Notice);
        }
    }
}
