//! Items that go well, one and many, and the end of the program.

use crate::harness::conduct;
use crate::harness::context::{CheckContext, wait_until};
use crate::harness::upstream::fault::{Gate, When};
use crate::harness::verdict::{CheckOutcome, CheckResult, Diagnosis, Failure};
use crate::queue_worker::queue::Fate;
use crate::queue_worker::shop::{SOON, Settings, Shop, items, photo};
use rand::RngExt;
use std::time::Duration;

const NEVER: Diagnosis = Diagnosis("loses-items");

pub async fn works_and_stops(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("items");
    let items = items(&mut rng, 12);
    let mut shop = Shop::begin(context, Settings::new(&mut rng), &items).await?;
    for item in &items {
        shop.is_done(item, "all is well", NEVER).await?;
        if shop.stored(item).len() > 1 || shop.asked(item).len() > 1 {
            let headline = "An item was worked on more than once though nothing failed.";
            return Err(shop
                .failure(Diagnosis("works-twice"), headline, item, "all is well")
                .expected("one call to VENDOR and one to STORE")
                .into());
        }
    }
    let queue_server = shop.queue_server.calls();
    let acks = queue_server
        .iter()
        .filter(|call| call.request.path == "/ack")
        .count();
    if acks != items.len() {
        let headline = "The items were not acknowledged once each.";
        return Err(Failure::new(Diagnosis("wrong-protocol"), headline)
            .sent(format!("{} items", items.len()))
            .got(format!("{acks} calls of POST QUEUE/ack"))
            .expected("one for each item")
            .into());
    }
    shop.stop().await
}

/// The vendor holds its answers until as many items are in work as there are workers.
pub async fn in_parallel(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("items");
    let settings = Settings::new(&mut rng);
    let items = items(&mut rng, settings.workers * 3);
    let mut shop = Shop::begin(context, settings, &[]).await?;
    let gate = shop.vendor.hold(When::Always);
    for item in &items {
        shop.queue.put(item);
    }
    let workers = settings.workers;
    let all = shop
        .vendor
        .wait_until(SOON, |vendor| vendor.in_flight() >= workers)
        .await;
    // A worker too many would have taken its item by now.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let (most, in_hand) = (shop.vendor.peak(), shop.queue.most_in_hand());
    gate.open();
    let fault = if !all {
        Some((
            "too-few-at-a-time",
            "Fewer items than WORKERS are in work at a time.",
        ))
    } else if most > workers {
        Some((
            "too-many-at-a-time",
            "More items than WORKERS are in work at a time.",
        ))
    } else if in_hand > workers {
        Some((
            "takes-ahead",
            "Items are taken that nobody is free to work on.",
        ))
    } else {
        None
    };
    if let Some((diagnosis, headline)) = fault {
        return Err(Failure::new(Diagnosis(diagnosis), headline)
            .sent(format!(
                "{} items, WORKERS={workers}, the vendor is slow",
                items.len()
            ))
            .got(format!("{most} in work, {in_hand} handed out"))
            .expected(format!(
                "{workers} in work, and no more handed out: leases run"
            ))
            .by_clock(SOON)
            .into());
    }
    for item in &items {
        shop.is_done(item, "the vendor was slow", NEVER).await?;
    }
    Ok(())
}

