//! One language for two kinds of servers.
//!
//! A thread for each target asks and makes samples: a metric, labels, a number. Printing goes through
//! a table of metrics, so that the samples of each stand together.
#![allow(dead_code)]

mod http;
mod json;
mod variable;

use http::{Headers, Request, Response};
use json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::time::{Duration, Instant};

const METRICS: [(&str, &str, &str); 9] = [
    ("target_up", "gauge", "Whether the target could be read."),
    ("target_missing_fields", "gauge", "Fields that the target does not have any more."),
    ("redis_connected_clients", "gauge", "Clients that are connected."),
    ("redis_memory_used_bytes", "gauge", "Memory that the data takes."),
    ("redis_commands_processed_total", "counter", "Commands since the start."),
    ("redis_db_keys", "gauge", "Keys of a database."),
    ("app_requests_total", "counter", "Requests since the start."),
    ("app_queue_depth", "gauge", "Requests that wait."),
    ("app_latency_seconds", "summary", "From a request to its answer."),
];
const FIELDS: [(&str, &str); 3] = [
    ("connected_clients", "redis_connected_clients"),
    ("used_memory", "redis_memory_used_bytes"),
    ("total_commands_processed", "redis_commands_processed_total"),
];

struct Sample {
    metric: &'static str,
    /// What the name has after that of the metric.
    end: &'static str,
    labels: Vec<(&'static str, String)>,
    value: f64,
}

impl Sample {
    fn new(metric: &'static str, value: f64) -> Self {
        Self {
            metric,
            end: "",
            labels: Vec::new(),
            value,
        }
    }

