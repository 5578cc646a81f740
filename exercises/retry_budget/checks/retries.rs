//! Which attempts are made again, and how many.

use crate::harness::context::{CheckContext, Rng};
use crate::harness::load::side_by_side;
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckResult, Diagnosis, Failure};
use crate::retry_budget::ambassador::{Ambassador, Ask, Right, Settings, at, failure, path};
use axum::http::Method;
use rand::RngExt;

pub async fn passes_through(context: &CheckContext) -> CheckResult {
    let mut ambassador = Ambassador::begin(context, Settings::USUAL).await?;
    ambassador.program.listens_on_loopback_alone()?;
    let mut rng = context.rng("paths");
    let mut asks = vec![
        Ask::get(format!("{}?lot=a%20b&n=1", path(&mut rng))),
        Ask::post(path(&mut rng), "{\"cents\": 4350}").header("content-type", "application/json"),
        Ask::post(path(&mut rng), "x").header("idempotency-key", "k-17"),
    ];
    for method in [Method::PUT, Method::DELETE] {
        let post = Ask::post(path(&mut rng), "");
        asks.push(Ask { method, ..post });
    }
    for ask in asks {
        let right = Right {
            too_few: Diagnosis("asks-for-something-else"),
            ..Right::new(200, 1)
        };
        ambassador.expect(&ask, "", right).await?;
        let calls = ambassador.calls(&ask.path);
        let Some(call) = calls.first() else { continue };
        let lost = ask
            .headers
            .iter()
            .find(|(name, value)| call.request.header(name) != Some(value.as_str()));
        let query =
            ask.path.contains('?') && call.request.query("lot").is_none_or(|lot| lot != "a b");
        if query
            || call.request.body != ask.body
            || call.request.method != ask.method
            || lost.is_some()
        {
            let headline = "The call is not the request of the application.";
            return Err(
                failure(Diagnosis("asks-for-something-else"), headline, &ask, "")
                    .got(format!(
                        "{} {}, {:?}",
                        call.request.method, call.request.path, call.request.headers
                    ))
                    .expected(
                        "the same method, path, query, body, Content-Type and Idempotency-Key",
                    )
                    .into(),
            );
        }
    }
    ambassador.program.stop().await
}

/// Twice, with numbers of attempts that no constant keeps: it fails to the end, and up to the last.
pub async fn retries(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("paths");
    for attempts in [2, rng.random_range(4..=6)] {
        let settings = Settings {
            attempts,
            ..Settings::USUAL
        };
        let mut ambassador = Ambassador::begin(context, settings).await?;
        for fault in [
            Fault::Status(503),
            Fault::CutBody,
            Fault::Status(429),
            Fault::Status(502),
        ] {
            let status = match fault {
                Fault::Status(status) => status,
                _ => 502,
            };
            let failing = Ask::get(path(&mut rng));
            let during = format!("the service {}, ATTEMPTS={attempts}", fault.in_words());
            ambassador.service.inject(at(&failing.path), fault.clone());
            let right = Right::new(status, attempts as usize);
            ambassador.expect(&failing, &during, right).await?;
        }
        let recovering = Ask::get(path(&mut rng));
        let next = ambassador.service.calls().len() as u64;
        let calls = When::Calls(next..next + u64::from(attempts) - 1);
        ambassador.service.inject(calls, Fault::Status(503));
        let during = format!("the service fails in all but the last of {attempts} attempts");
        let right = Right::new(200, attempts as usize);
        ambassador.expect(&recovering, &during, right).await?;
    }
    Ok(())
}

/// A POST without a key may have had its effect; with one it may be repeated.
pub async fn unsafe_once(context: &CheckContext) -> CheckResult {
    let mut ambassador = Ambassador::begin(context, Settings::USUAL).await?;
    let mut rng = context.rng("paths");
    for fault in [Fault::Status(503), Fault::CutBody] {
        let status = if matches!(fault, Fault::CutBody) {
            502
        } else {
            503
        };
        let during = format!("the service {}", fault.in_words());
        let post = Ask::post(path(&mut rng), "{\"pay\": 1}");
        ambassador.service.inject(at(&post.path), fault.clone());
        let right = Right {
            too_many: Diagnosis("repeats-unsafe"),
            ..Right::new(status, 1)
        };
        ambassador.expect(&post, &during, right).await?;
        let keyed = Ask::post(path(&mut rng), "{\"pay\": 1}").header("idempotency-key", "k-4711");
        ambassador.service.inject(at(&keyed.path), fault);
        let right = Right {
            too_few: Diagnosis("never-repeats-safe"),
            ..Right::new(status, Settings::USUAL.attempts as usize)
        };
        ambassador.expect(&keyed, &during, right).await?;
        let headers = ambassador.calls(&keyed.path);
        let same = |call: &crate::harness::upstream::Call| {
            call.request.header("idempotency-key") == Some("k-4711")
                && call.request.body == keyed.body
        };
        if !headers.iter().all(same) {
            let headline = "A repeated call is not the same call.";
            return Err(failure(
                Diagnosis("changes-repeated-call"),
                headline,
                &keyed,
                &during,
            )
            .got("another key or another body")
            .expected("the key and the body of the first attempt in each")
            .into());
        }
    }
    Ok(())
}

