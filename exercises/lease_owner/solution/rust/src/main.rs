//! One of three copies that compete for a lease.
//!
//! `Ownership` is one grant of the lease: its token, and the moment until which it can be relied on. A
//! thread renews it beside the work; whatever ends it, nothing more is written with its token.
#![allow(dead_code)]

mod http;
mod json;
mod signal;
mod variable;

use http::{Call, Response};
use json::{Value, quoted};
use std::io;
use std::sync::Mutex;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// For one call to the shop.
const PATIENCE: Duration = Duration::from_secs(1);

struct Closer {
    name: String,
    store: String,
    shop: String,
    retry: Duration,
}

struct Ownership {
    token: u64,
    lease: Duration,
    /// The lease can be relied on until then.
    until: Mutex<Instant>,
}

/// Why a write did not succeed.
enum Refused {
    /// The lease is over, or may be.
    Lost,
    /// To be tried again.
    Failed,
}

impl From<io::Error> for Refused {
    fn from(_: io::Error) -> Self {
        Self::Failed
    }
}

impl Ownership {
    fn until(&self) -> Instant {
        *self.until.lock().unwrap()
    }

    fn holds(&self) -> bool {
        Instant::now() < self.until()
    }

    fn end(&self) {
        *self.until.lock().unwrap() = Instant::now();
    }
}

fn main() {
    signal::catch_sigterm();
    let retry = variable::number("RETRY_MS");
    let closer = Closer {
        name: variable::text("NAME"),
        store: variable::text("STORE"),
        shop: variable::text("SHOP"),
        retry: Duration::from_millis(retry),
    };
    while !signal::asked_to_stop() {
        if let Some(ownership) = closer.acquire() {
            closer.own(&ownership);
        }
        std::thread::sleep(closer.retry);
    }
}

impl Closer {
    fn acquire(&self) -> Option<Ownership> {
        let asked = Instant::now();
        let body = format!(r#"{{"holder":{}}}"#, quoted(&self.name));
        let url = format!("{}/acquire", self.store);
        let answer = post(&url, &body, asked + Duration::from_secs(5)).ok()?;
        let granted = (answer.status == 200).then(|| json::parse(&answer.body))??;
        let lease = Duration::from_millis(granted.get("lease_ms")?.as_number()? as u64);
        let ownership = Ownership {
            token: granted.get("token")?.as_number()? as u64,
            lease,
            until: Mutex::new(asked + lease),
        };
        ownership.holds().then_some(ownership)
    }

    /// Works as the owner, beside a thread that renews, until the ownership ends.
    fn own(&self, ownership: &Ownership) {
        let (end, ended) = mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| self.keep(ownership, ended));
            self.work(ownership);
            drop(end);
        });
        if signal::asked_to_stop() {
            let url = format!("{}/release", self.store);
            let body = format!(r#"{{"token":{}}}"#, ownership.token);
            // Otherwise it runs out by itself.
            let _ = post(&url, &body, Instant::now() + PATIENCE);
        }
    }

    /// Renews until `ended` is closed or the lease is lost.
    fn keep(&self, ownership: &Ownership, ended: mpsc::Receiver<()>) {
        let every = ownership.lease / 3;
        let url = format!("{}/renew", self.store);
        let body = format!(r#"{{"token":{}}}"#, ownership.token);
        while ended.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
            let asked = Instant::now();
            // Anything else may get through the next time.
            match post(&url, &body, asked + every).map(|answer| answer.status) {
                Ok(200) => *ownership.until.lock().unwrap() = asked + ownership.lease,
                Ok(409) => return ownership.end(),
                _ => {}
            }
        }
    }

    fn work(&self, ownership: &Ownership) {
        let mut raised = false;
        while !signal::asked_to_stop() && ownership.holds() {
            if !raised {
                match self.write(ownership, "fence", "") {
                    Ok(status) => raised = status == 200,
                    Err(Refused::Lost) => return,
                    Err(Refused::Failed) => {}
                }
            }
            if raised && let Err(Refused::Lost) = self.close_lots(ownership) {
                return;
            }
            std::thread::sleep(self.retry);
        }
    }

    fn close_lots(&self, ownership: &Ownership) -> Result<(), Refused> {
        let answer = http::get(&format!("{}/lots", self.shop), Instant::now() + PATIENCE)?;
        let lots = json::parse(&answer.body).ok_or(Refused::Failed)?;
        let lots = lots.get("lots").and_then(Value::as_list);
        for lot in lots.unwrap_or_default() {
            if signal::asked_to_stop() {
                return Ok(());
            }
            let closing = closing(lot).ok_or(Refused::Failed)?;
            self.write(ownership, "close", &closing)?;
        }
        Ok(())
    }

    /// A write with the token of this ownership: its status.
    fn write(&self, ownership: &Ownership, path: &str, more: &str) -> Result<u16, Refused> {
        if !ownership.holds() {
            return Err(Refused::Lost);
        }
        let url = format!("{}/{path}", self.shop);
        let body = format!(r#"{{"token":{}{more}}}"#, ownership.token);
        let until = ownership.until().min(Instant::now() + PATIENCE);
        match post(&url, &body, until)?.status {
            409 => Err(Refused::Lost),
            status => Ok(status),
        }
    }
}

/// The fields of the call that closes this lot.
fn closing(lot: &Value) -> Option<String> {
    let mut best: Option<(&str, f64)> = None;
    for bid in lot.get("bids")?.as_list()? {
        let cents = bid.get("cents")?.as_number()?;
        if best.is_none_or(|(_, highest)| cents > highest) {
            best = Some((bid.get("bidder")?.as_text()?, cents));
        }
    }
    let id = quoted(lot.get("id")?.as_text()?);
    let (winner, cents) = match best {
        Some((bidder, cents)) => (quoted(bidder), cents),
        None => ("null".to_owned(), 0.0),
    };
    Some(format!(
        r#","lot":{id},"winner":{winner},"cents":{cents}"#
    ))
}

fn post(url: &str, body: &str, until: Instant) -> io::Result<Response> {
    let call = Call {
        body,
        ..Call::new("POST", url)
    };
    http::send(&call, until)
}
