//! The JSON Schemas under `docs` are those of this program's types, and what the program prints meets them.

use crate::support::Holds;
use crate::support::program::{Program, ddlab};
use crate::support::server::Server;
use serde_json::Value;
use std::fs;

/// Those of `ddlab lab`, then those of `ddlab design`, whose files are called `design-OUTPUT`.
const OUTPUTS: &str = "list show run compare replay experiment challenge limit sweep sweep-head sweep-row frame index";

const DESIGN_OUTPUTS: &str = "run limit compare cost grade";

fn file(output: &str) -> String {
    format!("{}/docs/{output}.schema.json", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_schemas_under_docs_are_those_that_the_program_prints() {
    let labs = OUTPUTS.split(' ').map(|output| ("lab", "", output));
    let designs = DESIGN_OUTPUTS
        .split(' ')
        .map(|output| ("design", "design-", output));
    for (room, prefix, output) in labs.chain(designs) {
        let name = format!("{prefix}{output}");
        let written = fs::read_to_string(file(&name)).unwrap_or_default();
        assert!(
            written == ddlab(&format!("{room} schema {output}")).printed(),
            "docs/{name}.schema.json is old: cargo run -- {room} schema {output} > docs/{name}.schema.json"
        );
    }
}

/// What of the text does not meet the schema; nothing when it does.
fn faults(output: &str, text: &str) -> String {
    let mut schemas = boon::Schemas::new();
    let schema = boon::Compiler::new().compile(&file(output), &mut schemas);
    let schema = schema.expect("what schemars makes is a schema");
    let value: Value = serde_json::from_str(text).expect("the program prints JSON");
    let fault = schemas.validate(&value, schema).err();
    fault.map(|fault| format!("{fault:#}")).unwrap_or_default()
}

#[track_caller]
pub fn meets(output: &str, text: &str) {
    assert_eq!(faults(output, text), "", "{output}");
}

/// Holds what a command prints against the schema; gives it back.
#[track_caller]
fn prints(program: &Program, output: &str, line: &str) -> String {
    let ran = program.run(&format!("lab {line}"));
    assert!(ran.code.is_some_and(|code| code < 2), "{line}: {}", ran.err);
    meets(output, &ran.out);
    ran.out
}

#[test]
fn what_the_program_prints_meets_its_schema() {
    let home = Program::new();
    prints(&home, "list", "list --json");
    let short = "--for 2s --warmup 500ms --json";
    for lab in ddlab_labs::all().iter().map(|lab| lab.spec().id) {
        prints(&home, "show", &format!("show {lab} --json"));
        prints(&home, "run", &format!("run {lab} {short}"));
    }
    let line = "limit scatter-gather --set fan_out=2 --seeds 1..2 --for 2s --warmup 1s --json";
    prints(&home, "limit", line);
    let line = "run election --seed 3 --set lease=5s --set fencing=off --at 3s:pause=1:8s --for 16s --json";
    prints(&home, "run", line).holds(["\"held\": false"]);
    let line = format!("compare scatter-gather {short} --vs --set policy=hedge");
    prints(&home, "compare", &line);
    home.run("lab run election --for 2s --warmup 0s --record a.run")
        .ended(0);
    prints(&home, "replay", "replay a.run --json");
    let text = fs::read_to_string(home.path("a.run")).expect("it was written");
    let (before, digest) = text
        .trim_end()
        .rsplit_once(' ')
        .expect("it ends in a digest");
    let other = !u64::from_str_radix(digest, 16).expect("a digest is a number");
    let edited = format!("{before} {other:016x}\n");
    fs::write(home.path("a.run"), edited).expect("there is room");
    prints(&home, "replay", "replay a.run --json");
}

#[test]
fn what_a_design_prints_meets_its_schema() {
    let home = Program::new();
    home.run("design new rate-limiter --out a.yaml").ended(0);
    for (output, line) in [
        ("run", "run a.yaml --for 5s --warmup 1s"),
        ("limit", "limit a.yaml --seeds 1..2 --for 2s --warmup 1s"),
        (
            "compare",
            "compare a.yaml a.yaml --seeds 1..2 --for 2s --warmup 1s",
        ),
        ("cost", "cost a.yaml"),
        ("grade", "grade rate-limiter a.yaml --seeds 1..2"),
    ] {
        let ran = home.run(&format!("design {line} --json"));
        assert!(ran.code.is_some_and(|code| code < 2), "{line}: {}", ran.err);
        meets(&format!("design-{output}"), &ran.out);
    }
}

#[test]
fn a_run_that_answered_nothing_has_no_percentiles() {
    let line = "run scatter-gather --set fan_out=1 --set network=const:4s --for 6s --json";
    let run = prints(&Program::new(), "run", line);
    let run: Value = serde_json::from_str(&run).expect("it is JSON");
    let latency = &run["metrics"]["latency_ms"];
    assert_eq!(latency["count"], 0);
    for figure in ["mean", "p50", "p99", "max"] {
        assert_eq!(latency[figure], Value::Null, "{figure}");
    }
}

#[test]
fn a_sweep_and_its_rows_meet_their_schemas() {
    let home = Program::new();
    let sweep = "sweep election --seeds 0..2 --for 16s --warmup 2s --vary fencing=on,off --at 3s:pause=1:8s";
    prints(&home, "sweep", &format!("{sweep} --json"));
    prints(&home, "sweep", &format!("{sweep} --json --shard 1/4"));
    let rows = home.run(&format!("lab {sweep} --out -")).printed();
    let (head, rows) = rows.split_once('\n').expect("it has a head");
    meets("sweep-head", head);
    rows.lines().for_each(|row| meets("sweep-row", row));
    assert_eq!(rows.lines().count(), 4);
}

#[test]
fn what_is_led_through_and_scored_meets_its_schema() {
    let home = Program::new();
    let shown = home.run("lab show election --json").json();
    for kind in ["experiment", "challenge"] {
        let id = shown[format!("{kind}s")][0]["id"].as_str().expect("an id");
        prints(&home, kind, &format!("{kind} election/{id} --json"));
    }
}

#[test]
fn a_served_lab_meets_its_schemas() {
    let server = Server::start("scatter-gather");
    for (output, path) in [("index", "/"), ("frame", "/frame")] {
        let answer = server.ask(&format!("GET {path}"));
        let (_, body) = answer.split_once("\r\n\r\n").expect("it has a body");
        meets(output, body);
    }
}

#[test]
fn an_output_that_lacks_something_or_has_it_otherwise_is_found() {
    let lacking = "[{\"id\": \"x\", \"title\": \"X\", \"chapter\": 1}]";
    faults("list", lacking).holds(["promise"]);
    let otherwise = "[{\"id\": 1, \"title\": \"X\", \"chapter\": 1, \"promise\": \"\"}]";
    faults("list", otherwise).holds(["id"]);
}
