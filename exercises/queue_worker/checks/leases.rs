//! The lease: kept while the work goes on, respected when it is lost.

use super::failures::pauses_double;
use super::work::held;
use crate::harness::context::{CheckContext, wait_until};
use crate::harness::upstream::Call;
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckResult, Diagnosis};
use crate::queue_worker::queue::Fate;
use crate::queue_worker::shop::{SOON, Settings, Shop, items, photo};
use rand::RngExt;
use std::time::Duration;

/// Twice, with leases far apart; in each an extension is lost: the queue fails, or says nothing at all.
pub async fn slow_work(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("items");
    let long = rng.random_range(260..=300) * 10;
    let short = rng.random_range(110..=130) * 10;
    // One worker, which has an item in hand, asks the queue for extensions alone.
    let settings = Settings {
        workers: 1,
        work_ms: 20_000,
        ..Settings::new(&mut rng)
    };
    let mut shop = Shop::begin(context, settings, &[]).await?;
    for lease_ms in [long, short] {
        let lease = Duration::from_millis(lease_ms);
        shop.queue.set_lease(lease);
        let item = items(&mut rng, 1).remove(0);
        let gate = held(&shop, &item).await?;
        let (begun, before) = (context.now(), extensions_asked(&shop));
        wait_until(lease, || shop.item(&item).extended > 0).await;
        if lease_ms == long {
            shop.queue.lose_extension();
        } else {
            let next = shop.queue_server.calls().len() as u64;
            let one = When::Calls(next..next + 1);
            shop.queue_server.inject_unwitnessed(one, Fault::Hang);
        }
        wait_until(lease * 2, || shop.item(&item).expired > 0).await;
        let during = format!("which takes several leases of {lease_ms} ms");
        if shop.item(&item).expired > 0 {
            let silence = longest_silence(context, &shop, &item).await;
            let headline = "The lease ran out while the item was being worked on.";
            return Err(shop
                .failure(Diagnosis("lease-runs-out"), headline, &item, &during)
                .expected("extended often enough that one lost extension does no harm")
                .by_clock(silence.saturating_sub(lease / 3))
                .into());
        }
        let beats = extensions_asked(&shop) - before;
        let leases = context.now().saturating_sub(begun).as_millis() / lease.as_millis() + 1;
        if beats as u128 > leases * 12 {
            let headline = "The lease is extended far too often.";
            return Err(shop
                .failure(Diagnosis("extends-too-often"), headline, &item, &during)
                .got(format!("{beats} extensions in {leases} leases"))
                .expected("three to ten in a lease")
                .into());
        }
        gate.open();
        shop.is_done(&item, &during, Diagnosis("lease-runs-out"))
            .await?;
    }
    Ok(())
}

/// The longest time without a call for an extension; listens a while longer, to be sure.
async fn longest_silence(context: &CheckContext, shop: &Shop, item: &str) -> Duration {
    let before = extensions_asked(shop);
    wait_until(Duration::from_secs(2), || extensions_asked(shop) > before).await;
    let taken = shop
        .asked(item)
        .first()
        .map_or(Duration::ZERO, |call| call.at);
    let extends = of_queue_server(shop, "/extend")
        .into_iter()
        .map(|call| call.at)
        .filter(|at| *at > taken);
    let moments = [taken].into_iter().chain(extends);
    let moments: Vec<Duration> = moments.chain([context.now()]).collect();
    let gaps = moments
        .windows(2)
        .map(|pair| pair[1].saturating_sub(pair[0]));
    gaps.max().unwrap_or_default()
}

/// How often the queue was asked for an extension.
fn extensions_asked(shop: &Shop) -> usize {
    of_queue_server(shop, "/extend").len()
}

fn of_queue_server(shop: &Shop, path: &str) -> Vec<Call> {
    let mut calls = shop.queue_server.calls();
    calls.retain(|call| call.request.path == path);
    calls
}

