use super::*;
use crate::clock::LocalDay;
use rusqlite::Connection;
use tempfile::TempDir;

const NOW: UtcMs = UtcMs(1_790_000_000_000);

fn moment() -> Moment {
    Moment {
        at: NOW,
        day: LocalDay::parse("2026-09-21").unwrap(),
    }
}

fn solution(of: &str) -> Event {
    Event::SolutionShown { of: of.to_owned() }
}

fn subjects(record: &mut Record) -> Vec<String> {
    record
        .events()
        .map(|stored| stored.event.subject().to_owned())
        .collect()
}

fn in_folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/progress.db");
    (folder, path)
}

#[test]
fn what_is_appended_is_there_when_the_record_is_opened_again() {
    let (_folder, path) = in_folder();
    let mut record = Record::open(&path, NOW);
    let receipt = record.append(solution("a"), moment());
    assert!(receipt.durable);
    drop(record);
    let mut again = Record::open(&path, NOW);
    assert_eq!(again.take_notices(), []);
    let events: Vec<Stored> = again.events().cloned().collect();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].id, receipt.id);
    assert_eq!(events[0].event, solution("a"));
    assert_eq!(events[0].day, moment().day);
}

#[test]
fn two_programs_see_each_others_events_once() {
    let (_folder, path) = in_folder();
    let mut one = Record::open(&path, NOW);
    let mut two = Record::open(&path, NOW);
    for turn in 0..5 {
        assert!(
            one.append(solution(&format!("one {turn}")), moment())
                .durable
        );
        assert!(
            two.append(solution(&format!("two {turn}")), moment())
                .durable
        );
    }
    let seen = subjects(&mut one);
    assert_eq!(seen.len(), 10);
    assert_eq!(seen, subjects(&mut two));
}

#[test]
fn threads_of_several_records_lose_nothing() {
    let (_folder, path) = in_folder();
    drop(Record::open(&path, NOW));
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let mut record = Record::open(path, NOW);
                for turn in 0..10 {
                    record.append(solution(&format!("{writer} {turn}")), moment());
                }
                while !record.flush(NOW) {
                    std::thread::yield_now();
                }
            });
        }
    });
    assert_eq!(subjects(&mut Record::open(&path, NOW)).len(), 40);
}

#[test]
fn the_log_refuses_to_be_changed_or_cut() {
    let (_folder, path) = in_folder();
    Record::open(&path, NOW).append(solution("a"), moment());
    let other = Connection::open(&path).unwrap();
    for forbidden in ["UPDATE event SET kind = 'x'", "DELETE FROM event"] {
        let error = other.execute(forbidden, []).unwrap_err();
        assert!(error.to_string().contains("append-only"), "{error}");
    }
}

#[test]
fn while_another_program_holds_the_lock_events_wait_in_memory() {
    let (_folder, path) = in_folder();
    let mut record = Record::open(&path, NOW);
    record.append(solution("before"), moment());
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(!record.append(solution("during 1"), moment()).durable);
    assert!(!record.append(solution("during 2"), moment()).durable);
    let notices = record.take_notices();
    assert_eq!(notices.len(), 1, "told once: {notices:?}");
    assert!(notices[0].to_string().contains("another program holds it"));
    let later = |after_ms: i64| Moment {
        at: UtcMs(NOW.0 + after_ms),
        ..moment()
    };
    record.append(solution("during 3"), later(59_000));
    assert!(record.take_notices().is_empty(), "not at every key");
    record.append(solution("during 4"), later(61_000));
    assert_eq!(
        record.take_notices().len(),
        1,
        "but once more after a minute"
    );
    assert_eq!(record.waiting(), 4);
    assert_eq!(subjects(&mut record).len(), 5);
    other.execute_batch("COMMIT").unwrap();
    assert!(record.append(solution("after"), later(62_000)).durable);
    assert_eq!(record.waiting(), 0);
    let all = [
        "before", "during 1", "during 2", "during 3", "during 4", "after",
    ];
    assert_eq!(subjects(&mut record), all);
    assert_eq!(subjects(&mut Record::open(&path, NOW)), all);
}

