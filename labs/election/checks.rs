//! What must hold.

use super::pattern::Token;
use super::store::{Holder, Session};
use super::table::Invariants;
use super::world::World;
use crate::engine::SimTime;

impl Invariants {
    /// The storage has accepted a write; `highest` is what it had seen before.
    pub fn accepted(&self, token: Token, highest: Option<Token>, job: u64) {
        let fresh = highest.is_none_or(|highest| token >= highest);
        self.no_stale_token.check(fresh, || {
            let highest = highest.map_or(0, |token| token.0);
            format!("job {job}: token {token} accepted after {highest}")
        });
    }

    /// The store says that `holder` has the lease; to whom it was `promised` before, and until when.
    pub fn granted(&self, holder: Holder, promised: Option<(Session, SimTime)>, now: SimTime) {
        let others = promised.filter(|(who, until)| *who != holder.who && *until > now);
        self.one_holder.check(others.is_none(), || {
            let name = World::name(holder.who.candidate as usize);
            let left = others.map_or(SimTime::ZERO, |(_, until)| until) - now;
            format!(
                "granted to {name} while {:.1} s of the lease before were still promised",
                left.as_secs_f64()
            )
        });
    }
}
