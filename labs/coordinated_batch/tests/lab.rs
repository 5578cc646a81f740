use super::{holds, run, seconds};
use crate::coordinated_batch::world::Tamper;
use crate::coordinated_batch::{CoordinatedBatch, LAB};
use crate::engine::SimTime;
use crate::trial::{broken, broken_in, get, has_all_of, last, near, plan_of, value};
use crate::workbench::frame::{InvariantView, LaneKind, Statistic};
use crate::workbench::headless::Report;
use crate::workbench::session::Session;
use std::time::Duration;

#[test]
fn scripts_address_it_by_these_names() {
    has_all_of(
        &LAB,
        "auctions map_workers reducers task_service straggler_ratio straggler_factor speculative seller_skew salting \
         join commit checkpoint crash_ratio payment_missing_ratio \
         crash slow crash_coordinator restart_coordinator rerun \
         makespan_s stage_s task_ms wasted_work_ratio shuffle_mb reducer_imbalance_ratio reexecuted_total \
         unmatched_total owed_cents paid_cents double_paid_total",
    );
}

/// A night of 20 tasks of a second on ten workers, 1,000 sales: its list is frozen at about three seconds.
const SMALL: &str =
    "auctions=1000 sellers=200 map_tasks=20 straggler_ratio=0 task_service=const:1s";

fn small(more: &str) -> Report {
    run(1, 60, &format!("{SMALL} {more}"))
}

#[track_caller]
fn balances(report: &Report) {
    let paid = value(report, "paid_cents") + value(report, "unmatched_cents");
    let owed = value(report, "owed_cents");
    assert!(owed > 1e6 && (paid - owed).abs() < 0.5, "{paid} {owed}");
}

#[test]
fn money_balances_to_the_cent_whatever_dies() {
    let at = "1s:crash=1 1500ms:slow=2 2500ms:crash=3 2800ms:crash_coordinator 3s:combiner=on \
        4s:restart_coordinator 5s:straggler_factor=3 7s:crash=4 8s:crash_coordinator 30s:rerun";
    for join in ["join=hash", "join=sort_merge", "join=broadcast"] {
        for checkpoint in ["checkpoint=none", "checkpoint=stage", "checkpoint=task"] {
            let set = format!("{join} {checkpoint} speculative=1.5 crash_ratio=0.05");
            let report = small(&format!("{set} {at}"));
            holds(&report);
            balances(&report);
            assert!(value(&report, "reexecuted_total") > 0.5);
            assert!(value(&report, "nights_total") > 0.5);
        }
    }
}

#[test]
fn each_join_salt_and_combiner_comes_to_the_same_payouts() {
    let paid = |more: &str| {
        let report = small(more);
        holds(&report);
        balances(&report);
        (
            value(&report, "paid_cents"),
            value(&report, "paid_total"),
            value(&report, "unmatched_total"),
        )
    };
    let hash = paid("join=hash");
    for more in [
        "join=sort_merge",
        "join=broadcast",
        "salting=4",
        "combiner=on",
        "reducers=1",
    ] {
        assert_eq!(paid(more), hash, "{more}");
    }
}

#[test]
fn a_hash_join_that_does_not_fit_in_memory_reads_its_sales_again_and_a_sort_does_not() {
    let join = |more: &str| seconds(&small(more), "join_ms", Statistic::Mean);
    let none = "payment_missing_ratio=0";
    let room = join(&format!("{none} reducers=1 row_service=1ms"));
    let tight = join(&format!(
        "{none} reducers=1 row_service=1ms join_memory=250"
    ));
    let sorted = join(&format!(
        "{none} reducers=1 row_service=1ms join=sort_merge"
    ));
    // 1,000 sales and payments; four passes; half as much again.
    near(room, 2.0, 0.01);
    near(tight, 5.0, 0.01);
    near(sorted, 3.0, 0.01);
    let same = join(&format!(
        "{none} reducers=1 row_service=1ms join=sort_merge join_memory=250"
    ));
    near(same, sorted, 1e-9);
}

#[test]
fn output_on_the_disk_of_a_worker_that_dies_is_made_again_and_output_in_the_store_is_not() {
    // At 2.5 s the join runs; each worker has done two tasks of the map.
    let again = |checkpoint: &str| {
        let report = small(&format!("{checkpoint} row_service=5ms 2500ms:crash=1"));
        holds(&report);
        (
            value(&report, "reexecuted_total"),
            get(&report, "map_ms", Statistic::Count),
        )
    };
    let (none, maps) = again("checkpoint=none");
    assert!(maps > 1.5, "the job went back to the map");
    for shared in ["checkpoint=stage", "checkpoint=task"] {
        let (again, maps) = again(shared);
        assert!(again < none && maps < 1.5, "{shared}: {again} {maps}");
    }
}

