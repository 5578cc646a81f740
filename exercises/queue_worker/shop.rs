//! The learner's program with its queue, its vendor and its store.

use super::queue::{Fate, Item, Queue};
use crate::harness::conduct;
use crate::harness::context::{CheckContext, Rng, wait_until};
use crate::harness::process::Program;
use crate::harness::upstream::fault::When;
use crate::harness::upstream::{Call, Reply, Service, Upstream, UpstreamRequest};
use crate::harness::verdict::{CheckOutcome, CheckResult, Diagnosis, Failure};
use axum::http::StatusCode;
use rand::RngExt;
use serde_json::json;
use std::time::Duration;

/// For what must happen.
pub const SOON: Duration = Duration::from_secs(4);

/// Says of each photo whether it may be shown; knows some that it cannot read.
struct Vendor;

impl Service for Vendor {
    fn answer(&self, request: &UpstreamRequest) -> Reply {
        match request.path.strip_prefix("/photos/") {
            Some(item) if item.starts_with("broken") => {
                Reply::refuse(StatusCode::UNPROCESSABLE_ENTITY, "this is no image")
            }
            Some(item) => Reply::json(&json!({ "verdict": verdict(item) })),
            None => Reply::not_found("ask GET /photos/ITEM"),
        }
    }
}

/// What the vendor says of an item.
pub fn verdict(item: &str) -> &'static str {
    let sum: u32 = item.bytes().map(u32::from).sum();
    ["show", "blur", "hide"][(sum % 3) as usize]
}

/// Takes whatever it is given; the checks look at the calls.
struct Store;

impl Service for Store {
    fn answer(&self, _: &UpstreamRequest) -> Reply {
        Reply::json(&json!({}))
    }
}

/// How the program is set up.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub workers: usize,
    pub lease_ms: u64,
    pub work_ms: u64,
    pub poll_ms: u64,
    pub max_attempts: u32,
}

impl Settings {
    pub fn new(rng: &mut Rng) -> Self {
        Self {
            workers: rng.random_range(2..=5),
            lease_ms: 4000,
            work_ms: 6000,
            poll_ms: 60,
            max_attempts: rng.random_range(3..=7),
        }
    }
}

#[derive(Debug)]
pub struct Shop {
    pub settings: Settings,
    pub queue: Queue,
    pub queue_server: Upstream,
    pub vendor: Upstream,
    pub store: Upstream,
    pub program: Program,
}

impl Shop {
    /// Puts the items into the queue, and starts the program.
    pub async fn begin(
        context: &CheckContext,
        settings: Settings,
        items: &[String],
    ) -> Result<Self, CheckOutcome> {
        let queue = Queue::new(Duration::from_millis(settings.lease_ms));
        for item in items {
            queue.put(item);
        }
        let queue_server = context.upstream("QUEUE", queue.clone()).await?;
        let vendor = context.upstream("VENDOR", Vendor).await?;
        let store = context.upstream("STORE", Store).await?;
        let program = context.start(&env(&settings, &queue_server, &vendor, &store))?;
        let mut shop = Self {
            settings,
            queue,
            queue_server,
            vendor,
            store,
            program,
        };
        shop.is_asked(context).await?;
        Ok(shop)
    }

    /// Starts the program again, after a crash.
    pub async fn restart(&mut self, context: &CheckContext) -> CheckResult {
        let env = env(
            &self.settings,
            &self.queue_server,
            &self.vendor,
            &self.store,
        );
        self.program = context.start(&env)?;
        self.is_asked(context).await
    }

    /// The program asks the queue for its first item.
    async fn is_asked(&mut self, context: &CheckContext) -> CheckResult {
        let before = self.queue_server.calls().len();
        let limit = context.start_limit();
        let asks = self
            .queue_server
            .wait_until(limit, |queue_server| queue_server.calls().len() > before);
        if asks.await {
            self.program.has_started();
            return Ok(());
        }
        conduct::lives(&mut self.program, "the start").await?;
        let mut failure = Failure::new(
            Diagnosis("never-asks"),
            "The program lives and never asks the queue for an item.",
        )
        .sent("the start, with items in the queue")
        .got(format!("no call to QUEUE within {} s", limit.as_secs()))
        .expected("POST QUEUE/receive")
        .by_clock(limit);
        failure.program = self.program.transcript().await.excerpt(4, 4);
        Err(failure.into())
    }

    pub fn item(&self, name: &str) -> Item {
        self.queue.item(name).expect("the check put it in")
    }

    pub fn fate(&self, name: &str) -> Fate {
        self.item(name).fate
    }

