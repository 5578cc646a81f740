//! `ddlab lab sweep` and `ddlab lab merge`, black box: what scripts, CI and clusters rely on.

use crate::support::program::{Program, Ran, ddlab};
use crate::support::{CTRL_C, Holds, Home, Launch};
use ddlab_labs::workbench::json::{Figures, Number};
use ddlab_labs::workbench::meter::Tally;
use ddlab_labs::workbench::sweep::Row;
use serde_json::Value;
use std::fs;
use std::process::Stdio;

/// Small, and with all that a sweep can have: knobs set and varied, interventions, an invariant that
/// breaks.
const SWEEP: &str = "lab sweep election --seeds 3..8 --for 16s --warmup 2s --set lease=5s --vary fencing=on,off \
                     --at 3s:pause=1:8s";

fn sweep(home: &Program, more: &str) -> Ran {
    home.run(&format!("{SWEEP} {more}"))
}

fn merge(home: &Program, more: &str) -> Ran {
    home.run(&format!("lab merge {more}"))
}

/// The files of so many shards.
fn shards(home: &Program, of: u64) -> Vec<String> {
    let shard = |index: u64| {
        let file = format!("shard-{index}-{of}.jsonl");
        sweep(home, &format!("--shard {index}/{of} --out {file}")).printed();
        file
    };
    (1..=of).map(shard).collect()
}

#[test]
fn merged_shards_are_the_whole_sweep_to_the_byte() {
    let home = Program::new();
    let whole = sweep(&home, "--json --jobs 1").printed();
    assert_eq!(sweep(&home, "--json --jobs 3").printed(), whole);
    let files = shards(&home, 3);
    let [a, b, c] = [&files[0], &files[1], &files[2]];
    for files in [[a, b, c], [c, a, b], [b, c, a]] {
        let [first, second, third] = files;
        let merged = merge(&home, &format!("{first} {second} {third} --json"));
        assert_eq!(merged.printed(), whole);
    }
    let table = merge(&home, &format!("{a} {b} {c} --out merged.jsonl")).printed();
    let rows = fs::read_to_string(home.path("merged.jsonl")).expect("it was written");
    assert_eq!(rows, sweep(&home, "--jobs 2 --out -").printed());
    assert_eq!(
        merge(&home, &format!("{c} {a} {b} --out -")).printed(),
        rows
    );
    assert_eq!(table, sweep(&home, "").printed());
    assert_eq!(merge(&home, "merged.jsonl --json").printed(), whole);
}

#[test]
fn a_sweep_that_was_left_off_goes_on_with_the_rows_that_are_there() {
    let home = Program::new();
    let file = home.path("sweep.jsonl");
    let whole = sweep(&home, "--out -").printed();
    let table = sweep(&home, "").printed();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    for (kept, half) in [(1, 0), (4, 40), (10, 1), (11, 0)] {
        let begun = lines[..kept].concat() + lines.get(kept).map_or("", |line| &line[..half]);
        fs::write(&file, begun).expect("there is room");
        let ran = sweep(&home, "--out sweep.jsonl").ended(0);
        let known = format!("{} of 10 runs are in the file already", kept - 1);
        assert_eq!(ran.err.contains(&known), kept > 1);
        assert_eq!(ran.out, table);
        assert_eq!(fs::read_to_string(&file).expect("it is there"), whole);
    }
    let other = sweep(&home, "--out sweep.jsonl --set lease=6s");
    other.refused(["sweep.jsonl is there", "lease"]);
    fs::write(&file, "my thesis").expect("there is room");
    sweep(&home, "--out sweep.jsonl").refused(["sweep.jsonl is there"]);
    assert_eq!(fs::read_to_string(&file).expect("it is there"), "my thesis");
}

