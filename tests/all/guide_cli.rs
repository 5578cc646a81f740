//! `ddlab lab experiment` and `ddlab lab challenge`, black box: what a reader on a line printer sees, and what
//! scripts rely on.

use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn ddlab(data: &Path, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ddlab"))
        .arg("lab")
        .args(args)
        .env("DDLAB_DATA", data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program was built for this test");
    let mut stdin = child.stdin.take().expect("it was piped");
    // A program that has no more to ask may have closed it.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the program prints UTF-8")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

const TAIL: &str = "scatter-gather/the-tail-is-the-request";
const MACHINE: &str = "scatter-gather/one-slow-machine";

#[test]
fn an_experiment_asks_runs_and_shows_by_how_much_one_was_off() {
    let data = folder();
    let output = ddlab(data.path(), &["experiment", TAIL], "nonsense\n1 0.5..2\n\n");
    let told = text(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{told}{}",
        text(&output.stderr)
    );
    for wanted in [
        "does not begin with a number",
        "predicted  1 %",
        "x too low",
        "your range 0.5 % to 2 %: missed it",
        "Most people say 1 %",
        "Done.",
    ] {
        assert!(told.contains(wanted), "no `{wanted}` in\n{told}");
    }
    assert!(!told.contains('\u{1b}'));
}

#[test]
fn an_input_that_ends_early_is_said_and_told_by_the_status() {
    let data = folder();
    let output = ddlab(data.path(), &["experiment", TAIL], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("The input has ended."));
}

#[test]
fn as_json_an_experiment_gives_predictions_beside_measurements() {
    let data = folder();
    let output = ddlab(data.path(), &["experiment", TAIL, "--json"], "10 %\n");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let result: Value = serde_json::from_slice(&output.stdout).expect("one JSON value");
    let first = &result["predictions"][0];
    assert_eq!(
        (&result["finished"], &first["id"]),
        (&true.into(), &"slow-at-100".into())
    );
    assert_eq!(first["predicted"], 0.1);
    let measured = first["measured"].as_f64().expect("a number");
    assert!((0.5..0.75).contains(&measured), "{measured}");
    assert_eq!(result["predictions"][1]["predicted"], Value::Null);
    assert!(result["measured"]["ten_slow"].is_number());
}

#[test]
fn a_challenge_prints_each_condition_and_its_medal() {
    let data = folder();
    let par = ["policy=hedge", "hedge_after=21ms", "hedge_budget=5%"];
    let set = par.iter().flat_map(|set| ["--set", set]);
    let args: Vec<&str> = ["challenge", MACHINE].into_iter().chain(set).collect();
    let output = ddlab(data.path(), &args, "");
    let told = text(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{told}{}",
        text(&output.stderr)
    );
    assert!(told.contains("Medal: gold"), "{told}");

    let output = ddlab(
        data.path(),
        &["challenge", MACHINE, "--json", "--set", "policy=redundant"],
        "",
    );
    assert_eq!(output.status.code(), Some(1));
    let score: Value = serde_json::from_slice(&output.stdout).expect("one JSON value");
    assert_eq!(score["medal"], Value::Null);
    let missed = score["conditions"].as_array().expect("a list");
    let extra = |row: &&Value| row["name"] == "extra" && row["of"] == "slo";
    assert_eq!(
        missed.iter().find(extra).expect("it is asked")["met"],
        false
    );
    assert_eq!(score["worlds"].as_array().map(Vec::len), Some(3));
}

#[test]
fn settings_of_a_challenge_may_be_typed() {
    let data = folder();
    let typed = "hint\narrival_rps=1\npolicy=deadline deadline=40ms\nrun\n";
    let output = ddlab(data.path(), &["challenge", MACHINE], typed);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{told}");
    for wanted in [
        "1 of 3:",
        "is given in this challenge",
        "Medal: no medal",
        "the trap a tight deadline",
    ] {
        assert!(told.contains(wanted), "no `{wanted}` in\n{told}");
    }
}

#[test]
fn a_name_that_is_not_there_names_the_nearest() {
    let data = folder();
    for (args, nearest) in [
        (
            ["experiment", "scatter-gather/the-tail"],
            "the-tail-is-the-request",
        ),
        (["challenge", "scatter-gather/one-slow"], "one-slow-machine"),
        (["experiment", "scatter/x"], "scatter-gather"),
        (["experiment", "scatter-gather"], "LAB/ID"),
    ] {
        let output = ddlab(data.path(), &args, "");
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(nearest), "{told}");
    }
}

#[test]
fn show_lists_what_there_is() {
    let data = folder();
    let output = ddlab(data.path(), &["show", "scatter-gather", "--json"], "");
    let spec: Value = serde_json::from_slice(&output.stdout).expect("one JSON value");
    assert_eq!(spec["experiments"][0]["id"], "the-tail-is-the-request");
    assert_eq!(spec["challenges"][0]["turn"][0]["knob"], "policy");
    let output = ddlab(data.path(), &["show", "scatter-gather"], "");
    assert!(text(&output.stdout).contains("Challenges (ddlab lab challenge scatter-gather/ID)"));
}
