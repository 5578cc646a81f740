//! A queue with its pool is as the lab of the work queue, loses what it must lose and nothing else, and follows its
//! autoscaler.

use super::paired::{Figure, Paired};
use super::{get, is_found_out_in, lab_of, run, seconds, value};
use crate::system::Tamper;
use ddlab_labs::workbench::frame::Statistic;

/// A queue with these parameters, and a pool with those.
fn uploads(rps: u32, queue: &str, pool: &str) -> String {
    format!(
        "design: uploads
clients: {{people: {{rps: {rps}, calls: [{{to: uploads}}]}}}}
components:
  uploads: {{kind: queue, {queue}workers: {{{pool}}}}}
"
    )
}

#[test]
fn a_queue_is_as_its_lab_and_as_theory_says() {
    let text = uploads(15, "", "count: 5, work: \"exp:200ms\"");
    let paired = Paired {
        design: &text,
        lab: "work-queue",
        set: &[
            "arrival_rps=15",
            "workers=5",
            "service=exp:200ms",
            "visibility_timeout=30s",
        ],
        script: &[],
        length: 300,
        warmup: 30,
    };
    let figure = |ours, theirs, deviation| Figure {
        ours,
        theirs,
        statistic: Statistic::Mean,
        apart: 0.0,
        deviation,
    };
    let [sojourn, busy] = paired.agree(&[
        figure("uploads_sojourn_ms", "sojourn_ms", 9.2),
        figure("uploads-workers_utilization", "worker_utilization", 0.02),
    ]);
    let theory = crate::theory::predict(lab_of(&text).design());
    assert!((theory[1].utilization.unwrap() - busy).abs() < 0.04);
    let mean_ms = theory[1].mean_ms.unwrap();
    assert!(
        (sojourn / mean_ms - 1.0).abs() < 0.06,
        "{sojourn} {mean_ms}"
    );
}

#[test]
fn poison_is_put_aside_after_its_deliveries_and_blocks_nobody_for_ever() {
    let lab = lab_of(&uploads(
        20,
        "poison_ratio: 1%, visibility_timeout: 5s, max_receives: 3, ",
        "count: 10, work: \"exp:100ms\", longest: 2s",
    ));
    let report = run(seconds(lab, 1, 120));
    let dead = value(&report, "uploads_dead_lettered_total");
    assert!((10.0..40.0).contains(&dead), "{dead}");
    assert!(value(&report, "uploads_lost_total") < 1.0);
    assert!(value(&report, "uploads_done_total") > 2_200.0);
    assert!(value(&report, "uploads-workers_error_ratio") > 0.02);
}

#[test]
fn a_worker_that_dies_costs_a_delivery_when_it_acknowledges_late_and_the_item_when_early() {
    let of = |ack: &str| {
        let lab = lab_of(&uploads(
            20,
            "visibility_timeout: 3s, ",
            &format!("count: 8, work: \"const:300ms\", ack: {ack}"),
        ));
        let mut plan = seconds(lab, 1, 60);
        for at in (10..50).step_by(4) {
            plan.script_text(&format!("{at}s:crash=2")).unwrap();
            plan.script_text(&format!("{at}s:crash=3")).unwrap();
        }
        let report = run(plan);
        (
            value(&report, "uploads_lost_total"),
            value(&report, "uploads_redelivered_total"),
        )
    };
    let (lost, redelivered) = of("late");
    assert!(lost < 1.0, "{lost}");
    assert!(redelivered > 3.0, "{redelivered}");
    let (lost, redelivered) = of("early");
    assert!(lost > 3.0, "{lost}");
    assert!(redelivered < 1.0, "{redelivered}");
}

#[test]
fn an_autoscaler_sets_how_many_workers_there_are() {
    let lab = lab_of(&uploads(
        20,
        "",
        "count: 2, work: \"exp:200ms\", autoscale: depth, max: 12, scale_poll: 5s, scale_cooldown: 20s",
    ));
    let mut plan = seconds(lab, 1, 300);
    plan.script_text("200s:people_rps=0.1").unwrap();
    let report = run(plan);
    // Two workers do ten items a second: without more, 2,000 would wait.
    let most = get(&report, "uploads_queue_depth", Statistic::Max);
    assert!(most < 400.0, "{most}");
    let workers = |statistic| get(&report, "uploads-workers_machines", statistic);
    assert!(
        workers(Statistic::Max) >= 4.0,
        "{}",
        workers(Statistic::Max)
    );
    assert!(workers(Statistic::Max) <= 12.0);
    assert!(
        workers(Statistic::Last) < 3.0,
        "{}",
        workers(Statistic::Last)
    );
    assert!(value(&report, "uploads_done_total") > 3_700.0);
}

#[test]
fn a_queue_that_loses_items_is_found_out() {
    is_found_out_in(&uploads(20, "", ""), Tamper::LoseItems, "item of a queue");
}

#[test]
fn a_pool_may_be_turned_while_it_runs_and_those_who_leave_finish_their_items() {
    let lab = lab_of(&uploads(
        20,
        "visibility_timeout: 5s, ",
        "count: 10, work: \"exp:200ms\"",
    ));
    let mut plan = seconds(lab, 1, 120);
    for done in [
        "30s:uploads-workers_count=5",
        "60s:uploads-workers_count=12",
    ] {
        plan.script_text(done).unwrap();
    }
    let report = run(plan);
    // An item that is given back unread is not a delivery more; one that was worked on would be.
    assert!(value(&report, "uploads_redelivered_total") < 3.0);
    assert!(value(&report, "uploads_lost_total") < 1.0);
    assert!(value(&report, "uploads_done_total") > 2_200.0);
}

#[test]
fn the_story_says_that_a_queue_grows() {
    let lab = lab_of(&uploads(50, "", "count: 4, work: \"exp:200ms\""));
    let story = crate::why::why(lab, seconds(lab, 1, 60)).unwrap();
    assert!(
        story
            .iter()
            .any(|line| line.text.starts_with("the line before uploads grows")),
        "{story:#?}"
    );
}
