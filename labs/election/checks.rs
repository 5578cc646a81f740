//! What must hold.

use super::lanes::Lanes;
use super::lease_server::Witness;
use super::pattern::Token;
use super::store::{Holder, Session};
use super::table::Invariants;
use super::world::World;
use crate::engine::SimTime;
use std::rc::Rc;

impl Invariants {
    /// The storage has accepted a write; `highest` is what it had seen before.
    pub fn accepted(&self, token: Token, highest: Option<Token>, job: u64) {
        let fresh = highest.is_none_or(|highest| token >= highest);
        self.no_stale_token.check(fresh, || {
            let highest = highest.map_or(0, |token| token.0);
            format!("job {job}: token {token} accepted after {highest}")
        });
    }
}

/// Looks on at the lease server.
pub struct Onlooker {
    pub invariants: Rc<Invariants>,
    pub lanes: Rc<Lanes>,
}

impl Witness for Onlooker {
    fn store_says(&self, holder: Option<Holder>, now: SimTime) {
        self.lanes.store_says(holder, now);
    }

    fn store_is_down(&self, now: SimTime) {
        self.lanes.store_is_down(now);
    }

    fn granted(&self, holder: Holder, promised: Option<(Session, SimTime)>, now: SimTime) {
        let others = promised.filter(|(who, until)| *who != holder.who && *until > now);
        self.invariants.one_holder.check(others.is_none(), || {
            let name = World::name(holder.who.candidate as usize);
            let left = others.map_or(SimTime::ZERO, |(_, until)| until) - now;
            format!(
                "granted to {name} while {:.1} s of the lease before were still promised",
                left.as_secs_f64()
            )
        });
    }
}
