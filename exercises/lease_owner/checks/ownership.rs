//! Who owns, and how ownership goes from one copy to another.

use crate::harness::conduct;
use crate::harness::context::{CheckContext, Rng, wait_until};
use crate::harness::upstream::Call;
use crate::harness::upstream::fault::{Fault, Gate, When};
use crate::harness::verdict::{CheckResult, Diagnosis, Failure};
use crate::lease_owner::market::{Market, SOON, Settings};
use rand::RngExt;
use std::time::Duration;

const NEVER: Diagnosis = Diagnosis("loses-lots");

/// With a short lease, and with a long one: three copies for several leases, and one owner.
pub async fn one_owner(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("lots");
    let short = rng.random_range(150..=180) * 10;
    let retry_ms = rng.random_range(8..=16) * 10;
    let settings = Settings {
        lease_ms: short,
        retry_ms,
    };
    let mut market = Market::begin(context, settings, 3).await?;
    market.has_owner(context).await?;
    let lease = settings.lease();
    let begun = context.now();
    for _ in 0..3 {
        let lots = market.put(&mut rng, 2);
        wait_until(lease, || market.store.grants().len() > 1).await;
        let grants = market.store.grants();
        if grants.len() > 1 {
            let headline = "The lease ran out though its owner was well.";
            return Err(Failure::new(Diagnosis("lease-runs-out"), headline)
                .sent(format!("three copies, a lease of {short} ms"))
                .got(format!(
                    "{} grants to {:?}",
                    grants.len(),
                    grants.last().map(|g| &g.holder)
                ))
                .expected("one grant, renewed about every third of the lease")
                .by_clock(lease * 2 / 3)
                .into());
        }
        market
            .are_closed(&lots, "three copies, all well", SOON, NEVER)
            .await?;
    }
    let watched = context.now().saturating_sub(begun).as_millis() as u64;
    let count = |path: &str| {
        let calls = market.store_server.calls();
        calls
            .iter()
            .filter(|call| call.request.path == path)
            .count() as u64
    };
    let (asked, renewed) = (count("/acquire"), count("/renew"));
    // The start may have lasted as long again.
    let (most_asked, most_renewed) = (watched / retry_ms * 4 + 40, watched / short * 12 + 12);
    if asked > most_asked || renewed > most_renewed {
        let headline = "The store is asked far too often.";
        return Err(Failure::new(Diagnosis("busy-loop"), headline)
            .sent(format!(
                "three copies for {watched} ms, RETRY_MS={retry_ms}, a lease of {short} ms"
            ))
            .got(format!("{asked} calls of /acquire, {renewed} of /renew"))
            .expected("each copy that waits asks every RETRY_MS, the owner renews thrice a lease")
            .into());
    }
    Ok(())
}

/// SIGSTOP with nothing to do, SIGCONT when the lease is over and there are lots.
async fn paused_idle(context: &CheckContext, rng: &mut Rng) -> CheckResult {
    let settings = Settings {
        lease_ms: rng.random_range(90..=120) * 10,
        retry_ms: 100,
    };
    let mut market = Market::begin(context, settings, 1).await?;
    market.has_owner(context).await?;
    let is_idle = || {
        let calls = market.shop_server.calls();
        calls.iter().any(|call| call.request.path == "/lots") && market.shop_server.in_flight() == 0
    };
    wait_until(SOON, is_idle).await;
    let Some((old, program)) = market.store.owner().zip(market.copies.values().next()) else {
        return Ok(());
    };
    program.pause();
    tokio::time::sleep(settings.lease() + Duration::from_millis(200)).await;
    let lots = market.put(rng, 3);
    let before = market.writes(old.token).len();
    // So that it has its clock alone to go by.
    let renew = When::Path("/renew".to_owned());
    let late = Fault::Delay(Duration::from_millis(500));
    market.store_server.inject_unwitnessed(renew, late);
    program.resume();
    let during = "a copy alone is paused past its lease, and lots are there when it wakes up";
    market.are_closed(&lots, during, SOON, NEVER).await?;
    let stale = market.writes(old.token).len() - before;
    if stale == 0 {
        return Ok(());
    }
    let headline = "The lease was over when it woke up, and it wrote.";
    Err(Failure::new("writes-without-lease", headline)
        .sent(during)
        .got(format!("{stale} writes with token {}", old.token))
        .expected("none: before each write it looks at a clock that goes on in a pause")
        .into())
}

