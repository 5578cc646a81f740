//! Shards that die or hang, and files that make no sense.

use crate::harness::context::{CheckContext, wait_until};
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckOutcome, CheckResult, Failure};
use crate::sharding_proxy::proxy::{Proxy, SLACK, Settings, keys};
use axum::http::Method;
use futures::future::join_all;
use rand::RngExt;

/// It breaks off, is well for a moment, and then it refuses connections.
pub async fn dead_shard(context: &CheckContext) -> CheckResult {
    let mut proxy = Proxy::begin(context, Settings::USUAL, 4).await?;
    let keys = keys(&mut context.rng("keys"), 60);
    let owners = proxy.owners(&keys, "all is well").await?;
    let dead = owners[&keys[0]].clone();
    proxy.shard(&dead).inject(When::Always, Fault::CutBody);
    for refuses in [false, true] {
        let during = if refuses {
            proxy.shard(&dead).heal();
            let well = format!("as soon as {dead} is well again");
            proxy.owners(&keys, &well).await?;
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
    const HANGING: usize = 25;
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
        let hanging = join_all((0..HANGING).map(|_| proxy.get(&keys[0])));
        let (mut slow, quick) = futures::join!(hanging, async {
            proxy
                .shard(&hung)
                .wait_until(limit / 4, |shard| shard.in_flight() == HANGING)
                .await;
            join_all(others.iter().map(|key| proxy.get(key))).await
        });
        let failure = |diagnosis: &'static str, headline: &str, got: String| {
            let due = format!("503 after {try_ms} ms, the call closed, other keys at once");
            Failure::new(diagnosis, headline)
                .sent(&during)
                .got(got)
                .expected(due)
        };
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
        let slow = slow.remove(0);
        let took = slow.as_ref().map_or(limit, |reply| reply.took);
        proxy.expect_503(&keys[0], slow, &during).await?;
        let closed = || proxy.shard(&hung).in_flight() == 0;
        let late = took.saturating_sub(limit);
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
    }
    Ok(())
}

pub async fn bad_file(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("keys");
    let hot = keys(&mut rng, 1);
    let settings = Settings {
        copies: 2,
        ..Settings::USUAL
    };
    let mut proxy = Proxy::begin(context, settings, 4).await?;
    let keys = keys(&mut rng, 40);
    let owners = proxy.owners(&keys, "all is well").await?;
    let good = proxy.list();
    let half = &good[..good.len() / 2];
    let half = half.trim_end_matches(|c| c != ' ').trim_end();
    for text in ["", "\n", half, "shard-only\n"] {
        proxy.publish_text(text).await?;
        let during = format!("after SHARDS_FILE became {:?}", ddlab_text::clip(text, 60));
        let after = proxy.owners(&keys, &during).await.map_err(|outcome| {
            let headline = "A file that makes no sense was taken.";
            because("takes-bad-file", headline, outcome, &during)
        })?;
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
    // The other file is one of its own; and then the next good one counts.
    proxy.heat(&hot).await?;
    proxy.lose_hot_file()?;
    drop(proxy.shards.pop());
    proxy.publish().await?;
    let during = "after HOT_FILE came and went, and a good SHARDS_FILE with one shard less";
    let after = proxy.owners(&keys, during).await;
    after.map_err(|outcome| {
        let headline = "A good file is not taken after one that makes no sense.";
        because("misses-change", headline, outcome, during)
    })?;
    let reply = proxy.put(&hot[0], "{}").await;
    proxy
        .expect(&hot[0], Method::PUT, "{}", reply, during)
        .await?;
    let written = proxy.asked(&Method::PUT, &hot[0]);
    if written.len() == 2 {
        return Ok(());
    }
    let headline = "A key is not hot, though the last good HOT_FILE had it.";
    Err(Failure::new("takes-bad-file", headline)
        .sent(format!("PUT /keys/{}, {during}", hot[0]))
        .got(format!("written to {written:?}"))
        .expected("a call to each of two shards: the last good file stays")
        .into())
}

/// Whatever went wrong with the keys, it was the file.
fn because(
    diagnosis: &'static str,
    headline: &str,
    outcome: CheckOutcome,
    during: &str,
) -> CheckOutcome {
    match outcome.failure() {
        Some(failure) => Failure::new(diagnosis, headline)
            .sent(during)
            .got(failure.got.clone())
            .expected("the last good file counts")
            .into(),
        None => outcome,
    }
}
