//! How long it is waited: before an attempt, and for one.

use crate::harness::context::{CheckContext, wait_until};
use crate::harness::load::side_by_side;
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckResult, Diagnosis, Failure};
use crate::retry_budget::ambassador::{Ambassador, Ask, Right, Settings, at, failure, path};
use rand::RngExt;
use std::time::Duration;

/// The waits before the second and the third attempt of many requests.
pub async fn jitter(context: &CheckContext) -> CheckResult {
    const REQUESTS: usize = 24;
    let mut rng = context.rng("paths");
    let base_ms = rng.random_range(60..=80) * 10;
    let settings = Settings {
        attempts: 4,
        base_ms,
        ceiling_ms: base_ms * 2,
        ..Settings::USUAL
    };
    let ambassador = Ambassador::begin(context, settings).await?;
    ambassador.service.inject(When::Always, Fault::Status(503));
    let asks: Vec<Ask> = (0..REQUESTS).map(|_| Ask::get(path(&mut rng))).collect();
    side_by_side(REQUESTS, asks.iter().map(|ask| ambassador.send(ask))).await;
    let mut waits: [Vec<u64>; 3] = Default::default();
    for ask in &asks {
        let calls = ambassador.calls(&ask.path);
        for (wait, pair) in waits.iter_mut().zip(calls.windows(2)) {
            let from = pair[0].end.map_or(pair[0].at, |(at, _)| at);
            wait.push(pair[1].at.saturating_sub(from).as_millis() as u64);
        }
    }
    for waits in &mut waits {
        waits.sort_unstable();
    }
    let [first, second, third] = &waits;
    if third.len() < REQUESTS / 2 {
        let ask = &asks[0];
        let right = Right::new(503, 4);
        let mut ambassador = ambassador;
        return ambassador
            .expect(ask, "the service answers 503", right)
            .await;
    }
    let quartile = |waits: &[u64], nr: usize| waits[waits.len() * nr / 4];
    let spread = |waits: &[u64]| quartile(waits, 3) - quartile(waits, 1);
    // Of 24 waits that are uniform up to a ceiling, the middle half spans a half of it on average. That it
    // spans less than an eighth, or that none is below two fifths, happens once in 100,000 runs. Without a ceiling
    // the third goes up to four times BASE_MS, and that fewer than three of 24 are above 12/5 happens once in 1,500.
    let (diagnosis, headline) = if spread(first) < base_ms / 8 || spread(second) < base_ms / 4 {
        (
            "no-jitter",
            "The waits are much alike: callers who failed together come back together.",
        )
    } else if second.iter().all(|wait| *wait < base_ms * 11 / 10) {
        ("no-backoff", "The ceiling of the waits does not double.")
    } else if third[third.len() - 3] > base_ms * 12 / 5 {
        ("ignores-ceiling", "The waits go beyond CEILING_MS.")
    } else if first[0] > base_ms * 2 / 5 {
        ("half-jitter", "The waits do not begin at nothing.")
    } else {
        return Ok(());
    };
    let told = |waits: &[u64]| {
        format!(
            "{}/{}/{}",
            quartile(waits, 1),
            quartile(waits, 2),
            quartile(waits, 3)
        )
    };
    Err(Failure::new(Diagnosis(diagnosis), headline)
        .sent(format!(
            "{REQUESTS} requests that fail, BASE_MS={base_ms}, CEILING_MS={}",
            base_ms * 2
        ))
        .got(format!(
            "quartiles of the waits in ms: first {}, second {}, third {}",
            told(first),
            told(second),
            told(third)
        ))
        .expected(format!(
            "random from 0 to {base_ms}, then to {}, and no higher",
            base_ms * 2
        ))
        .by_clock(Duration::from_millis(base_ms * 2))
        .into())
}

