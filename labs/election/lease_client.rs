//! The lease as one life of a candidate sees it: what the pattern calls, said in the store's own words.

use super::beliefs::Contact;
use super::lease_server::Notice;
use super::pattern::{Answer, LeaseStore, Times, Token, Unreachable, Watched};
use super::settings::OnStop;
use super::store::{Record, Session, StoreReply, StoreRequest};
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
    pub watched: Watched,
    /// What the store granted last, if it has.
    granted: Cell<Option<Duration>>,
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
            world: Rc::clone(world),
            who,
            watched: Watched::default(),
            granted: Cell::new(None),
            notice,
        }
    }

    async fn ask(&self, ask: StoreRequest) -> Answer<StoreReply> {
        let call = engine::net().call::<StoreRequest, StoreReply>(self.world.store, ask);
        let reply = call.await.map_err(|_| Unreachable)?;
        if let StoreReply::Granted(_, lease) | StoreReply::Renewed(lease) = reply {
            self.granted.set(Some(lease));
        }
        Ok(reply)
    }

    /// Whether it knows that the store hears it.
    fn is_in(&self, contact: Contact) {
        let candidate = self.who.candidate as usize;
        self.world.beliefs.contact(candidate, contact);
    }

    fn lease(&self) -> Duration {
        self.world.lease()
    }

    /// Kubernetes: reads the record, judges by this candidate's own clock, replaces it.
    async fn look_and_swap(&self, may: impl Fn(&Record) -> bool) -> Answer<Option<Token>> {
        let StoreReply::Record(record) = self.ask(StoreRequest::Look).await? else {
            return Ok(None);
        };
        if !may(&record) {
            return Ok(None);
        }
        let swap = StoreRequest::Swap {
            version: record.version,
            holder: Some(self.who),
            lease: in_whole_seconds(self.lease()),
        };
        Ok(match self.ask(swap).await? {
            StoreReply::Record(mine) => Some(Token(mine.transitions)),
            _ => None,
        })
    }

    fn is_mine(&self, record: &Record) -> bool {
        record.holder == Some(self.who)
    }

    /// One attempt to get the lease, in the store's own words.
    async fn attempt(&self) -> Answer<Option<Token>> {
        if self.world.by_own_clock() {
            let may = |record: &Record| {
                let silent = self.watched.has_stood_still(record.version, record.lease);
                record.holder.is_none() || self.is_mine(record) || silent
            };
            return self.look_and_swap(may).await;
        }
        let acquire = StoreRequest::Acquire {
            who: self.who,
            lease: self.lease(),
        };
        Ok(match self.ask(acquire).await? {
            StoreReply::Granted(token, _) => Some(token),
            // A second command, tied to the first by nothing: that is the best Redis has.
            StoreReply::GrantedBare => match self.ask(StoreRequest::Count).await? {
                StoreReply::Counted(number) => Some(Token(number)),
                _ => None,
            },
            _ => None,
        })
    }
}

/// As `leaseDurationSeconds` holds it, which has no fractions: client-go cuts them off. A lease below a second
/// can't be written there at all; the lab takes it as it is.
fn in_whole_seconds(lease: Duration) -> Duration {
    match lease.as_secs() {
        0 => lease,
        seconds => Duration::from_secs(seconds),
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
        let answer = self.attempt().await;
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
        let answer = if self.world.by_own_clock() {
            let mine = self.look_and_swap(|record| self.is_mine(record)).await;
            mine.map(|token| token.is_some())
        } else {
            let renew = StoreRequest::Renew {
                who: self.who,
                lease: self.lease(),
            };
            let reply = self.ask(renew).await;
            reply.map(|reply| matches!(reply, StoreReply::Renewed(_)))
        };
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
        if !self.world.by_own_clock() {
            return self
                .ask(StoreRequest::Release { who: self.who })
                .await
                .map(drop);
        }
        if let StoreReply::Record(record) = self.ask(StoreRequest::Look).await?
            && self.is_mine(&record)
        {
            let version = record.version;
            self.ask(StoreRequest::Swap {
                version,
                holder: None,
                lease: Duration::ZERO,
            })
            .await?;
        }
        Ok(())
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
        self.world.times(self.granted.get())
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