#[test]
fn a_full_disk_is_named_and_what_waited_is_written_once_there_is_room() {
    let (_folder, path) = in_folder();
    let mut record = Record::open(&path, NOW);
    record.append(solution("before"), moment());
    // Where the file was given up, it is opened again as it is now.
    let have_room = |record: &Record, pages| {
        if let Home::Disk { store, .. } = &record.home {
            store.have_room(pages);
        }
    };
    have_room(&record, 1);
    let large = "x".repeat(100_000);
    assert!(!record.append(solution(&large), moment()).durable);
    let notice = record.take_notices().remove(0).to_string();
    assert!(notice.contains("no space is left on the disk"), "{notice}");
    assert!(notice.contains("Free some space"), "{notice}");
    assert_eq!(record.waiting(), 1);
    have_room(&record, 10_000);
    let later = Moment {
        at: UtcMs(NOW.0 + 1),
        ..moment()
    };
    assert!(record.append(solution("after"), later).durable);
    assert_eq!(record.waiting(), 0);
    assert_eq!(
        subjects(&mut Record::open(&path, NOW)),
        ["before", &large, "after"]
    );
}

#[test]
fn a_record_that_was_locked_at_the_start_is_joined_later() {
    let (_folder, path) = in_folder();
    Record::open(&path, NOW).append(solution("old"), moment());
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE mine (x)")
        .unwrap();
    let mut record = Record::open(&path, NOW);
    assert_eq!(record.take_notices().len(), 1);
    // Between events of one moment their ids decide, so this one is of a later moment.
    let later = Moment {
        at: UtcMs(NOW.0 + 1),
        ..moment()
    };
    assert!(!record.append(solution("new"), later).durable);
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    assert!(record.flush(NOW));
    assert_eq!(subjects(&mut record), ["old", "new"]);
}

fn files(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm"))
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_that_is_no_database_is_kept_aside_and_a_new_one_begun() {
    let (_folder, path) = in_folder();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "this was never a database, ".repeat(200)).unwrap();
    let mut record = Record::open(&path, NOW);
    let notices = record.take_notices();
    assert!(notices[0].what.contains("damaged"), "{notices:?}");
    assert!(record.append(solution("a"), moment()).durable);
    let aside = format!("progress.corrupt-{}.db", NOW.stamp());
    assert_eq!(files(&path), [aside.clone(), "progress.db".to_owned()]);
    let kept = fs::read_to_string(path.with_file_name(aside)).unwrap();
    assert!(kept.starts_with("this was never"));
}

#[test]
fn what_can_be_read_of_a_damaged_record_is_carried_over() {
    let (_folder, path) = in_folder();
    let mut record = Record::open(&path, NOW);
    for turn in 0..400 {
        record.append(
            solution(&format!("event {turn:04} {}", "x".repeat(100))),
            moment(),
        );
    }
    drop(record);
    Connection::open(&path)
        .unwrap()
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    let mut record = Record::open(&path, NOW);
    let notices = record.take_notices();
    assert!(notices[0].what.contains("damaged"), "{notices:?}");
    let saved = subjects(&mut record).len();
    assert!((1..400).contains(&saved), "{saved} events were saved");
    assert!(record.append(solution("after"), moment()).durable);
    assert_eq!(subjects(&mut Record::open(&path, NOW)).len(), saved + 1);
}

#[test]
fn damage_in_the_middle_of_a_large_record_is_found_when_it_is_read() {
    let (_folder, path) = in_folder();
    drop(Record::open(&path, NOW));
    let mut writer = Connection::open(&path).unwrap();
    let transaction = writer.transaction().unwrap();
    for number in 0..3000 {
        let payload = serde_json::json!({ "of": "x".repeat(2000) }).to_string();
        transaction
            .execute(
                "INSERT INTO event (id, at_ms, day, kind, subject, payload, machine)
                 VALUES (?1, ?2, '2026-01-01', 'solution_shown', 'x', ?3, 'm')",
                rusqlite::params![number.to_string(), number, payload],
            )
            .unwrap();
    }
    transaction.commit().unwrap();
    writer
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    drop(writer);
    let mut bytes = fs::read(&path).unwrap();
    assert!(bytes.len() > 5 << 20);
    let middle = bytes.len() / 2;
    bytes[middle..middle + 65_536].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    let mut record = Record::open(&path, NOW);
    let saved = record.events().count();
    assert!((1..3000).contains(&saved), "{saved} events were saved");
    assert!(record.take_notices()[0].what.contains("damaged"));
    assert!(record.append(solution("after"), moment()).durable);
    assert_eq!(files(&path).len(), 2);
}

