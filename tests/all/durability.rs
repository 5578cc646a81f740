//! What the record has acknowledged survives `kill -9`. The test starts itself again as a child that
//! appends and prints the id of each acknowledged event, and kills it in the middle of that.

use ddlab::clock;
use ddlab::progress::{Event, Record};
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
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
