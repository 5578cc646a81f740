//! The record: whatever happens to the bytes of its file, nothing panics and nothing is lost in silence.

use super::hold;
use ddlab::clock::{self, UtcMs};
use ddlab::progress::{Event, Record};
use proptest::prelude::*;
use proptest::sample::Index;
use std::fs;
use std::path::Path;

const NOW: UtcMs = UtcMs(1_790_000_000_000);
const EVENTS: usize = 159;

#[derive(Debug, Clone)]
enum Damage {
    /// One bit.
    Flip(Index, u8),
    /// So many bytes.
    Fill(Index, usize, u8),
    /// The end of the file is gone.
    Cut(Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        6 => (any::<Index>(), 0u8..8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        2 => (any::<Index>(), 1usize..5000, any::<u8>()).prop_map(|(at, length, byte)| Damage::Fill(at, length, byte)),
        1 => any::<Index>().prop_map(Damage::Cut),
    ]
}

/// In memory where the system has a folder for that: each case writes files that nobody needs on a disk.
fn folder() -> tempfile::TempDir {
    let in_memory = Path::new("/dev/shm");
    if in_memory.is_dir() {
        tempfile::tempdir_in(in_memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

fn written(path: &Path) -> Vec<Event> {
    let mut record = Record::open(path, NOW);
    for number in 0..EVENTS {
        let of = format!("exercise {number} {}", "x".repeat(number % 40));
        assert!(
            record
                .append(Event::SolutionShown { of }, clock::now())
                .durable
        );
    }
    record.events().map(|stored| stored.event.clone()).collect()
}

#[test]
fn no_damage_of_the_file_panics_or_loses_an_event_without_a_word() {
    let whole_in = folder();
    let whole = whole_in.path().join("progress.db");
    let events = written(&whole);
    let bytes = fs::read(&whole).unwrap();
    hold(damage(), |damage| {
        let mut bytes = bytes.clone();
        match damage {
            Damage::Flip(at, bit) => {
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
            }
            Damage::Fill(at, length, byte) => {
                let at = at.index(bytes.len());
                let end = (at + length).min(bytes.len());
                bytes[at..end].fill(byte);
            }
            Damage::Cut(at) => bytes.truncate(at.index(bytes.len())),
        }
        let damaged_in = folder();
        let path = damaged_in.path().join("progress.db");
        fs::write(&path, &bytes).unwrap();
        let mut record = Record::open(&path, NOW);
        let read: Vec<Event> = record.events().map(|stored| stored.event.clone()).collect();
        let notices = record.take_notices();
        // An empty file is a new record: there is nobody to tell of what was never in it.
        let reported = !notices.is_empty() || bytes.is_empty();
        assert!(
            read == events || reported,
            "{} of {EVENTS} events",
            read.len()
        );
        assert!(read.iter().all(|event| events.contains(event)));
        let after = Event::SolutionShown {
            of: "after".to_owned(),
        };
        record.append(after.clone(), clock::now());
        assert!(record.events().any(|stored| stored.event == after));
    });
}