#[test]
fn the_result_says_what_there_is_to_say() {
    let home = Program::new();
    let json = sweep(&home, "--json").json();
    assert_eq!(json["complete"], true);
    assert_eq!(json["runs"]["done"], 10);
    assert_eq!(json["knobs"]["lease"], "5s");
    assert_eq!(json["digest"].as_str().map(str::len), Some(16));
    let points = json["points"].as_array().expect("a list of points");
    assert_eq!(points.len(), 2);
    assert_eq!(points[0]["set"]["fencing"], true);
    let metrics = &points[1]["metrics"];
    let writes = &metrics["writes_total"]["seeds"]["value"];
    for figure in ["count", "mean", "sd", "min", "max"] {
        assert!(writes[figure].is_number(), "{figure}");
    }
    assert_eq!(writes["ci95"].as_array().map(Vec::len), Some(2));
    assert!(metrics["believers"]["all"]["mean"].is_number());
    let invariants = |point: &Value| point["invariants"].as_array().expect("a list").clone();
    assert!(invariants(&points[0]).iter().all(|it| it["held"] == 5));
    let mut broken = invariants(&points[1]);
    broken.retain(|it| it["broken"] != 0);
    assert_eq!(broken.len(), 1);
    assert_eq!(
        (&broken[0]["held"], &broken[0]["broken"]),
        (&0.into(), &5.into())
    );
    assert_eq!(broken[0]["first_broken"][0]["seed"], 3);

    let table = sweep(&home, "--metric split_brain_ms_total").printed();
    table.holds(["split_brain_ms_total  invariants"]);
    // The command that is printed shows the very breach.
    let (_, command) = table.split_once("to see it: ddlab ").expect("it says how");
    let command = command.lines().next().expect("a line");
    home.run(command)
        .printed()
        .holds(["BROKEN  storage accepts no token lower"]);
}

#[test]
fn a_sweep_of_one_point_shows_every_figure() {
    let table = ddlab("lab sweep scatter-gather --seeds 0..3 --for 2s --warmup 1s");
    table.plain().ended(0).shows([
        "latency_ms",
        "p999",
        "completeness_ratio",
        "leaf_utilization",
        "every invariant held",
    ]);
}

#[test]
fn files_that_do_not_make_one_sweep_are_refused_by_name() {
    let home = Program::new();
    let files = shards(&home, 3);
    let [a, b, c] = [&files[0], &files[1], &files[2]];
    merge(&home, &format!("{a} {c}")).refused([
        "3 of 10 runs are in none of these files",
        "seeds 4..6 with fencing=off",
    ]);
    merge(&home, &format!("{a} {b} {a}")).refused(["shard-1-3.json", "seed 3"]);

    let whole = fs::read_to_string(home.path(b)).expect("it was written");
    let refused = |name: &str, text: String| {
        fs::write(home.path(name), text).expect("there is room");
        let complaint = merge(&home, &format!("{a} {name} {c}")).complaint();
        complaint.holds([name]);
        complaint
    };
    let without_a_row = || {
        let lines = whole.split_inclusive('\n').enumerate();
        lines
            .filter(|(n, _)| *n != 2)
            .map(|(_, line)| line)
            .collect()
    };
    let edited = whole.replacen("\"writes_total\":", "\"writes_total\":1", 1);
    let summary = sweep(&home, "--json").printed();
    for (name, text, says) in [
        (
            "knob.json",
            whole.replace("\"lease=5s\"", "\"lease=6s\""),
            "lease=6s, where the others have lease=5s",
        ),
        (
            "old.json",
            whole.replace("\"version\":\"", "\"version\":\"0.0."),
            "made by ddlab 0.0.",
        ),
        (
            "cut.json",
            whole[..whole.len() / 2].to_owned(),
            "1 of its 3 rows, since it was cut short",
        ),
        ("edited.json", edited, "line 2 was changed or damaged"),
        (
            "without.json",
            without_a_row(),
            "lines are missing or were moved",
        ),
        ("none.json", "not JSON".to_owned(), "not JSON"),
        ("empty.json", String::new(), "not JSON"),
        ("other.json", "{}".to_owned(), "no `format`"),
        (
            "summary.json",
            summary,
            "merge what `ddlab lab sweep --out FILE` has written",
        ),
    ] {
        refused(name, text).holds([says]);
    }
    let bell = "{\"format\": \"\\u001b[31m\"}".to_owned();
    refused("bell.json", bell).lacks(["\u{1b}"]);
    merge(&home, "/dev/zero").refused(["not a file of rows"]);
}

