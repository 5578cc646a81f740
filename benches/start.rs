//! How long it takes from the start of the program to its first screen, with a record of 100,000 events: the real
//! binary in a pseudo-terminal that answers what it is asked, fifty times.
//!
//! Not by criterion: what counts is how often one waits, the 95th percentile.

use ddlab::clock::{LocalDay, UtcMs};
use ddlab::content::Library;
use ddlab::progress::event::QuestionAnswered;
use ddlab::progress::{Event, EventId, Record, Stored, place};
use ddlab::study::quiz::Answer;
use ddlab_labs::workbench::challenge::Medal;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

const EVENTS: i64 = 100_000;
/// Answers a day, the last of them today.
const A_DAY: i64 = 100;
const DAY_MS: i64 = 24 * 3_600_000;
const STARTS: usize = 50;
/// The goal.
const P95_MS: f64 = 60.0;
/// The end of the last row of the first screen; it is drawn last.
const SEEN: &str = "all keys";
/// Without a whole screen for so long, something is wrong with the program or with `SEEN`.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is asked of the terminal last, and the answers of a dark one.
const QUESTION: &str = "\x1b[c";
const ANSWERS: &[u8] = b"\x1b]11;rgb:1010/1010/1010\x1b\\\x1b[?62;c";

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    study(folder.path());
    let mut times: Vec<Duration> = (0..STARTS).map(|_| start(folder.path())).collect();
    let first = times[0];
    times.sort_unstable();
    let at = |share: f64| {
        let place = (share * (times.len() - 1) as f64).round() as usize;
        times[place].as_secs_f64() * 1e3
    };
    let p95 = at(0.95);
    let verdict = if p95 < P95_MS { "met" } else { "MISSED" };
    println!(
        "from the start to the first screen, {EVENTS} events, {STARTS} starts: median {:.1} ms, p95 {p95:.1} ms \
         (goal {P95_MS} ms, {verdict}); the first {:.1} ms",
        at(0.5),
        first.as_secs_f64() * 1e3,
    );
}

/// Three years of study.
fn study(folder: &Path) {
    let library = Library::embedded();
    let questions = library.chapters().flat_map(|chapter| &chapter.quiz);
    let ids: Vec<&str> = questions.map(|question| question.id.as_str()).collect();
    let now = ddlab::clock::now();
    let log = (0..EVENTS).map(|n| {
        let days_ago = (EVENTS - 1 - n) / A_DAY;
        Stored {
            id: EventId(format!("{n:08}")),
            at: UtcMs(now.at.0 - days_ago * DAY_MS),
            day: LocalDay::of_number(now.day.number() - days_ago as i32),
            machine: "here".to_owned(),
            event: Event::QuizAnswered(QuestionAnswered {
                question: ids[n as usize % ids.len()].to_owned(),
                answer: Answer::One(0),
                said: "x".to_owned(),
                right: n % 5 != 0,
                confidence: None,
            }),
        }
    });
    // And a medal in each lab.
    let medals = ddlab_labs::all().iter().enumerate().map(|(n, lab)| Stored {
        id: EventId(format!("medal-{n}")),
        at: now.at,
        day: now.day,
        machine: "here".to_owned(),
        event: Event::ChallengeScored {
            lab: lab.spec().id.to_owned(),
            challenge: ddlab_labs::guides(lab.spec().id).challenges[0].id.clone(),
            medal: Some(Medal::Gold),
            set: BTreeMap::new(),
        },
    });
    let log = log.chain(medals).collect();
    Record::open(&place::record_file(folder), now.at).merge(log, now.at);
}

/// One start; the time to its first whole screen.
fn start(data: &Path) -> Duration {
    let size = PtySize {
        rows: 40,
        cols: 120,
        pixel_width: 0,
        pixel_height: 0,
    };
    let pair = native_pty_system()
        .openpty(size)
        .expect("a pseudo-terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_ddlab"));
    command.env("TERM", "xterm-256color");
    command.env("DDLAB_DATA", data);
    let mut screen = pair.master.try_clone_reader().expect("a reader");
    let mut keys = pair.master.take_writer().expect("a writer");
    let begun = Instant::now();
    let mut child = pair.slave.spawn_command(command).expect("ddlab starts");
    drop(pair.slave);
    let (sender, drawn) = mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 8 * 1024];
        while let Ok(read @ 1..) = screen.read(&mut buffer)
            && sender.send(buffer[..read].to_vec()).is_ok()
        {}
    });
    let (mut seen, mut answered) = (String::new(), false);
    while !seen.contains(SEEN) {
        let Ok(bytes) = drawn.recv_timeout(PATIENCE) else {
            panic!("no {SEEN:?} on the first screen: {seen}");
        };
        seen.push_str(&String::from_utf8_lossy(&bytes));
        if !answered && seen.contains(QUESTION) {
            answered = true;
            keys.write_all(ANSWERS).expect("a terminal answers");
        }
    }
    let took = begun.elapsed();
    child.kill().expect("it still runs");
    child.wait().expect("it ends");
    took
}
