//! SIGTERM: what is still served, and when the program is gone.

use crate::graceful_server::replica::{Replica, SOON, Settings, lot};
use crate::harness::context::CheckContext;
use crate::harness::probe::NoReply;
use crate::harness::process::Ended;
use crate::harness::upstream::fault::{Fault, Gate};
use crate::harness::verdict::{CheckOutcome, CheckResult, Diagnosis, Failure};
use rand::RngExt;
use std::time::Duration;

/// For a busy machine.
const SLACK: Duration = Duration::from_millis(700);

/// Twice, with times so far apart that no constant is right for both: a rollout under load, in which the
/// balancer goes on sending for most of `LINGER_MS`. The first time it comes before the program is warm.
pub async fn lingers(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("times");
    for (linger_ms, is_warm) in [
        (rng.random_range(60..=80) * 10, false),
        (rng.random_range(220..=260) * 10, true),
    ] {
        let settings = Settings {
            linger_ms,
            ..Settings::USUAL
        };
        let (replica, of_lots, state) = if is_warm {
            (Replica::warm(context, settings).await?, 200, "warm")
        } else {
            let hangs = Fault::Hold(Gate::shut());
            let replica = Replica::cold(context, settings, hangs).await?;
            (replica, 503, "cold")
        };
        let linger = replica.linger();
        replica.program.program.terminate();
        let begun = context.now();
        let since = || context.now().saturating_sub(begun);
        // A signal takes a moment to arrive.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut sent = 0;
        'asking: while since() < linger * 3 / 5 {
            let lot = format!("/lots/{}", lot(&mut rng));
            for (path, status, wrong) in [
                (lot.as_str(), of_lots, "closes-at-once"),
                ("/readyz", 503, "ready-while-leaving"),
                ("/livez", 200, "not-alive"),
            ] {
                let ms = since().as_millis();
                let during =
                    format!("SIGTERM came {ms} ms ago to a {state} program, LINGER_MS={linger_ms}");
                let reply = replica.get(path).await;
                if since() > linger * 4 / 5 {
                    // Too late for a fair question.
                    break 'asking;
                }
                let wrong = if reply.is_ok() {
                    wrong
                } else {
                    "closes-at-once"
                };
                replica.judge(path, status, &during, Diagnosis(wrong), &reply)?;
            }
            sent += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if sent == 0 {
            return Err(CheckOutcome::Inconclusive {
                reason: "this machine was too slow to ask while the program lingered".to_owned(),
            });
        }
        let ended = replica.program.program.wait_ended(linger + SOON).await;
        ends_in_time(&replica, ended, since(), linger, "nothing in flight")?;
    }
    Ok(())
}

/// The program ended well, at this time after SIGTERM, and not much later.
fn ends_in_time(
    replica: &Replica,
    ended: Option<Ended>,
    took: Duration,
    due: Duration,
    during: &str,
) -> CheckResult {
    let (diagnosis, headline, got) = match ended {
        None => (
            "exits-late",
            "The program does not end.",
            format!("alive {} ms after SIGTERM", took.as_millis()),
        ),
        Some(ended) if !ended.0.success() => (
            "wrong-exit",
            "The program ended in good order and says that it failed.",
            format!("it {}", ended.in_words()),
        ),
        Some(_) if took > due + SLACK * 2 => (
            "exits-late",
            "The program ended later than it could have.",
            format!("it ended {} ms after SIGTERM", took.as_millis()),
        ),
        Some(_) => return Ok(()),
    };
    let Settings {
        linger_ms,
        grace_ms,
    } = replica.settings;
    let failure = Failure::new(Diagnosis(diagnosis), headline)
        .sent(format!(
            "SIGTERM, {during}, LINGER_MS={linger_ms}, GRACE_MS={grace_ms}"
        ))
        .got(got)
        .expected(format!(
            "exit status 0 about {} ms after SIGTERM",
            due.as_millis()
        ));
    Err(if diagnosis == "wrong-exit" {
        failure.into()
    } else {
        failure.by_clock(took.saturating_sub(due)).into()
    })
}

