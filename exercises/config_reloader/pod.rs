//! The learner's program with its mounted folder and the service that it serves.

use crate::harness::conduct;
use crate::harness::context::{CheckContext, Rng, wait_until};
use crate::harness::mount::Mount;
use crate::harness::process::Program;
use crate::harness::upstream::fault::{Fault, When};
use crate::harness::upstream::{Call, Reply, Service, Upstream, UpstreamRequest};
use crate::harness::verdict::{CheckOutcome, CheckResult, Failure};
use rand::RngExt;
use serde_json::json;
use std::time::Duration;

/// For what must happen, and what the statement allows on top of each time.
pub const SLACK: Duration = Duration::from_secs(1);
/// How much longer we listen.
const PATIENCE: Duration = Duration::from_secs(3);

/// In the mounted folder.
const FILE: &str = "app.json";

/// Takes whatever it is given; the checks look at the calls.
struct BidService;

impl Service for BidService {
    fn answer(&self, _: &UpstreamRequest) -> Reply {
        Reply::json(&json!({}))
    }
}

/// How the program is set up.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub settle: Duration,
    pub reload: Duration,
    pub retry: Duration,
}

impl Settings {
    pub const USUAL: Self = Self {
        settle: Duration::from_millis(200),
        reload: Duration::from_secs(2),
        retry: Duration::from_millis(300),
    };
}

#[derive(Debug)]
pub struct Pod {
    pub settings: Settings,
    pub service: Upstream,
    pub program: Program,
    mount: Mount,
}

impl Pod {
    /// With this configuration in the folder when the program starts, if any, and this fault at the service.
    pub async fn begin(
        context: &CheckContext,
        settings: Settings,
        config: Option<&str>,
        fault: Option<Fault>,
    ) -> Result<Self, CheckOutcome> {
        let service = context.upstream("the service", BidService).await?;
        if let Some(fault) = fault {
            service.inject(When::Always, fault);
        }
        let mut mount = Mount::new(context.folder("config-")?);
        mount.swap(config.map(|config| (FILE, config)).as_slice())?;
        let program = context.start(&[
            ("CONFIG_DIR", mount.dir().display().to_string()),
            ("APP", service.url().to_owned()),
            ("SETTLE_MS", settings.settle.as_millis().to_string()),
            ("RELOAD_MS", settings.reload.as_millis().to_string()),
            ("RETRY_MS", settings.retry.as_millis().to_string()),
        ])?;
        Ok(Self {
            settings,
            service,
            program,
            mount,
        })
    }

    /// As [`Self::begin`]; the service has the configuration when this returns.
    pub async fn loaded(
        context: &CheckContext,
        settings: Settings,
        config: &str,
    ) -> Result<Self, CheckOutcome> {
        let mut pod = Self::begin(context, settings, Some(config), None).await?;
        let limit = context.start_limit() + PATIENCE;
        pod.arrives(config, 0, limit, "the start", "never-loads")
            .await?;
        pod.program.has_started();
        Ok(pod)
    }

    /// The kubelet brings a new version; nothing: the file is gone.
    pub fn swap(&mut self, config: Option<&str>) -> CheckResult {
        let file = config.map(|config| (FILE, config));
        self.mount.swap(file.as_slice())
    }

    pub fn settle(&self) -> Duration {
        self.settings.settle
    }

    /// The reloads so far.
    pub fn reloads(&self) -> Vec<Call> {
        let mut calls = self.service.calls();
        calls.retain(|call| call.request.path == "/reload");
        calls
    }

    /// A failure with the reloads since the first `seen`.
    pub fn failure(
        &self,
        diagnosis: &'static str,
        headline: &str,
        during: &str,
        seen: usize,
    ) -> Failure {
        let reloads = self.reloads();
        let reloads = reloads.get(seen..).unwrap_or_default();
        let told = reloads.iter().map(|call| {
            let body = String::from_utf8_lossy(&call.request.body);
            ddlab_text::clip(&body, 60).clone()
        });
        let told: Vec<String> = told.collect();
        Failure::new(diagnosis, headline)
            .sent(format!(
                "{during}, SETTLE_MS={}",
                self.settings.settle.as_millis()
            ))
            .got(format!("{} reloads: {}", told.len(), told.join(" | ")))
            .in_order(&[])
    }

    /// After the first `seen` reloads there must come one, within the limit, with this configuration;
    /// `wrong` is what it means if it does not. It is answered when this returns: a fault injected next
    /// meets the next reload.
    pub async fn arrives(
        &mut self,
        config: &str,
        seen: usize,
        limit: Duration,
        during: &str,
        wrong: &'static str,
    ) -> CheckResult {
        let answered = || {
            self.reloads()
                .get(seen)
                .is_some_and(|call| call.end.is_some())
        };
        let came = wait_until(limit + PATIENCE, answered).await;
        conduct::lives(&mut self.program, during).await?;
        let expected = format!("POST APP/reload with {}", ddlab_text::clip(config, 80));
        if !came {
            let headline = "The service did not get the configuration.";
            let failure = self.failure(wrong, headline, during, seen);
            return Err(failure.expected(expected).by_clock(PATIENCE).into());
        }
        let request = &self.reloads()[seen].request;
        if request.body != config.as_bytes()
            || request.method != "POST"
            || request.header("content-type") != Some("application/json")
        {
            let headline = "The service did not get what is in the file.";
            let got = format!("{} {:?}", request.method, request.headers);
            let failure = self.failure("changes-content", headline, during, seen);
            let got = format!("{}; {got}", failure.got);
            return Err(failure.got(got).expected(expected).into());
        }
        Ok(())
    }

    /// For this long there is no other reload than the first `seen`.
    pub async fn nothing_more(
        &mut self,
        seen: usize,
        time: Duration,
        during: &str,
        wrong: &'static str,
    ) -> CheckResult {
        tokio::time::sleep(time).await;
        conduct::lives(&mut self.program, during).await?;
        if self.reloads().len() <= seen {
            return Ok(());
        }
        let headline = "The service was told to reload, and should not have been.";
        let failure = self.failure(wrong, headline, during, seen);
        let failure = failure.expected("no reload");
        // An answer that came too late for the program would be a reason for one more.
        Err(failure.by_clock(self.settings.reload).into())
    }
}

/// A valid configuration that was not seen before; all of them have the same length.
pub fn config(rng: &mut Rng) -> String {
    let cents: u32 = rng.random_range(1_000_000..10_000_000);
    format!("{{\r\n  \"max_bid_cents\": {cents},\n  \"regions\": [\"eu\",  \"us\"]\n}}\n")
}
