//! A proxy before three replicas that hedges.
//!
//! Each request has a channel into which its calls put what came of them. One loop waits for a
//! result, for the moment to send the second call, and for the deadline.

mod http;
mod variable;

use http::{Call, Cancel, Request, Response};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

struct Proxy {
    replicas: Vec<String>,
    hedge: Duration,
    deadline: Duration,
    turns: AtomicUsize,
    budget: Budget,
}

struct Budget {
    ratio: f64,
    cap: f64,
    tokens: Mutex<f64>,
}

impl Budget {
    fn earn(&self) {
        let mut tokens = self.tokens.lock().unwrap();
        *tokens = (*tokens + self.ratio).min(self.cap);
    }

    fn spend(&self) -> bool {
        let mut tokens = self.tokens.lock().unwrap();
        let enough = *tokens >= 1.0;
        if enough {
            *tokens -= 1.0;
        }
        enough
    }
}

fn main() -> std::io::Result<()> {
    let cap = variable::number("BUDGET_CAP");
    let proxy = Proxy {
        replicas: variable::list("REPLICAS"),
        hedge: variable::milliseconds("HEDGE_MS"),
        deadline: variable::milliseconds("DEADLINE_MS"),
        turns: AtomicUsize::new(0),
        budget: Budget {
            ratio: variable::number("BUDGET_RATIO"),
            cap,
            tokens: Mutex::new(cap),
        },
    };
    http::serve(variable::number("PORT"), move |request| {
        match request.path.as_str() {
            "/healthz" => Response::new(200, "{}"),
            path if path.starts_with("/lots/") => fetch(request, &proxy),
            _ => Response::new(404, "{}"),
        }
    })
}

fn fetch(request: &Request, proxy: &Proxy) -> Response {
    let begun = Instant::now();
    let (until, hedge_at) = (begun + proxy.deadline, begun + proxy.hedge);
    proxy.budget.earn();
    let turn = proxy.turns.fetch_add(1, Ordering::Relaxed);
    let cancel = Cancel::default();
    let (sender, results) = mpsc::channel();
    let start = |nr: usize| {
        let replica = &proxy.replicas[(turn + nr) % proxy.replicas.len()];
        let url = format!("{replica}{}", request.path);
        let (sender, cancel) = (sender.clone(), cancel.clone());
        std::thread::spawn(move || sender.send(ask(&url, until, &cancel)));
    };
    start(0);
    let response = race(&proxy.budget, &results, until, hedge_at, || start(1));
    cancel.cancel();
    response
}

/// The first good answer of one call or, from `hedge_at` on, of two.
fn race(
    budget: &Budget,
    results: &mpsc::Receiver<Option<Response>>,
    until: Instant,
    hedge_at: Instant,
    start_copy: impl Fn(),
) -> Response {
    let (mut out, mut copied) = (1, false);
    while out > 0 {
        let next = if copied { until } else { until.min(hedge_at) };
        match results.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(Some(answer)) => return answer,
            Ok(None) => out -= 1,
            Err(RecvTimeoutError::Timeout) if Instant::now() >= until => break,
            Err(_) => {}
        }
        if !copied && (out == 0 || Instant::now() >= hedge_at) {
            copied = true;
            if budget.spend() {
                start_copy();
                out += 1;
            }
        }
    }
    let late = Instant::now() >= until;
    Response::new(if late { 504 } else { 502 }, "{}")
}

/// A good answer, or none.
fn ask(url: &str, until: Instant, cancel: &Cancel) -> Option<Response> {
    let call = Call {
        cancel: Some(cancel),
        ..Call::new("GET", url)
    };
    let response = http::send(&call, until).ok()?;
    let good = [200, 404].contains(&response.status);
    good.then(|| Response::new(response.status, response.body))
}
