//! What the record has acknowledged survives `kill -9`. The test starts itself again as a child that
//! appends and prints the id of each acknowledged event, and kills it in the middle of that.

use crate::support::program::Program;
use ddlab::clock;
use ddlab::progress::{Event, Record};
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

const CHILD: &str = "DDLAB_TEST_APPEND_TO";

/// Does nothing unless it is the child.
#[test]
fn child_appends_until_it_is_killed() {
    let Some(path) = std::env::var_os(CHILD) else {
        return;
    };
    let mut record = Record::open(Path::new(&path), clock::now().at);
    let mut out = std::io::stderr();
    loop {
        let event = Event::SolutionShown {
            of: "x".repeat(300),
        };
        let receipt = record.append(event, clock::now());
        assert!(receipt.durable);
        writeln!(out, "{}", receipt.id).unwrap();
    }
}

#[test]
fn no_acknowledged_event_is_lost_when_the_program_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("progress.db");
    let mut acknowledged = HashSet::new();
    for round in 1..=5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "durability::child_appends_until_it_is_killed",
                "--nocapture",
            ])
            .env(CHILD, &path)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        for _ in 0..7 * round {
            acknowledged.insert(lines.next().unwrap().unwrap());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What was printed before the kill and not read yet was acknowledged too.
        acknowledged.extend(lines.map_while(Result::ok).filter(|line| line.len() == 33));
        let mut record = Record::open(&path, clock::now().at);
        assert_eq!(record.take_notices(), []);
        let kept: HashSet<String> = record.events().map(|s| s.id.0.clone()).collect();
        let lost: Vec<_> = acknowledged.difference(&kept).collect();
        assert!(lost.is_empty(), "round {round}: lost {lost:?}");
    }
}

/// How often a session is killed: a few times in an ordinary run, `DDLAB_KILLS=200` in a long one.
fn kills() -> usize {
    let asked = std::env::var("DDLAB_KILLS").ok();
    asked.map_or(8, |kills| kills.parse().expect("DDLAB_KILLS is a number"))
}

#[test]
fn what_a_session_of_the_program_has_shown_as_kept_survives_a_kill_at_any_moment() {
    const ANSWERS: usize = 60;
    let learner = Program::new();
    let mut kept = 0;
    for kill in 0..kills() {
        let drill = format!("drill --only qps --count {ANSWERS} --seed {kill} --plain");
        let mut child = learner.command(&drill).spawn().unwrap();
        // No answer is given twice, so that each can be found.
        let said = |n: usize| 1_000 + kill * ANSWERS + n;
        let answers: Vec<String> = (0..ANSWERS).map(|n| said(n).to_string()).collect();
        let input = answers.join("\n\n") + "\n\n";
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        let mut out = child.stdout.take().unwrap();
        // So many bytes into its output, anywhere from the start to near the end.
        let mut printed = vec![0; kill * 7_919 % 18_000 + 1];
        let whole = out.read_exact(&mut printed);
        child.kill().unwrap();
        child.wait().unwrap();
        whole.expect("the session is longer than that");
        out.read_to_end(&mut printed).unwrap();
        // The solution comes after the answer is kept.
        let shown = String::from_utf8_lossy(&printed)
            .matches("To remember")
            .count();
        let log = learner.run("record export").printed();
        for n in 0..shown {
            let answer = format!("\"said\":{}.0", said(n));
            assert!(log.contains(&answer), "kill {kill}: {answer} is lost");
        }
        kept += shown;
    }
    assert!(kept > 0, "no session was killed after an answer");
}
