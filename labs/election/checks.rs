//! What must hold.

use super::pattern::Token;
use super::store::{Holder, Session};
use super::world::World;
use crate::engine::SimTime;
use crate::workbench::invariant::{Invariant, Log};
use std::rc::Rc;

pub struct Checks {
    no_stale_token: Rc<Invariant>,
    one_holder: Rc<Invariant>,
}

impl Checks {
    pub fn new() -> Self {
        let invariant = |name| Rc::new(Invariant::new(name));
        Self {
            no_stale_token: invariant("storage accepts no token lower than one it has seen"),
            one_holder: invariant("at most one holder in the store"),
        }
    }

    pub fn all(&self) -> Vec<Rc<Invariant>> {
        [&self.no_stale_token, &self.one_holder]
            .map(Rc::clone)
            .to_vec()
    }

    /// The storage has accepted a write; `highest` is what it had seen before.
    pub fn accepted(&self, token: Token, highest: Option<Token>, job: u64, log: Log<'_>) {
        let fresh = highest.is_none_or(|highest| token >= highest);
        log.check(&self.no_stale_token, fresh, || {
            let highest = highest.map_or(0, |token| token.0);
            format!("job {job}: token {token} accepted after {highest}")
        });
    }

    /// The store says that `holder` has the lease; to whom it was `promised` before, and until when.
    pub fn granted(&self, holder: Holder, promised: Option<(Session, SimTime)>, log: Log<'_>) {
        let others = promised.filter(|(who, until)| *who != holder.who && *until > log.now);
        log.check(&self.one_holder, others.is_none(), || {
            let name = World::name(holder.who.candidate as usize);
            let left = others.map_or(SimTime::ZERO, |(_, until)| until) - log.now;
            format!(
                "granted to {name} while {:.1} s of the lease before were still promised",
                left.as_secs_f64()
            )
        });
    }
}
