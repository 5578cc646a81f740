//! The promises of this exercise, one function each.

use super::platform::{Platform, Record};
use crate::harness::context::{CheckContext, wait_until};
use crate::harness::upstream::fault::{Fault, Gate, When};
use crate::harness::verdict::{CheckResult, Failure};
use axum::http::Method;
use futures::future::join_all;
use rand::RngExt;
use std::cmp::Ordering;
use std::time::Duration;
use tokio::time::sleep;

fn at(record: &Record) -> When {
    When::Path(record.path())
}

pub async fn handles(context: &CheckContext) -> CheckResult {
    let mut platform = Platform::begin(context).await?;
    platform.program.listens_on_loopback_alone()?;
    for count in [1, 7, 0, 3] {
        let records = platform.records(count);
        platform
            .expect(&records, &[], "while all is well", "wrong-answer")
            .await?;
    }
    platform.program.stop().await
}

/// One of ten fails, in each step; then the failed one comes again.
pub async fn partial_failure(context: &CheckContext) -> CheckResult {
    let mut platform = Platform::begin(context).await?;
    for (of_images, method, fault) in [
        (true, Method::GET, Fault::Status(503)),
        (true, Method::GET, Fault::CutBody),
        (false, Method::GET, Fault::Status(500)),
        (false, Method::PUT, Fault::Status(503)),
    ] {
        let records = platform.records(10);
        let bad = &records[context.rng("bad").random_range(0..10)];
        let (name, server) = if of_images {
            ("IMAGES", &platform.image_server)
        } else {
            ("THUMBS", &platform.thumb_server)
        };
        let during = format!("while {method} {name} {} for one of them", fault.in_words());
        server.inject(When::Only(method, bad.path()), fault);
        platform
            .expect(&records, &[bad], &during, "fails-whole-batch")
            .await?;
        let calls = platform.image_calls(bad).len();
        if calls > 1 {
            return Err(Failure::new(
                "repeats-itself",
                "A step that failed is repeated in the same call.",
            )
            .sent(format!("ten records, {during}"))
            .got(format!("{calls} calls for its image"))
            .expected("one: the platform brings the record again")
            .into());
        }
        platform.image_server.heal();
        platform.thumb_server.heal();
        let again = [bad.clone()];
        platform
            .expect(
                &again,
                &[],
                "with the record that failed before",
                "wrong-answer",
            )
            .await?;
    }
    platform.leaves_nothing("calls in which one record failed")
}

pub async fn broken_image(context: &CheckContext) -> CheckResult {
    let mut platform = Platform::begin(context).await?;
    for image in ["abcdef\nabc\nabcdef\n", ""] {
        let records = platform.records(6);
        let (broken, good) = (&records[2], [&records[..2], &records[3..]].concat());
        platform.images.put(&broken.path(), image);
        let during = format!("one of which is the image {image:?}");
        let reply = platform.invoke(&records, 10_000).await;
        let put = platform.thumbs.get(&broken.path());
        let named = reply
            .as_ref()
            .is_ok_and(|reply| reply.text().contains(&format!("\"{}\"", broken.id)));
        if named || put.as_deref() != Some("broken") {
            return Err(Failure::new(
                "poison-comes-again",
                "An image that is broken was not put aside.",
            )
            .sent(format!("six records, {during}"))
            .got(format!("named as failed: {named}, PUT THUMBS: {put:?}"))
            .expected("PUT THUMBS/TENANT/IMAGE with `broken`, and not among the failures")
            .into());
        }
        let wrong = "poison-comes-again";
        platform
            .judge(&good, &[], 10_000, &during, wrong, reply)
            .await?;
    }
    // Whether it was put aside is known only when the store has said so.
    let records = platform.records(2);
    let broken = &records[0];
    platform.images.put(&broken.path(), "abcdef\nabc\n");
    let put = When::Only(Method::PUT, broken.path());
    platform.thumb_server.inject(put, Fault::Status(503));
    let during = "while PUT THUMBS answers 503 for one of them, whose image is broken";
    platform
        .expect(&records, &[broken], during, "wrong-answer")
        .await
}

