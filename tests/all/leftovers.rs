//! What a hundred gradings leave behind: nothing. Programs at their worst, graded to the end, interrupted and orphaned; then
//! their processes, ports and folders are counted. It takes minutes, so it is a command:
//! `cargo test -p ddlab --test all a_hundred_gradings -- --ignored --nocapture`.

#![cfg(target_os = "linux")]

use crate::support::program::Program;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const GRADINGS: usize = 100;
const SIDE_BY_SIDE: usize = 4;
/// Killed is not yet gone, and strays of a ddlab that was killed are looked for once a second.
const PATIENCE: Duration = Duration::from_secs(30);

/// Programs that leave their group, their parent or their environment, that flood, hog, hang and die.
fn worst(torture: &Path) -> Vec<String> {
    let torture = torture.display();
    let habits = [
        "honest",
        "listens-late",
        "elsewhere",
        "ill",
        "daemon",
        "memory",
        "processes",
        "dies-at-first-request",
        "closes-mid-body",
        "not-http",
        "slow-drip",
    ];
    let mut programs: Vec<String> = habits.map(|habit| format!("{torture} {habit}")).into();
    programs.extend([
        "sleep 671 & exit 0".to_owned(),
        "setsid sleep 671 & sleep 671".to_owned(),
        "yes | head -c 1000000000; exit 1".to_owned(),
        format!("trap '' TERM; {torture} stubborn"),
        format!(
            "env -i /usr/bin/setsid /bin/sh -c '/bin/sleep 671 & exit 0'; exec {torture} honest"
        ),
    ]);
    programs
}

/// How a grading ends.
const ENDS: [Option<Signal>; 5] = [
    None,
    Some(Signal::SIGINT),
    None,
    Some(Signal::SIGTERM),
    Some(Signal::SIGKILL),
];

/// Compiled as the exercises' own tests do.
fn compiled(folder: &Path) -> PathBuf {
    let program = folder.join("torture");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("exercises/tests/common/torture.rs");
    let status = Command::new("rustc")
        .args(["--edition", "2024", "-C", "debuginfo=0", "-o"])
        .arg(&program)
        .arg(source)
        .status()
        .expect("rustc is where tests are built");
    assert!(status.success());
    program
}

/// Living processes of the gradings: what they inherited says so, or, where they threw that away, their command.
fn processes(mark: &str) -> Vec<PathBuf> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    all.map(|entry| entry.path())
        .filter(|process| {
            let part = |name: &str| {
                let bytes = fs::read(process.join(name)).unwrap_or_default();
                String::from_utf8_lossy(&bytes).into_owned()
            };
            let command = part("cmdline");
            let known = [613, 617, 671].map(|seconds| format!("sleep\0{seconds}\0"));
            known.iter().any(|known| command.ends_with(known.as_str()))
                || part("environ").contains(mark)
        })
        .collect()
}

/// Sockets that these processes listen on.
fn ports(processes: &[PathBuf]) -> usize {
    const LISTENS: &str = "0A";
    let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let sockets: HashSet<String> = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| fields.get(3) == Some(&LISTENS))
        .filter_map(|fields| Some(format!("socket:[{}]", fields.get(9)?)))
        .collect();
    let files = processes
        .iter()
        .filter_map(|process| fs::read_dir(process.join("fd")).ok());
    let files = files.flatten().flatten();
    let open = files.filter_map(|file| fs::read_link(file.path()).ok());
    open.filter(|file| sockets.contains(&*file.to_string_lossy()))
        .count()
}

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).expect("it was made").count()
}

#[test]
#[ignore = "minutes; a command that CONTRIBUTING names"]
fn a_hundred_gradings_leave_nothing_behind() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mark = folder.path().display().to_string();
    let torture = compiled(folder.path());
    let programs = worst(&torture);
    // Nobody is left to remove the folders of a ddlab that was killed.
    let (scratch, orphaned) = (
        folder.path().join("scratch"),
        folder.path().join("orphaned"),
    );
    for made in [&scratch, &orphaned] {
        fs::create_dir(made).expect("the folder is new");
    }
    let before = processes(&mark).len();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= GRADINGS {
                        break;
                    }
                    let end = ENDS[number % ENDS.len()];
                    let is_orphaned = end == Some(Signal::SIGKILL);
                    let temporary = if is_orphaned { &orphaned } else { &scratch };
                    grade(&programs[number % programs.len()], end, temporary);
                }
            });
        }
    });
    let until = Instant::now() + PATIENCE;
    while processes(&mark).len() > before && Instant::now() < until {
        std::thread::yield_now();
    }
    let left = processes(&mark);
    println!(
        "{GRADINGS} gradings of {} programs, of five two to the end and one each ended by SIGINT, SIGTERM and SIGKILL: \
         {} processes before, {} after; {} ports after; {} folders after, {} of those that were killed",
        programs.len(),
        before,
        left.len(),
        ports(&left),
        entries(&scratch),
        entries(&orphaned),
    );
    assert_eq!((left.len(), entries(&scratch)), (before, 0), "{left:?}");
}

/// Grades a program to its end, or until it runs and a signal comes.
fn grade(run: &str, end: Option<Signal>, temporary: &Path) {
    const SLUG: &str = "scatter-gather-top10";
    let home = Program::new();
    home.run(&format!("exercise start {SLUG} work --lang python"))
        .ended(0);
    let config = format!("exercise: {SLUG}\nlanguage: python\nrun: {run:?}\n");
    fs::write(home.path("work/ddlab.yaml"), config).expect("the home can be written");
    let mut command = home.command("exercise grade work");
    command.env("TMPDIR", temporary);
    let mut grading = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    if let Some(signal) = end {
        // Its own process and that of the program.
        let mark = home.path("data").display().to_string();
        while processes(&mark).len() < 2 && grading.try_wait().expect("it is ours").is_none() {
            std::thread::yield_now();
        }
        let pid = i32::try_from(grading.id()).expect("a process number");
        let _ = kill(Pid::from_raw(pid), signal);
    }
    grading.wait().expect("it ends");
}
