//! Shards that die or hang, and files that make no sense.

use crate::harness::context::{CheckContext, wait_until};
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckOutcome, CheckResult, Failure};
use crate::sharding_proxy::proxy::{Proxy, SLACK, Settings, keys};
use axum::http::Method;
use futures::future::join_all;
use rand::RngExt;

/// It breaks off, and then it refuses connections.
pub async fn dead_shard(context: &CheckContext) -> CheckResult {
    let mut proxy = Proxy::begin(context, Settings::USUAL, 4).await?;
    let keys = keys(&mut context.rng("keys"), 60);
    let owners = proxy.owners(&keys, "all is well").await?;
    let dead = owners[&keys[0]].clone();
    proxy.shard(&dead).inject(When::Always, Fault::CutBody);
    for refuses in [false, true] {
        let during = if refuses {
            proxy.shard(&dead).close().await;
            format!("while {dead} refuses connections")
        } else {
            format!("while {dead} breaks off in the middle of its answers")
        };
        for key in &keys {
            let reply = proxy.get(key).await;
            if owners[key] == dead {
                proxy.expect_503(key, reply, &during).await?;
                let reply = proxy.put(key, "{}").await;
                proxy.expect_503(key, reply, &during).await?;
            } else {
                proxy.expect(key, Method::GET, "", reply, &during).await?;
            }
        }
    }
    Ok(())
}

/// Twice, with times far apart.
pub async fn hanging_shard(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("times");
    for try_ms in [
        rng.random_range(40..=50) * 10,
        rng.random_range(170..=200) * 10,
    ] {
        let settings = Settings {
            try_ms,
            ..Settings::USUAL
        };
        let mut proxy = Proxy::begin(context, settings, 4).await?;
        let keys = keys(&mut rng, 30);
        let owners = proxy.owners(&keys, "all is well").await?;
        let hung = owners[&keys[0]].clone();
        proxy.shard(&hung).inject(When::Always, Fault::Hang);
        let during = format!("while {hung} hangs, TRY_MS={try_ms}");
        let others: Vec<&String> = keys
            .iter()
            .filter(|key| owners[*key] != hung)
            .take(6)
            .collect();
        let limit = proxy.try_time();
        let (slow, quick) = futures::join!(proxy.get(&keys[0]), async {
            proxy
                .shard(&hung)
                .wait_until(SLACK, |shard| shard.in_flight() > 0)
                .await;
            join_all(others.iter().map(|key| proxy.get(key))).await
        });
        let took = slow.as_ref().map_or(limit, |reply| reply.took);
        proxy.expect_503(&keys[0], slow, &during).await?;
        let closed = || proxy.shard(&hung).in_flight() == 0;
        let late = took.saturating_sub(limit);
        let failure = |diagnosis: &'static str, headline: &str, got: String| {
            let due = format!("503 after {try_ms} ms, the call closed, other keys at once");
            Failure::new(diagnosis, headline)
                .sent(&during)
                .got(got)
                .expected(due)
        };
        if late > SLACK || took < limit * 8 / 10 {
            let got = format!("an answer after {} ms", took.as_millis());
            let failure = failure("misses-try-time", "A call does not end after TRY_MS.", got);
            return Err(if late > SLACK {
                failure.by_clock(late)
            } else {
                failure
            }
            .into());
        }
        if !wait_until(SLACK, closed).await {
            let got = "a call that is still open".to_owned();
            let headline = "The call goes on after its request.";
            return Err(failure("misses-try-time", headline, got)
                .by_clock(SLACK)
                .into());
        }
        let slowest = quick
            .iter()
            .map(|reply| reply.as_ref().map_or(limit, |reply| reply.took))
            .max();
        let slowest = slowest.unwrap_or_default();
        if slowest > limit / 2 {
            let got = format!("a key of another shard took {} ms", slowest.as_millis());
            let headline = "A shard that hangs delays keys of others.";
            return Err(failure("blocks-others", headline, got)
                .by_clock(limit / 2)
                .into());
        }
    }
    Ok(())
}

pub async fn bad_file(context: &CheckContext) -> CheckResult {
    let mut proxy = Proxy::begin(context, Settings::USUAL, 4).await?;
    let keys = keys(&mut context.rng("keys"), 40);
    let owners = proxy.owners(&keys, "all is well").await?;
    let good = proxy.list();
    let half = &good[..good.len() / 2];
    let half = half.trim_end_matches(|c| c != ' ').trim_end();
    for text in ["", "\n", half, "shard-only\n"] {
        proxy.publish_text(text).await?;
        let during = format!("after SHARDS_FILE became {:?}", ddlab_text::clip(text, 60));
        let after = proxy
            .owners(&keys, &during)
            .await
            .map_err(|outcome| taken(outcome, &during))?;
        let moved = keys
            .iter()
            .filter(|key| owners[*key] != after[*key])
            .count();
        if moved > 0 {
            return Err(
                Failure::new("takes-bad-file", "A file that makes no sense was taken.")
                    .sent(format!("{} keys, {during}", keys.len()))
                    .got(format!("{moved} keys have another shard"))
                    .expected("the last good file stays")
                    .into(),
            );
        }
    }
    Ok(())
}

/// Whatever went wrong with the keys, it was the file.
fn taken(outcome: CheckOutcome, during: &str) -> CheckOutcome {
    match outcome.failure() {
        Some(failure) => Failure::new("takes-bad-file", "A file that makes no sense was taken.")
            .sent(during)
            .got(failure.got.clone())
            .expected("the last good file stays")
            .into(),
        None => outcome,
    }
}
