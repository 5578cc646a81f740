//! The learner's program with its database, asked as a balancer would ask.

use crate::harness::context::{CheckContext, Rng, wait_until};
use crate::harness::http_program::HttpProgram;
use crate::harness::probe::{NoReply, Reply};
use crate::harness::upstream::fault::{Fault, Gate, When};
use crate::harness::upstream::{self, Service, Upstream, UpstreamRequest};
use crate::harness::verdict::{CheckOutcome, CheckResult, Diagnosis, Failure};
use ddlab_text::clip;
use rand::RngExt;
use serde_json::{Value, json};
use std::time::Duration;

/// For what must happen, or must be answered at once.
pub const SOON: Duration = Duration::from_secs(3);

/// Has a catalogue of lots, and each lot.
struct Database;

impl Service for Database {
    fn answer(&self, request: &UpstreamRequest) -> upstream::Reply {
        match request.path.strip_prefix("/lots/") {
            Some(lot) => upstream::Reply::json(&told(lot)),
            None if request.path == "/catalogue" => {
                upstream::Reply::json(&json!({ "categories": ["chairs", "lamps"] }))
            }
            None => upstream::Reply::not_found("there is nothing here"),
        }
    }
}

fn told(lot: &str) -> Value {
    json!({ "lot": lot, "title": format!("Lot {lot}") })
}

/// How the program is set up.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub linger_ms: u64,
    pub grace_ms: u64,
}

impl Settings {
    pub const USUAL: Self = Self {
        linger_ms: 500,
        grace_ms: 8000,
    };
}

#[derive(Debug)]
pub struct Replica {
    pub database: Upstream,
    pub settings: Settings,
    pub program: HttpProgram,
}

impl Replica {
    /// Starts the program with a catalogue that is held back, or fails; it has to be alive all the
    /// same.
    pub async fn cold(
        context: &CheckContext,
        settings: Settings,
        catalogue: Fault,
    ) -> Result<Self, CheckOutcome> {
        let database = context.upstream("DATABASE", Database).await?;
        database.inject(When::Path("/catalogue".to_owned()), catalogue);
        let env = [
            ("DATABASE", database.url().to_owned()),
            ("LINGER_MS", settings.linger_ms.to_string()),
            ("GRACE_MS", settings.grace_ms.to_string()),
        ];
        let program = context.start_http(&env, "/livez").await?;
        Ok(Self {
            database,
            settings,
            program,
        })
    }

    /// Starts the program, and waits until it is ready.
    pub async fn warm(context: &CheckContext, settings: Settings) -> Result<Self, CheckOutcome> {
        let gate = Gate::shut();
        gate.open();
        let replica = Self::cold(context, settings, Fault::Hold(gate)).await?;
        replica.becomes_ready("the start").await?;
        replica.database.heal();
        Ok(replica)
    }

    pub async fn becomes_ready(&self, during: &str) -> CheckResult {
        let mut said = Err(NoReply::TimedOut);
        for _ in 0..100 {
            said = self.get("/readyz").await;
            if said.as_ref().is_ok_and(|reply| reply.status == 200) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        let got = match said {
            Ok(reply) => format!("status {}", reply.status),
            Err(no_reply) => no_reply.in_words().to_owned(),
        };
        Err(Failure::new(
            Diagnosis("never-ready"),
            "The program does not become ready.",
        )
        .sent(format!("GET /readyz, again and again, after {during}"))
        .got(got)
        .expected("status 200 as soon as the catalogue is loaded")
        .by_clock(SOON)
        .into())
    }

    pub async fn get(&self, path: &str) -> Result<Reply, NoReply> {
        self.program.get(path, self.grace() + SOON).await
    }

    pub fn grace(&self) -> Duration {
        Duration::from_millis(self.settings.grace_ms)
    }

    pub fn linger(&self) -> Duration {
        Duration::from_millis(self.settings.linger_ms)
    }

    /// `GET path` must be answered with this status.
    pub async fn expect(
        &self,
        path: &str,
        status: u16,
        during: &str,
        wrong: Diagnosis,
    ) -> CheckResult {
        let reply = self.get(path).await;
        self.judge(path, status, during, wrong, &reply)
    }

    /// The reply must have this status, and that of a lot its body.
    pub fn judge(
        &self,
        path: &str,
        status: u16,
        during: &str,
        wrong: Diagnosis,
        reply: &Result<Reply, NoReply>,
    ) -> CheckResult {
        let lot = path.strip_prefix("/lots/").filter(|_| status == 200);
        let got = match &reply {
            Ok(reply) if reply.status == status => match lot {
                Some(lot) if reply.json() != told(lot) => clip(&reply.text(), 200),
                _ => return Ok(()),
            },
            Ok(reply) => format!("status {}", reply.status),
            Err(no_reply) => no_reply.in_words().to_owned(),
        };
        let ended = self.program.program.ended();
        let ended = ended.map_or_else(String::new, |ended| {
            format!("; the program {}", ended.in_words())
        });
        let failure = Failure::new(wrong, "The answer is not the one that is due.")
            .sent(format!("GET {path}, while {during}"))
            .got(format!("{got}{ended}"))
            .expected(format!("status {status}"));
        Err(match reply {
            Err(NoReply::TimedOut) => failure.by_clock(SOON).into(),
            _ => failure.into(),
        })
    }

    /// A gate that holds back the answer of the database about this lot.
    pub fn hold(&self, lot: &str) -> Gate {
        self.database.hold(When::Path(format!("/lots/{lot}")))
    }

    /// Waits until the database was asked about this lot.
    pub async fn is_asked(&self, lot: &str) -> bool {
        let path = format!("/lots/{lot}");
        let asked = || {
            let calls = self.database.calls();
            calls.iter().any(|call| call.request.path == path)
        };
        wait_until(SOON, asked).await
    }
}

/// A lot that was not asked for before.
pub fn lot(rng: &mut Rng) -> String {
    format!("{:06x}", rng.random_range(0..0x0100_0000))
}
