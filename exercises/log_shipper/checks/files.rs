//! What is read: appended lines, half lines, files that are rotated.

use crate::harness::conduct;
use crate::harness::context::CheckContext;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::verdict::{CheckResult, Failure};
use crate::log_shipper::shipper::{EQUAL, Log, SLACK, Settings, Shipper};
use rand::RngExt;
use std::time::Duration;
use tokio::time::sleep;

pub async fn ships(context: &CheckContext) -> CheckResult {
    let mut log = Log::new(context)?;
    log.write(47)?;
    let mut shipper = Shipper::begin(context, Settings::USUAL, log).await?;
    let limit = context.start_limit();
    shipper
        .arrives(limit, "there at the start", "loses-lines")
        .await?;
    for count in [1, 60, 3] {
        shipper.log.write_equal()?;
        shipper.log.write(count)?;
        let limit = shipper.flush() + SLACK;
        let during = format!("the last {count} of them just appended");
        shipper.arrives(limit, &during, "loses-lines").await?;
    }
    let equal = shipper
        .sink
        .has()
        .iter()
        .filter(|line| *line == EQUAL)
        .count();
    if equal != 3 {
        let headline = "Lines that say the same are not a document each.";
        return Err(Failure::new("id-not-unique", headline)
            .sent(format!("{EQUAL:?} as three lines of one file"))
            .got(format!("{equal} documents in the store"))
            .expected("three, each with an _id of its own")
            .into());
    }
    // Nobody answers what is under way.
    shipper.server.inject(When::Always, Fault::Hang);
    shipper.log.write(3)?;
    let busy = |server: &Upstream| server.in_flight() > 0;
    shipper
        .server
        .wait_until(shipper.flush() + SLACK, busy)
        .await;
    conduct::stops(shipper.program).await
}

/// The second half comes long after the first, which ends in the middle of a character.
pub async fn half_lines(context: &CheckContext) -> CheckResult {
    let mut log = Log::new(context)?;
    log.write(5)?;
    let mut shipper = Shipper::begin(context, Settings::USUAL, log).await?;
    let line = "a line with ü in the middle, written in two pieces";
    let inside_a_character = line.find('ü').unwrap_or(0) + 1;
    for (nr, bytes) in [inside_a_character, 6, line.len()].into_iter().enumerate() {
        let line = format!("{line} {nr}");
        shipper.log.begin_line(&line, bytes)?;
        sleep(shipper.flush() * 3).await;
        let during = format!("of which the last one has no end yet, {bytes} bytes of it");
        shipper.arrives(SLACK, &during, "loses-lines").await?;
        shipper.log.end_line(bytes)?;
        shipper.log.write(1)?;
        let limit = shipper.flush() + SLACK;
        let during = "after the rest of a line was written";
        shipper.arrives(limit, during, "loses-lines").await?;
    }
    Ok(())
}

/// Twice; the service goes on with the old file for nearly `ROTATE_MS`, and with a line that has no end yet.
pub async fn rotation(context: &CheckContext) -> CheckResult {
    let mut log = Log::new(context)?;
    log.write(12)?;
    let settings = Settings {
        rotate_ms: context.rng("times").random_range(130..=160) * 10,
        ..Settings::USUAL
    };
    let mut shipper = Shipper::begin(context, settings, log).await?;
    let rotate = Duration::from_millis(shipper.settings.rotate_ms);
    for nr in 0..2 {
        let line = format!("a line that is under way while rotation {nr} happens");
        shipper.log.begin_line(&line, 10)?;
        shipper.log.rotate()?;
        sleep(rotate / 4).await;
        shipper.log.end_line(10)?;
        shipper.log.write(3)?;
        sleep(rotate / 2).await;
        shipper.log.write(2)?;
        let limit = shipper.flush() + rotate + SLACK;
        if nr < 1 {
            let during = "the last of them to a file that was rotated, which the service has open";
            shipper
                .arrives(limit, during, "leaves-rotated-file")
                .await?;
        }
        shipper.log.reopen()?;
        shipper.log.write(8)?;
        let during = "the last of them to the new app.log";
        shipper.arrives(limit, during, "misses-rotation").await?;
    }
    Ok(())
}

/// Killed with everything confirmed but half a line; then it is rotated until numbers have two digits, once
/// with a line that never ends.
pub async fn rotated_while_down(context: &CheckContext) -> CheckResult {
    const ROTATIONS: u32 = 11;
    let mut log = Log::new(context)?;
    log.write(50)?;
    log.begin_line("a line that ends while the program is away", 10)?;
    let settings = Settings {
        rotate_ms: 150,
        ..Settings::USUAL
    };
    let mut shipper = Shipper::begin(context, settings, log).await?;
    let limit = context.start_limit();
    shipper
        .arrives(limit, "there at the start", "loses-lines")
        .await?;
    // So that the state is written.
    sleep(Duration::from_millis(300)).await;
    shipper.program.kill().await;
    let before = shipper.sink.sent().len();
    shipper.log.end_line(10)?;
    for nr in 0..ROTATIONS {
        shipper.log.write(3)?;
        if nr == 4 {
            let line = "a line in which the service was killed";
            shipper.log.begin_line(line, 20)?;
        }
        shipper.log.rotate()?;
        shipper.log.reopen()?;
    }
    shipper.log.write(11)?;
    shipper.restart(context)?;
    let rotate = Duration::from_millis(shipper.settings.rotate_ms);
    let limit = context.start_limit() + rotate * ROTATIONS + SLACK;
    let during = "eleven rotations while the program was killed and away";
    shipper.arrives(limit, during, "misses-rotation").await?;
    shipper.repeats_little(before, during)
}
