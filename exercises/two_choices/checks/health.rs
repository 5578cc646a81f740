//! Backends that fail.

use crate::harness::context::{CheckContext, wait_until};
use crate::harness::probe::Reply;
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckOutcome, CheckResult, Failure};
use crate::two_choices::balancer::{Backend, Balancer, SLACK, SOON, Settings, badly_spread};
use futures::future::join_all;
use rand::RngExt;
use std::cmp::Ordering;
use std::time::Duration;
use tokio::time::Instant;

/// One of five fails, first with its status, then by breaking off. Twice, with numbers and times far
/// apart.
pub async fn ejects(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("ejection");
    for (failures, eject_ms, fault) in [
        (2, rng.random_range(100..=130) * 10, Fault::Status(503)),
        (
            rng.random_range(5..=7),
            rng.random_range(260..=300) * 10,
            Fault::CutBody,
        ),
        (3, 2000, Fault::Hang),
    ] {
        let hangs = matches!(fault, Fault::Hang);
        let settings = Settings {
            failures,
            eject_ms,
            try_ms: if hangs { 400 } else { Settings::USUAL.try_ms },
            ..Settings::USUAL
        };
        let mut balancer = Balancer::begin(context, settings, 5).await?;
        let during = format!(
            "while one of five {}, FAILURES={failures}, EJECT_MS={eject_ms}",
            fault.in_words()
        );
        let lots = When::Under("/lots/".to_owned());
        balancer.backends[0].server.inject(lots, fault);
        let mut sent = 0;
        let begun = Instant::now();
        while balancer.backends[0].lots() < failures && sent < 200 {
            balancer.spread(1, &during).await?;
            sent += 1;
        }
        let pause = Duration::from_millis(eject_ms);
        let ejected = Instant::now();
        let spread = balancer.spread(60, &during).await?;
        if spread[0] > 0 && ejected.elapsed() < pause * 9 / 10 {
            let headline = "A backend that failed often enough still gets requests.";
            let due = "none for the first: it is ejected";
            return Err(badly_spread("never-ejects", headline, &during, &spread, due).into());
        }
        if sent >= 200 {
            let headline = "A backend was ejected before it had failed FAILURES times in a row.";
            let got = balancer.backends[0].lots();
            return Err(Failure::new("ejects-too-early", headline)
                .sent(format!("200 requests {during}"))
                .got(format!("{got} of them to the backend that fails"))
                .expected(format!("{failures}, then none until EJECT_MS are over"))
                .into());
        }
        balancer.backends[0].server.heal();
        let wait = (pause + SLACK).saturating_sub(ejected.elapsed());
        tokio::time::sleep(wait).await;
        let during = format!("{} ms after the first failure", begun.elapsed().as_millis());
        let spread = balancer.spread(60, &during).await?;
        if spread[0] == 0 {
            let headline = "A backend stays ejected when EJECT_MS are over.";
            let due = "about 12 for each";
            let failure = badly_spread("ejects-for-ever", headline, &during, &spread, due);
            return Err(failure.by_clock(SLACK).into());
        }
    }
    Ok(())
}

/// Two of three backends fail in all but one of a few requests. Then one says 404, which is an answer.
pub async fn in_a_row(context: &CheckContext) -> CheckResult {
    const FAILURES: usize = 4;
    let settings = Settings {
        failures: FAILURES,
        ..Settings::USUAL
    };
    let mut balancer = Balancer::begin(context, settings, 3).await?;
    let during = "while of four answers of the first two three are failures and one is not";
    for _ in 0..60 {
        for backend in &balancer.backends[..2] {
            let fails = backend.lots() % FAILURES != FAILURES - 1;
            backend.set_status(if fails { 500 } else { 200 });
        }
        balancer.spread(1, during).await?;
    }
    let spread: Vec<usize> = balancer.backends.iter().map(Backend::lots).collect();
    if spread[..2].iter().any(|calls| *calls <= FAILURES + 3) {
        let headline = "A backend was ejected whose failures were not in a row.";
        let due = "about 20 for each: a success begins the count anew";
        return Err(badly_spread("ejects-too-early", headline, during, &spread, due).into());
    }
    balancer.backends[0].set_status(404);
    for backend in &balancer.backends[1..] {
        backend.set_status(200);
    }
    let during = "while the first says 404";
    balancer.spread(40, during).await?;
    let spread = balancer.spread(60, during).await?;
    if spread[0] > 0 {
        return Ok(());
    }
    let headline = "A backend was ejected for answers that are no failures.";
    let due = "about 20 for each: a failure is a 5xx, or no answer";
    Err(badly_spread("ejects-too-early", headline, during, &spread, due).into())
}

