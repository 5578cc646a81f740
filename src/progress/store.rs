//! The log in `SQLite`. Each commit reaches the file itself before it is acknowledged (a rollback journal with
//! `synchronous=EXTRA`), so that a copy of the file holds all that was recorded, also while ddlab is open.

mod row;
mod salvage;

pub use row::Unreadable;
pub use salvage::{Salvage, readable};

use super::event::Stored;
use row::{Columns, LogRow};
use rusqlite::{Connection, ErrorCode, OpenFlags, params};
use rusqlite_migration::{M, Migrations};
use std::path::Path;
use std::time::Duration;

/// How long to wait for another program that is writing. A write takes a few milliseconds; who holds
/// the lock longer than this is not about to let go, and the screen must not wait for it.
const BUSY_WAIT: Duration = Duration::from_millis(400);

const STEPS: &[M<'static>] = &[
    M::up(
        "CREATE TABLE event (
        seq     INTEGER PRIMARY KEY AUTOINCREMENT,
        id      TEXT NOT NULL UNIQUE,
        at_ms   INTEGER NOT NULL,          -- UTC, since 1970
        day     TEXT NOT NULL,             -- local, begins at 04:00
        kind    TEXT NOT NULL,
        subject TEXT NOT NULL,
        payload TEXT NOT NULL CHECK (json_valid(payload)),
        machine TEXT NOT NULL
    ) STRICT;
    CREATE INDEX event_by_subject ON event (subject, kind);
    CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, 'the record is append-only: add an undo event instead'); END;
    CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
        BEGIN SELECT RAISE(ABORT, 'the record is append-only: add an undo event instead'); END;
    CREATE TABLE machine (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        id  TEXT NOT NULL
    ) STRICT;
    INSERT INTO machine VALUES (1, lower(hex(randomblob(8))));",
    ),
    // None of an event from before there were sums.
    M::up("ALTER TABLE event ADD COLUMN sum INTEGER"),
];

const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);

/// A log up to this size is looked through when it is opened, which takes some milliseconds. A larger
/// one, after years of study, would keep the first screen waiting; its damage shows when it is read.
const LOOKED_THROUGH_BYTES_MAX: u64 = 4 << 20;

/// How closely a file is looked at when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As closely as its size lets one wait for.
    Brief,
    /// Every page.
    Whole,
}

/// An open log.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    machine: String,
}

/// What is wrong with the file, by what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("another program holds it")]
    Locked,
    #[error("it is damaged")]
    Corrupt,
    #[error("it may not be written")]
    ReadOnly,
    #[error("it was written by a newer ddlab")]
    TooNew,
    #[error("no space is left on the disk")]
    Full,
    #[error("it is not a regular file")]
    NotAFile,
    #[error("{0}")]
    Other(String),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly,
            Some(ErrorCode::DiskFull) => Self::Full,
            _ => match error {
                // A column that cannot be what it is: nobody but damage writes that.
                rusqlite::Error::Utf8Error(..)
                | rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::QueryReturnedNoRows => Self::Corrupt,
                // Without the statement, which says nothing to a learner.
                rusqlite::Error::SqliteFailure(_, Some(message))
                | rusqlite::Error::SqlInputError { msg: message, .. } => Self::Other(message),
                other => Self::Other(other.to_string()),
            },
        }
    }
}

impl From<rusqlite_migration::Error> for Fault {
    fn from(error: rusqlite_migration::Error) -> Self {
        use rusqlite_migration::{Error, MigrationDefinitionError::DatabaseTooFarAhead};
        match error {
            Error::RusqliteError { err, .. } => err.into(),
            Error::MigrationDefinition(DatabaseTooFarAhead) => Self::TooNew,
            other => Self::Other(other.to_string()),
        }
    }
}

impl Store {
    /// As a disk that has room for so many pages, and at least for what is there.
    #[cfg(test)]
    pub fn have_room(&self, pages: u32) {
        let set = self.connection.pragma_update(None, "max_page_count", pages);
        set.expect("a pragma that SQLite knows");
    }

    /// Opens or begins the log, and looks whether it is whole.
    pub fn open(path: &Path, look: Look) -> Result<Self, Fault> {
        // A pipe or a device would be waited for without an end.
        if std::fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
            return Err(Fault::NotAFile);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        if connection.is_readonly("main")? {
            return Err(Fault::ReadOnly);
        }
        let size = std::fs::metadata(path).map_or(0, |meta| meta.len());
        let whole = look == Look::Whole || size <= LOOKED_THROUGH_BYTES_MAX;
        Self::prepare(connection, whole)
    }

    fn prepare(mut connection: Connection, look_through: bool) -> Result<Self, Fault> {
        connection.busy_timeout(BUSY_WAIT)?;
        // Asked first, since the change below would write into a file that is not ours to repair.
        if look_through {
            let found: String =
                connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
            if found != "ok" {
                return Err(Fault::Corrupt);
            }
        }
        // Refused while an older ddlab has it open in another mode; then its mode stands.
        let _ = connection.pragma_update(None, "journal_mode", "DELETE");
        connection.pragma_update(None, "synchronous", "EXTRA")?;
        // Without it a REPLACE would delete unseen by the trigger.
        connection.pragma_update(None, "recursive_triggers", true)?;
        // Two first starts at once: who comes second finds the tables made while it was about to.
        if MIGRATIONS.to_latest(&mut connection).is_err() {
            MIGRATIONS.to_latest(&mut connection)?;
        }
        let machine = connection.query_row("SELECT id FROM machine", [], |row| row.get(0))?;
        Ok(Self {
            connection,
            machine,
        })
    }

    pub fn machine(&self) -> &str {
        &self.machine
    }

    /// Adds all of these or none; when it returns, they are on the disk. What is there already (by id)
    /// is left as it is.
    pub fn append(&mut self, events: &[Stored]) -> Result<(), Fault> {
        let rows = events.iter().map(LogRow::of).collect::<Result<Vec<_>, _>>();
        self.append_rows(&rows.map_err(|error| Fault::Other(error.to_string()))?)
    }

    /// The same with rows as they were read from another file.
    pub fn append_rows<'a>(
        &mut self,
        rows: impl IntoIterator<Item = &'a LogRow>,
    ) -> Result<(), Fault> {
        let transaction = self
            .connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO event (id, at_ms, day, kind, subject, payload, machine, sum)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING",
            )?;
            for row in rows {
                insert.execute(params![
                    row.id,
                    row.at_ms,
                    row.day,
                    row.kind,
                    row.subject,
                    row.payload,
                    row.machine,
                    row.sum(),
                ])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// What was added after `seq`.
    pub fn after(&self, seq: i64) -> Result<Added, Fault> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM event WHERE seq > ?1 ORDER BY seq")?;
        let columns = Columns::of(&select);
        let mut rows = select.query([seq])?;
        let mut added = Added {
            events: Vec::new(),
            unreadable: Vec::new(),
            last: seq,
        };
        while let Some(row) = rows.next()? {
            added.last = columns.seq(row).ok_or(Fault::Corrupt)?;
            match LogRow::read(row, &columns).and_then(|row| row.stored()) {
                Ok(stored) => added.events.push(stored),
                Err(fault) => added.unreadable.push(fault),
            }
        }
        Ok(added)
    }
}

/// Events in the order in which they were added.
#[derive(Debug)]
pub struct Added {
    pub events: Vec<Stored>,
    /// Rows that are damaged, or that only a newer program can read. They stay in the log.
    pub unreadable: Vec<Unreadable>,
    /// The last `seq` now.
    pub last: i64,
}
