//! Calls that fail instead of being slow.

use super::copies::at_most_two;
use crate::harness::context::CheckContext;
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckResult, Diagnosis};
use crate::hedged_requests::proxy::{Proxy, REPLICAS, Settings, lot, path};
use rand::RngExt;
use std::time::Duration;

/// `HEDGE_MS` lies beyond the deadline: who waits for it before the second call is late.
pub async fn failed_call(context: &CheckContext) -> CheckResult {
    let mut proxy = Proxy::begin(context, Settings::new(9000, 3000)).await?;
    let mut rng = context.rng("fault");
    for fault in [Fault::Status(500), Fault::CutBody, Fault::Status(429)] {
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
