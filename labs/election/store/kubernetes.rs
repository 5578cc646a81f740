//! The Kubernetes Lease: a record that is replaced by compare-and-set, and nothing else. No clock of the
//! server matters; candidates judge by themselves. `leaseTransitions` counts changes of the holder, so
//! a holder that comes back to its own lease has the same token as before.

use super::{GRANTED_BEFORE, Holder, Record, Store, StoreReply, StoreRequest};
use crate::election::pattern::Token;
use crate::engine::SimTime;
use std::time::Duration;

#[derive(Debug)]
pub struct Kubernetes {
    record: Record,
}

impl Default for Kubernetes {
    fn default() -> Self {
        let record = Record {
            version: 1,
            holder: None,
            lease: Duration::ZERO,
            transitions: GRANTED_BEFORE,
        };
        Self { record }
    }
}

impl Store for Kubernetes {
    fn ask(&mut self, ask: StoreRequest, _: SimTime) -> StoreReply {
        match ask {
            StoreRequest::Look => StoreReply::Record(self.record),
            StoreRequest::Swap {
                version,
                holder,
                lease,
            } if version == self.record.version => {
                self.record.version += 1;
                if holder.is_some() && holder != self.record.holder {
                    self.record.transitions += 1;
                }
                self.record.holder = holder;
                self.record.lease = lease;
                StoreReply::Record(self.record)
            }
            _ => StoreReply::No,
        }
    }

    fn holder(&self) -> Option<Holder> {
        let who = self.record.holder?;
        Some(Holder {
            who,
            token: Some(Token(self.record.transitions)),
        })
    }

    fn promised_until(&self) -> Option<SimTime> {
        None
    }

    fn next_end(&self) -> Option<SimTime> {
        None
    }

    fn end(&mut self, _: SimTime) {}

    fn recover(&mut self, _: SimTime) {}
}
