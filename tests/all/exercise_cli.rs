//! `ddlab exercise` from the outside: the real binary in a pipe, as a script would use it.

use crate::support::Holds;
use crate::support::program::{Program, Ran};
use std::fs;
use std::path::{Path, PathBuf};

const SLUG: &str = "scatter-gather-top10";

/// A started exercise whose program is this shell command, in the folder `work`.
fn started(run: &str) -> (Program, PathBuf) {
    let home = Program::new();
    home.run(&format!("exercise start {SLUG} work")).ended(0);
    let dir = home.path("work");
    let config = format!("exercise: {SLUG}\nlanguage: rust\nbuild: \"\"\nrun: {run:?}\n");
    fs::write(dir.join("ddlab.yaml"), config).expect("a file");
    (home, dir)
}

fn said(ran: &Ran) -> String {
    format!("{}{}", ran.out, ran.err)
}

#[test]
fn the_list_names_the_exercises_without_colour() {
    let ran = Program::new().run("exercise list");
    ran.plain().ended(0).shows([SLUG]);
}

#[test]
fn start_lays_a_folder_out_once_and_refuses_the_second_time() {
    let home = Program::new();
    let start = format!("exercise start {SLUG} --lang python");
    home.run(&start).ended(0);
    assert!(home.path(SLUG).join("statement.md").is_file());
    assert!(home.path(SLUG).join("main.py").is_file());
    home.run(&start).refused(["not empty"]);
}

#[test]
fn wrong_names_are_usage_errors_that_name_the_right_ones() {
    let (home, _) = started("true");
    for (line, right) in [
        ("start scatter-gather-top9", SLUG),
        (
            "start scatter-gather-top10 other --lang java",
            "rust, python",
        ),
        ("grade work --check paralel", "parallel"),
        ("grade elsewhere", "elsewhere"),
        ("hint .", "ddlab exercise start"),
    ] {
        home.run(&format!("exercise {line}")).refused([right]);
    }
}

#[test]
fn a_program_that_dies_at_once_fails_with_its_status_words_and_the_way_to_replay() {
    let (home, dir) = started("printf '\\033[31mno index' >&2; exit 7");
    let text = said(&home.run("exercise grade work --seed 5").ended(1));
    text.holds([
        "exited with status 7",
        "␛[31mno index",
        "exited-before-listening",
        "ddlab exercise grade --check starts-and-stops --seed 5",
    ]);
    text.lacks(["\u{1b}"]);
    // From inside the folder, and as JSON: the same.
    let inside = dir.join("src").display().to_string();
    let report = home.run(&format!("exercise grade {inside} --seed 5 --json"));
    crate::schemas::meets("grade", &report.out);
    let report = report.json();
    assert_eq!(report["verdict"], "fail");
    assert_eq!(report["checks"][0]["diagnosis"], "exited-before-listening");
    assert_eq!(report["checks"][1]["outcome"], "not_reached");
}

/// Exercises that were started on the screen lie in the folder for them all.
#[test]
fn an_exercise_is_found_by_its_name_where_the_program_laid_it_out() {
    let home = Program::new();
    let in_workspaces = |line: &str| {
        let mut command = home.command(line);
        command.env("DDLAB_WORKSPACES", home.path("workspaces"));
        Ran::of(&mut command, "")
    };
    in_workspaces(&format!("exercise hint {SLUG}")).refused([SLUG]);
    home.run(&format!("exercise start {SLUG} workspaces/{SLUG}"));
    in_workspaces(&format!("exercise hint {SLUG}")).shows(["hint 1 of "]);
}

#[test]
fn hints_go_on_and_the_solution_waits_for_a_pass_or_for_giving_up() {
    let (home, _) = started("true");
    home.run("exercise hint work").shows(["hint 1 of "]);
    home.run("exercise hint work").shows(["hint 2 of "]);
    home.run("exercise solution work").refused(["--give-up"]);
    home.run("exercise diff work").refused(["--give-up"]);
    let shown = home.run("exercise solution work --give-up").ended(0);
    shown.shows(["fn scatter("]);
}

