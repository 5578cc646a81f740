//! What is worked on, by whom, and what is committed of it.

use crate::harness::conduct;
use crate::harness::context::{CheckContext, wait_until};
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckResult, Failure};
use crate::partition_consumer::broker::PARTITIONS;
use crate::partition_consumer::group::{Group, SLACK, SOON, of};
use rand::RngExt;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::sleep;

/// Heartbeats that are waited for.
const BEATS: usize = 6;

pub async fn consumes(context: &CheckContext) -> CheckResult {
    let mut group = Group::usual(context).await?;
    group.append(5);
    group.start(context, "m-1").await?;
    group
        .finishes(
            "one member, records that are there at the start",
            "loses-records",
        )
        .await?;
    group.append(13);
    group
        .finishes("one member, records that are appended", "loses-records")
        .await?;
    match group.members.remove("m-1") {
        Some(program) => conduct::stops(program).await,
        None => Ok(()),
    }
}

/// The store is held until all partitions wait for it.
pub async fn shares(context: &CheckContext) -> CheckResult {
    let mut group = Group::usual(context).await?;
    for member in ["m-1", "m-2", "m-3"] {
        group.start(context, member).await?;
    }
    group
        .settles("three members that joined one after the other")
        .await?;
    let gate = group.store_server.hold(When::Always);
    group.append(12);
    let during = "three members, eight partitions";
    let busy = all_wait(
        &group,
        "idle-member",
        "Not all partitions are worked on.",
        during,
    )
    .await;
    gate.open();
    group.store_server.heal();
    busy?;
    let during = "three members that do not change";
    group.finishes(during, "loses-records").await?;
    if group.repeated() > 0 {
        return Err(group
            .failure("works-twice", "Records were done twice.", during)
            .expected("each record by the owner of its partition alone")
            .into());
    }
    Ok(())
}

/// A failure if the store does not have a call of each partition to hold back.
async fn all_wait(
    group: &Group,
    diagnosis: &'static str,
    headline: &str,
    during: &str,
) -> CheckResult {
    let all = || group.store_server.in_flight() >= PARTITIONS;
    if wait_until(SOON, all).await {
        return Ok(());
    }
    let most = group.store_server.in_flight();
    Err(group
        .failure(diagnosis, headline, during)
        .got(format!("{most} calls to the store at a time"))
        .expected("eight: one for each partition")
        .by_clock(SOON)
        .into())
}

/// One partition waits for longer than a session lasts; then all of them, at the same time.
pub async fn side_by_side(context: &CheckContext) -> CheckResult {
    let mut group = Group::usual(context).await?;
    group.start(context, "m-1").await?;
    let slow = context.rng("partition").random_range(0..PARTITIONS);
    let gate = group.store_server.hold(of(slow));
    let generation = group.broker.generation();
    group.append(6);
    let during = format!("while the store holds partition {slow} back");
    let others = || group.broker.effects().len() >= (PARTITIONS - 1) * 6;
    if !wait_until(SOON, others).await {
        return Err(group
            .failure(
                "blocks-others",
                "A partition that waits holds up others.",
                &during,
            )
            .expected("all records of the seven others")
            .by_clock(SOON)
            .into());
    }
    let all = group.store_server.hold(When::Always);
    group.append(1);
    let told = "while the store holds all partitions back";
    let headline = "Partitions that wait hold up others.";
    all_wait(&group, "blocks-others", headline, told).await?;
    let seen = group.broker.heartbeats("m-1").len();
    let beats = || group.broker.heartbeats("m-1").split_off(seen);
    let heartbeat = Duration::from_millis(group.settings.heartbeat_ms);
    let limit = heartbeat * BEATS as u32 + SLACK * 2;
    let beats_on = wait_until(limit, || beats().len() >= BEATS).await;
    group.store_server.heal();
    all.open();
    gate.open();
    let beats = beats();
    let mut pauses: Vec<_> = beats.windows(2).map(|pair| pair[1] - pair[0]).collect();
    pauses.sort_unstable();
    let is_hasty = pauses
        .get(pauses.len() / 2)
        .is_some_and(|pause| *pause < heartbeat / 2);
    let after = group.broker.generation();
    if !beats_on || is_hasty || after != generation {
        let headline = "Heartbeats do not come as they should.";
        let pauses: Vec<_> = pauses.iter().map(Duration::as_millis).collect();
        return Err(group
            .failure("misses-heartbeat", headline, told)
            .got(format!(
                "{} heartbeats in at most {} ms, with pauses of {pauses:?} ms, generation {after}",
                beats.len(),
                limit.as_millis()
            ))
            .expected(format!(
                "one every {} ms, generation {generation}",
                heartbeat.as_millis()
            ))
            .by_clock(SLACK * 2)
            .into());
    }
    group.finishes(&during, "loses-records").await
}

