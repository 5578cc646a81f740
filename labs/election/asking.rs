//! How one life of a candidate asks for the lease, in its store's own words.

use super::pattern::{Answer, Times, Token, Unreachable, Watched};
use super::store::{Backend, Record, Session, StoreReply, StoreRequest};
use crate::engine::{self, NodeId};
use std::cell::Cell;
use std::time::Duration;

/// One life of a candidate to its store.
#[derive(Debug)]
pub struct Asking {
    pub who: Session,
    pub backend: Backend,
    store: NodeId,
    watched: Watched,
    /// What the store granted last, if it has.
    granted: Cell<Option<Duration>>,
}

impl Asking {
    /// `store` is the node of a [`LeaseServer`](super::lease_server::LeaseServer) with a store of this kind.
    pub fn new(who: Session, backend: Backend, store: NodeId) -> Self {
        Self {
            who,
            backend,
            store,
            watched: Watched::default(),
            granted: Cell::new(None),
        }
    }

    async fn ask(&self, ask: StoreRequest) -> Answer<StoreReply> {
        let call = engine::net().call::<StoreRequest, StoreReply>(self.store, ask);
        let reply = call.await.map_err(|_| Unreachable)?;
        if let StoreReply::Granted(_, lease) | StoreReply::Renewed(lease) = reply {
            self.granted.set(Some(lease));
        }
        Ok(reply)
    }

    /// Kubernetes: reads the record, judges by this candidate's own clock, replaces it.
    async fn look_and_swap(
        &self,
        lease: Duration,
        may: impl Fn(&Record) -> bool,
    ) -> Answer<Option<Token>> {
        let StoreReply::Record(record) = self.ask(StoreRequest::Look).await? else {
            return Ok(None);
        };
        if !may(&record) {
            return Ok(None);
        }
        let swap = StoreRequest::Swap {
            version: record.version,
            holder: Some(self.who),
            lease: in_whole_seconds(lease),
        };
        Ok(match self.ask(swap).await? {
            StoreReply::Record(mine) => Some(Token(mine.transitions)),
            _ => None,
        })
    }

    fn is_mine(&self, record: &Record) -> bool {
        record.holder == Some(self.who)
    }

    /// One attempt to get the lease.
    ///
    /// # Errors
    /// Without an answer.
    pub async fn acquire(&self, lease: Duration) -> Answer<Option<Token>> {
        if self.backend.goes_by_clients_clocks() {
            let may = |record: &Record| {
                let silent = self.watched.has_stood_still(record.version, record.lease);
                record.holder.is_none() || self.is_mine(record) || silent
            };
            return self.look_and_swap(lease, may).await;
        }
        let acquire = StoreRequest::Acquire {
            who: self.who,
            lease,
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

    /// False when it is lost.
    ///
    /// # Errors
    /// Without an answer.
    pub async fn renew(&self, lease: Duration) -> Answer<bool> {
        if self.backend.goes_by_clients_clocks() {
            let mine = self.look_and_swap(lease, |record| self.is_mine(record));
            return mine.await.map(|token| token.is_some());
        }
        let renew = StoreRequest::Renew {
            who: self.who,
            lease,
        };
        let reply = self.ask(renew).await?;
        Ok(matches!(reply, StoreReply::Renewed(_)))
    }

    /// Gives it back.
    ///
    /// # Errors
    /// Without an answer.
    pub async fn release(&self) -> Answer<()> {
        if !self.backend.goes_by_clients_clocks() {
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

    /// These times, but never so long that they would be of no use: the owner must stop before the lease is over for
    /// others (client-go refuses to start otherwise), and must be able to try several times before it stops. What
    /// counts is the lease that the store has granted, or `lease` as long as it has granted none.
    pub fn times(&self, lease: Duration, renew_deadline: Duration, retry: Duration) -> Times {
        let granted = self.granted.get().unwrap_or(lease);
        let renew_deadline = renew_deadline.min(granted * 2 / 3);
        Times {
            renew_deadline,
            retry: retry.min(renew_deadline / 5),
        }
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