#[test]
fn reset_says_where_the_files_are_kept() {
    let (home, dir) = started("true");
    fs::write(dir.join("src/main.rs"), "my work").expect("a file");
    let reset = home.run("exercise reset work").ended(0);
    let mut lines = reset.out.lines();
    let kept = lines.find_map(|line| line.strip_prefix("Your files are in "));
    let kept = Path::new(kept.expect("it says where"));
    let mine = fs::read_to_string(kept.join("src/main.rs")).expect("it is there");
    assert_eq!(mine, "my work");
}

#[test]
#[cfg(target_os = "linux")]
fn an_interrupted_grade_leaves_nothing_behind() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    let (home, _) = started("setsid sleep 641 & sleep 641");
    for (signal, status) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let mut command = home.command("exercise grade work");
        let mut grading = command.spawn().expect("the binary runs");
        while sleepers("641") < 2 {
            std::thread::yield_now();
        }
        let pid = i32::try_from(grading.id()).expect("a process number");
        kill(Pid::from_raw(pid), signal).expect("it lives");
        let ended = grading.wait().expect("it ends");
        assert_eq!(ended.code(), Some(status));
        // Killed is not yet gone: the kernel takes a moment.
        while sleepers("641") > 0 {
            std::thread::yield_now();
        }
    }
}

/// Living processes that are a `sleep` of so many seconds.
fn sleepers(seconds: &str) -> usize {
    let wanted = format!("sleep\0{seconds}\0");
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter(|entry| {
            fs::read(entry.path().join("cmdline")).is_ok_and(|line| line == wanted.as_bytes())
        })
        .count()
}

#[test]
#[cfg(target_os = "linux")]
fn a_daemon_that_hides_where_it_came_from_is_ended() {
    for made_up in ["", "DDLAB_FAMILY=1-0"] {
        let daemon = "/usr/bin/setsid /bin/sh -c 'cd /tmp; PATH=/bin; sleep 651 & exit 0'";
        let (home, _) = started(&format!("env -i {made_up} {daemon}; exit 3"));
        home.run("exercise grade work").ended(1);
        while sleepers("651") > 0 {
            std::thread::yield_now();
        }
    }
}

/// It left the group, its parent and its environment; ddlab is killed before it can end anything.
#[test]
#[cfg(target_os = "linux")]
fn what_a_killed_ddlab_was_grading_is_ended_also_when_it_hides() {
    let daemon = "/usr/bin/setsid /bin/sh -c 'cd /tmp; PATH=/bin; sleep 661 & exit 0'";
    let (home, _) = started(&format!("env -i {daemon}; sleep 661"));
    let mut grading = home
        .command("exercise grade work")
        .spawn()
        .expect("a binary");
    while sleepers("661") < 2 {
        std::thread::yield_now();
    }
    grading.kill().expect("it lives");
    grading.wait().expect("it ends");
    let limit = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while sleepers("661") > 0 {
        assert!(std::time::Instant::now() < limit, "a stray lives on");
        std::thread::yield_now();
    }
}

#[test]
fn an_edit_under_watch_grades_again() {
    use std::io::{BufRead, BufReader};
    let (home, dir) = started("exit 3");
    let mut command = home.command("exercise grade work --watch");
    let mut watching = command.spawn().expect("the binary runs");
    let lines = BufReader::new(watching.stdout.take().expect("it is piped")).lines();
    let mut summaries = 0;
    let mut edited = false;
    for line in lines.map_while(Result::ok) {
        summaries += usize::from(line.starts_with("fail · "));
        if line.starts_with("watching") && !edited {
            fs::write(dir.join("src/main.rs"), "// another try").expect("a file");
            edited = true;
        }
        if summaries == 2 {
            break;
        }
    }
    watching.kill().expect("it still watches");
    watching.wait().expect("it ends");
    assert_eq!(summaries, 2);
}

