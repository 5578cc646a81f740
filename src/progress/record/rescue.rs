//! What becomes of a record that is damaged: nothing of it is thrown away.

use super::super::store::{self, Fault, Look};
use super::{Home, Notice, Record, open};
use crate::clock::UtcMs;
use std::fs;
use std::path::{Path, PathBuf};

impl Record {
    /// Puts a damaged file aside under a name of its own, and begins a new one with all that could be
    /// read of the old.
    pub(super) fn begin_anew(&mut self, path: &Path, now: UtcMs) {
        self.home = Home::Away {
            path: path.to_owned(),
        };
        // Another program may have put it aside already: then the file in its place is whole.
        if let Ok(store) = open(path, Look::Whole) {
            self.settle(path.to_owned(), store);
            self.flush(now);
            return;
        }
        let found = store::readable(path);
        let aside = path.with_extension(format!("corrupt-{}.db", now.stamp()));
        let anew = put_aside(path, &aside).and_then(|()| {
            let mut store = open(path, Look::Whole)?;
            store.append_rows(found.rows.values())?;
            Ok(store)
        });
        match anew {
            Ok(store) => {
                self.settle(path.to_owned(), store);
                self.notices.push(Notice {
                    what: format!(
                        "The record in {} was damaged; it is kept as {}, and a new one was begun with the {} events that could still be read.",
                        path.display(),
                        aside.display(),
                        found.rows.len()
                    ),
                    next: "Nothing needs to be done; sqlite3's .recover may find more in the old file."
                        .to_owned(),
                });
                let lost: Vec<_> = found.unreadable.into_values().collect();
                self.pass_over(&lost);
                self.flush(now);
            }
            Err(fault) => {
                self.know(&found);
                self.home = Home::Memory;
                self.notices.push(Notice {
                    what: format!(
                        "The record in {} is damaged and could not be put aside: {fault}. Progress is kept in memory only.",
                        path.display()
                    ),
                    next: "Move the file away, then start again.".to_owned(),
                });
            }
        }
    }
}

/// Renames the file and the two that `SQLite` keeps beside it: a journal left behind would be played
/// into the new file.
fn put_aside(path: &Path, aside: &Path) -> Result<(), Fault> {
    let beside = |path: &Path, end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    fs::rename(path, aside).map_err(|error| Fault::Other(error.to_string()))?;
    for end in ["-journal", "-wal", "-shm"] {
        // Mostly there is none.
        let _ = fs::rename(beside(path, end), beside(aside, end));
    }
    Ok(())
}
