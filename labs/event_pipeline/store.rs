//! The store behind the sink: results by lot and window.

use super::settings::SinkBy;
use super::window::Row;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

/// Results of windows that nobody judges any more are kept for the newest of each lot only.
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

    /// Takes out the results of a lot whose windows begin from `start` to before `end`: how many bids they count.
    pub fn take(&self, key: u64, start: Duration, end: Duration) -> u64 {
        let mut results = self.results.borrow_mut();
        let range = results.range((key, start)..(key, end));
        let starts: Vec<Duration> = range.map(|(&(_, start), _)| start).collect();
        let rows = starts
            .iter()
            .filter_map(|start| results.remove(&(key, *start)));
        rows.map(|row| row.events).sum()
    }

    /// Forgets results that nobody will judge: of windows that ended before this moment.
    pub fn forget_before(&self, moment: Duration) {
        self.results.borrow_mut().retain(|_, row| row.end >= moment);
    }

    pub fn newest(&self, key: u64) -> Option<Row> {
        self.newest.borrow().get(&key).copied()
    }
}
