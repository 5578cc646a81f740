//! Attempts that fail, and when an item is given up.

use crate::harness::conduct;
use crate::harness::context::{CheckContext, wait_until};
use crate::harness::upstream::fault::{Fault, Garbage, When};
use crate::harness::verdict::{CheckResult, Diagnosis};
use crate::queue_worker::queue::Fate;
use crate::queue_worker::shop::{SOON, Settings, Shop, items, photo};
use rand::RngExt;
use std::collections::BTreeSet;
use std::time::Duration;

/// Fails in every attempt but the last one that it has.
pub async fn flaky(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("items");
    let settings = Settings {
        max_attempts: rng.random_range(5..=7),
        ..Settings::new(&mut rng)
    };
    let mut shop = Shop::begin(context, settings, &[]).await?;
    let all = items(&mut rng, 5);
    let faults = [
        Fault::Status(503),
        Fault::Status(404),
        Fault::CutBody,
        Fault::Garbage(Garbage::HalfJson),
        Fault::Garbage(Garbage::NoFields),
    ];
    let good = settings.max_attempts as usize - 1;
    for (item, fault) in all.iter().zip(faults) {
        let during = format!(
            "for which VENDOR {} {good} times, MAX_ATTEMPTS={}",
            fault.in_words(),
            settings.max_attempts
        );
        // The vendor hears of no other item meanwhile; the last attempt finds it well.
        let first = shop.vendor.calls().len() as u64;
        let calls = When::Calls(first..first + good as u64);
        shop.vendor.inject(calls, fault);
        shop.queue.put(item);
        wait_until(SOON, || shop.item(item).pauses.len() >= good).await;
        shop.is_done(item, &during, Diagnosis("gives-up-early"))
            .await?;
        pauses_double(&shop, item, &during)?;
    }
    // What is left of a pause without the power of two.
    let parts = |item: &String| {
        let pauses = shop.item(item).pauses.into_iter();
        pauses
            .enumerate()
            .map(|(nr, pause)| pause >> nr)
            .collect::<Vec<_>>()
    };
    let parts: BTreeSet<u64> = all.iter().flat_map(parts).collect();
    if parts.len() < 3 {
        let headline = "The pauses are not random.";
        return Err(shop
            .failure(
                Diagnosis("no-jitter"),
                headline,
                &all[0],
                "and the others that failed",
            )
            .got(format!("each pause is {parts:?} ms times a power of two"))
            .expected("any number between the bounds, another one each time")
            .into());
    }
    Ok(())
}

/// Each pause is at least twice as long as the one before, from 100 ms on.
pub fn pauses_double(shop: &Shop, item: &str, during: &str) -> CheckResult {
    let pauses = shop.item(item).pauses;
    let least = |nr: usize| 100_u64 << nr;
    let wrong = pauses.iter().enumerate().find(|(nr, pause)| {
        let least = least(*nr);
        !(least..=2 * least).contains(*pause)
    });
    let Some((nr, _)) = wrong else {
        return Ok(());
    };
    let headline = "An item was given back without the pause that is due.";
    Err(shop
        .failure(Diagnosis("wrong-pause"), headline, item, during)
        .got(format!("pause_ms {pauses:?}"))
        .expected(format!(
            "{} to {} after failure {}",
            least(nr),
            2 * least(nr),
            nr + 1
        ))
        .into())
}

