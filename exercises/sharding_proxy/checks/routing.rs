//! Which shard a key is on, and what changes that.

use crate::harness::context::CheckContext;
use crate::harness::verdict::{CheckResult, Failure};
use crate::sharding_proxy::proxy::{Proxy, Settings, keys};
use axum::http::Method;
use std::collections::{BTreeMap, BTreeSet};

type Owners = BTreeMap<String, String>;

pub async fn passes_through(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("keys");
    let mut proxy = Proxy::begin(context, Settings::USUAL, 5).await?;
    proxy.program.listens_on_loopback_alone()?;
    let mut keys = keys(&mut rng, 8);
    keys.push(format!("{}-missing", keys[0]));
    for key in &keys {
        let reply = proxy.get(key).await;
        let read = proxy
            .expect(key, Method::GET, "", reply, "all is well")
            .await?;
        let body = "{\"cents\":  4350, \"by\": \"Zoë\"}";
        let reply = proxy.put(key, body).await;
        let written = proxy
            .expect(key, Method::PUT, body, reply, "all is well")
            .await?;
        let calls: usize = proxy.asked(&Method::PUT, key).values().sum();
        if read != written || calls != 1 {
            return Err(
                Failure::new("key-wanders", "A key has more than one shard.")
                    .sent(format!("GET and PUT /keys/{key}"))
                    .got(format!(
                        "read from {read}, written to {written}, with {calls} calls"
                    ))
                    .expected("the same shard for both, and one call")
                    .into(),
            );
        }
    }
    proxy.program.stop().await
}

pub async fn balance(context: &CheckContext) -> CheckResult {
    // One point a shard on the ring leaves ten shards within these bounds once in 10,000 runs; of five, once in 45.
    const SHARDS: usize = 10;
    let mut proxy = Proxy::begin(context, Settings::USUAL, SHARDS).await?;
    let keys = keys(&mut context.rng("keys"), 1_500);
    let owners = proxy.owners(&keys, "all is well").await?;
    let counts: Vec<usize> = proxy
        .shards
        .iter()
        .map(|shard| count(&owners, shard.name()))
        .collect();
    let mean = keys.len() / SHARDS;
    if counts
        .iter()
        .all(|count| (mean / 2..=mean * 3 / 2).contains(count))
    {
        return Ok(());
    }
    Err(
        Failure::new("unbalanced", "Some shards have far more keys than others.")
            .sent(format!("{} keys, {SHARDS} shards", keys.len()))
            .got(format!("keys of each shard: {counts:?}"))
            .expected(format!("{} to {} for each", mean / 2, mean * 3 / 2))
            .into(),
    )
}

fn count(owners: &Owners, shard: &str) -> usize {
    owners.values().filter(|owner| *owner == shard).count()
}

pub async fn shard_added(context: &CheckContext) -> CheckResult {
    let mut proxy = Proxy::begin(context, Settings::USUAL, 4).await?;
    let keys = keys(&mut context.rng("keys"), 300);
    let before = proxy.owners(&keys, "with four shards").await?;
    proxy.add(context).await?;
    proxy.publish().await?;
    let during = "a second after a fifth shard was added";
    let after = proxy.owners(&keys, during).await?;
    let new = proxy.shards[4].name();
    let moved: Vec<&String> = keys
        .iter()
        .filter(|key| before[*key] != after[*key])
        .collect();
    let elsewhere = moved.iter().filter(|key| after[**key] != new).count();
    let (diagnosis, headline) = if elsewhere > 0 {
        (
            "moves-too-many",
            "Keys moved between shards that were there before.",
        )
    } else if moved.is_empty() {
        ("misses-change", "The new shard gets no keys.")
    } else if moved.len() < keys.len() / 12 {
        ("moves-too-few", "The new shard gets too few keys.")
    } else {
        return Ok(());
    };
    Err(Failure::new(diagnosis, headline)
        .sent(format!("{} keys, {during}", keys.len()))
        .got(format!(
            "{} keys moved, {elsewhere} of them not to the new shard",
            moved.len()
        ))
        .expected("about a fifth, and all of them to the new shard")
        .into())
}

pub async fn shard_removed(context: &CheckContext) -> CheckResult {
    let mut proxy = Proxy::begin(context, Settings::USUAL, 5).await?;
    let keys = keys(&mut context.rng("keys"), 400);
    let before = proxy.owners(&keys, "with five shards").await?;
    let gone = proxy.shards.remove(2);
    proxy.publish().await?;
    let during = "a second after one of five shards was removed";
    let after = proxy.owners(&keys, during).await?;
    let (of_gone, others): (Vec<&String>, Vec<&String>) =
        keys.iter().partition(|key| before[*key] == gone.name());
    let moved = others
        .iter()
        .filter(|key| before[**key] != after[**key])
        .count();
    let heirs: Vec<usize> = proxy
        .shards
        .iter()
        .map(|shard| {
            of_gone
                .iter()
                .filter(|key| after[**key] == shard.name())
                .count()
        })
        .collect();
    let most = heirs.iter().max().copied().unwrap_or(0);
    let (diagnosis, headline) = if moved > 0 {
        ("moves-too-many", "Keys moved whose shard is still there.")
    } else if most * 3 > of_gone.len() * 2 {
        (
            "dumps-on-one",
            "One shard gets nearly all keys of the one that was removed.",
        )
    } else {
        return Ok(());
    };
    Err(Failure::new(diagnosis, headline)
        .sent(format!("{} keys, {during}", keys.len()))
        .got(format!(
            "{moved} other keys moved; its {} keys went to the others as {heirs:?}",
            of_gone.len()
        ))
        .expected("no other key moved, and its keys spread over all others")
        .into())
}

/// The same shards in another order; then one of them on another machine.
pub async fn copies_agree(context: &CheckContext) -> CheckResult {
    let mut proxy = Proxy::begin(context, Settings::USUAL, 5).await?;
    let keys = keys(&mut context.rng("keys"), 150);
    let owners = proxy.owners(&keys, "all is well").await?;
    let mut lines: Vec<String> = proxy.list().lines().map(str::to_owned).collect();
    lines.rotate_left(2);
    lines.swap(0, 1);
    let twin = proxy.twin(context, &(lines.join("\n") + "\n")).await?;
    let during = "at another copy, whose file has another order";
    let of_twin = proxy.owners_of(&twin, &keys, during).await?;
    differ(&owners, &of_twin, "depends-on-order", during)?;
    proxy.replace(context, 1).await?;
    proxy.publish().await?;
    let during = "after a shard was replaced by another machine, with the same name";
    let after = proxy.owners(&keys, during).await?;
    differ(&owners, &after, "depends-on-url", during)
}

fn differ(before: &Owners, after: &Owners, diagnosis: &'static str, during: &str) -> CheckResult {
    let others: BTreeSet<&String> = before
        .keys()
        .filter(|key| before[*key] != after[*key])
        .collect();
    let Some(key) = others.first() else {
        return Ok(());
    };
    Err(Failure::new(diagnosis, "A key has another shard.")
        .sent(format!("{} keys, {during}", before.len()))
        .got(format!(
            "{} keys elsewhere; {key} on {} and not {}",
            others.len(),
            after[*key],
            before[*key]
        ))
        .expected("every key where it was")
        .into())
}