/// The same batch again, and with new ones between.
pub async fn duplicates(context: &CheckContext) -> CheckResult {
    let mut platform = Platform::begin(context).await?;
    let first = platform.records(5);
    platform
        .expect(&first, &[], "for the first time", "wrong-answer")
        .await?;
    let more = platform.records(4);
    let mixed = [&first[..3], &more[..], &first[3..]].concat();
    platform
        .expect(&mixed, &[], "five of which came before", "wrong-answer")
        .await?;
    for record in &mixed {
        let calls = platform.image_calls(record).len();
        if calls != 1 {
            return Err(Failure::new("works-twice", "An image was fetched again.")
                .sent("a record for the second time")
                .got(format!("{calls} calls for its image"))
                .expected("one: its thumbnail is there")
                .into());
        }
    }
    Ok(())
}

/// The deadline is that of the call, whatever has to be done before its records.
async fn slow_config(context: &CheckContext) -> CheckResult {
    let mut platform = Platform::begin(context).await?;
    let records = platform.records(1);
    let config = When::Path("/config".to_owned());
    let server = &platform.image_server;
    server.inject_unwitnessed(config, Fault::Delay(Duration::from_millis(960)));
    server.inject_unwitnessed(at(&records[0]), Fault::Hang);
    let during = "which hangs, while IMAGES/config takes 960 ms, deadline_ms=1200";
    let reply = platform.invoke(&records, 1_200).await;
    let failed = [&records[0]];
    platform
        .judge(&records, &failed, 1_200, during, "wrong-answer", reply)
        .await
}

/// One image hangs, and one is slow and in time. Twice, with deadlines far apart.
pub async fn deadline(context: &CheckContext) -> CheckResult {
    slow_config(context).await?;
    let mut rng = context.rng("deadline");
    for deadline_ms in [
        rng.random_range(100..=120) * 10,
        rng.random_range(290..=320) * 10,
    ] {
        let mut platform = Platform::begin(context).await?;
        let warm = platform.records(1);
        platform
            .expect(&warm, &[], "to begin with", "wrong-answer")
            .await?;
        let count = platform.concurrency - 1;
        let records = platform.records(count + 2);
        let hung = &records[0];
        let slow = records.last().expect("there are at least two");
        platform.image_server.inject(at(hung), Fault::Hang);
        let by = Duration::from_millis(deadline_ms / 2);
        platform.image_server.inject(at(slow), Fault::Delay(by));
        let during = format!(
            "of which one hangs and one takes {} ms, deadline_ms={deadline_ms}",
            by.as_millis()
        );
        let reply = platform.invoke(&records, deadline_ms).await;
        let took = reply.as_ref().map_or(Duration::ZERO, |reply| reply.took);
        platform
            .judge(
                &records,
                &[hung],
                deadline_ms,
                &during,
                "gives-up-early",
                reply,
            )
            .await?;
        if took < Duration::from_millis(deadline_ms) * 7 / 10 {
            return Err(Failure::new(
                "gives-up-early",
                "A record was given up long before the deadline.",
            )
            .sent(during)
            .got(format!("an answer after {} ms", took.as_millis()))
            .expected("the record that hangs gets the time that there is")
            .into());
        }
        if !platform.is_idle().await {
            return Err(Failure::new(
                "piles-up-calls",
                "The call was answered, and a call to a store goes on.",
            )
            .sent(during)
            .got("a call that is still open")
            .expected("closed by the deadline")
            .by_clock(Duration::from_secs(2))
            .into());
        }
        platform.image_server.heal();
        let finished: Vec<usize> = records[1..]
            .iter()
            .map(|r| platform.image_calls(r).len())
            .collect();
        platform
            .expect(
                &records,
                &[],
                "after the deadline the same once more",
                "wrong-answer",
            )
            .await?;
        let again: Vec<usize> = records[1..]
            .iter()
            .map(|r| platform.image_calls(r).len())
            .collect();
        if finished != again {
            return Err(
                Failure::new("loses-finished", "What was finished was done again.")
                    .sent("the same records, after one of them missed the deadline")
                    .got(format!("calls for the other images: {again:?}"))
                    .expected(format!("{finished:?}"))
                    .into(),
            );
        }
    }
    Ok(())
}

