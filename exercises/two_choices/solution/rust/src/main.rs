//! A balancer that does not make a herd.
//!
//! One record for each backend, behind one lock. A thread for each of them asks for its load, and one
//! more reads the file.
#![allow(dead_code)]

mod http;
mod json;
mod variable;

use http::{Request, Response};
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

struct Backend {
    /// Another one each time that it joins.
    joined: Instant,
    /// Since the start of this program: no slow start.
    original: bool,
    load: f64,
    failures: u32,
    ejected_until: Instant,
}

struct Balancer {
    file: String,
    load_every: Duration,
    try_time: Duration,
    failures: u32,
    eject: Duration,
    ejected_max: usize,
    slow_start: f64,
    backends: Mutex<HashMap<String, Backend>>,
}

fn main() -> io::Result<()> {
    let balancer = Arc::new(Balancer {
        file: variable::text("BACKENDS_FILE"),
        load_every: variable::milliseconds("LOAD_MS"),
        try_time: variable::milliseconds("TRY_MS"),
        failures: variable::number("FAILURES"),
        eject: variable::milliseconds("EJECT_MS"),
        ejected_max: variable::number("EJECTED_MAX"),
        slow_start: variable::number::<f64>("SLOW_START_MS") / 1000.0,
        backends: Mutex::default(),
    });
    balancer.read_file(true)?;
    let watcher = balancer.clone();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(watcher.load_every / 2);
            // A file that is missing is there again in a moment; until then the last list counts.
            let _ = watcher.read_file(false);
        }
    });
    http::serve(variable::number("PORT"), move |request| balancer.respond(request))
}

impl Balancer {
    fn read_file(self: &Arc<Self>, original: bool) -> io::Result<()> {
        let text = std::fs::read_to_string(&self.file)?;
        let listed: Vec<&str> = text.lines().collect();
        let mut backends = self.backends.lock().unwrap();
        backends.retain(|url, _| listed.contains(&url.as_str()));
        for url in listed {
            if backends.contains_key(url) {
                continue;
            }
            let joined = Instant::now();
            let backend = Backend {
                joined,
                original,
                load: f64::INFINITY,
                failures: 0,
                ejected_until: joined,
            };
            backends.insert(url.to_owned(), backend);
            let (balancer, url) = (self.clone(), url.to_owned());
            std::thread::spawn(move || balancer.watch_load(&url, joined));
        }
        Ok(())
    }

    /// Until the backend has left.
    fn watch_load(&self, url: &str, joined: Instant) {
        loop {
            let until = Instant::now() + self.load_every;
            let load = ask_load(url, until).unwrap_or(f64::INFINITY);
            match self.backends.lock().unwrap().get_mut(url) {
                Some(backend) if backend.joined == joined => backend.load = load,
                _ => return,
            }
            std::thread::sleep(until.saturating_duration_since(Instant::now()));
        }
    }

    fn choose(&self) -> Option<String> {
        let now = Instant::now();
        let backends = self.backends.lock().unwrap();
        let all: Vec<_> = backends.iter().collect();
        let or = |some: Vec<_>, all: &Vec<_>| if some.is_empty() { all.clone() } else { some };
        let healthy = all.iter().filter(|(_, one)| one.ejected_until <= now);
        let healthy = or(healthy.copied().collect(), &all);
        let is_warm = |one: &Backend| {
            let age = now.saturating_duration_since(one.joined).as_secs_f64();
            one.original || random() * self.slow_start < age
        };
        let warm = healthy.iter().filter(|(_, one)| is_warm(one));
        let mut fit = or(warm.copied().collect(), &healthy);
        let mut take = || {
            let nr = (random() * fit.len() as f64) as usize;
            (nr < fit.len()).then(|| fit.swap_remove(nr))
        };
        let (first, second) = (take()?, take());
        let better = second.filter(|second| second.1.load < first.1.load);
        Some(better.unwrap_or(first).0.clone())
    }

    fn judge(&self, url: &str, failed: bool) {
        let now = Instant::now();
        let mut backends = self.backends.lock().unwrap();
        let ejected = backends.values().filter(|one| one.ejected_until > now);
        let has_room = ejected.count() < self.ejected_max;
        let Some(backend) = backends.get_mut(url) else {
            return;
        };
        if backend.ejected_until > now {
            return;
        }
        backend.failures = if failed { backend.failures + 1 } else { 0 };
        if backend.failures >= self.failures && has_room {
            backend.failures = 0;
            backend.ejected_until = now + self.eject;
        }
    }

    fn respond(&self, request: &Request) -> Response {
        if request.path == "/healthz" {
            return Response::new(200, r#"{"ok": true}"#);
        }
        let Some(url) = self.choose() else {
            return Response::new(502, r#"{"error": "there is no backend"}"#);
        };
        let target = format!("{url}{}", request.path);
        let late = |error: &io::Error| {
            [io::ErrorKind::TimedOut, io::ErrorKind::WouldBlock].contains(&error.kind())
        };
        let response = match http::get(&target, Instant::now() + self.try_time) {
            Ok(answer) => Response::new(answer.status, answer.body),
            Err(error) if late(&error) => Response::new(504, r#"{"error": "no answer in time"}"#),
            Err(_) => Response::new(502, r#"{"error": "no whole answer"}"#),
        };
        self.judge(&url, response.status >= 500);
        response
    }
}

fn ask_load(url: &str, until: Instant) -> Option<f64> {
    let answer = http::get(&format!("{url}/load"), until).ok()?;
    let value = (answer.status == 200).then(|| json::parse(&answer.body))??;
    value.get("load")?.as_number()
}

/// From 0 to 1.
fn random() -> f64 {
    let bits = RandomState::new().build_hasher().finish();
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}
