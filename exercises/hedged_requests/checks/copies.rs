//! When a second call goes out, which of the two wins, and what becomes of the other.

use crate::harness::context::CheckContext;
use crate::harness::load::side_by_side;
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckResult, Diagnosis, Failure};
use crate::hedged_requests::proxy::{Proxy, REPLICAS, Settings, lot, open_all};
use rand::RngExt;
use std::time::Duration;

/// For calls that must come: clearly longer than any `HEDGE_MS`.
const SOON: Duration = Duration::from_millis(4500);

pub async fn starts_and_stops(context: &CheckContext) -> CheckResult {
    let proxy = Proxy::begin(context, Settings::new(200, 9000)).await?;
    proxy.program.listens_on_loopback_alone()?;
    // SIGTERM comes while a request waits.
    let lot = lot(&mut context.rng("lots"));
    let _gates = proxy.hold(&lot);
    tokio::select! {
        _ = proxy.ask(&lot) => {}
        _ = proxy.wait_for_calls(&lot, 2, SOON) => {}
    }
    proxy.stop().await
}

pub async fn fast_is_asked_once(context: &CheckContext) -> CheckResult {
    const LOTS: usize = 18;
    let mut proxy = Proxy::begin(context, Settings::new(2000, 5000)).await?;
    let mut rng = context.rng("lots");
    let mut lots: Vec<String> = (0..LOTS).map(|_| lot(&mut rng)).collect();
    lots.extend(["a%20b%26c", "a%2Fb%7e", "no%20such"].map(str::to_owned));
    let mut firsts = Vec::new();
    for lot in &lots {
        let answer = proxy.ask(lot).await;
        let calls = proxy.calls(lot);
        let [(from, _)] = calls[..] else {
            let headline = "A request that was answered fast was not exactly one call.";
            let diagnosis = match calls.len() {
                0 => "asks-for-something-else",
                _ => "hedges-when-fast",
            };
            return Err(Failure::new(Diagnosis(diagnosis), headline)
                .sent(format!("GET /lots/{lot}, HEDGE_MS=2000, all replicas fast"))
                .got(proxy.asked(lot))
                .in_order(&[lot])
                .expected("one call, to one replica, for the same path")
                .into());
        };
        firsts.push(from);
        if lot.starts_with("no") {
            let wrong = Diagnosis("wrong-status");
            proxy.expect_status(lot, 404, answer, wrong).await?;
        } else {
            let wrong = Diagnosis("wrong-answer");
            proxy.expect(lot, from, answer, wrong).await?;
        }
    }
    // All of them were fast, so nobody else has taken a turn.
    let mut turns = firsts.windows(REPLICAS + 1);
    if turns.all(|turn| turn[0] == turn[REPLICAS] && turn[0] != turn[1]) {
        return Ok(());
    }
    let headline = "The first calls do not take turns over the replicas.";
    Err(Failure::new(Diagnosis("one-replica-for-all"), headline)
        .sent(format!("{} requests, one after the other", lots.len()))
        .got(format!(
            "first calls to the replicas {firsts:?}, counted from 0"
        ))
        .expected("each replica in its turn")
        .into())
}

/// Twice, with delays so far apart that no constant is right for both.
pub async fn second_copy_wins(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("fault");
    let short = rng.random_range(8..=14) * 10;
    let long = rng.random_range(80..=120) * 10;
    for hedge_ms in [short, long] {
        let mut proxy = Proxy::begin(context, Settings::new(hedge_ms, 6000)).await?;
        let lot = lot(&mut rng);
        let gates = proxy.hold(&lot);
        let (answer, came) = futures::join!(proxy.ask(&lot), async {
            let came = proxy.wait_for_calls(&lot, 2, SOON).await;
            for (nr, _) in proxy.calls(&lot).iter().skip(1) {
                gates[*nr].open();
            }
            if !came {
                open_all(&gates);
            }
            came
        });
        delay_is_kept(&proxy, &lot, came)?;
        let second = proxy.calls(&lot)[1].0;
        let wrong = Diagnosis("waits-for-the-first");
        proxy.expect(&lot, second, answer, wrong).await?;
        proxy.calls_have_ended(&lot).await?;
    }
    Ok(())
}

