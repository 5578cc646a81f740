//! `ddlab lab`, black box: what scripts and CI rely on.

use crate::support::program::{Program, Ran, ddlab};
use crate::support::{Holds, starts};
use serde_json::Value;
use std::fs;

const SHORT: &str = "run scatter-gather --for 8s --warmup 2s";

fn lab(line: &str) -> Ran {
    ddlab(&format!("lab {line}"))
}

fn short(more: &str) -> Ran {
    lab(&format!("{SHORT} {more}"))
}

fn json(line: &str) -> Value {
    let printed = lab(&format!("{line} --json")).printed();
    serde_json::from_str(&printed).expect("--json prints one JSON value")
}

/// As a screen reader speaks it: a command in, a line out.
#[test]
fn a_lab_is_played_line_by_line() {
    let commands =
        "\n5s\nslow=3\npolicy=hedge\nslow=99\nbogus\n10s\nundo\nwhy\nknobs\nactions\nall\nquit\n";
    let played = Program::new()
        .answer("lab play scatter-gather --plain --seed 7", commands)
        .plain();
    let text = &played.out;
    let said: Vec<&str> = text.lines().filter(|line| line.starts_with("> ")).collect();
    assert!(text.starts_with("Scatter/gather: "), "{text}");
    starts(said[0], "> at 10s: latency_ms p50 ");
    starts(said[1], "> at 15s: ");
    said[1].holds([" ms", "; all invariants hold"]);
    assert_eq!(said[2], "> at 15s: slow leaf 3");
    starts(said[3], "> at 15s: policy is now hedge");
    said[4].holds(["can't take `99`", "`help` lists the commands"]);
    said[5].holds(["there is no action `bogus`"]);
    starts(said[6], "> at 25s: ");
    starts(said[7], "> at 15s: ");
    text.holds([
        "at 15s: you: slow=3",
        "\nfan_out=20: ",
        "\nrecover=7: ",
        "\nholds: ",
        "The same run: ddlab lab run scatter-gather --seed 7 --for 15s --at 15s:slow=3",
    ]);
    text.lacks(["policy=hedge:"]);
    played.ended(0);
}

#[test]
fn a_run_as_json_has_the_promised_shape() {
    let run = json(&format!(
        "{SHORT} --seed 7 --set policy=hedge --at 3s:slow=3"
    ));
    assert_eq!(run["lab"], "scatter-gather");
    assert_eq!(run["seed"], 7);
    assert_eq!(run["virtual_seconds"], 8.0);
    assert_eq!(run["digest"].as_str().map(str::len), Some(16));
    assert_eq!(run["knobs"]["policy"], "hedge");
    assert_eq!(run["knobs"]["fan_out"], 20);
    assert_eq!(run["knobs"]["deadline"], "1s");
    assert_eq!(run["knobs"]["service"], "lognormal:8ms,0.4");
    for (metric, figures) in [
        ("latency_ms", "count mean p50 p90 p95 p99 p999 max"),
        ("leaf_latency_ms", "count mean p50 p90 p95 p99 p999 max"),
        ("leaf_utilization", "last mean min max"),
    ] {
        for figure in figures.split(' ') {
            let value = &run["metrics"][metric][figure];
            assert!(value.is_number(), "{metric}.{figure}: {value}");
        }
    }
    let numbers = "completeness_ratio extra_load_ratio requests_total complete_total partial_total \
                   failed_total hedges_total hedges_won_total cancelled_total";
    for number in numbers.split_whitespace() {
        assert!(run["metrics"][number].is_number(), "{number}");
    }
    let invariants = run["invariants"].as_array().expect("invariants are a list");
    assert_eq!(invariants.len(), 3);
    for invariant in invariants {
        assert_eq!(invariant["held"], true);
        assert_eq!(invariant["first_broken_at_s"], Value::Null);
        assert!(invariant["name"].is_string() && invariant["detail"].is_string());
    }
}

#[test]
fn metrics_are_of_the_time_after_the_warm_up() {
    let counted = |warmup| {
        let run = json(&format!("run scatter-gather --for 8s --warmup {warmup}"));
        let total = &run["metrics"]["requests_total"];
        total.as_f64().expect("a counter is a number")
    };
    assert!(counted("6s") < counted("2s") / 2.0);
}

#[test]
fn two_processes_give_the_same_digest_and_another_seed_another() {
    let digest = |seed: u8| json(&format!("{SHORT} --seed {seed}"))["digest"].clone();
    assert_eq!(digest(7), digest(7));
    assert_ne!(digest(7), digest(8));
}

