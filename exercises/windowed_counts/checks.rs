//! The promises of this exercise, one function each.

use super::counter::{Counter, SLACK, SOON, Settings, epoch};
use crate::harness::conduct;
use crate::harness::context::{CheckContext, wait_until};
use crate::harness::upstream::Upstream;
use crate::harness::upstream::fault::{Fault, Gate, When};
use crate::harness::verdict::{CheckResult, Failure};
use rand::RngExt;
use rand::seq::SliceRandom;
use std::time::Duration;
use tokio::time::sleep;

pub async fn counts(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("events");
    let settings = Settings::new(&mut rng);
    let mut counter = Counter::begin(context, settings).await?;
    let mut from_ms = epoch(&mut rng, &settings);
    for _ in 0..3 {
        let mut events = counter.some(&mut rng, 30, from_ms);
        // Another one at the same time.
        let twin = counter.event(&events[29].key, events[29].at_ms);
        events.push(twin);
        from_ms = events[29].at_ms + settings.window_ms + settings.lateness_ms;
        let closing = counter.event("lot-1", from_ms);
        counter.log.append(events);
        counter.log.append([closing]);
        counter
            .settles("all of them in order", "wrong-count")
            .await?;
    }
    conduct::stops(counter.program).await
}

/// Each event may stand as much too late in the log as lateness allows.
pub async fn out_of_order(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("events");
    let settings = Settings {
        lateness_ms: 20_000,
        window_ms: 5000,
        ..Settings::new(&mut rng)
    };
    let mut counter = Counter::begin(context, settings).await?;
    let from_ms = epoch(&mut rng, &settings);
    let mut events = counter.some(&mut rng, 60, from_ms);
    for piece in events.chunks_mut(15) {
        piece.shuffle(&mut rng);
    }
    counter.log.append(events);
    let during = "out of order by less than the lateness";
    counter.settles(during, "closes-too-early").await
}

/// Two keys; what the one sees closes windows of the other.
pub async fn edges(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("events");
    for _ in 0..2 {
        let usual = Settings::new(&mut rng);
        let settings = Settings {
            lateness_ms: usual.window_ms + rng.random_range(100..5000),
            ..usual
        };
        let mut counter = Counter::begin(context, settings).await?;
        let start = epoch(&mut rng, &settings);
        let end = start + settings.window_ms;
        let closes = end + settings.lateness_ms;
        for (key, at_ms, during, wrong) in [
            (
                "lot-1",
                start,
                "the first at the start of a window",
                "wrong-window",
            ),
            (
                "lot-1",
                end - 1,
                "the last 1 ms before its end",
                "wrong-window",
            ),
            ("lot-1", end, "the last at its end", "closes-too-early"),
            (
                "lot-2",
                closes - 1,
                "the last 1 ms before the window closes",
                "closes-too-early",
            ),
            (
                "lot-1",
                start + 1,
                "the last in the window that is about to close",
                "closes-too-early",
            ),
            (
                "lot-2",
                closes,
                "the last closes the window of another key",
                "closes-too-late",
            ),
            (
                "lot-1",
                end - 1,
                "the last 1 ms before the end of the window that is closed",
                "counts-late",
            ),
            (
                "lot-3",
                start,
                "the last of a key that has no events in the window that is closed",
                "counts-late",
            ),
        ] {
            let event = counter.event(key, at_ms);
            counter.log.append([event]);
            counter.settles(during, wrong).await?;
        }
    }
    Ok(())
}

/// Late events among others, and a watermark that does not go back with them.
pub async fn late(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("events");
    let settings = Settings::new(&mut rng);
    let mut counter = Counter::begin(context, settings).await?;
    let from_ms = epoch(&mut rng, &settings);
    let events = counter.some(&mut rng, 40, from_ms);
    let ahead = events[39].at_ms + settings.lateness_ms * 2 + settings.window_ms * 3;
    // Counted before, and late by the time that they come again.
    let again = events[..3].to_vec();
    counter.log.append(events);
    let jump = counter.event("lot-0", ahead);
    let late = counter.some(&mut rng, 12, from_ms);
    let good = counter.some(&mut rng, 12, ahead - settings.lateness_ms);
    let mixed: Vec<_> = late
        .into_iter()
        .zip(good)
        .flat_map(|(late, good)| [late, good])
        .collect();
    counter.log.append([jump]);
    counter.log.append(mixed);
    counter.log.append(again);
    counter
        .settles("a dozen of them far too late", "counts-late")
        .await?;
    // The watermark is a part of the state. A moment for it to be saved.
    sleep(Duration::from_millis(150)).await;
    counter.program.kill().await;
    counter.restart(context).await?;
    let one = counter.event("lot-1", from_ms);
    counter.log.append([one]);
    counter
        .settles("the last far too late, after SIGKILL", "loses-state")
        .await?;
    let last = counter.event(
        "lot-1",
        ahead + settings.lateness_ms * 2 + settings.window_ms * 9,
    );
    counter.log.append([last]);
    counter
        .settles("then one that closes all windows", "counts-late")
        .await
}

