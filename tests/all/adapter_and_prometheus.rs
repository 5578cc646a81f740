//! The adapter in the real world: the very code that the lab runs in virtual time asks a real server on the loopback on
//! tokio, and what it serves is held against the real programs of Prometheus, where they are found.

use super::pattern_on_tokio::{listen, on_tokio};
use crate::support::server::Server;
use ddlab_labs::adapter::dialect::Dialect;
use ddlab_labs::adapter::exposition::Kind;
use ddlab_labs::adapter::pattern::{Adapter, Application, OnMissing, Rule, Settings, Unreachable};
use ddlab_labs::adapter::rate::rate;
use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const RULES: &[Rule] = &[Rule {
    field: "total_commands_processed",
    metric: "app_requests_total",
    help: "Requests since the start of the process.",
    kind: Kind::Counter,
    scale: 1.0,
    optional: false,
}];

const SETTINGS: Settings = Settings {
    on_missing: OnMissing::Skip,
    cache: None,
    label_max: None,
};

/// A server that answers `INFO` as Redis does, to so many connections, and then is gone.
async fn redis(answers: usize) -> SocketAddr {
    let (listener, address) = listen().await;
    tokio::task::spawn_local(async move {
        for asked in 1..=answers {
            let (mut stream, _) = listener.accept().await.expect("somebody connects");
            let mut question = [0; 6];
            stream.read_exact(&mut question).await.expect("it asks");
            assert_eq!(&question, b"INFO\r\n");
            let info = format!("# Stats\r\ntotal_commands_processed:{}\r\n", 100 * asked);
            let answer = format!("${}\r\n{info}\r\n", info.len());
            stream.write_all(answer.as_bytes()).await.expect("it reads");
        }
    });
    address
}

struct OverTcp(SocketAddr);

impl OverTcp {
    async fn info(&self) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(self.0).await?;
        stream.write_all(b"INFO\r\n").await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (_, info) = answer.split_once("\r\n").unwrap_or_default();
        Ok(info.to_owned())
    }
}

impl Application for OverTcp {
    async fn ask(&self) -> Result<String, Unreachable> {
        self.info().await.map_err(|_| Unreachable)
    }
}

#[test]
fn a_real_server_is_asked_at_each_scrape_and_is_down_when_it_is_gone() {
    on_tokio(async || {
        let adapter = Adapter::new(OverTcp(redis(2).await), Dialect::Redis, RULES);
        for wanted in ["app_requests_total 100", "app_requests_total 200"] {
            let page = adapter
                .collect(&SETTINGS)
                .await
                .expect("nothing is missing");
            assert!(page.contains(wanted) && page.contains("app_up 1"), "{page}");
        }
        let page = adapter.collect(&SETTINGS).await.expect("down is a page");
        assert!(page.contains("app_up 0") && !page.contains("app_requests_total"));
    });
}

/// Whether this program is installed; a test that needs it says what it leaves out.
fn is_found(program: &str) -> bool {
    let run = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let found = run.is_ok_and(|status| status.success());
    if !found {
        println!("`{program}` is not installed: not held against it");
    }
    found
}

