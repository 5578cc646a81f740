//! A new configuration without a restart.
//!
//! A loop that looks at the content every few milliseconds, and decides in one place whether now is the
//! time to send it.
#![allow(dead_code)]

mod http;
mod json;
mod variable;

use http::Call;
use json::Value;
use std::time::{Duration, Instant};

const LOOK: Duration = Duration::from_millis(30);

struct Reloader {
    url: String,
    settle: Duration,
    reload: Duration,
    retry: Duration,
    /// What the file said last.
    seen: Option<String>,
    changed: Option<Instant>,
    /// The first change since the last reload.
    first_change: Option<Instant>,
    /// What the service has, and what it does not want.
    has: Option<String>,
    refused: Option<String>,
    not_before: Option<Instant>,
}

fn main() {
    let file = format!("{}/app.json", variable::text("CONFIG_DIR"));
    let mut reloader = Reloader {
        url: format!("{}/reload", variable::text("APP")),
        settle: variable::milliseconds("SETTLE_MS"),
        reload: variable::milliseconds("RELOAD_MS"),
        retry: variable::milliseconds("RETRY_MS"),
        seen: None,
        changed: None,
        first_change: None,
        has: None,
        refused: None,
        not_before: None,
    };
    loop {
        // What cannot be read right now is no change.
        if let Ok(content) = std::fs::read_to_string(&file) {
            reloader.sees(content);
        }
        reloader.sends_if_due();
        std::thread::sleep(LOOK);
    }
}

impl Reloader {
    fn sees(&mut self, content: String) {
        if self.seen.as_ref() == Some(&content) {
            return;
        }
        if self.seen.is_some() {
            let now = Instant::now();
            self.changed = Some(now);
            self.first_change.get_or_insert(now);
        }
        self.seen = Some(content);
        self.refused = None;
    }

    fn sends_if_due(&mut self) {
        let now = Instant::now();
        let has_settled = self.changed.is_none_or(|at| now >= at + self.settle);
        let known = self.seen == self.has || self.seen == self.refused;
        let Some(content) = self.seen.clone().filter(|seen| !known && is_valid(seen)) else {
            if has_settled {
                self.first_change = None;
            }
            return;
        };
        let is_old = self.first_change.is_some_and(|at| now >= at + self.settle * 5);
        let may = self.not_before.is_none_or(|at| now >= at);
        if !may || !(has_settled || is_old) {
            return;
        }
        self.first_change = None;
        let call = Call {
            headers: &[("Content-Type", "application/json")],
            body: &content,
            ..Call::new("POST", &self.url)
        };
        match http::send(&call, now + self.reload).map(|answer| answer.status) {
            Ok(200) => self.has = Some(content),
            Ok(422) => self.refused = Some(content),
            _ => self.not_before = Some(Instant::now() + self.retry),
        }
    }
}

fn is_valid(content: &str) -> bool {
    let config = json::parse(content);
    let field = |name| config.as_ref().and_then(|config| config.get(name));
    let cents = field("max_bid_cents").and_then(Value::as_number);
    let regions = field("regions").and_then(Value::as_list);
    cents.is_some_and(|cents| cents > 0.0 && cents.fract() == 0.0)
        && regions.is_some_and(|regions| !regions.is_empty())
}
