//! The learner's program with three replicas behind it, asked as a client would ask.

use crate::harness::context::{CheckContext, Rng, wait_until};
use crate::harness::http_program::HttpProgram;
use crate::harness::probe::{NoReply, Reply};
use crate::harness::upstream::fault::{Fault, Gate, When};
use crate::harness::upstream::{self, Call, Service, Upstream, UpstreamRequest};
use crate::harness::verdict::{CheckOutcome, CheckResult, Diagnosis, Failure};
use axum::http::StatusCode;
use ddlab_text::clip;
use rand::RngExt;
use std::time::Duration;

pub const REPLICAS: usize = 3;
/// What the statement allows on top of the deadline.
pub const SLACK: Duration = Duration::from_millis(500);
/// How much longer we listen.
const PATIENCE: Duration = Duration::from_secs(3);

/// Knows every lot but those whose number begins with `no`.
struct Replica {
    nr: usize,
}

impl Service for Replica {
    fn answer(&self, request: &UpstreamRequest) -> upstream::Reply {
        if request.path.starts_with("/lots/no") {
            return upstream::Reply::not_found("no such lot");
        }
        upstream::Reply {
            status: StatusCode::OK,
            headers: Vec::new(),
            body: body(self.nr, &request.path),
        }
    }
}

/// Spaced as no library writes it, so that one sees whether it was passed on byte by byte.
fn body(nr: usize, path: &str) -> String {
    format!("{{ \"lot\":\"{path}\",  \"by\" : {nr} }}\n")
}

/// How the program is set up.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub hedge: Duration,
    pub deadline: Duration,
    /// In hundredths of a copy a request.
    pub ratio_percent: u32,
    pub cap: u32,
}

impl Settings {
    /// With a budget that is in nobody's way.
    pub fn new(hedge_ms: u64, deadline_ms: u64) -> Self {
        Self {
            hedge: Duration::from_millis(hedge_ms),
            deadline: Duration::from_millis(deadline_ms),
            ratio_percent: 100,
            cap: 20,
        }
    }
}

#[derive(Debug)]
pub struct Proxy {
    pub replicas: Vec<Upstream>,
    pub settings: Settings,
    pub program: HttpProgram,
}

impl Proxy {
    pub async fn begin(context: &CheckContext, settings: Settings) -> Result<Self, CheckOutcome> {
        let mut replicas = Vec::with_capacity(REPLICAS);
        for nr in 0..REPLICAS {
            let name = format!("replica {}", nr + 1);
            replicas.push(context.upstream(&name, Replica { nr }).await?);
        }
        let urls: Vec<&str> = replicas.iter().map(Upstream::url).collect();
        let ratio = f64::from(settings.ratio_percent) / 100.0;
        let env = [
            ("REPLICAS", urls.join(",")),
            ("HEDGE_MS", settings.hedge.as_millis().to_string()),
            ("DEADLINE_MS", settings.deadline.as_millis().to_string()),
            ("BUDGET_RATIO", ratio.to_string()),
            ("BUDGET_CAP", settings.cap.to_string()),
        ];
        let program = context.start_http(&env, "/healthz").await?;
        Ok(Self {
            replicas,
            settings,
            program,
        })
    }

    /// Asks for a lot, and waits clearly longer than the deadline.
    pub async fn ask(&self, lot: &str) -> Answer {
        let limit = self.settings.deadline + PATIENCE;
        Answer(self.program.get(&format!("/lots/{lot}"), limit).await)
    }

    /// A gate for each replica, which holds back its answer about this lot.
    pub fn hold(&self, lot: &str) -> Vec<Gate> {
        let hold = |replica: &Upstream| {
            let gate = Gate::shut();
            replica.inject_unwitnessed(path(lot), Fault::Hold(gate.clone()));
            gate
        };
        self.replicas.iter().map(hold).collect()
    }

    /// The calls about this lot with the number of their replica, in the order of their arrival.
    pub fn calls(&self, lot: &str) -> Vec<(usize, Call)> {
        let path = format!("/lots/{lot}");
        let of = |(nr, replica): (usize, &Upstream)| {
            let mut calls = replica.calls();
            calls.retain(|call| call.request.path == path);
            calls.into_iter().map(move |call| (nr, call))
        };
        let mut calls: Vec<_> = self.replicas.iter().enumerate().flat_map(of).collect();
        calls.sort_by_key(|(_, call)| call.at);
        calls
    }

    /// Waits until there are this many calls about the lot, at most `limit`.
    pub async fn wait_for_calls(&self, lot: &str, count: usize, limit: Duration) -> bool {
        wait_until(limit, || self.calls(lot).len() >= count).await
    }

