//! The learner's program with three services behind it, asked as a client would ask.

use crate::harness::context::{CheckContext, Rng, wait_until};
use crate::harness::http_program::HttpProgram;
use crate::harness::probe::{self, NoReply};
use crate::harness::upstream::fault::When;
use crate::harness::upstream::{Call, Reply, Service, Upstream, UpstreamRequest};
use crate::harness::verdict::{CheckOutcome, CheckResult, Diagnosis, Failure};
use axum::http::Method;
use ddlab_text::clip;
use percent_encoding::percent_decode_str;
use rand::RngExt;
use serde_json::{Value, json};
use std::time::Duration;

/// What the statement allows on top of the deadline.
pub const SLACK: Duration = Duration::from_millis(500);
/// How much longer we listen.
const PATIENCE: Duration = Duration::from_secs(3);

/// Sellers whose names do not survive being pasted into a URL.
pub const SELLERS: [&str; 6] = [
    "okafor",
    "smith & sons",
    "50% off",
    "who?",
    "a/b",
    "crème brûlée",
];

pub const SERVICES: usize = 3;
pub const AUCTIONS: usize = 0;
pub const BIDS: usize = 1;
pub const USERS: usize = 2;
const NAMES: [&str; SERVICES] = ["AUCTIONS", "BIDS", "USERS"];

/// One of the three services.
struct Directory(usize);

impl Service for Directory {
    fn answer(&self, request: &UpstreamRequest) -> Reply {
        let words: Vec<&str> = request.path.split('/').skip(1).collect();
        match (self.0, words.as_slice()) {
            (AUCTIONS, ["lots", lot]) if !lot.starts_with("no") => Reply::json(&auction(lot)),
            (BIDS, ["lots", lot, "bids"]) => Reply::json(&bids(lot)),
            (USERS, ["users", id]) => {
                let id = percent_decode_str(id).decode_utf8_lossy();
                if SELLERS.contains(&id.as_ref()) {
                    return Reply::json(&user(&id));
                }
                Reply::not_found("no such user")
            }
            _ => Reply::not_found("there is nothing here"),
        }
    }
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Who sells it.
pub fn seller(lot: &str) -> &'static str {
    SELLERS[(hash(lot) % SELLERS.len() as u64) as usize]
}

fn auction(lot: &str) -> Value {
    json!({ "id": lot, "title": format!("\"Lot\" {lot}"), "seller": seller(lot), "reserve": null })
}

fn bids(lot: &str) -> Value {
    // A double would lose the last digits.
    json!({ "lot": lot, "highest": (hash(lot) >> 2) | (1 << 61), "bidders": [hash(lot) % 7, hash(lot) % 5] })
}

fn user(id: &str) -> Value {
    json!({ "id": id, "name": format!("{id} Ltd."), "rating": 4.5 })
}

#[derive(Debug)]
pub struct Page {
    pub services: Vec<Upstream>,
    pub deadline: Duration,
    pub program: HttpProgram,
}

/// What a check expects of a page.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The service that must be missing from it.
    pub without: Option<usize>,
    /// To complete "while …"; empty if all is well.
    pub during: String,
    /// What it is if a field is there that should not be, or not named though it is missing.
    pub hides: Diagnosis,
    /// What it is if a field is missing that should be there.
    pub misses: Diagnosis,
}

impl Expected {
    pub fn whole() -> Self {
        Self {
            without: None,
            during: String::new(),
            hides: Diagnosis("wrong-answer"),
            misses: Diagnosis("wrong-answer"),
        }
    }

    pub fn without(service: usize, during: impl Into<String>) -> Self {
        Self {
            without: Some(service),
            during: during.into(),
            hides: Diagnosis("hides-degraded"),
            ..Self::whole()
        }
    }
}

impl Page {
    pub async fn begin(context: &CheckContext, deadline_ms: u64) -> Result<Self, CheckOutcome> {
        let mut services = Vec::with_capacity(SERVICES);
        for (nr, name) in NAMES.into_iter().enumerate() {
            services.push(context.upstream(name, Directory(nr)).await?);
        }
        let urls = services.iter().map(|service| service.url().to_owned());
        let mut env: Vec<(&str, String)> = NAMES.into_iter().zip(urls).collect();
        env.push(("DEADLINE_MS", deadline_ms.to_string()));
        let program = context.start_http(&env, "/healthz").await?;
        Ok(Self {
            services,
            deadline: Duration::from_millis(deadline_ms),
            program,
        })
    }

