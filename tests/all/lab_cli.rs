//! `ddlab lab`, black box: what scripts and CI rely on.

use serde_json::Value;
use std::process::{Command, Output};

fn ddlab(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ddlab"));
    command
        .args(["lab"])
        .args(args)
        .output()
        .expect("the program was built for this test")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the program prints UTF-8")
}

/// Its standard output, after holding that all went well.
fn printed(args: &[&str]) -> String {
    let output = ddlab(args);
    assert!(
        output.status.success(),
        "{args:?}: {}",
        text(&output.stderr)
    );
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&printed(args)).expect("--json prints one JSON value")
}

/// What it complains, after holding that it ended with status 2 and printed nothing else.
fn complaint(args: &[&str]) -> String {
    let output = ddlab(args);
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
    text(&output.stderr)
}

const SHORT: [&str; 6] = ["run", "scatter-gather", "--for", "8s", "--warmup", "2s"];

fn short(more: &[&'static str]) -> Vec<&'static str> {
    [&SHORT[..], more].concat()
}

#[test]
fn a_run_as_json_has_the_promised_shape() {
    let run = json(&short(&[
        "--seed",
        "7",
        "--set",
        "policy=hedge",
        "--at",
        "3s:slow=3",
        "--json",
    ]));
    assert_eq!(run["lab"], "scatter-gather");
    assert_eq!(run["seed"], 7);
    assert_eq!(run["virtual_seconds"], 8.0);
    assert_eq!(run["digest"].as_str().map(str::len), Some(16));
    assert_eq!(run["knobs"]["policy"], "hedge");
    assert_eq!(run["knobs"]["fan_out"], 20);
    assert_eq!(run["knobs"]["deadline"], "100ms");
    assert_eq!(run["knobs"]["service"], "lognormal:8ms,0.4");
    for histogram in ["latency_ms", "leaf_latency_ms"] {
        for figure in ["count", "mean", "p50", "p90", "p95", "p99", "p999", "max"] {
            assert!(
                run["metrics"][histogram][figure].is_number(),
                "{histogram}.{figure}"
            );
        }
    }
    for figure in ["last", "mean", "min", "max"] {
        assert!(
            run["metrics"]["leaf_utilization"][figure].is_number(),
            "{figure}"
        );
    }
    for number in [
        "completeness_ratio",
        "extra_load_ratio",
        "requests_total",
        "complete_total",
        "partial_total",
        "failed_total",
        "hedges_total",
        "hedges_won_total",
        "cancelled_total",
    ] {
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
        let run = json(&[
            "run",
            "scatter-gather",
            "--for",
            "8s",
            "--warmup",
            warmup,
            "--json",
        ]);
        run["metrics"]["requests_total"]
            .as_f64()
            .expect("a counter is a number")
    };
    assert!(counted("6s") < counted("2s") / 2.0);
}

#[test]
fn two_processes_give_the_same_digest_and_another_seed_another() {
    let digest = |seed| json(&short(&["--json", "--seed", seed]))["digest"].clone();
    assert_eq!(digest("7"), digest("7"));
    assert_ne!(digest("7"), digest("8"));
}

#[test]
fn a_recorded_run_replays_to_the_same_digest_and_an_edited_one_is_found_out() {
    let folder = tempfile::tempdir().expect("there is room for a file");
    let file = folder.path().join("slow.run");
    let name = file.to_str().expect("a temporary folder has a plain name");
    let output = ddlab(&[&SHORT[..], &["--at", "3s:slow=3", "--record", name]].concat());
    assert!(output.status.success());
    assert!(printed(&["replay", name]).starts_with("the same run again"));
    assert_eq!(json(&["replay", name, "--json"])["same"], true);

    let edited = std::fs::read_to_string(&file)
        .expect("it was saved")
        .replace("slow=3", "slow=4");
    std::fs::write(&file, edited).expect("it can be edited");
    let output = ddlab(&["replay", name]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stdout).contains("up to 2.4s nothing differs"),
        "{}",
        text(&output.stdout)
    );

    let longer = std::fs::read_to_string(&file)
        .expect("it was saved")
        .replace("for 8s", "for 9s");
    std::fs::write(&file, longer).expect("it can be edited");
    let complaint = complaint(&["replay", name]);
    assert!(complaint.contains("last digest is of 8s"), "{complaint}");
}

#[test]
fn what_there_is_not_names_the_nearest_that_there_is() {
    assert!(complaint(&["run", "scatter-gathr"]).contains("did you mean `scatter-gather`?"));
    assert!(complaint(&["show", "scattergather"]).contains("did you mean `scatter-gather`?"));
    assert!(complaint(&short(&["--set", "fanout=3"])).contains("did you mean `fan_out`?"));
    assert!(complaint(&short(&["--set", "policy=hedged"])).contains("did you mean `hedge`?"));
    assert!(complaint(&short(&["--set", "fan_out=9999"])).contains("1 to 2000"));
    assert!(complaint(&short(&["--set", "fan_out"])).contains("KNOB=VALUE"));
    assert!(complaint(&short(&["--at", "3s:slwo=3"])).contains("did you mean `slow`?"));
    assert!(complaint(&short(&["--at", "3s:slow=21"])).contains("the last leaf is 20"));
    assert!(complaint(&short(&["--at", "slow=3"])).contains("20s:slow=3"));
    assert!(complaint(&short(&["--at", "9s:slow=3"])).contains("after the end"));
    assert!(complaint(&["run", "scatter-gather", "--for", "3s"]).contains("warm-up"));
    assert!(complaint(&["run", "scatter-gather", "--for", "soon"]).contains("12.5ms"));
    assert!(complaint(&["replay", "/no/such/file"]).contains("/no/such/file"));
}

#[test]
fn what_somebody_typed_is_echoed_without_its_control_characters() {
    let complaint = complaint(&["run", "scatter\u{1b}[31m"]);
    assert!(!complaint.contains('\u{1b}'), "{complaint:?}");
}

#[test]
fn show_lists_all_that_can_be_set_done_and_read() {
    let shown = json(&["show", "scatter-gather", "--json"]);
    let knob = |name: &str| {
        let knobs = shown["knobs"].as_array().expect("knobs are a list");
        knobs
            .iter()
            .find(|knob| knob["name"] == name)
            .expect("the knob is listed")
            .clone()
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
    assert_eq!(knob("policy")["options"].as_array().map(Vec::len), Some(6));
    assert!(
        shown["actions"]
            .as_array()
            .is_some_and(|actions| actions.len() == 7)
    );
    assert!(
        shown["metrics"]
            .as_array()
            .is_some_and(|metrics| metrics.len() >= 12)
    );
    assert!(shown["experiments"].is_array() && shown["challenges"].is_array());

    let plain = printed(&["show", "scatter-gather"]);
    for word in ["fan_out", "slow=7", "latency_ms", "tail-at-fan-out"] {
        assert!(plain.contains(word), "{word}");
    }
}

#[test]
fn list_names_every_lab_in_the_order_of_the_book() {
    let listed = json(&["list", "--json"]);
    let labs = listed.as_array().expect("a list of labs");
    let plain = printed(&["list"]);
    assert_eq!(plain.lines().count(), labs.len());
    for (line, lab) in plain.lines().zip(labs) {
        assert!(
            line.starts_with(lab["id"].as_str().expect("an id")),
            "{line}"
        );
    }
    assert!(labs.iter().any(|lab| lab["id"] == "scatter-gather"));
    assert!(labs.is_sorted_by_key(|lab| lab["chapter"].as_u64()));
}

#[test]
fn the_table_is_plain_text_that_aligns() {
    let table = printed(&short(&["--set", "straggler=3"]));
    assert!(!table.contains('\u{1b}'));
    assert!(table.contains("with straggler=3"));
    let row = |name: &str| {
        let found = table
            .lines()
            .find(|line| line.trim_start().starts_with(name));
        found
            .unwrap_or_else(|| panic!("{name} is missing in\n{table}"))
            .chars()
            .count()
    };
    assert_eq!(row("latency_ms"), row("leaf_latency_ms"));
    assert_eq!(row("completeness_ratio"), row("requests_total"));
    assert!(table.contains("held    hedges stay within the budget"));
}