/// Killed while the store holds everything back; another one goes on.
pub async fn commits_after(context: &CheckContext) -> CheckResult {
    let mut group = Group::usual(context).await?;
    group.start(context, "m-1").await?;
    group.append(4);
    group.finishes("one member", "loses-records").await?;
    commits_before_the_next(&mut group).await?;
    let gate = group.store_server.hold(When::Always);
    group.append(10);
    let held = || group.store_server.in_flight() > 0;
    wait_until(SOON, held).await;
    sleep(Duration::from_millis(300)).await;
    let during = "a member that is killed while the store holds its records back";
    group.is_right(during)?;
    if let Some(mut program) = group.members.remove("m-1") {
        program.kill().await;
    }
    group.store_server.heal();
    gate.open();
    group.start(context, "m-2").await?;
    group.finishes(during, "loses-records").await?;
    let most = PARTITIONS * group.settings.batch_max;
    if group.repeated() > most {
        return Err(group
            .failure(
                "never-commits",
                "Far more than a batch was done again.",
                during,
            )
            .expected(format!("at most {most} repetitions"))
            .into());
    }
    Ok(())
}

/// A commit that fails is repeated before the next batch is asked for.
async fn commits_before_the_next(group: &mut Group) -> CheckResult {
    let commit = When::Path("/commit".to_owned());
    let struck = group.broker_server.inject(commit, Fault::Status(503));
    let before = group.broker_server.calls().len();
    group.append(group.settings.batch_max * 2);
    wait_until(SOON, || struck.heard() >= PARTITIONS as u64 * 2).await;
    let calls = group.broker_server.calls().split_off(before);
    group.broker_server.heal();
    let during = "while the broker answers 503 to commits";
    let mut failed = BTreeSet::new();
    for call in calls {
        if call.request.path == "/commit" {
            failed.insert(call.request.json()["partition"].to_string());
        }
        let read = call.request.path.strip_prefix("/partitions/");
        if let Some(partition) = read.filter(|partition| failed.contains(*partition)) {
            let headline = "The next batch was asked for without a commit of the last one.";
            return Err(group
                .failure("never-commits", headline, during)
                .got(format!("GET {}", call.request.target))
                .expected(format!("POST /commit for partition {partition} again"))
                .in_order(&["/commit", call.request.path.as_str()])
                .into());
        }
    }
    group.finishes(during, "never-commits").await
}

pub async fn leaves(context: &CheckContext) -> CheckResult {
    let mut group = Group::usual(context).await?;
    group.start(context, "m-1").await?;
    let gate = group.store_server.hold(When::Always);
    group.append(6);
    let held = || group.store_server.in_flight() >= PARTITIONS;
    wait_until(SOON, held).await;
    let Some(program) = group.members.remove("m-1") else {
        return Ok(());
    };
    program.terminate();
    sleep(Duration::from_millis(400)).await;
    let during = "SIGTERM with a record of each partition in hand";
    let early = program.ended();
    // What is begun after that takes so long that there is no time for a batch.
    let slow = Fault::Delay(Duration::from_millis(1500));
    group.store_server.inject_unwitnessed(When::Always, slow);
    gate.open();
    let ended = program.wait_ended(Duration::from_secs(2) + SLACK).await;
    let effects = group.broker.effects().len();
    let committed: usize = group.broker.committed().iter().sum();
    let fails = |diagnosis: &'static str, headline: &str, got: String| {
        let failure = Failure::new(diagnosis, headline).sent(during).got(got);
        failure.expected("records in hand done and committed, POST BROKER/leave, exit status 0")
    };
    let told = format!(
        "{effects} effects, {committed} committed, {} members",
        group.broker.members()
    );
    let failure = match ended {
        _ if early.is_some() => fails(
            "drops-work-in-hand",
            "The program ended with work in hand.",
            told,
        ),
        None => return conduct::stops(program).await,
        Some(ended) if !ended.0.success() => fails(
            "wrong-exit",
            "The program says that it failed.",
            format!("it {}", ended.in_words()),
        ),
        Some(_) if effects < PARTITIONS || committed < PARTITIONS => fails(
            "drops-work-in-hand",
            "What was in hand is not done or not committed.",
            told,
        ),
        Some(_) if group.broker.members() > 0 => {
            fails("never-leaves", "The program did not leave the group.", told)
        }
        Some(_) => return group.is_right(during),
    };
    Err(failure.into())
}
