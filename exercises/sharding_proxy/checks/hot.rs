//! Keys that are too much for one shard.

use crate::harness::context::CheckContext;
use crate::harness::verdict::{CheckResult, Failure};
use crate::sharding_proxy::proxy::{Proxy, Settings, keys};
use axum::http::Method;
use rand::RngExt;
use std::collections::BTreeSet;

/// Twice, with numbers of copies that no constant keeps; the second time there are fewer shards. The keys
/// are cold at first, and at the end.
pub async fn hot_key(context: &CheckContext) -> CheckResult {
    const READS: usize = 90;
    let mut rng = context.rng("keys");
    for (copies, shards) in [(rng.random_range(2..=3), 5), (4, 3)] {
        let all = keys(&mut rng, 8);
        let hot = all[0].clone();
        let settings = Settings {
            copies,
            ..Settings::USUAL
        };
        let mut proxy = Proxy::begin(context, settings, shards).await?;
        let owners = proxy.owners(&all, "which is not hot yet").await?;
        stays(&mut proxy, &hot, &owners[&hot], "which is not hot yet").await?;
        let cold = proxy.asked(&Method::GET, &hot);
        proxy.heat(&all).await?;
        let due = copies.min(shards);
        let during = format!("which is hot, COPIES={copies}, with {shards} shards");
        proxy.owners(&vec![hot.clone(); READS], &during).await?;
        let mut read = proxy.asked(&Method::GET, &hot);
        for (shard, count) in cold {
            *read.entry(shard).or_default() -= count;
        }
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
        for key in &all {
            is_written(&mut proxy, key, &owners[key], due, &during).await?;
        }
        let same: BTreeSet<_> = proxy.asked(&Method::PUT, &hot).into_keys().collect();
        if same != read.keys().cloned().collect() {
            return Err(missed(&hot, &during)
                .got(format!("written to {same:?}, read from {read:?}"))
                .into());
        }
        proxy.heat(&[]).await?;
        let during = "which HOT_FILE does not have any more";
        stays(&mut proxy, &hot, &owners[&hot], during).await?;
    }
    Ok(())
}

/// A key that is not hot is asked for at its own shard, each time.
async fn stays(proxy: &mut Proxy, key: &str, owner: &str, during: &str) -> CheckResult {
    const READS: usize = 20;
    let count = |proxy: &Proxy| proxy.asked(&Method::GET, key).get(owner).copied();
    let before = count(proxy).unwrap_or(0);
    proxy.owners(&vec![key.to_owned(); READS], during).await?;
    let read = count(proxy).unwrap_or(0) - before;
    if read == READS {
        return Ok(());
    }
    let headline = "A key that is not hot has several shards.";
    Err(Failure::new("key-wanders", headline)
        .sent(format!("{READS} x GET /keys/{key}, {during}"))
        .got(format!("{read} of them at {owner}"))
        .expected(format!("{owner} alone"))
        .into())
}

fn missed(key: &str, during: &str) -> Failure {
    let headline = "A write of a hot key misses one of its shards.";
    Failure::new("hot-write-missed", headline)
        .sent(format!("PUT /keys/{key}, {during}"))
        .expected("one call to each shard that it is read from")
}

/// A write reaches so many shards, and the answer is that of its own.
async fn is_written(
    proxy: &mut Proxy,
    key: &str,
    owner: &str,
    due: usize,
    during: &str,
) -> CheckResult {
    let body = "{\"cents\": 7}";
    let reply = proxy.put(key, body).await;
    let from = proxy.expect(key, Method::PUT, body, reply, during).await?;
    let written = proxy.asked(&Method::PUT, key);
    if written.len() != due || written.values().any(|count| *count != 1) {
        let expected = format!("one call to each of {due} different shards");
        return Err(missed(key, during)
            .got(format!("written to {written:?}"))
            .expected(expected)
            .into());
    }
    if from == owner {
        return Ok(());
    }
    let headline = "A write of a hot key is answered with what another shard said.";
    Err(Failure::new("answers-for-another", headline)
        .sent(format!("PUT /keys/{key}, {during}"))
        .got(format!("the answer of {from}"))
        .expected(format!(
            "that of {owner}, its own shard: it had the key before it was hot"
        ))
        .into())
}

/// One of its shards dies, and then a second one.
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
    let mut during = String::new();
    for dead in read.keys().take(2) {
        proxy.shard(dead).close().await;
        during = format!("which is hot, while {dead} is dead, {during}one of its shards");
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
                .in_order(&[&hot])
                .into());
            }
            proxy.expect(&hot, Method::GET, "", reply, &during).await?;
        }
        during = format!("as is {dead}, ");
    }
    let reply = proxy.put(&hot, "{}").await;
    let during = "which is hot, while two of its shards are dead";
    proxy.expect_503(&hot, reply, during).await
}
