//! The group changes under way.

use crate::harness::conduct;
use crate::harness::context::{CheckContext, wait_until};
use crate::harness::upstream::Call;
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckResult, Failure};
use crate::partition_consumer::broker::PARTITIONS;
use crate::partition_consumer::group::{Group, SLACK, SOON, Settings};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::sleep;

/// How long a record takes where work is to be under way.
const RECORD: Duration = Duration::from_millis(40);

/// Calls about a partition that may be under way, or just begin, when a generation ends.
const STALE_MAX: usize = 5;

/// A member joins in the middle of the work and does nothing: no write of it stops those of the old
/// generation. Then two that work. The first 409 is that of a commit or of a heartbeat, which are as far
/// apart as many records.
pub async fn rebalance(context: &CheckContext) -> CheckResult {
    comes_back(context).await?;
    stops_at_once(context).await?;
    let settings = Settings {
        heartbeat_ms: 900,
        ..Settings::new(&mut context.rng("settings"))
    };
    let mut group = Group::begin(context, settings).await?;
    group
        .store_server
        .inject(When::Always, Fault::Delay(RECORD));
    group.start(context, "m-1").await?;
    group.append(90);
    wait_until(SOON, || group.broker.effects().len() >= 60).await;
    let beats = || group.broker.heartbeats("m-1").len();
    let seen = beats();
    wait_until(SOON, || beats() > seen).await;
    context.note("a member joins that does nothing");
    group.broker.join("m-0");
    group
        .settles_to(2, "while one works and another does nothing")
        .await?;
    obeys(&group, "a member that does nothing")?;
    group.broker.leave("m-0");
    for member in ["m-2", "m-3"] {
        group.start(context, member).await?;
        let heartbeat = Duration::from_millis(group.settings.heartbeat_ms);
        sleep(heartbeat + SLACK).await;
        obeys(&group, member)?;
    }
    let during = "members that join while others work";
    group.settles(during).await?;
    group.finishes(during, "loses-records").await?;
    let most = PARTITIONS * group.settings.batch_max * 4;
    if group.repeated() > most {
        return Err(group
            .failure(
                "works-twice",
                "Far more than a batch was done again.",
                during,
            )
            .expected(format!("at most {most} repetitions after four changes"))
            .into());
    }
    Ok(())
}

/// All that a membership goes by is what it is told when it joins.
async fn comes_back(context: &CheckContext) -> CheckResult {
    let mut group = Group::usual(context).await?;
    group.start(context, "m-1").await?;
    group.append(3);
    let during = "a member that has partitions again that another one had for a while";
    group.finishes(during, "loses-records").await?;
    group.start(context, "m-2").await?;
    group.settles(during).await?;
    group.append(12);
    group.finishes(during, "loses-records").await?;
    if let Some(program) = group.members.remove("m-2") {
        conduct::stops(program).await?;
    }
    group.settles(during).await?;
    group.append(2);
    group.finishes(during, "loses-records").await?;
    if group.repeated() == 0 {
        return Ok(());
    }
    Err(group
        .failure("works-twice", "Records were done twice.", during)
        .expected("each partition from the offset that the answer to join says")
        .into())
}

/// A heartbeat tells in the middle of a long batch that the generation is over.
async fn stops_at_once(context: &CheckContext) -> CheckResult {
    let settings = Settings {
        batch_max: 50,
        ..Settings::new(&mut context.rng("settings"))
    };
    let mut group = Group::begin(context, settings).await?;
    group
        .store_server
        .inject(When::Always, Fault::Delay(RECORD * 3 / 2));
    group.start(context, "m-1").await?;
    group.append(50);
    wait_until(SOON, || group.broker.effects().len() >= PARTITIONS * 4).await;
    context.note("a member joins that does nothing");
    group.broker.join("m-0");
    let during = "while one works on a batch of fifty and another does nothing";
    group.settles_to(2, during).await?;
    obeys(&group, "a member that does nothing")
}

/// Nobody goes on with a generation after the broker has answered 409.
fn obeys(group: &Group, newcomer: &str) -> CheckResult {
    let stale = group.broker.stale();
    let Some(((generation, partition), calls)) = stale.filter(|(_, calls)| *calls > STALE_MAX)
    else {
        return Ok(());
    };
    let headline = "A member goes on with a generation that is over.";
    Err(Failure::new("ignores-rebalance", headline)
        .sent(format!("{newcomer} joins while others work"))
        .got(format!(
            "{calls} calls to STORE/{partition}/ with generation {generation} after the broker answered 409"
        ))
        .expected("nothing of the old generation after that but what was under way")
        .in_order(&[&format!("/{partition}/"), &format!("\"partition\":{partition}"), "/heartbeat"])
        .into())
}

/// The call carries an older generation than this one.
fn is_of_before(call: &Call, generation: u64) -> bool {
    let said = call.request.json()["generation"].as_u64();
    said.is_some_and(|said| said < generation)
}

/// Frozen in the middle of its work for longer than a session.
pub async fn zombie(context: &CheckContext) -> CheckResult {
    let mut group = Group::usual(context).await?;
    group.start(context, "m-1").await?;
    group.start(context, "m-2").await?;
    group.settles("two members").await?;
    group
        .store_server
        .inject(When::Always, Fault::Delay(RECORD));
    group.append(30);
    let some = || group.broker.effects().len() >= 40;
    wait_until(SOON, some).await;
    let pause = |group: &Group, frozen: bool| {
        if let Some(program) = group.members.get("m-1") {
            if frozen {
                program.pause();
            } else {
                program.resume();
            }
        }
    };
    pause(&group, true);
    let during = "a member that is frozen for longer than a session";
    let alone = || group.broker.members() == 1 && group.broker.joined().len() == 1;
    if !wait_until(group.settings.session + SOON, alone).await {
        return Err(group
            .failure(
                "ignores-rebalance",
                "The other member does not take over.",
                during,
            )
            .expected("it joins the new generation, and works on all partitions")
            .by_clock(SOON)
            .into());
    }
    // So that the store has heard of the new generation for each partition.
    group.append(2);
    let done = || group.broker.is_done();
    wait_until(SOON * 2, done).await;
    group.is_right(during)?;
    let (seen, generation) = (group.store_server.calls().len(), group.broker.generation());
    // A heartbeat that takes its time: the first that it hears of is what the store says.
    group.store_server.heal();
    let heartbeat = When::Path("/heartbeat".to_owned());
    group
        .broker_server
        .inject(heartbeat, Fault::Delay(Duration::from_millis(400)));
    pause(&group, false);
    group
        .settles("a member that was frozen and goes on")
        .await?;
    group.append(5);
    group.finishes(during, "loses-records").await?;
    let mut stale: BTreeMap<String, usize> = BTreeMap::new();
    for call in group.store_server.calls().into_iter().skip(seen) {
        if is_of_before(&call, generation) {
            let partition = call
                .request
                .path
                .split('/')
                .nth(1)
                .unwrap_or_default()
                .to_owned();
            *stale.entry(partition).or_default() += 1;
        }
    }
    if let Some((partition, count)) = stale.into_iter().find(|(_, count)| *count > 1) {
        return Err(group
            .failure(
                "stale-generation",
                "The old generation is used again after a 409.",
                during,
            )
            .got(format!(
                "{count} calls to the store for partition {partition}"
            ))
            .expected("at most the one that was under way")
            .into());
    }
    Ok(())
}