    fn label(mut self, name: &'static str, value: &str) -> Self {
        self.labels.push((name, value.to_owned()));
        self
    }
}

/// What a target told, and how many of its fields are missing.
type Scraped = (Vec<Sample>, usize);

struct Exporter {
    redis: Vec<String>,
    apps: Vec<String>,
    scrape: Duration,
    routes_max: usize,
    /// The routes of each service that keep their samples.
    known_routes: Mutex<HashMap<String, BTreeSet<String>>>,
}

fn main() -> io::Result<()> {
    let exporter = Exporter {
        redis: variable::list("REDIS"),
        apps: variable::list("APPS"),
        scrape: variable::milliseconds("SCRAPE_MS"),
        routes_max: variable::number("ROUTES_MAX"),
        known_routes: Mutex::default(),
    };
    http::serve(variable::number("PORT"), move |request| exporter.respond(request))
}

impl Exporter {
    fn respond(&self, request: &Request) -> Response {
        match request.path.as_str() {
            "/healthz" => Response::new(200, r#"{"ok": true}"#),
            "/metrics" => {
                let kind = "text/plain; version=0.0.4".to_owned();
                Response {
                    headers: Headers(vec![("Content-Type".to_owned(), kind)]),
                    ..Response::new(200, exposition(&self.scrape_all()))
                }
            }
            _ => Response::new(404, r#"{"error": "GET /metrics"}"#),
        }
    }

    fn scrape_all(&self) -> Vec<Sample> {
        let until = Instant::now() + self.scrape;
        std::thread::scope(|scope| {
            let redis = self.redis.iter().map(|target| {
                scope.spawn(move || of_target(target, scrape_redis(target, until)))
            });
            let apps = self.apps.iter().map(|target| {
                scope.spawn(move || of_target(target, self.scrape_app(target, until)))
            });
            let running: Vec<_> = redis.chain(apps).collect();
            let samples = running.into_iter().flat_map(|target| target.join().unwrap_or_default());
            samples.collect()
        })
    }

    fn scrape_app(&self, target: &str, until: Instant) -> Option<Scraped> {
        let answer = http::get(&format!("http://{target}/stats"), until).ok()?;
        let stats = (answer.status == 200).then(|| json::parse(&answer.body))??;
        let (mut samples, mut missing) = (Vec::new(), 0);
        match stats.get("requests") {
            Some(Value::Map(requests)) => {
                for (route, count) in self.bounded(target, requests) {
                    samples.push(Sample::new("app_requests_total", count).label("route", &route));
                }
            }
            _ => missing += 1,
        }
        match stats.get("queue_depth").and_then(Value::as_number) {
            Some(depth) => samples.push(Sample::new("app_queue_depth", depth)),
            None => missing += 1,
        }
        let latency = |field| stats.get("latency_ms")?.get(field)?.as_number();
        match (latency("sum"), latency("count")) {
            (Some(sum), Some(count)) => {
                for (end, value) in [("_sum", sum / 1000.0), ("_count", count)] {
                    let sample = Sample::new("app_latency_seconds", value);
                    samples.push(Sample { end, ..sample });
                }
            }
            _ => missing += 1,
        }
        Some((samples, missing))
    }

    /// The routes that keep their samples, and the sum of the others.
    fn bounded(&self, target: &str, requests: &BTreeMap<String, Value>) -> BTreeMap<String, f64> {
        let mut known = self.known_routes.lock().unwrap();
        let known = known.entry(target.to_owned()).or_default();
        let mut told = BTreeMap::new();
        for (route, count) in requests {
            if known.len() < self.routes_max {
                known.insert(route.clone());
            }
            let name = if known.contains(route) { route } else { "other" };
            *told.entry(name.to_owned()).or_insert(0.0) += count.as_number().unwrap_or(0.0);
        }
        told
    }
}

fn of_target(target: &str, scraped: Option<Scraped>) -> Vec<Sample> {
    let mut samples = match scraped {
        Some((mut samples, missing)) => {
            samples.push(Sample::new("target_up", 1.0));
            samples.push(Sample::new("target_missing_fields", missing as f64));
            samples
        }
        None => vec![Sample::new("target_up", 0.0)],
    };
    for sample in &mut samples {
        sample.labels.insert(0, ("instance", target.to_owned()));
    }
    samples
}

fn scrape_redis(target: &str, until: Instant) -> Option<Scraped> {
    let info = ask_info(target, until).ok()?;
    let fields: HashMap<&str, &str> = info.lines().filter_map(|line| line.split_once(':')).collect();
    let (mut samples, mut missing) = (Vec::new(), 0);
    for (field, metric) in FIELDS {
        match fields.get(field) {
            Some(value) => samples.push(Sample::new(metric, value.parse().ok()?)),
            None => missing += 1,
        }
    }
    for (field, value) in fields {
        let Some(db) = field.strip_prefix("db").filter(|db| db.parse::<u32>().is_ok()) else {
            continue;
        };
        let keys = value.split(',').find_map(|pair| pair.strip_prefix("keys="));
        let keys = keys?.parse().ok()?;
        samples.push(Sample::new("redis_db_keys", keys).label("db", db));
    }
    Some((samples, missing))
}

fn ask_info(target: &str, until: Instant) -> io::Result<String> {
    let left = || match until.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(io::Error::from(io::ErrorKind::TimedOut)),
        left => Ok(left),
    };
    let address: SocketAddr = target.parse().map_err(io::Error::other)?;
    let mut stream = TcpStream::connect_timeout(&address, left()?)?;
    stream.write_all(b"*1\r\n$4\r\nINFO\r\n")?;
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(text) = bulk(&answer)? {
            return Ok(text);
        }
        stream.set_read_timeout(Some(left()?))?;
        match stream.read(&mut piece)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            n => answer.extend_from_slice(&piece[..n]),
        }
    }
}

/// The text of a bulk answer, once all of it is there.
fn bulk(answer: &[u8]) -> io::Result<Option<String>> {
    let Some(end) = answer.windows(2).position(|two| two == b"\r\n") else {
        return Ok(None);
    };
    let head = String::from_utf8_lossy(&answer[..end]);
    let length = head.strip_prefix('$').and_then(|length| length.parse::<usize>().ok());
    let length = length.ok_or_else(|| io::Error::other("the target answered an error"))?;
    let body = &answer[end + 2..];
    let whole = body.len() >= length + 2;
    Ok(whole.then(|| String::from_utf8_lossy(&body[..length]).into_owned()))
}

fn exposition(samples: &[Sample]) -> String {
    let mut text = String::new();
    for (metric, kind, help) in METRICS {
        text += &format!("# HELP {metric} {help}\n# TYPE {metric} {kind}\n");
        for sample in samples.iter().filter(|sample| sample.metric == metric) {
            let labels = sample.labels.iter();
            let labels: Vec<String> =
                labels.map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
            let (end, value) = (sample.end, sample.value);
            text += &format!("{metric}{end}{{{}}} {value}\n", labels.join(","));
        }
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