/// Twice, with pauses so far apart that no constant is right for both; the first time for so long that a
/// pause that grows is long by then.
pub async fn polls(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("items");
    for (poll_ms, watched_ms) in [
        (rng.random_range(4..=6) * 10, 4000),
        (rng.random_range(50..=60) * 10, 1500),
    ] {
        let settings = Settings {
            poll_ms,
            workers: 2,
            ..Settings::new(&mut rng)
        };
        let mut shop = Shop::begin(context, settings, &[]).await?;
        let before = shop.queue_server.calls().len();
        tokio::time::sleep(Duration::from_millis(watched_ms)).await;
        let calls = shop.queue_server.calls().len() - before;
        let right = (watched_ms / poll_ms) as usize;
        // Each worker may ask for itself.
        if calls > right * settings.workers * 5 / 4 + settings.workers {
            let headline = "The empty queue is asked again and again.";
            return Err(Failure::new(Diagnosis("busy-loop"), headline)
                .sent(format!(
                    "an empty queue for {watched_ms} ms, POLL_MS={poll_ms}"
                ))
                .got(format!("{calls} calls of POST QUEUE/receive"))
                .expected(format!(
                    "about {right} for each of {} workers",
                    settings.workers
                ))
                .into());
        }
        // One worker alone asks so often. For a quarter of that a machine must add three pauses to each.
        if calls < right / 4 {
            let headline = "The empty queue is asked less and less often.";
            return Err(Failure::new(Diagnosis("sleeps-too-long"), headline)
                .sent(format!(
                    "an empty queue for {watched_ms} ms, POLL_MS={poll_ms}"
                ))
                .got(format!("{calls} calls of POST QUEUE/receive"))
                .expected(format!("about {right} for each worker"))
                .by_clock(Duration::from_millis(poll_ms * 3))
                .into());
        }
        // So many that the pause may be made before the first one, not after each.
        let late = items(&mut rng, 12);
        for item in &late {
            shop.queue.put(item);
        }
        let taken = || late.iter().all(|item| shop.fate(item) == Fate::Done);
        if !wait_until(Duration::from_millis(poll_ms + 1000), taken).await {
            let never = Diagnosis("sleeps-too-long");
            let last = &late[11];
            let during = "one of twelve, put into a queue that was empty";
            shop.is_done(last, during, never).await?;
            let headline = "Items that came later were not taken for long.";
            return Err(shop
                .failure(never, headline, last, during)
                .expected(format!("taken after POLL_MS={poll_ms} at the latest"))
                .by_clock(Duration::from_secs(1))
                .into());
        }
    }
    Ok(())
}

/// One item is in hand for each worker, for longer than its lease, more are waiting, and SIGTERM comes.
pub async fn sigterm(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("items");
    let settings = Settings {
        lease_ms: 1500,
        ..Settings::new(&mut rng)
    };
    let items = items(&mut rng, settings.workers * 2);
    let shop = Shop::begin(context, settings, &[]).await?;
    let gate = shop.vendor.hold(When::Always);
    for item in &items {
        shop.queue.put(item);
    }
    let workers = settings.workers;
    shop.vendor
        .wait_until(SOON, |vendor| vendor.in_flight() >= workers)
        .await;
    let in_hand: Vec<&String> = items
        .iter()
        .filter(|item| shop.item(item).attempts > 0)
        .collect();
    shop.program.terminate();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let asked = shop.vendor.calls().len();
    gate.open();
    let ended = shop.program.wait_ended(SOON).await;
    let during = "in hand when SIGTERM comes";
    if let Some(lost) = in_hand.iter().find(|item| shop.fate(item) != Fate::Done) {
        let headline = "SIGTERM came, and an item in hand was not finished.";
        return Err(shop
            .failure(Diagnosis("drops-work-in-hand"), headline, lost, during)
            .expected("the result stored and the item acknowledged, then the exit")
            .by_clock(Duration::from_millis(settings.lease_ms / 2))
            .into());
    }
    if shop.vendor.calls().len() > asked || shop.queue.most_in_hand() > workers {
        let headline = "After SIGTERM the program took further items.";
        return Err(
            Failure::new(Diagnosis("takes-more-after-sigterm"), headline)
                .sent(format!(
                    "SIGTERM, {} items in hand, {} waiting",
                    in_hand.len(),
                    workers
                ))
                .got(format!(
                    "{} calls to VENDOR in all",
                    shop.vendor.calls().len()
                ))
                .expected(format!("{asked}: those in hand, and no more"))
                .into(),
        );
    }
    match ended {
        Some(ended) if ended.0.success() => Ok(()),
        Some(ended) => Err(Failure::new(
            Diagnosis("wrong-exit"),
            "The program finished its work and says that it failed.",
        )
        .sent("SIGTERM")
        .got(format!("it {}", ended.in_words()))
        .expected("exit status 0")
        .into()),
        None => conduct::stops(shop.program).await,
    }
}

/// Used by other checks as well: the item is put into the queue and held at the vendor, behind this gate.
pub async fn held(shop: &Shop, item: &str) -> Result<Gate, CheckOutcome> {
    let gate = shop.vendor.hold(photo(item));
    shop.queue.put(item);
    if shop.wait_asked(item, 1).await {
        return Ok(gate);
    }
    let headline = "The vendor was not asked about an item.";
    Err(shop
        .failure(NEVER, headline, item, "put into the queue")
        .expected("GET VENDOR/photos/ITEM")
        .by_clock(SOON)
        .into())
}