#[test]
fn a_rerun_of_a_night_that_is_over_pays_nobody_but_with_direct() {
    let paid = |commit: &str| {
        let report = small(&format!("{commit} 40s:rerun"));
        (
            value(&report, "double_paid_total"),
            value(&report, "paid_total"),
        )
    };
    assert!(paid("commit=transaction").0 < 0.5);
    assert!(paid("commit=rename").0 < 0.5);
    // What it kept of a night with checkpoint=stage does not hold the payouts.
    let (double, paid) = paid("commit=direct");
    assert!((double * 2.0 - paid).abs() < 0.5, "{double} of {paid}");
}

#[test]
fn a_slow_payer_with_a_backup_pays_twice_unless_the_bank_knows_the_key() {
    let set = "speculative=1.5 speculative_payments=on pay_service=const:200ms";
    let double = |commit: &str| {
        let report = small(&format!("{set} {commit} 500ms:slow=1"));
        assert!(value(&report, "backups_total") > 0.5);
        value(&report, "double_paid_total")
    };
    assert!(double("commit=direct") > 0.5);
    assert!(double("commit=transaction") < 0.5);
}

#[test]
fn a_night_that_takes_longer_than_a_day_leaves_nights_out() {
    let set = "night_every=10s task_service=const:20s";
    let report = run(1, 200, &format!("{SMALL} {set}"));
    // 42 seconds and more for each.
    near(value(&report, "nights_total"), 3.0, 1.5);
    assert!(value(&report, "nights_skipped_total") > 8.0);
}

#[test]
fn workers_that_stay_dead_leave_the_others_their_work() {
    let at = "100ms:crash=1 100ms:crash=2";
    let report = small(&format!("restart_after=off {at}"));
    balances(&report);
    // Eight workers for 20 tasks: three waves, two tasks began anew.
    let map = seconds(&report, "map_ms", Statistic::Mean);
    near(map, 3.0, 0.2);
    assert!(last(&report, "worker_utilization") < 0.01);
}

/// The invariants that a lab with this error breaks.
fn breaks(tamper: Tamper, seconds: u64, more: &str) -> Vec<InvariantView> {
    let lab = Box::leak(Box::new(CoordinatedBatch { tamper }));
    broken(plan_of(lab, 1, seconds, &format!("{SMALL} {more}")))
}

#[test]
fn a_join_that_drops_what_has_no_payment_is_found_out_before_anybody_is_paid() {
    let broken = breaks(Tamper::InnerJoin, 40, "payment_missing_ratio=0.1");
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0].detail.contains("nobody is paid"), "{broken:?}");
}

#[test]
fn a_payer_that_dies_with_direct_is_found_out_with_its_night() {
    let report = small("commit=direct 3200ms:crash=1");
    let broken = broken_in(&report);
    assert_eq!(broken.len(), 3, "{broken:?}");
    assert!(broken[0].detail.contains("owed"), "{broken:?}");
    assert!(broken[1].detail.contains("once more"), "{broken:?}");
    assert!(broken[2].detail.contains("a reader saw"), "{broken:?}");
}

#[test]
fn a_bank_that_forgets_keys_is_found_out() {
    let set = "speculative=1.5 speculative_payments=on pay_service=const:200ms 500ms:slow=1";
    let broken = breaks(Tamper::ForgetKeys, 60, set);
    let is_found = broken.iter().any(|one| one.detail.contains("once more"));
    assert!(is_found, "{broken:?}");
}

#[test]
fn a_pointer_that_is_moved_too_early_is_found_out() {
    let broken = breaks(Tamper::PointEarly, 40, "");
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0].detail.starts_with("a reader saw"), "{broken:?}");
}

#[test]
fn the_timeline_shows_who_did_what_when_with_stragglers_backups_and_what_did_not_count() {
    let set = format!("{SMALL} straggler_ratio=0.3 speculative=1.5");
    let plan = plan_of(&LAB, 1, 60, &format!("{set} 500ms:crash=3"));
    let mut session = Session::start(plan);
    session.advance(SimTime::from_secs(60), u64::MAX);
    let lanes = session.frame().lanes.clone();
    let spans = |kind| {
        let all = lanes.iter().flat_map(|lane| &lane.spans);
        all.filter(move |span| span.kind == kind)
    };
    let stages: Vec<&str> = lanes[0]
        .spans
        .iter()
        .map(|span| span.label.as_str())
        .collect();
    assert_eq!(stages, ["map", "join", "reduce", "commit", "pay"]);
    // Worker 3 dies with what it has in hand, and is back ten seconds later.
    let third = &lanes[3].spans;
    assert_eq!(
        (third[0].kind, third[1].kind),
        (LaneKind::Wasted, LaneKind::Down)
    );
    let down = third[1].to.expect("it is back") - third[1].from;
    assert_eq!(down, Duration::from_secs(10));
    assert!(spans(LaneKind::Straggles).count() + spans(LaneKind::Wasted).count() > 3);
    assert!(spans(LaneKind::Backup).count() > 0);
    for lane in &lanes {
        let pairs = lane.spans.windows(2);
        let in_turn = pairs
            .clone()
            .all(|pair| pair[0].to.is_some_and(|to| to <= pair[1].from));
        assert!(in_turn, "{lane:?}");
    }
}
