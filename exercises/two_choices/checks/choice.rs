//! Which backend a request goes to.

use crate::harness::context::CheckContext;
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckResult, Failure};
use crate::two_choices::balancer::{Backend, Balancer, Settings, badly_spread};
use rand::seq::SliceRandom;
use std::time::Duration;

const BACKENDS: usize = 10;
/// Of these the backend with the lowest load gets 18 in 90, the next one 16, and the last one none.
const REQUESTS: usize = 360;

pub async fn passes_through(context: &CheckContext) -> CheckResult {
    let mut balancer = Balancer::begin(context, Settings::USUAL, BACKENDS).await?;
    balancer.program.listens_on_loopback_alone()?;
    for status in [200, 404, 500, 503] {
        for backend in &balancer.backends {
            backend.set_status(status);
        }
        let path = balancer.lot();
        let reply = match balancer.get(&path).await {
            Ok(reply) => reply,
            Err(no_reply) => return Err(balancer.program.explain(&path, no_reply).await.into()),
        };
        let calls: usize = balancer.backends.iter().map(Backend::lots).sum();
        let text = reply.text();
        let (diagnosis, headline) = if reply.status != status {
            ("wrong-status", "The status is not that of the backend.")
        } else if !text.starts_with(&format!("{{ \"path\":\"{path}\" ,"))
            || !text.ends_with("\"}\n")
        {
            ("changes-answer", "The body is not that of the backend.")
        } else {
            continue;
        };
        return Err(Failure::new(diagnosis, headline)
            .sent(format!("GET {path}, while the backends answer {status}"))
            .got(format!(
                "status {}, {text}, after {calls} calls in all",
                reply.status
            ))
            .expected(format!("status {status}, and the body byte by byte"))
            .into());
    }
    balancer.spread(20, "while the backends answer 503").await?;
    balancer.program.stop().await
}

/// With ten loads that stand still, and with ten that are the same.
pub async fn two_choices(context: &CheckContext) -> CheckResult {
    let mut balancer = Balancer::begin(context, Settings::USUAL, BACKENDS).await?;
    let during = "while all loads are the same";
    let spread = balancer.spread(REQUESTS / 2, during).await?;
    // 18 for each on average; less than 3 or more than 40 happens once in 100,000 runs.
    if spread.iter().any(|calls| !(3..=40).contains(calls)) {
        let headline = "Among equals, some are picked much more often than others.";
        let due = "about 18 for each of them: chance decides";
        return Err(badly_spread("uneven-chance", headline, during, &spread, due).into());
    }
    let mut order: Vec<usize> = (0..BACKENDS).collect();
    order.shuffle(&mut context.rng("order"));
    for (rank, nr) in order.iter().enumerate() {
        balancer.backends[*nr].set_load(rank as u64 * 10);
    }
    balancer.learns_loads().await?;
    // A load that is not answered in this time is not known.
    let poll = Duration::from_millis(balancer.settings.load_ms);
    let during = "loads of 0, 10, 20, ... 90; the lowest first";
    let spread = balancer.spread(REQUESTS, during).await?;
    let spread: Vec<usize> = order.iter().map(|nr| spread[*nr]).collect();
    let lower: usize = spread[..BACKENDS / 2].iter().sum();
    // 72 for the lowest and 280 for the lower half on average, with deviations of 7.6 and 7.9.
    let (diagnosis, headline) = if spread[0] > 110 || spread[1] + spread[2] > 180 {
        (
            "herd",
            "Most requests run to the backend with the lowest load.",
        )
    } else if lower < 245 || spread[BACKENDS - 1] > 4 {
        ("ignores-load", "The load makes too little difference.")
    } else if spread[..5].iter().any(|calls| *calls < 12) {
        (
            "uneven-chance",
            "Some backends get far less than their share.",
        )
    } else {
        return Ok(());
    };
    let due = "about 72, 64, 56, 48, 40, 32, 24, 16, 8, 0";
    let failure = badly_spread(diagnosis, headline, during, &spread, due);
    // Whichever loads are known, of two by chance none is picked more often than twice in ten.
    Err(if diagnosis == "herd" {
        failure.into()
    } else {
        failure.by_clock(poll).into()
    })
}

