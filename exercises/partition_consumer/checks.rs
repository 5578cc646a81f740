//! The promises of this exercise, one function each.

use super::broker::PARTITIONS;
use super::group::{Group, SLACK, SOON, Settings, of};
use crate::harness::conduct;
use crate::harness::context::{CheckContext, wait_until};
use crate::harness::upstream::Call;
use crate::harness::upstream::fault::{Fault, Gate, When};
use crate::harness::verdict::{CheckOutcome, CheckResult, Failure};
use rand::RngExt;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How long a record takes where work is to be under way.
const RECORD: Duration = Duration::from_millis(40);

async fn begin(context: &CheckContext) -> Result<Group, CheckOutcome> {
    let settings = Settings::new(&mut context.rng("settings"));
    Group::begin(context, settings).await
}

pub async fn consumes(context: &CheckContext) -> CheckResult {
    let mut group = begin(context).await?;
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
    let mut group = begin(context).await?;
    for member in ["m-1", "m-2", "m-3"] {
        group.start(context, member).await?;
    }
    group
        .settles("three members that joined one after the other")
        .await?;
    let gate = Gate::shut();
    group
        .store_server
        .inject(When::Always, Fault::Hold(gate.clone()));
    group.append(12);
    let all = || group.store_server.in_flight() >= PARTITIONS;
    let busy = wait_until(SOON, all).await;
    let most = group.store_server.in_flight();
    gate.open();
    group.store_server.heal();
    if !busy {
        return Err(group
            .failure(
                "idle-member",
                "Not all partitions are worked on.",
                "three members, eight partitions",
            )
            .got(format!("{most} calls to the store at a time"))
            .expected("eight: one for each partition")
            .by_clock(SOON)
            .into());
    }
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

/// One partition waits for longer than a session lasts.
pub async fn side_by_side(context: &CheckContext) -> CheckResult {
    let mut group = begin(context).await?;
    group.start(context, "m-1").await?;
    let gate = Gate::shut();
    let slow = context.rng("partition").random_range(0..PARTITIONS);
    group
        .store_server
        .inject(of(slow), Fault::Hold(gate.clone()));
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
    let begun = Instant::now();
    let time = Duration::from_millis(1500);
    sleep(time).await;
    let beats = group.broker.heartbeats("m-1");
    let beats = beats.iter().filter(|at| **at > begun).count() as u64;
    let due = time.as_millis() as u64 / group.settings.heartbeat_ms;
    gate.open();
    if beats * 3 < due || beats > due * 2 + 2 || group.broker.generation() != generation {
        return Err(group
            .failure(
                "misses-heartbeat",
                "Heartbeats do not come as they should.",
                &during,
            )
            .got(format!(
                "{beats} heartbeats in 1500 ms, generation {}",
                group.broker.generation()
            ))
            .expected(format!(
                "about {due}, HEARTBEAT_MS={}",
                group.settings.heartbeat_ms
            ))
            .by_clock(Duration::from_millis(group.settings.heartbeat_ms * 2))
            .into());
    }
    group.finishes(&during, "loses-records").await
}

/// Killed while the store holds everything back; another one goes on.
pub async fn commits_after(context: &CheckContext) -> CheckResult {
    let mut group = begin(context).await?;
    group.start(context, "m-1").await?;
    group.append(4);
    group.finishes("one member", "loses-records").await?;
    let gate = Gate::shut();
    group
        .store_server
        .inject(When::Always, Fault::Hold(gate.clone()));
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

/// A second member joins in the middle of the work, and a third.
pub async fn rebalance(context: &CheckContext) -> CheckResult {
    let mut group = begin(context).await?;
    group
        .store_server
        .inject(When::Always, Fault::Delay(RECORD));
    group.start(context, "m-1").await?;
    group.append(90);
    let some = |group: &Group, count: usize| group.broker.effects().len() >= count;
    wait_until(SOON, || some(&group, 60)).await;
    for member in ["m-2", "m-3"] {
        group.start(context, member).await?;
        let (joined, generation) = (context.now(), group.broker.generation());
        let heartbeat = Duration::from_millis(group.settings.heartbeat_ms);
        sleep(heartbeat + SLACK * 2).await;
        let late = joined + heartbeat + SLACK;
        let calls = group.store_server.calls();
        let stale = calls
            .iter()
            .find(|call| call.at > late && is_of_before(call, generation));
        if let Some(call) = stale {
            let headline = "A member goes on with a generation that is over.";
            let after = call.at.saturating_sub(joined).as_millis();
            let path = &call.request.path;
            return Err(group
                .failure(
                    "ignores-rebalance",
                    headline,
                    &format!("{member} joins while others work"),
                )
                .got(format!(
                    "PUT STORE{path}, {after} ms after generation {generation} began"
                ))
                .expected("nothing of the old generation after the heartbeat that was answered 409")
                .by_clock(SLACK)
                .into());
        }
    }
    let during = "members that join while others work";
    group.settles(during).await?;
    group.finishes(during, "loses-records").await?;
    let most = PARTITIONS * group.settings.batch_max * 2;
    if group.repeated() > most {
        return Err(group
            .failure(
                "works-twice",
                "Far more than a batch was done again.",
                during,
            )
            .expected(format!("at most {most} repetitions after two changes"))
            .into());
    }
    Ok(())
}

pub async fn poison(context: &CheckContext) -> CheckResult {
    let mut group = begin(context).await?;
    group.start(context, "m-1").await?;
    group.append(3);
    for partition in [1, 4, 4] {
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

/// The call carries an older generation than this one.
fn is_of_before(call: &Call, generation: u64) -> bool {
    let said = call.request.json()["generation"].as_u64();
    said.is_some_and(|said| said < generation)
}

/// Frozen in the middle of its work for longer than a session.
pub async fn zombie(context: &CheckContext) -> CheckResult {
    let mut group = begin(context).await?;
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

/// The store fails for one partition; then the broker fails, for less than a session.
pub async fn away(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("times");
    for retry_ms in [rng.random_range(20..=30) * 10, 900] {
        let settings = Settings {
            retry_ms,
            session: Duration::from_secs(8),
            ..Settings::new(&mut rng)
        };
        let mut group = Group::begin(context, settings).await?;
        group.start(context, "m-1").await?;
        let time = Duration::from_millis(2200);
        for fault in [Fault::Status(503), Fault::CutBody] {
            let during = format!(
                "while the store {} for partition 2, RETRY_MS={retry_ms}",
                fault.in_words()
            );
            group.store_server.inject(of(2), fault);
            let before = group.store_server.calls().len();
            group.append(4);
            sleep(time).await;
            group.live(&during).await?;
            let calls = group.store_server.calls();
            let calls = calls
                .iter()
                .skip(before)
                .filter(|call| call.request.path.starts_with("/2/"));
            let (calls, most) = (calls.count() as u64, time.as_millis() as u64 / retry_ms + 2);
            let (diagnosis, headline) = match calls {
                0 | 1 => ("gives-up", "A record that failed is not repeated."),
                calls if calls > most => (
                    "busy-loop",
                    "A record that failed is repeated without a pause.",
                ),
                _ => {
                    group.store_server.heal();
                    group.finishes(&during, "gives-up").await?;
                    continue;
                }
            };
            return Err(group
                .failure(diagnosis, headline, &during)
                .got(format!("{calls} calls in {} ms", time.as_millis()))
                .expected(format!(
                    "again {retry_ms} ms after each failure, at most {most}"
                ))
                .by_clock(if calls > most { Duration::MAX } else { SLACK })
                .into());
        }
        let during = format!("while the broker answers 503, RETRY_MS={retry_ms}");
        group.broker_server.inject(When::Always, Fault::Status(503));
        group.append(3);
        sleep(Duration::from_millis(1200)).await;
        group.broker_server.heal();
        group.finishes(&during, "gives-up").await?;
    }
    Ok(())
}

pub async fn leaves(context: &CheckContext) -> CheckResult {
    let mut group = begin(context).await?;
    group.start(context, "m-1").await?;
    let gate = Gate::shut();
    group
        .store_server
        .inject(When::Always, Fault::Hold(gate.clone()));
    group.append(3);
    let held = || group.store_server.in_flight() >= PARTITIONS;
    wait_until(SOON, held).await;
    let Some(program) = group.members.remove("m-1") else {
        return Ok(());
    };
    program.terminate();
    sleep(Duration::from_millis(400)).await;
    let during = "SIGTERM with a record of each partition in hand";
    let early = program.ended();
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
