//! The store is away, or slow.

use crate::harness::context::{CheckContext, wait_until};
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckResult, Diagnosis, Failure};
use crate::lease_owner::market::{Market, SOON, Settings};
use rand::RngExt;
use std::time::Duration;

/// Until when the program may rely on the lease, as its calls arrived.
fn relied_until(market: &Market) -> Duration {
    let calls = market.store_server.calls().into_iter();
    let good = calls.filter(|call| call.outcome().starts_with("answered 200"));
    good.map(|call| call.at).max().unwrap_or_default() + market.settings.lease()
}

/// The store fails every call for more than a lease. A lot that comes at once is still closed; one that
/// comes when the lease is over waits until the store is back.
pub async fn store_away(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("lots");
    let settings = Settings {
        lease_ms: rng.random_range(280..=320) * 10,
        retry_ms: 100,
    };
    let mut market = Market::begin(context, settings, 1).await?;
    let owner = market.has_owner(context).await?;
    let renewals = || {
        let calls = market.store_server.calls();
        calls
            .iter()
            .filter(|call| call.request.path == "/renew")
            .count()
    };
    wait_until(settings.lease(), || renewals() > 0).await;
    market.store_server.inject(When::Always, Fault::Status(503));
    let known = renewals();
    wait_until(settings.lease(), || renewals() > known).await;
    let early = market.put(&mut rng, 2);
    let during = "the store is away, and the lease is not over yet";
    let never = Diagnosis("gives-up-early");
    market
        .are_closed(&early, during, settings.lease() / 2, never)
        .await?;
    // A write that was on its way, and a moment for a busy machine.
    let over = relied_until(&market).saturating_sub(context.now());
    tokio::time::sleep(over + Duration::from_millis(500)).await;
    let before = market.writes(owner.token).len();
    let late = market.put(&mut rng, 3);
    tokio::time::sleep(Duration::from_millis(900)).await;
    let written = market.writes(owner.token).len() - before;
    if written > 0 {
        // Does it go on, or did it only stand still for a moment?
        tokio::time::sleep(Duration::from_secs(2)).await;
        market.put(&mut rng, 1);
        tokio::time::sleep(Duration::from_millis(600)).await;
        let goes_on = market.writes(owner.token).len() - before > written;
        let room = Duration::from_millis(if goes_on { 3400 } else { 1400 });
        let headline = "The lease was over, and its last owner went on writing.";
        return Err(Failure::new(Diagnosis("writes-without-lease"), headline)
            .sent("the store is away for longer than the lease")
            .got(format!("{written} writes with token {}", owner.token))
            .expected("none when lease_ms have passed since the last renewal was asked for")
            .by_clock(room)
            .into());
    }
    market.store_server.heal();
    let during = "the store is back";
    let never = Diagnosis("never-recovers");
    market.are_closed(&late, during, SOON, never).await
}

/// The second lease is much shorter than the first, and kept. Then each answer of the store comes after
/// the lease that it grants, counted from the question.
pub async fn store_slow(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("lots");
    let settings = Settings {
        lease_ms: rng.random_range(70..=90) * 10,
        retry_ms: 100,
    };
    let mut market = Market::begin(context, settings, 0).await?;
    market.store.set_lease(settings.lease() * 4);
    market.start(context, "closer")?;
    market.has_owner(context).await?;
    context.note("the store ends the lease, and grants shorter ones");
    market.store.set_lease(settings.lease());
    market.store.revoke();
    wait_until(SOON, || market.store.grants().len() > 1).await;
    let lost = || market.store.grants().len() > 2;
    if wait_until(settings.lease() * 2, lost).await {
        let headline = "The lease ran out though its owner was well.";
        return Err(Failure::new(Diagnosis("lease-runs-out"), headline)
            .sent(format!(
                "one copy, a lease of {} ms after one of {} ms",
                settings.lease_ms,
                settings.lease_ms * 4
            ))
            .got("a third grant")
            .expected("a renewal about every third of the lease that was granted last")
            .by_clock(settings.lease() * 2 / 3)
            .into());
    }
    let witness = market
        .store_server
        .inject(When::Always, Fault::Delay(settings.lease() * 3 / 2));
    let asked = || market.store.grants().len();
    let before = asked();
    wait_until(SOON * 2, || asked() > before).await;
    let lots = market.put(&mut rng, 3);
    // The program has the answer now, if it still waits for it.
    tokio::time::sleep(settings.lease() * 2 / 3).await;
    let late = market.store.grants().last().map_or(0, |grant| grant.token);
    let writes = market.writes(late).len();
    if witness.heard() > 0 && asked() > before && writes > 0 {
        let headline = "An answer came when its lease was over, and was used.";
        return Err(Failure::new(Diagnosis("uses-late-answer"), headline)
            .sent(format!(
                "POST STORE/acquire is answered after {} ms, with a lease of {} ms",
                (settings.lease() * 3 / 2).as_millis(),
                settings.lease_ms
            ))
            .got(format!("{writes} writes with token {late}"))
            .expected("none: the lease counts from the moment at which it was asked for")
            .into());
    }
    market.store_server.heal();
    let during = "the store is quick again";
    let never = Diagnosis("never-recovers");
    market.are_closed(&lots, during, SOON, never).await
}