/// A request is in flight when SIGTERM comes, and is answered when the program lingers no more.
pub async fn drains(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("times");
    let settings = Settings {
        linger_ms: rng.random_range(20..=60) * 10,
        grace_ms: 12_000,
    };
    let replica = Replica::warm(context, settings).await?;
    let held = lot(&mut rng);
    let path = format!("/lots/{held}");
    let gate = replica.hold(&held);
    let due = replica.linger() + Duration::from_millis(rng.random_range(100..=160) * 10);
    let (reply, (begun, refused)) = futures::join!(replica.get(&path), async {
        replica.is_asked(&held).await;
        replica.program.program.terminate();
        let begun = context.now();
        tokio::time::sleep(due).await;
        let refused = replica.program.get("/livez", SOON).await;
        gate.open();
        (begun, refused)
    });
    let took = context.now().saturating_sub(begun);
    let during = "SIGTERM came while it was in flight";
    let wrong = Diagnosis("drops-in-flight");
    replica.judge(&path, 200, during, wrong, &reply)?;
    if !matches!(refused, Err(NoReply::Refused)) {
        let headline = "The program accepts connections though it lingers no more.";
        return Err(Failure::new(Diagnosis("never-closes"), headline)
            .sent(format!("GET /livez, {} ms after SIGTERM", due.as_millis()))
            .got("an answer")
            .expected(format!(
                "connections refused after LINGER_MS={}",
                settings.linger_ms
            ))
            .by_clock(due.saturating_sub(replica.linger()))
            .into());
    }
    let ended = replica.program.program.wait_ended(SOON).await;
    let took_all = context.now().saturating_sub(begun);
    ends_in_time(
        &replica,
        ended,
        took_all,
        took,
        "one request in flight, answered at last",
    )
}

/// Twice, with times far apart.
pub async fn grace_ends(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("times");
    for grace_ms in [
        rng.random_range(90..=110) * 10,
        rng.random_range(280..=320) * 10,
    ] {
        let settings = Settings {
            linger_ms: grace_ms / 2,
            grace_ms,
        };
        let replica = Replica::warm(context, settings).await?;
        let held = lot(&mut rng);
        let path = format!("/lots/{held}");
        let _gate = replica.hold(&held);
        let ((), (ended, took)) = futures::join!(async { drop(replica.get(&path).await) }, async {
            replica.is_asked(&held).await;
            replica.program.program.terminate();
            let begun = context.now();
            let ended = replica
                .program
                .program
                .wait_ended(replica.grace() + SOON)
                .await;
            (ended, context.now().saturating_sub(begun))
        });
        let grace = replica.grace();
        let (diagnosis, headline, room) = if ended.is_none() || took > grace + SLACK {
            (
                "outlives-grace",
                "The program was alive when its grace was over.",
                took.saturating_sub(grace),
            )
        } else if took < grace * 4 / 5 {
            (
                "drops-in-flight",
                "The program ended early, and dropped a request.",
                grace * 2,
            )
        } else {
            continue;
        };
        return Err(Failure::new(Diagnosis(diagnosis), headline)
            .sent(format!(
                "SIGTERM while GET {path} waits, GRACE_MS={grace_ms}"
            ))
            .got(match ended {
                None => format!("alive {} ms after SIGTERM", took.as_millis()),
                Some(ended) => format!("it {} after {} ms", ended.in_words(), took.as_millis()),
            })
            .expected("it waits for the request, and ends at GRACE_MS")
            .by_clock(room)
            .into());
    }
    Ok(())
}

/// While the program lingers, and while it waits for what is in flight.
pub async fn second_sigterm(context: &CheckContext) -> CheckResult {
    for linger_ms in [9000, 200] {
        ends_at_the_second(context, linger_ms).await?;
    }
    Ok(())
}

async fn ends_at_the_second(context: &CheckContext, linger_ms: u64) -> CheckResult {
    let mut rng = context.rng("times");
    let settings = Settings {
        linger_ms,
        grace_ms: 20_000,
    };
    let replica = Replica::warm(context, settings).await?;
    let held = lot(&mut rng);
    let path = format!("/lots/{held}");
    let _gate = replica.hold(&held);
    let ((), (early, ended)) = futures::join!(async { drop(replica.get(&path).await) }, async {
        replica.is_asked(&held).await;
        replica.program.program.terminate();
        let early = replica
            .program
            .program
            .wait_ended(Duration::from_millis(700))
            .await;
        replica.program.program.terminate();
        (early, replica.program.program.wait_ended(SOON).await)
    });
    let (diagnosis, headline) = if early.is_some() {
        ("closes-at-once", "The program ended at the first SIGTERM.")
    } else if ended.is_none() {
        (
            "ignores-second-sigterm",
            "A second SIGTERM did not end the program.",
        )
    } else {
        return Ok(());
    };
    Err(Failure::new(Diagnosis(diagnosis), headline)
        .sent(format!(
            "SIGTERM, and 700 ms later another one, while a request waits, LINGER_MS={linger_ms}"
        ))
        .got(early.map_or_else(
            || "alive after 3 s".to_owned(),
            |e| format!("it {}", e.in_words()),
        ))
        .expected("the first one begins the drain, the second one ends the program at once")
        .by_clock(SOON)
        .into())
}
