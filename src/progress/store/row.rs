//! A row of the log: an event as it lies in the file, with a sum by which damage is noticed.

use super::super::event::{Event, EventId, Stored};
use crate::clock::{LocalDay, UtcMs};
use ddlab_text::clean;
use rusqlite::types::ValueRef;
use rusqlite::{Row, Statement};
use serde::de::IgnoredAny;
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

/// Where the columns of a row stand: looked up by name once, and not in each row of a log of years.
#[derive(Debug, Clone, Copy)]
pub struct Columns {
    seq: Option<usize>,
    id: Option<usize>,
    at_ms: Option<usize>,
    day: Option<usize>,
    kind: Option<usize>,
    subject: Option<usize>,
    payload: Option<usize>,
    machine: Option<usize>,
    sum: Option<usize>,
}

impl Columns {
    pub fn of(select: &Statement<'_>) -> Self {
        let at = |name| select.column_index(name).ok();
        Self {
            seq: at("seq"),
            id: at("id"),
            at_ms: at("at_ms"),
            day: at("day"),
            kind: at("kind"),
            subject: at("subject"),
            payload: at("payload"),
            machine: at("machine"),
            sum: at("sum"),
        }
    }

    /// The number of the row in the log.
    pub fn seq(&self, row: &Row<'_>) -> Option<i64> {
        match value(row, self.seq) {
            Some(ValueRef::Integer(seq)) => Some(seq),
            _ => None,
        }
    }
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
    pub fn read(row: &Row<'_>, at: &Columns) -> Result<Self, Unreadable> {
        let read = || {
            let found = Self {
                id: text(row, at.id, "id")?,
                at_ms: match value(row, at.at_ms) {
                    Some(ValueRef::Integer(number)) => number,
                    _ => return Err("its at_ms is not a number".to_owned()),
                },
                day: text(row, at.day, "day")?,
                kind: text(row, at.kind, "kind")?,
                subject: text(row, at.subject, "subject")?,
                payload: text(row, at.payload, "payload")?,
                machine: text(row, at.machine, "machine")?,
            };
            match value(row, at.sum) {
                Some(ValueRef::Null) | None => Ok(found),
                Some(ValueRef::Integer(sum)) if sum == found.sum() => Ok(found),
                Some(_) => Err("its check sum is wrong".to_owned()),
            }
        };
        read().map_err(|why| {
            let id = text(row, at.id, "id").unwrap_or_else(|_| match at.seq(row) {
                Some(seq) => format!("event number {seq}"),
                None => "an event without a number".to_owned(),
            });
            Unreadable { id, why }
        })
    }

    /// The event in it.
    pub fn stored(&self) -> Result<Stored, Unreadable> {
        let fault = |why: String| Unreadable {
            id: self.id.clone(),
            why,
        };
        // In one go, and not by way of a tree of values: a log of years is read at each start.
        let kind = serde_json::Value::from(self.kind.as_str());
        let tagged = format!(r#"{{"kind":{kind},"payload":{}}}"#, self.payload);
        let event = serde_json::from_str::<Event>(&tagged).map_err(|_| {
            let is_json = serde_json::from_str::<IgnoredAny>(&self.payload).is_ok();
            fault(if is_json {
                format!("this ddlab does not know such a `{}`", self.kind)
            } else {
                "it is not JSON".to_owned()
            })
        })?;
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

fn value<'row>(row: &'row Row<'_>, at: Option<usize>) -> Option<ValueRef<'row>> {
    row.get_ref(at?).ok()
}

fn text(row: &Row<'_>, at: Option<usize>, column: &str) -> Result<String, String> {
    match value(row, at) {
        Some(ValueRef::Text(bytes)) => {
            String::from_utf8(bytes.to_vec()).map_err(|_| format!("its {column} is not UTF-8"))
        }
        _ => Err(format!("its {column} is not text")),
    }
}