/// At once, in another batch, after many others, and after a restart.
pub async fn duplicates(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("events");
    let settings = Settings {
        lateness_ms: 90_000,
        window_ms: 10_000,
        batch_max: 200,
        ..Settings::new(&mut rng)
    };
    let mut counter = Counter::begin(context, settings).await?;
    let from_ms = epoch(&mut rng, &settings);
    let events = counter.some(&mut rng, 30, from_ms);
    let doubled = events
        .iter()
        .flat_map(|event| [event.clone(), event.clone()]);
    counter.log.append(doubled);
    counter.log.append(events.clone());
    counter
        .settles("each of them three times", "counts-twice")
        .await?;
    let many = (0..1_100).map(|nr| counter.event("lot-3", from_ms + nr));
    let many: Vec<_> = many.collect();
    counter.log.append(many);
    counter.log.append(events.clone());
    counter
        .settles("some again after eleven hundred others", "counts-twice")
        .await?;
    // A moment for the state to be saved.
    sleep(Duration::from_millis(150)).await;
    counter.program.kill().await;
    counter.restart(context).await?;
    counter.log.append(events);
    let last = counter.event("lot-1", from_ms + 500_000);
    counter.log.append([last]);
    counter
        .settles(
            "some of them twice, with SIGKILL in between",
            "counts-twice",
        )
        .await
}

/// Four times: while the sink holds a result back, or has taken it, or somewhere in between.
pub async fn crash(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("events");
    let settings = Settings::new(&mut rng);
    let mut counter = Counter::begin(context, settings).await?;
    let mut from_ms = epoch(&mut rng, &settings);
    for round in 0..4 {
        let events = counter.some(&mut rng, 40, from_ms);
        from_ms = events[39].at_ms + settings.lateness_ms + settings.window_ms;
        let closing = counter.event("lot-2", from_ms);
        let gate = Gate::shut();
        let before = counter.sink_server.calls().len();
        match round % 3 {
            0 => counter
                .sink_server
                .inject_unwitnessed(When::Always, Fault::Hold(gate.clone())),
            1 => counter
                .sink_server
                .inject_unwitnessed(When::Always, Fault::CutBody),
            _ => {}
        }
        counter.log.append(events);
        counter.log.append([closing]);
        let asked = |counter: &Counter| counter.sink_server.calls().len() > before;
        wait_until(SOON, || asked(&counter)).await;
        sleep(Duration::from_millis(rng.random_range(0..40))).await;
        counter.program.kill().await;
        counter.sink_server.heal();
        gate.open();
        let seen = counter.source_server.calls().len();
        let read = counter.asked_from(0).into_iter().max().unwrap_or(0);
        counter.restart(context).await?;
        let first = counter.asked_from(seen).first().copied().unwrap_or(0);
        let during = "with SIGKILL while results were on their way";
        if first + settings.batch_max * 3 < read {
            return Err(Failure::new(
                "reads-all-again",
                "After a restart the log is read from too far back.",
            )
            .sent(during)
            .got(format!(
                "asked for events from {first}; before the crash from {read}"
            ))
            .expected(format!(
                "from {} or later",
                read.saturating_sub(settings.batch_max * 3)
            ))
            .into());
        }
        // What the last answer held may have been counted and saved before it died.
        if first > read + settings.batch_max {
            return Err(
                Failure::new("loses-state", "After a restart events are passed over.")
                    .sent(during)
                    .got(format!(
                        "asked for events from {first}; before the crash from {read}"
                    ))
                    .expected("from where it was")
                    .into(),
            );
        }
        counter.settles(during, "loses-state").await?;
    }
    Ok(())
}

