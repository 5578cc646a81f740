//! Calls that fail instead of being slow.

use super::copies::at_most_two;
use crate::harness::context::CheckContext;
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckResult, Diagnosis, Failure};
use crate::hedged_requests::proxy::{Proxy, REPLICAS, Settings, lot, open_all, path};
use rand::RngExt;
use std::time::Duration;

/// `HEDGE_MS` lies beyond the deadline: who waits for it before the second call is late.
pub async fn failed_call(context: &CheckContext) -> CheckResult {
    let mut proxy = Proxy::begin(context, Settings::new(9000, 3000)).await?;
    let mut rng = context.rng("fault");
    for fault in [
        Fault::Status(500),
        Fault::CutBody,
        Fault::Status(410),
        Fault::Status(202),
    ] {
        let failing = rng.random_range(0..REPLICAS);
        proxy.replicas[failing].inject(When::Always, fault);
        // First calls take turns, so one of three goes to the replica that fails.
        for _ in 0..2 * REPLICAS {
            let lot = lot(&mut rng);
            let answer = proxy.ask(&lot).await;
            let calls = proxy.calls(&lot);
            let wrong = match (&answer.0, calls.len()) {
                (Ok(reply), 1) if reply.status == 504 => "waits-to-replace",
                _ => "passes-on-failure",
            };
            let from = calls.last().map_or(0, |(nr, _)| *nr);
            proxy.expect(&lot, from, answer, Diagnosis(wrong)).await?;
            if calls.first().is_some_and(|(nr, _)| *nr == failing) {
                break;
            }
        }
        proxy.replicas[failing].heal();
    }
    Ok(())
}

/// All replicas fail at once, so each request would send two calls; then one request waits while others
/// earn a token.
pub async fn failing_costs(context: &CheckContext) -> CheckResult {
    const HEDGE_MS: u64 = 300;
    const RATIO_PERCENT: u32 = 4;
    let mut rng = context.rng("budget");
    let settings = Settings {
        ratio_percent: RATIO_PERCENT,
        cap: rng.random_range(2..=6),
        ..Settings::new(HEDGE_MS, 9000)
    };
    let proxy = Proxy::begin(context, settings).await?;
    for replica in &proxy.replicas {
        replica.inject_unwitnessed(When::Always, Fault::Status(500));
    }
    let requests = settings.cap as usize + 4;
    let mut calls = 0;
    for _ in 0..requests {
        let lot = lot(&mut rng);
        // Its status is another check's business.
        let _ = proxy.ask(&lot).await;
        calls += proxy.calls(&lot).len();
    }
    let due = requests + settings.cap as usize;
    let sent = format!(
        "{requests} requests, while every replica answers 500, BUDGET_RATIO=0.04, BUDGET_CAP={}",
        settings.cap
    );
    if calls != due {
        let (diagnosis, headline) = if calls > due {
            ("no-budget", "Failed calls are replaced without the budget.")
        } else {
            ("keeps-budget", "The budget is not used for failed calls.")
        };
        return Err(Failure::new(Diagnosis(diagnosis), headline)
            .sent(sent)
            .got(format!("{calls} calls"))
            .expected(format!("{due} calls: there was BUDGET_CAP at the start"))
            .into());
    }
    for replica in &proxy.replicas {
        replica.heal();
    }
    let held = lot(&mut rng);
    let gates = proxy.hold(&held);
    let earning = async {
        let limit = Duration::from_secs(3);
        proxy.wait_for_calls(&held, 1, limit).await;
        // HEDGE_MS is over, and there was no token.
        tokio::time::sleep(Duration::from_millis(2 * HEDGE_MS)).await;
        for _ in 0..(2 * 100 / RATIO_PERCENT) {
            let _ = proxy.ask(&lot(&mut rng)).await;
        }
        let came = proxy.wait_for_calls(&held, 2, limit / 6).await;
        open_all(&gates);
        came
    };
    let (_, came) = futures::join!(proxy.ask(&held), earning);
    if !came {
        return Ok(());
    }
    let headline = "A copy waited for its token.";
    Err(Failure::new(Diagnosis("waits-for-token"), headline)
        .sent(format!(
            "{sent}, then GET /lots/{held}, which is held back, and others that earn two tokens"
        ))
        .got(proxy.asked(&held))
        .in_order(&[&held])
        .expected("one call: there was no token at HEDGE_MS")
        .by_clock(Duration::from_millis(HEDGE_MS))
        .into())
}

/// The first call is slow and good; its copy fails at once.
pub async fn failed_copy(context: &CheckContext) -> CheckResult {
    let mut proxy = Proxy::begin(context, Settings::new(120, 5000)).await?;
    let mut rng = context.rng("fault");
    for fault in [Fault::Status(503), Fault::CutBody] {
        let lot = lot(&mut rng);
        let gates = proxy.hold(&lot);
        let (answer, first) = futures::join!(proxy.ask(&lot), async {
            let limit = Duration::from_secs(2);
            proxy.wait_for_calls(&lot, 1, limit).await;
            let first = proxy.calls(&lot).first().map_or(0, |(nr, _)| *nr);
            for (nr, replica) in proxy.replicas.iter().enumerate() {
                if nr != first {
                    replica.inject_unwitnessed(path(&lot), fault.clone());
                }
            }
            if proxy.wait_for_calls(&lot, 2, limit).await {
                // Time enough to take the failure for an answer.
                tokio::time::sleep(Duration::from_millis(150)).await;
            }
            gates[first].open();
            first
        });
        let wrong = Diagnosis("failure-beats-answer");
        proxy.expect(&lot, first, answer, wrong).await?;
    }
    Ok(())
}

pub async fn all_fail(context: &CheckContext) -> CheckResult {
    let mut proxy = Proxy::begin(context, Settings::new(300, 3000)).await?;
    let mut rng = context.rng("lots");
    for replica in &proxy.replicas {
        replica.inject_unwitnessed(When::Always, Fault::Status(500));
    }
    let first = lot(&mut rng);
    let answer = proxy.ask(&first).await;
    let wrong = Diagnosis("wrong-status");
    proxy.expect_status(&first, 502, answer, wrong).await?;
    at_most_two(&proxy, &first, "every replica answers 500")?;
    for replica in &proxy.replicas {
        replica.close().await;
    }
    let second = lot(&mut rng);
    let answer = proxy.ask(&second).await;
    proxy.expect_status(&second, 502, answer, wrong).await
}
