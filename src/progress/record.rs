//! The record as the program uses it. Whatever is wrong with the file, the program goes on: events are
//! kept in memory, it is said what happened and what to do, and they are written as soon as they can be.

mod rescue;

use super::event::{Event, EventId, Stored};
use super::store::{self, Fault, Look, Salvage, Store, Unreadable};
use crate::clock::{Moment, UtcMs};
use std::collections::HashSet;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};

/// What is still wrong after this long is reported again: a line that went away at the next key may not have
/// been read, and what is only in memory can be lost.
const TELL_AGAIN_MS: i64 = 60_000;

/// Rows that cannot be read and are named in a notice; the log file names all.
const NAMED_MAX: usize = 5;

/// The learner's record, open.
#[derive(Debug)]
pub struct Record {
    home: Home,
    machine: String,
    /// What the log holds, as far as it was read and not handed over.
    known: Vec<Stored>,
    /// The last `seq` of what is known.
    known_to: i64,
    /// What is not on the disk yet.
    pending: Vec<Stored>,
    notices: Vec<Notice>,
    /// The last trouble that was reported, and when, so that it is reported once in a while and not at every key.
    reported: Option<(Fault, UtcMs)>,
    /// The last moment that it was reported of.
    now: UtcMs,
    ids: RandomState,
    /// How many ids were made.
    made: u64,
}

/// Where events go.
#[derive(Debug)]
enum Home {
    Disk {
        path: PathBuf,
        store: Store,
    },
    /// The file is there, or can be, but not now; each append tries again.
    Away {
        path: PathBuf,
    },
    /// There is no file and will be none.
    Memory,
}

/// Something that the learner should know about the record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {next}")]
pub struct Notice {
    /// What happened, one sentence.
    pub what: String,
    /// What to do next, one sentence.
    pub next: String,
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub id: EventId,
    /// True when it is on the disk; false while it is in memory only.
    pub durable: bool,
}

impl Record {
    /// Opens the record in this file, or begins it. Never fails: see [`Record::take_notices`].
    pub fn open(path: &Path, now: UtcMs) -> Self {
        let mut record = Self::in_memory();
        record.now = now;
        record.home = Home::Away {
            path: path.to_owned(),
        };
        record.connect(now);
        record
    }

    /// Opens the record in the data folder; where there is no home folder, keeps it in memory and says so.
    pub fn open_in(folder: Option<&Path>, now: UtcMs) -> Self {
        if let Some(folder) = folder {
            return Self::open(&super::place::record_file(folder), now);
        }
        let mut record = Self::in_memory();
        record.notices.push(Notice {
            what: "There is no home folder, so progress is not kept beyond this session."
                .to_owned(),
            next: "Name a folder with --data or DDLAB_DATA.".to_owned(),
        });
        record
    }

    /// A record that is gone when it is dropped.
    pub fn in_memory() -> Self {
        Self {
            home: Home::Memory,
            machine: "memory".to_owned(),
            known: Vec::new(),
            known_to: 0,
            pending: Vec::new(),
            notices: Vec::new(),
            reported: None,
            now: UtcMs(0),
            ids: RandomState::new(),
            made: 0,
        }
    }

    /// Adds an event. It is on the disk when this returns, or the receipt says that it is not and a
    /// notice says why.
    pub fn append(&mut self, event: Event, now: Moment) -> Receipt {
        let (stored, durable) = self.append_stored(event, now);
        Receipt {
            id: stored.id,
            durable,
        }
    }

    /// As [`Record::append`], for who needs the event as the log has it.
    pub(super) fn append_stored(&mut self, event: Event, now: Moment) -> (Stored, bool) {
        let stored = Stored {
            id: self.fresh_id(now.at),
            at: now.at,
            day: now.day,
            machine: self.machine.clone(),
            event,
        };
        self.pending.push(stored.clone());
        (stored, self.flush(now.at))
    }

    /// Adds the events of another log; what is known by its id stays as it is. Says how many were added.
    pub fn merge(&mut self, events: Vec<Stored>, now: UtcMs) -> usize {
        let known: HashSet<EventId> = self.events().map(|stored| stored.id.clone()).collect();
        let before = self.pending.len();
        let fresh = events
            .into_iter()
            .filter(|stored| !known.contains(&stored.id));
        self.pending.extend(fresh);
        let added = self.pending.len() - before;
        self.flush(now);
        added
    }

    /// Tries again to write what waits in memory. True when nothing waits.
    pub fn flush(&mut self, now: UtcMs) -> bool {
        self.now = now;
        if self.pending.is_empty() {
            return true;
        }
        if matches!(self.home, Home::Away { .. }) {
            self.connect(now);
        }
        let Home::Disk { store, .. } = &mut self.home else {
            return false;
        };
        for stored in &mut self.pending {
            if stored.machine == "memory" {
                store.machine().clone_into(&mut stored.machine);
            }
        }
        if let Err(fault) = store.append(&self.pending) {
            self.trouble(fault, now);
            return self.pending.is_empty();
        }
        self.reported = None;
        // Read back with what other programs wrote, so that `known` has each event once.
        let written = std::mem::take(&mut self.pending);
        if !self.refresh() {
            self.known.extend(written);
        }
        true
    }

    /// How many events are in memory only.
    pub fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// The file that the record is kept in, if it is kept in one now.
    pub fn file(&self) -> Option<&Path> {
        match &self.home {
            Home::Disk { path, .. } => Some(path),
            _ => None,
        }
    }

    /// All events, oldest first, with those that another program has written since.
    pub fn events(&mut self) -> impl Iterator<Item = &Stored> + Clone {
        self.refresh();
        self.known.iter().chain(&self.pending)
    }

