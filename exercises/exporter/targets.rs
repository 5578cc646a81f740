//! The learner's program with its targets, and the samples that are due of them.

use crate::harness::context::{CheckContext, Rng};
use crate::harness::exposition::{self, Key, Metric};
use crate::harness::http_program::HttpProgram;
use crate::harness::probe::{NoReply, Reply};
use crate::harness::redis::Redis;
use crate::harness::shared::Shared;
use crate::harness::upstream::{self, Service, Upstream, UpstreamRequest};
use crate::harness::verdict::{CheckOutcome, CheckResult, Failure};
use rand::RngExt;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Each metric with its type.
pub const METRICS: [Metric; 9] = [
    ("target_up", "gauge"),
    ("target_missing_fields", "gauge"),
    ("redis_connected_clients", "gauge"),
    ("redis_memory_used_bytes", "gauge"),
    ("redis_commands_processed_total", "counter"),
    ("redis_db_keys", "gauge"),
    ("app_requests_total", "counter"),
    ("app_queue_depth", "gauge"),
    ("app_latency_seconds", "summary"),
];

/// What the statement allows on top of `SCRAPE_MS`.
pub const SLACK: Duration = Duration::from_millis(700);
/// How much longer we listen.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a Redis says of itself.
#[derive(Debug, Clone)]
pub struct RedisStats {
    pub clients: u64,
    pub memory: u64,
    pub commands: u64,
    /// Keys of each database that has some.
    pub keys: BTreeMap<u32, u64>,
    /// An upgrade has renamed `connected_clients`.
    pub renamed: bool,
}

impl RedisStats {
    pub fn new(rng: &mut Rng) -> Self {
        let keys = [0, 3, 11].map(|db| (db, rng.random_range(1..5000)));
        Self {
            clients: rng.random_range(1..400),
            memory: rng.random_range(1_000_000..90_000_000_000),
            commands: rng.random_range(1_000_000..9_000_000_000),
            keys: BTreeMap::from(keys),
            renamed: false,
        }
    }

    fn info(&self) -> String {
        let clients = if self.renamed {
            "clients_connected"
        } else {
            "connected_clients"
        };
        let mut lines = vec![
            "# Server".to_owned(),
            "redis_version:7.2.4".to_owned(),
            // More bytes than characters.
            "executable:/opt/größe-für-später/redis-server".to_owned(),
            String::new(),
            "# Clients".to_owned(),
            format!("{clients}:{}", self.clients),
            "blocked_clients:0".to_owned(),
            "# Memory".to_owned(),
            format!("used_memory:{}", self.memory),
            format!("used_memory_human:{}M", self.memory >> 20),
            format!("used_memory_peak:{}", self.memory * 2),
            "# Stats".to_owned(),
            format!("total_commands_processed:{}", self.commands),
            "# Keyspace".to_owned(),
        ];
        let database =
            |(db, keys): (&u32, &u64)| format!("db{db}:keys={keys},expires=2,avg_ttl=17");
        lines.extend(self.keys.iter().map(database));
        lines.join("\r\n") + "\r\n"
    }
}

/// What a service says of itself.
#[derive(Debug, Clone)]
pub struct AppStats {
    pub requests: Vec<(String, u64)>,
    pub queue: u64,
    pub latency_ms: f64,
    pub count: u64,
    /// An upgrade has renamed `queue_depth`.
    pub renamed: bool,
}

impl AppStats {
    pub fn new(rng: &mut Rng) -> Self {
        let routes = ["GET /lots", "GET /lots/:id", "POST /bids"];
        let requests = routes.map(|route| (route.to_owned(), rng.random_range(1..9_000_000)));
        Self {
            requests: requests.to_vec(),
            queue: rng.random_range(1..90),
            latency_ms: f64::from(rng.random_range(1..9_000_000_u32)) / 8.0,
            count: rng.random_range(1..90_000),
            renamed: false,
        }
    }

    fn stats(&self) -> Value {
        let requests = self
            .requests
            .iter()
            .map(|(route, count)| (route.clone(), json!(count)));
        let queue = if self.renamed {
            "queueDepth"
        } else {
            "queue_depth"
        };
        json!({
            "requests": requests.collect::<Map<_, _>>(),
            queue: self.queue,
            "latency_ms": { "sum": self.latency_ms, "count": self.count },
            "version": "2026.11.3",
        })
    }
}

#[derive(Debug, Clone)]
struct Stats(Shared<AppStats>);

impl Service for Stats {
    fn answer(&self, request: &UpstreamRequest) -> upstream::Reply {
        if request.path != "/stats" {
            return upstream::Reply::not_found("ask GET /stats");
        }
        upstream::Reply::json(&self.0.lock().stats())
    }
}

#[derive(Debug)]
pub struct App {
    stats: Stats,
    pub server: Upstream,
}

