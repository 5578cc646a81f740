//! The learner's program with the service behind it, asked as an application would ask.

use crate::harness::context::{CheckContext, Rng};
use crate::harness::http_program::HttpProgram;
use crate::harness::probe::{NoReply, Reply};
use crate::harness::shared::Shared;
use crate::harness::upstream::fault::When;
use crate::harness::upstream::{self, Call, Service, Upstream, UpstreamRequest};
use crate::harness::verdict::{CheckOutcome, CheckResult, Diagnosis, Failure};
use axum::http::{Method, StatusCode};
use ddlab_text::clip;
use rand::RngExt;
use std::path::PathBuf;
use std::time::Duration;

/// What the statement allows on top of the deadline.
pub const SLACK: Duration = Duration::from_millis(700);
/// How much longer we listen.
const PATIENCE: Duration = Duration::from_secs(3);

/// Says back what it was asked, to those that have the right token. On `/wait/N` its answers carry
/// `Retry-After: N`.
#[derive(Clone, Default)]
struct Scores {
    token: Shared<String>,
}

impl Service for Scores {
    fn answer(&self, request: &UpstreamRequest) -> upstream::Reply {
        let token = self.token.lock();
        let right = format!("Bearer {token}");
        if request.header("authorization") != Some(right.as_str()) {
            return upstream::Reply::refuse(StatusCode::UNAUTHORIZED, "who are you?");
        }
        let reply = upstream::Reply {
            status: StatusCode::OK,
            headers: Vec::new(),
            body: echo(request),
        };
        match request.path.strip_prefix("/wait/") {
            Some(rest) => reply.header("retry-after", rest.split('-').next().unwrap_or("1")),
            None => reply,
        }
    }
}

/// Spaced as no library writes it, so that one sees whether it was passed on byte by byte.
fn echo(request: &UpstreamRequest) -> String {
    let body = String::from_utf8_lossy(&request.body);
    let query: Vec<String> = request
        .query
        .iter()
        .map(|(k, v)| format!("{k}={v}"))
        .collect();
    format!(
        "{{ \"{} {}\" :\"{}\", \"body\":  {:?} }}\n",
        request.method,
        request.path,
        query.join("&"),
        body
    )
}

/// How the program is set up.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub attempts: u32,
    pub try_ms: u64,
    pub deadline_ms: u64,
    pub base_ms: u64,
    pub ceiling_ms: u64,
    /// In hundredths of a retry a request.
    pub ratio_percent: u32,
    pub cap: u32,
    pub breaker_calls: u32,
    pub open_ms: u64,
}

impl Settings {
    /// With a budget and a breaker that are in nobody's way.
    pub const USUAL: Self = Self {
        attempts: 4,
        try_ms: 3000,
        deadline_ms: 8000,
        base_ms: 20,
        ceiling_ms: 200,
        ratio_percent: 100,
        cap: 500,
        breaker_calls: 1000,
        open_ms: 1000,
    };
}

#[derive(Debug)]
pub struct Ambassador {
    pub service: Upstream,
    pub settings: Settings,
    pub program: HttpProgram,
    token: Shared<String>,
    token_file: PathBuf,
}

/// A request of the application.
#[derive(Debug, Clone)]
pub struct Ask {
    pub method: Method,
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl Ask {
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            headers: Vec::new(),
            body: String::new(),
        }
    }

    pub fn post(path: impl Into<String>, body: &str) -> Self {
        Self {
            method: Method::POST,
            body: body.to_owned(),
            ..Self::get(path)
        }
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn told(&self) -> String {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| format!(", {name}: {value}"));
        format!(
            "{} {}{}",
            self.method,
            self.path,
            headers.collect::<String>()
        )
    }
}

impl Ambassador {
    pub async fn begin(context: &CheckContext, settings: Settings) -> Result<Self, CheckOutcome> {
        let scores = Scores::default();
        let token = scores.token.clone();
        let service = context.upstream("the service", scores).await?;
        let token_file = context.scratch().join("token");
        let ratio = f64::from(settings.ratio_percent) / 100.0;
        let env = [
            ("UPSTREAM", service.url().to_owned()),
            ("TOKEN_FILE", token_file.display().to_string()),
            ("ATTEMPTS", settings.attempts.to_string()),
            ("TRY_MS", settings.try_ms.to_string()),
            ("DEADLINE_MS", settings.deadline_ms.to_string()),
            ("BASE_MS", settings.base_ms.to_string()),
            ("CEILING_MS", settings.ceiling_ms.to_string()),
            ("BUDGET_RATIO", ratio.to_string()),
            ("BUDGET_CAP", settings.cap.to_string()),
            ("BREAKER_CALLS", settings.breaker_calls.to_string()),
            ("OPEN_MS", settings.open_ms.to_string()),
        ];
        let first = format!(
            "first-{:06x}",
            context.rng("token").random_range(0..0x0100_0000)
        );
        write_token(&token_file, &token, &first)?;
        let program = context.start_http(&env, "/healthz").await?;
        Ok(Self {
            service,
            settings,
            program,
            token,
            token_file,
        })
    }

