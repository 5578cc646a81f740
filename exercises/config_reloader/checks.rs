//! The promises of this exercise, one function each.

use super::pod::{Pod, SLACK, Settings, config};
use crate::harness::conduct;
use crate::harness::context::CheckContext;
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::CheckResult;
use rand::RngExt;
use std::time::Duration;
use tokio::time::{Instant, sleep};

pub async fn first_load(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("configs");
    let settings = Settings {
        reload: Duration::from_secs(5),
        ..Settings::USUAL
    };
    let mut pod = Pod::loaded(context, settings, &config(&mut rng)).await?;
    let during = "the configuration does not change any more";
    pod.nothing_more(1, pod.settle() * 7, during, "reloads-for-nothing")
        .await?;
    pod.swap(Some(&config(&mut rng)))?;
    let during = "two changes after a long rest";
    pod.nothing_more(1, pod.settle() / 2, during, "reloads-too-early")
        .await?;
    let last = config(&mut rng);
    pod.swap(Some(&last))?;
    let limit = pod.settle() + SLACK;
    pod.arrives(&last, 1, limit, during, "misses-swap").await?;
    // Nobody answers the reload that is under way at the end.
    pod.service.inject(When::Always, Fault::Hang);
    pod.swap(Some(&config(&mut rng)))?;
    pod.service
        .wait_until(limit, |service| service.in_flight() > 0)
        .await;
    conduct::stops(pod.program).await
}

/// There is no file when the program starts.
pub async fn not_there(context: &CheckContext) -> CheckResult {
    let mut pod = Pod::begin(context, Settings::USUAL, None, None).await?;
    let during = "there is no file at the start";
    pod.nothing_more(0, SLACK, during, "sends-invalid").await?;
    let first = config(&mut context.rng("configs"));
    pod.swap(Some(&first))?;
    let limit = context.start_limit() + pod.settle();
    let during = "the file came after the start";
    pod.arrives(&first, 0, limit, during, "never-loads").await
}

/// All versions have the same size and time stamp.
pub async fn swap(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("configs");
    let first = config(&mut rng);
    let mut pod = Pod::loaded(context, Settings::USUAL, &first).await?;
    let longer = config(&mut rng).replace("\"us\"", "\"us\", \"ap\"");
    let respaced = first.replace(",  ", ",");
    let versions = [longer, config(&mut rng), config(&mut rng), first, respaced];
    for (nr, version) in versions.iter().enumerate() {
        pod.swap(Some(version))?;
        let (during, wrong) = match nr {
            0 => ("..data was swapped", "misses-swap"),
            1 | 2 => (
                "..data was swapped, with size and time stamp as before",
                "trusts-time-stamp",
            ),
            3 => ("the first version came back", "misses-swap"),
            _ => ("white space changed, and nothing else", "misses-swap"),
        };
        let limit = pod.settle() + SLACK;
        pod.arrives(version, nr + 1, limit, during, wrong).await?;
    }
    pod.nothing_more(
        6,
        pod.settle() * 6,
        "after five changes",
        "reloads-for-nothing",
    )
    .await
}

/// Swaps that bring what is there already; then the file is away for a while.
pub async fn same_content(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("configs");
    let first = config(&mut rng);
    let mut pod = Pod::loaded(context, Settings::USUAL, &first).await?;
    for away in [false, true] {
        if away {
            pod.swap(None)?;
            sleep(pod.settle() * 2).await;
        }
        pod.swap(Some(&first))?;
        let during = if away {
            "the file was away for a while and came back as it was"
        } else {
            "..data was swapped, with the same content"
        };
        let wrong = "reloads-for-nothing";
        pod.nothing_more(1, pod.settle() * 7, during, wrong).await?;
    }
    let next = config(&mut rng);
    pod.swap(Some(&next))?;
    let limit = pod.settle() + SLACK;
    pod.arrives(&next, 1, limit, "then the content changed", "misses-swap")
        .await
}