#[test]
fn a_row_that_no_run_has_written_is_refused_though_its_check_fits() {
    let home = Program::new();
    home.run("lab sweep scatter-gather --seeds 0..2 --for 2s --warmup 1s --vary fan_out=10 --out rows.jsonl")
        .printed();
    let whole = fs::read_to_string(home.path("rows.jsonl")).expect("it was written");
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let row = Row::parse(lines[1]).expect("a row");
    let refused = |forge: &dyn Fn(&mut Row), says: &str| {
        let mut forged = row.clone();
        forge(&mut forged);
        let text = [lines[0], &forged.to_line(), lines[2]].concat();
        fs::write(home.path("forged.jsonl"), text).expect("there is room");
        merge(&home, "forged.jsonl").refused(["line 2", says]);
    };
    refused(&|row| row.digest = Some("0".repeat(15)), "sixteen");
    refused(&|row| row.digest = None, "sixteen");
    refused(&|row| row.set.clear(), "its `set`");
    let latency = "the figures of `latency_ms`";
    refused(&|row| drop(row.metrics.swap_remove("latency_ms")), latency);
    refused(&|row| drop(row.tallies.swap_remove("latency_ms")), latency);
    let more = |row: &mut Row| {
        let Some(Figures::Many(figures)) = row.metrics.get_mut("latency_ms") else {
            panic!("a histogram has several figures");
        };
        figures.insert("count".to_owned(), Some(Number(1e6)));
    };
    refused(&more, latency);
    let endless = |row: &mut Row| {
        let samples = r#"{"sum_ns":1,"max_ns":1,"counts":[[1,18446744073709551615],[2,2]]}"#;
        let samples = serde_json::from_str(samples).expect("samples");
        let tally = Tally::Histogram(samples);
        row.tallies.insert("latency_ms".to_owned(), tally);
    };
    refused(&endless, latency);
}

#[test]
fn sweeps_of_neighbouring_seeds_join() {
    let home = Program::new();
    for seeds in ["0..3", "3..5", "0..5"] {
        let line = format!("lab sweep election --for 8s --seeds {seeds} --out {seeds}.jsonl");
        home.run(&line).printed();
    }
    let merged = merge(&home, "3..5.jsonl 0..3.jsonl --out -").printed();
    let both = fs::read_to_string(home.path("0..5.jsonl")).expect("it was written");
    assert_eq!(merged, both);
}

#[test]
fn the_arguments_of_the_job_make_the_same_sweep_when_a_cluster_runs_it() {
    let home = Program::new();
    let job = sweep(&home, "--k8s ddlab --completions 4 --volume results").printed();
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
            arg.replace(results, &home.path("").to_string_lossy())
        };
        let args = container["args"].as_array().expect("a list");
        let args: Vec<String> = args.iter().map(expand).collect();
        assert_eq!(args[0], "lab");
        let mut command = home.command("");
        command.args(args).env("JOB_COMPLETION_INDEX", &index);
        Ran::of(&mut command, "").ended(0);
        files.push(format!("shard-{index}.jsonl"));
    }
    let merged = merge(&home, &format!("--json {}", files.join(" "))).printed();
    assert_eq!(merged, sweep(&home, "--json").printed());
}

/// A cluster of a script: what its pods print is in files, as the kubelet keeps it.
const KUBECTL: &str = r#"#!/bin/sh
case "$1" in
    apply) cat > job.yaml ;;
    wait) case "$2" in *=complete) true ;; *) false ;; esac ;;
    get) for word; do case "$word" in *index=*) echo "pod/old"; echo "pod/${word##*index=}" ;; esac; done ;;
    logs) cat "log-${2#pod/}" ;;
esac
"#;