    /// Asks for the page of a lot, and waits clearly longer than the deadline.
    pub async fn ask(&self, lot: &str) -> Result<probe::Reply, NoReply> {
        self.ask_within(lot, None).await
    }

    /// As [`Self::ask`], with the caller's own time in milliseconds.
    pub async fn ask_within(&self, lot: &str, time: Option<u64>) -> Result<probe::Reply, NoReply> {
        let path = format!("/lots/{lot}");
        let time = time.map(|time| time.to_string());
        let header = time.as_deref().map(|time| ("X-Deadline-Ms", time));
        let limit = self.deadline + PATIENCE;
        self.program
            .send(Method::GET, &path, header.as_slice(), "", limit)
            .await
    }

    /// How often each service was asked so far.
    pub fn asked(&self) -> Vec<usize> {
        let calls = self.services.iter().map(|service| service.calls().len());
        calls.collect()
    }

    /// A failure if a service was not asked one time since then.
    pub fn asked_once(&self, before: &[usize], lot: &str, during: &str) -> CheckResult {
        let asked = self.asked();
        let made: Vec<usize> = asked.iter().zip(before).map(|(a, b)| a - b).collect();
        if made == [1; SERVICES] {
            return Ok(());
        }
        let headline = "The services were not asked once each.";
        Err(failure(Diagnosis("asks-too-often"), headline, lot, during)
            .got(format!("calls to auctions, bids and users: {made:?}"))
            .expected("one call to each")
            .into())
    }

    /// The calls to a service about this lot.
    pub fn calls(&self, service: usize, lot: &str) -> Vec<Call> {
        let path = path(service, lot);
        let mut calls = self.services[service].calls();
        // As one part of the path: a seller's slash must be encoded.
        let parts = path.matches('/').count()
            - if service == USERS {
                seller(lot).matches('/').count()
            } else {
                0
            };
        calls.retain(|call| {
            let asked = &call.request.path;
            asked.matches('/').count() == parts && decoded(asked) == path
        });
        calls
    }

    pub async fn wait_for_call(&self, service: usize, lot: &str, limit: Duration) -> bool {
        wait_until(limit, || !self.calls(service, lot).is_empty()).await
    }

    /// The reply, if it came in time.
    pub async fn reply(
        &mut self,
        lot: &str,
        during: &str,
        reply: Result<probe::Reply, NoReply>,
        time: Duration,
    ) -> Result<probe::Reply, CheckOutcome> {
        let headline = "The answer did not come by the deadline.";
        let late = failure(Diagnosis("misses-deadline"), headline, lot, during);
        let late = late
            .expected(format!(
                "an answer within {} ms (we allow {} ms on top)",
                time.as_millis(),
                SLACK.as_millis()
            ))
            .by_clock(PATIENCE);
        match reply {
            Ok(reply) if reply.took <= time + SLACK => Ok(reply),
            Ok(reply) => {
                let got = format!("an answer after {} ms", reply.took.as_millis());
                Err(late
                    .got(got)
                    .by_clock(reply.took.saturating_sub(time))
                    .into())
            }
            Err(NoReply::TimedOut) if self.program.program.ended().is_none() => {
                Err(late.got("no answer at all").into())
            }
            Err(no_reply) => {
                let sent = format!("GET /lots/{lot}");
                Err(self.program.explain(&sent, no_reply).await.into())
            }
        }
    }