    /// From now on the service knows this token alone, and the file has it.
    pub fn rotate(&self, token: &str) -> CheckResult {
        write_token(&self.token_file, &self.token, token)
    }

    pub fn token(&self) -> String {
        self.token.lock().clone()
    }

    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.settings.deadline_ms)
    }

    pub async fn send(&self, ask: &Ask) -> Result<Reply, NoReply> {
        let headers: Vec<(&str, &str)> =
            ask.headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let limit = self.deadline() + PATIENCE;
        let (method, body) = (ask.method.clone(), &ask.body);
        self.program
            .send(method, &ask.path, &headers, body, limit)
            .await
    }

    /// The calls to this path.
    pub fn calls(&self, path: &str) -> Vec<Call> {
        let path = path.split('?').next().unwrap_or(path);
        let mut calls = self.service.calls();
        calls.retain(|call| call.request.path == path);
        calls
    }

    /// The answer must have this status, come in time, and after exactly as many calls. With a 200 it is
    /// what the service said.
    pub async fn expect(&mut self, ask: &Ask, during: &str, right: Right) -> CheckResult {
        let reply = self.send(ask).await;
        self.judge(ask, during, right, reply).await
    }

    pub async fn judge(
        &mut self,
        ask: &Ask,
        during: &str,
        right: Right,
        reply: Result<Reply, NoReply>,
    ) -> CheckResult {
        let reply = match reply {
            Ok(reply) => reply,
            Err(no_reply) => return Err(self.program.explain(&ask.told(), no_reply).await.into()),
        };
        let over = reply.took.saturating_sub(self.deadline());
        if over > SLACK {
            let headline = "The answer came after the deadline.";
            return Err(failure(Diagnosis("misses-deadline"), headline, ask, during)
                .got(format!("an answer after {} ms", reply.took.as_millis()))
                .expected(format!(
                    "an answer by DEADLINE_MS={}",
                    self.settings.deadline_ms
                ))
                .by_clock(over)
                .into());
        }
        let calls = self.calls(&ask.path);
        let (diagnosis, headline) = if calls.len() > right.calls {
            (
                right.too_many,
                "The service was called more often than it should have been.",
            )
        } else if calls.len() < right.calls {
            (
                right.too_few,
                "The service was called less often than it should have been.",
            )
        } else if reply.status != right.status {
            (right.wrong_status, "The status is not the one that is due.")
        } else if right.status == 200
            && calls
                .last()
                .is_some_and(|call| reply.text() != echo(&call.request))
        {
            (
                Diagnosis("changes-answer"),
                "The answer is not what the service said.",
            )
        } else {
            return Ok(());
        };
        Err(failure(diagnosis, headline, ask, during)
            .got(format!(
                "{} calls, status {}, {}",
                calls.len(),
                reply.status,
                clip(&reply.text(), 120)
            ))
            .expected(format!("{} calls, status {}", right.calls, right.status))
            .into())
    }
}

/// What an answer has to be like, and what it is if it is not.
#[derive(Debug, Clone, Copy)]
pub struct Right {
    pub status: u16,
    pub calls: usize,
    pub too_many: Diagnosis,
    pub too_few: Diagnosis,
    pub wrong_status: Diagnosis,
}

impl Right {
    pub fn new(status: u16, calls: usize) -> Self {
        Self {
            status,
            calls,
            too_many: Diagnosis("too-many-attempts"),
            too_few: Diagnosis("gives-up-early"),
            wrong_status: Diagnosis("wrong-status"),
        }
    }
}

/// By rename, as a secret is replaced.
fn write_token(file: &std::path::Path, known: &Shared<String>, token: &str) -> CheckResult {
    let fresh = file.with_extension("new");
    std::fs::write(&fresh, format!("{token}\n"))
        .and_then(|()| std::fs::rename(&fresh, file))
        .map_err(|e| CheckOutcome::grader_error("could not write the token", e))?;
    token.clone_into(&mut known.lock());
    Ok(())
}

/// The calls to this path.
pub fn at(path: &str) -> When {
    When::Path(path.to_owned())
}

/// A path that was not asked for before.
pub fn path(rng: &mut Rng) -> String {
    format!("/score/{:06x}", rng.random_range(0..0x0100_0000))
}

pub fn failure(diagnosis: Diagnosis, headline: &str, ask: &Ask, during: &str) -> Failure {
    let sent = match during {
        "" => ask.told(),
        during => format!("{}, while {during}", ask.told()),
    };
    Failure::new(diagnosis, headline)
        .sent(sent)
        .in_order(&[&ask.path])
}