#[test]
fn a_recorded_run_replays_to_the_same_digest_and_an_edited_one_is_found_out() {
    let home = Program::new();
    let file = home.path("slow.run");
    let record = format!("lab {SHORT} --at 3s:slow=3 --record slow.run");
    home.run(&record).ended(0);
    starts(
        &home.run("lab replay slow.run").printed(),
        "the same run again",
    );
    assert_eq!(home.run("lab replay slow.run --json").json()["same"], true);

    let edit = |from: &str, to: &str| {
        let text = fs::read_to_string(&file).expect("it was saved");
        fs::write(&file, text.replace(from, to)).expect("it can be edited");
        home.run("lab replay slow.run")
    };
    let edited = edit("slow=3", "slow=4").ended(1);
    edited.shows(["up to 2.4s nothing differs"]);
    edit("for 8s", "for 9s").refused(["last digest is of 8s"]);
}

#[test]
fn what_there_is_not_names_the_nearest_that_there_is() {
    lab("run scatter-gathr").refused(["did you mean `scatter-gather`?"]);
    lab("show scattergather").refused(["did you mean `scatter-gather`?"]);
    short("--set fanout=3").refused(["did you mean `fan_out`?"]);
    short("--set policy=hedged").refused(["did you mean `hedge`?"]);
    short("--set fan_out=9999").refused(["1 to 2000"]);
    short("--set fan_out").refused(["KNOB=VALUE"]);
    short("--at 3s:slwo=3").refused(["did you mean `slow`?"]);
    short("--at 3s:slow=21").refused(["the last leaf is 20"]);
    short("--at slow=3").refused(["20s:slow=3"]);
    short("--at 9s:slow=3").refused(["after the end"]);
    lab("run scatter-gather --for 3s").refused(["warm-up"]);
    lab("run scatter-gather --for soon").refused(["12.5ms"]);
    lab("replay /no/such/file").refused(["/no/such/file"]);
}

#[test]
fn what_somebody_typed_is_echoed_without_its_control_characters() {
    lab("run scatter\u{1b}[31m").complaint().lacks(["\u{1b}"]);
}

#[test]
fn show_lists_all_that_can_be_set_done_and_read() {
    let shown = json("show scatter-gather");
    let list = |name: &str| shown[name].as_array().expect("a list").clone();
    let knob = |name: &str| {
        let knobs = list("knobs").into_iter();
        let mut found = knobs.filter(|knob| knob["name"] == name);
        found.next().expect("the knob is listed")
    };
    let fan_out = knob("fan_out");
    assert_eq!(
        (&fan_out["type"], &fan_out["default"]),
        (&"integer".into(), &20.into())
    );
    assert_eq!(
        (&fan_out["min"], &fan_out["max"]),
        (&1.into(), &2000.into())
    );
    assert_eq!(knob("arrival_rps")["unit"], "rps");
    assert_eq!(knob("policy")["options"].as_array().map(Vec::len), Some(4));
    assert_eq!(list("actions").len(), 7);
    assert!(list("metrics").len() >= 12);
    assert!(shown["experiments"].is_array() && shown["challenges"].is_array());
    let plain = lab("show scatter-gather").printed();
    plain.holds(["fan_out", "slow=7", "latency_ms", "tail-at-fan-out"]);
}

#[test]
fn list_names_every_lab_in_the_order_of_the_book() {
    let listed = json("list");
    let labs = listed.as_array().expect("a list of labs");
    let plain = lab("list").printed();
    assert_eq!(plain.lines().count(), labs.len());
    for (line, lab) in plain.lines().zip(labs) {
        starts(line, lab["id"].as_str().expect("an id"));
    }
    assert!(labs.iter().any(|lab| lab["id"] == "scatter-gather"));
    assert!(labs.is_sorted_by_key(|lab| lab["chapter"].as_u64()));
}

#[test]
fn the_table_is_plain_text_that_aligns() {
    let table = short("--set straggler=3").plain().printed();
    table.holds(["with straggler=3", "held    hedges stay within the budget"]);
    let width = |name: &str| {
        let mut lines = table.lines();
        let row = lines.find(|line| line.trim_start().starts_with(name));
        row.unwrap_or_else(|| panic!("{name} is missing in\n{table}"))
            .chars()
            .count()
    };
    assert_eq!(width("latency_ms"), width("leaf_latency_ms"));
    assert_eq!(width("completeness_ratio"), width("requests_total"));
}
