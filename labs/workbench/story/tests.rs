use super::*;
use crate::scatter_gather::LAB;
use crate::trial::{frame_at, plan_of};
use crate::workbench::lab::Lab;
use crate::workbench::plan::RunPlan;
use crate::workbench::session::Session;

/// What is said of scatter/gather after so many seconds of this script.
fn story(words: &str, seconds: u64) -> Vec<Line> {
    let mut session = Session::start(plan_of(&LAB, 7, seconds, words));
    lines(&frame_at(&mut session, seconds), LAB.spec())
}

fn place(lines: &[Line], words: &str) -> usize {
    let found = lines.iter().position(|line| line.text.contains(words));
    found.unwrap_or_else(|| panic!("no `{words}` in {lines:#?}"))
}

#[test]
fn a_calm_run_has_no_story() {
    assert_eq!(story("", 30), []);
}

#[test]
fn a_slow_leaf_is_reported_from_what_was_done_to_what_got_slow_and_well_again() {
    let lines = story("15s:slow=3 30s:recover=3", 45);
    let done = place(&lines, "you: slow=3");
    let slow = place(&lines, "latency p99: up from");
    let cured = place(&lines, "you: recover=3");
    let well = place(&lines, "latency p99: back at");
    assert!(done < slow && slow < cured && cured < well, "{lines:#?}");
    assert!(lines.is_sorted_by_key(|line| line.at));
    assert!(lines.len() <= LINES_MAX);
}

#[test]
fn a_budget_that_runs_dry_is_shown_with_its_moment() {
    let set = "policy=hedge hedge_after=60ms hedge_budget=0.01 arrival_rps=100";
    let lines = story(&format!("{set} 15s:slow=3"), 40);
    let dry = &lines[place(&lines, "hedges refused")];
    assert!(dry.text.contains("the budget did not allow"), "{dry:?}");
    assert!(dry.at >= SimTime::from_secs(14), "{dry:?}");
}

#[test]
fn an_overload_names_what_is_full() {
    let set = "service=const:10ms slots=1 replicas=1 arrival_rps=50";
    let lines = story(&format!("{set} 15s:burst=200"), 40);
    let full = &lines[place(&lines, "leaf utilization")];
    assert_eq!(full.kind, LineKind::Full);
}

#[test]
fn what_a_steady_run_does_all_the_time_is_no_story() {
    for lab in ["faas", "replicated", "ambassador", "sharded"] {
        for seed in 1..=3 {
            let lines = calm(lab, seed, 62);
            let late: Vec<_> = lines
                .iter()
                .filter(|line| line.at.as_secs_f64() > 5.0)
                .collect();
            assert!(late.is_empty(), "{lab} {seed}: {late:#?}");
        }
    }
}

#[track_caller]
fn is_one_line_with_its_count(lines: &[Line], begins: &str, holds: &str) {
    let such = lines.iter().filter(|line| line.text.starts_with(begins));
    let such: Vec<&str> = such.map(|line| line.text.as_str()).collect();
    assert!(
        matches!(such[..], [line] if line.contains(holds) && line.ends_with(" times")),
        "{such:?}"
    );
}

#[test]
fn what_comes_and_goes_is_one_line_with_its_count() {
    let lines = calm("event-pipeline", 1, 62);
    is_one_line_with_its_count(&lines, "late dropped", "up from 0 a second");
}

#[test]
fn a_queue_that_grows_all_the_while_has_a_line_though_nothing_was_done() {
    for seconds in [62, 100] {
        let lines = calm("work-queue", 1, seconds);
        let grows = &lines[place(&lines, "queue depth: grows all the while, from")];
        assert_eq!(grows.kind, LineKind::Headline);
    }
}

#[test]
fn a_cure_has_one_line() {
    let lines = story("straggler=3 30s:policy=hedge", 55);
    let cured = &lines[place(&lines, "latency p99: down from")];
    assert!(cured.at >= SimTime::from_secs(29), "{cured:?}");
    let loads = lines
        .iter()
        .filter(|line| line.text.starts_with("extra load"));
    assert!(loads.count() <= 1, "{lines:#?}");
}

/// What is said of a lab with its defaults, to which nobody does anything.
fn calm(lab: &str, seed: u64, seconds: u64) -> Vec<Line> {
    let lab = crate::find(lab).expect("it is in the registry");
    let mut session = Session::start(RunPlan::new(lab, seed));
    session.advance(SimTime::from_secs(seconds), u64::MAX);
    lines(&session.frame(), lab.spec())
}

/// What is said of a lab after this script.
fn after(lab: &str, words: &str, seconds: u64) -> Vec<Line> {
    let lab = crate::find(lab).expect("it is in the registry");
    let mut session = Session::start(plan_of(lab, 1, seconds, words));
    lines(&frame_at(&mut session, seconds), lab.spec())
}

#[test]
fn what_was_done_more_than_a_minute_ago_stands_above_what_came_of_it() {
    let lines = after("replicated", "30s:crowd=100", 95);
    let cause = place(&lines, "you: crowd=100");
    let full = place(&lines, "utilization: 100 %, nothing is left");
    assert!(cause < full, "{lines:#?}");
}

#[test]
fn no_effect_stands_before_what_was_done_in_the_same_second() {
    let lines = after("faas", "45.1s:burst=1000", 60);
    let cause = place(&lines, "you: burst=1000");
    assert!(cause < place(&lines, "calls: up from"), "{lines:#?}");
}

#[test]
fn what_the_lab_says_time_and_again_is_one_line_with_its_count() {
    let lines = after("sidecar", "volume_mb=1 rotate_mb=1 10s:sink_down", 60);
    place(&lines, "the volume is full");
    is_one_line_with_its_count(&lines, "overload", "wait for room on the volume");
}

#[test]
fn time_that_is_counted_has_its_unit() {
    let lines = after("election", "20s:pause=1:26s", 50);
    place(
        &lines,
        "split brain: up from 0 ms a second to 1,000 ms a second",
    );
}
