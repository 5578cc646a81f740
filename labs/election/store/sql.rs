//! A database's advisory lock, or a row that a transaction holds by `SELECT … FOR UPDATE`: exclusive, and without
//! an expiry. It lasts as long as its session does. A *process* that dies closes its connection, and the session
//! ends at once. A machine that loses power, or is cut off, leaves the connection half-open: nobody ends that
//! session, unless the server minds silence (`keepalive`; in Postgres `tcp_keepalives_idle`). It asks the client's
//! kernel, which answers for a process whatever that does, and not from a machine that stands still. A sequence in
//! the same transaction is the token.

use super::{GRANTED_BEFORE, Holder, Session, Store, StoreReply, StoreRequest};
use crate::election::pattern::Token;
use crate::engine::SimTime;
use std::time::Duration;

#[derive(Debug)]
pub struct Sql {
    lock: Option<Lock>,
    sequence: u64,
    keepalive: Option<Duration>,
}

#[derive(Debug)]
struct Lock {
    who: Session,
    token: Token,
    heard: SimTime,
    kernel_answers: bool,
}

impl Default for Sql {
    fn default() -> Self {
        Self {
            lock: None,
            sequence: GRANTED_BEFORE,
            keepalive: None,
        }
    }
}

impl Store for Sql {
    fn ask(&mut self, ask: StoreRequest, now: SimTime) -> StoreReply {
        match (ask, &mut self.lock) {
            (StoreRequest::Acquire { who, lease }, None) => {
                self.sequence += 1;
                let token = Token(self.sequence);
                self.lock = Some(Lock {
                    who,
                    token,
                    heard: now,
                    kernel_answers: false,
                });
                StoreReply::Granted(token, lease)
            }
            // The session has it already.
            (StoreRequest::Acquire { who, lease }, Some(lock)) if lock.who == who => {
                lock.heard = now;
                StoreReply::Granted(lock.token, lease)
            }
            (StoreRequest::Renew { who, lease }, Some(lock)) if lock.who == who => {
                lock.heard = now;
                StoreReply::Renewed(lease)
            }
            (StoreRequest::Release { who }, Some(lock)) if lock.who == who => {
                self.lock = None;
                StoreReply::Yes
            }
            _ => StoreReply::No,
        }
    }

    fn holder(&self) -> Option<Holder> {
        let lock = self.lock.as_ref()?;
        Some(Holder {
            who: lock.who,
            token: Some(lock.token),
        })
    }

    fn promised_until(&self) -> Option<SimTime> {
        let lock = self.lock.as_ref()?;
        Some(
            self.keepalive
                .map_or(SimTime::MAX, |keepalive| lock.heard + keepalive),
        )
    }

    fn next_end(&self) -> Option<SimTime> {
        Some(self.lock.as_ref()?.heard + self.keepalive?)
    }

    fn end(&mut self, now: SimTime) {
        if self.next_end().is_some_and(|end| end <= now) {
            match &mut self.lock {
                Some(lock) if lock.kernel_answers => lock.heard = now,
                _ => self.lock = None,
            }
        }
    }

    fn hangs_up(&mut self, who: Session) {
        self.lock.take_if(|lock| lock.who == who);
    }

    fn kernel_answers(&mut self, answers: bool) {
        if let Some(lock) = &mut self.lock {
            lock.kernel_answers = answers;
        }
    }

    /// Sessions don't survive; the sequence does.
    fn recover(&mut self, _: SimTime) {
        self.lock = None;
    }

    fn breaks_its_word_openly(&self) -> bool {
        true
    }

    fn set_keepalive(&mut self, keepalive: Option<Duration>) {
        self.keepalive = keepalive;
    }
}
