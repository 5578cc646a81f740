//! `ddlab design`, black box: what people and CI rely on.

use crate::support::program::{Program, Ran};
use std::fs;

const SHOP: &str = "design: shop
clients: {buyers: {rps: 100, calls: [{to: gateway, timeout: 500ms, retries: 1, retry_budget: 10%}]}}
components:
  gateway: {kind: service, replicas: 2, slots: 8, work: \"exp:5ms\", calls: [{to: store, timeout: 200ms}]}
  store: {kind: database, replicas: 2, slots: 4, reads: \"exp:5ms\"}
faults:
  - {at: 10s, do: crash, what: gateway replica 2}
  - {at: 9m, do: crash, what: store}
require:
  - p99 of buyers <= 200ms
  - errors of buyers <= 20%
";

fn with(text: &str) -> Program {
    let home = Program::new();
    fs::write(home.path("shop.yaml"), text).expect("the folder is there");
    home
}

#[test]
fn a_run_is_the_same_in_two_processes_and_says_what_is_met() {
    let home = with(SHOP);
    let run = || {
        home.run("design run shop.yaml --for 30s --seed 3 --json")
            .json()
    };
    let first = run();
    assert_eq!(first, run());
    assert_eq!(first["requirements"][0]["met"], true);
    assert_eq!(first["requirements"][0]["text"], "p99 of buyers <= 200ms");
    assert!(
        first["digest"]
            .as_str()
            .is_some_and(|digest| digest.len() == 16)
    );
    // What comes after the end of the run is left out.
    assert_eq!(first["at"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_machine_is_named_in_what_is_done_as_in_the_file() {
    let home = with(SHOP);
    let by = |machine: &str| {
        let mut command = home.command("design run shop.yaml --for 15s --json --at");
        command.arg(format!("12s:slow={machine}:10"));
        Ran::of(&mut command, "").json()
    };
    assert_eq!(by("store 2"), by("4"));
}

#[test]
fn a_requirement_that_is_missed_is_an_exit_status_of_1() {
    let home = with(&SHOP.replace("<= 200ms", "<= 1ms"));
    let ran = home.run("design run shop.yaml --for 20s").ended(1);
    ran.shows([
        "MISSED  p99 of buyers <= 1ms",
        "met     errors of buyers <= 20%",
        "gateway",
        "digest",
    ]);
}

#[test]
fn a_slip_is_named_with_file_line_column_and_cure() {
    let home = with(&SHOP.replace("slots: 8", "slts: 8"));
    let said = "shop.yaml:4:41: error: `gateway` has no `slts`; did you mean `slots`?";
    home.run("design check shop.yaml").ended(1).shows([said]);
    home.run("design run shop.yaml").refused([said]);
}

#[test]
fn a_design_can_be_checked_drawn_shown_predicted_and_explained_without_a_screen() {
    let home = with(SHOP);
    home.run("design check shop.yaml")
        .ended(0)
        .shows(["1 client, 2 components, 2 requirements"]);
    home.run("design draw shop.yaml")
        .ended(0)
        .shows(["└─ gateway · service x2"]);
    home.run("design draw shop.yaml --as mermaid")
        .ended(0)
        .shows(["flowchart LR"]);
    home.run("design show shop.yaml")
        .ended(0)
        .shows(["cold_start", "(default)"]);
    home.run("design theory shop.yaml").ended(0).shows([
        "busy",
        "retries add to the load",
        "of its busiest one",
    ]);
    home.run("design why shop.yaml --for 60s")
        .ended(0)
        .shows(["gateway 2 crashes"]);
    let limit = home
        .run("design limit shop.yaml --seeds 1..2 --for 4s --warmup 1s --json")
        .json();
    assert_eq!(limit.as_array().map(Vec::len), Some(2));
}

#[test]
fn two_designs_are_compared_headline_first_with_the_price_beside_it() {
    let home = with(SHOP);
    fs::write(
        home.path("more.yaml"),
        SHOP.replace("replicas: 2, slots: 8", "replicas: 4, slots: 8"),
    )
    .expect("the folder is there");
    let run = || {
        home.run("design compare shop.yaml more.yaml --seeds 1..2 --for 20s --json")
            .json()
    };
    let rows = run();
    assert_eq!(rows, run());
    assert_eq!(rows[0]["figure"], "p99 of buyers");
    assert_eq!(rows[1]["figure"], "cost");
    assert!(rows[1]["a"].as_f64() < rows[1]["b"].as_f64(), "{rows:#}");
    assert_eq!(rows[0]["a_met"], true);
    home.run("design compare shop.yaml more.yaml --seeds 1..2 --for 20s")
        .ended(0)
        .shows(["gateway_replicas: 2 in A, 4 in B"]);
    fs::write(home.path("bad.yaml"), "design: x\n").expect("the folder is there");
    home.run("design compare shop.yaml bad.yaml")
        .refused(["bad.yaml:1:1: error: the design has no clients"]);
}

#[test]
fn a_requirement_may_bound_the_cost_and_the_prices_may_be_others() {
    let home = with(&SHOP.replace("require:\n", "require:\n  - cost <= 100 USD/month\n"));
    home.run("design run shop.yaml --for 20s")
        .ended(1)
        .shows(["MISSED  cost <= 100 USD/month"]);
    home.run("design cost shop.yaml")
        .ended(0)
        .shows(["2 x m7g.large", "total", "AWS list prices"]);
    let cheap = "prices: mine\nkinds: {service: {machine: box, hour: 0.005}}\n";
    fs::write(home.path("mine.yaml"), cheap).expect("the folder is there");
    home.run("design run shop.yaml --for 20s --prices mine.yaml")
        .ended(0)
        .shows(["met     cost <= 100 USD/month"]);
    fs::write(home.path("mine.yaml"), "prices: mine\nkind: {}\n").expect("the folder is there");
    home.run("design cost shop.yaml --prices mine.yaml")
        .refused(["mine.yaml:2:1: error: a table of prices has no `kind`; did you mean `kinds`?"]);
}

#[test]
fn a_sweep_of_a_design_has_its_faults_and_names_the_command_of_one_run() {
    let home = with(SHOP);
    let swept = home
        .run("design sweep shop.yaml --seeds 0..2 --for 15s --vary gateway_slots=4,8 --json")
        .json();
    let text = swept.to_string();
    assert!(text.contains("gateway_slots"), "{text}");
    home.run("design sweep shop.yaml --k8s ddlab:1")
        .refused(["--k8s can't bring the file shop.yaml to its pods"]);
    home.run("design sweep shop.txt")
        .refused(["ends in .yaml or .yml"]);
    home.run("design sweep shop.yaml --vary gateway_slts=4,8")
        .refused(["gateway_slots"]);
}

#[test]
fn a_design_is_drawn_as_a_picture() {
    let home = with(SHOP);
    home.run("design draw shop.yaml --as svg")
        .ended(0)
        .shows(["<svg", "gateway", "</svg>"]);
}

const BRIEF: &str = "brief: small
title: Small
story: Put it together.
clients: {users: {rps: 20, needs: {app: calls, ads: reaches}}}
components:
  app: {kind: service, work: \"exp:5ms\"}
  ads: {kind: external, latency: \"exp:20ms\"}
require: [errors of users <= 1%, cost <= 300 USD/month]
announced: [{at: 10s, do: slow, what: ads, by: 50x, for: 5s}]
for: 30s
growth: 2x
pars:
  - name: ads may be missing
    why: they are given up
    design: |
      design: may be missing
      clients: {users: {calls: [{to: app, timeout: 500ms}]}}
      components:
        app: {kind: service, replicas: 2, slots: 16, work: \"exp:5ms\", calls: [{to: ads, timeout: 100ms, optional: on}]}
        ads: {kind: external, latency: \"exp:20ms\"}
traps:
  - {name: ads must be there, why: they are waited for, misses: errors of users, of: ads may be missing, change: {\", optional: on\": \"\"}}
";
const ANSWER: &str = "design: mine
clients: {users: {calls: [{to: app, timeout: 500ms}]}}
components:
  app: {kind: service, replicas: 2, slots: 16, work: \"exp:5ms\", calls: [{to: ads, timeout: 100ms, optional: on}]}
  ads: {kind: external, latency: \"exp:20ms\"}
";

#[test]
fn a_design_is_graded_by_the_file_of_a_brief_and_told_whether_it_passed() {
    let home = with(SHOP);
    let lay = |name: &str, text: &str| {
        fs::write(home.path(name), text).expect("the folder is there");
    };
    lay("small.yaml", BRIEF);
    lay("mine.yaml", ANSWER);
    home.run("design grade small.yaml mine.yaml --seeds 1..3")
        .ended(0)
        .shows([
            "Small · 2 seeds",
            "ads answers >= 75 % of users",
            "Passed: every requirement holds",
        ]);
    // Whoever never asks is as quick, and has no answer.
    lay(
        "mine.yaml",
        &ANSWER.replace("optional: on", "optional: on, rate_limit: 0.1"),
    );
    home.run("design grade small.yaml mine.yaml --seeds 1..3")
        .ended(1)
        .shows(["Not passed: ads answers >= 75 % of users under the growth."]);
    lay("mine.yaml", &ANSWER.replace(", optional: on", ""));
    home.run("design grade small.yaml mine.yaml --seeds 1..3")
        .ended(1)
        .shows([
            "Not passed: errors of users <= 1%",
            "ads takes 50 times as long",
        ]);
    let kept = home.run("record csv").ended(0);
    kept.shows(["design_graded", "small"]);
    home.run("design grade smal mine.yaml")
        .refused(["there is no brief `smal`"]);
    lay("small.yaml", &BRIEF.replace("growth: 2x", "growth: much"));
    home.run("design grade small.yaml mine.yaml")
        .refused(["small.yaml:11:9: error: `growth` is not a factor"]);
}

#[test]
fn the_pars_and_traps_of_a_brief_are_verified() {
    let home = with(SHOP);
    let lay = |text: &str| fs::write(home.path("small.yaml"), text).expect("the folder is there");
    lay(BRIEF);
    home.run("design verify small.yaml --seeds 1..3")
        .ended(0)
        .shows([
            "small: 2 seeds",
            "par ads may be missing",
            "trap ads must be there",
            "holds",
        ]);
    // A trap that misses nothing, and a par that costs too much.
    lay(&BRIEF.replace("\": \"\"}}", "\": \", optional: on, retries: 1\"}}"));
    home.run("design verify small.yaml --seeds 1..3").ended(1);
    lay(&BRIEF.replace("cost <= 300", "cost <= 100"));
    home.run("design verify small.yaml --seeds 1..3").ended(1);
}

#[test]
fn a_limit_says_that_it_is_of_the_ordinary_load() {
    let limit = |text: &str| {
        let home = with(text);
        home.run("design limit shop.yaml --seeds 1..2 --for 4s --warmup 1s")
            .ended(0)
    };
    let crowd = SHOP.replace("rps: 100,", "rps: 100, profile: crowd, peak: 2,");
    limit(&crowd).shows([
        "shop · 1 seed, 4s each",
        "what a crowd, a ramp or a day adds to it hardly begins in 4s",
    ]);
}

#[test]
fn the_reference_of_the_format_is_in_the_program() {
    let home = with(SHOP);
    home.run("design format").ended(0).shows([
        "# The format of a design",
        "### `kind: service`",
        "`cold_start`",
    ]);
}