pub async fn invalid(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("configs");
    let mut good = config(&mut rng);
    let mut pod = Pod::loaded(context, Settings::USUAL, &good).await?;
    let next = config(&mut rng);
    let half = next[..next.len() / 2].to_owned();
    let bad = [
        half.as_str(),
        "",
        r#"{"max_bid_cents": 0, "regions": ["eu"]}"#,
        r#"{"max_bid_cents": "500", "regions": ["eu"]}"#,
        r#"{"max_bid_cents": 12.5, "regions": ["eu"]}"#,
        r#"{"max_bid_cents": true, "regions": ["eu"]}"#,
        r#"{"max_bid_cents": 500, "regions": []}"#,
        r#"{"max_bid_cents": 500, "regions": "eu"}"#,
        r#"{"max_bid_cents": 500}"#,
        r#"[{"max_bid_cents": 500, "regions": ["eu"]}]"#,
        r#"{"max_bid_cents": 500, "regions": ["eu"]} }"#,
    ];
    let mut seen = 1;
    for (nr, text) in bad.into_iter().enumerate() {
        pod.swap(Some(text))?;
        let during = format!("the file says {text:?}");
        pod.nothing_more(seen, pod.settle() * 4, &during, "sends-invalid")
            .await?;
        if nr % 3 == 0 {
            pod.swap(Some(&good))?;
            let during = format!("the last good version came back after {text:?}");
            pod.nothing_more(seen, pod.settle() * 4, &during, "reloads-for-nothing")
                .await?;
        } else if nr % 3 == 1 {
            good = config(&mut rng);
            pod.swap(Some(&good))?;
            let during = format!("a good version came after {text:?}");
            let limit = pod.settle() + SLACK;
            pod.arrives(&good, seen, limit, &during, "loses-good-one")
                .await?;
            seen += 1;
        }
    }
    Ok(())
}

/// Twice, with times far apart.
pub async fn burst(context: &CheckContext) -> CheckResult {
    const CHANGES: u32 = 7;
    let mut rng = context.rng("configs");
    for settle_ms in [
        rng.random_range(40..=50) * 10,
        rng.random_range(140..=160) * 10,
    ] {
        let settings = Settings {
            settle: Duration::from_millis(settle_ms),
            ..Settings::USUAL
        };
        let mut pod = Pod::loaded(context, settings, &config(&mut rng)).await?;
        let settle = pod.settle();
        let mut last = String::new();
        let mut longest = Duration::ZERO;
        let mut changed = Instant::now();
        for nr in 0..CHANGES {
            last = config(&mut rng);
            pod.swap(Some(&last))?;
            longest = longest.max(if nr == 0 {
                Duration::ZERO
            } else {
                changed.elapsed()
            });
            changed = Instant::now();
            if nr + 1 < CHANGES {
                sleep(settle / 3).await;
            }
        }
        let during = format!("{CHANGES} changes, {} ms apart", settle.as_millis() / 3);
        let room = settle.saturating_sub(longest);
        let early = pod.reloads().len() > 1;
        if !early {
            sleep((settle * 8 / 10).saturating_sub(changed.elapsed())).await;
        }
        if pod.reloads().len() > 1 {
            let (wrong, headline) = if early {
                ("reloads-too-often", "The changes had not come to an end.")
            } else {
                ("reloads-too-early", "The last change had not settled.")
            };
            let failure = pod.failure(wrong, headline, &during, 1);
            let due = "one reload, SETTLE_MS after the last change";
            return Err(failure.expected(due).by_clock(room).into());
        }
        let wrong = "reloads-too-late";
        pod.arrives(&last, 1, settle + SLACK, &during, wrong)
            .await?;
        let took = changed.elapsed();
        if took > settle + SLACK {
            let headline = "The reload came long after the last change had settled.";
            let failure = pod.failure(wrong, headline, &during, 1);
            let due = format!("a reload {settle_ms} ms after the last change");
            return Err(failure
                .expected(due)
                .by_clock(took.saturating_sub(settle))
                .into());
        }
        pod.nothing_more(2, settle * 2, &during, "reloads-too-often")
            .await?;
    }
    Ok(())
}

pub async fn endless_burst(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("configs");
    let settings = Settings {
        settle: Duration::from_millis(rng.random_range(30..=40) * 10),
        ..Settings::USUAL
    };
    let mut pod = Pod::loaded(context, settings, &config(&mut rng)).await?;
    let settle = pod.settle();
    let dense = context.witness("changes went on without a pause of SETTLE_MS");
    let begun = Instant::now();
    let limit = settle * 5 + SLACK;
    let (mut changed, mut pause) = (begun, Duration::ZERO);
    let mut reloaded = None;
    let took = loop {
        pod.swap(Some(&config(&mut rng)))?;
        pause = pause.max(changed.elapsed());
        changed = Instant::now();
        sleep(settle / 3).await;
        let gone = begun.elapsed();
        match reloaded {
            None if gone >= limit || pod.reloads().len() >= 2 => reloaded = Some(gone),
            Some(took) if gone >= took + settle * 2 => break took,
            _ => {}
        }
    };
    let during = "changes that do not come to an end";
    if pause < settle * 3 / 4 {
        dense.hear();
    }
    let (wrong, headline) = if pod.reloads().len() < 2 {
        ("waits-for-ever", "Nothing is reloaded while changes go on.")
    } else if took < settle * 4 {
        (
            "reloads-too-early",
            "A change was reloaded that had not settled.",
        )
    } else if pod.reloads().len() > 2 {
        (
            "reloads-too-often",
            "After the first limit changes are not waited for any more.",
        )
    } else {
        return Ok(());
    };
    let failure = pod.failure(wrong, headline, during, 1);
    let due = "a reload 5 x SETTLE_MS after the first change";
    Err(failure.expected(due).by_clock(settle / 2).into())
}

