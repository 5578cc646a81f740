//! The log in `SQLite`. WAL lets people and programs read while one writes; `synchronous=FULL` makes each
//! commit reach the disk before it is acknowledged, which WAL by itself does not promise.

use super::event::{Event, EventId, Stored};
use crate::clock::{LocalDay, UtcMs};
use rusqlite::{Connection, ErrorCode, OpenFlags, Row, params};
use rusqlite_migration::{M, Migrations};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// How long to wait for another program that is writing. A write takes a few milliseconds; who holds
/// the lock longer than this is not about to let go, and the screen must not wait for it.
const BUSY_WAIT: Duration = Duration::from_millis(400);

const STEPS: &[M<'static>] = &[M::up(
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
)];

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
    #[error("the disk is full")]
    Full,
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
            _ => Self::Other(error.to_string()),
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
    /// Opens or begins the log, and looks whether it is whole.
    pub fn open(path: &Path, look: Look) -> Result<Self, Fault> {
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
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // Without it a REPLACE would delete unseen by the trigger.
        connection.pragma_update(None, "recursive_triggers", true)?;
        MIGRATIONS.to_latest(&mut connection)?;
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
        let transaction = self
            .connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO event (id, at_ms, day, kind, subject, payload, machine)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING",
            )?;
            for stored in events {
                let mut tagged = serde_json::to_value(&stored.event)
                    .map_err(|error| Fault::Other(error.to_string()))?;
                insert.execute(params![
                    stored.id.0,
                    stored.at.0,
                    stored.day.to_string(),
                    stored.event.kind(),
                    stored.event.subject(),
                    tagged["payload"].take().to_string(),
                    stored.machine,
                ])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// The events after `seq`, in the order in which they were added, and the last `seq` now. An event
    /// of a kind that only a newer program knows is passed over; it stays in the log.
    pub fn after(&self, seq: i64) -> Result<(Vec<Stored>, i64), Fault> {
        let mut select = self.connection.prepare_cached(SELECT_AFTER)?;
        let mut rows = select.query([seq])?;
        let mut events = Vec::new();
        let mut last = seq;
        while let Some(row) = rows.next()? {
            last = row.get(0)?;
            events.extend(stored_of(row)?);
        }
        Ok((events, last))
    }
}

const SELECT_AFTER: &str =
    "SELECT seq, id, at_ms, day, kind, payload, machine FROM event WHERE seq > ?1 ORDER BY seq";

fn stored_of(row: &Row<'_>) -> rusqlite::Result<Option<Stored>> {
    let kind: String = row.get(4)?;
    let payload: String = row.get(5)?;
    let event = serde_json::from_str(&payload)
        .ok()
        .and_then(|payload: serde_json::Value| {
            let tagged = serde_json::json!({ "kind": kind, "payload": payload });
            serde_json::from_value::<Event>(tagged).ok()
        });
    let day: String = row.get(3)?;
    Ok(event.zip(LocalDay::parse(&day)).map(|(event, day)| Stored {
        id: EventId(row.get_unwrap(1)),
        at: UtcMs(row.get_unwrap(2)),
        day,
        machine: row.get_unwrap(6),
        event,
    }))
}

/// What can still be read of a log that is damaged or may not be written: every event up to the first
/// page that is broken.
pub fn readable(path: &Path) -> Vec<Stored> {
    let read = |uri: &str| -> rusqlite::Result<Vec<Stored>> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(uri, flags)?;
        connection.busy_timeout(BUSY_WAIT)?;
        let mut select = connection.prepare(SELECT_AFTER)?;
        let mut rows = select.query([0])?;
        let mut events = Vec::new();
        while let Ok(Some(row)) = rows.next() {
            events.extend(stored_of(row).ok().flatten());
        }
        Ok(events)
    };
    let uri = format!("file:{}", escaped(path));
    match read(&uri) {
        Ok(events) if !events.is_empty() => events,
        // In a folder that may not be written, WAL cannot make its index; without one it can be read as it is.
        _ => read(&format!("{uri}?immutable=1")).unwrap_or_default(),
    }
}

/// The path inside a URI: what has a meaning there is written as `%XX`.
fn escaped(path: &Path) -> String {
    let mut text = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'%' | b'?' | b'#' | 0..=32 | 127.. => {
                let _ = write!(text, "%{byte:02X}");
            }
            byte => text.push(char::from(*byte)),
        }
    }
    text
}
