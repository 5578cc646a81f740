//! A batch: its map takes as long as in its lab, backups pay, and the payment waits for the barrier.

use super::paired::{Figure, Paired};
use super::{Tamper, get, is_found_out_in, lab_of, run, seconds, value};
use ddlab_labs::workbench::frame::Statistic;

fn settlement(parameters: &str, faults: &str) -> String {
    format!(
        "design: d\nclients: {{users: {{rps: 1, calls: [{{to: bank}}]}}}}\n\
         components:\n  bank: {{kind: external, error_ratio: 0, latency: \"const:20ms\"}}\n\
         \x20 settlement: {{kind: batch, calls: [{{to: bank}}], {parameters}}}\nfaults: [{faults}]\n"
    )
}

#[test]
fn its_map_takes_as_long_as_in_the_lab_with_backups_and_without() {
    for (speculative, deviation) in [("off", 1_600.0), ("1.5", 740.0)] {
        let paired = Paired {
            design: &settlement(&format!("speculative: {speculative}, night_every: 1m"), ""),
            lab: "coordinated-batch",
            set: &["night_every=1m", &format!("speculative={speculative}")],
            script: &[],
            length: 590,
            warmup: 0,
        };
        paired.agree(&[Figure {
            ours: "settlement_map_ms",
            theirs: "map_ms",
            statistic: Statistic::Mean,
            apart: 0.0,
            deviation,
        }]);
    }
}

#[test]
fn one_slow_worker_holds_the_night_up_and_a_backup_ends_it_sooner() {
    let fault = "{at: 1s, do: slow, what: settlement worker 3, by: 20x}";
    let makespan = |speculative: &str| {
        let parameters = format!("straggler_ratio: 0, speculative: {speculative}");
        let report = run(seconds(lab_of(&settlement(&parameters, fault)), 1, 280));
        get(&report, "settlement_makespan_ms", Statistic::Max)
    };
    let (waits, backs_up) = (makespan("off"), makespan("1.5"));
    assert!(waits > 1.5 * backs_up, "{waits} and {backs_up}");
}

#[test]
fn workers_that_die_lose_nothing_and_every_task_is_paid() {
    let lab = lab_of(&settlement("crash_ratio: 5%", ""));
    let report = run(seconds(lab, 1, 590));
    assert!((value(&report, "settlement_nights_total") - 2.0).abs() < 0.5);
    // Twenty tasks a night, and the users' own calls.
    assert!(value(&report, "bank_answered_total") > 500.0);
    assert!(value(&report, "settlement_wasted_work_ratio") > 0.0);
}

#[test]
fn a_stage_that_ends_without_one_of_its_tasks_is_found_out() {
    is_found_out_in(
        &settlement("", ""),
        Tamper::ForgetTasks,
        "a stage of a batch",
    );
}
