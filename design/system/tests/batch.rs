//! A batch: its map takes as long as in its lab, backups pay, and the payment waits for the barrier.

use super::{get, lab_of, run, seconds, value};
use ddlab_labs::coordinated_batch;
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::headless;
use ddlab_labs::workbench::plan::RunPlan;

fn settlement(parameters: &str, faults: &str) -> String {
    format!(
        "design: d\nclients: {{users: {{rps: 1, calls: [{{to: bank}}]}}}}\n\
         components:\n  bank: {{kind: external, error_ratio: 0, latency: \"const:20ms\"}}\n\
         \x20 settlement: {{kind: batch, calls: [{{to: bank}}], {parameters}}}\nfaults: [{faults}]\n"
    )
}

#[test]
fn its_map_takes_as_long_as_in_the_lab_with_backups_and_without() {
    for speculative in ["off", "1.5"] {
        let lab = lab_of(&settlement(&format!("speculative: {speculative}"), ""));
        let (mut ours, mut theirs) = (0.0, 0.0);
        for seed in super::seeds(3) {
            let report = run(seconds(lab, seed, 590));
            ours += get(&report, "settlement_map_ms", Statistic::Mean);
            let mut plan = RunPlan::new(&coordinated_batch::LAB, seed);
            plan.knobs
                .set_text(&format!("speculative={speculative}"))
                .unwrap();
            plan.length = SimTime::from_secs(590);
            theirs += get(&headless::run(plan).unwrap(), "map_ms", Statistic::Mean);
        }
        assert!(
            (ours / theirs - 1.0).abs() < 0.15,
            "{speculative}: {ours} and {theirs}"
        );
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