/// One item fails whatever is done, here and before; the others must not suffer, not even from its pause.
pub async fn poison(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("items");
    let settings = Settings {
        workers: 1,
        max_attempts: rng.random_range(6..=8),
        ..Settings::new(&mut rng)
    };
    let mut all = items(&mut rng, 6);
    let poison = all.remove(0);
    let mut shop = Shop::begin(context, settings, &[]).await?;
    shop.vendor.inject(photo(&poison), Fault::Status(500));
    let most = settings.max_attempts;
    shop.queue.put_again(&poison, most - 2);
    for item in &all {
        shop.queue.put(item);
    }
    let during = format!("for which VENDOR always answers 500, MAX_ATTEMPTS={most}");
    shop.wait_asked(&poison, 1).await;
    let all_done = || all.iter().all(|item| shop.fate(item) == Fate::Done);
    if !wait_until(Duration::from_secs(1), all_done).await {
        conduct::lives(&mut shop.program, &during).await?;
        let headline = "The other items had to wait for one that fails.";
        return Err(shop
            .failure(Diagnosis("blocks-others"), headline, &poison, &during)
            .expected("given back at once; the queue keeps the pause")
            .by_clock(Duration::from_secs(1))
            .into());
    }
    let too_often = || shop.item(&poison).attempts > most;
    wait_until(SOON, || {
        matches!(shop.fate(&poison), Fate::Dead(_)) || too_often()
    })
    .await;
    conduct::lives(&mut shop.program, &during).await?;
    let item = shop.item(&poison);
    let (diagnosis, headline) = match item.fate {
        Fate::Dead(_) if item.attempts < most => ("gives-up-early", "The item was given up early."),
        Fate::Dead(reason) if reason.trim().is_empty() => {
            ("no-reason", "The dead letter does not say why.")
        }
        Fate::Dead(_) => {
            for item in &all {
                shop.is_done(item, "beside a poison item", Diagnosis("loses-items"))
                    .await?;
            }
            return Ok(());
        }
        Fate::Done => ("acks-failures", "An item that failed was acknowledged."),
        _ => ("never-dead", "The item was not put aside."),
    };
    Err(shop
        .failure(Diagnosis(diagnosis), headline, &poison, &during)
        .expected(format!(
            "POST QUEUE/dead with a reason when attempt {most} has failed"
        ))
        .by_clock(SOON)
        .into())
}

pub async fn broken(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("items");
    let item = format!("broken-{}", items(&mut rng, 1).remove(0));
    let settings = Settings::new(&mut rng);
    let mut shop = Shop::begin(context, settings, std::slice::from_ref(&item)).await?;
    let during = "for which VENDOR answers 422";
    let settled = || matches!(shop.fate(&item), Fate::Dead(_) | Fate::Done);
    wait_until(SOON, settled).await;
    conduct::lives(&mut shop.program, during).await?;
    let known = shop.item(&item);
    let (diagnosis, headline) = match known.fate {
        Fate::Dead(reason) if reason.trim().is_empty() => {
            ("no-reason", "The dead letter does not say why.")
        }
        Fate::Dead(_) if known.attempts == 1 => return Ok(()),
        Fate::Done => (
            "acks-failures",
            "An item that cannot succeed was acknowledged.",
        ),
        _ => (
            "retries-hopeless",
            "An item that cannot succeed was tried again.",
        ),
    };
    Err(shop
        .failure(Diagnosis(diagnosis), headline, &item, during)
        .expected("POST QUEUE/dead with a reason, at once")
        .by_clock(SOON)
        .into())
}

/// The store fails; then it stores and its answer is lost, so that the result is stored again.
pub async fn store_fails(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("items");
    let settings = Settings::new(&mut rng);
    let mut shop = Shop::begin(context, settings, &[]).await?;
    for fault in [500, 202, 404]
        .map(Fault::Status)
        .into_iter()
        .chain([Fault::CutBody])
    {
        let item = items(&mut rng, 1).remove(0);
        let during = format!("for which STORE {} once", fault.in_words());
        shop.store.inject(When::Always, fault);
        shop.queue.put(&item);
        let failed = || !shop.stored(&item).is_empty();
        wait_until(SOON, failed).await;
        let settled = || shop.fate(&item) == Fate::Done || !shop.item(&item).pauses.is_empty();
        wait_until(SOON, settled).await;
        if shop.fate(&item) == Fate::Done && shop.stored(&item).len() < 2 {
            let headline =
                "The item was acknowledged though its result was not known to be stored.";
            return Err(shop
                .failure(Diagnosis("acks-without-effect"), headline, &item, &during)
                .expected("POST QUEUE/nack: the attempt failed")
                .into());
        }
        shop.store.heal();
        shop.is_done(&item, &during, Diagnosis("loses-items"))
            .await?;
    }
    Ok(())
}
