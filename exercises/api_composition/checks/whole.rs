//! All services are well: what the page is made of, and in which order they are asked.

use crate::api_composition::page::{
    AUCTIONS, BIDS, Expected, Page, SELLERS, USERS, about, failure, lot, seller,
};
use crate::harness::context::CheckContext;
use crate::harness::upstream::fault::{Fault, Gate};
use crate::harness::verdict::{CheckResult, Diagnosis};
use futures::future::join_all;
use std::time::Duration;

/// Ends of an ID that decoding and encoding would change.
const AS_IT_CAME: [&str; 4] = ["", "%2F2", "%27s", "%7e"];

/// For calls that must come.
const SOON: Duration = Duration::from_millis(1500);

pub async fn starts_and_stops(context: &CheckContext) -> CheckResult {
    let page = Page::begin(context, 1000).await?;
    page.program.listens_on_loopback_alone()?;
    page.program.stop().await
}

pub async fn composes(context: &CheckContext) -> CheckResult {
    let mut page = Page::begin(context, 4000).await?;
    let mut rng = context.rng("lots");
    // Each seller twice, and each form of an ID three times.
    let forms = AS_IT_CAME.into_iter().cycle();
    for (as_it_came, sold_by) in forms.zip(SELLERS.repeat(2)) {
        let lot = loop {
            let lot = format!("{}{as_it_came}", lot(&mut rng));
            if seller(&lot) == sold_by {
                break lot;
            }
        };
        let before = page.asked();
        let reply = page.ask(&lot).await;
        for (service, path) in [
            (AUCTIONS, format!("/lots/{lot}")),
            (BIDS, format!("/lots/{lot}/bids")),
        ] {
            let last = page.services[service].calls().pop();
            if let Some(asked) = last.map(|call| call.request.path)
                && asked != path
            {
                let headline = "A service was asked for another ID than the client asked for.";
                return Err(failure(Diagnosis("mangles-id"), headline, &lot, "")
                    .got(format!("GET {asked}"))
                    .expected(format!("GET {path}"))
                    .into());
            }
        }
        let users = &page.services[USERS];
        if users.calls().len() == before[USERS] + 1 && page.calls(USERS, &lot).is_empty() {
            let headline = "The service of the users was asked for somebody else than the seller.";
            let asked = users.calls().pop().map(|call| call.request.path);
            return Err(failure(Diagnosis("mangles-seller"), headline, &lot, "")
                .got(format!("GET {}", asked.unwrap_or_default()))
                .expected("the seller of the auction, percent-encoded as one part of the path")
                .into());
        }
        page.judge(&lot, &Expected::whole(), reply).await?;
        page.asked_once(&before, &lot, "")?;
    }
    Ok(())
}

/// The auction and the bids are held back until both were asked; then the auction is let go, and the
/// users must be asked while the bids are still held.
pub async fn parallel(context: &CheckContext) -> CheckResult {
    let mut page = Page::begin(context, 8000).await?;
    let lot = lot(&mut context.rng("lots"));
    let gates = [Gate::shut(), Gate::shut()];
    for (service, gate) in [AUCTIONS, BIDS].into_iter().zip(&gates) {
        page.services[service].inject_unwitnessed(about(service, &lot), Fault::Hold(gate.clone()));
    }
    let (reply, (both, users)) = futures::join!(page.ask(&lot), async {
        let both = page.wait_for_call(AUCTIONS, &lot, SOON).await
            && page.wait_for_call(BIDS, &lot, SOON).await;
        gates[AUCTIONS].open();
        let users = page.wait_for_call(USERS, &lot, SOON).await;
        gates[BIDS].open();
        (both, users)
    });
    let (diagnosis, headline, expected) = if !both {
        (
            "asks-in-turn",
            "Bids and auction are not asked at the same time.",
            "both asked at once: neither needs the other's answer",
        )
    } else if !users {
        (
            "waits-for-bids",
            "The seller is not asked for before the bids are there.",
            "the users asked as soon as the auction is there: the bids don't know the seller",
        )
    } else {
        return page.judge(&lot, &Expected::whole(), reply).await;
    };
    Err(failure(
        Diagnosis(diagnosis),
        headline,
        &lot,
        "answers are held back",
    )
    .got("the calls that the timeline shows")
    .expected(expected)
    .by_clock(SOON)
    .into())
}

/// More pages wait for their auction than a pool of threads would have places for.
pub async fn not_mixed(context: &CheckContext) -> CheckResult {
    const HELD: usize = 40;
    let mut page = Page::begin(context, 8000).await?;
    let mut rng = context.rng("lots");
    let held = lot(&mut rng);
    let gate = page.services[AUCTIONS].hold(about(AUCTIONS, &held));
    let lots: Vec<String> = (0..8).map(|_| lot(&mut rng)).collect();
    let late = join_all((0..HELD).map(|_| page.ask(&held)));
    let (late, others) = futures::join!(late, async {
        let auctions = &page.services[AUCTIONS];
        auctions
            .wait_until(SOON, |auctions| auctions.in_flight() >= HELD)
            .await;
        let asked = join_all(lots.iter().map(|lot| page.ask(lot)));
        let others = tokio::time::timeout(SOON * 2, asked).await.ok();
        gate.open();
        others
    });
    let Some(others) = others else {
        let headline = "Pages that wait for their auction hold up others.";
        return Err(failure(
            Diagnosis("blocks-next-request"),
            headline,
            &held,
            "40 pages wait for an auction that is held back",
        )
        .got("eight other pages were not answered meanwhile")
        .expected("each request runs for itself")
        .by_clock(SOON)
        .into());
    };
    for (lot, reply) in lots.iter().zip(others) {
        page.judge(lot, &Expected::whole(), reply).await?;
    }
    for late in late {
        page.judge(&held, &Expected::whole(), late).await?;
    }
    Ok(())
}
