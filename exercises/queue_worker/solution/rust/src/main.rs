//! A worker with a lease.
//!
//! WORKERS threads run one loop: receive, work, settle. Beside the work a heartbeat extends the lease
//! of this delivery; when the lease is lost it cancels the calls of the work.
#![allow(dead_code)]

mod http;
mod json;
mod signal;
mod variable;

use http::{Call, Cancel, Response};
use json::quoted;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// For calls to the queue, which is quick or away.
const PATIENCE: Duration = Duration::from_secs(2);

struct Worker {
    queue: String,
    vendor: String,
    store: String,
    work: Duration,
    poll: Duration,
    max_attempts: u32,
}

struct Delivery {
    item: String,
    receipt: String,
    attempt: u32,
    lease: Duration,
}

/// How the work on a delivery ended.
enum Outcome {
    Done,
    Failed(String),
    Hopeless(&'static str),
    Lost,
}

fn main() {
    signal::catch_sigterm();
    let worker = Worker {
        queue: variable::text("QUEUE"),
        vendor: variable::text("VENDOR"),
        store: variable::text("STORE"),
        work: variable::milliseconds("WORK_MS"),
        poll: variable::milliseconds("POLL_MS"),
        max_attempts: variable::number("MAX_ATTEMPTS"),
    };
    std::thread::scope(|scope| {
        for _ in 0..variable::number("WORKERS") {
            scope.spawn(|| worker.run());
        }
    });
}

impl Worker {
    fn run(&self) {
        while !signal::asked_to_stop() {
            match self.receive() {
                Some(delivery) => {
                    let outcome = self.perform(&delivery);
                    // If that fails the lease ends by itself, and the key makes a repetition harmless.
                    let _ = self.settle(&delivery, outcome);
                }
                None => sleep_unless_stopped(self.poll),
            }
        }
    }

    fn receive(&self) -> Option<Delivery> {
        let url = format!("{}/receive", self.queue);
        let answer = post(&url, "{}", &[], None, Instant::now() + PATIENCE).ok()?;
        let value = (answer.status == 200).then(|| json::parse(&answer.body))??;
        let text = |key| Some(value.get(key)?.as_text()?.to_owned());
        let number = |key| value.get(key)?.as_number();
        Some(Delivery {
            item: text("item")?,
            receipt: text("receipt")?,
            attempt: number("attempt")? as u32,
            lease: Duration::from_millis(number("lease_ms")? as u64),
        })
    }

    /// Works beside a heartbeat.
    fn perform(&self, delivery: &Delivery) -> Outcome {
        let cancel = Cancel::default();
        let (end, ended) = mpsc::channel();
        std::thread::scope(|scope| {
            let beat = scope.spawn(|| self.keep(delivery, &cancel, ended));
            let outcome = self.work(&delivery.item, Instant::now() + self.work, &cancel);
            drop(end);
            let lost = beat.join().unwrap_or(false);
            match outcome {
                _ if lost => Outcome::Lost,
                Ok(outcome) => outcome,
                Err(error) => Outcome::Failed(error.to_string()),
            }
        })
    }

    fn work(&self, item: &str, until: Instant, cancel: &Cancel) -> std::io::Result<Outcome> {
        let url = format!("{}/photos/{item}", self.vendor);
        let call = Call {
            cancel: Some(cancel),
            ..Call::new("GET", &url)
        };
        let answer = http::send(&call, until)?;
        if answer.status == 422 {
            return Ok(Outcome::Hopeless("the vendor cannot read this photo"));
        }
        let value = json::parse(&expect_ok(answer, "vendor")?.body);
        let verdict = value.as_ref().and_then(|v| v.get("verdict")?.as_text());
        let verdict = verdict.ok_or_else(|| std::io::Error::other("the vendor gave no verdict"))?;
        let result = format!(
            r#"{{"item":{},"verdict":{}}}"#,
            quoted(item),
            quoted(verdict)
        );
        let url = format!("{}/results", self.store);
        // A call that was given a cancelled Cancel fails, so nothing is stored without the lease.
        let headers = [("Idempotency-Key", item)];
        let answer = post(&url, &result, &headers, Some(cancel), until)?;
        expect_ok(answer, "store").map(|_| Outcome::Done)
    }

    /// Extends the lease until `ended` is closed. True: the lease is lost.
    fn keep(&self, delivery: &Delivery, cancel: &Cancel, ended: mpsc::Receiver<()>) -> bool {
        let every = delivery.lease / 3;
        let url = format!("{}/extend", self.queue);
        let receipt = receipt(delivery, "");
        // From beat to beat, however long the last one took: one that hangs must not delay the next.
        let mut at = Instant::now() + every;
        let wait = |at: Instant| ended.recv_timeout(at.saturating_duration_since(Instant::now()));
        while wait(at) == Err(RecvTimeoutError::Timeout) {
            at = Instant::now() + every;
            let answer = post(&url, &receipt, &[], None, at);
            if answer.is_ok_and(|answer| answer.status == 409) {
                cancel.cancel();
                return true;
            }
        }
        false
    }

    fn settle(&self, delivery: &Delivery, outcome: Outcome) -> std::io::Result<()> {
        let dead = |reason: &str| ("dead", format!(r#","reason":{}"#, quoted(reason)));
        let (what, more) = match outcome {
            Outcome::Lost => return Ok(()),
            Outcome::Done => ("ack", String::new()),
            Outcome::Failed(_) if delivery.attempt < self.max_attempts => {
                let least = 100_u64 << (delivery.attempt - 1);
                let pause = least + random() % (least + 1);
                ("nack", format!(r#","pause_ms":{pause}"#))
            }
            Outcome::Failed(reason) => dead(&reason),
            Outcome::Hopeless(reason) => dead(reason),
        };
        let url = format!("{}/{what}", self.queue);
        let body = receipt(delivery, &more);
        post(&url, &body, &[], None, Instant::now() + PATIENCE).map(|_| ())
    }
}

fn receipt(delivery: &Delivery, more: &str) -> String {
    format!(r#"{{"receipt":{}{more}}}"#, quoted(&delivery.receipt))
}

fn expect_ok(answer: Response, who: &str) -> std::io::Result<Response> {
    if answer.status == 200 {
        return Ok(answer);
    }
    let error = format!("the {who} answered {}", answer.status);
    Err(std::io::Error::other(error))
}

fn sleep_unless_stopped(time: Duration) {
    let until = Instant::now() + time;
    while !signal::asked_to_stop() && Instant::now() < until {
        let left = until.saturating_duration_since(Instant::now());
        std::thread::sleep(left.min(Duration::from_millis(50)));
    }
}

fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

fn post(
    url: &str,
    body: &str,
    headers: &[(&str, &str)],
    cancel: Option<&Cancel>,
    until: Instant,
) -> std::io::Result<Response> {
    let call = Call {
        headers,
        body,
        cancel,
        ..Call::new("POST", url)
    };
    http::send(&call, until)
}
