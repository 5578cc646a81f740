//! A consumer that shares its partitions.
//!
//! A membership is a generation with a thread for each partition and one for the heartbeat. Any 409 ends
//! it; when all of its threads have ended, the main loop joins again.
#![allow(dead_code)]

mod http;
mod json;
mod signal;
mod variable;

use http::{Call, Response};
use json::{Value, quoted};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(2);
/// How soon a pause notices that it is over.
const LOOK: Duration = Duration::from_millis(20);

struct Consumer {
    member: String,
    broker: String,
    store: String,
    heartbeat: Duration,
    batch_max: usize,
    poll: Duration,
    retry: Duration,
}

struct Membership<'a> {
    consumer: &'a Consumer,
    generation: u64,
    over: AtomicBool,
}

/// The generation is over.
struct Over;

fn main() -> io::Result<()> {
    signal::catch_sigterm();
    let consumer = Consumer {
        member: variable::text("MEMBER"),
        broker: variable::text("BROKER"),
        store: variable::text("STORE"),
        heartbeat: variable::milliseconds("HEARTBEAT_MS"),
        batch_max: variable::number("BATCH_MAX"),
        poll: variable::milliseconds("POLL_MS"),
        retry: variable::milliseconds("RETRY_MS"),
    };
    let me = format!(r#"{{"member":{}}}"#, quoted(&consumer.member));
    while !signal::asked_to_stop() {
        let joined = post(&format!("{}/join", consumer.broker), &me).ok();
        match joined.filter(|answer| answer.status == 200).and_then(|answer| read(&answer.body)) {
            Some((generation, partitions)) => {
                let membership = Membership {
                    consumer: &consumer,
                    generation,
                    over: AtomicBool::new(false),
                };
                membership.run(&partitions);
            }
            None => pause(consumer.retry, signal::asked_to_stop),
        }
    }
    post(&format!("{}/leave", consumer.broker), &me).map(drop)
}

impl Membership<'_> {
    /// Until the generation is over, or SIGTERM has come.
    fn run(&self, partitions: &[(u64, u64)]) {
        std::thread::scope(|scope| {
            let heart = scope.spawn(|| self.beat());
            let work = |&(partition, offset): &(u64, u64)| {
                scope.spawn(move || {
                    if self.work(partition, offset).is_err() {
                        self.over.store(true, Ordering::SeqCst);
                    }
                })
            };
            let workers: Vec<_> = partitions.iter().map(work).collect();
            while !self.is_over() && !signal::asked_to_stop() {
                sleep(LOOK);
            }
            for worker in workers {
                let _ = worker.join();
            }
            self.over.store(true, Ordering::SeqCst);
            let _ = heart.join();
        });
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    fn beat(&self) {
        let url = format!("{}/heartbeat", self.consumer.broker);
        let body = self.me("");
        loop {
            pause(self.consumer.heartbeat, || self.is_over());
            if self.is_over() || self.call("POST", &url, &body).is_err() {
                self.over.store(true, Ordering::SeqCst);
                return;
            }
        }
    }

    fn work(&self, partition: u64, mut offset: u64) -> Result<(), Over> {
        let Consumer { broker, batch_max, poll, .. } = self.consumer;
        while !signal::asked_to_stop() {
            let url = format!("{broker}/partitions/{partition}?offset={offset}&max={batch_max}");
            let batch = json::parse(&self.call("GET", &url, "")?.body);
            let records = batch.as_ref().and_then(|batch| batch.get("records")?.as_list());
            let bids = records.unwrap_or_default().iter();
            let bids: Vec<&str> = bids.filter_map(|record| record.get("bid")?.as_text()).collect();
            if bids.is_empty() {
                pause(*poll, || self.is_over() || signal::asked_to_stop());
                continue;
            }
            for bid in bids {
                self.store(partition, offset, bid)?;
                offset += 1;
                if signal::asked_to_stop() {
                    break;
                }
            }
            let commit = self.me(&format!(r#","partition":{partition},"offset":{offset}"#));
            self.call("POST", &format!("{broker}/commit"), &commit)?;
        }
        Ok(())
    }

    fn store(&self, partition: u64, offset: u64, bid: &str) -> Result<(), Over> {
        let url = format!("{}/{partition}/{offset}", self.consumer.store);
        let body = format!(r#"{{"bid":{},"generation":{}}}"#, quoted(bid), self.generation);
        if self.call("PUT", &url, &body)?.status == 422 {
            let url = format!("{}/dead", self.consumer.broker);
            let body = format!(r#"{{"partition":{partition},"offset":{offset}}}"#);
            self.call("POST", &url, &body)?;
        }
        Ok(())
    }

    fn me(&self, more: &str) -> String {
        let member = quoted(&self.consumer.member);
        format!(r#"{{"member":{member},"generation":{}{more}}}"#, self.generation)
    }

    /// The answer, once it is 200 or 422; calls for as long as the generation lasts.
    fn call(&self, method: &str, url: &str, body: &str) -> Result<Response, Over> {
        let call = Call {
            body,
            ..Call::new(method, url)
        };
        while !self.is_over() {
            match http::send(&call, Instant::now() + PATIENCE) {
                Ok(answer) if [200, 422].contains(&answer.status) => return Ok(answer),
                Ok(answer) if answer.status == 409 => return Err(Over),
                _ => pause(self.consumer.retry, || self.is_over()),
            }
        }
        Err(Over)
    }
}

fn post(url: &str, body: &str) -> io::Result<Response> {
    let call = Call {
        body,
        ..Call::new("POST", url)
    };
    http::send(&call, Instant::now() + PATIENCE)
}

/// Sleeps, and no longer than until it is over.
fn pause(time: Duration, is_over: impl Fn() -> bool) {
    let until = Instant::now() + time;
    while !is_over() && Instant::now() < until {
        sleep(LOOK.min(until.saturating_duration_since(Instant::now())));
    }
}

/// The generation, and each partition with its offset.
fn read(body: &str) -> Option<(u64, Vec<(u64, u64)>)> {
    let joined = json::parse(body)?;
    let number = |value: &Value, key| Some(value.get(key)?.as_number()? as u64);
    let mine = joined.get("partitions")?.as_list()?.iter();
    let mine = mine.map(|one| Some((number(one, "partition")?, number(one, "offset")?)));
    Some((number(&joined, "generation")?, mine.collect::<Option<_>>()?))
}