pub async fn lease_lost(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("items");
    let settings = Settings {
        lease_ms: 900,
        work_ms: 20_000,
        ..Settings::new(&mut rng)
    };
    let mut shop = Shop::begin(context, settings, &[]).await?;
    let item = items(&mut rng, 1).remove(0);
    let gate = held(&shop, &item).await?;
    shop.queue.revoke(&item);
    let during = "whose lease is lost: POST QUEUE/extend says 409";
    let dropped = || shop.asked(&item).iter().all(|call| call.end.is_some());
    let in_time = wait_until(Duration::from_millis(3500), dropped).await;
    shop.vendor.heal();
    gate.open();
    tokio::time::sleep(Duration::from_millis(150)).await;
    let stored = !shop.stored(&item).is_empty();
    let headline = if stored {
        "The lease was lost, and the result was stored all the same."
    } else if !in_time {
        "The lease was lost, and the work went on."
    } else {
        shop.queue.release(&item);
        let during = "delivered again after its lease was lost";
        let never = Diagnosis("loses-items");
        return shop.is_done(&item, during, never).await;
    };
    let failure = shop
        .failure(Diagnosis("works-without-lease"), headline, &item, during)
        .expected("the call to VENDOR closed, nothing stored: another worker has the item");
    // A result that is stored seconds after the 409 is no matter of time.
    let refused = of_queue_server(&shop, "/extend").iter().any(|call| {
        let since = context.now().saturating_sub(call.at);
        since > Duration::from_secs(2) && call.end.is_some()
    });
    Err(if stored && refused {
        failure.into()
    } else {
        failure.by_clock(Duration::from_secs(3)).into()
    })
}

/// Twice, with limits far apart: the vendor hangs; the vendor takes most of the time, and the store hangs.
pub async fn hangs(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("items");
    for (work_ms, store_hangs) in [
        (rng.random_range(50..=60) * 10, false),
        (rng.random_range(180..=220) * 10, true),
    ] {
        let settings = Settings {
            lease_ms: 900,
            work_ms,
            ..Settings::new(&mut rng)
        };
        let mut shop = Shop::begin(context, settings, &[]).await?;
        let item = items(&mut rng, 1).remove(0);
        let limit = Duration::from_millis(work_ms);
        let who = if store_hangs {
            let most = Fault::Delay(limit * 8 / 10);
            shop.vendor.inject(photo(&item), most);
            shop.store.inject(When::Always, Fault::Hang);
            "VENDOR takes most of the time and STORE"
        } else {
            shop.vendor.inject(photo(&item), Fault::Hang);
            "VENDOR"
        };
        shop.queue.put(&item);
        shop.wait_asked(&item, 1).await;
        let begun = context.now();
        let given_up = || !shop.item(&item).pauses.is_empty() || shop.item(&item).expired > 0;
        wait_until(limit + SOON, given_up).await;
        let took = context.now().saturating_sub(begun);
        let during = format!("for which {who} hangs, WORK_MS={work_ms}");
        let fault = if shop.item(&item).pauses.is_empty() {
            Some(("extends-for-ever", "Work that hangs was not given back."))
        } else if took < limit * 7 / 10 {
            Some((
                "gives-up-early",
                "The work was given up long before WORK_MS.",
            ))
        } else if took > limit + Duration::from_millis(1200) {
            Some((
                "extends-for-ever",
                "The work was given up long after WORK_MS.",
            ))
        } else {
            None
        };
        if let Some((diagnosis, headline)) = fault {
            let failure = shop
                .failure(Diagnosis(diagnosis), headline, &item, &during)
                .expected(format!("POST QUEUE/nack {work_ms} ms after it was taken"));
            // Nothing makes a slow program give up early.
            return Err(if diagnosis == "gives-up-early" {
                failure.into()
            } else {
                failure.by_clock(took.saturating_sub(limit)).into()
            });
        }
        shop.vendor.heal();
        shop.store.heal();
        let well = "for which all is well again";
        shop.is_done(&item, well, Diagnosis("loses-items")).await?;
        pauses_double(&shop, &item, &during)?;
    }
    Ok(())
}

pub async fn crash(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("items");
    let settings = Settings {
        lease_ms: 700,
        ..Settings::new(&mut rng)
    };
    let mut shop = Shop::begin(context, settings, &[]).await?;
    let all = items(&mut rng, 3);
    let gate = held(&shop, &all[0]).await?;
    for item in &all[1..] {
        shop.queue.put(item);
    }
    shop.program.kill().await;
    let settled = shop.fate(&all[0]);
    shop.vendor.heal();
    gate.open();
    if settled == Fate::Done {
        let headline = "The item was acknowledged before its result was stored.";
        return Err(shop
            .failure(
                Diagnosis("acks-first"),
                headline,
                &all[0],
                "whose worker was killed",
            )
            .expected("the acknowledgement after the effect: a crash between repeats the item")
            .into());
    }
    shop.restart(context).await?;
    for item in &all {
        let during = "after the worker was killed and started again";
        shop.is_done(item, during, Diagnosis("loses-items")).await?;
    }
    Ok(())
}
