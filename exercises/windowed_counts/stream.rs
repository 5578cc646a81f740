//! The log of events, the sink, and the results that are due of a log.

use crate::harness::shared::Shared;
use crate::harness::upstream::{Reply, Service, UpstreamRequest};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub id: String,
    pub key: String,
    pub at_ms: u64,
}

#[derive(Debug, Default)]
struct Records {
    /// By position; some positions hold no event, as in the logs of brokers. The last one does.
    at: Vec<Option<Event>>,
    /// What answers said is next.
    told: BTreeSet<usize>,
    /// A position that was asked for, and no answer had said.
    made_up: Option<usize>,
}

/// Of so many positions one holds no event.
const GAP: usize = 6;

/// Clones are the same log.
#[derive(Debug, Clone, Default)]
pub struct Log(Shared<Records>);

impl Log {
    pub fn append(&self, events: impl IntoIterator<Item = Event>) {
        let at = &mut self.0.lock().at;
        for event in events {
            if at.len() % GAP == GAP - 1 {
                at.push(None);
            }
            at.push(Some(event));
        }
    }

    pub fn events(&self) -> Vec<Event> {
        self.0.lock().at.iter().flatten().cloned().collect()
    }

    /// How many events stand before this position.
    pub fn before(&self, position: usize) -> usize {
        let records = self.0.lock();
        records.at.iter().take(position).flatten().count()
    }

    pub fn made_up(&self) -> Option<usize> {
        self.0.lock().made_up
    }
}

impl Service for Log {
    fn answer(&self, request: &UpstreamRequest) -> Reply {
        let number = |name| {
            request
                .query(name)
                .and_then(|value| value.parse::<usize>().ok())
        };
        let (Some(from), Some(max)) = (number("from"), number("max")) else {
            return Reply::bad_request("GET /events?from=N&max=N");
        };
        let mut log = self.0.lock();
        if from > 0 && !log.told.contains(&from) {
            log.made_up.get_or_insert(from);
        }
        let records = log.at.iter().enumerate().skip(from);
        let events = records.filter_map(|(at, event)| Some((at, event.as_ref()?)));
        let events: Vec<(usize, &Event)> = events.take(max).collect();
        let next = events.last().map_or(from, |(at, _)| at + 1);
        let events: Vec<Value> = events
            .iter()
            .map(|(_, event)| json!({ "id": event.id, "key": event.key, "at_ms": event.at_ms }))
            .collect();
        log.told.insert(next);
        Reply::json(&json!({ "events": events, "next": next }))
    }
}

/// Results and late events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Results {
    /// Count by `KEY/START`.
    pub windows: BTreeMap<String, u64>,
    pub late: BTreeSet<String>,
}

#[derive(Debug, Default)]
struct Kept {
    results: Results,
    /// A window that got a second result, and both of them.
    changed: Option<String>,
}

/// Clones are the same sink.
#[derive(Debug, Clone, Default)]
pub struct Sink(Shared<Kept>);

impl Sink {
    pub fn results(&self) -> Results {
        self.0.lock().results.clone()
    }

    pub fn changed(&self) -> Option<String> {
        self.0.lock().changed.clone()
    }
}

impl Service for Sink {
    fn answer(&self, request: &UpstreamRequest) -> Reply {
        let mut kept = self.0.lock();
        if let Some(window) = request.path.strip_prefix("/windows/") {
            let Some(count) = request.json()["count"].as_u64() else {
                return Reply::bad_request("count must be a whole number");
            };
            let before = kept.results.windows.insert(window.to_owned(), count);
            if let Some(before) = before.filter(|before| *before != count) {
                kept.changed = Some(format!("{window}: first {before}, then {count}"));
            }
        } else if let Some(id) = request.path.strip_prefix("/late/") {
            kept.results.late.insert(id.to_owned());
        } else {
            return Reply::not_found("PUT /windows/KEY/START or /late/ID");
        }
        Reply::json(&json!({}))
    }
}

/// What is due of these events.
pub fn due(events: &[Event], window_ms: u64, lateness_ms: u64) -> Results {
    let mut due = Results::default();
    let mut open: BTreeMap<(u64, &str), BTreeSet<&str>> = BTreeMap::new();
    let mut watermark = 0;
    for event in events {
        watermark = watermark.max(event.at_ms);
        let is_closed = |start: u64| start + window_ms + lateness_ms <= watermark;
        while let Some(first) = open.first_entry()
            && is_closed(first.key().0)
        {
            let ((start, key), ids) = first.remove_entry();
            due.windows
                .insert(format!("{key}/{start}"), ids.len() as u64);
        }
        let start = event.at_ms - event.at_ms % window_ms;
        if is_closed(start) {
            due.late.insert(event.id.clone());
        } else {
            open.entry((start, event.key.as_str()))
                .or_default()
                .insert(&event.id);
        }
    }
    due
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str, at_ms: u64) -> Event {
        Event {
            id: id.to_owned(),
            key: "k".to_owned(),
            at_ms,
        }
    }

    #[test]
    fn a_window_closes_at_its_end_and_its_lateness_and_counts_each_event_once() {
        let events = [
            ("a", 0),
            ("b", 9),
            ("a", 0),
            ("c", 14),
            ("d", 5),
            ("e", 15),
            ("f", 9),
        ];
        let due = due(&events.map(|(id, at)| event(id, at)), 10, 5);
        assert_eq!(due.windows, BTreeMap::from([("k/0".to_owned(), 3)]));
        assert_eq!(due.late, BTreeSet::from(["f".to_owned()]));
    }
}
