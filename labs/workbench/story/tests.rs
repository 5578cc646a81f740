use super::*;
use crate::scatter_gather::LAB;
use crate::workbench::lab::Lab;
use crate::workbench::plan::RunPlan;
use crate::workbench::session::Session;

/// What is said of scatter/gather after so many seconds of this script.
fn story(set: &[&str], script: &[&str], seconds: u64) -> Vec<Line> {
    let mut plan = RunPlan::new(&LAB, 7);
    for setting in set {
        plan.knobs.set_text(setting).expect("it is a setting");
    }
    for done in script {
        plan.script_text(done).expect("it is an intervention");
    }
    let mut session = Session::start(plan);
    session.advance(SimTime::from_secs(seconds), u64::MAX);
    lines(&session.frame(), LAB.spec())
}

fn place(lines: &[Line], words: &str) -> usize {
    let found = lines.iter().position(|line| line.text.contains(words));
    found.unwrap_or_else(|| panic!("no `{words}` in {lines:#?}"))
}

#[test]
fn a_calm_run_has_no_story() {
    assert_eq!(story(&[], &[], 30), []);
}

#[test]
fn a_slow_leaf_is_reported_from_what_was_done_to_what_got_slow_and_well_again() {
    let lines = story(&[], &["15s:slow=3", "30s:recover=3"], 45);
    let done = place(&lines, "you: slow=3");
    let slow = place(&lines, "latency p99 rises from");
    let cured = place(&lines, "you: recover=3");
    let well = place(&lines, "latency p99 is back at");
    assert!(done < slow && slow < cured && cured < well, "{lines:#?}");
    assert!(lines.is_sorted_by_key(|line| line.at));
    assert!(lines.len() <= LINES_MAX);
}

#[test]
fn a_budget_that_runs_dry_is_shown_with_its_moment() {
    let set = [
        "policy=hedge",
        "hedge_after=60ms",
        "hedge_budget=0.01",
        "arrival_rps=100",
    ];
    let lines = story(&set, &["15s:slow=3"], 40);
    let dry = &lines[place(&lines, "hedges refused")];
    assert!(dry.text.contains("the budget did not allow"), "{dry:?}");
    assert!(dry.at >= SimTime::from_secs(14), "{dry:?}");
}

#[test]
fn an_overload_names_what_is_full() {
    let set = [
        "service=const:10ms",
        "slots=1",
        "replicas=1",
        "arrival_rps=50",
    ];
    let lines = story(&set, &["15s:burst=200"], 40);
    let full = &lines[place(&lines, "leaf utilization")];
    assert_eq!(full.kind, LineKind::Full);
}
