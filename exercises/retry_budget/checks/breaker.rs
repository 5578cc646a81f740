//! The breaker: closed, open, half-open.

use crate::harness::context::{CheckContext, Rng};
use crate::harness::load::side_by_side;
use crate::harness::upstream::fault::{Fault, Gate, When};
use crate::harness::verdict::{CheckOutcome, CheckResult, Diagnosis, Failure};
use crate::retry_budget::ambassador::{Ambassador, Ask, Settings, path};
use rand::RngExt;
use std::time::Duration;

async fn begin(
    context: &CheckContext,
    open_ms: u64,
    attempts: u32,
) -> Result<(Ambassador, Rng), CheckOutcome> {
    let mut rng = context.rng("breaker");
    let settings = Settings {
        attempts,
        breaker_calls: rng.random_range(8..=14),
        open_ms,
        ..Settings::USUAL
    };
    Ok((Ambassador::begin(context, settings).await?, rng))
}

/// Sends requests one after the other: how many calls reached the service, and the last status.
async fn run(ambassador: &Ambassador, rng: &mut Rng, count: u32) -> (usize, u16) {
    let before = ambassador.service.calls().len();
    let mut status = 0;
    for _ in 0..count {
        let reply = ambassador.send(&Ask::get(path(rng))).await;
        status = reply.map_or(0, |reply| reply.status);
    }
    (ambassador.service.calls().len() - before, status)
}

fn wrong(diagnosis: &'static str, headline: &str, sent: String, got: String, due: &str) -> Failure {
    Failure::new(Diagnosis(diagnosis), headline)
        .sent(sent)
        .got(got)
        .expected(due)
}

/// Where a request is a call, and where it is several.
pub async fn opens(context: &CheckContext) -> CheckResult {
    for attempts in [1, 4] {
        opens_at_half(context, attempts).await?;
    }
    Ok(())
}

/// Fewer than half of the calls fail, and it stays closed; then all fail, without an answer.
async fn opens_at_half(context: &CheckContext, attempts: u32) -> CheckResult {
    let (ambassador, mut rng) = begin(context, 60_000, attempts).await?;
    let window = ambassador.settings.breaker_calls;
    for nr in 0..window * 2 {
        if nr % 3 == 0 {
            ambassador.service.inject_next(Fault::Status(503));
        }
        let (calls, status) = run(&ambassador, &mut rng, 1).await;
        if calls == 0 {
            let sent = format!("{nr} requests of which a third failed, BREAKER_CALLS={window}");
            let got = format!("a request that was not sent, status {status}");
            let headline = "The breaker opened though most calls were good.";
            return Err(wrong(
                "opens-too-early",
                headline,
                sent,
                got,
                "closed until half of the last calls failed",
            )
            .into());
        }
    }
    ambassador.service.heal();
    // So that the failures which come now are all that the breaker knows.
    run(&ambassador, &mut rng, window).await;
    ambassador.service.inject(When::Always, Fault::CutBody);
    let (calls, _) = run(&ambassador, &mut rng, window).await;
    let (more, status) = run(&ambassador, &mut rng, 5).await;
    let sent = format!(
        "{} requests that all fail, BREAKER_CALLS={window}, ATTEMPTS={attempts}",
        window + 5
    );
    if more > 0 {
        let got = format!("{} calls", calls + more);
        let headline = "The breaker does not open.";
        return Err(wrong(
            "never-opens",
            headline,
            sent,
            got,
            "no call when half of the last calls have failed",
        )
        .into());
    }
    if calls as u32 > window.div_ceil(2) + 1 {
        let headline = "The breaker opened after more failures than it may look at.";
        let due = format!("open when half of the last {window} calls have failed");
        let got = format!("{calls} calls");
        return Err(wrong("opens-too-late", headline, sent, got, &due).into());
    }
    if (calls as u32) < window / 4 {
        let got = format!("{calls} calls");
        let headline = "The breaker opened after very few failures.";
        return Err(wrong(
            "opens-too-early",
            headline,
            sent,
            got,
            "open when half of the last calls have failed",
        )
        .into());
    }
    if status == 503 {
        return Ok(());
    }
    let got = format!("status {status}");
    Err(wrong(
        "wrong-status",
        "A refused request has the wrong status.",
        sent,
        got,
        "status 503",
    )
    .into())
}

