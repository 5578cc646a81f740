//! The promises of this exercise, one function each.

use super::night::{Night, SLACK, Settings};
use crate::harness::context::{CheckContext, wait_until};
use crate::harness::upstream::fault::{Fault, Garbage, Gate, When};
use crate::harness::upstream::{Call, Upstream};
use crate::harness::verdict::{CheckOutcome, CheckResult, Failure};
use rand::RngExt;
use std::collections::BTreeSet;
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

/// The slow worker and the one that got its part as well answer both, while a part that nobody can do keeps
/// the night waiting.
pub async fn straggler_returns(context: &CheckContext) -> CheckResult {
    let settings = Settings {
        straggle_ms: context.rng("times").random_range(40..=60) * 10,
        ..Settings::USUAL
    };
    let straggle = Duration::from_millis(settings.straggle_ms);
    let night = Night::begin(context, settings).await?;
    let last = format!("/parts/{}", settings.parts - 1);
    for worker in &night.workers {
        worker.inject_unwitnessed(When::Path(last.clone()), Fault::Status(503));
    }
    let slow = &night.workers[0];
    let first = slow.hold(When::Calls(0..1));
    let program = night.start(context)?;
    slow.wait_until(context.start_limit(), |slow| slow.in_flight() > 0)
        .await;
    let during = "a worker that is slow, and answers after all";
    let Some(call) = slow.calls().pop() else {
        return night.ends(program, during).await;
    };
    let part = call.request.path;
    let second = Gate::shut();
    for worker in &night.workers[1..] {
        worker.inject_unwitnessed(When::Path(part.clone()), Fault::Hold(second.clone()));
    }
    let asked = || night.part_calls()[&part];
    wait_until(straggle + SLACK * 2, || asked() > 1).await;
    // Time enough for a third.
    sleep(straggle + Duration::from_millis(600)).await;
    let (closed, asked) = (slow.calls()[0].end.is_some(), asked());
    second.open();
    let others = &night.workers[1..];
    let to_part = |worker: &Upstream| {
        let calls = worker.calls().into_iter();
        calls
            .filter(|call| call.request.path == part)
            .collect::<Vec<_>>()
    };
    let answered = || {
        others
            .iter()
            .flat_map(to_part)
            .all(|call| call.end.is_some())
    };
    wait_until(SOON, answered).await;
    first.open();
    sleep(Duration::from_millis(200)).await;
    for worker in &night.workers {
        worker.heal();
    }
    let (diagnosis, headline) = if closed {
        (
            "drops-straggler",
            "The call to the slow worker was closed before anybody had answered.",
        )
    } else if asked > 2 {
        (
            "floods-worker",
            "A part was given to more than one other worker.",
        )
    } else {
        return night.ends(program, during).await.map_err(|outcome| {
            let known = outcome.failure().map(|failure| failure.diagnosis.0);
            match known {
                Some("wrong-transfer" | "wrong-result") => renamed(&outcome, "counts-twice"),
                _ => outcome,
            }
        });
    };
    Err(Failure::new(diagnosis, headline)
        .sent(during)
        .got(format!("{asked} calls for {part}"))
        .expected("both calls kept open until one is answered, and no third")
        .by_clock(SLACK)
        .into())
}

