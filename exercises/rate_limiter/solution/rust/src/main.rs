//! A limit that three copies share.
//!
//! A decision is a pure function of what the store has and of its time. Around it goes a loop: read,
//! decide, write if nobody else has written meanwhile.
#![allow(dead_code)]

mod http;
mod json;
mod variable;

use http::{Call, Headers, Request, Response};
use json::Value;
use std::io;
use std::time::{Duration, Instant};

struct Limiter {
    store: String,
    /// Tokens a millisecond.
    rate: f64,
    burst: f64,
    store_time: Duration,
    open: bool,
}

fn main() -> io::Result<()> {
    let limiter = Limiter {
        store: variable::text("STORE"),
        rate: variable::number::<f64>("RATE") / 1000.0,
        burst: variable::number("BURST"),
        store_time: variable::milliseconds("STORE_MS"),
        open: variable::text("ON_OUTAGE") == "open",
    };
    http::serve(variable::number("PORT"), move |request| limiter.respond(request))
}

/// A bucket as it is now.
struct Bucket {
    version: f64,
    tokens: f64,
    /// Up to which its gain is counted.
    stamp: f64,
    /// The time of the store.
    now: f64,
}

impl Limiter {
    fn respond(&self, request: &Request) -> Response {
        if request.path == "/healthz" {
            return Response::new(200, r#"{"ok": true}"#);
        }
        let tenant = request.query.strip_prefix("tenant=");
        let Some(tenant) = tenant.filter(|_| request.path == "/take") else {
            return Response::new(404, r#"{"error": "POST /take?tenant=..."}"#);
        };
        let decided = self.take(tenant, Instant::now() + self.store_time);
        decided.unwrap_or_else(|_| match self.open {
            true => Response::new(200, r#"{"allowed": true}"#),
            false => Response::new(503, r#"{"allowed": false}"#),
        })
    }

    fn take(&self, tenant: &str, until: Instant) -> io::Result<Response> {
        let url = format!("{}/buckets/{tenant}", self.store);
        loop {
            let found = http::get(&url, until)?;
            let bucket = self.refilled(&found);
            let bucket = bucket.ok_or_else(|| refused(found.status))?;
            let behind = bucket.stamp - bucket.now;
            if bucket.tokens < 1.0 {
                let wait_ms = behind + (1.0 - bucket.tokens) / self.rate;
                let retry_after = (wait_ms / 1000.0).ceil().to_string();
                return Ok(Response {
                    headers: Headers(vec![("Retry-After".to_owned(), retry_after)]),
                    ..Response::new(429, r#"{"allowed": false, "left": 0}"#)
                });
            }
            let tokens = bucket.tokens - 1.0;
            let ttl_ms = behind + ((self.burst - tokens) / self.rate).ceil();
            let write = format!(
                r#"{{"version": {}, "value": {{"tokens": {tokens}, "stamp": {}}}, "ttl_ms": {ttl_ms}}}"#,
                bucket.version, bucket.stamp
            );
            let call = Call {
                body: &write,
                ..Call::new("PUT", &url)
            };
            match http::send(&call, until)?.status {
                200 => {
                    let left = tokens.floor();
                    let body = format!(r#"{{"allowed": true, "left": {left}}}"#);
                    return Ok(Response::new(200, body));
                }
                409 => {}
                status => return Err(refused(status)),
            }
        }
    }

    fn refilled(&self, found: &Response) -> Option<Bucket> {
        let answer = json::parse(&found.body)?;
        let number = |value: &Value, key| value.get(key)?.as_number();
        let now = number(&answer, "now_ms")?;
        if found.status == 404 {
            return Some(Bucket {
                version: 0.0,
                tokens: self.burst,
                stamp: now,
                now,
            });
        }
        let value = answer.get("value").filter(|_| found.status == 200)?;
        let stamp = number(value, "stamp")?;
        let gained = (now - stamp).max(0.0) * self.rate;
        Some(Bucket {
            version: number(&answer, "version")?,
            tokens: (number(value, "tokens")? + gained).min(self.burst),
            stamp: stamp.max(now),
            now,
        })
    }
}

fn refused(status: u16) -> io::Error {
    io::Error::other(format!("the store answered {status}"))
}
