//! The page of a lot, made of what three services say.
//!
//! One point in time, taken when the request arrives, rules everything. Each call sends what came of
//! it into the channel of its request; one loop receives it, and starts the call for the seller when
//! the auction is there.

mod http;
mod json;
mod variable;

use http::{Call, Cancel, Request, Response};
use std::sync::mpsc;
use std::time::{Duration, Instant};

struct Services {
    auctions: String,
    bids: String,
    users: String,
    deadline_ms: u64,
}

#[derive(Clone, Copy)]
enum Part {
    Auction,
    Bids,
    Seller,
}

const NAMES: [&str; 3] = ["auction", "bids", "seller"];

/// What came of a call: a status, if one came, and the body, if it counts.
type Outcome = (Option<u16>, Option<String>);

fn main() -> std::io::Result<()> {
    let services = Services {
        auctions: variable::text("AUCTIONS"),
        bids: variable::text("BIDS"),
        users: variable::text("USERS"),
        deadline_ms: variable::number("DEADLINE_MS"),
    };
    let port = variable::number("PORT");
    http::serve(port, move |request| match request.path.as_str() {
        "/healthz" => Response::new(200, "{}"),
        path if path.starts_with("/lots/") => {
            let cancel = Cancel::default();
            let response = page(request, &services, &cancel);
            cancel.cancel();
            response
        }
        _ => Response::new(404, "{}"),
    })
}

fn page(request: &Request, services: &Services, cancel: &Cancel) -> Response {
    let asked = request.headers.get("X-Deadline-Ms");
    let callers = asked.and_then(|ms| ms.parse().ok()).unwrap_or(u64::MAX);
    let until = Instant::now() + Duration::from_millis(services.deadline_ms.min(callers));
    let (sender, results) = mpsc::channel();
    let start = |part: Part, url: String| {
        let (sender, cancel) = (sender.clone(), cancel.clone());
        std::thread::spawn(move || sender.send((part, ask(&url, until, &cancel))));
    };
    let path = &request.path;
    start(Part::Auction, format!("{}{path}", services.auctions));
    start(Part::Bids, format!("{}{path}/bids", services.bids));
    let mut parts = [const { None }; 3];
    for _ in NAMES {
        let left = until.saturating_duration_since(Instant::now());
        let Ok((part, (status, body))) = results.recv_timeout(left) else {
            break;
        };
        if let Part::Auction = part {
            let Some(seller) = body.as_deref().and_then(seller) else {
                let late = Instant::now() >= until;
                return Response::new(failure(status, late), "{}");
            };
            start(
                Part::Seller,
                format!("{}/users/{}", services.users, encoded(&seller)),
            );
        }
        parts[part as usize] = body;
    }
    if parts[Part::Auction as usize].is_none() {
        return Response::new(504, "{}");
    }
    compose(&parts)
}

fn failure(status: Option<u16>, late: bool) -> u16 {
    match status {
        Some(404) => 404,
        _ if late => 504,
        _ => 502,
    }
}

fn seller(auction: &str) -> Option<String> {
    let auction = json::parse(auction)?;
    auction.get("seller")?.as_text().map(str::to_owned)
}

/// What the services said goes in as it came, which keeps their numbers exact.
fn compose(parts: &[Option<String>; 3]) -> Response {
    let fields = NAMES.iter().zip(parts);
    let fields: Vec<String> = fields
        .map(|(name, part)| format!("\"{name}\":{}", part.as_deref().unwrap_or("null")))
        .collect();
    let missing = NAMES.iter().zip(parts).filter(|(_, part)| part.is_none());
    let degraded: Vec<String> = missing.map(|(name, _)| format!("\"{name}\"")).collect();
    let (fields, degraded) = (fields.join(","), degraded.join(","));
    Response::new(200, format!("{{{fields},\"degraded\":[{degraded}]}}"))
}

fn ask(url: &str, until: Instant, cancel: &Cancel) -> Outcome {
    let left = until.saturating_duration_since(Instant::now());
    let left = left.as_millis().max(1).to_string();
    let call = Call {
        headers: &[("X-Deadline-Ms", &left)],
        cancel: Some(cancel),
        ..Call::new("GET", url)
    };
    let Ok(response) = http::send(&call, until) else {
        return (None, None);
    };
    let counts = response.status == 200 && json::parse(&response.body).is_some();
    (Some(response.status), counts.then_some(response.body))
}

/// Percent-encoded as one part of a path (RFC 3986, section 2.3).
fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}
