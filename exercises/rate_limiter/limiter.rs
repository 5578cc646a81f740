//! The copies of the learner's program with the store that they share, and its clock, which stands still
//! until a check moves it.

use crate::harness::context::{CheckContext, Rng};
use crate::harness::http_program::HttpProgram;
use crate::harness::probe::{NoReply, Reply};
use crate::harness::shared::Shared;
use crate::harness::upstream::{self, Service, Upstream, UpstreamRequest};
use crate::harness::verdict::{CheckOutcome, CheckResult, Diagnosis, Failure};
use axum::http::{Method, StatusCode};
use rand::RngExt;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// What the statement allows on top of `STORE_MS`.
pub const SLACK: Duration = Duration::from_millis(700);
/// How much longer we listen.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Debug)]
struct Row {
    version: u64,
    value: Value,
    /// Forgotten from then on.
    until_ms: u64,
}

#[derive(Debug, Default)]
struct State {
    now_ms: u64,
    writes: u64,
    /// Before so many of the next writes somebody else is quicker, and writes what is there already.
    rivals: u32,
    rows: BTreeMap<String, Row>,
}

/// Clones are the same store.
#[derive(Debug, Clone, Default)]
pub struct Store(Shared<State>);

impl Store {
    /// Moves the clock ahead.
    pub fn advance(&self, ms: u64) {
        self.0.lock().now_ms += ms;
    }

    /// Moves the clock back.
    pub fn step_back(&self, ms: u64) {
        self.0.lock().now_ms -= ms;
    }

    /// Somebody else is quicker, so many times, with the same value.
    pub fn let_rivals_write(&self, times: u32) {
        self.0.lock().rivals = times;
    }

    /// For how much longer the store keeps this tenant.
    pub fn keeps_ms(&self, tenant: &str) -> Option<u64> {
        let state = self.0.lock();
        let row = state.rows.get(tenant)?;
        row.until_ms.checked_sub(state.now_ms)
    }
}

impl Service for Store {
    fn answer(&self, request: &UpstreamRequest) -> upstream::Reply {
        let Some(tenant) = request.path.strip_prefix("/buckets/") else {
            return upstream::Reply::not_found("ask /buckets/TENANT");
        };
        let mut state = self.0.lock();
        let now_ms = state.now_ms;
        let said = |status, value| upstream::Reply {
            status,
            ..upstream::Reply::json(&value)
        };
        state.rows.retain(|_, row| row.until_ms > now_ms);
        let row = state.rows.get(tenant);
        if request.method == Method::GET {
            return match row {
                None => said(StatusCode::NOT_FOUND, json!({ "now_ms": now_ms })),
                Some(row) => said(
                    StatusCode::OK,
                    json!({ "version": row.version, "value": row.value, "now_ms": now_ms }),
                ),
            };
        }
        if state.rivals > 0 {
            state.rivals -= 1;
            state.writes += 1;
            let fresh = state.writes;
            if let Some(row) = state.rows.get_mut(tenant) {
                row.version = fresh;
            }
        }
        let row = state.rows.get(tenant);
        let current = row.map_or(0, |row| row.version);
        let mut write = request.json();
        let (version, ttl_ms) = (write["version"].as_u64(), write["ttl_ms"].as_u64());
        let (Some(version), Some(ttl_ms)) = (version, ttl_ms) else {
            let why = "version and ttl_ms must be whole numbers";
            return upstream::Reply::bad_request(why);
        };
        if version != current {
            return said(StatusCode::CONFLICT, json!({ "version": current }));
        }
        state.writes += 1;
        let row = Row {
            version: state.writes,
            value: write["value"].take(),
            until_ms: now_ms.saturating_add(ttl_ms),
        };
        state.rows.insert(tenant.to_owned(), row);
        said(StatusCode::OK, json!({}))
    }
}

/// How the program is set up.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// In which a bucket gains a token.
    pub token_ms: u64,
    pub burst: u64,
    pub store_ms: u64,
    pub on_outage: &'static str,
}

impl Settings {
    pub fn new(rng: &mut Rng) -> Self {
        Self {
            token_ms: [125, 200, 250, 500][rng.random_range(0..4)],
            burst: rng.random_range(4..=9),
            store_ms: 5000,
            on_outage: "closed",
        }
    }

    /// Tokens a second.
    pub fn rate(&self) -> f64 {
        1000.0 / self.token_ms as f64
    }
}

#[derive(Debug)]
pub struct Limiter {
    pub settings: Settings,
    pub store: Store,
    pub server: Upstream,
    pub copies: Vec<HttpProgram>,
}

/// What a request must come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// With so many tokens left.
    Allowed(u64),
    /// With so many seconds to wait.
    Refused(u64),
    /// What `ON_OUTAGE` says.
    Outage,
}

impl Limiter {
    pub async fn begin(
        context: &CheckContext,
        settings: Settings,
        copies: usize,
    ) -> Result<Self, CheckOutcome> {
        let store = Store::default();
        let begin_ms = context.rng("clock").random_range(0..1_000_000_000_000);
        store.advance(1_000_000_000_000 + begin_ms);
        let server = context.upstream("STORE", store.clone()).await?;
        let mut limiter = Self {
            settings,
            store,
            server,
            copies: Vec::new(),
        };
        for _ in 0..copies {
            limiter.start(context).await?;
        }
        Ok(limiter)
    }