/// The second call came, to another replica, `HEDGE_MS` after the first.
fn delay_is_kept(proxy: &Proxy, lot: &str, came: bool) -> CheckResult {
    /// For a busy machine.
    const LATE: Duration = Duration::from_millis(400);
    let hedge = proxy.settings.hedge;
    let calls = proxy.calls(lot);
    let gap = || calls[1].1.at.saturating_sub(calls[0].1.at);
    let (diagnosis, headline, room) = if !came {
        (
            "never-hedges",
            "No second replica was asked.",
            SOON.saturating_sub(hedge),
        )
    } else if calls[0].0 == calls[1].0 {
        (
            "same-replica-twice",
            "The second call went to the replica that is slow.",
            SOON,
        )
    } else if gap() < hedge * 3 / 5 {
        (
            "hedges-too-early",
            "The second call came before HEDGE_MS.",
            // Only the grader could make it look so, by noting the first call late.
            hedge * 4,
        )
    } else if gap() > hedge + LATE {
        (
            "hedges-too-late",
            "The second call came long after HEDGE_MS.",
            gap().saturating_sub(hedge),
        )
    } else {
        return Ok(());
    };
    Err(Failure::new(Diagnosis(diagnosis), headline)
        .sent(format!("GET /lots/{lot}, while no replica answers"))
        .got(proxy.asked(lot))
        .in_order(&[lot])
        .expected(format!(
            "a call to another replica after HEDGE_MS={}",
            hedge.as_millis()
        ))
        .by_clock(room)
        .into())
}

pub async fn first_copy_wins(context: &CheckContext) -> CheckResult {
    let mut proxy = Proxy::begin(context, Settings::new(150, 6000)).await?;
    let mut rng = context.rng("lots");
    for _ in 0..3 {
        let lot = lot(&mut rng);
        let gates = proxy.hold(&lot);
        let (answer, came) = futures::join!(proxy.ask(&lot), async {
            let came = proxy.wait_for_calls(&lot, 2, SOON).await;
            if let Some((first, _)) = proxy.calls(&lot).first() {
                gates[*first].open();
            }
            came
        });
        delay_is_kept(&proxy, &lot, came)?;
        let first = proxy.calls(&lot)[0].0;
        let wrong = Diagnosis("drops-the-first");
        proxy.expect(&lot, first, answer, wrong).await?;
        proxy.calls_have_ended(&lot).await?;
    }
    Ok(())
}

pub async fn not_a_third(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("fault");
    // The second time a deadline that begins with the copy would be late.
    for (hedge_ms, deadline_ms) in [
        (60, rng.random_range(40..=50) * 10),
        (900, rng.random_range(120..=150) * 10),
    ] {
        let settings = Settings::new(hedge_ms, deadline_ms);
        let mut proxy = Proxy::begin(context, settings).await?;
        let lot = lot(&mut rng);
        let _gates = proxy.hold(&lot);
        let answer = proxy.ask(&lot).await;
        at_most_two(&proxy, &lot, "no replica answers")?;
        let took = answer.0.as_ref().map(|reply| reply.took).ok();
        let deadline = proxy.settings.deadline;
        if let Some(took) = took
            && took < deadline * 9 / 10
        {
            let headline = "The program gave up before the deadline.";
            return Err(Failure::new(Diagnosis("gives-up-early"), headline)
                .sent(format!("GET /lots/{lot}, while no replica answers"))
                .got(format!("an answer after {} ms", took.as_millis()))
                .expected(format!(
                    "status 504 at DEADLINE_MS={}",
                    deadline.as_millis()
                ))
                .into());
        }
        let wrong = Diagnosis("wrong-status");
        proxy.expect_status(&lot, 504, answer, wrong).await?;
        proxy.calls_have_ended(&lot).await?;
    }
    Ok(())
}

