//! Checks that hold, fail, break or never end, to see what a grade makes of each.

use ddlab_exercises::harness::context::CheckContext;
use ddlab_exercises::harness::probe::{self, NoReply};
use ddlab_exercises::harness::upstream::fault::{Fault, When};
use ddlab_exercises::harness::upstream::{Reply, Service, UpstreamRequest};
use ddlab_exercises::harness::verdict::{CheckResult, Diagnosis, Failure};
use std::time::Duration;

pub async fn late_while_stalled(_: &CheckContext) -> CheckResult {
    late(Duration::from_millis(10)).await
}

pub async fn late_with_room(_: &CheckContext) -> CheckResult {
    late(Duration::from_hours(1)).await
}

pub async fn panics(_: &CheckContext) -> CheckResult {
    panic!("on purpose")
}

pub async fn never_ends(_: &CheckContext) -> CheckResult {
    std::future::pending().await
}

pub async fn unknown_diagnosis(_: &CheckContext) -> CheckResult {
    Err(Failure::new(Diagnosis("never-announced"), "What is this?").into())
}

pub async fn holds(_: &CheckContext) -> CheckResult {
    Ok(())
}

pub async fn serves(context: &CheckContext) -> CheckResult {
    let mut program = context.start_http(&[], "/healthz").await?;
    match program.get("/", Duration::from_secs(3)).await {
        Ok(_) => program.stop().await,
        Err(no_reply) => Err(program.explain("GET /", no_reply).await.into()),
    }
}

/// Convicts by a clock that left this much room, while the whole grader stands still for 50 ms.
async fn late(room: Duration) -> CheckResult {
    tokio::time::sleep(Duration::from_millis(20)).await;
    let begun = std::time::Instant::now();
    while begun.elapsed() < Duration::from_millis(50) {
        std::hint::spin_loop();
    }
    tokio::time::sleep(Duration::from_millis(20)).await;
    Err(Failure::new(Diagnosis("no-answer"), "Too late.")
        .by_clock(room)
        .into())
}

/// A frozen program is silent and comes back; a killed one does not.
pub async fn pauses(context: &CheckContext) -> CheckResult {
    let mut program = context.start_http(&[], "/healthz").await?;
    program.program.pause();
    let frozen = program.get("/", Duration::from_millis(100)).await;
    assert_eq!(frozen.expect_err("it is frozen"), NoReply::TimedOut);
    program.program.resume();
    let back = program.get("/", Duration::from_secs(3)).await;
    assert_eq!(back.expect("it is back").status, 200);
    program.program.pause();
    program.program.kill().await;
    let dead = program.get("/", Duration::from_secs(3)).await;
    assert_eq!(dead.expect_err("it is dead"), NoReply::Refused);
    Ok(())
}

#[derive(Debug)]
struct Silent;

impl Service for Silent {
    fn answer(&self, _: &UpstreamRequest) -> Reply {
        Reply::json(&())
    }
}

pub async fn fault_unmet(context: &CheckContext) -> CheckResult {
    let upstream = context.upstream("the store", Silent).await?;
    upstream.inject(When::Always, Fault::Hang);
    Ok(())
}

/// Finds a mistake of order: a call, a fault, a call; and one that is about something else.
pub async fn calls_twice(context: &CheckContext) -> CheckResult {
    let store = context.upstream("the store", Silent).await?;
    let limit = Duration::from_secs(3);
    let call = async |path: &str| probe::get(&format!("{}{path}", store.url()), limit).await;
    let _ = call("/lots/7?bid=1").await;
    let _ = call("/lots/8").await;
    store.inject(When::Path("/lots/7".to_owned()), Fault::Status(503));
    let _ = call("/lots/7").await;
    store.heal();
    Err(Failure::new(Diagnosis("no-answer"), "It called twice.")
        .in_order(&["/lots/7"])
        .into())
}