/// Two calls at once, with more records than there is room; before them as many as there is room for
/// that break off, and as many whose thumbnails the store is slow to take.
pub async fn concurrency(context: &CheckContext) -> CheckResult {
    let mut platform = Platform::begin(context).await?;
    let room = platform.concurrency;
    let cut = platform.records(room);
    for record in &cut {
        platform.image_server.inject(at(record), Fault::CutBody);
    }
    let all: Vec<&Record> = cut.iter().collect();
    platform
        .expect(&cut, &all, "while IMAGES breaks off", "wrong-answer")
        .await?;
    let gate = Gate::shut();
    let slow = platform.records(room);
    for record in &slow {
        let put = When::Only(Method::PUT, record.path());
        let held = Fault::Hold(gate.clone());
        platform.thumb_server.inject_unwitnessed(put, held);
    }
    let batches = [platform.records(7), platform.records(7)];
    for record in batches.iter().flatten() {
        platform
            .image_server
            .inject_unwitnessed(at(record), Fault::Hold(gate.clone()));
    }
    let (_, (replies, most)) = futures::join!(platform.invoke(&slow, 10_000), async {
        let puts = || platform.thumb_server.in_flight() >= room;
        wait_until(Duration::from_secs(2), puts).await;
        futures::join!(
            join_all(batches.iter().map(|batch| platform.invoke(batch, 10_000))),
            async {
                let full = || platform.image_server.in_flight() >= room;
                wait_until(Duration::from_secs(4), full).await;
                sleep(Duration::from_millis(300)).await;
                let most = platform.image_server.in_flight();
                gate.open();
                most
            }
        )
    });
    let peak = platform.image_server.peak();
    let most = if peak > room { peak } else { most };
    let (diagnosis, headline) = match most.cmp(&room) {
        Ordering::Greater => (
            "too-many-at-a-time",
            "There are too many calls to IMAGES at a time.",
        ),
        Ordering::Less => ("too-few-at-a-time", "Records wait though there is room."),
        Ordering::Equal => {
            for (batch, reply) in batches.iter().zip(replies) {
                let during = "two calls at once";
                let wrong = "wrong-answer";
                platform
                    .judge(batch, &[], 10_000, during, wrong, reply)
                    .await?;
            }
            return Ok(());
        }
    };
    let failure = Failure::new(diagnosis, headline)
        .sent(format!(
            "two calls with seven records each, CONCURRENCY={room}; {room} images broke off before, \
             and THUMBS is slow to take {room} thumbnails"
        ))
        .got(format!("{most} calls to IMAGES at a time"))
        .expected(format!("{room}"));
    Err(if most > room {
        failure.into()
    } else {
        failure.by_clock(Duration::from_secs(4)).into()
    })
}

/// The same image of two tenants, in one batch and in two.
pub async fn isolation(context: &CheckContext) -> CheckResult {
    let mut platform = Platform::begin(context).await?;
    for together in [true, false] {
        let name = format!("lot-{together}");
        let two = [platform.record("t-1", &name), platform.record("t-2", &name)];
        let batches: Vec<&[Record]> = if together {
            vec![&two]
        } else {
            vec![&two[..1], &two[1..]]
        };
        for batch in batches {
            let during = "the same image of two tenants";
            platform
                .expect(batch, &[], during, "wrong-token")
                .await
                .map_err(|outcome| match outcome.failure() {
                    Some(failure)
                        if ["wrong-thumbnail", "lost-record"].contains(&failure.diagnosis.0) =>
                    {
                        let mut failure = failure.clone();
                        failure.diagnosis = "leaks-between-tenants".into();
                        failure.into()
                    }
                    _ => outcome,
                })?;
        }
    }
    let strange: Vec<String> = [&platform.image_server, &platform.thumb_server]
        .iter()
        .flat_map(|server| server.calls())
        .filter(|call| call.request.path != "/config")
        .filter(|call| {
            let token = call.request.header("authorization").unwrap_or_default();
            let is_of = |record: &Record| {
                record.path() == call.request.path && token == format!("Bearer {}", record.token)
            };
            !platform.made.iter().any(is_of)
        })
        .map(|call| call.request.path)
        .collect();
    if strange.is_empty() {
        return one_token_each(&mut platform).await;
    }
    Err(
        Failure::new("wrong-token", "A call carries the token of another record.")
            .sent("images of two tenants, each record with its own token")
            .got(format!("without the right token: {strange:?}"))
            .expected("Authorization: Bearer and the token of the record")
            .into(),
    )
}

