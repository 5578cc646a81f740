//! etcd: a key under a lease. Its leader revokes leases that have run out, looking every half second: late,
//! never early. A new leader extends all of them. A renewal is noted by the leader alone and doesn't pass through
//! Raft. The revision at which the key was created is the token; deleting a key takes a revision too, so
//! numbers are skipped.
//!
//! Candidates create one key, if it is absent; or, as in etcd's own recipe (`client/v3/concurrency`), each
//! creates a key of its own, the one with the lowest revision owns, and each of the others watches the one
//! before it.
//!
//! Sources: etcd-io/etcd, `server/lease/lessor.go` (`Promote`, `revokeExpiredLeases`),
//! `server/etcdserver/server.go` (`MinLeaseTTL`) and `v3_server.go` (`LeaseRenew`).

use super::{GRANTED_BEFORE, Holder, Session, Store, StoreReply, StoreRequest, whole};
use crate::election::pattern::Token;
use crate::engine::SimTime;
use std::time::Duration;

/// How often its leader looks for leases that have run out.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A TTL is a whole number of seconds.
const TTL_UNIT: Duration = Duration::from_secs(1);
/// One and a half election timeouts of 1 s, rounded up to whole seconds: no lease is shorter.
const TTL_MIN: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub struct Etcd {
    /// Candidates queue by the revision of their keys, and don't race to create one.
    in_line: bool,
    /// In the order of their revisions: the first one owns.
    keys: Vec<Key>,
    revision: u64,
    /// Who asked in vain for the one key: they watch it.
    watching: Vec<Session>,
    notices: Vec<Session>,
}

#[derive(Debug)]
struct Key {
    who: Session,
    token: Token,
    ttl: Duration,
    ends: SimTime,
}

impl Etcd {
    pub fn new(in_line: bool) -> Self {
        Self {
            in_line,
            keys: Vec::new(),
            revision: GRANTED_BEFORE,
            watching: Vec::new(),
            notices: Vec::new(),
        }
    }
}

impl Store for Etcd {
    fn ask(&mut self, ask: StoreRequest, now: SimTime) -> StoreReply {
        match ask {
            StoreRequest::Acquire { who, lease } => self.acquire(who, lease, now),
            StoreRequest::Renew { who, .. } => self
                .extend(who, now)
                .map_or(StoreReply::No, StoreReply::Renewed),
            StoreRequest::Release { who } if self.keys.iter().any(|key| key.who == who) => {
                self.delete(|key| key.who == who);
                StoreReply::Yes
            }
            _ => StoreReply::No,
        }
    }

    fn holder(&self) -> Option<Holder> {
        let key = self.keys.first()?;
        Some(Holder {
            who: key.who,
            token: Some(key.token),
        })
    }

    fn promised_until(&self) -> Option<SimTime> {
        self.keys.first().map(|key| key.ends)
    }

    fn next_end(&self) -> Option<SimTime> {
        self.keys.iter().map(Key::is_revoked_at).min()
    }

    fn end(&mut self, now: SimTime) {
        self.delete(|key| key.is_revoked_at() <= now);
    }

    fn notices(&mut self) -> Vec<Session> {
        std::mem::take(&mut self.notices)
    }

    fn recover(&mut self, now: SimTime) {
        for key in &mut self.keys {
            key.ends = now + key.ttl;
        }
    }
}

impl Key {
    /// The leader looks only so often.
    fn is_revoked_at(&self) -> SimTime {
        whole(self.ends.into(), LOOK_EVERY).into()
    }
}

impl Etcd {
    fn acquire(&mut self, who: Session, lease: Duration, now: SimTime) -> StoreReply {
        let known = self.extend(who, now).is_some();
        if !known && (self.in_line || self.keys.is_empty()) {
            self.revision += 1;
            let ttl = whole(lease, TTL_UNIT).max(TTL_MIN);
            self.keys.push(Key {
                who,
                token: Token(self.revision),
                ttl,
                ends: now + ttl,
            });
            self.watching.retain(|watching| *watching != who);
        }
        match self.keys.first() {
            Some(first) if first.who == who => StoreReply::Granted(first.token, first.ttl),
            _ => {
                if !self.in_line {
                    // One watch for each candidate, of its newest life.
                    self.watching
                        .retain(|other| other.candidate != who.candidate);
                    self.watching.push(who);
                }
                StoreReply::No
            }
        }
    }

    /// Returns for how long.
    fn extend(&mut self, who: Session, now: SimTime) -> Option<Duration> {
        let key = self.keys.iter_mut().find(|key| key.who == who)?;
        key.ends = now + key.ttl;
        Some(key.ttl)
    }

    /// Whoever waits for the first key is told: all who race for it, or the next in line.
    fn delete(&mut self, goes: impl Fn(&Key) -> bool) {
        let (count, first) = (self.keys.len(), self.keys.first().map(|key| key.token));
        self.keys.retain(|key| !goes(key));
        self.revision += (count - self.keys.len()) as u64;
        if self.keys.first().map(|key| key.token) != first {
            self.notices.append(&mut self.watching);
            self.notices.extend(self.keys.first().map(|key| key.who));
        }
    }
}