/// One second fits into the deadline, and is kept; a minute does not, and is not waited for.
pub async fn retry_after(context: &CheckContext) -> CheckResult {
    let mut ambassador = Ambassador::begin(context, Settings::USUAL).await?;
    let mut rng = context.rng("paths");
    let nr: u32 = rng.random_range(0..0x1_0000);
    let ask = Ask::get(format!("/wait/1-{nr}"));
    ambassador.service.inject_next(Fault::Status(503));
    let during = "the service answers 503 with Retry-After: 1";
    ambassador.expect(&ask, during, Right::new(200, 2)).await?;
    let calls = ambassador.calls(&ask.path);
    let wait = calls[1].at.saturating_sub(calls[0].at);
    if wait < Duration::from_millis(950) {
        let headline = "The service said when to come again, and was called earlier.";
        return Err(
            failure(Diagnosis("ignores-retry-after"), headline, &ask, during)
                .got(format!("the next attempt after {} ms", wait.as_millis()))
                .expected("after 1000 ms or later")
                .into(),
        );
    }
    let ask = Ask::get(format!("/wait/60-{nr}"));
    let during = "the service answers 503 with Retry-After: 60, and the deadline is 8 s";
    ambassador.service.inject(at(&ask.path), Fault::Status(503));
    let right = Right {
        too_many: Diagnosis("ignores-retry-after"),
        ..Right::new(503, 1)
    };
    let reply = ambassador.send(&ask).await;
    let took = reply.as_ref().map_or(Duration::ZERO, |reply| reply.took);
    ambassador.judge(&ask, during, right, reply).await?;
    if took < Duration::from_secs(4) {
        return Ok(());
    }
    let headline = "The answer could not get better, and its client still waited.";
    Err(failure(Diagnosis("waits-to-fail"), headline, &ask, during)
        .got(format!("an answer after {} ms", took.as_millis()))
        .expected("the 503 at once: the next attempt does not fit into the deadline")
        .by_clock(Duration::from_secs(4))
        .into())
}

/// The service hangs for one call; for all of them, past the deadline; and where the deadline comes before
/// the end of one try.
pub async fn slow_attempt(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("paths");
    for try_ms in [
        rng.random_range(25..=35) * 10,
        rng.random_range(100..=130) * 10,
    ] {
        let settings = Settings {
            attempts: 20,
            try_ms,
            deadline_ms: try_ms * 4 + 1500,
            ..Settings::USUAL
        };
        let mut ambassador = Ambassador::begin(context, settings).await?;
        let ask = Ask::get(path(&mut rng));
        ambassador.service.inject_next(Fault::Hang);
        let during = format!("the first call hangs, TRY_MS={try_ms}");
        let right = Right {
            too_few: Diagnosis("waits-for-one-attempt"),
            ..Right::new(200, 2)
        };
        ambassador.expect(&ask, &during, right).await?;
        let first = ambassador.calls(&ask.path).remove(0);
        let lasted = first.end.map(|(at, _)| at.saturating_sub(first.at));
        let limit = Duration::from_millis(try_ms);
        if lasted.is_none_or(|lasted| lasted < limit * 7 / 10) {
            let headline = "The attempt that hung did not end after TRY_MS.";
            return Err(
                failure(Diagnosis("wrong-try-time"), headline, &ask, &during)
                    .got(lasted.map_or_else(
                        || "its call goes on".to_owned(),
                        |l| format!("it ended after {} ms", l.as_millis()),
                    ))
                    .expected(format!("its connection closed after {try_ms} ms"))
                    .by_clock(limit)
                    .into(),
            );
        }
        let ask = Ask::get(path(&mut rng));
        ambassador.service.inject(at(&ask.path), Fault::Hang);
        let during = format!(
            "every call hangs, TRY_MS={try_ms}, DEADLINE_MS={}",
            settings.deadline_ms
        );
        let reply = ambassador.send(&ask).await;
        let calls = ambassador.calls(&ask.path).len();
        // 502 if the wait before the next attempt did not fit any more.
        let given_up = reply.as_ref().is_ok_and(|reply| reply.status == 502);
        let right = Right::new(if given_up { 502 } else { 504 }, calls);
        ambassador.judge(&ask, &during, right, reply).await?;
        let idle = || ambassador.service.in_flight() == 0;
        if !wait_until(Duration::from_secs(2), idle).await {
            let headline = "The request was answered, and a call for it goes on.";
            return Err(
                failure(Diagnosis("piles-up-calls"), headline, &ask, &during)
                    .got("a call that is still open")
                    .expected("no call outlives its request: its connection is closed")
                    .by_clock(Duration::from_secs(2))
                    .into(),
            );
        }
    }
    let settings = Settings {
        try_ms: 6000,
        deadline_ms: rng.random_range(60..=90) * 10,
        ..Settings::USUAL
    };
    let mut ambassador = Ambassador::begin(context, settings).await?;
    let ask = Ask::get(path(&mut rng));
    ambassador.service.inject(When::Always, Fault::Hang);
    let during = format!(
        "every call hangs, TRY_MS=6000, DEADLINE_MS={}",
        settings.deadline_ms
    );
    ambassador.expect(&ask, &during, Right::new(504, 1)).await
}