    /// The calls to the vendor about this item.
    pub fn asked(&self, item: &str) -> Vec<Call> {
        of(&self.vendor, |call| {
            call.request.path == format!("/photos/{item}")
        })
    }

    /// The results of this item that were stored.
    pub fn stored(&self, item: &str) -> Vec<Call> {
        of(&self.store, |call| call.request.json()["item"] == item)
    }

    /// Waits until the vendor was asked about this item so many times in all.
    pub async fn wait_asked(&self, item: &str, times: usize) -> bool {
        wait_until(SOON, || self.asked(item).len() >= times).await
    }

    /// A failure about an item, with what became of it.
    pub fn failure(
        &self,
        diagnosis: Diagnosis,
        headline: &str,
        item: &str,
        during: &str,
    ) -> Failure {
        let known = self.queue.item(item);
        let fate = known.map_or_else(String::new, |item| match item.fate {
            Fate::Waiting(_) => format!("waiting after {} deliveries", item.attempts),
            Fate::Leased { .. } => format!("in hand, delivery {}", item.attempts),
            Fate::Done => format!("acknowledged, delivery {}", item.attempts),
            Fate::Dead(why) => format!("dead after {} deliveries: {why:?}", item.attempts),
        });
        Failure::new(diagnosis, headline)
            .sent(format!("item {item}, {during}"))
            .got(format!("the item is {fate}"))
            .in_order(&[item])
    }

    /// The item is done: acknowledged, after its result was stored under its own key.
    pub async fn is_done(&mut self, item: &str, during: &str, never: Diagnosis) -> CheckResult {
        let settled = || matches!(self.fate(item), Fate::Done | Fate::Dead(_));
        wait_until(SOON, settled).await;
        conduct::lives(&mut self.program, during).await?;
        let stored = self.stored(item);
        if stored.is_empty() && self.fate(item) == Fate::Done {
            let headline = "The item was acknowledged, and its result was not stored.";
            return Err(self
                .failure(Diagnosis("acks-without-effect"), headline, item, during)
                .expected("the result in STORE, then the acknowledgement")
                .into());
        }
        if self.fate(item) != Fate::Done {
            let failure = self
                .failure(never, "The item was not done.", item, during)
                .expected("its result stored, and the item acknowledged");
            return Err(match self.fate(item) {
                Fate::Dead(_) => failure.into(),
                _ => failure.by_clock(SOON).into(),
            });
        }
        self.is_right(item, &stored, during)
    }

    /// Each result of the item has its key and says what the vendor said.
    fn is_right(&self, item: &str, stored: &[Call], during: &str) -> CheckResult {
        for call in stored {
            let (key, body) = (call.request.header("idempotency-key"), call.request.json());
            let (diagnosis, headline) = if key != Some(item) {
                (
                    "wrong-key",
                    "A result was stored under another key than that of its item.",
                )
            } else if body != json!({ "item": item, "verdict": verdict(item) }) {
                ("wrong-result", "The result is not what the vendor said.")
            } else {
                continue;
            };
            return Err(self
                .failure(Diagnosis(diagnosis), headline, item, during)
                .got(format!(
                    "Idempotency-Key: {}, {body}",
                    key.unwrap_or("(none)")
                ))
                .expected(format!(
                    "Idempotency-Key: {item}, verdict {:?}",
                    verdict(item)
                ))
                .into());
        }
        Ok(())
    }

    /// A failure if it does not go.
    pub async fn stop(self) -> CheckResult {
        conduct::stops(self.program).await
    }
}

fn env(
    settings: &Settings,
    queue_server: &Upstream,
    vendor: &Upstream,
    store: &Upstream,
) -> [(&'static str, String); 7] {
    [
        ("QUEUE", queue_server.url().to_owned()),
        ("VENDOR", vendor.url().to_owned()),
        ("STORE", store.url().to_owned()),
        ("WORKERS", settings.workers.to_string()),
        ("WORK_MS", settings.work_ms.to_string()),
        ("POLL_MS", settings.poll_ms.to_string()),
        ("MAX_ATTEMPTS", settings.max_attempts.to_string()),
    ]
}

fn of(upstream: &Upstream, likes: impl Fn(&Call) -> bool) -> Vec<Call> {
    let mut calls = upstream.calls();
    calls.retain(|call| likes(call));
    calls
}

/// The calls to the vendor about this item.
pub fn photo(item: &str) -> When {
    When::Path(format!("/photos/{item}"))
}

/// This many items that were not seen before.
pub fn items(rng: &mut Rng, count: usize) -> Vec<String> {
    let name = |nr| format!("photo-{nr}-{:04x}", rng.random_range(0..0x1_0000));
    (0..count).map(name).collect()
}