/// A failure if there were more than two calls about this lot.
pub fn at_most_two(proxy: &Proxy, lot: &str, during: &str) -> CheckResult {
    if proxy.calls(lot).len() <= 2 {
        return Ok(());
    }
    let headline = "There were more than two calls for one request.";
    Err(Failure::new(Diagnosis("third-copy"), headline)
        .sent(format!("GET /lots/{lot}, while {during}"))
        .got(proxy.asked(lot))
        .in_order(&[lot])
        .expected("two calls, and no more")
        .into())
}

/// One call in twenty takes three seconds, wherever it goes.
pub async fn tail(context: &CheckContext) -> CheckResult {
    const LOTS: usize = 60;
    const SLOW: Duration = Duration::from_secs(3);
    let proxy = Proxy::begin(context, Settings::new(700, 8000)).await?;
    for replica in &proxy.replicas {
        let nr = context.rng(replica.name()).random_range(4..12);
        replica.inject(When::Calls(nr..nr + 1), Fault::Delay(SLOW));
    }
    let mut rng = context.rng("lots");
    let lots: Vec<String> = (0..LOTS).map(|_| lot(&mut rng)).collect();
    let answers = side_by_side(6, lots.iter().map(|lot| proxy.ask(lot))).await;
    let slowest = answers.iter().filter_map(|answer| answer.0.as_ref().ok());
    let slowest = slowest.map(|reply| reply.took).max().unwrap_or_default();
    let calls: usize = proxy
        .replicas
        .iter()
        .map(|replica| replica.calls().len())
        .sum();
    let sent = format!("{LOTS} requests, while three calls take 3 s and the others none");
    if slowest >= SLOW * 3 / 4 {
        let headline = "The slowest answers are as slow as the slowest replica.";
        return Err(Failure::new(Diagnosis("tail-remains"), headline)
            .sent(sent)
            .got(format!(
                "the slowest answer took {} ms",
                slowest.as_millis()
            ))
            .expected("about HEDGE_MS=700 and an ordinary answer")
            .by_clock(SLOW / 2)
            .into());
    }
    if calls > LOTS + 6 {
        let headline = "Three slow calls cost more than three copies.";
        return Err(Failure::new(Diagnosis("hedges-when-fast"), headline)
            .sent(sent)
            .got(format!("{calls} calls"))
            .expected(format!("{} calls", LOTS + 3))
            .by_clock(proxy.settings.hedge)
            .into());
    }
    Ok(())
}

pub async fn not_blocked(context: &CheckContext) -> CheckResult {
    const OTHERS: usize = 8;
    let mut proxy = Proxy::begin(context, Settings::new(100, 6000)).await?;
    let mut rng = context.rng("lots");
    let held = lot(&mut rng);
    let gates = proxy.hold(&held);
    let others: Vec<String> = (0..OTHERS).map(|_| lot(&mut rng)).collect();
    let (answer, (in_time, stuck)) = futures::join!(proxy.ask(&held), async {
        let stuck = proxy.wait_for_calls(&held, 1, SOON).await;
        let asked = futures::future::join_all(others.iter().map(|lot| proxy.ask(lot)));
        let in_time = tokio::time::timeout(SOON, asked).await.is_ok();
        open_all(&gates);
        (in_time, stuck)
    });
    if stuck && !in_time {
        let headline = "A request that waits for its replicas holds up others.";
        return Err(Failure::new(Diagnosis("blocks-next-request"), headline)
            .sent(format!(
                "{OTHERS} requests, while the calls of GET /lots/{held} wait"
            ))
            .got(format!(
                "not all of them were answered within {} ms",
                SOON.as_millis()
            ))
            .expected("each request runs for itself")
            .by_clock(SOON)
            .into());
    }
    let wrong = Diagnosis("wrong-status");
    proxy.expect_status(&held, 200, answer, wrong).await
}
