//! The lease as one life of a candidate sees it: what the pattern calls, said in the store's own words.

use super::asking::Asking;
use super::beliefs::Contact;
use super::lease_server::Notice;
use super::pattern::{Answer, LeaseStore, Times, Token, Unreachable};
use super::settings::{OnStop, StopAt};
use super::store::{Backend, Session};
use super::world::World;
use crate::engine::{self, Source};
use std::cell::{Cell, RefCell};
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;

pub struct LeaseClient {
    pub world: Rc<World>,
    pub who: Session,
    asking: Asking,
    pub jitter: RefCell<engine::Stream>,
    /// The store has said that the lease may be free.
    pub notice: Rc<Notify>,
}

impl LeaseClient {
    /// One life of a candidate, on its node.
    pub fn new(world: &Rc<World>, who: Session) -> Self {
        let notice = Rc::clone(&world.attempts[who.candidate as usize].notice);
        let notified = Rc::clone(&notice);
        engine::net().receive(engine::current_node(), move |_: Notice, _| {
            notified.notify_waiters();
            std::future::ready(())
        });
        let stream = format!("retry {} {}", who.candidate, who.boots);
        Self {
            jitter: RefCell::new(world.sim.stream(&stream)),
            asking: Asking::new(who, world.knobs.backend.get(), world.store),
            world: Rc::clone(world),
            who,
            notice,
        }
    }

    /// Whether it knows that the store hears it.
    fn is_in(&self, contact: Contact) {
        let candidate = self.who.candidate as usize;
        self.world.beliefs.contact(candidate, contact);
    }
}

/// A candidate's attempts to get the lease, for whoever waits to see what the next one comes to.
#[derive(Debug, Default)]
pub struct Attempts {
    /// Wakes the candidate: it is worth asking.
    pub notice: Rc<Notify>,
    ended: Notify,
    last: Cell<Option<Answer<Option<Token>>>>,
}

impl Attempts {
    fn has_ended(&self, answer: Answer<Option<Token>>) {
        self.last.set(Some(answer));
        self.ended.notify_waiters();
    }

    /// Wakes the candidate. What came of the attempt that follows, or that was on its way.
    pub async fn next(&self) -> Answer<Option<Token>> {
        let ended = self.ended.notified();
        self.notice.notify_waiters();
        ended.await;
        self.last.get().unwrap_or(Err(Unreachable))
    }
}

impl LeaseStore for LeaseClient {
    async fn acquire(&self) -> Answer<Option<Token>> {
        if self.world.stops(self.who).is_requested() {
            return Ok(None);
        }
        let answer = self.asking.acquire(self.world.lease()).await;
        if answer.is_ok() {
            self.is_in(Contact::Connected);
        }
        self.world.attempts[self.who.candidate as usize].has_ended(answer);
        answer
    }

    async fn renew(&self, _: Token) -> Answer<bool> {
        let attempt = Attempt {
            world: &self.world,
            candidate: self.who.candidate as usize,
            answered: Cell::new(false),
            done: Cell::new(false),
        };
        let answer = self.asking.renew(self.world.lease()).await;
        match answer {
            Ok(true) => self.is_in(Contact::Connected),
            Ok(false) => self.is_in(Contact::Expired),
            Err(Unreachable) => {}
        }
        attempt.answered.set(answer.is_ok());
        attempt.done.set(answer == Ok(true));
        answer
    }

    async fn release(&self, _: Token) -> Answer<()> {
        if self.world.knobs.on_stop.get() == OnStop::Keep {
            return Ok(());
        }
        self.asking.release().await
    }

    async fn worth_asking(&self, retry: Duration) {
        // client-go's: from the period to 2.2 times as much.
        let factor = 1.0 + 1.2 * self.jitter.borrow_mut().uniform();
        let notified = self.notice.notified();
        let waited = engine::timeout(retry.mul_f64(factor), notified);
        let stop = self.world.stops(self.who);
        tokio::select! {
            biased;
            () = stop.requested() => {
                stop.has_left();
                pending::<()>().await;
            }
            _ = waited => {}
        }
    }

    fn times(&self) -> Times {
        let knobs = &self.world.knobs;
        let times = self.asking.times(
            knobs.lease.get(),
            knobs.renew_deadline.get(),
            knobs.retry_period.get(),
        );
        // An owner that goes by the word `expired` of `ZooKeeper` has no deadline of its own.
        let by_the_word =
            self.asking.backend == Backend::Zookeeper && knobs.stop_at.get() == StopAt::Expired;
        if by_the_word {
            Times {
                renew_deadline: Duration::MAX,
                ..times
            }
        } else {
            times
        }
    }
}

/// A renewal in progress; one that is given up counts as failed, as does one that is refused. One without an
/// answer leaves its candidate disconnected.
struct Attempt<'a> {
    world: &'a World,
    candidate: usize,
    answered: Cell<bool>,
    done: Cell<bool>,
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        // A renewal that dies with its process has not failed.
        if self.done.get() || !self.world.sim.is_up(self.world.node(self.candidate)) {
            return;
        }
        self.world.meters.renewals_failed_total.increment();
        if !self.answered.get() {
            let disconnected = Contact::Disconnected;
            self.world.beliefs.contact(self.candidate, disconnected);
        }
    }
}
