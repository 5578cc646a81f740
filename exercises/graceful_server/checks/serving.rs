//! From the start to the first answer, and what probes say meanwhile.

use crate::graceful_server::replica::{Replica, SOON, Settings, lot};
use crate::harness::context::{CheckContext, wait_until};
use crate::harness::upstream::fault::{Fault, Gate, When};
use crate::harness::verdict::{CheckResult, Diagnosis, Failure};
use futures::future::join_all;
use std::time::Duration;

const EARLY: Diagnosis = Diagnosis("ready-too-early");

pub async fn cold_start(context: &CheckContext) -> CheckResult {
    let gate = Gate::shut();
    let fault = Fault::Hold(gate.clone());
    let replica = Replica::cold(context, Settings::USUAL, fault).await?;
    replica.program.listens_on_loopback_alone()?;
    let during = "the catalogue is being loaded";
    for _ in 0..3 {
        let dead = Diagnosis("not-alive");
        replica.expect("/livez", 200, during, dead).await?;
        replica.expect("/readyz", 503, during, EARLY).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let path = format!("/lots/{}", lot(&mut context.rng("lots")));
    replica.expect(&path, 503, during, EARLY).await?;
    gate.open();
    replica.becomes_ready("the catalogue was loaded").await?;
    let wrong = Diagnosis("wrong-answer");
    replica.expect(&path, 200, "it is ready", wrong).await?;
    // Longer than the longest pause between two questions.
    tokio::time::sleep(Duration::from_millis(700)).await;
    let calls = replica.database.calls();
    let asked = calls.iter().filter(|c| c.request.path == "/catalogue");
    let asked = asked.count();
    if asked > 1 {
        let headline = "The catalogue was answered, and is asked for again.";
        return Err(Failure::new(Diagnosis("asks-again"), headline)
            .sent("nothing, once the program was warm")
            .got(format!("{asked} calls for the catalogue since the start"))
            .expected("one call, which was answered with 200")
            .into());
    }
    Ok(())
}

pub async fn catalogue_fails(context: &CheckContext) -> CheckResult {
    let replica = Replica::cold(context, Settings::USUAL, Fault::Status(500)).await?;
    let mut during = "the database answers 500 for the catalogue".to_owned();
    for fault in [
        Fault::CutBody,
        Fault::Status(404),
        Fault::Status(202),
        Fault::Status(500),
    ] {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let dead = Diagnosis("not-alive");
        replica.expect("/livez", 200, &during, dead).await?;
        replica.expect("/readyz", 503, &during, EARLY).await?;
        during = format!("the database {} for the catalogue", fault.in_words());
        replica.database.inject_unwitnessed(When::Always, fault);
    }
    let asked = replica.database.calls().len();
    if asked > 40 {
        let headline = "The catalogue is asked for again without a pause.";
        return Err(Failure::new(Diagnosis("busy-loop"), headline)
            .sent("the database fails in four ways for the catalogue")
            .got(format!("{asked} calls in about two seconds"))
            .expected("a call every 100 ms or less often")
            .into());
    }
    replica.database.heal();
    replica.becomes_ready("the database is well again").await?;
    if asked < 4 {
        let headline = "The catalogue is asked for again after a long time.";
        return Err(Failure::new(Diagnosis("warms-late"), headline)
            .sent("the database fails in four ways for the catalogue")
            .got(format!("{asked} calls in about two seconds"))
            .expected("a call 100 to 500 ms after each failure")
            .by_clock(Duration::from_millis(500))
            .into());
    }
    Ok(())
}

/// The database hangs for whatever it is asked.
pub async fn probes(context: &CheckContext) -> CheckResult {
    let replica = Replica::warm(context, Settings::USUAL).await?;
    replica
        .database
        .inject_unwitnessed(When::Always, Fault::Hang);
    let before = replica.database.calls().len();
    for (path, diagnosis) in [
        ("/livez", "liveness-asks-database"),
        ("/readyz", "readiness-asks-database"),
    ] {
        for _ in 0..3 {
            let reply = replica.program.get(path, SOON).await;
            let asked = replica.database.calls().len() - before;
            if asked > 0 {
                let headline = "A probe asks the database.";
                return Err(Failure::new(Diagnosis(diagnosis), headline)
                    .sent(format!("GET {path}, while the database hangs"))
                    .got(format!("{asked} calls to the database"))
                    .expected("a probe speaks for this replica alone")
                    .into());
            }
            let during = "the database hangs";
            let wrong = Diagnosis(diagnosis);
            replica.judge(path, 200, during, wrong, &reply)?;
        }
    }
    Ok(())
}

/// Requests that wait for the database while others come and go.
const WAITING: usize = 40;

/// While forty lots wait for the database, others come and go; then the database fails.
pub async fn answers(context: &CheckContext) -> CheckResult {
    let replica = Replica::warm(context, Settings::USUAL).await?;
    let mut rng = context.rng("lots");
    let held = lot(&mut rng);
    let held = format!("/lots/{held}-");
    let gate = replica.database.hold(When::Under(held.clone()));
    let waiting: Vec<String> = (0..WAITING).map(|i| format!("{held}{i}")).collect();
    let late = join_all(waiting.iter().map(|lot| replica.get(lot)));
    let lots: Vec<String> = (0..8).map(|_| format!("/lots/{}", lot(&mut rng))).collect();
    let (late, others) = futures::join!(late, async {
        let all_asked = || {
            let calls = replica.database.calls();
            let calls = calls.iter().filter(|c| c.request.path.starts_with(&held));
            calls.count() == WAITING
        };
        wait_until(SOON, all_asked).await;
        let asked = join_all(lots.iter().map(|lot| replica.get(lot)));
        let others = tokio::time::timeout(SOON, asked).await.ok();
        gate.open();
        others
    });
    let wrong = Diagnosis("wrong-answer");
    let Some(others) = others else {
        let headline = "Requests that wait for the database hold up others.";
        return Err(Failure::new(Diagnosis("blocks-next-request"), headline)
            .sent(format!("eight requests, while {WAITING} others wait"))
            .got("not all of them were answered")
            .expected("each request runs for itself")
            .by_clock(SOON)
            .into());
    };
    for (path, reply) in lots.iter().zip(others).chain(waiting.iter().zip(late)) {
        replica.judge(path, 200, "all is well", wrong, &reply)?;
    }
    // A lot that was answered before: nothing of it is kept.
    let path = &lots[0];
    for fault in [Fault::Status(500), Fault::Status(404), Fault::CutBody] {
        let during = format!("the database {}", fault.in_words());
        replica.database.inject(When::Always, fault);
        let wrong = Diagnosis("hides-failure");
        replica.expect(path, 502, &during, wrong).await?;
        let wrong = Diagnosis("readiness-asks-database");
        replica.expect("/readyz", 200, &during, wrong).await?;
    }
    Ok(())
}
