//! A function: held against its lab and its theory, cold after a deployment, within its limit.

use super::paired::{Figure, Paired};
use super::{Tamper, get, is_found_out_in, lab_of, run, seconds, value};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::Statistic;

fn thumbs(rps: f64, parameters: &str, rest: &str) -> String {
    format!(
        "design: d\nclients: {{users: {{rps: {rps}, calls: [{{to: thumbs, timeout: 1m}}]}}}}\n\
         components: {{thumbs: {{kind: function, {parameters}}}}}\n{rest}"
    )
}

/// Holds this function against its lab: calls that were cold and calls that were refused, each with its deviation.
#[track_caller]
fn is_as_its_lab(rps: f64, parameters: &str, set: &[&str], length: u64, deviations: [f64; 2]) {
    let paired = Paired {
        design: &thumbs(rps, parameters, ""),
        lab: "faas",
        set,
        script: &[],
        length,
        warmup: 0,
    };
    let figure = |ours, theirs, deviation| Figure {
        ours,
        theirs,
        statistic: Statistic::Value,
        apart: 0.0,
        deviation,
    };
    let [cold, throttled] = deviations;
    paired.agree(&[
        figure("thumbs_cold_ratio", "cold_ratio", cold),
        figure("thumbs_throttled_ratio", "refused_ratio", throttled),
    ]);
}

#[test]
fn one_instance_is_cold_as_often_as_in_the_lab() {
    let set = ["arrival_rps=0.05", "keep_alive=12s"];
    is_as_its_lab(0.05, "keep_alive: 12s", &set, 8_000, [0.038, 0.0]);
}

#[test]
fn a_function_at_its_limit_refuses_as_often_as_in_the_lab() {
    let set = [
        "arrival_rps=100",
        "concurrency_limit=12",
        "duration=exp:100ms",
    ];
    let parameters = "concurrency_limit: 12, duration: \"exp:100ms\"";
    is_as_its_lab(100.0, parameters, &set, 120, [0.0001, 0.0076]);
}

#[test]
fn where_calls_are_rare_theory_says_how_many_are_cold() {
    let text = thumbs(0.05, "keep_alive: 12s", "");
    let design = crate::read(&text).design.unwrap();
    let predicted = crate::theory::predict(&design)[0].also[0];
    assert_eq!(predicted.0, "cold");
    let lab = lab_of(&text);
    let cold = super::mean_over_seeds(lab, 8_000, |report| value(report, "thumbs_cold_ratio"));
    assert!(
        (cold - predicted.1).abs() < 0.03,
        "{cold} and {}",
        predicted.1
    );
}

#[test]
fn calls_in_progress_are_rate_times_duration() {
    let lab = lab_of(&thumbs(50.0, "duration: \"const:200ms\"", ""));
    let calls = super::mean_over_seeds(lab, 200, |report| {
        get(report, "thumbs_concurrency", Statistic::Mean)
    });
    assert!((calls / 10.0 - 1.0).abs() < 0.03, "{calls}");
}

#[test]
fn a_deployment_makes_all_of_it_cold_and_the_story_says_so() {
    let text = thumbs(
        50.0,
        "cold_start: \"const:4s\", duration: \"const:100ms\"",
        "faults: [{at: 60s, do: deploy, what: thumbs}]\n",
    );
    let lab = lab_of(&text);
    let mut plan = seconds(lab, 1, 90);
    plan.warmup = SimTime::from_secs(30);
    let cold = value(&run(plan), "thumbs_cold_ratio");
    // Four seconds of calls, of sixty.
    assert!((0.04..0.12).contains(&cold), "{cold}");
    let story = crate::why::why(lab, seconds(lab, 1, 90)).unwrap();
    let found = story
        .iter()
        .find(|line| line.text.contains("thumbs is cold"));
    let at = found.unwrap_or_else(|| panic!("{story:#?}")).at;
    assert!(
        (60..65).contains(&(at.0 / 1_000_000_000)) || at < SimTime::from_secs(10),
        "{at:?}"
    );
}

#[test]
fn an_asynchronous_call_is_answered_at_once_and_tried_until_it_is_done() {
    let lab = lab_of(&thumbs(
        20.0,
        "invocation: async, concurrency_limit: 3, duration: \"const:100ms\"",
        "faults: [{at: 10s, do: crowd, by: 5x, for: 10s}]\n",
    ));
    let report = run(seconds(lab, 1, 300));
    assert!(get(&report, "users_latency_ms", Statistic::Max) < 5.0);
    assert!(value(&report, "thumbs_throttled_ratio") > 0.1);
    assert!(value(&report, "thumbs_dropped_total") < 0.5);
    assert!(get(&report, "thumbs_event_delay_ms", Statistic::Max) > 1_000.0);
}

#[test]
fn a_platform_that_ignores_its_limit_is_found_out() {
    is_found_out_in(
        &thumbs(100.0, "concurrency_limit: 5", ""),
        Tamper::IgnoreLimit,
        "instances of a function",
    );
}

#[test]
fn a_deployment_befalls_functions_alone_and_nothing_undoes_it() {
    let problem = |fault: &str| {
        let read = crate::read(&format!(
            "design: d\nclients: {{users: {{calls: [{{to: f}}, {{to: s}}]}}}}\n\
             components: {{f: {{kind: function}}, s: {{kind: service}}}}\nfaults: [{fault}]\n"
        ));
        let mut errors = read.problems.into_iter().filter(crate::Problem::is_error);
        errors
            .next()
            .map(|problem| problem.to_string())
            .unwrap_or_default()
    };
    let to_a_service = problem("{at: 1s, do: deploy, what: s}");
    assert!(
        to_a_service.contains("`deploy` does not befall `s`, a service"),
        "{to_a_service}"
    );
    let for_a_while = problem("{at: 1s, do: deploy, what: f, for: 5s}");
    assert!(
        for_a_while.contains("nothing undoes `deploy`"),
        "{for_a_while}"
    );
    assert_eq!(problem("{at: 1s, do: deploy, what: f}"), "");
}