/// Most backends fail, then all of them.
pub async fn ejects_at_most(context: &CheckContext) -> CheckResult {
    let most = context.rng("ejection").random_range(2..=4);
    let settings = Settings {
        failures: 2,
        ejected_max: most,
        ..Settings::USUAL
    };
    let mut balancer = Balancer::begin(context, settings, 8).await?;
    for failing in [6, 8] {
        for backend in &balancer.backends[..failing] {
            backend.set_status(500);
        }
        let during = format!("while {failing} of 8 backends fail, EJECTED_MAX={most}");
        balancer.spread(120, &during).await?;
        let spread = balancer.spread(120, &during).await?;
        let ejected = spread.iter().filter(|calls| **calls == 0).count();
        let (diagnosis, headline) = match ejected.cmp(&most) {
            Ordering::Equal => continue,
            Ordering::Greater => ("ejects-too-many", "Too many backends are ejected."),
            Ordering::Less => ("never-ejects", "Fewer backends are ejected than should be."),
        };
        let due = format!(
            "none for {most} of them, about {} for the others",
            120 / (8 - most)
        );
        return Err(badly_spread(diagnosis, headline, &during, &spread, due).into());
    }
    Ok(())
}

/// One of two hangs. Twice, with times far apart.
pub async fn hangs(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("times");
    for try_ms in [
        rng.random_range(40..=50) * 10,
        rng.random_range(180..=220) * 10,
    ] {
        let settings = Settings {
            try_ms,
            ..Settings::USUAL
        };
        let mut balancer = Balancer::begin(context, settings, 2).await?;
        let lots = When::Under("/lots/".to_owned());
        balancer.backends[0].server.inject(lots, Fault::Hang);
        balancer.backends[0].set_load(1);
        balancer.learns_loads().await?;
        let sent = format!("GET /lots/..., while its backend hangs, TRY_MS={try_ms}");
        let path = balancer.lot();
        let others: Vec<String> = (0..6).map(|_| balancer.lot()).collect();
        let (slow, others) = futures::join!(balancer.get(&path), async {
            let asked = || balancer.backends[0].server.in_flight() > 0;
            wait_until(SOON, asked).await;
            balancer.backends[0].set_load(99);
            balancer.learns_loads().await?;
            Ok::<_, CheckOutcome>(join_all(others.iter().map(|path| balancer.get(path))).await)
        });
        let others = others?;
        let limit = Duration::from_millis(try_ms);
        let slow = match slow {
            Ok(slow) => slow,
            Err(no_reply) => return Err(balancer.program.explain(&sent, no_reply).await.into()),
        };
        let closed = || balancer.backends[0].server.in_flight() == 0;
        let late = slow.took.saturating_sub(limit);
        let failure = if late > SLACK || slow.took < limit * 8 / 10 {
            let failure = Failure::new("misses-try-time", "A call does not end after TRY_MS.");
            let failure = failure.got(format!("an answer after {} ms", slow.took.as_millis()));
            if late > SLACK {
                failure.by_clock(late)
            } else {
                failure
            }
        } else if slow.status != 504 {
            let failure = Failure::new("wrong-status", "The status is not the one that is due.");
            failure.got(format!("status {}", slow.status))
        } else if !wait_until(SOON, closed).await {
            let failure = Failure::new("misses-try-time", "The call goes on after its request.");
            failure.got("a call that is still open").by_clock(SOON)
        } else if others
            .iter()
            .any(|reply| reply.as_ref().map_or(true, |r| r.took > limit / 2))
        {
            let headline = "A request that hangs delays others.";
            let failure = Failure::new("blocks-next-request", headline);
            let told = |reply: &Result<Reply, _>| match reply {
                Ok(reply) => format!("{} ms", reply.took.as_millis()),
                Err(_) => "no answer".to_owned(),
            };
            let all: Vec<String> = others.iter().map(told).collect();
            failure
                .got(format!("others took {}", all.join(", ")))
                .by_clock(limit / 2)
        } else {
            continue;
        };
        let due = format!("status 504 after {try_ms} ms, the call closed, others at once");
        return Err(failure.sent(sent).expected(due).into());
    }
    Ok(())
}
