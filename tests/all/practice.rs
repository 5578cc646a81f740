//! Practice as a script meets it: the real binary, pipes on all sides, the clock set by `--now`.

use crate::support::program::{Program, Ran};
use crate::support::{Holds, starts};

/// Runs it as if it were this time, in UTC.
fn on(learner: &Program, now: &str, line: &str, input: &str) -> Ran {
    let mut command = learner.command(&format!("--now {now} {line}"));
    Ran::of(command.env("TZ", "UTC"), input)
}

/// The text without its line breaks, which depend on where words fall.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn says(learner: &Program, now: &str, line: &str, input: &str) -> String {
    on(learner, now, line, input).printed()
}

const MISS: &str = "quiz ch07-hedge-load --plain";

/// Misses the question: `a` is wrong as it is laid out.
#[track_caller]
fn missed(learner: &Program, now: &str) {
    says(learner, now, MISS, "a\n").holds(["Not right"]);
}

#[test]
fn what_was_missed_comes_back_the_next_day_and_the_day_begins_at_four() {
    let learner = Program::new();
    // Right after midnight it is still the day before.
    missed(&learner, "2026-11-29T01:00");
    let due = |now: &str| says(&learner, now, "review due", "");
    starts(&due("2026-11-29T03:00"), "Due today: 0 cards");
    starts(&due("2026-11-29T09:00"), "Due today: 1 card,");
    let held = says(&learner, "2026-11-29T09:00", "review", "\n1\n\n3\n");
    flat(&held).holds(["Done for today: 1 card"]);
    starts(&due("2026-11-29T10:00"), "Due today: 0 cards");
    starts(&due("2026-11-30T10:00"), "Due today: 1 card,");
}

#[test]
fn the_interview_date_and_the_limit_are_kept_and_what_is_wrong_is_said() {
    let learner = Program::new();
    let set = "review set --interview 2026-12-06 --limit 20";
    let said = says(&learner, "2026-11-29", set, "");
    said.holds(["interview on 2026-12-06 · 20 cards a day"]);
    let kept = says(&learner, "2026-11-30", "review due", "");
    kept.holds(["20 cards a day"]);
    let refused = |line: &str, why: &str| on(&learner, "2026-11-29", line, "").refused([why]);
    refused("review set --retention 0.5", "0.8 to 0.95");
    refused("review set --interview soon", "is not a day");
    refused("review fit", "from 400 reviews on");
    on(&learner, "soon", "review due", "").refused(["`soon` is not a time"]);
}

#[test]
fn a_drill_is_worked_line_by_line_and_the_same_seed_asks_the_same() {
    let learner = Program::new();
    let drill = "drill --only fan-out --count 1 --seed 3";
    let once = says(&learner, "2026-11-29", drill, "60 % 40..80\n\n");
    flat(&once).holds(["To remember", "1 problem answered"]);
    let again = says(&learner, "2026-11-30", drill, "60 % 40..80\n\n");
    assert_eq!(once, again);
    on(&learner, "2026-11-29", "drill --only fan-ou", "").refused(["`fan-out`"]);
    let progress = says(&learner, "2026-11-30", "progress", "");
    flat(&progress).holds(["How many requests meet a slow leaf"]);
}

#[test]
fn two_records_merge_in_either_order_and_twice_to_the_same_bytes() {
    let (one, two, three) = (Program::new(), Program::new(), Program::new());
    missed(&one, "2026-11-29T09:00");
    let drill = "drill --count 1 --seed 1";
    says(&two, "2026-11-29T10:00", drill, "100\n\n");
    let export = |learner: &Program| says(learner, "2026-11-30", "record export", "");
    let import =
        |learner: &Program, text: &str| says(learner, "2026-11-30", "record import -", text);
    let (first, second) = (export(&one), export(&two));
    import(&one, &second).holds([" added, 0 known already"]);
    import(&two, &first).holds([" added, 0 known already"]);
    starts(&import(&two, &first), "0 events added");
    assert_eq!(export(&one), export(&two));
    import(&three, &export(&one));
    assert_eq!(
        export(&three),
        export(&one),
        "rebuilt from the text to the same bytes"
    );
    let due = |learner: &Program| says(learner, "2026-11-30", "review due", "");
    assert_eq!(due(&three), due(&one));
    on(&one, "2026-11-30", "record import -", "{}\n").refused(["line 1", "nothing was imported"]);
}

#[test]
fn cards_go_to_anki_with_the_same_ids_and_events_to_a_table() {
    let learner = Program::new();
    missed(&learner, "2026-11-29");
    let anki = says(&learner, "2026-11-29", "record anki", "");
    starts(&anki, "#separator:tab\n#html:true\n#guid column:1\n");
    let card = anki.lines().last().unwrap();
    starts(card, "quiz:ch07-hedge-load\t");
    assert_eq!(card.split('\t').count(), 4, "{card}");
    let table = says(&learner, "2026-11-29", "record csv", "");
    starts(&table, "time,day,machine,kind,subject,payload\n");
    table.holds(["quiz_answered,ch07-hedge-load,"]);
}

