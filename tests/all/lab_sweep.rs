//! `ddlab lab sweep` and `ddlab lab merge`, black box: what scripts, CI and clusters rely on.

use crate::support::{CTRL_C, Launch};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn ddlab(args: &[&str], index: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ddlab"));
    command.arg("lab").args(args);
    for name in ["JOB_COMPLETION_INDEX", "DDLAB_SHARDS"] {
        command.env_remove(name);
    }
    if let Some(index) = index {
        command.env("JOB_COMPLETION_INDEX", index);
    }
    command
        .output()
        .expect("the program was built for this test")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the program prints UTF-8")
}

/// Its standard output, after holding that all went well and nothing of progress is in a pipe.
fn printed(args: &[&str]) -> String {
    let output = ddlab(args, None);
    let said = text(&output.stderr);
    assert!(output.status.success(), "{args:?}: {said}");
    assert!(said.is_empty(), "{said}");
    text(&output.stdout)
}

fn complaint(args: &[&str]) -> String {
    let output = ddlab(args, None);
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
    text(&output.stderr)
}

/// Small, and with all that a sweep can have: knobs set and varied, interventions, an invariant that
/// breaks.
const SWEEP: [&str; 14] = [
    "sweep",
    "election",
    "--seeds",
    "3..8",
    "--for",
    "16s",
    "--warmup",
    "2s",
    "--set",
    "lease=5s",
    "--vary",
    "fencing=on,off",
    "--at",
    "3s:pause=1:8s",
];

fn sweep<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&SWEEP[..], more].concat()
}

fn path(folder: &Path, name: &str) -> String {
    let path = folder.join(name);
    path.to_str()
        .expect("a temporary folder has a plain name")
        .to_owned()
}

/// The files of so many shards.
fn shards(folder: &Path, of: u64) -> Vec<String> {
    let shard = |index: u64| {
        let file = path(folder, &format!("shard-{index}-{of}.jsonl"));
        let which = format!("{index}/{of}");
        printed(&sweep(&["--shard", &which, "--out", &file]));
        file
    };
    (1..=of).map(shard).collect()
}

#[test]
fn merged_shards_are_the_whole_sweep_to_the_byte() {
    let folder = tempfile::tempdir().expect("there is room for a file");
    let whole = printed(&sweep(&["--json", "--jobs", "1"]));
    assert_eq!(printed(&sweep(&["--json", "--jobs", "3"])), whole);
    let files = shards(folder.path(), 3);
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
        let [a, b, c] = order.map(|place: usize| files[place].as_str());
        assert_eq!(printed(&["merge", a, b, c, "--json"]), whole);
    }
    let merged = path(folder.path(), "merged.jsonl");
    let table = printed(&["merge", &files[0], &files[1], &files[2], "--out", &merged]);
    let rows = fs::read_to_string(&merged).expect("it was written");
    assert_eq!(rows, printed(&sweep(&["--jobs", "2", "--out", "-"])));
    assert_eq!(
        printed(&["merge", &files[2], &files[0], &files[1], "--out", "-"]),
        rows
    );
    assert_eq!(table, printed(&sweep(&[])));
    assert_eq!(printed(&["merge", &merged, "--json"]), whole);
}

#[test]
fn a_sweep_that_was_left_off_goes_on_with_the_rows_that_are_there() {
    let folder = tempfile::tempdir().expect("there is room for a file");
    let file = path(folder.path(), "sweep.jsonl");
    let whole = printed(&sweep(&["--out", "-"]));
    let table = printed(&sweep(&[]));
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    for (kept, half) in [(1, 0), (4, 40), (10, 1), (11, 0)] {
        let begun = lines[..kept].concat() + lines.get(kept).map_or("", |line| &line[..half]);
        fs::write(&file, begun).expect("there is room");
        let output = ddlab(&sweep(&["--out", &file]), None);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let known = format!("{} of 10 runs are in the file already", kept - 1);
        assert_eq!(text(&output.stderr).contains(&known), kept > 1);
        assert_eq!(text(&output.stdout), table);
        assert_eq!(fs::read_to_string(&file).expect("it is there"), whole);
    }
    let other = complaint(&sweep(&["--out", &file, "--set", "lease=6s"]));
    assert!(
        other.contains("sweep.jsonl is there") && other.contains("lease"),
        "{other}"
    );
    fs::write(&file, "my thesis").expect("there is room");
    assert!(complaint(&sweep(&["--out", &file])).contains("sweep.jsonl is there"));
    assert_eq!(fs::read_to_string(&file).expect("it is there"), "my thesis");
}

