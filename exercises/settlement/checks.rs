//! The promises of this exercise, one function each.

use super::night::{Night, SLACK, Settings};
use crate::harness::context::{CheckContext, wait_until};
use crate::harness::upstream::fault::{Fault, Garbage, Gate, When};
use crate::harness::upstream::{Call, Upstream};
use crate::harness::verdict::{CheckOutcome, CheckResult, Failure};
use rand::RngExt;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const SOON: Duration = Duration::from_secs(5);

/// The same failure, whose reason is known better.
fn renamed(outcome: &CheckOutcome, diagnosis: &'static str) -> CheckOutcome {
    match outcome.failure() {
        Some(failure) => {
            let mut failure = failure.clone();
            failure.diagnosis = diagnosis.into();
            failure.into()
        }
        None => outcome.clone(),
    }
}

fn transfers() -> When {
    When::Path("/transfers".to_owned())
}

pub async fn settles(context: &CheckContext) -> CheckResult {
    let night = Night::begin(context, Settings::USUAL).await?;
    night.run(context, "a night in which all is well").await
}

/// Every worker holds its answer back until all of them are asked.
pub async fn side_by_side(context: &CheckContext) -> CheckResult {
    let night = Night::begin(context, Settings::USUAL).await?;
    let gate = Gate::shut();
    for worker in &night.workers {
        worker.inject(When::Always, Fault::Hold(gate.clone()));
    }
    let program = night.start(context)?;
    let busy = || {
        night
            .workers
            .iter()
            .filter(|worker| worker.in_flight() > 0)
            .count()
    };
    wait_until(context.start_limit(), || busy() == night.workers.len()).await;
    let busy = busy();
    sleep(Duration::from_millis(200)).await;
    let most = night.workers.iter().map(Upstream::peak).max().unwrap_or(0);
    gate.open();
    let (diagnosis, headline) = if busy < night.workers.len() {
        ("one-by-one", "Workers wait while others work.")
    } else if most > 1 {
        ("floods-worker", "A worker has several parts at a time.")
    } else {
        night
            .ends(program, "workers that work side by side")
            .await?;
        for worker in &night.workers {
            worker.heal();
        }
        let calls: usize = night.part_calls().values().sum();
        let peak = night.workers.iter().map(Upstream::peak).max().unwrap_or(0);
        if peak > 1 || calls > night.settings.parts {
            return Err(Failure::new(
                "floods-worker",
                "Parts were asked for more often than needed.",
            )
            .sent(format!(
                "{} parts, three workers that are well",
                night.settings.parts
            ))
            .got(format!("{calls} calls, up to {peak} at a time at a worker"))
            .expected("one call for each part, one at a time at each worker")
            .into());
        }
        return Ok(());
    };
    Err(Failure::new(diagnosis, headline)
        .sent("three workers, nine parts")
        .got(format!("{busy} workers are busy, with up to {most} parts"))
        .expected("one part at each worker")
        .by_clock(SOON)
        .into())
}

/// One worker hangs from its first part on. Twice, with times far apart.
pub async fn straggler(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("times");
    for straggle_ms in [
        rng.random_range(40..=50) * 10,
        rng.random_range(170..=200) * 10,
    ] {
        let settings = Settings {
            straggle_ms,
            ..Settings::USUAL
        };
        let night = Night::begin(context, settings).await?;
        let slow = &night.workers[1];
        slow.inject(When::Always, Fault::Hang);
        let program = night.start(context)?;
        slow.wait_until(context.start_limit(), |slow| slow.in_flight() > 0)
            .await;
        let begun = Instant::now();
        let during = format!("a worker that hangs, STRAGGLE_MS={straggle_ms}");
        night.ends(program, &during).await.map_err(|outcome| {
            let known = outcome.failure().map(|failure| failure.diagnosis.0);
            match known {
                Some("never-ends") => renamed(&outcome, "waits-for-straggler"),
                _ => outcome,
            }
        })?;
        let took = begun.elapsed();
        let straggle = Duration::from_millis(straggle_ms);
        let twice: usize = night
            .part_calls()
            .values()
            .filter(|count| **count > 1)
            .count();
        let (diagnosis, headline) = if took < straggle * 9 / 10 {
            ("floods-worker", "A part was given away before STRAGGLE_MS.")
        } else if took > straggle * 2 + SLACK * 2 {
            ("waits-for-straggler", "The straggler was waited for.")
        } else if twice > 2 {
            (
                "floods-worker",
                "Parts were given to a second worker without need.",
            )
        } else {
            continue;
        };
        return Err(Failure::new(diagnosis, headline)
            .sent(during)
            .got(format!(
                "the end after {} ms, {twice} parts were asked for twice",
                took.as_millis()
            ))
            .expected(format!(
                "its part given to another worker after {straggle_ms} ms, and no others"
            ))
            .by_clock(SLACK)
            .into());
    }
    Ok(())
}