pub async fn refused(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("configs");
    let first = config(&mut rng);
    let mut pod = Pod::loaded(context, Settings::USUAL, &first).await?;
    pod.service.inject(When::Always, Fault::Status(422));
    let refused = config(&mut rng);
    pod.swap(Some(&refused))?;
    let limit = pod.settle() + SLACK;
    let during = "a version that the service refuses with 422";
    pod.arrives(&refused, 1, limit, during, "misses-swap")
        .await?;
    let pause = pod.settings.retry * 6;
    pod.nothing_more(2, pause, during, "repeats-refused")
        .await?;
    pod.service.heal();
    pod.swap(Some(&first))?;
    let during = "what the service has came back after a version that it refused";
    pod.nothing_more(2, pod.settle() * 6, during, "reloads-for-nothing")
        .await?;
    let next = config(&mut rng);
    pod.swap(Some(&next))?;
    let during = "a good version after one that was refused";
    pod.arrives(&next, 2, limit, during, "misses-swap").await?;
    pod.swap(Some(&refused))?;
    let during = "the version that was refused once, after a good one";
    pod.arrives(&refused, 3, limit, during, "misses-swap").await
}

/// From the start on; then hanging, with a newer version meanwhile. Twice, with pauses far apart.
pub async fn service_away(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("configs");
    for (retry_ms, status) in [
        (rng.random_range(120..=150) * 10, 202),
        (rng.random_range(30..=40) * 10, 409),
    ] {
        let retry = Duration::from_millis(retry_ms);
        let settings = Settings {
            retry,
            reload: Duration::from_millis(600),
            ..Settings::USUAL
        };
        let first = config(&mut rng);
        let away = Some(Fault::Status(status));
        let mut pod = Pod::begin(context, settings, Some(&first), away).await?;
        let limit = context.start_limit();
        let during = format!("the service answers {status}, RETRY_MS={retry_ms}");
        pod.arrives(&first, 0, limit, &during, "never-loads")
            .await?;
        pod.program.has_started();
        let begun = Instant::now();
        pod.arrives(&first, 1, retry + SLACK, &during, "never-repeats")
            .await?;
        pod.arrives(&first, 2, retry + SLACK, &during, "never-repeats")
            .await?;
        let took = begun.elapsed();
        if took < retry {
            let headline = "A failed reload is repeated without its pause.";
            let failure = pod.failure("busy-loop", headline, &during, 0);
            let due = format!("a repetition {retry_ms} ms after each failure");
            return Err(failure.expected(due).by_clock(retry).into());
        }
        let calls = pod.reloads();
        let pause = calls[2].at.saturating_sub(calls[1].over(settings.reload));
        if pause > retry + SLACK {
            let headline = "A failed reload is repeated late.";
            let failure = pod.failure("never-repeats", headline, &during, 0);
            let due = format!("a repetition {retry_ms} ms after each failure");
            return Err(failure.expected(due).by_clock(SLACK).into());
        }
        pod.service.inject(When::Always, Fault::Hang);
        let hanging = pod.reloads().len();
        pod.service
            .wait_until(retry + SLACK, |service| service.in_flight() > 0)
            .await;
        let next = config(&mut rng);
        pod.swap(Some(&next))?;
        pod.service
            .wait_until(retry + SLACK * 2, |service| service.in_flight() == 0)
            .await;
        pod.service.heal();
        let during = "a newer version came while the service was hanging";
        let newest = pod.settle() + retry + SLACK * 2;
        let after = |pod: &Pod| pod.reloads().get(hanging + 1).cloned();
        pod.service
            .wait_until(newest, |_| {
                after(&pod).is_some_and(|call| call.end.is_some())
            })
            .await;
        if after(&pod).is_none_or(|call| call.request.body != next.as_bytes()) {
            let headline = "The newest configuration did not get through.";
            let failure = pod.failure("repeats-old-one", headline, during, hanging);
            let failure = failure.expected("the newest version, RETRY_MS after the failure");
            return Err(failure.by_clock(SLACK).into());
        }
        let seen = pod.reloads().len();
        pod.nothing_more(seen, retry * 3, during, "reloads-for-nothing")
            .await?;
        if pod.service.peak() > 1 {
            let headline = "Two reloads are under way at the same time.";
            let failure = pod.failure("two-at-a-time", headline, during, hanging);
            return Err(failure
                .expected("one at a time, closed after RELOAD_MS")
                .into());
        }
    }
    Ok(())
}
