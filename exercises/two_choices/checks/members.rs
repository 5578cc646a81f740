//! Backends that come and go.

use crate::harness::context::{CheckContext, wait_until};
use crate::harness::verdict::{CheckResult, Failure};
use crate::two_choices::balancer::{Balancer, SLACK, SOON, Settings, badly_spread};
use std::time::{Duration, Instant};

/// The new one has the lowest load. Twice, with times far apart.
pub async fn slow_start(context: &CheckContext) -> CheckResult {
    for slow_start_ms in [1, 6000] {
        let settings = Settings {
            slow_start_ms,
            ..Settings::USUAL
        };
        let mut balancer = Balancer::begin(context, settings, 10).await?;
        balancer.add(context).await?;
        balancer.backends[10].set_load(0);
        balancer.list(0)?;
        let joined = || balancer.backends[10].loads() > 0;
        let limit = Duration::from_millis(settings.load_ms) + SOON;
        if !wait_until(limit, joined).await {
            return Err(
                Failure::new("never-joins", "A new backend is not asked for its load.")
                    .sent("a line more in BACKENDS_FILE")
                    .got("no call to the new backend")
                    .expected("GET BACKEND/load within LOAD_MS, and soon its share")
                    .by_clock(limit)
                    .into(),
            );
        }
        let known = Instant::now();
        if slow_start_ms > 1 {
            let during = format!("a moment after a backend is new, SLOW_START_MS={slow_start_ms}");
            let spread = balancer.spread(120, &during).await?;
            // Without slow start 22 on average; with it about one.
            if spread[10] > 9 {
                let headline = "A new backend gets its whole share at once.";
                let due = "hardly any for the last one, which is new";
                let failure = badly_spread("no-slow-start", headline, &during, &spread, due);
                return Err(failure.by_clock(Duration::from_secs(1)).into());
            }
            let half = Duration::from_millis(slow_start_ms / 2);
            tokio::time::sleep(half.saturating_sub(known.elapsed())).await;
            let during = format!("half-way through the slow start, SLOW_START_MS={slow_start_ms}");
            let spread = balancer.spread(120, &during).await?;
            if spread[10] == 0 {
                let headline = "A new backend gets nothing until its slow start is over.";
                let due = "about 11 for the last one: its part grows evenly";
                return Err(badly_spread("joins-late", headline, &during, &spread, due).into());
            }
        }
        tokio::time::sleep(Duration::from_millis(slow_start_ms) + SLACK).await;
        let during = format!("when a new backend is known, SLOW_START_MS={slow_start_ms} ago");
        let spread = balancer.spread(120, &during).await?;
        if spread[10] < 7 {
            let headline = "A new backend does not get its share.";
            let due = "about 22 for the last one, which was new and has the lowest load";
            let failure = badly_spread("never-joins", headline, &during, &spread, due);
            return Err(failure.by_clock(SLACK).into());
        }
    }
    Ok(())
}

pub async fn leaves(context: &CheckContext) -> CheckResult {
    let mut balancer = Balancer::begin(context, Settings::USUAL, 4).await?;
    balancer.backends[0].set_load(0);
    balancer.learns_loads().await?;
    balancer.list(1)?;
    let limit = Duration::from_millis(balancer.settings.load_ms) + SLACK;
    tokio::time::sleep(limit).await;
    let during = "after the first of four backends left the file";
    let spread = balancer.spread(40, during).await?;
    if spread[0] > 0 {
        let headline = "A backend that has left still gets requests.";
        let due = "none for the first";
        let failure = badly_spread("keeps-removed", headline, during, &spread, due);
        return Err(failure.by_clock(SLACK).into());
    }
    Ok(())
}
