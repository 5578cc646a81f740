//! The learner's program with three shards behind it, asked as a client would ask.

use super::corpus::{Corpus, SHARDS, Shape, Shard};
use super::judge::{self, Expected};
use crate::harness::context::{CheckContext, Rng};
use crate::harness::http_program::HttpProgram;
use crate::harness::probe::{NoReply, Reply};
use crate::harness::upstream::{Call, Upstream};
use crate::harness::verdict::{CheckOutcome, CheckResult, Diagnosis, Failure};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rand::RngExt;
use std::sync::Arc;
use std::time::Duration;

/// What the statement allows on top of the deadline.
pub const SLACK: Duration = Duration::from_millis(500);
/// How much longer we listen, to tell "late" from "never".
const NEVER: Duration = Duration::from_millis(1500);

/// Everything but unreserved characters (RFC 3986, section 2.3); a blank becomes `%20`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const WORDS: [&str; 12] = [
    "brass", "lamp", "vintage", "watch", "oak", "chair", "signed", "print", "café", "table",
    "glass", "bowl",
];

#[derive(Debug)]
pub struct Search {
    pub shards: Vec<Upstream>,
    pub deadline: Duration,
    pub corpus: Arc<Corpus>,
    pub program: HttpProgram,
}

impl Search {
    /// Starts shards and program, with a deadline that the seed chooses, so that a program that does
    /// not read it is found out.
    pub async fn begin(context: &CheckContext, shape: Shape) -> Result<Self, CheckOutcome> {
        let deadline = Duration::from_millis(context.rng("deadline").random_range(40..=60) * 10);
        Self::begin_with(context, shape, deadline).await
    }

    pub async fn begin_with(
        context: &CheckContext,
        shape: Shape,
        deadline: Duration,
    ) -> Result<Self, CheckOutcome> {
        let corpus = Arc::new(Corpus {
            seed: context.rng("corpus").random(),
            shape,
        });
        let mut shards = Vec::with_capacity(SHARDS);
        for nr in 0..SHARDS {
            let service = Shard {
                corpus: Arc::clone(&corpus),
                nr,
            };
            shards.push(
                context
                    .upstream(&format!("shard {}", nr + 1), service)
                    .await?,
            );
        }
        let urls: Vec<&str> = shards.iter().map(Upstream::url).collect();
        let env = [
            ("SHARDS", urls.join(",")),
            ("DEADLINE_MS", deadline.as_millis().to_string()),
        ];
        let program = context.start_http(&env, "/healthz").await?;
        Ok(Self {
            shards,
            deadline,
            corpus,
            program,
        })
    }

    /// By when an answer must be there, from the request on.
    pub fn bound(&self) -> Duration {
        self.deadline + SLACK
    }

    /// The request line for a query.
    pub fn line(query: &str) -> String {
        format!("/search?q={}", utf8_percent_encode(query, RESERVED))
    }

    /// Asks, and waits clearly longer than the deadline.
    pub async fn ask(&self, query: &str) -> Result<Reply, NoReply> {
        self.program
            .get(&Self::line(query), self.bound() + NEVER)
            .await
    }

    /// Asks, and judges the answer.
    pub async fn expect(&mut self, expected: &Expected<'_>) -> CheckResult {
        let reply = self.ask(expected.query).await;
        self.judge(expected, reply).await
    }

    /// Judges an answer, or its absence.
    pub async fn judge(
        &mut self,
        expected: &Expected<'_>,
        reply: Result<Reply, NoReply>,
    ) -> CheckResult {
        let sent = format!("GET {}", Self::line(expected.query));
        let judged = match reply {
            Ok(reply) => judge::judge(self, expected, &reply),
            Err(NoReply::TimedOut) if self.program.program.ended().is_none() => {
                Err(self.never(expected.diagnoses.never).into())
            }
            Err(no_reply) => Err(self.program.explain(&sent, no_reply).await.into()),
        };
        judged.map_err(|failure| {
            let mut failure = failure.in_order(&[expected.query, &Self::line(expected.query)]);
            failure.sent = match expected.during.as_str() {
                "" => sent,
                during => format!("{sent}, while {during}"),
            };
            failure.into()
        })
    }

    fn never(&self, diagnosis: Diagnosis) -> Failure {
        Failure::new(
            diagnosis,
            "The answer never came, because the program waits for every shard.",
        )
        .got(format!(
            "nothing within {} ms",
            (self.bound() + NEVER).as_millis()
        ))
        .expected(self.in_time())
        .by_clock(SLACK + NEVER)
    }

    /// The answer came, too late.
    pub fn late(&self, diagnosis: Diagnosis, took: Duration) -> Failure {
        Failure::new(diagnosis, "The answer came after the deadline.")
            .got(format!("an answer after {} ms", took.as_millis()))
            .expected(self.in_time())
            .by_clock(SLACK)
    }

    fn in_time(&self) -> String {
        format!(
            "an answer from what was there at DEADLINE_MS={} (we allow {} ms on top)",
            self.deadline.as_millis(),
            SLACK.as_millis(),
        )
    }

    /// Ends the program as a deployment would.
    pub async fn stop(self) -> CheckResult {
        self.program.stop().await
    }
}

/// The calls to this shard for this query.
pub fn calls(shard: &Upstream, query: &str) -> Vec<Call> {
    let mut calls = shard.calls();
    calls.retain(|call| call.request.query("q").is_some_and(|asked| asked == query));
    calls
}

/// A query of two words and a number.
pub fn query(rng: &mut Rng) -> String {
    let (first, second) = (
        rng.random_range(0..WORDS.len()),
        rng.random_range(0..WORDS.len()),
    );
    format!(
        "{} {} {}",
        WORDS[first],
        WORDS[second],
        rng.random_range(1..1000)
    )
}

/// A query that the predicate likes.
pub fn query_where(rng: &mut Rng, likes: impl Fn(&str) -> bool) -> Result<String, CheckOutcome> {
    std::iter::repeat_with(|| query(rng))
        .take(1000)
        .find(|query| likes(query))
        .ok_or_else(|| CheckOutcome::GraderError {
            reason: "no query of a thousand has the hits that are needed".to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_travel_percent_encoded() {
        assert_eq!(
            Search::line("salt & café 9"),
            "/search?q=salt%20%26%20caf%C3%A9%209"
        );
    }
}
