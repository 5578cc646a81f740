//! The promises of this exercise, one function each.

use super::broker::PARTITIONS;
use super::group::{Group, SLACK, SOON, Settings, of};
use crate::harness::conduct;
use crate::harness::context::{CheckContext, wait_until};
use crate::harness::upstream::Call;
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckOutcome, CheckResult, Failure};
use rand::RngExt;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How long a record takes where work is to be under way.
const RECORD: Duration = Duration::from_millis(40);
/// Heartbeats that are waited for.
const BEATS: usize = 6;
/// Calls about a partition that may be under way, or just begin, when a generation ends.
const STALE_MAX: usize = 5;

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
    let gate = group.store_server.hold(When::Always);
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

/// One partition waits for longer than a session lasts; then all of them, at the same time.
pub async fn side_by_side(context: &CheckContext) -> CheckResult {
    let mut group = begin(context).await?;
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
    let held = || group.store_server.in_flight() >= PARTITIONS;
    if !wait_until(SOON, held).await {
        let most = group.store_server.in_flight();
        let headline = "Partitions that wait hold up others.";
        let told = "while the store holds all partitions back";
        return Err(group
            .failure("blocks-others", headline, told)
            .got(format!("{most} calls to the store at a time"))
            .expected("eight: one for each partition")
            .by_clock(SOON)
            .into());
    }
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
        let told = "while the store holds all partitions back";
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
    let mut group = begin(context).await?;
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

/// All that a membership goes by is what it is told when it joins.
async fn comes_back(context: &CheckContext) -> CheckResult {
    let mut group = begin(context).await?;
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

pub async fn poison(context: &CheckContext) -> CheckResult {
    let mut group = begin(context).await?;
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

pub async fn leaves(context: &CheckContext) -> CheckResult {
    let mut group = begin(context).await?;
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
