//! The deadline, handed on.

use crate::api_composition::page::{AUCTIONS, BIDS, Expected, Page, USERS, failure, lot};
use crate::harness::context::CheckContext;
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckResult, Diagnosis};
use rand::RngExt;
use std::time::Duration;

pub async fn travels(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("fault");
    let deadline_ms = rng.random_range(200..=400) * 10;
    let delay = rng.random_range(60..=100) * 10;
    let mut page = Page::begin(context, deadline_ms).await?;
    page.services[AUCTIONS].inject(When::Always, Fault::Delay(Duration::from_millis(delay)));
    let lot = lot(&mut rng);
    let reply = page.ask(&lot).await;
    page.judge(&lot, &Expected::whole(), reply).await?;
    let during = format!("DEADLINE_MS={deadline_ms}, and AUCTIONS takes {delay} ms");
    for service in [AUCTIONS, BIDS] {
        told(&page, service, &lot, deadline_ms, &during)?;
    }
    told(&page, USERS, &lot, deadline_ms - delay, &during)
}

/// The service was told that at most this much time remains, in milliseconds, and not much less.
fn told(page: &Page, service: usize, lot: &str, most: u64, during: &str) -> CheckResult {
    let calls = page.calls(service, lot);
    let said = calls
        .first()
        .and_then(|call| call.request.header("x-deadline-ms"));
    let number = said.and_then(|said| said.parse::<u64>().ok());
    let (diagnosis, headline) = match number {
        None => (
            "no-deadline-header",
            "A call does not say how much time remains.",
        ),
        Some(time) if time > most => (
            "constant-deadline",
            "A call says that more time remains than there is.",
        ),
        Some(time) if time < most * 2 / 3 => (
            "wrong-deadline",
            "A call says that much less time remains than there is.",
        ),
        Some(_) => return Ok(()),
    };
    let name = page.services[service].name();
    let said = said.unwrap_or("(nothing)");
    let failure = failure(Diagnosis(diagnosis), headline, lot, during)
        .got(format!("{name} was told X-Deadline-Ms: {said}"))
        .expected(format!("{name} is told {most} or a little less"));
    // A program that stood still has less time left; nothing gives it more.
    Err(if diagnosis == "wrong-deadline" {
        failure.by_clock(Duration::from_millis(most)).into()
    } else {
        failure.into()
    })
}

/// The caller has less time than the program would take, and then more.
pub async fn of_the_caller(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("fault");
    let mut page = Page::begin(context, 3500).await?;
    let time = rng.random_range(30..=60) * 10;
    let hung = lot(&mut rng);
    page.services[BIDS].inject(When::Always, Fault::Hang);
    let reply = page.ask_within(&hung, Some(time)).await;
    let during = format!("the caller has {time} ms, and BIDS hangs");
    let took = reply.as_ref().map_or(Duration::ZERO, |reply| reply.took);
    let over = took.saturating_sub(Duration::from_millis(time));
    if over > Duration::from_millis(1500) {
        let headline = "The caller's own deadline was not kept.";
        return Err(failure(
            Diagnosis("ignores-callers-deadline"),
            headline,
            &hung,
            &during,
        )
        .got("an answer when DEADLINE_MS was over")
        .expected(format!("an answer within {time} ms, as X-Deadline-Ms said"))
        .by_clock(over)
        .into());
    }
    let expected = Expected::without(BIDS, &during);
    page.judge(&hung, &expected, reply).await?;
    told(&page, AUCTIONS, &hung, time, &during)?;
    page.services[BIDS].heal();
    let lot = lot(&mut rng);
    let reply = page.ask_within(&lot, Some(60_000)).await;
    page.judge(&lot, &Expected::whole(), reply).await?;
    told(&page, AUCTIONS, &lot, 3500, "the caller has a minute")
}
