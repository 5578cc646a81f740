//! What is sent: how many lines in a call, and what happens when a call fails.

use crate::harness::conduct;
use crate::harness::context::{CheckContext, wait_until};
use crate::harness::upstream::fault::{Fault, Garbage, Gate, When};
use crate::harness::upstream::{Call, Upstream};
use crate::harness::verdict::{CheckResult, Failure};
use crate::log_shipper::shipper::{Log, SLACK, Settings, Shipper};
use rand::RngExt;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Lines that are written at once.
const LINES: usize = 400;

/// Twice, with numbers and times far apart.
pub async fn batches(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("batches");
    for (batch_max, flush_ms) in [
        (rng.random_range(5..=9), 100),
        (rng.random_range(120..=160), 900),
    ] {
        let settings = Settings {
            batch_max,
            flush_ms,
            ..Settings::USUAL
        };
        let mut log = Log::new(context)?;
        log.write(1)?;
        let mut shipper = Shipper::begin(context, settings, log).await?;
        let during = format!("BATCH_MAX={batch_max}, FLUSH_MS={flush_ms}");
        let wrong = "waits-for-full-batch";
        shipper
            .arrives(shipper.flush() + SLACK, &during, wrong)
            .await?;
        if flush_ms > 500 {
            let before = shipper.server.calls().len();
            // A line that waits for a pause of the others waits for ever.
            for _ in 0..9 {
                shipper.log.write(1)?;
                sleep(shipper.flush() / 3).await;
            }
            if shipper.server.calls().len() == before {
                let headline = "Nothing was sent while lines kept coming.";
                return Err(Failure::new("waits-for-silence", headline)
                    .sent(format!("a line every {} ms, {during}", flush_ms / 3))
                    .got(format!("no call for {} ms", flush_ms * 3))
                    .expected(format!("a call {flush_ms} ms after the first of them"))
                    .by_clock(shipper.flush() * 3 / 2)
                    .into());
            }
        }
        let calls = shipper.server.calls().len();
        shipper.log.write(LINES)?;
        shipper
            .arrives(shipper.flush() + SLACK * 3, &during, "loses-lines")
            .await?;
        let calls = shipper.server.calls().len() - calls;
        let most = LINES.div_ceil(batch_max) * 2 + 2;
        if calls > most {
            return Err(
                Failure::new("line-by-line", "There are far too many calls.")
                    .sent(format!("{LINES} lines at once, {during}"))
                    .got(format!("{calls} calls"))
                    .expected(format!("{} calls", LINES.div_ceil(batch_max)))
                    .into(),
            );
        }
    }
    Ok(())
}

/// Each kind of failure; at last the store hangs. Twice, with times far apart.
pub async fn store_away(context: &CheckContext) -> CheckResult {
    let mut rng = context.rng("times");
    for (retry_ms, sink_ms, faults) in [
        (
            rng.random_range(30..=40) * 10,
            700,
            [Fault::Status(503), Fault::CutBody, Fault::Hang],
        ),
        (
            rng.random_range(120..=140) * 10,
            1800,
            [
                Fault::Status(413),
                Fault::Garbage(Garbage::HalfJson),
                Fault::Hang,
            ],
        ),
    ] {
        let settings = Settings {
            sink_ms,
            retry_ms,
            ..Settings::USUAL
        };
        let retry = Duration::from_millis(retry_ms);
        let mut log = Log::new(context)?;
        log.write(3)?;
        let mut shipper = Shipper::begin(context, settings, log).await?;
        let limit = context.start_limit();
        shipper
            .arrives(limit, "there at the start", "loses-lines")
            .await?;
        for fault in faults {
            let hangs = matches!(fault, Fault::Hang);
            // So often that a pause that grows is long by then.
            let times = if matches!(fault, Fault::Status(413)) {
                3
            } else {
                2
            };
            let during = format!("while the store {}, RETRY_MS={retry_ms}", fault.in_words());
            let before = shipper.server.calls().len();
            shipper.server.inject(When::Always, fault);
            shipper.log.write(15)?;
            let calls = |shipper: &Shipper| shipper.server.calls().len() - before;
            let patience = Duration::from_millis(sink_ms) + retry + SLACK * 2;
            let repeated = shipper
                .server
                .wait_until(patience * times, |_| calls(&shipper) > times as usize - 1)
                .await;
            let begun = Instant::now();
            conduct::lives(&mut shipper.program, &during).await?;
            if !repeated {
                let (wrong, headline) = match calls(&shipper) {
                    1 if hangs => ("misses-time", "A call that hangs is waited for."),
                    2 => ("repeats-late", "A call is repeated long after RETRY_MS."),
                    _ => ("gives-up", "A call that failed is not repeated."),
                };
                return Err(Failure::new(wrong, headline)
                    .sent(format!("15 lines, {during}, SINK_MS={sink_ms}"))
                    .got(format!("{} calls", calls(&shipper)))
                    .expected(format!("again {retry_ms} ms after each failure"))
                    .by_clock(SLACK)
                    .into());
            }
            let all = shipper.server.calls();
            for pair in all[before..].windows(2) {
                let ended = pair[0].over(Duration::from_millis(sink_ms));
                let pause = pair[1].at.saturating_sub(ended);
                let (wrong, headline) = if pause < retry * 9 / 10 {
                    ("busy-loop", "A call is repeated without its pause.")
                } else if pause > retry + SLACK {
                    ("repeats-late", "A call is repeated long after RETRY_MS.")
                } else {
                    continue;
                };
                let failure = Failure::new(wrong, headline)
                    .sent(format!("15 lines, {during}"))
                    .got(format!("the next call after {} ms", pause.as_millis()))
                    .expected(format!("after {retry_ms} ms"));
                // A call that hangs may have begun, for the program, so much before it arrived.
                let room = match wrong {
                    "busy-loop" => retry.saturating_sub(pause),
                    _ => SLACK,
                };
                return Err(failure.by_clock(room).into());
            }
            if hangs {
                // Not in the middle of a call that will be answered by nobody.
                let idle = || shipper.server.in_flight() == 0;
                wait_until(patience, idle).await;
            }
            shipper.server.heal();
            let known = shipper.server.calls().len();
            let limit = patience.saturating_sub(begun.elapsed());
            shipper.arrives(limit, &during, "gives-up").await?;
            // The store may have had the lines before; the next fault must not meet their repetition.
            let is_over =
                |server: &Upstream| server.calls().len() > known && server.in_flight() == 0;
            shipper.server.wait_until(patience, is_over).await;
        }
    }
    Ok(())
}