/// One worker fails each time, in each way.
pub async fn bad_worker(context: &CheckContext) -> CheckResult {
    for fault in [
        Fault::Status(500),
        Fault::CutBody,
        Fault::Garbage(Garbage::HalfJson),
        Fault::Garbage(Garbage::WrongShape),
    ] {
        let night = Night::begin(context, Settings::USUAL).await?;
        let during = format!("a worker that {}", fault.in_words());
        let bad = &night.workers[0];
        bad.inject(When::Always, fault);
        let begun = Instant::now();
        let outcome = night.run(context, &during).await;
        let most = 3 + begun.elapsed().as_millis() as usize / night.settings.retry_ms as usize;
        let calls = bad.calls().len();
        if calls > most.max(night.settings.parts) {
            return Err(
                Failure::new("busy-loop", "A worker that fails is asked without a pause.")
                    .sent(during)
                    .got(format!("{calls} calls to it"))
                    .expected(format!("at most {most}: RETRY_MS between two of them"))
                    .into(),
            );
        }
        outcome?;
    }
    let night = Night::begin(context, Settings::USUAL).await?;
    night.workers[2].close().await;
    night
        .run(context, "a worker that refuses connections")
        .await
}

/// The bank takes a transfer and its answer gets lost, three times in a row, in each way.
pub async fn bank_fails(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("times");
    for (fault, retry_ms) in [
        (Fault::CutBody, rng.random_range(20..=30) * 10),
        (Fault::Status(503), rng.random_range(60..=70) * 10),
        (Fault::Hang, 200),
    ] {
        let settings = Settings {
            retry_ms,
            ..Settings::USUAL
        };
        let night = Night::begin(context, settings).await?;
        let during = format!(
            "a bank that {} for the first transfers, RETRY_MS={retry_ms}",
            fault.in_words()
        );
        night.bank_server.inject(transfers(), fault);
        let program = night.start(context)?;
        let pays = |call: &Call| call.request.path == "/transfers";
        let paid = |bank: &Upstream| bank.calls().into_iter().filter(pays).collect::<Vec<_>>();
        let twice = |bank: &Upstream| {
            let calls = paid(bank);
            let key = |call: &Call| call.request.header("idempotency-key").map(str::to_owned);
            calls
                .iter()
                .enumerate()
                .any(|(nr, call)| calls[..nr].iter().any(|other| key(other) == key(call)))
        };
        let patience = context.start_limit() + Duration::from_secs(4);
        let repeated = night.bank_server.wait_until(patience, twice).await;
        let calls = paid(&night.bank_server);
        night.bank_server.heal();
        if !repeated {
            return Err(
                Failure::new("gives-up", "A transfer that failed is not repeated.")
                    .sent(during)
                    .got(format!(
                        "{} calls for transfers, none a second time",
                        calls.len()
                    ))
                    .expected("the same transfer with the same key after RETRY_MS")
                    .by_clock(SLACK)
                    .into(),
            );
        }
        let key = |call: &Call| call.request.header("idempotency-key").map(str::to_owned);
        let first = calls
            .iter()
            .find(|call| calls.iter().filter(|other| key(other) == key(call)).count() > 1);
        let again =
            first.and_then(|first| calls.iter().filter(|call| key(call) == key(first)).nth(1));
        if let (Some(first), Some(again)) = (first, again) {
            let pause = again.at.saturating_sub(first.over(Duration::from_secs(2)));
            if pause < Duration::from_millis(retry_ms * 9 / 10) {
                return Err(
                    Failure::new("busy-loop", "A transfer is repeated without a pause.")
                        .sent(during)
                        .got(format!("again after {} ms", pause.as_millis()))
                        .expected(format!("after {retry_ms} ms"))
                        .into(),
                );
            }
        }
        night.ends(program, &during).await?;
    }
    Ok(())
}

pub async fn refused(context: &CheckContext) -> CheckResult {
    let night = Night::begin(context, Settings::USUAL).await?;
    night.close_accounts();
    let during = "a night in which the bank refuses two sellers";
    let program = night.start(context)?;
    night.ends(program, during).await.map_err(|outcome| {
        let known = outcome.failure().map(|failure| failure.diagnosis.0);
        match known {
            Some("wrong-exit") => renamed(&outcome, "stops-at-refusal"),
            Some("never-ends") => renamed(&outcome, "repeats-refused"),
            _ => outcome,
        }
    })?;
    let refused = night.due().refused;
    let calls = night.transfer_calls();
    let repeated = calls.iter().find(|(key, count)| {
        **count > 1
            && refused
                .keys()
                .any(|seller| key.ends_with(&format!("-{seller}")))
    });
    if let Some((key, count)) = repeated {
        let headline = "What the bank refused was sent again.";
        // An answer that took longer than the program waits for it is asked for again.
        return Err(Failure::new("repeats-refused", headline)
            .sent(during)
            .got(format!("{count} calls with the key {key}"))
            .expected("one")
            .by_clock(Duration::from_secs(2))
            .into());
    }
    Ok(())
}