#[cfg(unix)]
#[test]
fn the_script_for_a_cluster_fetches_what_each_pod_printed_and_merges_it() {
    use std::os::unix::fs::PermissionsExt;
    let home = Program::new();
    let kubectl = home.path("kubectl");
    fs::write(&kubectl, KUBECTL).expect("a file");
    fs::set_permissions(&kubectl, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let script = sweep(&home, "--k8s ddlab --completions 4 --script").printed();
    let run_script = || {
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_ddlab"));
        let folders = [
            home.path(""),
            program.parent().expect("a folder").to_owned(),
        ];
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(folders.into_iter().chain(std::env::split_paths(&path)));
        let mut shell = std::process::Command::new("sh");
        shell.current_dir(home.path("")).args(["-c", &script]);
        shell.stdin(Stdio::piped());
        shell.stdout(Stdio::piped()).stderr(Stdio::piped());
        Ran::of(shell.env("PATH", path.expect("no colon in a folder")), "")
    };
    let nothing_yet = run_script().ended(1);
    nothing_yet.err.holds([
        "shard 0: no pod has printed it",
        "4 of 4 shards are missing",
    ]);
    let job = fs::read_to_string(home.path("job.yaml")).expect("it was applied");
    let job: Value = serde_yaml::from_str(&job).expect("it is YAML");
    let args = &job["spec"]["template"]["spec"]["containers"][0]["args"];
    let args: Vec<&str> = args
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    for index in 0..4 {
        let mut pod = home.command("");
        pod.args(args.iter().map(|arg| arg.replace("$$", "$")));
        let ran = Ran::of(pod.env("JOB_COMPLETION_INDEX", index.to_string()), "").ended(0);
        // A pod's log is both of its streams.
        let log = format!("{}{}", ran.err, ran.out);
        fs::write(home.path(&format!("log-{index}")), log).expect("a file");
    }
    run_script().ended(0);
    let merged = merge(&home, "--json sweep.jsonl").printed();
    assert_eq!(merged, sweep(&home, "--json").printed());
}

#[test]
fn the_index_of_a_pod_chooses_the_shard_and_is_said() {
    let home = Program::new();
    let in_pod = |more: &str| {
        let mut command = home.command(&format!("{SWEEP} {more}"));
        Ran::of(command.env("JOB_COMPLETION_INDEX", "1"), "")
    };
    let by_index = in_pod("--shards 4").ended(0);
    assert_eq!(by_index.out, sweep(&home, "--shard 2/4").printed());
    by_index.shows(["shard 2/4"]);
    in_pod("").refused(["--shards N"]);
}

#[test]
fn what_cannot_be_swept_is_refused_with_what_would_do() {
    let home = Program::new();
    for (more, says) in [
        ("--seeds 0..0", "no seed in"),
        ("--seeds 0..1000000000000", "too many"),
        ("--seeds many", "FROM..TO"),
        ("--jobs 0", "1..=1024"),
        ("--shard 4/3", "numbered from 1 to 3"),
        ("--shard 1/101", "more than there are runs"),
        ("--vary polcy=hedge", "did you mean `policy`?"),
        ("--vary policy=hedge,tid", "did you mean `tied`?"),
        ("--set fanout=3", "did you mean `fan_out`?"),
        ("--at 6s:slow=21", "the last leaf is 20"),
        ("--at 2m:slow=2", "after the end"),
        ("--warmup 2m", "warm-up"),
        ("--for soon", "can't read --for"),
        ("--metric latency_ms.p98", "there are: count, mean"),
        (
            "--out /no/such/folder/x",
            "can't write to /no/such/folder/x",
        ),
        ("--k8s ddläb", "the name of an image"),
        ("--k8s ddlab --volume Mine:{}", "PersistentVolumeClaim"),
        ("--k8s ddlab --completions 101", "take 1 to 100"),
        ("--slurm --completions 101", "take 1 to 100"),
        ("--slurm --seeds 0..2000 --completions 1002", "1001 shards"),
        ("--slurm --volume results", "is for --k8s"),
        ("--slurm --k8s ddlab", "cannot be used with"),
        ("--parallelism 2", "--k8s"),
    ] {
        let line = format!("lab sweep scatter-gather {more}");
        home.run(&line).refused([says]);
    }
}

#[test]
fn ctrl_c_ends_a_sweep_with_what_is_in() {
    let home = Home::new();
    let file = home.path().join("part.jsonl");
    let name = file.to_string_lossy().into_owned();
    let sweep = ["lab", "sweep", "election", "--seeds", "0..1000000", "--out"];
    let launch = Launch::default().home(home);
    let mut terminal = launch.arguments(&[&sweep[..], &[&name]].concat()).start();
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
    let mut beside = fs::read_dir(ended.home.path())
        .expect("the home is there")
        .flatten();
    assert!(!beside.any(|it| it.file_name().to_string_lossy().ends_with(".part")));
    ddlab(&format!("lab merge {name}")).refused(["runs are in none of these files"]);
}