#[test]
fn the_result_says_what_there_is_to_say() {
    let json: Value = serde_json::from_str(&printed(&sweep(&["--json"]))).expect("it is JSON");
    assert_eq!(json["complete"], true);
    assert_eq!(json["runs"]["done"], 10);
    assert_eq!(json["knobs"]["lease"], "5s");
    assert_eq!(json["digest"].as_str().map(str::len), Some(16));
    let points = json["points"].as_array().expect("a list of points");
    assert_eq!(points.len(), 2);
    assert_eq!(points[0]["set"]["fencing"], true);
    let metrics = &points[1]["metrics"];
    let writes = &metrics["writes_total"];
    for figure in ["count", "mean", "sd", "min", "max"] {
        assert!(writes["seeds"]["value"][figure].is_number(), "{figure}");
    }
    assert_eq!(
        writes["seeds"]["value"]["ci95"].as_array().map(Vec::len),
        Some(2)
    );
    assert!(metrics["believers"]["all"]["mean"].is_number());
    let invariants = |point: &Value| point["invariants"].as_array().expect("a list").clone();
    assert!(invariants(&points[0]).iter().all(|it| it["held"] == 5));
    let broken: Vec<_> = invariants(&points[1])
        .into_iter()
        .filter(|it| it["broken"] != 0)
        .collect();
    assert_eq!(broken.len(), 1);
    assert_eq!(
        (&broken[0]["held"], &broken[0]["broken"]),
        (&0.into(), &5.into())
    );
    assert_eq!(broken[0]["first_broken"][0]["seed"], 3);

    let table = printed(&sweep(&["--metric", "split_brain_ms_total"]));
    assert!(
        table.contains("split_brain_ms_total  invariants"),
        "{table}"
    );
    // The command that is printed shows the very breach.
    let (_, command) = table
        .split_once("to see it: ddlab lab ")
        .expect("it tells how");
    let command = command.lines().next().expect("a line");
    let run = printed(&command.split(' ').collect::<Vec<_>>());
    assert!(
        run.contains("BROKEN  storage accepts no token lower"),
        "{run}"
    );
}

#[test]
fn a_sweep_of_one_point_shows_every_figure() {
    let table = printed(&[
        "sweep",
        "scatter-gather",
        "--seeds",
        "0..3",
        "--for",
        "2s",
        "--warmup",
        "1s",
    ]);
    for row in [
        "latency_ms",
        "p999",
        "completeness_ratio",
        "leaf_utilization",
        "every invariant held",
    ] {
        assert!(table.contains(row), "{row} is not in\n{table}");
    }
    assert!(!table.contains('\u{1b}'));
}