/// While parts are fetched, then twice while transfers are made, then started once more to the end.
pub async fn killed(context: &CheckContext) -> CheckResult {
    let settings = Settings {
        parts: 14,
        ..Settings::USUAL
    };
    let night = Night::begin(context, settings).await?;
    let gate = Gate::shut();
    let during = "a program that is killed three times and started again";
    // All workers are held after three parts each.
    for worker in &night.workers {
        worker.inject(When::Calls(3..1000), Fault::Hold(gate.clone()));
    }
    let mut program = night.start(context)?;
    let held = || {
        night
            .workers
            .iter()
            .all(|worker| worker.in_flight() > 0 && worker.calls().len() > 3)
    };
    wait_until(context.start_limit() + SOON, held).await;
    sleep(Duration::from_millis(100)).await;
    program.kill().await;
    for worker in &night.workers {
        worker.heal();
    }
    gate.open();
    for (confirmed, fault) in [(2, Fault::CutBody), (5, Fault::Hang)] {
        let before = night.bank_server.calls().len() as u64;
        // The payments, then some transfers that are confirmed; the next one is not.
        night
            .bank_server
            .inject(When::Calls(before + confirmed..before + 1000), fault);
        program = night.start(context)?;
        let limit = context.start_limit() + SOON;
        let reached = |bank: &Upstream| bank.calls().len() as u64 > before + confirmed;
        night.bank_server.wait_until(limit, reached).await;
        program.kill().await;
        night.bank_server.heal();
    }
    night.run(context, during).await?;
    let parts = night.part_calls();
    let again: usize = parts.values().map(|count| count - 1).sum();
    let transfers: usize = night.transfer_calls().values().map(|count| count - 1).sum();
    // Three parts were on their way once, and one transfer twice, which may also have been repeated.
    if again > settings.workers || transfers > 6 {
        return Err(
            Failure::new("loses-work", "What was done before a crash was done again.")
                .sent(during)
                .got(format!(
                    "{again} parts were fetched again, {transfers} transfers made again"
                ))
                .expected("one part of each worker, and one transfer for each crash")
                .into(),
        );
    }
    Ok(())
}

/// The output is looked at all the time; and then the night is run again.
pub async fn output(context: &CheckContext) -> CheckResult {
    let night = Night::begin(context, Settings::USUAL).await?;
    let gate = night.bank_server.hold(transfers());
    let program = night.start(context)?;
    let asked = |bank: &Upstream| {
        bank.calls()
            .iter()
            .any(|call| call.request.path == "/transfers")
    };
    night
        .bank_server
        .wait_until(context.start_limit() + SOON, asked)
        .await;
    let half = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_err();
    if night.output.exists() {
        return Err(Failure::new(
            "half-output",
            "There is an output before the sellers are paid.",
        )
        .sent("a bank that takes its time")
        .got("the file is there, and no transfer is confirmed")
        .expected("no file before all is done")
        .into());
    }
    gate.open();
    let until = Instant::now() + SOON;
    while program.ended().is_none() && Instant::now() < until {
        if let Ok(text) = std::fs::read_to_string(&night.output)
            && half(&text)
        {
            return Err(
                Failure::new("half-output", "The output was there before it was whole.")
                    .sent("a look at the file while the program runs")
                    .got(format!("{} bytes that are no JSON", text.len()))
                    .expected("the whole file or none: write beside, then rename")
                    .into(),
            );
        }
        tokio::task::yield_now().await;
    }
    night.ends(program, "to its end").await?;
    night.bank_server.heal();
    let before = (night.part_calls(), night.transfer_calls());
    let written = std::fs::read(&night.output).unwrap_or_default();
    let during = "the same night, started once more after its end";
    night.run(context, during).await?;
    let after = (night.part_calls(), night.transfer_calls());
    let rewritten = std::fs::read(&night.output).unwrap_or_default();
    if before != after || written != rewritten {
        return Err(
            Failure::new("runs-again", "A night that is done was done again.")
                .sent(during)
                .got(format!(
                    "{} parts and {} transfers in all",
                    after.0.values().sum::<usize>(),
                    after.1.values().sum::<usize>()
                ))
                .expected("no call for parts or transfers, and the output as it was")
                .into(),
        );
    }
    Ok(())
}
