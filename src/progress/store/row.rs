//! A row of the log: an event as it lies in the file, with a sum by which damage is noticed.

use super::super::event::{Event, EventId, Stored};
use crate::clock::{LocalDay, UtcMs};
use ddlab_text::clean;
use rusqlite::Row;
use rusqlite::types::ValueRef;
use std::fmt;
use xxhash_rust::xxh3::Xxh3;

/// A row whose columns are all of their kind and whose sum is right. The event in it may be of a kind that
/// only a newer program knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    pub id: String,
    pub at_ms: i64,
    pub day: String,
    pub kind: String,
    pub subject: String,
    pub payload: String,
    pub machine: String,
}

/// A row that is passed over. It stays in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Its id, or its number in the log where that is damaged as well.
    pub id: String,
    pub why: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({})", clean(&self.id), clean(&self.why))
    }
}

impl LogRow {
    /// # Errors
    /// When the event cannot be written as JSON.
    pub fn of(stored: &Stored) -> serde_json::Result<Self> {
        let mut tagged = serde_json::to_value(&stored.event)?;
        Ok(Self {
            id: stored.id.0.clone(),
            at_ms: stored.at.0,
            day: stored.day.to_string(),
            kind: stored.event.kind().to_owned(),
            subject: stored.event.subject().to_owned(),
            payload: tagged["payload"].take().to_string(),
            machine: stored.machine.clone(),
        })
    }

    /// XXH3 of all columns, each text behind its length.
    pub fn sum(&self) -> i64 {
        let mut hash = Xxh3::new();
        hash.update(&self.at_ms.to_le_bytes());
        for text in [
            &self.id,
            &self.day,
            &self.kind,
            &self.subject,
            &self.payload,
            &self.machine,
        ] {
            hash.update(&(text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
        hash.digest().cast_signed()
    }

    /// Reads a row; rows from before there were sums have none.
    pub fn read(row: &Row<'_>) -> Result<Self, Unreadable> {
        let id = text(row, "id");
        let named = id.clone().unwrap_or_else(|_| match row.get_ref("seq") {
            Ok(ValueRef::Integer(seq)) => format!("event number {seq}"),
            _ => "an event without a number".to_owned(),
        });
        let read = || {
            let found = Self {
                id: id?,
                at_ms: integer(row, "at_ms")?,
                day: text(row, "day")?,
                kind: text(row, "kind")?,
                subject: text(row, "subject")?,
                payload: text(row, "payload")?,
                machine: text(row, "machine")?,
            };
            match row.get_ref("sum") {
                Ok(ValueRef::Null) | Err(_) => Ok(found),
                Ok(ValueRef::Integer(sum)) if sum == found.sum() => Ok(found),
                Ok(_) => Err("its check sum is wrong".to_owned()),
            }
        };
        read().map_err(|why| Unreadable { id: named, why })
    }

    /// The event in it.
    pub fn stored(&self) -> Result<Stored, Unreadable> {
        let fault = |why: String| Unreadable {
            id: self.id.clone(),
            why,
        };
        let payload: serde_json::Value =
            serde_json::from_str(&self.payload).map_err(|_| fault("it is not JSON".to_owned()))?;
        let tagged = serde_json::json!({ "kind": self.kind, "payload": payload });
        let event = serde_json::from_value::<Event>(tagged)
            .map_err(|_| fault(format!("this ddlab does not know such a `{}`", self.kind)))?;
        let day = LocalDay::parse(&self.day)
            .ok_or_else(|| fault(format!("`{}` is not a day", self.day)))?;
        Ok(Stored {
            id: EventId(self.id.clone()),
            at: UtcMs(self.at_ms),
            day,
            machine: self.machine.clone(),
            event,
        })
    }
}

fn text(row: &Row<'_>, column: &str) -> Result<String, String> {
    match row.get_ref(column) {
        Ok(ValueRef::Text(bytes)) => {
            String::from_utf8(bytes.to_vec()).map_err(|_| format!("its {column} is not UTF-8"))
        }
        _ => Err(format!("its {column} is not text")),
    }
}

fn integer(row: &Row<'_>, column: &str) -> Result<i64, String> {
    match row.get_ref(column) {
        Ok(ValueRef::Integer(number)) => Ok(number),
        _ => Err(format!("its {column} is not a number")),
    }
}