#[test]
fn the_page_of_each_dialect_is_one_that_promtool_has_nothing_to_say_of() {
    if !is_found("promtool") {
        return;
    }
    let server = Server::start("adapter --seed 7 --at 100ms:explode_labels");
    for target in 1..=6 {
        let answer = server.ask(&format!("GET /scrape?target={target}"));
        let (head, page) = answer.split_once("\r\n\r\n").expect("it has a head");
        assert!(head.contains("text/plain; version=0.0.4"), "{head}");
        let mut promtool = Command::new("promtool")
            .args(["check", "metrics"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it is found");
        let mut input = promtool.stdin.take().expect("it is a pipe");
        input.write_all(page.as_bytes()).expect("it reads");
        drop(input);
        let said = promtool.wait_with_output().expect("it ends");
        let remarks = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.status.success(), "{target}: {remarks}\n{page}");
    }
}

#[test]
fn a_rate_over_a_reset_is_that_of_prometheus() {
    if !is_found("promtool") {
        return;
    }
    for (values, range) in [
        // None at the very start of a range: versions 2 and 3 differ in whether such a sample is in it.
        ("1000 1450 1900 150 600", 59.0),
        ("1000 1450 1900 150 600", 61.0),
        ("0 3 9 2 2", 100.0),
        ("5 5 5 5 5", 70.0),
        ("10 20 5 25 3", 47.0),
    ] {
        let read = |(nth, value): (usize, &str)| {
            let value = value.parse().expect("it is a number");
            (15.0 * nth as f64, value)
        };
        let points: Vec<(f64, f64)> = values.split(' ').enumerate().map(read).collect();
        let ours = rate(&points, 60.0, range).expect("there are two samples");
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let file = folder.path().join("rate.yml");
        let text = format!(
            "evaluation_interval: 15s\ntests:\n  - interval: 15s\n    input_series:\n      - {{series: 'n', values: '{values}'}}\n    \
             promql_expr_test:\n      - expr: 'abs(rate(n[{range}s]) - {ours}) < bool 1e-9'\n        eval_time: 60s\n        \
             exp_samples: [{{labels: '{{}}', value: 1}}]\n"
        );
        fs::write(&file, text).expect("it can be written");
        let said = Command::new("promtool")
            .args(["test", "rules"])
            .arg(&file)
            .output()
            .expect("it is found");
        let remarks = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.status.success(), "{values} over {range} s: {remarks}");
    }
}

/// A Prometheus that scrapes the first two services of a served lab.
struct Prometheus {
    process: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Prometheus {
    fn of(server: &Server) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let free =
            std::net::TcpListener::bind("127.0.0.1:0").expect("the loopback has a free port");
        let address = free.local_addr().expect("it has an address").to_string();
        drop(free);
        let file = folder.path().join("prometheus.yml");
        let text = format!(
            "global: {{scrape_interval: 1s}}\nscrape_configs:\n  - job_name: adapter\n    metrics_path: /scrape\n    params: {{target: ['1']}}\n    \
             static_configs: [{{targets: ['{}']}}]\n",
            server.address
        );
        fs::write(&file, text).expect("it can be written");
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.path().join("data").display()
            ))
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it is found");
        Self {
            process,
            address,
            _folder: folder,
        }
    }

    /// What an instant query finds: the value of its one series.
    async fn query(&self, query: &str) -> Option<f64> {
        let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let url = format!("http://{}/api/v1/query?query={query}", self.address);
        let answer = reqwest::get(url).await.ok()?;
        let answer: serde_json::Value = answer.json().await.ok()?;
        let value = answer["data"]["result"][0]["value"][1].as_str()?;
        value.parse().ok()
    }

    /// Asks until the query finds what is wanted. The limit only ends a test that would hang.
    async fn comes_to(&self, query: &str, wanted: impl Fn(f64) -> bool) -> f64 {
        let began = Instant::now();
        loop {
            if let Some(value) = self.query(query).await.filter(|value| wanted(*value)) {
                return value;
            }
            let waited = began.elapsed();
            assert!(
                waited < Duration::from_mins(1),
                "`{query}` never came to it"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[test]
fn a_real_prometheus_scrapes_the_lab_and_sees_a_service_go_down() {
    if !is_found("prometheus") {
        return;
    }
    let server = Server::start("adapter --seed 7");
    let prometheus = Prometheus::of(&server);
    on_tokio(async || {
        prometheus.comes_to("app_up", |up| up > 0.5).await;
        let grown = prometheus.comes_to("increase(app_requests_total[1m])", |grown| grown > 0.0);
        assert!(grown.await.is_finite());
        assert!(prometheus.query("app_queue_length").await.is_some());
        let action = format!("http://{}/actions/crash", server.address);
        let crash = reqwest::Client::new().post(action);
        let acted = crash.json(&serde_json::json!({"argument": 1})).send().await;
        assert!(acted.is_ok_and(|answer| answer.status().is_success()));
        prometheus.comes_to("app_up", |up| up < 0.5).await;
        // A stale mark: gone at once, and not after five minutes.
        assert_eq!(prometheus.query("app_queue_length").await, None);
        assert!(prometheus.query("up").await.is_some_and(|up| up > 0.5));
    });
}