/// After the pause eight requests come at once, and one of them is the probe. It succeeds; the one after
/// the next pause fails. Twice, with pauses far apart.
pub async fn half_open(context: &CheckContext) -> CheckResult {
    for open_ms in [500, 1500] {
        // No retries, so that a request is a call.
        let (ambassador, mut rng) = begin(context, open_ms, 1).await?;
        let window = ambassador.settings.breaker_calls;
        let pause = Duration::from_millis(open_ms);
        ambassador.service.inject(When::Always, Fault::Status(503));
        run(&ambassador, &mut rng, window).await;
        let since = tokio::time::Instant::now();
        let (early, _) = run(&ambassador, &mut rng, 1).await;
        if early > 0 && since.elapsed() < pause / 2 {
            let sent = format!("{window} requests that fail, then one more, OPEN_MS={open_ms}");
            let headline = "The breaker does not stay open.";
            return Err(wrong(
                "never-opens",
                headline,
                sent,
                "a call".to_owned(),
                "none for OPEN_MS",
            )
            .into());
        }
        tokio::time::sleep(pause + Duration::from_millis(150)).await;
        ambassador.service.heal();
        let gate = Gate::shut();
        let held = Fault::Hold(gate.clone());
        ambassador.service.inject_unwitnessed(When::Always, held);
        let before = ambassador.service.calls().len();
        let asks: Vec<Ask> = (0..8).map(|_| Ask::get(path(&mut rng))).collect();
        let sending = asks.iter().map(|ask| ambassador.send(ask));
        let (_, probes) = futures::join!(side_by_side(8, sending), async {
            let service = &ambassador.service;
            let patience = Duration::from_secs(2);
            service
                .wait_until(patience, |service| service.in_flight() > 0)
                .await;
            // Time enough for a second probe.
            tokio::time::sleep(Duration::from_millis(300)).await;
            gate.open();
            ambassador.service.calls().len() - before
        });
        if probes != 1 {
            let sent = format!("eight requests at once when OPEN_MS={open_ms} are over");
            let got = format!("{probes} calls");
            let (diagnosis, headline) = match probes {
                0 => ("never-probes", "The breaker never lets a probe through."),
                _ => ("stampede", "All of them are let through as probes."),
            };
            let due = "one call, the probe; the others are refused";
            let failure = wrong(diagnosis, headline, sent, got, due);
            return Err(failure.by_clock(Duration::from_secs(2)).into());
        }
        ambassador.service.heal();
        let (calls, status) = run(&ambassador, &mut rng, 4).await;
        if calls != 4 || status != 200 {
            let sent = "four requests after a probe that succeeded".to_owned();
            let got = format!("{calls} calls, the last status {status}");
            let headline = "The breaker does not close though its probe succeeded.";
            return Err(wrong(
                "never-closes",
                headline,
                sent,
                got,
                "four calls, four answers",
            )
            .into());
        }
        fails_again(&ambassador, &mut rng, pause).await?;
    }
    Ok(())
}

/// A probe that fails opens the breaker for another `OPEN_MS`.
async fn fails_again(ambassador: &Ambassador, rng: &mut Rng, pause: Duration) -> CheckResult {
    let window = ambassador.settings.breaker_calls;
    ambassador.service.inject(When::Always, Fault::Status(503));
    run(ambassador, rng, window).await;
    tokio::time::sleep(pause + Duration::from_millis(150)).await;
    let begun = tokio::time::Instant::now();
    let (calls, _) = run(ambassador, rng, 6).await;
    if calls <= 1 || begun.elapsed() > pause {
        return Ok(());
    }
    let sent = "six requests after the pause, which all fail".to_owned();
    let got = format!("{calls} calls");
    let headline = "The probe failed, and the breaker closed all the same.";
    Err(wrong(
        "closes-after-failure",
        headline,
        sent,
        got,
        "one call, the probe",
    )
    .into())
}