impl App {
    fn address(&self) -> &str {
        self.server.url().trim_start_matches("http://")
    }
}

/// Five of each kind with the program that asks them.
#[derive(Debug)]
pub struct Targets {
    pub redis: Vec<(RedisStats, Redis)>,
    pub apps: Vec<(AppStats, App)>,
    pub program: HttpProgram,
    scrape: Duration,
}

/// A target by its kind and its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Redis(usize),
    App(usize),
}

impl Targets {
    pub async fn begin(
        context: &CheckContext,
        scrape_ms: u64,
        routes_max: usize,
    ) -> Result<Self, CheckOutcome> {
        Self::begin_with(context, scrape_ms, routes_max, &[]).await
    }

    /// With these Redis beside its own.
    pub async fn begin_with(
        context: &CheckContext,
        scrape_ms: u64,
        routes_max: usize,
        more: &[String],
    ) -> Result<Self, CheckOutcome> {
        let mut rng = context.rng("targets");
        let (mut redis, mut apps) = (Vec::new(), Vec::new());
        for nr in 0..5 {
            let server = Redis::start().await;
            let server =
                server.map_err(|e| CheckOutcome::grader_error("could not start a Redis", e))?;
            redis.push((RedisStats::new(&mut rng), server));
            let app = AppStats::new(&mut rng);
            let stats = Stats(Shared::new(app.clone()));
            let server = context
                .upstream(&format!("service {nr}"), stats.clone())
                .await?;
            apps.push((app, App { stats, server }));
        }
        let addresses: Vec<&str> = redis
            .iter()
            .map(|(_, redis)| redis.address.as_str())
            .chain(more.iter().map(String::as_str))
            .collect();
        let app_addresses: Vec<&str> = apps.iter().map(|(_, app)| app.address()).collect();
        let env = [
            ("REDIS", addresses.join(",")),
            ("APPS", app_addresses.join(",")),
            ("SCRAPE_MS", scrape_ms.to_string()),
            ("ROUTES_MAX", routes_max.to_string()),
        ];
        let program = context.start_http(&env, "/healthz").await?;
        let targets = Self {
            redis,
            apps,
            program,
            scrape: Duration::from_millis(scrape_ms),
        };
        targets.publish();
        Ok(targets)
    }

    /// The servers say from now on what is in these fields.
    pub fn publish(&self) {
        for (stats, redis) in &self.redis {
            redis.set_info(stats.info());
        }
        for (stats, app) in &self.apps {
            *app.stats.0.lock() = stats.clone();
        }
    }

    pub fn instance(&self, target: Target) -> &str {
        match target {
            Target::Redis(nr) => &self.redis[nr].1.address,
            Target::App(nr) => self.apps[nr].1.address(),
        }
    }

    /// Those that are due while these targets are down.
    pub fn due(&self, down: &[Target]) -> BTreeMap<Key, f64> {
        let mut due = BTreeMap::new();
        let mut tell = |target, name: &str, more: Option<(&str, &str)>, value: f64| {
            let own = ("instance", self.instance(target));
            let labels = [own].into_iter().chain(more);
            let labels = labels.map(|(label, value)| (label.to_owned(), value.to_owned()));
            due.insert((name.to_owned(), labels.collect()), value);
        };
        let redis = self.redis.iter().map(|(stats, _)| stats.renamed);
        let redis = redis
            .enumerate()
            .map(|(nr, renamed)| (Target::Redis(nr), renamed));
        let apps = self.apps.iter().map(|(stats, _)| stats.renamed);
        let apps = apps
            .enumerate()
            .map(|(nr, renamed)| (Target::App(nr), renamed));
        for (of, renamed) in redis.chain(apps) {
            let up = !down.contains(&of);
            tell(of, "target_up", None, f64::from(u8::from(up)));
            if up {
                let missing = f64::from(u8::from(renamed));
                tell(of, "target_missing_fields", None, missing);
            }
        }
        for (nr, (stats, _)) in self.redis.iter().enumerate() {
            let of = Target::Redis(nr);
            if down.contains(&of) {
                continue;
            }
            if !stats.renamed {
                tell(of, "redis_connected_clients", None, stats.clients as f64);
            }
            tell(of, "redis_memory_used_bytes", None, stats.memory as f64);
            tell(
                of,
                "redis_commands_processed_total",
                None,
                stats.commands as f64,
            );
            for (db, keys) in &stats.keys {
                tell(
                    of,
                    "redis_db_keys",
                    Some(("db", &db.to_string())),
                    *keys as f64,
                );
            }
        }
        for (nr, (stats, _)) in self.apps.iter().enumerate() {
            let of = Target::App(nr);
            if down.contains(&of) {
                continue;
            }
            if !stats.renamed {
                tell(of, "app_queue_depth", None, stats.queue as f64);
            }
            tell(
                of,
                "app_latency_seconds_sum",
                None,
                stats.latency_ms / 1000.0,
            );
            tell(of, "app_latency_seconds_count", None, stats.count as f64);
            for (route, count) in &stats.requests {
                tell(
                    of,
                    "app_requests_total",
                    Some(("route", route)),
                    *count as f64,
                );
            }
        }
        due
    }

