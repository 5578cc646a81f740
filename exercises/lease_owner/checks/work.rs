//! What an owner does, with one copy alone.

use crate::harness::conduct;
use crate::harness::context::{CheckContext, Rng, wait_until};
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckResult, Diagnosis, Failure};
use crate::lease_owner::market::{Market, SOON, Settings};
use std::time::Duration;

const NEVER: Diagnosis = Diagnosis("loses-lots");
/// What a busy machine may take from an answer to its end.
const LATE: Duration = Duration::from_millis(400);
const CALM: Settings = Settings {
    lease_ms: 6000,
    retry_ms: 80,
};

pub async fn closes_and_stops(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("lots");
    let mut market = Market::begin(context, CALM, 1).await?;
    let lots = market.put(&mut rng, 8);
    market.has_owner(context).await?;
    market
        .are_closed(&lots, "one copy, eight lots", SOON, NEVER)
        .await?;
    let more = market.put(&mut rng, 4);
    market
        .are_closed(&more, "four lots more", SOON, NEVER)
        .await?;
    let closes = market.shop_server.calls();
    let closes = closes
        .iter()
        .filter(|call| call.request.path == "/close")
        .count();
    if closes > lots.len() + more.len() {
        let headline = "A lot was closed more than once.";
        return Err(Failure::new(Diagnosis("closes-twice"), headline)
            .sent(format!("{} lots", lots.len() + more.len()))
            .got(format!("{closes} calls of POST SHOP/close"))
            .expected("one for each lot")
            .into());
    }
    let Some((_, program)) = market.copies.pop_first() else {
        return Ok(());
    };
    conduct::stops(program).await?;
    if market.store.owner().is_none() {
        return Ok(());
    }
    Err(Failure::new(
        Diagnosis("keeps-lease"),
        "The program stopped, and left the lease to run out.",
    )
    .sent("SIGTERM to the owner")
    .got("no POST STORE/release with its token")
    .expected("the lease given back before the exit, so that nobody waits for it")
    .into())
}

pub async fn fence_first(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("lots");
    let mut market = Market::begin(context, CALM, 1).await?;
    let lots = market.put(&mut rng, 3);
    market.has_owner(context).await?;
    market
        .are_closed(&lots, "one copy, three lots", SOON, NEVER)
        .await?;
    let calls = market.shop_server.calls();
    let first = |path: &str| calls.iter().position(|call| call.request.path == path);
    let (fence, read) = (first("/fence"), first("/lots"));
    let token = market.first_token();
    let (diagnosis, headline) = if fence.is_none() {
        ("no-fence", "The owner never raised the fence.")
    } else if fence > read {
        (
            "reads-before-fence",
            "The owner read the lots before it had raised the fence.",
        )
    } else if fence.is_some_and(|nr| calls[nr].request.json()["token"] != token) {
        (
            "made-up-token",
            "The fence was raised with a token that the store did not give.",
        )
    } else {
        return begins_anew(context, &mut market, &mut rng).await;
    };
    let order: Vec<&str> = calls
        .iter()
        .take(4)
        .map(|call| call.request.path.as_str())
        .collect();
    Err(Failure::new(Diagnosis(diagnosis), headline)
        .sent(format!("one copy, which is granted token {token}"))
        .got(format!("first calls to SHOP: {}", order.join(", ")))
        .expected("POST /fence with the token, then GET /lots, then POST /close")
        .into())
}