/// Twice, with times far apart.
pub async fn fresh_loads(context: &CheckContext) -> CheckResult {
    for load_ms in [200, 900] {
        let settings = Settings {
            load_ms,
            ..Settings::USUAL
        };
        let mut balancer = Balancer::begin(context, settings, 2).await?;
        for busy in [0, 1, 0] {
            balancer.backends[busy].set_load(90);
            balancer.backends[1 - busy].set_load(10);
            balancer.learns_loads().await?;
            let during = format!("after loads have changed places, LOAD_MS={load_ms}");
            let spread = balancer.spread(20, &during).await?;
            if spread[busy] > 0 {
                let headline = "Requests go by a load that is no longer so.";
                let due = "all of them to the one with the lower load";
                let failure = badly_spread("stale-loads", headline, &during, &spread, due);
                // In which the answer with the new load is to be read.
                return Err(failure.by_clock(Duration::from_millis(150)).into());
            }
        }
        let begun = tokio::time::Instant::now();
        let before = balancer.backends[0].loads();
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let asked = balancer.backends[0].loads() - before;
        let due = (begun.elapsed().as_millis() / u128::from(load_ms)) as usize;
        let (diagnosis, headline) = if asked > due * 2 + 2 {
            (
                "asks-too-often",
                "A backend is asked for its load too often.",
            )
        } else if asked * 2 + 2 < due {
            ("stale-loads", "A backend is asked for its load too rarely.")
        } else {
            continue;
        };
        let failure = Failure::new(diagnosis, headline)
            .sent(format!("LOAD_MS={load_ms}, for 1500 ms"))
            .got(format!("{asked} questions for the load of a backend"))
            .expected(format!("about {due}"));
        // Nothing makes a slow program ask too often.
        return Err(if asked > due {
            failure.into()
        } else {
            failure.by_clock(Duration::from_millis(700)).into()
        });
    }
    Ok(())
}

/// One backend hangs when it is asked for its load, another one answers 500.
pub async fn unknown_load(context: &CheckContext) -> CheckResult {
    let settings = Settings {
        failures: 2,
        ..Settings::USUAL
    };
    let mut balancer = Balancer::begin(context, settings, 5).await?;
    let load = || When::Path("/load".to_owned());
    balancer.backends[0].server.inject(load(), Fault::Hang);
    balancer.backends[1]
        .server
        .inject(load(), Fault::Status(500));
    for backend in &balancer.backends {
        backend.set_load(7);
    }
    tokio::time::sleep(Duration::from_millis(balancer.settings.load_ms * 4)).await;
    let during = "while two of the backends do not tell their load";
    let spread = balancer.spread(100, during).await?;
    // Both of them are picked in one of ten choices; then one of them has to do.
    if spread[0] + spread[1] > 26 {
        let headline = "Backends that tell no load get too many requests.";
        let due = "about 10 for the first two together: they count as the busiest";
        let failure = badly_spread("trusts-unknown-load", headline, during, &spread, due);
        let poll = Duration::from_millis(balancer.settings.load_ms);
        return Err(failure.by_clock(poll).into());
    }
    if spread[0] + spread[1] == 0 {
        let headline = "Backends that tell no load get no requests.";
        let due = "about 10 for the first two together: a question for the load is no request";
        return Err(badly_spread("ejects-too-early", headline, during, &spread, due).into());
    }
    for backend in &balancer.backends {
        backend.server.heal();
    }
    balancer.backends[0].set_load(1);
    tokio::time::sleep(Duration::from_millis(balancer.settings.load_ms * 4)).await;
    let during = "when they tell it again, and that of the first is the lowest";
    let spread = balancer.spread(100, during).await?;
    if spread[0] < 15 {
        let headline = "A load that is known again does not count.";
        let due = "about 40 for the first";
        let failure = badly_spread("stale-loads", headline, during, &spread, due);
        return Err(failure.by_clock(Duration::from_millis(900)).into());
    }
    Ok(())
}
