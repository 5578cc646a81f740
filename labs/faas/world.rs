//! What all rooms of the lab share: the simulator, the account, the settings, the instruments, the bill.

use super::account::Account;
use super::bill::{Bill, Prices};
use super::checks::Checks;
use super::table::{FaasMeters, Knobs, SPEC};
use crate::engine::{Handle, SimTime};
use crate::workbench::instruments::Instruments;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// What the lab does wrong on purpose, for the tests of its invariants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tamper {
    Nothing,
    /// The platform lets twice as many instances be busy as it should.
    IgnoreLimit,
    /// Time is billed in whole milliseconds that are over.
    RoundDown,
    /// Some calls are never heard of again.
    LoseCalls,
}

pub struct World {
    pub sim: Handle,
    pub account: Rc<Account>,
    pub meters: Rc<FaasMeters>,
    pub checks: Checks,
    pub instruments: Rc<Instruments>,
    pub bill: Bill,
    pub knobs: Rc<Knobs>,
    pub tamper: Tamper,
    /// Connections that instances have open.
    connections: Cell<usize>,
}

impl World {
    pub fn build(sim: &Handle, knobs: &Rc<Knobs>, tamper: Tamper) -> Rc<Self> {
        let instruments = Instruments::new(sim, &SPEC);
        let world = Rc::new(Self {
            sim: sim.clone(),
            account: Account::new(0),
            meters: FaasMeters::of(&instruments.meters),
            checks: Checks::new(&instruments),
            instruments,
            bill: Bill::default(),
            knobs: Rc::clone(knobs),
            tamper,
            connections: Cell::new(0),
        });
        world.apply_limit();
        world
    }

    pub fn apply_limit(&self) {
        let limit = self.knobs.concurrency_limit.get();
        self.checks.limit_is(limit);
        let ignores = self.tamper == Tamper::IgnoreLimit;
        self.account
            .set_limit(if ignores { 2 * limit } else { limit });
    }

    /// By the handle: some rooms are left while their simulation is taken down.
    pub fn now(&self) -> SimTime {
        self.sim.now()
    }

    pub fn prices(&self) -> Prices {
        Prices {
            million_calls: self.knobs.usd_per_million_calls.get(),
            million_gb_s: self.knobs.usd_per_million_gb_s.get(),
            memory_mb: self.knobs.memory_mb.get(),
        }
    }

    /// Bills an instance of our function for this time.
    pub fn bill(&self, ran: Duration, kept: bool) {
        let billed = self.bill.run(ran, kept, self.prices());
        let billed = if self.tamper == Tamper::RoundDown {
            billed.saturating_sub(Duration::from_millis(1))
        } else {
            billed
        };
        self.checks.is_billed(ran, billed);
        self.meters.billed_ms_total.add(billed.as_millis() as u64);
    }

    /// An instance opens its connection to the database, if that takes one more.
    pub fn connect(&self) -> bool {
        let open = self.connections.get();
        let room = self
            .knobs
            .db_connections
            .get()
            .is_none_or(|most| open < most);
        if room {
            self.connections.set(open + 1);
        }
        room
    }

    pub fn disconnect(&self) {
        self.connections.set(self.connections.get() - 1);
    }

    pub fn connections(&self) -> usize {
        self.connections.get()
    }
}
