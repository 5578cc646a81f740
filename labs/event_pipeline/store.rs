//! The store behind the sink: results by lot and window.

use super::settings::SinkBy;
use super::window::Row;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

/// Results of windows that are told no more are kept for the newest of each lot only.
#[derive(Debug, Default)]
pub struct Store {
    results: RefCell<BTreeMap<(u64, Duration), Row>>,
    newest: RefCell<BTreeMap<u64, Row>>,
}

impl Store {
    /// Whether it is the first result of its window.
    pub fn write(&self, row: Row, by: SinkBy) -> bool {
        let mut results = self.results.borrow_mut();
        let before = results.get(&(row.key, row.start)).copied();
        let row = match (by, before) {
            (SinkBy::Add, Some(before)) => Row {
                events: before.events + row.events,
                cents: before.cents + row.cents,
                ..row
            },
            _ => row,
        };
        results.insert((row.key, row.start), row);
        self.newest.borrow_mut().insert(row.key, row);
        before.is_none()
    }

    /// How many bids the results of a lot count whose windows begin from `start` to before `end`.
    pub fn counts(&self, key: u64, start: Duration, end: Duration) -> u64 {
        let results = self.results.borrow();
        let rows = results.range((key, start)..(key, end));
        rows.map(|(_, row)| row.events).sum()
    }

    /// Forgets the results of windows that ended by this moment: they are judged, and will not be told again.
    pub fn forget_before(&self, moment: Duration) {
        self.results.borrow_mut().retain(|_, row| row.end > moment);
    }

    pub fn newest(&self, key: u64) -> Option<Row> {
        self.newest.borrow().get(&key).copied()
    }
}