/// Two records of one image: what the token of one may do, another may not; and what was fetched for
/// one is not the other's.
async fn one_token_each(platform: &mut Platform) -> CheckResult {
    let good = platform.record("t-1", "lot-one");
    let forged = Record {
        id: "r-forged".to_owned(),
        token: "forged".to_owned(),
        ..good.clone()
    };
    platform.made.push(forged.clone());
    let during = "one of them with a token that is no good, for the image of another";
    for batch in [vec![good, forged.clone()], vec![forged.clone()]] {
        platform
            .expect(&batch, &[&forged], during, "wrong-token")
            .await
            .map_err(|outcome| match outcome.failure() {
                Some(failure) if failure.diagnosis.0 == "hides-failure" => {
                    let mut failure = failure.clone();
                    failure.diagnosis = "borrows-outcome".into();
                    failure.into()
                }
                _ => outcome,
            })?;
    }
    let first = platform.record("t-1", "lot-two");
    let put = When::Only(Method::PUT, first.path());
    platform.thumb_server.inject(put, Fault::Status(503));
    let during = "while PUT THUMBS answers 503";
    let failed = [&first];
    platform
        .expect(&failed.map(Clone::clone), &failed, during, "wrong-answer")
        .await?;
    platform.thumb_server.heal();
    platform.thumbs.remove(&first.path());
    let anew = [platform.record("t-1", "lot-two")];
    let during = "an image that was uploaded anew after a record of it had failed";
    platform.expect(&anew, &[], during, "wrong-answer").await
}

/// The configuration fails at first; then it is asked for once, whatever comes.
pub async fn warm(context: &CheckContext) -> CheckResult {
    let mut platform = Platform::begin(context).await?;
    let config = || When::Path("/config".to_owned());
    platform
        .image_server
        .inject_unwitnessed(config(), Fault::Status(503));
    let asked = |platform: &Platform| {
        let calls = platform.image_server.calls();
        calls
            .iter()
            .filter(|call| call.request.path == "/config")
            .count()
    };
    let records = platform.records(3);
    // A program may have asked before the first call.
    if asked(&platform) == 0 {
        let all: Vec<&Record> = records.iter().collect();
        let during = "while IMAGES/config answers 503";
        platform
            .expect(&records, &all, during, "wrong-answer")
            .await?;
    }
    platform.image_server.heal();
    let before = asked(&platform);
    platform
        .image_server
        .inject_unwitnessed(config(), Fault::Delay(Duration::from_millis(300)));
    let during = "when IMAGES/config is well again, two calls at once";
    let halves = [&records[..1], &records[1..]];
    let replies = join_all(halves.map(|half| platform.invoke(half, 10_000))).await;
    for (half, reply) in halves.into_iter().zip(replies) {
        platform
            .judge(half, &[], 10_000, during, "remembers-failure", reply)
            .await?;
    }
    let at_once = asked(&platform) - before;
    for _ in 0..3 {
        let records = platform.records(4);
        platform
            .expect(&records, &[], "later", "wrong-answer")
            .await?;
    }
    let again = asked(&platform) - before;
    if again > 1 {
        return Err(
            Failure::new("asks-config-again", "The configuration is asked for again.")
                .sent("two calls at once in a process that has none yet, then three calls")
                .got(format!(
                    "{at_once} calls to IMAGES/config in the two, {} in the three",
                    again - at_once
                ))
                .expected("one: what it says is for the life of the process")
                .into(),
        );
    }
    platform.leaves_nothing("six calls")
}