#[test]
fn the_full_way_from_start_to_pass_and_solution() {
    let home = Program::new();
    home.run(&format!("exercise start {SLUG} work --lang rust"));
    let solution = home.run("exercise solution work --give-up");
    let (_, main) = solution
        .out
        .split_once("<==\n")
        .expect("a header, then the file");
    let main = main.trim_end().to_owned() + "\n";
    fs::write(home.path("work/src/main.rs"), &main).expect("a file");
    let report = home.run("exercise grade work --json").ended(0).json();
    assert_eq!(report["verdict"], "pass");
    assert_eq!(report["complete"], true);
    // Solved: from now on the solution is the learner's to see, and to compare with.
    home.run("exercise solution work").ended(0);
    home.run("exercise diff work").shows(["is the solution"]);
    fs::write(home.path("work/src/main.rs"), format!("// mine\n{main}")).expect("a file");
    let diff = home.run("exercise diff work").printed();
    diff.holds([
        "--- yours/src/main.rs",
        "+++ solution/src/main.rs",
        "-// mine",
    ]);
    home.run("exercise list").shows([", passed"]);
}

/// One check of a program in Python. What is in the file is not done again.
#[test]
fn a_verification_goes_on_after_the_runs_that_are_in_its_file() {
    let home = Program::new();
    let verify =
        "exercise verify scatter-gather-top10 --only wrong-keeps-duplicates --out rows.jsonl";
    let ran = home.run(&format!("{verify} --runs 1")).ended(0);
    ran.shows([
        "scatter-gather-top10/wrong-keeps-duplicates-python",
        "1 of 1 as expected",
        "1 run",
    ]);
    let rows = || fs::read_to_string(home.path("rows.jsonl")).expect("it was written");
    let first = rows();
    assert_eq!(first.lines().count(), 1);
    let ran = home.run(&format!("{verify} --runs 2")).ended(0);
    ran.shows(["2 of 2 as expected"]);
    assert!(rows().starts_with(&first), "what was there stays");
    assert_eq!(rows().lines().count(), 2);
    // Lines of another machine, put together with these, are taken in; nothing is left to do.
    let known = rows().replace("\"as_expected\"", "\"wrong\"");
    fs::write(home.path("rows.jsonl"), known).expect("the home can be written");
    let ran = home.run(&format!("{verify} --runs 2")).ended(1);
    ran.shows(["0 of 2 as expected", "2 wrong"]);
}

#[test]
fn a_verification_is_done_in_shards_and_by_an_array_of_slurm() {
    let home = Program::new();
    let verify = "exercise verify scatter-gather-top10 --only wrong-keeps-duplicates --runs 3";
    let ran = home.run(&format!("{verify} --shard 3/3")).ended(0);
    ran.shows(["1 of 1 as expected"]);
    home.run(&format!("{verify} --shard 4/3"))
        .refused(["numbered from 1"]);
    let script = home
        .run(&format!("{verify} --slurm --completions 3"))
        .printed();
    script.holds([
        "#SBATCH --array=0-2%3",
        "exec ddlab exercise verify --runs 3 --only 'wrong-keeps-duplicates' scatter-gather-top10",
        "--shard",
        "cat shard-*.jsonl > verify.jsonl",
    ]);
    home.run(&format!("{verify} --slurm --completions 4"))
        .refused(["take 1 to 3"]);
    home.run("exercise verify scatter-gather-top10 --only nothing")
        .refused(["--only solution"]);
}

/// What was graded until then is in the file and in the table.
#[test]
#[cfg(target_os = "linux")]
fn an_interrupted_verification_keeps_what_it_knows_and_leaves_nothing_behind() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    let home = Program::new();
    let verify = "exercise verify scatter-gather-top10 --only wrong-keeps-duplicates --jobs 1 --out rows.jsonl";
    let mut command = home.command(&format!("{verify} --runs 1000"));
    let verifying = command.spawn().expect("the binary runs");
    let rows = || fs::read_to_string(home.path("rows.jsonl")).unwrap_or_default();
    while rows().lines().count() < 2 {
        std::thread::yield_now();
    }
    let pid = i32::try_from(verifying.id()).expect("a process number");
    kill(Pid::from_raw(pid), Signal::SIGINT).expect("it lives");
    let output = verifying.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130));
    let known = rows().lines().count();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        printed.contains(&format!("{known} of 1000 runs")),
        "{printed}"
    );
}