    /// Starts one more copy.
    pub async fn start(&mut self, context: &CheckContext) -> CheckResult {
        let env = [
            ("STORE", self.server.url().to_owned()),
            ("RATE", self.settings.rate().to_string()),
            ("BURST", self.settings.burst.to_string()),
            ("STORE_MS", self.settings.store_ms.to_string()),
            ("ON_OUTAGE", self.settings.on_outage.to_owned()),
        ];
        self.copies
            .push(context.start_http(&env, "/healthz").await?);
        Ok(())
    }

    pub fn store_time(&self) -> Duration {
        Duration::from_millis(self.settings.store_ms)
    }

    pub async fn take(&self, copy: usize, tenant: &str) -> Result<Reply, NoReply> {
        let path = format!("/take?tenant={tenant}");
        let limit = self.store_time() + PATIENCE;
        self.copies[copy]
            .send(Method::POST, &path, &[], "", limit)
            .await
    }

    /// A request of this tenant at the first copy must come to what is due.
    pub async fn expect(
        &mut self,
        tenant: &str,
        due: Due,
        during: &str,
        wrong: &'static str,
    ) -> CheckResult {
        let reply = self.take(0, tenant).await;
        self.judge(0, due, during, wrong, reply).await
    }

    /// `wrong` is what it means when this copy let through what is refused, or the other way round.
    pub async fn judge(
        &mut self,
        copy: usize,
        due: Due,
        during: &str,
        wrong: impl Into<Diagnosis>,
        reply: Result<Reply, NoReply>,
    ) -> CheckResult {
        let sent = format!("POST /take, {during}");
        let reply = match reply {
            Ok(reply) => reply,
            Err(no_reply) => return Err(self.copies[copy].explain(&sent, no_reply).await.into()),
        };
        let retry_after = reply.headers.get("retry-after");
        let retry_after = retry_after.and_then(|value| value.to_str().ok());
        let got = format!(
            "status {}, {}, Retry-After: {}, after {} ms",
            reply.status,
            ddlab_text::clip(&reply.text(), 100),
            retry_after.unwrap_or("(none)"),
            reply.took.as_millis()
        );
        let (status, body) = match (due, self.settings.on_outage) {
            (Due::Allowed(left), _) => (200, json!({ "allowed": true, "left": left })),
            (Due::Refused(_), _) => (429, json!({ "allowed": false, "left": 0 })),
            (Due::Outage, "open") => (200, json!({ "allowed": true })),
            (Due::Outage, _) => (503, json!({ "allowed": false })),
        };
        let late = reply.took.saturating_sub(self.store_time());
        let (diagnosis, headline) = if late > SLACK {
            ("late-decision".into(), "The decision came after STORE_MS.")
        } else if reply.status != status {
            (wrong.into(), "The decision is not the one that is due.")
        } else if let Due::Allowed(left) = due
            && reply.json()["left"]
                .as_u64()
                .is_some_and(|said| said > left)
        {
            (
                "lets-too-many-through".into(),
                "More tokens are left than there can be.",
            )
        } else if reply.json() != body {
            (
                "wrong-answer".into(),
                "The body is not the one that is due.",
            )
        } else if let Due::Refused(seconds) = due
            && retry_after != Some(seconds.to_string().as_str())
        {
            ("wrong-retry-after".into(), "Retry-After is not right.")
        } else {
            return Ok(());
        };
        let expected = match due {
            Due::Refused(seconds) => format!("status 429, {body}, Retry-After: {seconds}"),
            _ => format!(
                "status {status}, {body}, within {} ms",
                self.settings.store_ms
            ),
        };
        let (rate, burst) = (self.settings.rate(), self.settings.burst);
        let failure = Failure::new(diagnosis, headline)
            .sent(format!("{sent}; RATE={rate}, BURST={burst}"))
            .got(got)
            .expected(expected);
        // What was slow is an outage to the program, and the machine may be to blame for it.
        let took_for_outage = due != Due::Outage && reply.took > self.store_time() / 2;
        Err(if late > SLACK {
            failure.by_clock(late.min(SLACK)).into()
        } else if took_for_outage {
            failure.by_clock(self.store_time() / 3).into()
        } else {
            failure.into()
        })
    }

    /// The whole burst of a bucket that is full, and then a refusal.
    pub async fn drains(&mut self, tenant: &str, during: &str) -> CheckResult {
        for left in (0..self.settings.burst).rev() {
            self.expect(tenant, Due::Allowed(left), during, "withholds-tokens")
                .await?;
        }
        let during = format!("{during}, and the burst is used up");
        let due = Due::Refused(self.settings.token_ms.div_ceil(1000));
        self.expect(tenant, due, &during, "lets-too-many-through")
            .await
    }
}

/// A tenant that did not come before.
pub fn tenant(rng: &mut Rng) -> String {
    format!("tenant-{:06x}", rng.random_range(0..0x0100_0000))
}