    /// The page must be as expected.
    pub async fn judge(
        &mut self,
        lot: &str,
        expected: &Expected,
        reply: Result<probe::Reply, NoReply>,
    ) -> CheckResult {
        let during = expected.during.as_str();
        let reply = self.reply(lot, during, reply, self.deadline).await?;
        let missing = |service| expected.without == Some(service);
        let right = json!({
            "auction": auction(lot),
            "bids": if missing(BIDS) { Value::Null } else { bids(lot) },
            "seller": if missing(USERS) { Value::Null } else { user(seller(lot)) },
            "degraded": match expected.without {
                Some(BIDS) => vec!["bids"],
                Some(_) => vec!["seller"],
                None => vec![],
            },
        });
        let said = reply.json();
        if reply.status == 200 && said == right {
            return Ok(());
        }
        let named = |field: &str| {
            let list = said["degraded"].as_array();
            list.is_some_and(|list| list.contains(&json!(field)))
        };
        let (diagnosis, headline) = if reply.status != 200 {
            let diagnosis = match expected.without {
                Some(_) => "fails-whole-page",
                None => "wrong-status",
            };
            (
                Diagnosis(diagnosis),
                "The status is not 200, though the auction is there.",
            )
        } else if said["auction"] != right["auction"] {
            (
                Diagnosis("wrong-answer"),
                "The auction is not what the service said.",
            )
        } else if missing(BIDS) && !named("bids") || missing(USERS) && !named("seller") {
            // Of garbage nobody can make the right answer.
            let remembers = expected.hides == Diagnosis("trusts-garbage")
                && said["bids"] == bids(lot)
                && said["seller"] == user(seller(lot));
            (
                if remembers {
                    Diagnosis("answers-from-memory")
                } else {
                    expected.hides
                },
                "The page does not say that a part of it is missing.",
            )
        } else if named("bids") && !missing(BIDS) || named("seller") && !missing(USERS) {
            (
                expected.misses,
                "The page does without a part that it could have had.",
            )
        } else {
            (
                Diagnosis("wrong-answer"),
                "The page is not what the statement promises.",
            )
        };
        let failure = failure(diagnosis, headline, lot, during)
            .got(format!(
                "status {}, {}",
                reply.status,
                clip(&reply.text(), 400)
            ))
            .expected(format!("status 200, {right}"));
        let room = match diagnosis.0 {
            "gives-up-early" => self.deadline / 8,
            // A part that is missing may have been too late for a program that stood still.
            _ => self.deadline,
        };
        Err(if diagnosis == expected.misses {
            failure.by_clock(room).into()
        } else {
            failure.into()
        })
    }

    /// The status must be this one.
    pub async fn expect_status(
        &mut self,
        lot: &str,
        status: u16,
        during: &str,
        reply: Result<probe::Reply, NoReply>,
        on_200: Diagnosis,
    ) -> CheckResult {
        let reply = self.reply(lot, during, reply, self.deadline).await?;
        if reply.status == status {
            return Ok(());
        }
        let diagnosis = match reply.status {
            200 => on_200,
            _ => Diagnosis("wrong-status"),
        };
        Err(failure(diagnosis, "The status is wrong.", lot, during)
            .got(format!(
                "status {}, {}",
                reply.status,
                clip(&reply.text(), 200)
            ))
            .expected(format!("status {status}"))
            .into())
    }

    /// A failure if a call still goes on though its page has been answered.
    pub async fn calls_have_ended(&self, lot: &str) -> CheckResult {
        /// What the statement allows, and how much longer we listen.
        const GRACE: Duration = Duration::from_secs(1);
        let idle = || self.services.iter().all(|service| service.in_flight() == 0);
        if wait_until(GRACE, idle).await {
            return Ok(());
        }
        let ended = wait_until(PATIENCE, idle).await;
        let headline = "The page was answered, and a call for it goes on.";
        Err(failure(Diagnosis("piles-up-calls"), headline, lot, "")
            .got(if ended {
                "it ended later"
            } else {
                "it is still open"
            })
            .expected("no call outlives its request: its connection is closed")
            .by_clock(if ended { GRACE } else { PATIENCE })
            .into())
    }
}

/// What a service is asked about a lot, decoded.
fn path(service: usize, lot: &str) -> String {
    match service {
        AUCTIONS => format!("/lots/{lot}"),
        BIDS => format!("/lots/{lot}/bids"),
        _ => format!("/users/{}", seller(lot)),
    }
}

fn decoded(path: &str) -> String {
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

/// The calls that a service gets about this lot. Those to the users are told apart by the seller only,
/// so they are struck whatever the lot is.
pub fn about(service: usize, lot: &str) -> When {
    match service {
        USERS => When::Always,
        _ => When::Path(path(service, lot)),
    }
}

/// A lot that was not asked for before.
pub fn lot(rng: &mut Rng) -> String {
    format!("{:06x}", rng.random_range(0..0x0100_0000))
}

/// A failure about this lot, with what became of its calls.
pub fn failure(diagnosis: Diagnosis, headline: &str, lot: &str, during: &str) -> Failure {
    let sent = match during {
        "" => format!("GET /lots/{lot}"),
        during => format!("GET /lots/{lot}, while {during}"),
    };
    Failure::new(diagnosis, headline)
        .sent(sent)
        .in_order(&[lot, seller(lot)])
}