    /// All events, oldest first, for whoever keeps them from now on: the log is held in memory once.
    pub(super) fn hand_over(&mut self) -> Vec<Stored> {
        self.refresh();
        let mut log = std::mem::take(&mut self.known);
        log.extend_from_slice(&self.pending);
        log
    }

    /// What should be reported, once.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Reads what was added since. False when it cannot be read now; then what is known stands.
    fn refresh(&mut self) -> bool {
        let Home::Disk { store, .. } = &self.home else {
            return false;
        };
        let added = match store.after(self.known_to) {
            Ok(added) => added,
            Err(fault) => {
                self.trouble(fault, self.now);
                return false;
            }
        };
        self.known_to = added.last;
        self.pass_over(&added.unreadable);
        let sorted = added.events.is_empty();
        self.known.extend(added.events);
        if !sorted {
            // Logs that were merged, and clocks that went back, are not in order of time.
            // Ids decide between events of one moment, so that the order of merging does not matter.
            self.known.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        }
        true
    }

    /// Tells of rows that cannot be read.
    fn pass_over(&mut self, unreadable: &[Unreadable]) {
        let (Home::Disk { path, .. } | Home::Away { path }, [first, ..]) = (&self.home, unreadable)
        else {
            return;
        };
        let mut named: Vec<String> = unreadable.iter().map(Unreadable::to_string).collect();
        named.truncate(NAMED_MAX);
        let more = unreadable.len() - named.len();
        if more > 0 {
            named.push(format!("and {more} more"));
        }
        for fault in unreadable {
            tracing::warn!(id = fault.id, why = fault.why, "an event cannot be read");
        }
        let what = match unreadable.len() {
            1 => format!(
                "An event of the record in {} cannot be read: {first}.",
                path.display()
            ),
            count => format!(
                "{count} events of the record in {} cannot be read: {}.",
                path.display(),
                named.join(", ")
            ),
        };
        self.notices.push(Notice {
            what,
            next: "All others were read; what is passed over stays in the file.".to_owned(),
        });
    }

    fn connect(&mut self, now: UtcMs) {
        let Home::Away { path } = &self.home else {
            return;
        };
        let path = path.clone();
        match open(&path, Look::Brief) {
            Ok(store) => self.settle(path, store),
            Err(fault) => self.trouble(fault, now),
        }
    }

    fn settle(&mut self, path: PathBuf, store: Store) {
        store.machine().clone_into(&mut self.machine);
        self.known.clear();
        self.known_to = 0;
        self.home = Home::Disk { path, store };
        self.refresh();
    }

    /// Decides what to do about a fault, and reports it.
    fn trouble(&mut self, fault: Fault, now: UtcMs) {
        let path = match &self.home {
            Home::Disk { path, .. } | Home::Away { path } => path.clone(),
            Home::Memory => return,
        };
        match fault {
            Fault::Corrupt => return self.begin_anew(&path, now),
            Fault::ReadOnly | Fault::TooNew | Fault::NotAFile => {
                self.read_only(&path);
                self.home = Home::Memory;
            }
            Fault::Locked | Fault::Full | Fault::Other(_) => {
                if let Home::Disk { .. } = self.home {
                    // Stay: the next append tries again on the same connection.
                } else {
                    self.read_only(&path);
                }
            }
        }
        let just_reported = self.reported.as_ref().is_some_and(|(before, at)| {
            *before == fault && now.0.saturating_sub(at.0) < TELL_AGAIN_MS
        });
        if !just_reported {
            self.notices.push(notice(&path, &fault));
            self.reported = Some((fault, now));
        }
    }

    /// Knows what can be read of a file that cannot be written.
    fn read_only(&mut self, path: &Path) {
        let found = store::readable(path);
        self.know(&found);
    }

    /// Takes what was found in a file for all there is.
    fn know(&mut self, found: &Salvage) {
        let mut unreadable: Vec<Unreadable> = found.unreadable.values().cloned().collect();
        self.known.clear();
        for row in found.rows.values() {
            match row.stored() {
                Ok(stored) => self.known.push(stored),
                Err(fault) => unreadable.push(fault),
            }
        }
        self.pass_over(&unreadable);
    }

    /// The time first and then a count, so that ids sort as events do; then 64 bits that no other process has.
    fn fresh_id(&mut self, at: UtcMs) -> EventId {
        self.made += 1;
        let count = self.made & 0xffff;
        let unique = self.ids.hash_one((at, self.made));
        EventId(format!("{:012x}-{count:04x}{unique:016x}", at.0))
    }
}

fn open(path: &Path, look: Look) -> Result<Store, Fault> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| match error.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                Fault::ReadOnly
            }
            std::io::ErrorKind::StorageFull => Fault::Full,
            _ => Fault::Other(error.to_string()),
        })?;
    }
    Store::open(path, look)
}

fn notice(path: &Path, fault: &Fault) -> Notice {
    let next = match fault {
        Fault::Locked => {
            "Close the other program; what you do meanwhile is kept in memory and written then."
        }
        Fault::NotAFile => "Move what is there away, or name another folder with --data.",
        Fault::ReadOnly => "Make the file and its folder writable, or name another with --data.",
        Fault::TooNew => "Use that ddlab, or name another folder with --data.",
        Fault::Full => "Free some space; what you do meanwhile is kept in memory and written then.",
        Fault::Corrupt | Fault::Other(_) => "Check the folder, or name another with --data.",
    };
    Notice {
        what: format!(
            "The record in {} cannot be written: {fault}. Progress is kept in memory only.",
            path.display()
        ),
        next: next.to_owned(),
    }
}

#[cfg(test)]
mod tests;
