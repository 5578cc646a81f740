//! A service fails or is late: which part of the page that costs.

use crate::api_composition::page::{AUCTIONS, BIDS, Expected, Page, USERS, about, failure, lot};
use crate::harness::context::CheckContext;
use crate::harness::upstream::fault::{Fault, Garbage, When};
use crate::harness::verdict::{CheckResult, Diagnosis};
use rand::RngExt;
use std::time::Duration;

/// Each optional service fails in each way; then it is well again, and so is the same page.
pub async fn optional_fails(context: &CheckContext) -> CheckResult {
    let mut page = Page::begin(context, 4000).await?;
    let mut rng = context.rng("lots");
    let faults = [
        Fault::Status(500),
        Fault::Status(404),
        Fault::Status(203),
        Fault::Garbage(Garbage::HalfJson),
        Fault::Garbage(Garbage::Html),
        Fault::CutBody,
    ];
    for service in [BIDS, USERS] {
        for fault in &faults {
            let lot = lot(&mut rng);
            let during = format!("{} {}", page.services[service].name(), fault.in_words());
            page.services[service].inject(about(service, &lot), fault.clone());
            let mut expected = Expected::without(service, during);
            if matches!(fault, Fault::Garbage(_) | Fault::CutBody) {
                expected.hides = Diagnosis("trusts-garbage");
            }
            let before = page.asked();
            let reply = page.ask(&lot).await;
            let took = reply.as_ref().map_or(Duration::ZERO, |reply| reply.took);
            page.judge(&lot, &expected, reply).await?;
            page.asked_once(&before, &lot, &expected.during)?;
            at_once(
                took,
                &lot,
                &expected.during,
                "status 200 as soon as all have answered or failed",
            )?;
            page.services[service].heal();
            let expected = Expected {
                during: format!("{} is well again", page.services[service].name()),
                misses: Diagnosis("keeps-degraded"),
                ..Expected::whole()
            };
            let reply = page.ask(&lot).await;
            page.judge(&lot, &expected, reply).await?;
        }
    }
    for service in [USERS, BIDS] {
        page.services[service].close().await;
    }
    let lot = lot(&mut rng);
    let reply = page.ask(&lot).await;
    let during = "BIDS and USERS refuse connections";
    let reply = page.reply(&lot, during, reply, page.deadline).await?;
    if reply.status == 200
        && reply.json()["degraded"]
            .as_array()
            .is_some_and(|d| d.len() == 2)
    {
        return Ok(());
    }
    Err(failure(
        Diagnosis("fails-whole-page"),
        "The page is not what is left of it.",
        &lot,
        during,
    )
    .got(format!("status {}, {}", reply.status, reply.text()))
    .expected("status 200 with the auction, and both others degraded")
    .into())
}

/// With a short deadline a service that hangs is left out; with a long one, one that takes most of it
/// is waited for.
pub async fn optional_late(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("fault");
    for service in [BIDS, USERS] {
        let mut page = Page::begin(context, rng.random_range(25..=35) * 10).await?;
        page.services[service].inject(When::Always, Fault::Hang);
        let lot = lot(&mut rng);
        let during = format!("{} hangs", page.services[service].name());
        let reply = page.ask(&lot).await;
        page.judge(&lot, &Expected::without(service, during), reply)
            .await?;
        page.calls_have_ended(&lot).await?;
    }
    let service = [BIDS, USERS][rng.random_range(0..2)];
    let deadline_ms = rng.random_range(300..=400) * 10;
    let mut page = Page::begin(context, deadline_ms).await?;
    let delay = Duration::from_millis(deadline_ms * rng.random_range(82..=84) / 100);
    page.services[service].inject(When::Always, Fault::Delay(delay));
    let lot = lot(&mut rng);
    let expected = Expected {
        during: format!(
            "{} takes {} of {deadline_ms} ms",
            page.services[service].name(),
            delay.as_millis()
        ),
        misses: Diagnosis("gives-up-early"),
        ..Expected::whole()
    };
    let reply = page.ask(&lot).await;
    page.judge(&lot, &expected, reply).await
}

/// The bids hang meanwhile: without the auction there is nothing to wait for.
pub async fn auction_fails(context: &CheckContext) -> CheckResult {
    let mut page = Page::begin(context, 5000).await?;
    let mut rng = context.rng("lots");
    page.services[BIDS].inject_unwitnessed(When::Always, Fault::Hang);
    for (fault, status) in [
        (Fault::Status(500), 502),
        (Fault::Status(404), 404),
        (Fault::Garbage(Garbage::HalfJson), 502),
        (Fault::CutBody, 502),
    ] {
        let lot = lot(&mut rng);
        let during = format!("AUCTIONS {}, and BIDS hangs", fault.in_words());
        page.services[AUCTIONS].inject(about(AUCTIONS, &lot), fault);
        let reply = page.ask(&lot).await;
        let took = reply.as_ref().map_or(Duration::ZERO, |reply| reply.took);
        let expected = format!("status {status} as soon as the auction has failed");
        at_once(took, &lot, &during, &expected)?;
        let hides = Diagnosis("page-without-auction");
        page.expect_status(&lot, status, &during, reply, hides)
            .await?;
        page.calls_have_ended(&lot).await?;
    }
    Ok(())
}

/// A failure if the answer took so long though nothing was left to wait for.
fn at_once(took: Duration, lot: &str, during: &str, expected: &str) -> CheckResult {
    const AT_ONCE: Duration = Duration::from_secs(2);
    if took <= AT_ONCE {
        return Ok(());
    }
    let headline = "A call had failed already, and the client still waited.";
    Err(failure(Diagnosis("waits-to-fail"), headline, lot, during)
        .got(format!("an answer after {} ms", took.as_millis()))
        .expected(expected)
        .by_clock(AT_ONCE)
        .into())
}

pub async fn auction_late(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("fault");
    let mut page = Page::begin(context, rng.random_range(30..=60) * 10).await?;
    let hides = Diagnosis("page-without-auction");
    let missing = "no%20such";
    let reply = page.ask(missing).await;
    let during = "AUCTIONS answers 404";
    page.expect_status(missing, 404, during, reply, hides)
        .await?;
    page.services[AUCTIONS].inject(When::Always, Fault::Hang);
    let lot = lot(&mut rng);
    let reply = page.ask(&lot).await;
    let during = "AUCTIONS hangs";
    page.expect_status(&lot, 504, during, reply, hides).await?;
    page.calls_have_ended(&lot).await
}