/// SIGSTOP while the owner waits for the answer to its first write, SIGCONT when another one has closed
/// all lots.
pub async fn paused(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("lots");
    paused_idle(context, &mut rng).await?;
    let settings = Settings {
        lease_ms: rng.random_range(160..=190) * 10,
        retry_ms: 100,
    };
    let mut market = Market::begin(context, settings, 3).await?;
    let woken = context.witness("an owner was paused until another one had closed its lots");
    market.has_owner(context).await?;
    let gate = Gate::shut();
    let held = Fault::Hold(gate.clone());
    let writes = market
        .shop_server
        .inject(When::Path("/close".to_owned()), held);
    let lots = market.put(&mut rng, 6);
    wait_until(SOON, || writes.heard() > 0).await;
    let Some(old) = market.store.owner() else {
        // It lost the lease while it waited: there is nobody to pause, and no proof.
        return Ok(());
    };
    let Some(owner) = market.copies.get(&old.holder) else {
        return Ok(());
    };
    owner.pause();
    market.shop_server.heal();
    let before = market.writes(old.token).len();
    let within = settings.lease() + SOON;
    let closed = || lots.iter().all(|lot| market.shop.is_closed(lot));
    let taken_over = wait_until(within, closed).await;
    // Its first write is refused while it stands still, and five lots of its list are left.
    gate.open();
    owner.resume();
    let during = "the owner is paused past its lease, with a list of six lots in its hand";
    if taken_over {
        woken.hear();
    }
    market
        .are_closed(
            &lots,
            during,
            Duration::from_millis(10),
            Diagnosis("no-takeover"),
        )
        .await?;
    // Time enough to write what it had read before.
    tokio::time::sleep(Duration::from_millis(800)).await;
    let stale = market.writes(old.token).len() - before;
    if stale > 1 {
        let headline = "The fence refused an old owner, and it went on writing.";
        return Err(Failure::new(Diagnosis("writes-on-after-fence"), headline)
            .sent(during)
            .got(format!(
                "{stale} writes with token {} after it had woken up",
                old.token
            ))
            .expected("at most one: a 409 says that there is a newer owner")
            .into());
    }
    let more = market.put(&mut rng, 3);
    market
        .are_closed(&more, "the old owner is awake again", SOON, NEVER)
        .await
}

pub async fn killed(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("lots");
    let settings = Settings {
        lease_ms: rng.random_range(160..=200) * 10,
        retry_ms: rng.random_range(8..=12) * 10,
    };
    let mut market = Market::begin(context, settings, 3).await?;
    for _ in 0..2 {
        let owner = match market.store.owner() {
            Some(owner) => owner,
            None => market.has_owner(context).await?,
        };
        let lots = market.put(&mut rng, 2);
        market
            .are_closed(&lots, "all copies live", SOON, NEVER)
            .await?;
        if let Some(mut program) = market.copies.remove(&owner.holder) {
            program.kill().await;
        }
        let lots = market.put(&mut rng, 4);
        let during = format!(
            "the owner was killed, a lease of {} ms, RETRY_MS={}",
            settings.lease_ms, settings.retry_ms
        );
        let within = settings.lease() + settings.retry() * 2 + Duration::from_secs(3);
        let never = Diagnosis("no-takeover");
        market.are_closed(&lots, &during, within, never).await?;
    }
    Ok(())
}

/// SIGTERM while the lease is asked for: what is granted then must be given back.
async fn asks_and_goes(context: &CheckContext) -> CheckResult {
    let settings = Settings {
        lease_ms: 20_000,
        retry_ms: 100,
    };
    let mut market = Market::begin(context, settings, 0).await?;
    let gate = Gate::shut();
    let acquire = When::Path("/acquire".to_owned());
    let granted = Fault::Withhold(gate.clone());
    market.store_server.inject(acquire, granted);
    market.start(context, "closer")?;
    let asks = || market.store_server.in_flight() > 0;
    wait_until(context.start_limit(), asks).await;
    let Some((_, program)) = market.copies.pop_first() else {
        return Ok(());
    };
    program.has_started();
    program.terminate();
    tokio::time::sleep(Duration::from_millis(300)).await;
    gate.open();
    conduct::stops(program).await?;
    if market.store.owner().is_none() {
        return Ok(());
    }
    let headline = "The program stopped with a lease that it had just been granted.";
    Err(Failure::new(Diagnosis("keeps-lease"), headline)
        .sent("SIGTERM while POST STORE/acquire is under way, which is then answered with 200")
        .got("no POST STORE/release with its token")
        .expected("the call in hand finished, and the lease given back")
        .into())
}

/// The lease is so long that nobody could wait for its end. The owner is told to go while it closes a lot.
pub async fn hands_over(context: &CheckContext) -> CheckResult {
    asks_and_goes(context).await?;
    let mut rng = context.rng("lots");
    let settings = Settings {
        lease_ms: 20_000,
        retry_ms: rng.random_range(10..=20) * 10,
    };
    let mut market = Market::begin(context, settings, 2).await?;
    let owner = market.has_owner(context).await?;
    let Some(program) = market.copies.remove(&owner.holder) else {
        return Ok(());
    };
    let gate = market.shop_server.hold(When::Path("/close".to_owned()));
    market.put(&mut rng, 1);
    wait_until(SOON, || market.shop_server.in_flight() > 0).await;
    program.terminate();
    tokio::time::sleep(Duration::from_millis(400)).await;
    let released = market.store.grants().iter().any(|grant| grant.released);
    let is_open = |call: &Call| call.end.is_none();
    let in_hand = market.writes(owner.token).iter().any(is_open);
    gate.open();
    market.shop_server.heal();
    if released && in_hand {
        let headline = "The lease was given back while a write was under way.";
        return Err(Failure::new(Diagnosis("releases-in-mid-call"), headline)
            .sent("SIGTERM, while SHOP holds the answer to POST /close back")
            .got("POST STORE/release before that answer")
            .expected("the call in hand finished, then the release")
            .into());
    }
    let ended = program.wait_ended(SOON).await;
    let lots = market.put(&mut rng, 3);
    let during = "the owner was told to go";
    let never = Diagnosis("keeps-lease");
    market.are_closed(&lots, during, SOON, never).await?;
    match ended {
        Some(ended) if ended.0.success() => Ok(()),
        Some(ended) => Err(Failure::new(
            Diagnosis("wrong-exit"),
            "The program handed over and says that it failed.",
        )
        .sent("SIGTERM")
        .got(format!("it {}", ended.in_words()))
        .expected("exit status 0")
        .into()),
        None => conduct::stops(program).await,
    }
}
