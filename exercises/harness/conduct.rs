//! How a program behaves as a process: it lives while it works, and goes when it is asked to.

use super::process::{How, PATIENCE, Program};
use super::verdict::{CheckResult, Diagnosis, Failure};

/// A failure if the program has ended; `doing` says what it was to do.
pub async fn lives(program: &mut Program, doing: &str) -> CheckResult {
    let Some(ended) = program.ended() else {
        return Ok(());
    };
    let headline = format!("The program {} under way.", ended.in_words());
    let mut failure = Failure::new(Diagnosis("exited-under-way"), headline)
        .sent(doing)
        .got(format!("it {}", ended.in_words()))
        .expected("a program that goes on")
        .why("What goes wrong must cost that piece of work, not the process");
    failure.program = program.transcript().await.excerpt(4, 5);
    Err(failure.into())
}

/// SIGTERM, and a failure if it does not go within the patience, or leaves processes behind.
pub async fn stops(mut program: Program) -> CheckResult {
    let stopped = program.stop().await;
    let failure = match stopped.how {
        How::Asked => return Ok(()),
        How::LeftBehind(left) => Failure::new(
            Diagnosis("leaves-processes"),
            "The program stopped, but left processes behind.",
        )
        .got(format!(
            "{left} of its processes lived on and had to be killed"
        ))
        .why("Each restart would leave another one, holding its memory and its port"),
        How::Killed => Failure::new(
            Diagnosis("ignores-sigterm"),
            "The program did not stop on SIGTERM.",
        )
        .got(format!("still alive after {} ms", stopped.took.as_millis()))
        .why("Kubernetes sends SIGTERM, waits, and kills: what was in flight is lost")
        .by_clock(PATIENCE),
    };
    Err(failure
        .sent("SIGTERM")
        .expected("gone within 2 s, with all of its processes")
        .into())
}