/// Fails at first at the fence.
pub async fn shop_fails(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("lots");
    let mut market = Market::begin(context, CALM, 0).await?;
    let fence = market
        .shop_server
        .inject(When::Path("/fence".to_owned()), Fault::Status(503));
    market.start(context, "closer")?;
    market.has_owner(context).await?;
    wait_until(SOON, || fence.heard() > 1).await;
    let calls = market.shop_server.calls();
    if let Some(call) = calls.iter().find(|call| call.request.path != "/fence") {
        let headline = "The fence was not raised, and the owner went on.";
        return Err(Failure::new("reads-before-fence", headline)
            .sent("SHOP/fence answers 503 for a while")
            .got(format!("{} {}", call.request.method, call.request.path))
            .expected("POST /fence again, until it is answered with 200")
            .into());
    }
    market.shop_server.heal();
    let lots = market.put(&mut rng, 3);
    market.shop.refuse_closings(5);
    wait_until(SOON, || market.shop.refusals_left() == 0).await;
    let during = "SHOP/close answers 500 five times";
    market.are_closed(&lots, during, SOON, NEVER).await?;
    let fault = market
        .shop_server
        .inject(When::Path("/lots".to_owned()), Fault::CutBody);
    let lots = market.put(&mut rng, 3);
    wait_until(SOON, || fault.heard() > 1).await;
    market.shop_server.heal();
    let during = "SHOP/lots closes its connection half-way for a while";
    market.are_closed(&lots, during, SOON, NEVER).await?;
    market.shop.list_ghost("a-lot-that-is-closed");
    let lots = market.put(&mut rng, 3);
    let during = "SHOP lists a lot first that is closed already";
    market.are_closed(&lots, during, SOON, NEVER).await
}

/// The store ends the lease early, which a renewal hears of; the same copy owns again under a new token.
async fn begins_anew(context: &CheckContext, market: &mut Market, rng: &mut Rng) -> CheckResult {
    let old = market.first_token();
    context.note("the store ends the lease early");
    market.store.revoke();
    let begins = || market.store.grants().len() > 1;
    let lease = Duration::from_millis(CALM.lease_ms);
    let told = || {
        let mut calls = market.store_server.calls().into_iter();
        calls.any(|call| call.request.path == "/renew" && call.outcome().contains("409"))
    };
    wait_until(lease, told).await;
    // The answer takes a moment to be read.
    tokio::time::sleep(LATE).await;
    let before = market.writes(old).len();
    let lots = market.put(rng, 3);
    wait_until(lease / 2, begins).await;
    let during = "a renewal was answered 409";
    let written = market.writes(old).len() - before;
    if written > 0 {
        let headline = "A renewal was answered 409, and its owner went on writing.";
        return Err(Failure::new("writes-without-lease", headline)
            .sent(during)
            .got(format!("{written} writes with token {old} after it"))
            .expected("none: the lease is over, and a new one has to be asked for")
            .in_order(&["/renew", "/acquire", "/close", "/fence"])
            .by_clock(LATE)
            .into());
    }
    market.are_closed(&lots, during, SOON, NEVER).await?;
    let Some(new) = market.store.grants().last().map(|grant| grant.token) else {
        return Ok(());
    };
    let writes = market.writes(new);
    if writes.iter().any(|call| call.request.path == "/fence") {
        return is_deposed(context, market, rng, new).await;
    }
    Err(
        Failure::new("no-fence", "The second grant of a copy raised no fence.")
            .sent(format!("one copy, which is granted {old}, and later {new}"))
            .got(format!(
                "{} writes with token {new}, and no fence",
                writes.len()
            ))
            .expected("POST /fence with each token, before it reads the lots")
            .into(),
    )
}

/// The shop has seen a higher token before the store, or the clock, says that the lease is over.
async fn is_deposed(
    context: &CheckContext,
    market: &mut Market,
    rng: &mut Rng,
    old: u64,
) -> CheckResult {
    context.note("the shop sees a higher token");
    market.shop.raise_fence(old + 1);
    let before = market.writes(old).len();
    let lots = market.put(rng, 5);
    let during = "the shop has seen a higher token, and five lots are open";
    wait_until(SOON, || market.writes(old).len() > before).await;
    tokio::time::sleep(LATE).await;
    let written = market.writes(old).len() - before;
    if written > 1 {
        let headline = "The fence refused an owner, and it went on writing.";
        return Err(Failure::new("writes-on-after-fence", headline)
            .sent(during)
            .got(format!("{written} writes with token {old}"))
            .expected("one: a 409 of the shop ends the ownership at once")
            .in_order(&["/close", "/fence"])
            .into());
    }
    market.store.revoke();
    market.are_closed(&lots, during, SOON, NEVER).await
}
