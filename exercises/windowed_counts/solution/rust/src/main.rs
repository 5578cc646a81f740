//! Counts that do not change their mind.
//!
//! The core knows no I/O: a state and an event make a new state and results. The loop around it reads a
//! batch, sends what came out, and then saves the state with its position. Killed anywhere, it does the
//! last batch again from the same state.
#![allow(dead_code)]

mod http;
mod json;
mod variable;

use http::Call;
use json::{Value, quoted};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::thread::sleep;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(2);

struct Event {
    id: String,
    key: String,
    at: u64,
}

#[derive(Default)]
struct State {
    position: u64,
    watermark: u64,
    /// The ids that were counted, by start and key.
    open: BTreeMap<(u64, String), BTreeSet<String>>,
}

struct Counter {
    source: String,
    sink: String,
    file: String,
    window: u64,
    lateness: u64,
    batch_max: u64,
    poll: Duration,
    retry: Duration,
}

fn main() -> io::Result<()> {
    let counter = Counter {
        source: variable::text("SOURCE"),
        sink: variable::text("SINK"),
        file: format!("{}/state.json", variable::text("STATE_DIR")),
        window: variable::number("WINDOW_MS"),
        lateness: variable::number("LATENESS_MS"),
        batch_max: variable::number("BATCH_MAX"),
        poll: variable::milliseconds("POLL_MS"),
        retry: variable::milliseconds("RETRY_MS"),
    };
    let mut state = counter.load();
    loop {
        let (events, next) = counter.read(state.position);
        if events.is_empty() {
            sleep(counter.poll);
            continue;
        }
        for event in &events {
            for (path, value) in counter.take(&mut state, event) {
                counter.call("PUT", &format!("{}/{path}", counter.sink), &value);
            }
        }
        state.position = next;
        counter.save(&state)?;
    }
}

impl Counter {
    /// The results of an event: paths and values.
    fn take(&self, state: &mut State, event: &Event) -> Vec<(String, String)> {
        let mut results = Vec::new();
        state.watermark = state.watermark.max(event.at);
        let watermark = state.watermark;
        let is_closed = |start: u64| start + self.window + self.lateness <= watermark;
        while let Some(first) = state.open.first_entry() {
            if !is_closed(first.key().0) {
                break;
            }
            let ((start, key), ids) = first.remove_entry();
            let count = format!("{{\"count\": {}}}", ids.len());
            results.push((format!("windows/{key}/{start}"), count));
        }
        let start = event.at - event.at % self.window;
        if is_closed(start) {
            results.push((format!("late/{}", event.id), "{}".to_owned()));
        } else {
            let window = state.open.entry((start, event.key.clone())).or_default();
            window.insert(event.id.clone());
        }
        results
    }

    fn read(&self, position: u64) -> (Vec<Event>, u64) {
        let url = format!("{}/events?from={position}&max={}", self.source, self.batch_max);
        loop {
            let batch = self.call("GET", &url, "");
            let next = batch.get("next").and_then(Value::as_number);
            if let (Some(events), Some(next)) = (batch.get("events").and_then(Value::as_list), next) {
                return (events.iter().filter_map(event).collect(), next as u64);
            }
            sleep(self.retry);
        }
    }

    /// The body of a 200; calls until there is one.
    fn call(&self, method: &str, url: &str, body: &str) -> Value {
        let call = Call {
            body,
            ..Call::new(method, url)
        };
        loop {
            if let Ok(answer) = http::send(&call, Instant::now() + PATIENCE)
                && answer.status == 200
                && let Some(value) = json::parse(&answer.body)
            {
                return value;
            }
            sleep(self.retry);
        }
    }

    fn load(&self) -> State {
        let text = fs::read_to_string(&self.file).unwrap_or_default();
        json::parse(&text).and_then(|value| state(&value)).unwrap_or_default()
    }

    fn save(&self, state: &State) -> io::Result<()> {
        let window = |((start, key), ids): (&(u64, String), &BTreeSet<String>)| {
            let ids: Vec<String> = ids.iter().map(|id| quoted(id)).collect();
            format!("[{start},{},[{}]]", quoted(key), ids.join(","))
        };
        let open: Vec<String> = state.open.iter().map(window).collect();
        let fresh = format!("{}.new", self.file);
        let mut file = File::create(&fresh)?;
        write!(
            file,
            r#"{{"position":{},"watermark":{},"open":[{}]}}"#,
            state.position,
            state.watermark,
            open.join(",")
        )?;
        file.sync_all()?;
        fs::rename(fresh, &self.file)
    }
}

fn event(value: &Value) -> Option<Event> {
    Some(Event {
        id: value.get("id")?.as_text()?.to_owned(),
        key: value.get("key")?.as_text()?.to_owned(),
        at: value.get("at_ms")?.as_number()? as u64,
    })
}

fn state(value: &Value) -> Option<State> {
    let mut open = BTreeMap::new();
    for window in value.get("open")?.as_list()? {
        let [start, key, ids] = window.as_list()? else {
            return None;
        };
        let ids = ids.as_list()?.iter().filter_map(|id| id.as_text().map(str::to_owned));
        let window = (start.as_number()? as u64, key.as_text()?.to_owned());
        open.insert(window, ids.collect());
    }
    Some(State {
        position: value.get("position")?.as_number()? as u64,
        watermark: value.get("watermark")?.as_number()? as u64,
        open,
    })
}