#[test]
fn a_damage_that_another_program_has_mended_does_not_cost_its_new_file() {
    let (_folder, path) = in_folder();
    let mut record = Record::open(&path, NOW);
    record.append(solution("theirs"), moment());
    // This program found the old file damaged; by now the one in its place is whole.
    record.trouble(Fault::Corrupt, NOW);
    assert_eq!(files(&path), ["progress.db"]);
    assert_eq!(subjects(&mut record), ["theirs"]);
    assert_eq!(record.take_notices(), []);
}

#[test]
fn a_record_of_a_newer_program_is_read_and_left_alone() {
    let (_folder, path) = in_folder();
    Record::open(&path, NOW).append(solution("a"), moment());
    Connection::open(&path)
        .unwrap()
        .execute_batch("PRAGMA user_version = 99")
        .unwrap();
    let mut record = Record::open(&path, NOW);
    let notices = record.take_notices();
    assert!(notices[0].what.contains("newer ddlab"), "{notices:?}");
    assert!(!record.append(solution("b"), moment()).durable);
    assert_eq!(subjects(&mut record), ["a", "b"]);
    let left: i64 = Connection::open(&path)
        .unwrap()
        .query_row("SELECT count(*) FROM event", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 1);
}

#[test]
fn an_event_of_a_kind_that_is_not_known_is_passed_over() {
    let (_folder, path) = in_folder();
    let mut record = Record::open(&path, NOW);
    record.append(solution("a"), moment());
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "INSERT INTO event (id, at_ms, day, kind, subject, payload, machine)
             VALUES ('n', 1, '2026-01-01', 'telepathy', 'x', '{}', 'm')",
        )
        .unwrap();
    record.append(solution("b"), moment());
    assert_eq!(subjects(&mut record), ["a", "b"]);
}

/// A record with so many events, closed.
fn record_with(path: &Path, events: usize) {
    let mut record = Record::open(path, NOW);
    for number in 0..events {
        record.append(solution(&format!("event {number:04}")), moment());
    }
}

/// Changes bytes behind the back of everybody.
fn damage(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

fn place_of(bytes: &[u8], text: &str) -> usize {
    let mut windows = bytes.windows(text.len());
    windows
        .position(|window| window == text.as_bytes())
        .unwrap()
}

#[test]
fn one_bit_that_flips_in_an_event_costs_that_event_and_is_reported() {
    let (_folder, path) = in_folder();
    record_with(&path, 20);
    damage(&path, |bytes| {
        let at = place_of(bytes, "event 0007");
        bytes[at + 9] ^= 1;
    });
    let mut record = Record::open(&path, NOW);
    assert_eq!(subjects(&mut record).len(), 19);
    let notices = record.take_notices();
    assert!(
        notices[0].what.contains("its check sum is wrong"),
        "{notices:?}"
    );
    assert!(record.append(solution("after"), moment()).durable);
}

#[test]
fn an_id_that_is_no_text_any_more_costs_that_event_and_is_reported() {
    let (_folder, path) = in_folder();
    let mut record = Record::open(&path, NOW);
    let id = record.append(solution("a"), moment()).id.0;
    record.append(solution("b"), moment());
    drop(record);
    damage(&path, |bytes| {
        let at = place_of(bytes, &id);
        bytes[at] = 0xff;
    });
    let mut record = Record::open(&path, NOW);
    assert_eq!(subjects(&mut record), ["b"]);
    let notices = record.take_notices();
    assert!(
        notices[0]
            .what
            .contains("event number 1 (its id is not UTF-8)"),
        "{notices:?}"
    );
}

#[test]
fn events_from_before_there_were_sums_are_read() {
    let (_folder, path) = in_folder();
    record_with(&path, 1);
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch(
            "INSERT INTO event (id, at_ms, day, kind, subject, payload, machine)
             VALUES ('n', 1, '2026-01-01', 'solution_shown', 'x', '{\"of\":\"x\"}', 'm')",
        )
        .unwrap();
    let mut record = Record::open(&path, NOW);
    assert_eq!(subjects(&mut record), ["x", "event 0000"]);
    assert_eq!(record.take_notices(), []);
}

#[test]
fn a_record_whose_header_and_schema_are_gone_is_read_all_the_same() {
    let (_folder, path) = in_folder();
    record_with(&path, 200);
    damage(&path, |bytes| bytes[..4096].fill(0xa5));
    let mut record = Record::open(&path, NOW);
    assert_eq!(subjects(&mut record).len(), 200);
    let notices = record.take_notices();
    assert!(notices[0].what.contains("the 200 events"), "{notices:?}");
}

#[test]
fn events_on_both_sides_of_a_broken_page_are_carried_over() {
    let (_folder, path) = in_folder();
    record_with(&path, 400);
    damage(&path, |bytes| {
        // The page of the table, and not one of the index of subjects.
        let middle = place_of(bytes, r#""of":"event 0200""#) / 4096 * 4096;
        bytes[middle..middle + 4096].fill(0xa5);
    });
    let mut record = Record::open(&path, NOW);
    let saved = subjects(&mut record);
    assert!(saved.contains(&"event 0000".to_owned()) && saved.contains(&"event 0399".to_owned()));
    assert!((300..400).contains(&saved.len()), "{} events", saved.len());
}

#[test]
fn a_copy_of_the_file_holds_what_was_recorded_while_the_record_is_open() {
    let (folder, path) = in_folder();
    let mut record = Record::open(&path, NOW);
    record.append(solution("a"), moment());
    let copy = folder.path().join("copy.db");
    fs::copy(&path, &copy).unwrap();
    assert_eq!(subjects(&mut Record::open(&copy, NOW)), ["a"]);
}

#[test]
fn what_is_not_a_regular_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("progress.db");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    for path in [&pipe, Path::new("/dev/zero")] {
        let mut record = Record::open(path, NOW);
        let notices = record.take_notices();
        assert!(
            notices[0].what.contains("not a regular file"),
            "{notices:?}"
        );
        assert!(!record.append(solution("a"), moment()).durable);
    }
}

#[test]
fn first_starts_at_once_agree() {
    for _ in 0..10 {
        let (_folder, path) = in_folder();
        std::thread::scope(|scope| {
            let starts: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| Record::open(&path, NOW).take_notices()))
                .collect();
            for start in starts {
                assert_eq!(start.join().unwrap(), []);
            }
        });
    }
}

