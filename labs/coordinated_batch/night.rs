//! The input of a night: what was sold, and which buyers have paid. A snapshot: it does not change while the night is settled.

use super::join::Sale;
use super::table::Knobs;
use crate::engine::{Handle, Purpose, Ranks, SimTime, Source as _};
use std::collections::BTreeSet;

/// What a seller is owed for an auction: from 100 cents up to this much more, so 470 euros on average.
const CENTS_MORE: u64 = 93_800;

pub struct Night {
    pub number: u64,
    pub began: SimTime,
    /// By auction, from 1.
    pub sales: Vec<Sale>,
    /// The auctions that are paid for, in order.
    pub payments: Vec<u64>,
    /// The same, as a broadcast sends it.
    pub paid: BTreeSet<u64>,
    /// What all sellers together are owed.
    pub owed_cents: u64,
}

/// Whence nights come.
pub struct Calendar {
    sellers: Purpose,
    prices: Purpose,
    payments: Purpose,
}

impl Calendar {
    pub fn new(sim: &Handle) -> Self {
        Self {
            sellers: sim.purpose("sellers"),
            prices: sim.purpose("prices"),
            payments: sim.purpose("payments"),
        }
    }

    pub fn night(&self, number: u64, began: SimTime, knobs: &Knobs) -> Night {
        let popularity = popularity(knobs);
        let sale = |auction: u64| {
            let luck = self.sellers.draw(&[number, auction]).uniform();
            let cents = self.prices.draw(&[number, auction]).below(CENTS_MORE);
            Sale {
                auction,
                seller: popularity.pick(luck) as u64 + 1,
                cents: 100 + cents,
            }
        };
        let sales: Vec<Sale> = (1..=knobs.auctions.get() as u64).map(sale).collect();
        let missing = knobs.payment_missing_ratio.get();
        let is_paid = |auction: &u64| {
            let luck = self.payments.draw(&[number, *auction]).uniform();
            luck >= missing
        };
        let auctions = sales.iter().map(|sale| sale.auction);
        let payments: Vec<u64> = auctions.filter(is_paid).collect();
        Night {
            number,
            began,
            owed_cents: sales.iter().map(|sale| sale.cents).sum(),
            paid: payments.iter().copied().collect(),
            sales,
            payments,
        }
    }
}

/// How often each seller sells, by Zipf's law.
pub fn popularity(knobs: &Knobs) -> Ranks {
    Ranks::zipf(knobs.sellers.get(), knobs.seller_skew.get())
}
