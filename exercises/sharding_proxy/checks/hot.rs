//! Keys that are too much for one shard.

use crate::harness::context::CheckContext;
use crate::harness::verdict::{CheckResult, Failure};
use crate::sharding_proxy::proxy::{Proxy, Settings, keys};
use axum::http::Method;
use rand::RngExt;
use std::collections::BTreeSet;

/// Twice, with numbers of copies that no constant keeps; the second time there are fewer shards.
pub async fn hot_key(context: &CheckContext) -> CheckResult {
    const READS: usize = 90;
    let mut rng = context.rng("keys");
    for (copies, shards) in [(rng.random_range(2..=3), 5), (4, 3)] {
        let hot = keys(&mut rng, 1).remove(0);
        let settings = Settings {
            hot: vec![hot.clone()],
            copies,
            ..Settings::USUAL
        };
        let mut proxy = Proxy::begin(context, settings, shards).await?;
        let due = copies.min(shards);
        let during = format!("which is hot, COPIES={copies}, with {shards} shards");
        proxy.owners(&vec![hot.clone(); READS], &during).await?;
        let read = proxy.asked(&Method::GET, &hot);
        let least = READS / due / 3;
        if read.len() != due || read.values().any(|count| *count < least) {
            return Err(Failure::new(
                "hot-key-not-spread",
                "The reads of a hot key are not spread.",
            )
            .sent(format!("{READS} x GET /keys/{hot}, {during}"))
            .got(format!("calls to its shards: {read:?}"))
            .expected(format!("about {} for each of {due} shards", READS / due))
            .into());
        }
        let body = "{\"cents\": 7}";
        let reply = proxy.put(&hot, body).await;
        proxy
            .expect(&hot, Method::PUT, body, reply, &during)
            .await?;
        let written = proxy.asked(&Method::PUT, &hot);
        let same: BTreeSet<_> = written.keys().collect();
        if same != read.keys().collect() || written.values().any(|count| *count != 1) {
            return Err(Failure::new(
                "hot-write-missed",
                "A write of a hot key misses one of its shards.",
            )
            .sent(format!("PUT /keys/{hot}, {during}"))
            .got(format!("written to {written:?}, read from {read:?}"))
            .expected("one call to each shard that it is read from")
            .into());
        }
        let cold = keys(&mut rng, 1).remove(0);
        proxy
            .owners(&vec![cold.clone(); 20], "which is not hot")
            .await?;
        let read = proxy.asked(&Method::GET, &cold);
        if read.len() > 1 {
            return Err(
                Failure::new("key-wanders", "A key that is not hot has several shards.")
                    .sent(format!("20 x GET /keys/{cold}"))
                    .got(format!("calls to its shards: {read:?}"))
                    .expected("one shard")
                    .into(),
            );
        }
    }
    Ok(())
}

pub async fn hot_key_survives(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("keys");
    let hot = keys(&mut rng, 1).remove(0);
    let settings = Settings {
        hot: vec![hot.clone()],
        ..Settings::USUAL
    };
    let mut proxy = Proxy::begin(context, settings, 5).await?;
    proxy.owners(&vec![hot.clone(); 40], "which is hot").await?;
    let read = proxy.asked(&Method::GET, &hot);
    let Some(dead) = read.keys().next().cloned() else {
        return Ok(());
    };
    proxy.shard(&dead).close().await;
    let during = format!("which is hot, while {dead} is dead, one of its shards");
    for _ in 0..25 {
        let reply = proxy.get(&hot).await;
        let is_503 = reply.as_ref().is_ok_and(|reply| reply.status == 503);
        if is_503 {
            return Err(Failure::new(
                "hot-key-dies",
                "A hot key cannot be read though it has other shards.",
            )
            .sent(format!("GET /keys/{hot}, {during}"))
            .got("status 503")
            .expected("the answer of another one of its shards")
            .into());
        }
        proxy.expect(&hot, Method::GET, "", reply, &during).await?;
    }
    let reply = proxy.put(&hot, "{}").await;
    proxy.expect_503(&hot, reply, &during).await
}