/// Each kind of failure, with pauses far apart.
pub async fn sink_away(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("events");
    for retry_ms in [
        rng.random_range(20..=30) * 10,
        rng.random_range(90..=110) * 10,
    ] {
        let settings = Settings {
            retry_ms,
            ..Settings::new(&mut rng)
        };
        let mut counter = Counter::begin(context, settings).await?;
        let begin_ms = epoch(&mut rng, &settings);
        let mut from_ms = begin_ms;
        let refusal = if retry_ms <= 300 { 503 } else { 429 };
        for fault in [Fault::Status(refusal), Fault::CutBody, Fault::Hang] {
            let retry = Duration::from_millis(retry_ms);
            let during = format!("while the sink {}, RETRY_MS={retry_ms}", fault.in_words());
            let before = counter.sink_server.calls().len();
            let is_quick = retry_ms <= 300 && matches!(fault, Fault::Status(_));
            counter.sink_server.inject(When::Always, fault);
            let first = counter.event("lot-0", from_ms);
            from_ms += settings.window_ms * 2 + settings.lateness_ms;
            let second = counter.event("lot-1", from_ms);
            counter.log.append([first, second]);
            // Where that is quick, far more often than anybody counts to.
            let times = if is_quick { 9 } else { 2 };
            let patience = Duration::from_secs(2) + retry * times + SLACK * 2;
            let due = before + times as usize;
            let often = |server: &Upstream| server.calls().len() >= due;
            let repeated = counter.sink_server.wait_until(patience, often).await;
            conduct::lives(&mut counter.program, &during).await?;
            let calls = counter.sink_server.calls();
            let pause = calls.get(before + 1).map(|next| {
                next.at
                    .saturating_sub(calls[before].over(Duration::from_secs(2)))
            });
            let (wrong, headline) = match pause {
                _ if !repeated && calls.len() > before => {
                    ("gives-up", "A result that failed is not sent again.")
                }
                None => ("lost-result", "A window that is closed has no result."),
                Some(pause) if pause < retry * 9 / 10 => {
                    ("busy-loop", "A result is repeated without a pause.")
                }
                Some(_) => {
                    counter.sink_server.heal();
                    counter.settles(&during, "wrong-count").await?;
                    continue;
                }
            };
            let failure = Failure::new(wrong, headline)
                .sent(&during)
                .got(format!(
                    "{} calls, the second {:?} after the first",
                    calls.len() - before,
                    pause
                ))
                .expected(format!("again {retry_ms} ms after each failure"));
            return Err(if repeated {
                failure.into()
            } else {
                failure.by_clock(SLACK).into()
            });
        }
        let late = counter.event("lot-0", begin_ms);
        let when = When::Under("/late/".to_owned());
        let struck = counter.sink_server.inject(when, Fault::Status(503));
        counter.log.append([late]);
        let repeated = wait_until(SOON, || struck.heard() > 1).await;
        counter.sink_server.heal();
        let during = "the last late, the sink answered 503 to it";
        if struck.heard() == 1 && !repeated {
            let headline = "A late event that failed is not told again.";
            return Err(Failure::new("loses-late", headline)
                .sent(during)
                .got("one call of PUT SINK/late/ID")
                .expected(format!("again {retry_ms} ms after each failure"))
                .by_clock(SOON)
                .into());
        }
        counter.settles(during, "wrong-count").await?;
        // It goes on SIGTERM, whatever it waits for.
        let struck = counter.sink_server.inject(When::Always, Fault::Status(503));
        let closing = from_ms + settings.window_ms * 2 + settings.lateness_ms;
        let closing = counter.event("lot-1", closing);
        counter.log.append([closing]);
        wait_until(SOON, || struck.heard() > 0).await;
        conduct::stops(counter.program).await?;
    }
    Ok(())
}