/// One worker fails each time, in each way.
pub async fn bad_worker(context: &CheckContext) -> CheckResult {
    for fault in [
        Fault::Status(500),
        Fault::CutBody,
        Fault::Garbage(Garbage::HalfJson),
        Fault::Garbage(Garbage::NoFields),
        Fault::Garbage(Garbage::LostField),
    ] {
        let night = Night::begin(context, Settings::USUAL).await?;
        let during = format!("a worker that {}", fault.in_words());
        let bad = &night.workers[0];
        bad.inject(When::Always, fault);
        let begun = Instant::now();
        let outcome = night.run(context, &during).await.map_err(|outcome| {
            let known = outcome.failure().map(|failure| failure.diagnosis.0);
            match known {
                Some("wrong-transfer" | "wrong-result" | "pays-nobody") => {
                    renamed(&outcome, "trusts-nonsense")
                }
                _ => outcome,
            }
        });
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

/// The bank takes a transfer and its answer gets lost, each time and in each way.
pub async fn bank_fails(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("times");
    for (fault, times, retry_ms) in [
        (Fault::CutBody, 2, rng.random_range(20..=30) * 10),
        // So often that a pause that grows is long by then.
        (Fault::Status(429), 4, rng.random_range(60..=70) * 10),
        (Fault::Hang, 2, 200),
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
        let first = || {
            let mut calls = night.bank_server.calls();
            calls.retain(|call| call.request.path == "/transfers");
            let key = |call: &Call| call.request.header("idempotency-key").map(str::to_owned);
            let first = calls.first().and_then(key);
            calls.retain(|call| key(call) == first);
            calls
        };
        let patience = context.start_limit() + Duration::from_secs(4);
        wait_until(patience, || first().len() >= times).await;
        let calls = first();
        night.bank_server.heal();
        let retry = Duration::from_millis(retry_ms);
        let pauses: Vec<Duration> = calls
            .windows(2)
            .map(|pair| {
                pair[1]
                    .at
                    .saturating_sub(pair[0].over(Duration::from_secs(2)))
            })
            .collect();
        let (diagnosis, headline) = if pauses.is_empty() {
            ("gives-up", "A transfer that failed is not repeated.")
        } else if pauses.iter().any(|pause| *pause < retry * 9 / 10) {
            ("busy-loop", "A transfer is repeated without a pause.")
        } else if calls.len() < times || pauses.iter().any(|pause| *pause > retry + SLACK) {
            (
                "repeats-late",
                "A transfer is repeated long after RETRY_MS.",
            )
        } else {
            night.ends(program, &during).await?;
            continue;
        };
        let failure = Failure::new(diagnosis, headline)
            .sent(during)
            .got(format!("the same key again after {pauses:?}"))
            .expected("the same transfer with the same key after RETRY_MS");
        // A call that hangs may have begun, for the program, so much before it arrived.
        let shortest = pauses.iter().min().copied().unwrap_or_default();
        let room = match diagnosis {
            "busy-loop" => retry.saturating_sub(shortest),
            _ => SLACK,
        };
        return Err(failure.by_clock(room).into());
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
    night.close_accounts();
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
    // The keys of the transfers that the bank has decided on, and how many calls it had by then.
    let decided = || {
        let calls = night.bank_server.calls();
        let keys = calls.iter().filter_map(|call| {
            let outcome = call.outcome();
            let is_decided = ["answered 200", "answered 422"]
                .iter()
                .any(|said| outcome.starts_with(said));
            let key = call.request.header("idempotency-key")?;
            is_decided.then(|| key.to_owned())
        });
        (keys.collect::<BTreeSet<String>>(), calls.len())
    };
    let mut kills = Vec::new();
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
        kills.push(decided());
        night.bank_server.heal();
        // What is sent from now on must be what was sent before.
        night.buyers_pay();
    }
    night.run(context, during).await.map_err(|outcome| {
        match outcome.failure().map(|failure| failure.diagnosis.0) {
            Some("wrong-result") if night.counts_as_paid_who_got_nothing() => {
                renamed(&outcome, "pays-nobody")
            }
            _ => outcome,
        }
    })?;
    let parts = night.part_calls();
    let again: usize = parts.values().map(|count| count - 1).sum();
    let transfers = kills.into_iter().map(|(decided, calls)| {
        let since = night.bank_server.calls().split_off(calls);
        let keys = since
            .iter()
            .filter_map(|call| call.request.header("idempotency-key"));
        keys.filter(|key| decided.contains(*key)).count()
    });
    let transfers = transfers.max().unwrap_or(0);
    if again > settings.workers || transfers > 1 {
        return Err(
            Failure::new("loses-work", "What was done before a crash was done again.")
                .sent(during)
                .got(format!(
                    "{again} parts were fetched again, and up to {transfers} transfers made again after a crash"
                ))
                .expected("one part of each worker, and one transfer for each crash")
                .into(),
        );
    }
    Ok(())
}

/// There is a link where the output goes; and the night is run again.
pub async fn output(context: &CheckContext) -> CheckResult {
    let night = Night::begin(context, Settings::USUAL).await?;
    // A rename replaces the link; who writes in place follows it.
    std::os::unix::fs::symlink(context.folder("elsewhere-")?.join("output"), &night.output)
        .map_err(|error| CheckOutcome::grader_error("could not make a link", error))?;
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
    night.ends(program, "to its end").await?;
    if night.output.is_symlink() {
        return Err(
            Failure::new("half-output", "The output was written in place.")
                .sent("a path at which a symbolic link to nothing lies")
                .got("the link is still there, and was written through")
                .expected("the whole file or none at any moment: write beside, then rename")
                .into(),
        );
    }
    night.bank_server.heal();
    let before = (night.part_calls(), night.transfer_calls());
    let file = || {
        let changed = night.output.metadata().and_then(|file| file.modified());
        (std::fs::read(&night.output).ok(), changed.ok())
    };
    let written = file();
    let during = "the same night, started once more after its end";
    night.run(context, during).await?;
    let after = (night.part_calls(), night.transfer_calls());
    if before != after || written != file() {
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
