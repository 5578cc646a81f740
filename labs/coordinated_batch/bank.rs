//! The bank, and the payers' ledger: who has been paid tonight, and who knows it.

use super::commit::{self, Crashed, Ledger, Payout};
use super::world::{Tamper, World};
use crate::engine;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// What the bank has done for a seller tonight.
#[derive(Debug, Clone, Copy, Default)]
pub struct Paid {
    pub payments: u64,
    pub cents: u64,
}

#[derive(Default)]
pub struct Accounts {
    tonight: RefCell<BTreeMap<u64, Paid>>,
    keys: RefCell<BTreeSet<String>>,
    ledger: RefCell<BTreeSet<String>>,
}

impl Accounts {
    pub fn clear(&self) {
        self.tonight.take();
        self.keys.take();
        self.ledger.take();
    }

    pub fn of(&self, seller: u64) -> Paid {
        let tonight = self.tonight.borrow();
        tonight.get(&seller).copied().unwrap_or_default()
    }

    /// Payments that were made tonight.
    pub fn payments(&self) -> u64 {
        let tonight = self.tonight.borrow();
        tonight.values().map(|paid| paid.payments).sum()
    }

    pub fn cents(&self) -> u64 {
        self.tonight.borrow().values().map(|paid| paid.cents).sum()
    }
}

/// The bank, as one payer calls it.
pub struct Teller<'a> {
    pub world: &'a World,
    /// Who calls: `worker 3`.
    pub payer: String,
    /// How many times longer its calls take.
    pub slower: f64,
}

impl commit::Bank for Teller<'_> {
    async fn pay(&self, payout: Payout, key: Option<&str>) -> Result<(), Crashed> {
        let world = self.world;
        let mut luck = world.luck.bank.draw(&[payout.night, payout.seller]);
        let takes = world.knobs.pay_service.borrow().sample(&mut luck);
        let half = takes.mul_f64(self.slower / 2.0);
        engine::sleep(half).await;
        self.moves(payout, key);
        engine::sleep(half).await;
        Ok(())
    }
}

impl Teller<'_> {
    fn moves(&self, payout: Payout, key: Option<&str>) {
        let (world, accounts) = (self.world, &self.world.accounts);
        let forgets = world.tamper == Tamper::ForgetKeys;
        let is_known =
            key.is_some_and(|key| !accounts.keys.borrow_mut().insert(key.to_owned()) && !forgets);
        if is_known {
            world.meters.recognised_total.increment();
            return;
        }
        let mut tonight = accounts.tonight.borrow_mut();
        let paid = tonight.entry(payout.seller).or_default();
        paid.payments += 1;
        paid.cents += payout.cents;
        world.meters.paid_total.increment();
        world.meters.paid_cents.add(payout.cents);
        if paid.payments > 1 {
            world.meters.double_paid_total.increment();
        } else {
            world.meters.owed_cents.end(payout.cents);
        }
        world.invariants.once.check(paid.payments == 1, || {
            let (payer, seller, night) = (&self.payer, payout.seller, payout.night);
            format!("{payer} has paid seller {seller} for night {night} once more")
        });
    }
}

/// The ledger as the payers see it. One that is not kept knows nobody: then payouts are noted with their task.
pub struct Book<'a> {
    pub world: &'a World,
    pub is_kept: bool,
}

impl Ledger for Book<'_> {
    fn knows(&self, key: &str) -> bool {
        self.is_kept && self.world.accounts.ledger.borrow().contains(key)
    }

    async fn note(&self, key: &str) -> Result<(), Crashed> {
        if self.is_kept {
            let mut ledger = self.world.accounts.ledger.borrow_mut();
            ledger.insert(key.to_owned());
        }
        Ok(())
    }
}