/// The source fails for a while, in each way; then it has nothing, for a while.
pub async fn source_away(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("events");
    let settings = Settings {
        poll_ms: rng.random_range(15..=40) * 10,
        retry_ms: rng.random_range(25..=60) * 10,
        ..Settings::new(&mut rng)
    };
    let (poll, retry) = (settings.poll_ms, settings.retry_ms);
    let mut counter = Counter::begin(context, settings).await?;
    let mut from_ms = epoch(&mut rng, &settings);
    for fault in [Fault::Status(500), Fault::CutBody, Fault::Hang] {
        let during = format!("while the source {}, RETRY_MS={retry}", fault.in_words());
        let before = counter.source_server.calls().len();
        counter.source_server.inject(When::Always, fault);
        let events = counter.some(&mut rng, 30, from_ms);
        from_ms = events[29].at_ms + settings.window_ms + settings.lateness_ms;
        let closing = counter.event("lot-1", from_ms);
        counter.log.append(events);
        counter.log.append([closing]);
        pauses(&mut counter, before, 3, retry, &during).await?;
        counter.source_server.heal();
        counter.settles(&during, "wrong-count").await?;
    }
    let before = counter.source_server.calls().len();
    let during = format!("while there are no events, POLL_MS={poll}");
    pauses(&mut counter, before, 7, poll, &during).await
}

/// The source is asked so many times, with a pause of at least this long after each answer.
async fn pauses(
    counter: &mut Counter,
    before: usize,
    calls: usize,
    pause_ms: u64,
    during: &str,
) -> CheckResult {
    let (pause, patience) = (Duration::from_millis(pause_ms), Duration::from_secs(2));
    let limit = (patience + pause + SLACK) * calls as u32;
    let asked = |server: &Upstream| server.calls().len() >= before + calls;
    let is_asked = counter.source_server.wait_until(limit, asked).await;
    conduct::lives(&mut counter.program, during).await?;
    let calls = counter.source_server.calls();
    let calls = &calls[before..];
    let pauses = calls
        .windows(2)
        .map(|pair| pair[1].at.saturating_sub(pair[0].over(patience)));
    let pauses: Vec<Duration> = pauses.collect();
    let fails = |diagnosis: &'static str, headline: &str| {
        let told: Vec<u128> = pauses.iter().map(Duration::as_millis).collect();
        Failure::new(diagnosis, headline)
            .sent(during)
            .got(format!("{} calls, with pauses of {told:?} ms", calls.len()))
            .expected(format!("a call {pause_ms} ms after each answer"))
    };
    if !is_asked {
        let headline = "The source is not asked again.";
        return Err(fails("gives-up", headline).by_clock(SLACK).into());
    }
    // What stands first may have been under way already.
    let short = pauses.iter().skip(1).filter(|one| **one < pause * 9 / 10);
    if short.count() * 2 > pauses.len() - 1 {
        let headline = "The source is asked again without a pause.";
        return Err(fails("busy-loop", headline).into());
    }
    Ok(())
}

pub async fn backpressure(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("events");
    let settings = Settings::new(&mut rng);
    let mut counter = Counter::begin(context, settings).await?;
    let from_ms = epoch(&mut rng, &settings);
    counter.sink_server.inject(When::Always, Fault::Hang);
    let first = counter.event("lot-0", from_ms);
    let next = from_ms + settings.window_ms * 2 + settings.lateness_ms;
    let second = counter.event("lot-1", next);
    counter.log.append([first, second]);
    counter
        .sink_server
        .wait_until(SOON, |sink| sink.in_flight() > 0)
        .await;
    let events = counter.some(&mut rng, settings.batch_max * 12, next);
    counter.log.append(events);
    sleep(Duration::from_millis(1200)).await;
    let furthest = counter.asked_from(0).into_iter().max().unwrap_or(0);
    let asked = counter.source_server.calls();
    let most = asked
        .iter()
        .filter_map(|call| call.request.query("max")?.parse::<usize>().ok())
        .max();
    let read = furthest + most.unwrap_or(0);
    let due = 2 + settings.batch_max * 3;
    if read > due || most.is_some_and(|most| most > settings.batch_max) {
        return Err(
            Failure::new("no-backpressure", "Events are read while results wait.")
                .sent(format!(
                    "a sink that hangs, and {} events, BATCH_MAX={}",
                    settings.batch_max * 12,
                    settings.batch_max
                ))
                .got(format!(
                    "events up to {read} were asked for, {} at a time",
                    most.unwrap_or(0)
                ))
                .expected(format!("at most three more batches, up to {due}"))
                .into(),
        );
    }
    counter.sink_server.heal();
    sleep(Duration::from_millis(settings.retry_ms)).await;
    counter
        .settles("when the sink is well again", "wrong-count")
        .await
}