#[test]
fn a_mock_interview_is_left_resumed_and_debriefed() {
    let learner = Program::new();
    let mock = "interview --topic chat --level staff";
    let begun = says(&learner, "2026-11-29T09:00", mock, "How many users?\n.\n");
    flat(&begun).holds(["50 million people", "The input has ended"]);
    let goes_on = ".\n".repeat(9) + "1 2 3\n";
    let done = says(&learner, "2026-11-29T11:00", mock, &goes_on);
    flat(&done).holds(["it predicts nothing about", "Study next"]);
    let transcript = says(
        &learner,
        "2026-11-29T12:00",
        "interview transcript chat",
        "",
    );
    transcript.holds(["**Candidate:** How many users?"]);
    let weak = says(&learner, "2026-11-29T12:00", "progress", "");
    flat(&weak).holds(["ddlab interview --topic chat"]);
}

#[test]
fn a_question_is_settled_in_the_lab_and_what_it_measured_comes_back_in_the_review() {
    let learner = Program::new();
    let prove = "prove ch07-q5";
    let asked = says(
        &learner,
        "2026-11-29",
        prove,
        "20 % 10..30\nOne leaf of twenty.\n",
    );
    flat(&asked).holds([
        "What will `completeness_ratio` be?",
        "You said 20.0 %",
        "2 events kept",
    ]);
    let answer = "ask ch07-q5 --plain";
    says(&learner, "2026-11-29", answer, "I hang up.\n.\n\n1\n");
    let held = says(&learner, "2026-11-30", "review", "\n.\n1\n");
    flat(&held).holds([
        "In the lab you predicted 20.0 % for `completeness_ratio`",
        "“One leaf of twenty.”",
    ]);
    let refused = on(&learner, "2026-11-29", "prove ch06-q5", "");
    refused.refused(["no lab settles ch06-q5"]);
}

#[test]
fn progress_is_json_for_scripts() {
    let learner = Program::new();
    let value = on(&learner, "2026-11-29", "progress --json", "").json();
    assert_eq!(value["chapters"].as_array().unwrap().len(), 13);
    assert!(value["calibration"]["brier"].is_null());
}

/// The judge is off, so nothing of a session may speak to anybody.
#[cfg(target_os = "linux")]
#[test]
fn no_session_opens_a_socket() {
    use std::io::{BufRead, BufReader};
    for line in [
        "drill --count 1",
        "review",
        "interview --topic chat",
        "ask ch07-q1",
        "prove ch07-q5",
        "quiz 7",
    ] {
        let learner = Program::new();
        missed(&learner, "2026-11-29");
        let mut command = learner.command(&format!("--now 2026-12-05 {line} --plain"));
        let mut child = command.spawn().unwrap();
        // It has asked something, and waits for an answer.
        let mut first = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut first).unwrap();
        let open = std::fs::read_dir(format!("/proc/{}/fd", child.id())).unwrap();
        let open: Vec<String> = open
            .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
            .map(|target| target.display().to_string())
            .collect();
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(!first.is_empty() && !open.is_empty(), "{line}");
        let sockets: Vec<&String> = open.iter().filter(|to| to.starts_with("socket:")).collect();
        assert!(sockets.is_empty(), "{line}: {sockets:?}");
    }
}

/// A line of an export in which this place has this note.
fn noted(id: &str, of: &str, note: &str) -> String {
    let payload = serde_json::json!({ "of": of, "title": of, "place": "\"home\"", "note": note });
    let line = serde_json::json!({
        "id": id, "at_ms": 1_796_000_000_000_i64, "day": "2026-11-29", "machine": "there",
        "kind": "bookmarked", "payload": payload,
    });
    format!("{line}\n")
}

#[test]
fn notes_travel_from_machine_to_machine_and_are_printed() {
    let (one, two) = (Program::new(), Program::new());
    let now = "2026-11-30";
    says(&one, now, "record notes", "").holds(["No bookmarks yet"]);
    let a = noted("01A", "question:ch07-q1", "why *not* hedge?");
    let b = noted("01B", "section:sharded/the-ring", "draw it");
    says(&one, now, "record import -", &a);
    says(&two, now, "record import -", &b);
    let exported = says(&one, now, "record export", "");
    says(&two, now, "record import -", &exported);
    says(&one, now, "record import -", &b);
    for learner in [&one, &two] {
        let notes = says(learner, now, "record notes", "");
        notes.holds(["# Bookmarks and notes", "why *not* hedge?", "draw it"]);
        assert_eq!(notes.matches("draw it").count(), 1);
    }
    let notes = |learner: &Program| says(learner, now, "record notes", "");
    assert_eq!(notes(&one), notes(&two));
}
