//! The JSON Schemas under `docs` are those of this program's types, and what the program prints meets them.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::{fs, path::Path};

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ddlab"));
    command.args(args).env_remove("JOB_COMPLETION_INDEX");
    command
}

fn printed(args: &[&str]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command(args).output().expect("the program was built");
    let complaint = String::from_utf8_lossy(&stderr);
    assert!(
        status.code().is_some_and(|code| code < 2),
        "{args:?}: {complaint}"
    );
    String::from_utf8(stdout).expect("the program prints UTF-8")
}

const OUTPUTS: [&str; 12] = [
    "list",
    "show",
    "run",
    "compare",
    "replay",
    "experiment",
    "challenge",
    "sweep",
    "sweep-head",
    "sweep-row",
    "frame",
    "index",
];

fn file(output: &str) -> String {
    format!("{}/docs/{output}.schema.json", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_schemas_under_docs_are_those_that_the_program_prints() {
    for output in OUTPUTS {
        let written = fs::read_to_string(file(output)).unwrap_or_default();
        assert!(
            written == printed(&["lab", "schema", output]),
            "docs/{output}.schema.json is old: cargo run -- lab schema {output} > docs/{output}.schema.json"
        );
    }
}

/// What of the text does not meet the schema; nothing when it does.
fn faults(output: &str, text: &str) -> String {
    let mut schemas = boon::Schemas::new();
    let schema = boon::Compiler::new().compile(&file(output), &mut schemas);
    let schema = schema.expect("what schemars makes is a schema");
    let value: Value = serde_json::from_str(text).expect("the program prints JSON");
    schemas
        .validate(&value, schema)
        .err()
        .map(|fault| format!("{fault:#}"))
        .unwrap_or_default()
}

fn holds(output: &str, text: &str) {
    assert_eq!(faults(output, text), "", "{output}");
}

#[test]
fn what_the_program_prints_meets_its_schema() {
    holds("list", &printed(&["lab", "list", "--json"]));
    let short = ["--for", "2s", "--warmup", "500ms", "--json"];
    for lab in ["sharded", "scatter-gather", "work-queue", "election"] {
        holds("show", &printed(&["lab", "show", lab, "--json"]));
        holds(
            "run",
            &printed(&[&["lab", "run", lab][..], &short].concat()),
        );
    }
    let broken = "lab run election --seed 3 --set lease=5s --set fencing=off --at 3s:pause=1:8s --for 16s --json";
    let broken: Vec<&str> = broken.split(' ').collect();
    let broken = printed(&broken);
    assert!(broken.contains("\"held\": false"));
    holds("run", &broken);
    let compared = [
        &["lab", "compare", "scatter-gather"][..],
        &short,
        &["--vs", "--set", "policy=hedge"],
    ];
    holds("compare", &printed(&compared.concat()));
    let folder = tempfile::tempdir().expect("there is room for a file");
    let record = folder.path().join("a.run");
    let record = record
        .to_str()
        .expect("a temporary folder has a plain name");
    printed(&[
        "lab", "run", "election", "--for", "2s", "--warmup", "0s", "--record", record,
    ]);
    holds("replay", &printed(&["lab", "replay", record, "--json"]));
    let text = fs::read_to_string(record).expect("it was written");
    let (before, last) = text
        .trim_end()
        .rsplit_once(' ')
        .expect("it ends in a digest");
    fs::write(
        record,
        format!(
            "{before} {:016x}\n",
            !u64::from_str_radix(last, 16).unwrap()
        ),
    )
    .expect("there is room");
    holds("replay", &printed(&["lab", "replay", record, "--json"]));
}

#[test]
fn a_run_that_answered_nothing_has_no_percentiles() {
    let run = printed(&[
        "lab",
        "run",
        "scatter-gather",
        "--set",
        "fan_out=1",
        "--set",
        "network=const:4s",
        "--for",
        "6s",
        "--json",
    ]);
    holds("run", &run);
    let run: Value = serde_json::from_str(&run).expect("it is JSON");
    let latency = &run["metrics"]["latency_ms"];
    assert_eq!(latency["count"], 0);
    for figure in ["mean", "p50", "p99", "max"] {
        assert_eq!(latency[figure], Value::Null, "{figure}");
    }
}

#[test]
fn a_sweep_and_its_rows_meet_their_schemas() {
    let sweep = [
        "lab",
        "sweep",
        "election",
        "--seeds",
        "0..2",
        "--for",
        "16s",
        "--warmup",
        "2s",
        "--vary",
        "fencing=on,off",
        "--at",
        "3s:pause=1:8s",
    ];
    holds("sweep", &printed(&[&sweep[..], &["--json"]].concat()));
    holds(
        "sweep",
        &printed(&[&sweep[..], &["--json", "--shard", "1/4"]].concat()),
    );
    let rows = printed(&[&sweep[..], &["--out", "-"]].concat());
    let (head, rows) = rows.split_once('\n').expect("it has a head");
    holds("sweep-head", head);
    for row in rows.lines() {
        holds("sweep-row", row);
    }
    assert_eq!(rows.lines().count(), 4);
}

#[test]
fn what_is_led_through_and_scored_meets_its_schema() {
    let data = tempfile::tempdir().expect("there is room for a record");
    let data = data
        .path()
        .to_str()
        .expect("a temporary folder has a plain name");
    let shown: Value =
        serde_json::from_str(&printed(&["lab", "show", "election", "--json"])).expect("it is JSON");
    let first = |kind: &str| format!("election/{}", shown[kind][0]["id"].as_str().expect("an id"));
    let lab = |args: &[&str]| printed(&[&["--data", data, "lab"], args].concat());
    holds(
        "experiment",
        &lab(&["experiment", &first("experiments"), "--json"]),
    );
    holds(
        "challenge",
        &lab(&["challenge", &first("challenges"), "--json"]),
    );
}

#[test]
fn a_served_lab_meets_its_schemas() {
    let mut served = Served(
        command(&["lab", "serve", "scatter-gather", "--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program was built"),
    );
    let mut lines = BufReader::new(served.0.stdout.take().expect("it is piped"));
    let mut said = String::new();
    let address = loop {
        let line_start = said.len();
        assert!(
            lines.read_line(&mut said).expect("it speaks UTF-8") > 0,
            "{said}"
        );
        if let Some((_, rest)) = said[line_start..].split_once("http://") {
            break rest
                .split(|c: char| c != '.' && c != ':' && !c.is_ascii_digit())
                .next()
                .unwrap_or_default()
                .to_owned();
        }
    };
    for (output, path) in [("index", "/"), ("frame", "/frame")] {
        let mut stream = TcpStream::connect(&address).expect("it listens");
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        .expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (_, body) = answer.split_once("\r\n\r\n").expect("it has a body");
        holds(output, body);
    }
}

struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_output_that_lacks_something_or_has_it_otherwise_is_found() {
    assert!(Path::new(&file("list")).exists());
    assert!(
        faults(
            "list",
            "[{\"id\": \"x\", \"title\": \"X\", \"chapter\": 1}]"
        )
        .contains("promise")
    );
    assert!(
        faults(
            "list",
            "[{\"id\": 1, \"title\": \"X\", \"chapter\": 1, \"promise\": \"\"}]"
        )
        .contains("id")
    );
}
