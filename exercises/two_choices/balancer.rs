//! The learner's program with its backends.

use crate::harness::context::{CheckContext, Rng, wait_until};
use crate::harness::http_program::HttpProgram;
use crate::harness::load::side_by_side;
use crate::harness::probe::{NoReply, Reply};
use crate::harness::upstream::{self, Service, Upstream, UpstreamRequest};
use crate::harness::verdict::{CheckOutcome, CheckResult, Failure};
use axum::http::StatusCode;
use rand::RngExt;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::time::Duration;

/// For what must happen.
pub const SOON: Duration = Duration::from_secs(3);
/// What the statement allows on top of each time.
pub const SLACK: Duration = Duration::from_secs(1);
/// Requests at a time.
const AT_ONCE: usize = 6;

/// What a backend says; the checks set it.
#[derive(Debug, Clone)]
struct Page {
    name: String,
    load: Arc<AtomicU64>,
    status: Arc<AtomicU16>,
}

impl Service for Page {
    fn answer(&self, request: &UpstreamRequest) -> upstream::Reply {
        if request.path == "/load" {
            return upstream::Reply::json(&json!({ "load": self.load.load(Ordering::Relaxed) }));
        }
        let status = StatusCode::from_u16(self.status.load(Ordering::Relaxed));
        upstream::Reply {
            status: status.unwrap_or(StatusCode::OK),
            // Spaced as no library writes it, so that one sees whether it was passed on byte by byte.
            body: format!(
                "{{ \"path\":\"{}\" ,\"from\":  {:?}}}\n",
                request.path, self.name
            ),
            ..upstream::Reply::json(&())
        }
    }
}

#[derive(Debug)]
pub struct Backend {
    page: Page,
    pub server: Upstream,
}

impl Backend {
    async fn start(context: &CheckContext, nr: usize) -> Result<Self, CheckOutcome> {
        let page = Page {
            name: format!("backend {nr}"),
            load: Arc::new(AtomicU64::new(5)),
            status: Arc::new(AtomicU16::new(200)),
        };
        let server = context.upstream(&page.name, page.clone()).await?;
        Ok(Self { page, server })
    }

    pub fn set_load(&self, load: u64) {
        self.page.load.store(load, Ordering::Relaxed);
    }

    /// Answers requests for lots with this status from now on.
    pub fn set_status(&self, status: u16) {
        self.page.status.store(status, Ordering::Relaxed);
    }

    /// How often it was asked for a lot.
    pub fn lots(&self) -> usize {
        self.asked("/lots/")
    }

    /// How often it was asked for its load.
    pub fn loads(&self) -> usize {
        self.asked("/load")
    }

    fn asked(&self, path: &str) -> usize {
        let calls = self.server.calls();
        calls
            .iter()
            .filter(|call| call.request.path.starts_with(path))
            .count()
    }
}

/// How the program is set up.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub load_ms: u64,
    pub try_ms: u64,
    pub failures: usize,
    pub eject_ms: u64,
    pub ejected_max: usize,
    pub slow_start_ms: u64,
}

impl Settings {
    /// Nothing is ejected, and a new backend is not spared.
    pub const USUAL: Self = Self {
        load_ms: 300,
        try_ms: 5000,
        failures: 1000,
        eject_ms: 60_000,
        ejected_max: 10,
        slow_start_ms: 1,
    };
}

#[derive(Debug)]
pub struct Balancer {
    pub settings: Settings,
    pub backends: Vec<Backend>,
    pub program: HttpProgram,
    file: PathBuf,
    lots: Rng,
}

impl Balancer {
    /// With so many backends, of which the program knows the load.
    pub async fn begin(
        context: &CheckContext,
        settings: Settings,
        count: usize,
    ) -> Result<Self, CheckOutcome> {
        let mut backends = Vec::new();
        for nr in 0..count {
            backends.push(Backend::start(context, nr).await?);
        }
        let file = context.scratch().join("backends");
        write_list(&file, backends.iter())?;
        let env = [
            ("BACKENDS_FILE", file.display().to_string()),
            ("LOAD_MS", settings.load_ms.to_string()),
            ("TRY_MS", settings.try_ms.to_string()),
            ("FAILURES", settings.failures.to_string()),
            ("EJECT_MS", settings.eject_ms.to_string()),
            ("EJECTED_MAX", settings.ejected_max.to_string()),
            ("SLOW_START_MS", settings.slow_start_ms.to_string()),
        ];
        let program = context.start_http(&env, "/healthz").await?;
        let balancer = Self {
            settings,
            backends,
            program,
            file,
            lots: context.rng("lots"),
        };
        balancer.learns_loads().await?;
        Ok(balancer)
    }