#[test]
fn files_that_do_not_make_one_sweep_are_refused_by_name() {
    let folder = tempfile::tempdir().expect("there is room for a file");
    let files = shards(folder.path(), 3);
    let missing = complaint(&["merge", &files[0], &files[2]]);
    assert!(
        missing.contains("3 of 10 runs are in none of these files"),
        "{missing}"
    );
    assert!(missing.contains("seeds 4..6 with fencing=off"), "{missing}");
    let twice = complaint(&["merge", &files[0], &files[1], &files[0]]);
    assert!(
        twice.contains("shard-1-3.json") && twice.contains("seed 3"),
        "{twice}"
    );

    let told = |name: &str, change: &dyn Fn(&str) -> String| {
        let file = path(folder.path(), name);
        let whole = fs::read_to_string(&files[1]).expect("it was written");
        fs::write(&file, change(&whole)).expect("there is room");
        let said = complaint(&["merge", &files[0], &file, &files[2]]);
        assert!(said.contains(name), "{said}");
        said
    };
    let knob = told("knob.json", &|text| {
        text.replace("\"lease=5s\"", "\"lease=6s\"")
    });
    assert!(
        knob.contains("lease=6s, where the others have lease=5s"),
        "{knob}"
    );
    let old = told("old.json", &|text| {
        text.replace("\"version\":\"", "\"version\":\"0.0.")
    });
    assert!(old.contains("made by ddlab 0.0."), "{old}");
    let cut = told("cut.json", &|text| text[..text.len() / 2].to_owned());
    assert!(
        cut.contains("1 of its 3 rows, since it was cut short"),
        "{cut}"
    );
    let edited = told("edited.json", &|text| {
        text.replacen("\"writes_total\":", "\"writes_total\":1", 1)
    });
    assert!(edited.contains("line 2 was changed or damaged"), "{edited}");
    let without = told("without.json", &|text| {
        let lines = text.split_inclusive('\n').enumerate();
        lines
            .filter(|(n, _)| *n != 2)
            .map(|(_, line)| line)
            .collect()
    });
    assert!(
        without.contains("lines are missing or were moved"),
        "{without}"
    );
    assert!(told("none.json", &|_| "not JSON".to_owned()).contains("not JSON"));
    assert!(told("empty.json", &|_| String::new()).contains("not JSON"));
    assert!(told("other.json", &|_| "{}".to_owned()).contains("no `format`"));
    let control = told("bell.json", &|_| "{\"format\": \"\\u001b[31m\"}".to_owned());
    assert!(!control.contains('\u{1b}'), "{control:?}");
    let summary = told("summary.json", &|_| printed(&sweep(&["--json"])));
    assert!(
        summary.contains("merge what `ddlab lab sweep --out FILE` has written"),
        "{summary}"
    );
    let endless = complaint(&["merge", "/dev/zero"]);
    assert!(endless.contains("not a file of rows"), "{endless}");
}

#[test]
fn sweeps_of_neighbouring_seeds_join() {
    let folder = tempfile::tempdir().expect("there is room for a file");
    let over = |seeds: &str| {
        let file = path(folder.path(), &format!("{seeds}.jsonl"));
        printed(&[
            "sweep", "election", "--for", "8s", "--seeds", seeds, "--out", &file,
        ]);
        file
    };
    let (first, second, both) = (over("0..3"), over("3..5"), over("0..5"));
    let merged = printed(&["merge", &second, &first, "--out", "-"]);
    assert_eq!(merged, fs::read_to_string(both).expect("it was written"));
}

#[test]
fn the_arguments_of_the_job_make_the_same_sweep_when_a_cluster_runs_it() {
    let folder = tempfile::tempdir().expect("there is room for a file");
    let job = printed(&sweep(&[
        "--k8s",
        "ddlab",
        "--completions",
        "4",
        "--volume",
        "results",
    ]));
    let job: Value = serde_yaml::from_str(&job).expect("it is YAML");
    let container = &job["spec"]["template"]["spec"]["containers"][0];
    let results = container["volumeMounts"][0]["mountPath"]
        .as_str()
        .expect("a path");
    let completions = job["spec"]["completions"].as_u64().expect("a number");
    let mut files = Vec::new();
    for index in 0..completions {
        let index = index.to_string();
        // As the kubelet does, and with the volume where this test has room.
        let expand = |arg: &Value| {
            let arg = arg.as_str().expect("an argument is a string");
            let arg = arg
                .replace("$(JOB_COMPLETION_INDEX)", &index)
                .replace("$$", "$");
            arg.replace(results, &folder.path().to_string_lossy())
        };
        let args = container["args"].as_array().expect("a list");
        let args: Vec<String> = args.iter().map(expand).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        assert_eq!(args[0], "lab");
        let output = ddlab(&args[1..], Some(&index));
        assert!(output.status.success(), "{}", text(&output.stderr));
        files.push(path(folder.path(), &format!("shard-{index}.jsonl")));
    }
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let merged = printed(&[&["merge", "--json"], &files[..]].concat());
    assert_eq!(merged, printed(&sweep(&["--json"])));
}