    pub async fn get(&self) -> Result<Reply, NoReply> {
        self.program.get("/metrics", self.scrape + PATIENCE).await
    }

    /// Asks, and compares with what is due while these targets are down. `wrong` is what a difference
    /// means, if nothing better is known.
    pub async fn expect(
        &mut self,
        down: &[Target],
        during: &str,
        wrong: &'static str,
    ) -> CheckResult {
        let due = self.due(down);
        self.expect_samples(&due, down, during, wrong).await
    }

    pub async fn expect_samples(
        &mut self,
        due: &BTreeMap<Key, f64>,
        down: &[Target],
        during: &str,
        wrong: &'static str,
    ) -> CheckResult {
        let sent = format!("GET /metrics, {during}");
        let reply = match self.get().await {
            Ok(reply) => reply,
            Err(no_reply) => return Err(self.program.explain(&sent, no_reply).await.into()),
        };
        let fails = |diagnosis: &'static str, headline: &str, got: String, expected: String| {
            let failure = Failure::new(diagnosis, headline).sent(&sent);
            failure.got(got).expected(expected)
        };
        let late = reply.took.saturating_sub(self.scrape);
        if late > SLACK {
            let got = format!("an answer after {} ms", reply.took.as_millis());
            let expected = format!("an answer by SCRAPE_MS={}", self.scrape.as_millis());
            let headline = "The answer came after SCRAPE_MS.";
            return Err(fails("misses-time", headline, got, expected)
                .by_clock(late.min(SLACK))
                .into());
        }
        if reply.status != 200 {
            let got = format!("status {}", reply.status);
            let headline = "There is no exposition.";
            return Err(fails("no-exposition", headline, got, "status 200".to_owned()).into());
        }
        let kind = reply
            .headers
            .get("content-type")
            .and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or("(none)");
        if !kind.starts_with("text/plain") || !kind.contains("version=0.0.4") {
            let headline = "The content type is not that of the format.";
            let expected = "Content-Type: text/plain; version=0.0.4".to_owned();
            return Err(fails("wrong-content-type", headline, kind.to_owned(), expected).into());
        }
        let said = exposition::read(&reply.text(), &METRICS).map_err(|why| {
            let headline = "Prometheus would refuse this page.";
            fails(
                "bad-format",
                headline,
                why,
                "the text format, version 0.0.4".to_owned(),
            )
        })?;
        let Some((key, diagnosis, headline)) = self.difference(due, &said, down, wrong) else {
            return Ok(());
        };
        let tell = |samples: &BTreeMap<Key, f64>| match samples.get(&key) {
            Some(value) => format!("{} {:?} {value}", key.0, key.1),
            None => format!("no {} {:?}", key.0, key.1),
        };
        let failure = fails(diagnosis, headline, tell(&said), tell(due));
        // On a busy machine a target that is well may have been too late.
        Err(if reply.took * 2 > self.scrape {
            failure.by_clock(self.scrape / 3).into()
        } else {
            failure.into()
        })
    }

    /// The first sample that is not as it is due, and what that means.
    fn difference(
        &self,
        due: &BTreeMap<Key, f64>,
        said: &BTreeMap<Key, f64>,
        down: &[Target],
        wrong: &'static str,
    ) -> Option<(Key, &'static str, &'static str)> {
        let is_down = |key: &Key| {
            let instance = key.1.get("instance").map(String::as_str);
            down.iter()
                .any(|target| instance == Some(self.instance(*target)))
        };
        for (key, value) in due {
            let diagnosis = if key.0 == "target_missing_fields" {
                "missing-not-counted"
            } else if !down.is_empty() && !is_down(key) {
                "drops-the-rest"
            } else {
                wrong
            };
            match said.get(key) {
                Some(said) if (said - value).abs() <= value.abs() * 1e-9 => {}
                Some(_) => return Some((key.clone(), diagnosis, "A sample has a wrong value.")),
                None => return Some((key.clone(), diagnosis, "A sample is missing.")),
            }
        }
        let extra = said.keys().find(|key| !due.contains_key(*key))?;
        Some(if is_down(extra) {
            (
                extra.clone(),
                "stale-samples",
                "A target that is down has more samples than one.",
            )
        } else {
            (
                extra.clone(),
                wrong,
                "There is a sample that should not be there.",
            )
        })
    }
}