    /// Waits until every backend has been asked for its load once more, and a moment for the answer.
    pub async fn learns_loads(&self) -> CheckResult {
        let before: Vec<usize> = self.backends.iter().map(Backend::loads).collect();
        let asked = || {
            self.backends
                .iter()
                .zip(&before)
                .all(|(one, before)| one.loads() > *before)
        };
        if !wait_until(SOON, asked).await {
            let silent = self
                .backends
                .iter()
                .zip(&before)
                .filter(|(one, before)| one.loads() <= **before);
            let names: Vec<&str> = silent.map(|(one, _)| one.server.name()).collect();
            return Err(
                Failure::new("stale-loads", "A backend is not asked for its load.")
                    .sent(format!(
                        "LOAD_MS={}, for {} s",
                        self.settings.load_ms,
                        SOON.as_secs()
                    ))
                    .got(format!("nobody asked {}", names.join(", ")))
                    .expected("GET BACKEND/load every LOAD_MS")
                    .by_clock(SOON)
                    .into(),
            );
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
        Ok(())
    }

    /// One more backend, which the program does not know before [`Self::list`].
    pub async fn add(&mut self, context: &CheckContext) -> CheckResult {
        self.backends
            .push(Backend::start(context, self.backends.len()).await?);
        Ok(())
    }

    /// Replaces the file: from now on there are all backends but the first `without`.
    pub fn list(&self, without: usize) -> CheckResult {
        write_list(&self.file, self.backends.iter().skip(without))
    }

    pub fn lot(&mut self) -> String {
        format!("/lots/{:06x}", self.lots.random_range(0..0x0100_0000))
    }

    pub async fn get(&self, path: &str) -> Result<Reply, NoReply> {
        let limit = Duration::from_millis(self.settings.try_ms) + SOON;
        self.program.get(path, limit).await
    }

    /// So many requests: how many came to each backend. Each answer is that of a backend, or a 502.
    pub async fn spread(
        &mut self,
        requests: usize,
        during: &str,
    ) -> Result<Vec<usize>, CheckOutcome> {
        let before: Vec<usize> = self.backends.iter().map(Backend::lots).collect();
        let paths: Vec<String> = (0..requests).map(|_| self.lot()).collect();
        let replies = side_by_side(AT_ONCE, paths.iter().map(|path| self.get(path))).await;
        for (path, reply) in paths.iter().zip(replies) {
            let reply = match reply {
                Ok(reply) => reply,
                Err(no_reply) => {
                    let sent = format!("GET {path}, {during}");
                    return Err(self.program.explain(&sent, no_reply).await.into());
                }
            };
            // Where calls hang for a short TRY_MS.
            let is_late = reply.status == 504 && self.settings.try_ms < 1000;
            if reply.status != 502 && !is_late && reply.json()["path"] != path.as_str() {
                return Err(
                    Failure::new("changes-answer", "The answer is not that of a backend.")
                        .sent(format!("GET {path}, {during}"))
                        .got(format!(
                            "status {}, {}",
                            reply.status,
                            ddlab_text::clip(&reply.text(), 120)
                        ))
                        .expected("status and body of the backend that was chosen")
                        .into(),
                );
            }
        }
        let now = self.backends.iter().map(Backend::lots);
        let spread: Vec<usize> = now.zip(before).map(|(now, before)| now - before).collect();
        let calls: usize = spread.iter().sum();
        if calls != requests {
            return Err(
                Failure::new("repeats-requests", "Not every request is one call.")
                    .sent(format!("{requests} requests, {during}"))
                    .got(format!("{calls} calls to the backends"))
                    .expected(format!("{requests} calls"))
                    .into(),
            );
        }
        Ok(spread)
    }
}

/// A failure about how requests were spread.
pub fn badly_spread(
    diagnosis: &'static str,
    headline: &str,
    during: &str,
    spread: &[usize],
    due: impl Into<String>,
) -> Failure {
    let total: usize = spread.iter().sum();
    Failure::new(diagnosis, headline)
        .sent(format!("{total} requests, {during}"))
        .got(format!("calls to each backend: {spread:?}"))
        .expected(due)
}

/// By rename, as a mounted file is replaced.
fn write_list<'a>(
    file: &std::path::Path,
    backends: impl Iterator<Item = &'a Backend>,
) -> CheckResult {
    let urls: Vec<&str> = backends.map(|one| one.server.url()).collect();
    let lines = urls.join("\n") + "\n";
    let fresh = file.with_extension("new");
    std::fs::write(&fresh, lines)
        .and_then(|()| std::fs::rename(&fresh, file))
        .map_err(|e| CheckOutcome::grader_error("could not write the list of backends", e))
}
