//! One Redis: `SET lock … NX PX`, renewed and deleted only if the value is still one's own: by a script that
//! compares, or, since 8.4, by `SET … IFEQ` and `DELEX lock IFEQ`. Keys expire by the server's *wall* clock, so
//! that a lock ends early when that is set forward (Redis documentation, Distributed locks). There is no token; what one counts with `INCR` is a key of its own, tied to nothing. Without persistence a
//! crash forgets both: a replica that has not seen the lock yet does as much.

use super::{GRANTED_BEFORE, Holder, Session, Store, StoreReply, StoreRequest};
use crate::engine::SimTime;
use std::time::Duration;

#[derive(Debug)]
pub struct Redis {
    lock: Option<(Session, SimTime)>,
    counter: u64,
}

impl Default for Redis {
    fn default() -> Self {
        Self {
            lock: None,
            counter: GRANTED_BEFORE,
        }
    }
}

impl Store for Redis {
    fn ask(&mut self, ask: StoreRequest, now: SimTime) -> StoreReply {
        match ask {
            StoreRequest::Acquire { who, lease } if self.lock.is_none() => {
                self.lock = Some((who, now + lease));
                StoreReply::GrantedBare
            }
            StoreRequest::Renew { who, lease } if self.is(who) => {
                self.lock = Some((who, now + lease));
                StoreReply::Renewed(lease)
            }
            StoreRequest::Release { who } if self.is(who) => {
                self.lock = None;
                StoreReply::Yes
            }
            StoreRequest::Count => {
                self.counter += 1;
                StoreReply::Counted(self.counter)
            }
            _ => StoreReply::No,
        }
    }

    fn holder(&self) -> Option<Holder> {
        self.lock.map(|(who, _)| Holder { who, token: None })
    }

    fn promised_until(&self) -> Option<SimTime> {
        self.next_end()
    }

    fn next_end(&self) -> Option<SimTime> {
        self.lock.map(|(_, end)| end)
    }

    fn end(&mut self, now: SimTime) {
        self.lock.take_if(|(_, end)| *end <= now);
    }

    fn wall_clock_jumps(&mut self, by: Duration) {
        if let Some((_, end)) = &mut self.lock {
            end.0 = end.0.saturating_sub(SimTime::from(by).0);
        }
    }

    fn recover(&mut self, _: SimTime) {
        *self = Self {
            lock: None,
            counter: GRANTED_BEFORE,
        };
    }
}

impl Redis {
    fn is(&self, who: Session) -> bool {
        self.lock.is_some_and(|(holder, _)| holder == who)
    }
}
