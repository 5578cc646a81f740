//! The real things, where this machine has them: a `redis-server` to ask, and the `promtool` of
//! Prometheus to read what is told.

use super::targets::{METRICS, Targets};
use super::{ROUTES_MAX, SCRAPE_MS};
use crate::harness::context::{CheckContext, wait_until};
use crate::harness::exposition;
use crate::harness::language::is_installed;
use crate::harness::process::{Program, port};
use crate::harness::verdict::{CheckOutcome, CheckResult, Failure};
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What is stored: two keys in the first database, one in the fourth.
const COMMANDS: [&str; 4] = ["SET a 1", "SET b 2", "SELECT 3", "SET c 3"];

pub async fn real_tools(context: &CheckContext) -> CheckResult {
    let redis = RealRedis::start(context).await?;
    let more: Vec<String> = redis.iter().map(|redis| redis.address.clone()).collect();
    let targets = Targets::begin_with(context, SCRAPE_MS, ROUTES_MAX, &more).await?;
    let sent = "GET /metrics, with a real Redis among the targets";
    let text = match targets.get().await {
        Ok(reply) => reply.text(),
        Err(no_reply) => {
            let mut program = targets.program;
            return Err(program.explain(sent, no_reply).await.into());
        }
    };
    if let Some(redis) = &redis {
        redis.is_told(&text, sent)?;
    }
    exposition::lint(context, &text).await
}

struct RealRedis {
    address: String,
    /// Ends with it.
    _process: Program,
}

impl RealRedis {
    /// With some keys; none where none is installed.
    async fn start(context: &CheckContext) -> Result<Option<Self>, CheckOutcome> {
        if !is_installed("redis-server", &[]) {
            context.tell("no real Redis is asked: redis-server is not installed");
            return Ok(None);
        }
        let broken = |e: io::Error| CheckOutcome::grader_error("could not start redis-server", e);
        let port = port::free().map_err(broken)?;
        let folder = context.scratch().display();
        let process = context.start_other(&format!(
            "redis-server --bind 127.0.0.1 --port {port} --save '' --dir '{folder}'"
        ))?;
        let address = format!("127.0.0.1:{port}");
        wait_until(Duration::from_secs(5), || fill(&address).is_ok()).await;
        fill(&address).map_err(broken)?;
        Ok(Some(Self {
            address,
            _process: process,
        }))
    }

    fn is_told(&self, text: &str, sent: &str) -> CheckResult {
        let wrong = |got: String, due: String| {
            let headline = "What a real Redis says of itself is not told as it is.";
            let failure = Failure::new("wrong-value", headline);
            Err(failure.sent(sent).got(got).expected(due).into())
        };
        let samples = match exposition::read(text, &METRICS) {
            Ok(samples) => samples,
            Err(why) => return wrong(why, "the text format".to_owned()),
        };
        let told = |name: &str, db: Option<&str>| {
            let own = [("instance", self.address.as_str())];
            let labels = own.into_iter().chain(db.map(|db| ("db", db)));
            let labels: BTreeMap<_, _> = labels
                .map(|(label, value)| (label.to_owned(), value.to_owned()))
                .collect();
            samples.get(&(name.to_owned(), labels)).copied()
        };
        for (name, db, least, most) in [
            ("target_up", None, 1.0, 1.0),
            ("target_missing_fields", None, 0.0, 0.0),
            ("redis_db_keys", Some("0"), 2.0, 2.0),
            ("redis_db_keys", Some("3"), 1.0, 1.0),
            ("redis_connected_clients", None, 1.0, 9.0),
            ("redis_memory_used_bytes", None, 100_000.0, 1e9),
            ("redis_commands_processed_total", None, 4.0, 1000.0),
        ] {
            let value = told(name, db);
            if value.is_none_or(|value| value < least || value > most) {
                let got = format!("{name}, database {db:?}: {value:?}");
                return wrong(got, format!("{least} to {most}"));
            }
        }
        Ok(())
    }
}

/// Sends the commands, and waits for each answer.
fn fill(address: &str) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    let limit = Some(Duration::from_millis(500));
    stream.set_read_timeout(limit)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    for command in COMMANDS {
        stream.write_all(format!("{command}\r\n").as_bytes())?;
        let mut answer = String::new();
        answers.read_line(&mut answer)?;
        if answer != "+OK\r\n" {
            return Err(io::Error::other(format!("{command}: {answer}")));
        }
    }
    Ok(())
}
