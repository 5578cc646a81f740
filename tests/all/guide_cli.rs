//! `ddlab lab experiment` and `ddlab lab challenge`, black box: what a reader on a line printer sees, and what
//! scripts rely on.

use crate::support::program::{Program, ddlab};
use serde_json::Value;

const TAIL: &str = "lab experiment scatter-gather/the-tail-is-the-request";
const MACHINE: &str = "lab challenge scatter-gather/one-slow-machine";

#[test]
fn an_experiment_asks_runs_and_shows_by_how_much_one_was_off() {
    let ran = Program::new().answer(TAIL, "nonsense\n1 0.5..2\n\n");
    ran.plain().ended(0).shows([
        "does not begin with a number",
        "predicted  1 %",
        "x too low",
        "your range 0.5 % to 2 %: missed it",
        "Most people say 1 %",
        "Done.",
    ]);
}

#[test]
fn an_input_that_ends_early_is_said_and_shows_in_the_status() {
    ddlab(TAIL).ended(1).shows(["The input has ended."]);
}

#[test]
fn as_json_an_experiment_gives_predictions_beside_measurements() {
    let ran = Program::new().answer(&format!("{TAIL} --json"), "10 %\n");
    let result = ran.ended(0).json();
    assert_eq!(result["finished"], true);
    let first = &result["predictions"][0];
    assert_eq!(first["id"], "slow-at-100");
    assert_eq!(first["predicted"], 0.1);
    let measured = first["measured"].as_f64().expect("a number");
    assert!((0.5..0.75).contains(&measured), "{measured}");
    assert_eq!(result["predictions"][1]["predicted"], Value::Null);
    assert!(result["measured"]["ten_slow"].is_number());
}

#[test]
fn a_challenge_prints_each_condition_and_its_medal() {
    let par = "--set policy=hedge --set hedge_after=21ms --set hedge_budget=5%";
    let ran = ddlab(&format!("{MACHINE} {par}"));
    ran.ended(0).shows(["Medal: gold"]);
    let ran = ddlab(&format!("{MACHINE} --json --set policy=redundant"));
    let score = ran.ended(1).json();
    assert_eq!(score["medal"], Value::Null);
    let mut conditions = score["conditions"].as_array().expect("a list").iter();
    let extra = conditions.find(|row| row["name"] == "extra" && row["of"] == "slo");
    assert_eq!(extra.expect("it is asked")["met"], false);
    assert_eq!(score["worlds"].as_array().map(Vec::len), Some(3));
}

#[test]
fn settings_of_a_challenge_may_be_typed() {
    let typed = "hint\narrival_rps=1\ndeadline=40ms\nrun\n";
    Program::new().answer(MACHINE, typed).ended(1).shows([
        "1 of 3:",
        "is given in this challenge",
        "Medal: no medal",
        "the trap a tight deadline",
    ]);
}

#[test]
fn a_name_that_is_not_there_names_the_nearest() {
    for (line, nearest) in [
        (
            "experiment scatter-gather/the-tail",
            "the-tail-is-the-request",
        ),
        ("challenge scatter-gather/one-slow", "one-slow-machine"),
        ("experiment scatter/x", "scatter-gather"),
        ("experiment scatter-gather", "LAB/ID"),
    ] {
        ddlab(&format!("lab {line}")).refused([nearest]);
    }
}

#[test]
fn show_lists_what_there_is() {
    let spec = ddlab("lab show scatter-gather --json").json();
    assert_eq!(spec["experiments"][0]["id"], "the-tail-is-the-request");
    assert_eq!(spec["challenges"][0]["turn"][0]["knob"], "policy");
    ddlab("lab show scatter-gather").shows(["Challenges (ddlab lab challenge scatter-gather/ID)"]);
}