pub async fn hopeless_once(context: &CheckContext) -> CheckResult {
    let mut ambassador = Ambassador::begin(context, Settings::USUAL).await?;
    let mut rng = context.rng("paths");
    for status in [400, 404, 409, 500] {
        let ask = Ask::get(path(&mut rng));
        ambassador
            .service
            .inject(at(&ask.path), Fault::Status(status));
        let right = Right {
            too_many: Diagnosis("retries-hopeless"),
            ..Right::new(status, 1)
        };
        let during = format!("the service answers {status}");
        ambassador.expect(&ask, &during, right).await?;
    }
    Ok(())
}

/// Good requests, which may save up no more than the cap; a storm, in which calls are counted; and good
/// ones again, which earn the next retry.
pub async fn budget(context: &CheckContext) -> CheckResult {
    const STORM: usize = 80;
    const SIDE_BY_SIDE: usize = 4;
    let mut rng = context.rng("budget");
    let settings = Settings {
        ratio_percent: [5, 10, 25][rng.random_range(0..3)],
        cap: rng.random_range(3..=8),
        ..Settings::USUAL
    };
    let mut ambassador = Ambassador::begin(context, settings).await?;
    let ratio = f64::from(settings.ratio_percent) / 100.0;
    let good = (4.0 / ratio).ceil() as usize;
    let asks =
        |rng: &mut Rng, count: usize| (0..count).map(|_| Ask::get(path(rng))).collect::<Vec<_>>();
    let calm = asks(&mut rng, good);
    side_by_side(SIDE_BY_SIDE, calm.iter().map(|ask| ambassador.send(ask))).await;
    ambassador.service.inject(When::Always, Fault::Status(503));
    let before = ambassador.service.calls().len();
    let storm = asks(&mut rng, STORM);
    side_by_side(SIDE_BY_SIDE, storm.iter().map(|ask| ambassador.send(ask))).await;
    let retries = (ambassador.service.calls().len() - before).saturating_sub(STORM);
    let earned = f64::from(settings.cap) + ratio * STORM as f64;
    let most = earned.floor() as usize;
    // What the requests of the first moment put into a full budget is lost.
    let least = ((earned - ratio * SIDE_BY_SIDE as f64).floor() as usize).saturating_sub(1);
    let told = format!("BUDGET_RATIO={ratio}, BUDGET_CAP={}", settings.cap);
    let fault = if retries > most {
        Some((
            "amplifies",
            "More retries were made than the budget pays for.",
        ))
    } else if retries < least {
        Some((
            "keeps-budget",
            "The budget was not used though every call failed.",
        ))
    } else {
        None
    };
    if let Some((diagnosis, headline)) = fault {
        return Err(Failure::new(Diagnosis(diagnosis), headline)
            .sent(format!(
                "{good} good requests, then {STORM} that fail, {told}"
            ))
            .got(format!("{retries} retries"))
            .expected(format!("{least} to {most} retries"))
            .into());
    }
    ambassador.service.heal();
    let calm = asks(&mut rng, (3.0 / ratio).ceil() as usize + 1);
    side_by_side(SIDE_BY_SIDE, calm.iter().map(|ask| ambassador.send(ask))).await;
    let ask = Ask::get(path(&mut rng));
    ambassador.service.inject_next(Fault::Status(503));
    let during =
        format!("the storm is over, three retries were earned, and one call fails, {told}");
    let right = Right {
        too_few: Diagnosis("budget-never-refills"),
        ..Right::new(200, 2)
    };
    ambassador.expect(&ask, &during, right).await?;
    unused(&mut ambassador, &told).await
}

/// Two retries are left, and requests fail which no retry can help in time: they cost nothing.
async fn unused(ambassador: &mut Ambassador, told: &str) -> CheckResult {
    for nr in 0..6 {
        let ask = Ask::get(format!("/wait/60-{nr}"));
        ambassador.service.inject(at(&ask.path), Fault::Status(503));
        let during = "the service answers 503 with Retry-After: 60";
        ambassador.expect(&ask, during, Right::new(503, 1)).await?;
    }
    for nr in 0..2 {
        let ask = Ask::get(format!("/score/after-{nr}"));
        ambassador.service.inject_next(Fault::Status(503));
        let during = format!("six requests had no time for a retry, and one call fails, {told}");
        let right = Right {
            too_few: Diagnosis("pays-for-nothing"),
            ..Right::new(200, 2)
        };
        ambassador.expect(&ask, &during, right).await?;
    }
    Ok(())
}