#[test]
fn a_folder_that_cannot_be_made_costs_the_file_but_not_the_session() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("not a folder");
    fs::write(&file, "").unwrap();
    let mut record = Record::open(&file.join("progress.db"), NOW);
    assert!(!record.append(solution("a"), moment()).durable);
    assert_eq!(subjects(&mut record), ["a"]);
    let notices = record.take_notices();
    assert_eq!(notices.len(), 1);
    assert!(notices[0].next.contains("--data"), "{notices:?}");
}

#[test]
fn a_file_that_may_not_be_written_is_read_and_said_so() {
    let (_folder, path) = in_folder();
    Record::open(&path, NOW).append(solution("a"), moment());
    let mut still = fs::metadata(&path).unwrap().permissions();
    still.set_readonly(true);
    fs::set_permissions(&path, still).unwrap();
    if fs::OpenOptions::new().append(true).open(&path).is_ok() {
        eprintln!("not tested: this user may write files that may not be written");
        return;
    }
    let mut record = Record::open(&path, NOW);
    assert!(record.take_notices()[0].what.contains("may not be written"));
    assert!(!record.append(solution("b"), moment()).durable);
    assert_eq!(subjects(&mut record), ["a", "b"]);
}

#[test]
fn a_fault_that_forbids_writing_leaves_what_was_read() {
    // What the test above cannot show to a user who may write everything.
    let (_folder, path) = in_folder();
    let mut record = Record::open(&path, NOW);
    record.append(solution("a"), moment());
    record.trouble(Fault::ReadOnly, NOW);
    assert!(!record.append(solution("b"), moment()).durable);
    assert_eq!(subjects(&mut record), ["a", "b"]);
    assert!(record.take_notices()[0].next.contains("writable"));
}

#[test]
fn without_a_home_folder_progress_is_in_memory_and_it_is_said() {
    let mut record = Record::open_in(None, NOW);
    assert!(record.take_notices()[0].next.contains("--data"));
    assert!(!record.append(solution("a"), moment()).durable);
    assert_eq!(subjects(&mut record), ["a"]);
}

#[test]
fn ids_are_unique_within_one_millisecond() {
    let mut record = Record::in_memory();
    let ids: std::collections::HashSet<_> = (0..2000)
        .map(|_| record.append(solution("a"), moment()).id)
        .collect();
    assert_eq!(ids.len(), 2000);
}
