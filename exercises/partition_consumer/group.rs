//! The copies of the learner's program between broker and store.

use super::broker::{Broker, PARTITIONS, Store};
use crate::harness::conduct;
use crate::harness::context::{CheckContext, Rng, wait_until};
use crate::harness::process::Program;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::fault::When;
use crate::harness::verdict::{CheckOutcome, CheckResult, Failure};
use rand::RngExt;
use std::collections::BTreeMap;
use std::time::Duration;

/// What the statement allows on top of each time.
pub const SLACK: Duration = Duration::from_secs(1);
/// For what must happen.
pub const SOON: Duration = Duration::from_secs(6);
/// How often we wait once more for a group that gets on.
const ROUNDS: usize = 4;

/// How the program is set up.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub session: Duration,
    pub heartbeat_ms: u64,
    pub batch_max: usize,
    pub retry_ms: u64,
}

impl Settings {
    pub fn new(rng: &mut Rng) -> Self {
        Self {
            session: Duration::from_secs(3),
            heartbeat_ms: 150,
            batch_max: rng.random_range(4..=9),
            retry_ms: 200,
        }
    }
}

#[derive(Debug)]
pub struct Group {
    pub settings: Settings,
    pub broker: Broker,
    pub broker_server: Upstream,
    pub store_server: Upstream,
    /// By name.
    pub members: BTreeMap<String, Program>,
    made: usize,
}

impl Group {
    pub async fn usual(context: &CheckContext) -> Result<Self, CheckOutcome> {
        Self::begin(context, Settings::new(&mut context.rng("settings"))).await
    }

    pub async fn begin(context: &CheckContext, settings: Settings) -> Result<Self, CheckOutcome> {
        let broker = Broker::new(settings.session);
        let broker_server = context.upstream("BROKER", broker.clone()).await?;
        let store_server = context.upstream("STORE", Store(broker.clone())).await?;
        Ok(Self {
            settings,
            broker,
            broker_server,
            store_server,
            members: BTreeMap::new(),
            made: 0,
        })
    }

    /// So many records for each partition.
    pub fn append(&mut self, each: usize) {
        for _ in 0..each {
            for partition in 0..PARTITIONS {
                self.append_to(partition, "");
            }
        }
    }

    /// A record with this word.
    pub fn append_to(&mut self, partition: usize, word: &str) {
        self.made += 1;
        self.broker
            .append(partition, &format!("b-{}{word}", self.made));
    }

    /// Starts a member, and waits until it has joined.
    pub async fn start(&mut self, context: &CheckContext, member: &str) -> CheckResult {
        let program = context.start(&[
            ("MEMBER", member.to_owned()),
            ("BROKER", self.broker_server.url().to_owned()),
            ("STORE", self.store_server.url().to_owned()),
            ("HEARTBEAT_MS", self.settings.heartbeat_ms.to_string()),
            ("BATCH_MAX", self.settings.batch_max.to_string()),
            ("POLL_MS", "60".to_owned()),
            ("RETRY_MS", self.settings.retry_ms.to_string()),
        ])?;
        self.members.insert(member.to_owned(), program);
        let limit = context.start_limit();
        let joined = || self.broker.joined().contains(member);
        let has_joined = wait_until(limit, joined).await;
        self.live("the start").await?;
        if !has_joined {
            return Err(
                Failure::new("never-joins", "The program does not join the group.")
                    .sent(format!("the start, MEMBER={member}"))
                    .got(format!("no POST BROKER/join within {} s", limit.as_secs()))
                    .expected("a member of the group")
                    .by_clock(limit)
                    .into(),
            );
        }
        if let Some(program) = self.members.get(member) {
            program.has_started();
        }
        Ok(())
    }

    /// Each member lives.
    pub async fn live(&mut self, during: &str) -> CheckResult {
        for program in self.members.values_mut() {
            conduct::lives(program, during).await?;
        }
        Ok(())
    }

    /// All members know the present generation.
    pub async fn settles(&mut self, during: &str) -> CheckResult {
        self.settles_to(self.members.len(), during).await
    }

    /// So many members, with those of the grader.
    pub async fn settles_to(&mut self, all: usize, during: &str) -> CheckResult {
        if wait_until(SOON, || self.broker.joined().len() == all).await {
            return Ok(());
        }
        self.live(during).await?;
        Err(Failure::new(
            "ignores-rebalance",
            "A member does not join the new generation.",
        )
        .sent(format!("{all} members, {during}"))
        .got(format!(
            "in generation {}: {:?}",
            self.broker.generation(),
            self.broker.joined()
        ))
        .expected("every member joins again")
        .by_clock(SOON)
        .into())
    }

    /// Everything is done and committed, and nothing was wrong on the way. `wrong` is what it means if
    /// something is missing.
    pub async fn finishes(&mut self, during: &str, wrong: &'static str) -> CheckResult {
        let done = || {
            let effects = self.broker.effects().len();
            (effects, self.broker.committed())
        };
        // For as long as the group gets on.
        for _ in 0..ROUNDS {
            let before = done();
            let ends = || self.broker.is_done() || self.broker.wrong().is_some();
            if wait_until(SOON, ends).await || done() == before {
                break;
            }
        }
        self.live(during).await?;
        self.is_right(during)?;
        if self.broker.is_done() {
            return Ok(());
        }
        let committed = self.broker.committed();
        let effects = self.broker.effects().len();
        let all_done = effects + self.broker.dead().len() >= self.made;
        let diagnosis = if all_done { "never-commits" } else { wrong };
        Err(
            Failure::new(diagnosis, "Not every record is done and committed.")
                .sent(format!("{} records, {during}", self.made))
                .got(format!("{effects} effects, committed up to {committed:?}"))
                .expected("each record in the store, and its offset committed")
                .by_clock(SOON)
                .into(),
        )
    }

    /// Nothing was wrong with any call so far.
    pub fn is_right(&self, during: &str) -> CheckResult {
        let Some((diagnosis, told)) = self.broker.wrong() else {
            return Ok(());
        };
        let headline = match diagnosis {
            "commits-first" => "An offset was committed before its record was done.",
            "wrong-order" => "A record was done before one that stands before it.",
            "stale-generation" => "A call carries a generation that is not right.",
            _ => "The store was told something that is not in the log.",
        };
        Err(Failure::new(diagnosis, headline)
            .sent(during)
            .got(told)
            .expected("each record of a partition after the other, then its commit")
            .in_order(&[])
            .into())
    }

    /// How many effects there were beyond one for each record.
    pub fn repeated(&self) -> usize {
        let effects = self.broker.effects();
        let mut counts: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for effect in &effects {
            *counts.entry((effect.partition, effect.offset)).or_default() += 1;
        }
        effects.len() - counts.len()
    }

    /// A failure; on a busy machine a session may have run out that should not have.
    pub fn failure(&self, diagnosis: &'static str, headline: &str, during: &str) -> Failure {
        let effects = self.broker.effects().len();
        let (repeated, generation) = (self.repeated(), self.broker.generation());
        Failure::new(diagnosis, headline)
            .sent(during)
            .got(format!(
                "{effects} effects, {repeated} of them repetitions; generation {generation}"
            ))
            .by_clock(self.settings.session)
    }
}

/// The calls to the store about this partition.
pub fn of(partition: usize) -> When {
    When::Under(format!("/{partition}/"))
}
