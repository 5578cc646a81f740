//! The store is away, is slow, or hangs for one tenant.

use crate::harness::context::{CheckContext, wait_until};
use crate::harness::upstream::Upstream;
use crate::harness::upstream::fault::{Fault, Garbage, When};
use crate::harness::verdict::{CheckResult, Failure};
use crate::rate_limiter::limiter::{Due, Limiter, Settings, tenant};
use axum::http::Method;
use futures::future::join_all;
use rand::RngExt;
use std::time::Duration;

/// With both policies, each with another time for the store.
pub async fn outage(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("tenants");
    for (on_outage, store_ms) in [
        ("open", rng.random_range(40..=50) * 10),
        ("closed", rng.random_range(110..=150) * 10),
    ] {
        let settings = Settings {
            store_ms,
            on_outage,
            ..Settings::new(&mut rng)
        };
        let mut limiter = Limiter::begin(context, settings, 1).await?;
        for (method, fault) in [
            (Method::GET, Fault::Status(500)),
            (Method::GET, Fault::Status(403)),
            (Method::PUT, Fault::Status(503)),
            (Method::GET, Fault::Garbage(Garbage::Html)),
            (Method::GET, Fault::CutBody),
            (Method::GET, Fault::Hang),
        ] {
            let during = format!(
                "one of three at once, while the store {} to {method}, ON_OUTAGE={on_outage}, \
                 STORE_MS={store_ms}",
                fault.in_words()
            );
            let tenant = self::tenant(&mut rng);
            let when = When::Only(method, format!("/buckets/{tenant}"));
            limiter.server.inject(when, fault);
            let wrong = "wrong-outage-policy";
            for reply in join_all((0..3).map(|_| limiter.take(0, &tenant))).await {
                limiter.judge(0, Due::Outage, &during, wrong, reply).await?;
            }
            limiter.server.heal();
            let due = Due::Allowed(settings.burst - 1);
            let during = "by a new tenant, after the store was away";
            // The writes of the other one may have been done.
            let tenant = self::tenant(&mut rng);
            limiter.expect(&tenant, due, during, wrong).await?;
        }
        limiter.server.close().await;
        let during = format!("while the store refuses connections, ON_OUTAGE={on_outage}");
        let wrong = "wrong-outage-policy";
        limiter.expect("acme", Due::Outage, &during, wrong).await?;
    }
    Ok(())
}

/// The first call takes most of the time: the second one is in time, or hangs. Twice, with times far
/// apart.
pub async fn slow_store(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("tenants");
    for store_ms in [1200, rng.random_range(300..=350) * 10] {
        let settings = Settings {
            store_ms,
            ..Settings::new(&mut rng)
        };
        let mut limiter = Limiter::begin(context, settings, 1).await?;
        let slow = Duration::from_millis(store_ms * 6 / 10);
        for hangs in [false, true] {
            let next = limiter.server.calls().len() as u64;
            let first = When::Calls(next..next + 1);
            limiter.server.inject(first, Fault::Delay(slow));
            let (mut due, mut then) = (Due::Allowed(settings.burst - 1), "");
            if hangs {
                let rest = When::Calls(next + 1..next + 100);
                limiter.server.inject(rest, Fault::Hang);
                (due, then) = (Due::Outage, " to read, and hangs when it is written");
            }
            let ms = slow.as_millis();
            let during = format!("while the store takes {ms} ms{then}, STORE_MS={store_ms}");
            let name = tenant(&mut rng);
            let reply = limiter.take(0, &name).await;
            limiter
                .judge(0, due, &during, "gives-up-early", reply)
                .await?;
            limiter.server.heal();
        }
        let idle = || limiter.server.in_flight() == 0;
        if !wait_until(Duration::from_secs(2), idle).await {
            return Err(
                Failure::new("late-decision", "A call outlives its decision.")
                    .sent("POST /take, while the store hangs")
                    .got("a call to the store that is still open")
                    .expected("closed when the decision is made")
                    .by_clock(Duration::from_secs(2))
                    .into(),
            );
        }
    }
    Ok(())
}

pub async fn isolation(context: &CheckContext) -> CheckResult {
    const PATIENCE: Duration = Duration::from_secs(3);
    const HANGING: usize = 25;
    let mut rng = context.rng("tenants");
    let settings = Settings {
        store_ms: 6000,
        ..Settings::new(&mut rng)
    };
    let mut limiter = Limiter::begin(context, settings, 1).await?;
    let held = tenant(&mut rng);
    let held = format!("{held}-");
    let path = When::Under(format!("/buckets/{held}"));
    limiter.server.inject(path, Fault::Hang);
    let others: Vec<String> = (0..8).map(|_| tenant(&mut rng)).collect();
    let answered = {
        // Two requests of each.
        let waiting = (0..2 * HANGING).map(|nr| format!("{held}{}", nr % HANGING));
        let waiting: Vec<String> = waiting.collect();
        let waiting = join_all(waiting.iter().map(|tenant| limiter.take(0, tenant)));
        let meanwhile = async {
            let asked = |server: &Upstream| server.in_flight() >= HANGING;
            limiter.server.wait_until(PATIENCE, asked).await;
            let asked = join_all(others.iter().map(|tenant| limiter.take(0, tenant)));
            tokio::time::timeout(PATIENCE, asked).await
        };
        tokio::pin!(waiting, meanwhile);
        tokio::select! {
            _ = &mut waiting => None,
            others = &mut meanwhile => others.ok(),
        }
    };
    let Some(replies) = answered else {
        let headline = "Tenants whose calls hang hold up the others.";
        return Err(Failure::new("blocks-others", headline)
            .sent(format!(
                "eight tenants, while the store hangs for {HANGING} others"
            ))
            .got("not all of them were answered")
            .expected("each tenant is decided for itself")
            .by_clock(PATIENCE)
            .into());
    };
    for reply in replies {
        let due = Due::Allowed(settings.burst - 1);
        let during = "while the store hangs for other tenants";
        limiter
            .judge(0, due, during, "blocks-others", reply)
            .await?;
    }
    Ok(())
}
