//! In parallel, and not a moment longer than the deadline, nor a shorter one.

use crate::harness::context::CheckContext;
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckResult, Diagnosis, Failure};
use crate::scatter_gather_top10::corpus::{SHARDS, Shape};
use crate::scatter_gather_top10::judge::Expected;
use crate::scatter_gather_top10::search::{Search, query, query_where};
use rand::RngExt;
use std::time::Duration;

/// Every shard holds its answer until all three have been asked. A program that asks in turn never
/// asks the second.
pub async fn parallel(context: &CheckContext) -> CheckResult {
    let mut search = Search::begin_with(context, Shape::Mixed, Duration::from_millis(1200)).await?;
    let query = query(&mut context.rng("query"));
    let gate = search.shards[0].hold(When::Always);
    for shard in &search.shards[1..] {
        // No witness is asked of these two: that they are not asked is what the check finds.
        shard.inject_unwitnessed(When::Always, Fault::Hold(gate.clone()));
    }
    let patience = Duration::from_millis(600);
    let all_asked = async {
        for shard in &search.shards {
            if !shard.wait_until(patience, |shard| shard.peak() > 0).await {
                break;
            }
        }
        let asked: Vec<String> = search
            .shards
            .iter()
            .filter(|shard| shard.peak() > 0)
            .map(|shard| shard.name().to_owned())
            .collect();
        gate.open();
        asked
    };
    let (reply, asked) = futures::join!(search.ask(&query), all_asked);
    // One that was not asked even later is not serial, but forgotten: `judge` tells that.
    let asked_later = search.shards.iter().all(|shard| shard.peak() > 0);
    if asked.len() < SHARDS && asked_later {
        return Err(Failure::new(
            Diagnosis("serial-fan-out"),
            "The program does not ask the next shard before the last one has answered.",
        )
        .sent(format!("GET {}", Search::line(&query)))
        .got(format!(
            "after {} ms only {} had been asked",
            patience.as_millis(),
            asked.join(", ")
        ))
        .expected("all three asked at once: each holds its answer until the others are asked")
        .by_clock(patience)
        .into());
    }
    let expected = Expected::whole(&query).during("each shard waits until all have been asked");
    let judged = search.judge(&expected, reply).await;
    // On a busy machine the deadline may have come before the second shard was asked.
    judged.map_err(|outcome| match asked.len() {
        SHARDS => outcome,
        _ => outcome.by_clock(patience),
    })
}

/// Together with [`shard_hangs`] the two deadlines lie so far apart that no constant keeps both.
pub async fn slow_but_in_time(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("fault");
    let deadline = Duration::from_millis(rng.random_range(170..=200) * 10);
    let mut search = Search::begin_with(context, Shape::Mixed, deadline).await?;
    let slow = rng.random_range(0..SHARDS);
    let delay = deadline * rng.random_range(82..=84) / 100;
    search.shards[slow].inject(When::Always, Fault::Delay(delay));
    let query = query(&mut rng);
    let (delay_ms, deadline_ms) = (delay.as_millis(), deadline.as_millis());
    let expected = Expected::whole(&query)
        .during(format!(
            "shard {} takes {delay_ms} of {deadline_ms} ms",
            slow + 1
        ))
        .names(|names| names.blames = Diagnosis("gives-up-early"));
    search.expect(&expected).await
}

pub async fn shard_hangs(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("fault");
    let deadline = Duration::from_millis(rng.random_range(25..=35) * 10);
    let mut search = Search::begin_with(context, Shape::Mixed, deadline).await?;
    let hanging = rng.random_range(0..SHARDS);
    search.shards[hanging].inject(When::Always, Fault::Hang);
    for _ in 0..2 {
        let query = query(&mut rng);
        let missing = [hanging];
        let expected = Expected::partial(&query, &missing);
        search
            .expect(&expected.during(format!("shard {} hangs", hanging + 1)))
            .await?;
    }
    Ok(())
}

/// A byte every 40 ms: each read returns in time, the body never does.
pub async fn shard_drips(context: &CheckContext) -> CheckResult {
    let mut search = Search::begin(context, Shape::Mixed).await?;
    let mut rng = context.rng("fault");
    let dripping = rng.random_range(0..SHARDS);
    let every = Duration::from_millis(40);
    search.shards[dripping].inject(When::Always, Fault::Drip { every });
    // Enough hits that the whole body takes far longer than anyone would wait.
    let query = query_where(&mut rng, |query| {
        search.corpus.hits(query, dripping).len() >= 8
    })?;
    let missing = [dripping];
    let expected = Expected::partial(&query, &missing)
        .during(format!("shard {} sends one byte every 40 ms", dripping + 1))
        .names(|names| {
            names.never = Diagnosis("timeout-per-read");
            names.late = names.never;
        });
    search.expect(&expected).await
}
