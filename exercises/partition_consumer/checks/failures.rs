//! Records and calls that fail.

use crate::harness::context::{CheckContext, wait_until};
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckResult, Failure};
use crate::partition_consumer::broker::PARTITIONS;
use crate::partition_consumer::group::{Group, SLACK, SOON, Settings, of};
use rand::RngExt;
use std::time::{Duration, Instant};
use tokio::time::sleep;

pub async fn poison(context: &CheckContext) -> CheckResult {
    let mut group = Group::usual(context).await?;
    group.start(context, "m-1").await?;
    group.append(3);
    let dead = When::Path("/dead".to_owned());
    let struck = group.broker_server.inject(dead, Fault::Status(503));
    group.append_to(1, " poison");
    let repeated = wait_until(SOON, || struck.heard() > 1).await;
    group.broker_server.heal();
    if struck.heard() == 1 && !repeated {
        let during = "a record that the store will never take, and BROKER/dead answers 503";
        return Err(group
            .failure("drops-poison", "A record was not put aside.", during)
            .got("one POST BROKER/dead")
            .expected("the same again, until it is answered with 200")
            .by_clock(SOON)
            .into());
    }
    for partition in [4, 4] {
        group.append_to(partition, " poison");
    }
    group.append(4);
    let during = "some of which the store will never take";
    group.finishes(during, "stuck-at-poison").await?;
    if group.broker.dead().len() != 3 {
        return Err(group
            .failure(
                "drops-poison",
                "A record that will never be taken was not put aside.",
                during,
            )
            .got(format!("put aside: {:?}", group.broker.dead()))
            .expected("POST BROKER/dead for three of them, and for no other")
            .into());
    }
    Ok(())
}

/// The store fails for one partition; then the broker fails, for less than a session.
pub async fn away(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("times");
    for retry_ms in [rng.random_range(60..=80), 900] {
        let settings = Settings {
            retry_ms,
            session: Duration::from_secs(8),
            ..Settings::new(&mut rng)
        };
        let mut group = Group::begin(context, settings).await?;
        group.start(context, "m-1").await?;
        let retry = Duration::from_millis(retry_ms);
        // Where that is quick, far more often than anybody counts to.
        let times = if retry_ms <= 300 { 25 } else { 3 };
        let refusal = if retry_ms <= 300 { 503 } else { 429 };
        for fault in [Fault::Status(refusal), Fault::CutBody] {
            let during = format!(
                "while the store {} for partition 2, RETRY_MS={retry_ms}",
                fault.in_words()
            );
            group.store_server.inject(of(2), fault);
            let before = group.store_server.calls().len();
            group.append(4);
            let calls = || {
                let calls = group.store_server.calls().into_iter().skip(before);
                let calls = calls.filter(|call| call.request.path.starts_with("/2/"));
                calls.collect::<Vec<_>>()
            };
            let limit = retry * times + SLACK * 2;
            wait_until(limit, || calls().len() >= times as usize).await;
            let calls = calls();
            group.live(&during).await?;
            let paths: Vec<_> = calls.iter().map(|call| &call.request.path).collect();
            let pauses = calls.windows(2).map(|pair| {
                pair[1]
                    .at
                    .saturating_sub(pair[0].over(Duration::from_secs(2)))
            });
            let short = pauses.filter(|pause| *pause < retry * 9 / 10).count();
            let (diagnosis, headline) = if paths.iter().any(|path| *path != paths[0]) {
                ("gives-up", "A record that failed is passed over.")
            } else if calls.len() < times as usize {
                ("gives-up", "A record that failed is not repeated.")
            } else if short * 2 > calls.len() {
                (
                    "busy-loop",
                    "A record that failed is repeated without a pause.",
                )
            } else {
                group.store_server.heal();
                group.finishes(&during, "gives-up").await?;
                continue;
            };
            let last = paths.last().map_or("", |path| path.as_str());
            let failure = Failure::new(diagnosis, headline)
                .sent(&during)
                .got(format!(
                    "{} calls, the last of them PUT {}",
                    calls.len(),
                    last
                ))
                .expected(format!(
                    "the same call again {retry_ms} ms after each failure"
                ))
                .in_order(&[last]);
            return Err(if calls.len() < times as usize {
                failure.by_clock(SLACK * 2).into()
            } else {
                failure.into()
            });
        }
        broker_away(&mut group, retry_ms).await?;
    }
    Ok(())
}

/// The broker fails, for less than a session: nothing of it ends the generation.
async fn broker_away(group: &mut Group, retry_ms: u64) -> CheckResult {
    let during = format!("while the broker answers 503, RETRY_MS={retry_ms}");
    group.broker_server.inject(When::Always, Fault::Status(503));
    group.append(3);
    let (begun, seen) = (Instant::now(), group.broker_server.calls().len());
    sleep(Duration::from_millis(1200)).await;
    let calls = group.broker_server.calls().len() - seen;
    group.broker_server.heal();
    // Each partition and the heartbeat for itself.
    let each = begun.elapsed().as_millis() as u64 / retry_ms + 2;
    let most = each as usize * (PARTITIONS + 2);
    if calls > most {
        let headline = "A call to the broker that failed is repeated without a pause.";
        return Err(Failure::new("busy-loop", headline)
            .sent(during)
            .got(format!("{calls} calls in 1200 ms"))
            .expected(format!(
                "at most {most}: each again {retry_ms} ms after it failed"
            ))
            .into());
    }
    group.finishes(&during, "gives-up").await?;
    let joins = group.broker_server.calls().into_iter();
    let joins = joins.filter(|call| call.request.path == "/join").count();
    if joins > 1 {
        let headline = "A member joined again though its generation was not over.";
        return Err(group
            .failure("joins-again", headline, &during)
            .got(format!("{joins} calls of POST BROKER/join"))
            .expected("one: a heartbeat that fails is repeated, a 409 ends the generation")
            .into());
    }
    Ok(())
}