/// Lines that the store refuses for now, and lines that it will never take.
pub async fn items(context: &CheckContext) -> CheckResult {
    let mut log = Log::new(context)?;
    log.write(2)?;
    let mut shipper = Shipper::begin(context, Settings::USUAL, log).await?;
    let during = "of which the store refuses some for now or for ever";
    let retry = Duration::from_millis(shipper.settings.retry_ms);
    let retries = retry * 4 + SLACK;
    for (word, lost) in [
        ("later-429", "ignores-item-errors"),
        ("never-400", "stuck-at-bad-line"),
        ("later-503", "ignores-item-errors"),
        ("never-500", "stuck-at-bad-line"),
    ] {
        shipper.log.write(3)?;
        shipper.log.write_with(word)?;
        shipper.log.write(4)?;
        shipper.arrives(retries, during, lost).await?;
        shipper.log.write(2)?;
        shipper
            .arrives(retries, during, "stuck-at-bad-line")
            .await?;
    }
    let sent = shipper.sink.sent();
    for (word, most, wrong, headline) in [
        (
            "never-",
            1,
            "stuck-at-bad-line",
            "A line that will never be taken is sent again.",
        ),
        (
            "",
            1,
            "repeats-good-items",
            "A line that the store has is sent again.",
        ),
    ] {
        let lines = shipper.log.lines.iter().filter(|line| line.contains(word));
        let lines = lines.filter(|line| !line.contains("later-"));
        let times = |line: &&String| sent.iter().filter(|sent| sent.message == **line).count();
        if let Some(line) = lines.clone().find(|line| times(line) > most) {
            return Err(Failure::new(wrong, headline)
                .sent(format!("{} lines, {during}", shipper.log.lines.len()))
                .got(format!("{line:?} was sent {} times", times(&line)))
                .expected("those with status 429 or 503, and no others, again")
                .into());
        }
    }
    let calls = shipper.server.calls();
    for line in shipper
        .log
        .lines
        .iter()
        .filter(|line| line.contains("later-"))
    {
        let with_it = sent.iter().filter(|sent| sent.message == *line);
        let with_it: Vec<_> = with_it.map(|sent| &calls[sent.call as usize]).collect();
        let too_soon = |pair: &&[&Call]| pair[1].at < pair[0].over(SLACK) + retry * 9 / 10;
        if let Some(pair) = with_it.windows(2).find(too_soon) {
            let pause = pair[1].at.saturating_sub(pair[0].over(SLACK));
            let headline = "A line that was refused for now is sent again without a pause.";
            return Err(Failure::new("busy-loop", headline)
                .sent(format!("{line:?}"))
                .got(format!("again after {} ms", pause.as_millis()))
                .expected(format!("again after {} ms", retry.as_millis()))
                .into());
        }
    }
    Ok(())
}

/// Killed in the middle of a call, twice: the store has its lines, or does not.
pub async fn crash(context: &CheckContext) -> CheckResult {
    let mut log = Log::new(context)?;
    log.write(90)?;
    let mut shipper = Shipper::begin(context, Settings::USUAL, log).await?;
    let limit = context.start_limit();
    shipper
        .arrives(limit, "there at the start", "loses-lines")
        .await?;
    for has_it in [true, false] {
        sleep(Duration::from_millis(300)).await;
        let before = shipper.sink.sent().len();
        let gate = Gate::shut();
        let fault = if has_it {
            Fault::CutBody
        } else {
            Fault::Hold(gate.clone())
        };
        shipper.server.inject(When::Always, fault);
        let calls = shipper.server.calls().len();
        shipper.log.write(15)?;
        let asked = |shipper: &Shipper| shipper.server.calls().len() > calls;
        wait_until(shipper.flush() + SLACK * 2, || asked(&shipper)).await;
        shipper.program.kill().await;
        shipper.server.heal();
        gate.open();
        shipper.log.write(6)?;
        shipper.restart(context)?;
        let limit = context.start_limit();
        let during = "SIGKILL in the middle of a call, and a new start";
        shipper.arrives(limit, during, "loses-lines").await?;
        shipper.repeats_little(before, during)?;
    }
    Ok(())
}
