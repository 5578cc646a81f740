//! The log as text: JSON Lines, an event a line, for a copy and for another machine. Importing is taking the
//! union by id, so it may be done twice and in any order.

use super::event::{Event, EventId, Stored};
use crate::clock::{LocalDay, UtcMs};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    id: EventId,
    /// UTC, in milliseconds since 1970.
    at_ms: UtcMs,
    /// The learner's day, from 04:00 to 04:00.
    day: String,
    machine: String,
    kind: String,
    payload: Value,
}

/// A line that is not an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {number} is not an event of a record: {why}")]
pub struct LineError {
    pub number: usize,
    pub why: String,
}

/// An event as a line without its end.
pub fn line(stored: &Stored) -> serde_json::Result<String> {
    let mut tagged = serde_json::to_value(&stored.event)?;
    serde_json::to_string(&Line {
        id: stored.id.clone(),
        at_ms: stored.at,
        day: stored.day.to_string(),
        machine: stored.machine.clone(),
        kind: stored.event.kind().to_owned(),
        payload: tagged["payload"].take(),
    })
}

/// Reads what [`line`] wrote; blank lines are passed over.
///
/// # Errors
/// At the first line that is no event; then nothing is to be imported.
pub fn read(text: &str) -> Result<Vec<Stored>, LineError> {
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            stored(line).map_err(|why| LineError {
                number: index + 1,
                why,
            })
        })
        .collect()
}

fn stored(line: &str) -> Result<Stored, String> {
    let line: Line = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let day = LocalDay::parse(&line.day).ok_or_else(|| format!("`{}` is not a day", line.day))?;
    let tagged = serde_json::json!({ "kind": line.kind, "payload": line.payload });
    let event: Event = serde_json::from_value(tagged).map_err(|error| error.to_string())?;
    Ok(Stored {
        id: line.id,
        at: line.at_ms,
        day,
        machine: line.machine,
        event,
    })
}
