//! An ambassador that retries within a budget.
//!
//! One loop of attempts a request. Budget and breaker are two small things behind a lock each, which
//! the loop asks before a call and tells afterwards.

mod http;
mod variable;

use http::{Call, Request, Response};
use std::collections::VecDeque;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Mutex;
use std::time::{Duration, Instant};

const FAILURES: [u16; 4] = [429, 502, 503, 504];
const PASSED_ON: [&str; 2] = ["Content-Type", "Idempotency-Key"];

struct Ambassador {
    upstream: String,
    token_file: String,
    attempts: u32,
    try_time: Duration,
    deadline: Duration,
    base: Duration,
    ceiling: Duration,
    budget: Budget,
    breaker: Breaker,
}

struct Budget {
    ratio: f64,
    cap: f64,
    tokens: Mutex<f64>,
}

impl Budget {
    fn earn(&self) {
        let mut tokens = self.tokens.lock().unwrap();
        *tokens = (*tokens + self.ratio).min(self.cap);
    }

    fn spend(&self) -> bool {
        let mut tokens = self.tokens.lock().unwrap();
        let enough = *tokens >= 1.0;
        if enough {
            *tokens -= 1.0;
        }
        enough
    }
}

struct Breaker {
    calls: usize,
    open: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    failed: VecDeque<bool>,
    phase: Phase,
    /// Grows with each change, so that what is told of an older call is not taken for news.
    epoch: u64,
}

#[derive(Default, PartialEq)]
enum Phase {
    #[default]
    Closed,
    OpenUntil(Instant),
    /// A probe is under way.
    HalfOpen,
}

impl Breaker {
    /// A ticket for `tell`; none: no call may be made now.
    fn admit(&self) -> Option<u64> {
        let mut state = self.state.lock().unwrap();
        match state.phase {
            Phase::HalfOpen => return None,
            Phase::OpenUntil(until) if Instant::now() < until => return None,
            Phase::OpenUntil(_) => {
                state.phase = Phase::HalfOpen;
                state.epoch += 1;
            }
            Phase::Closed => {}
        }
        Some(state.epoch)
    }

    fn tell(&self, ticket: u64, mut failed: bool) {
        let mut state = self.state.lock().unwrap();
        if ticket != state.epoch {
            return;
        }
        if state.phase == Phase::Closed {
            state.failed.push_back(failed);
            if state.failed.len() > self.calls {
                state.failed.pop_front();
            }
            let failures = state.failed.iter().filter(|failed| **failed).count();
            if state.failed.len() < self.calls || 2 * failures < self.calls {
                return;
            }
            failed = true;
        }
        state.epoch += 1;
        state.failed.clear();
        state.phase = if failed {
            Phase::OpenUntil(Instant::now() + self.open)
        } else {
            Phase::Closed
        };
    }
}

fn main() -> std::io::Result<()> {
    let cap = variable::number("BUDGET_CAP");
    let ambassador = Ambassador {
        upstream: variable::text("UPSTREAM"),
        token_file: variable::text("TOKEN_FILE"),
        attempts: variable::number("ATTEMPTS"),
        try_time: variable::milliseconds("TRY_MS"),
        deadline: variable::milliseconds("DEADLINE_MS"),
        base: variable::milliseconds("BASE_MS"),
        ceiling: variable::milliseconds("CEILING_MS"),
        budget: Budget {
            ratio: variable::number("BUDGET_RATIO"),
            cap,
            tokens: Mutex::new(cap),
        },
        breaker: Breaker {
            calls: variable::number("BREAKER_CALLS"),
            open: variable::milliseconds("OPEN_MS"),
            state: Mutex::default(),
        },
    };
    http::serve(variable::number("PORT"), move |request| {
        match request.path.as_str() {
            "/healthz" => Response::new(200, "{}"),
            _ => ambassador.pass_on(request),
        }
    })
}

impl Ambassador {
    fn pass_on(&self, request: &Request) -> Response {
        let until = Instant::now() + self.deadline;
        self.budget.earn();
        let key = request.headers.get("Idempotency-Key");
        let repeatable = request.method != "POST" || key.is_some();
        let mut answer = None;
        let mut made = 0;
        loop {
            let Some(ticket) = self.breaker.admit() else {
                let refused = Response::new(503, "{}");
                return if made > 0 { last(answer, until) } else { refused };
            };
            answer = self.attempt(request, until);
            made += 1;
            let failed = answer.as_ref().is_none_or(|a| FAILURES.contains(&a.status));
            self.breaker.tell(ticket, failed);
            if !failed || !repeatable || made >= self.attempts {
                return last(answer, until);
            }
            let wait = self.wait(made, answer.as_ref());
            if Instant::now() + wait >= until || !self.budget.spend() {
                return last(answer, until);
            }
            std::thread::sleep(wait);
        }
    }

    /// Random up to a ceiling that doubles, and at least what the answer asks for.
    fn wait(&self, made: u32, answer: Option<&Response>) -> Duration {
        let factor = 2_u32.saturating_pow(made - 1);
        let ceiling = self.base.saturating_mul(factor).min(self.ceiling);
        let asked = answer.and_then(|answer| answer.headers.get("Retry-After")?.parse().ok());
        let least = Duration::from_secs(asked.unwrap_or(0));
        ceiling.mul_f64(dice()).max(least)
    }

    /// One call: its answer, if there is one.
    fn attempt(&self, request: &Request, until: Instant) -> Option<Response> {
        // Read each time: it may have been replaced.
        let token = std::fs::read_to_string(&self.token_file).ok()?;
        let authorization = format!("Bearer {}", token.trim());
        let mut headers = vec![("Authorization", authorization.as_str())];
        for name in PASSED_ON {
            headers.extend(request.headers.get(name).map(|value| (name, value)));
        }
        let query = match request.query.as_str() {
            "" => String::new(),
            query => format!("?{query}"),
        };
        let url = format!("{}{}{query}", self.upstream, request.path);
        let call = Call {
            headers: &headers,
            body: &request.body,
            ..Call::new(&request.method, &url)
        };
        http::send(&call, until.min(Instant::now() + self.try_time)).ok()
    }
}

fn last(answer: Option<Response>, until: Instant) -> Response {
    match answer {
        Some(answer) => Response::new(answer.status, answer.body),
        None if Instant::now() >= until => Response::new(504, "{}"),
        None => Response::new(502, "{}"),
    }
}

/// Uniform from 0 to 1.
fn dice() -> f64 {
    RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64
}