    /// A failure if a call about this lot still goes on though the request has been answered.
    pub async fn calls_have_ended(&self, lot: &str) -> CheckResult {
        /// What the statement allows, and how much longer we listen.
        const GRACE: Duration = Duration::from_secs(1);
        let ended = || self.calls(lot).iter().all(|(_, call)| call.end.is_some());
        if wait_until(GRACE, ended).await {
            return Ok(());
        }
        let late = wait_until(PATIENCE, ended).await;
        Err(Failure::new(
            Diagnosis("keeps-losers"),
            "The request was answered, and the other call goes on.",
        )
        .sent(format!("GET /lots/{lot}"))
        .got(self.asked(lot))
        .in_order(&[lot])
        .expected("the connection of the call that lost is closed at once")
        .by_clock(if late { GRACE } else { PATIENCE })
        .into())
    }

    /// How many calls there were about this lot, and to whom.
    pub fn asked(&self, lot: &str) -> String {
        let calls = self.calls(lot);
        let whom = calls.iter().map(|(nr, _)| self.replicas[*nr].name());
        match calls.len() {
            0 => "no call".to_owned(),
            1 => format!("one call, to {}", self.replicas[calls[0].0].name()),
            count => format!("{count} calls, to {}", whom.collect::<Vec<_>>().join(", ")),
        }
    }

    /// The answer must be what this replica said about the lot.
    pub async fn expect(
        &mut self,
        lot: &str,
        from: usize,
        answer: Answer,
        wrong: Diagnosis,
    ) -> CheckResult {
        let reply = self.reply(lot, answer).await?;
        if reply.status == 200 && reply.text() == body(from, &format!("/lots/{lot}")) {
            return Ok(());
        }
        let nr = from + 1;
        let diagnosis = if reply.status == 200 && reply.text().contains(&format!("/lots/{lot}\"")) {
            Diagnosis("changes-body")
        } else {
            wrong
        };
        let headline = format!("The answer is not what replica {nr} said.");
        Err(Failure::new(diagnosis, headline)
            .sent(format!("GET /lots/{lot}"))
            .got(said(&reply))
            .expected(format!(
                "status 200, and the body of replica {nr} byte by byte"
            ))
            .in_order(&[lot])
            .into())
    }

    /// The status must be this one.
    pub async fn expect_status(
        &mut self,
        lot: &str,
        status: u16,
        answer: Answer,
        wrong: Diagnosis,
    ) -> CheckResult {
        let reply = self.reply(lot, answer).await?;
        if reply.status == status {
            return Ok(());
        }
        Err(Failure::new(wrong, "The status is wrong.")
            .sent(format!("GET /lots/{lot}"))
            .got(said(&reply))
            .expected(format!("status {status}"))
            .in_order(&[lot])
            .into())
    }

    /// The reply, if it came, and came in time.
    async fn reply(&mut self, lot: &str, answer: Answer) -> Result<Reply, CheckOutcome> {
        let sent = format!("GET /lots/{lot}");
        let reply = match answer.0 {
            Ok(reply) => reply,
            Err(no_reply) => {
                let failure = self.program.explain(&sent, no_reply).await;
                return Err(failure.in_order(&[lot]).into());
            }
        };
        if reply.took <= self.settings.deadline + SLACK {
            return Ok(reply);
        }
        Err(Failure::new(
            Diagnosis("misses-deadline"),
            "The answer came after the deadline.",
        )
        .sent(sent)
        .got(format!("an answer after {} ms", reply.took.as_millis()))
        .expected(format!(
            "an answer by DEADLINE_MS={} (we allow {} ms on top)",
            self.settings.deadline.as_millis(),
            SLACK.as_millis()
        ))
        .in_order(&[lot])
        .by_clock(reply.took.saturating_sub(self.settings.deadline))
        .into())
    }

    pub async fn stop(self) -> CheckResult {
        self.program.stop().await
    }
}

/// What came of a request, to be judged.
pub struct Answer(pub Result<Reply, NoReply>);

fn said(reply: &Reply) -> String {
    format!("status {}, {}", reply.status, clip(&reply.text(), 120))
}

pub fn path(lot: &str) -> When {
    When::Path(format!("/lots/{lot}"))
}

/// A lot that was not asked for before.
pub fn lot(rng: &mut Rng) -> String {
    format!("{:06x}", rng.random_range(0..0x0100_0000))
}

/// Lets every replica answer.
pub fn open_all(gates: &[Gate]) {
    for gate in gates {
        gate.open();
    }
}
