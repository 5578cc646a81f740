//! Copies of the learner's program with a lease store and a shop.

use super::shop::{Lot, Shop};
use super::store::{Grant, Store};
use crate::harness::conduct;
use crate::harness::context::{CheckContext, Rng, wait_until};
use crate::harness::process::Program;
use crate::harness::upstream::{Call, Upstream};
use crate::harness::verdict::{CheckOutcome, CheckResult, Diagnosis, Failure};
use rand::RngExt;
use std::collections::BTreeMap;
use std::time::Duration;

/// For what must happen, whatever lease and retry are.
pub const SOON: Duration = Duration::from_secs(5);

/// How the program is set up.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub lease_ms: u64,
    pub retry_ms: u64,
}

impl Settings {
    pub fn lease(&self) -> Duration {
        Duration::from_millis(self.lease_ms)
    }

    pub fn retry(&self) -> Duration {
        Duration::from_millis(self.retry_ms)
    }
}

#[derive(Debug)]
pub struct Market {
    pub settings: Settings,
    pub store: Store,
    pub shop: Shop,
    /// The servers of the two.
    pub store_server: Upstream,
    pub shop_server: Upstream,
    pub copies: BTreeMap<String, Program>,
    first_token: u64,
}

impl Market {
    pub async fn begin(
        context: &CheckContext,
        settings: Settings,
        copies: usize,
    ) -> Result<Self, CheckOutcome> {
        let mut rng = context.rng("names");
        let first_token = rng.random_range(10..1000);
        let store = Store::new(settings.lease(), first_token);
        let shop = Shop::default();
        let mut market = Self {
            settings,
            store_server: context.upstream("STORE", store.clone()).await?,
            shop_server: context.upstream("SHOP", shop.clone()).await?,
            store,
            shop,
            copies: BTreeMap::new(),
            first_token,
        };
        for nr in 0..copies {
            let name = format!("closer-{nr}-{:03x}", rng.random_range(0..0x1000));
            market.start(context, &name)?;
        }
        Ok(market)
    }

    pub fn start(&mut self, context: &CheckContext, name: &str) -> CheckResult {
        let env = [
            ("NAME", name.to_owned()),
            ("STORE", self.store_server.url().to_owned()),
            ("SHOP", self.shop_server.url().to_owned()),
            ("RETRY_MS", self.settings.retry_ms.to_string()),
        ];
        self.copies.insert(name.to_owned(), context.start(&env)?);
        Ok(())
    }

    /// Waits until every copy has asked for the lease and one has it.
    pub async fn has_owner(&mut self, context: &CheckContext) -> Result<Grant, CheckOutcome> {
        let limit = context.start_limit();
        let asks = |name: &String| {
            let calls = self.store_server.calls();
            calls
                .iter()
                .any(|call| call.request.json()["holder"] == name.as_str())
        };
        let all_ask = || self.copies.keys().all(asks);
        let asked = wait_until(limit, all_ask).await;
        for program in self.copies.values_mut() {
            conduct::lives(program, "the start").await?;
            program.has_started();
        }
        if let (true, Some(owner)) = (asked, self.store.owner()) {
            return Ok(owner);
        }
        let headline = "A copy lives and never asks for the lease.";
        Err(Failure::new(Diagnosis("never-asks"), headline)
            .sent(format!("the start of {} copies", self.copies.len()))
            .got(format!(
                "{} calls to STORE",
                self.store_server.calls().len()
            ))
            .expected("POST STORE/acquire from each, with its NAME as holder")
            .by_clock(limit)
            .into())
    }

    /// Puts lots into the shop that are to be closed.
    pub fn put(&self, rng: &mut Rng, count: usize) -> Vec<String> {
        let put = |_| {
            let id = format!("lot-{:05x}", rng.random_range(0..0x10_0000));
            self.shop.put(&id, Lot::draw(rng));
            id
        };
        (0..count).map(put).collect()
    }

    /// These lots are closed by then, and rightly; `never` is what it is if not.
    pub async fn are_closed(
        &mut self,
        lots: &[String],
        during: &str,
        within: Duration,
        never: Diagnosis,
    ) -> CheckResult {
        let closed = || lots.iter().all(|lot| self.shop.is_closed(lot));
        let in_time = wait_until(within, closed).await;
        for program in self.copies.values_mut() {
            conduct::lives(program, during).await?;
        }
        for id in lots {
            let Some(closing) = self.shop.lot(id).and_then(|lot| lot.closed) else {
                continue;
            };
            self.is_right(id, &closing, during)?;
        }
        if in_time {
            return Ok(());
        }
        let open: Vec<&String> = lots
            .iter()
            .filter(|lot| !self.shop.is_closed(lot))
            .collect();
        let first = open.first().copied().cloned().unwrap_or_default();
        let bids = self.shop.lot(&first).map(|lot| lot.bids);
        Err(Failure::new(never, "Lots stayed open.")
            .sent(during)
            .got(format!(
                "{} of {} lots open after {} ms, {first} with the bids {:?} for one",
                open.len(),
                lots.len(),
                within.as_millis(),
                bids.unwrap_or_default()
            ))
            .expected("the owner closes every lot that SHOP lists")
            // Who stood still for a good part of the lease may have lost it, and begun anew.
            .by_clock(within.min(self.settings.lease() * 2))
            .into())
    }

    fn is_right(&self, id: &str, closing: &super::shop::Closing, during: &str) -> CheckResult {
        let right = self.shop.lot(id).map(|lot| lot.right(closing.token));
        let granted = self.store.grants();
        let (diagnosis, headline) = if !granted.iter().any(|grant| grant.token == closing.token) {
            (
                "made-up-token",
                "A write carried a token that the store never gave out.",
            )
        } else if right.as_ref() != Some(closing) {
            ("wrong-winner", "A lot was closed with the wrong winner.")
        } else {
            return Ok(());
        };
        let bids = self.shop.lot(id).map(|lot| lot.bids);
        Err(Failure::new(Diagnosis(diagnosis), headline)
            .sent(format!(
                "{during}: lot {id} with the bids {:?}",
                bids.unwrap_or_default()
            ))
            .got(format!("{closing:?}"))
            .expected(format!("{right:?}"))
            .into())
    }

    /// The writes with this token, in the order of their arrival.
    pub fn writes(&self, token: u64) -> Vec<Call> {
        let mut calls = self.shop_server.calls();
        calls.retain(|call| call.request.json()["token"] == token);
        calls
    }

    /// The token that the first grant will have.
    pub fn first_token(&self) -> u64 {
        self.first_token + 1
    }
}
