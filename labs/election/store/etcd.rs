//! etcd: a key under a lease, created if absent. Its leader revokes leases that have run out, looking
//! every half second: late, never early. A new leader extends all of them. The revision at which the
//! key was created is the token; deleting the key takes a revision too, so numbers are skipped.

use super::{Ask, GRANTED_BEFORE, Holder, Session, Store, Told, whole};
use crate::election::pattern::Token;
use crate::engine::SimTime;
use std::time::Duration;

/// How often its leader looks for leases that have run out.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A TTL is a whole number of seconds.
const TTL_UNIT: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct Etcd {
    key: Option<Key>,
    revision: u64,
    /// Who asked in vain: they watch the key.
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

impl Default for Etcd {
    fn default() -> Self {
        Self {
            key: None,
            revision: GRANTED_BEFORE,
            watching: Vec::new(),
            notices: Vec::new(),
        }
    }
}

impl Store for Etcd {
    fn ask(&mut self, ask: Ask, now: SimTime) -> Told {
        let mine = |who| self.key.as_ref().is_some_and(|key| key.who == who);
        match ask {
            Ask::Acquire { who, lease } if self.key.is_none() => {
                self.revision += 1;
                let (token, ttl) = (Token(self.revision), whole(lease, TTL_UNIT));
                let ends = now + ttl;
                self.key = Some(Key {
                    who,
                    token,
                    ttl,
                    ends,
                });
                self.watching.retain(|watching| *watching != who);
                Told::Granted(token)
            }
            Ask::Acquire { who, .. } => {
                // One watch for each candidate, of its newest life.
                self.watching
                    .retain(|other| other.candidate != who.candidate);
                self.watching.push(who);
                Told::No
            }
            Ask::Renew { who, .. } if mine(who) => {
                self.extend(now);
                Told::Yes
            }
            Ask::Release { who } if mine(who) => {
                self.delete();
                Told::Yes
            }
            _ => Told::No,
        }
    }

    fn holder(&self) -> Option<Holder> {
        let key = self.key.as_ref()?;
        Some(Holder {
            who: key.who,
            token: Some(key.token),
        })
    }

    fn promised_until(&self) -> Option<SimTime> {
        self.key.as_ref().map(|key| key.ends)
    }

    fn next_end(&self) -> Option<SimTime> {
        let ends = self.promised_until()?;
        Some(whole(ends.into(), LOOK_EVERY).into())
    }

    fn end(&mut self, now: SimTime) {
        if self.next_end().is_some_and(|end| end <= now) {
            self.delete();
        }
    }

    fn notices(&mut self) -> Vec<Session> {
        std::mem::take(&mut self.notices)
    }

    fn recover(&mut self, now: SimTime) {
        self.extend(now);
    }
}

impl Etcd {
    fn extend(&mut self, now: SimTime) {
        if let Some(key) = &mut self.key {
            key.ends = now + key.ttl;
        }
    }

    fn delete(&mut self) {
        self.key = None;
        self.revision += 1;
        self.notices.append(&mut self.watching);
    }
}