#[test]
fn the_index_of_a_pod_chooses_the_shard_and_is_said() {
    let by_index = ddlab(&sweep(&["--shards", "4"]), Some("1"));
    assert!(by_index.status.success());
    assert_eq!(text(&by_index.stdout), printed(&sweep(&["--shard", "2/4"])));
    assert!(text(&by_index.stdout).contains("shard 2/4"));
    let alone = ddlab(&sweep(&[]), Some("1"));
    assert_eq!(alone.status.code(), Some(2));
    assert!(text(&alone.stderr).contains("--shards N"));
}

#[test]
fn what_cannot_be_swept_is_told_with_what_would_do() {
    let refused = |more: &[&str]| complaint(&[&["sweep", "scatter-gather"], more].concat());
    for (more, says) in [
        (["--seeds", "0..0"], "no seed in"),
        (["--seeds", "0..1000000000000"], "too many"),
        (["--seeds", "many"], "FROM..TO"),
        (["--jobs", "0"], "1..=1024"),
        (["--shard", "4/3"], "numbered from 1 to 3"),
        (["--shard", "1/101"], "more than there are runs"),
        (["--vary", "polcy=hedge"], "did you mean `policy`?"),
        (["--vary", "policy=hedge,tid"], "did you mean `tied`?"),
        (["--set", "fanout=3"], "did you mean `fan_out`?"),
        (["--at", "6s:slow=21"], "the last leaf is 20"),
        (["--at", "2m:slow=2"], "after the end"),
        (["--warmup", "2m"], "warm-up"),
        (["--for", "soon"], "can't read --for"),
        (["--metric", "latency_ms.p98"], "there are: count, mean"),
        (
            ["--out", "/no/such/folder/x"],
            "can't write to /no/such/folder/x",
        ),
        (["--k8s", "two words"], "the name of an image"),
    ] {
        let said = refused(&more);
        assert!(said.contains(says), "{more:?}: {said}");
    }
    let volume = refused(&["--k8s", "ddlab", "--volume", "Mine: {}"]);
    assert!(volume.contains("PersistentVolumeClaim"), "{volume}");
    let pods = refused(&["--k8s", "ddlab", "--completions", "101"]);
    assert!(pods.contains("take 1 to 100"), "{pods}");
}

#[test]
fn ctrl_c_ends_a_sweep_with_what_is_in() {
    let home = crate::support::Home::new();
    let file = home.path().join("part.jsonl");
    let name = file
        .to_str()
        .expect("a temporary folder has a plain name")
        .to_owned();
    let mut terminal = Launch::default()
        .home(home)
        .arguments(&[
            "lab",
            "sweep",
            "election",
            "--seeds",
            "0..1000000",
            "--out",
            &name,
        ])
        .start();
    terminal.wait_for("of 1000000 runs");
    terminal.wait_for("left");
    terminal.type_in(CTRL_C);
    let ended = terminal.wait_for_end();
    assert_eq!(ended.status, 130);
    let rows = fs::read_to_string(&file).expect("what is in was written");
    for row in rows.lines() {
        serde_json::from_str::<Value>(row).expect("each line is whole");
    }
    let done = rows.lines().count() - 1;
    assert!((1..1_000_000).contains(&done), "{done}");
    let beside = fs::read_dir(ended.home.path()).expect("the home is there");
    let drafts = beside
        .flatten()
        .filter(|it| it.file_name().to_string_lossy().ends_with(".part"));
    assert_eq!(drafts.count(), 0);
    let refused = complaint(&["merge", &name]);
    assert!(
        refused.contains("runs are in none of these files"),
        "{refused}"
    );
}
