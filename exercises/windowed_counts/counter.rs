//! The learner's program between the log and the sink.

use super::stream::{Event, Log, Sink, due};
use crate::harness::conduct;
use crate::harness::context::{CheckContext, Rng, wait_until};
use crate::harness::process::Program;
use crate::harness::upstream::Upstream;
use crate::harness::verdict::{CheckOutcome, CheckResult, Failure};
use rand::RngExt;
use std::path::PathBuf;
use std::time::Duration;

/// What the statement allows on top of each time.
pub const SLACK: Duration = Duration::from_secs(1);
/// For what must happen.
pub const SOON: Duration = Duration::from_secs(5);
/// How often we wait once more for a program that gets on.
const ROUNDS: usize = 4;

/// How the program is set up.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub window_ms: u64,
    pub lateness_ms: u64,
    pub batch_max: usize,
    pub poll_ms: u64,
    pub retry_ms: u64,
}

impl Settings {
    pub fn new(rng: &mut Rng) -> Self {
        Self {
            window_ms: [1000, 60_000, 7500][rng.random_range(0..3)],
            lateness_ms: [500, 45_000, 9000][rng.random_range(0..3)],
            batch_max: rng.random_range(7..=20),
            poll_ms: 50,
            retry_ms: 200,
        }
    }
}

#[derive(Debug)]
pub struct Counter {
    pub settings: Settings,
    pub log: Log,
    pub sink: Sink,
    pub source_server: Upstream,
    pub sink_server: Upstream,
    pub program: Program,
    state: PathBuf,
    /// Of events that were made so far.
    made: usize,
}

impl Counter {
    pub async fn begin(context: &CheckContext, settings: Settings) -> Result<Self, CheckOutcome> {
        let (log, sink) = (Log::default(), Sink::default());
        let source_server = context.upstream("SOURCE", log.clone()).await?;
        let sink_server = context.upstream("SINK", sink.clone()).await?;
        let state = context.folder("state-")?;
        let program = context.start(&env(&settings, &source_server, &sink_server, &state))?;
        let mut counter = Self {
            settings,
            log,
            sink,
            source_server,
            sink_server,
            program,
            state,
            made: 0,
        };
        counter.asks(context, "the start").await?;
        Ok(counter)
    }

    /// Starts the program again, after a crash.
    pub async fn restart(&mut self, context: &CheckContext) -> CheckResult {
        let env = env(
            &self.settings,
            &self.source_server,
            &self.sink_server,
            &self.state,
        );
        self.program = context.start(&env)?;
        self.asks(context, "the start after SIGKILL").await
    }

    async fn asks(&mut self, context: &CheckContext, during: &str) -> CheckResult {
        let before = self.source_server.calls().len();
        let limit = context.start_limit();
        let asked = self
            .source_server
            .wait_until(limit, |server| server.calls().len() > before);
        if asked.await {
            self.program.has_started();
            return Ok(());
        }
        conduct::lives(&mut self.program, during).await?;
        Err(
            Failure::new("never-asks", "The program does not ask for events.")
                .sent(during)
                .got(format!("no call to SOURCE within {} s", limit.as_secs()))
                .expected("GET SOURCE/events?from=...&max=...")
                .by_clock(limit)
                .into(),
        )
    }

    /// An event of this key that did not happen before.
    pub fn event(&mut self, key: &str, at_ms: u64) -> Event {
        self.made += 1;
        Event {
            id: format!("e-{}", self.made),
            key: key.to_owned(),
            at_ms,
        }
    }

    /// So many events from this time on, a few milliseconds apart, of three keys.
    pub fn some(&mut self, rng: &mut Rng, count: usize, from_ms: u64) -> Vec<Event> {
        let step = self.settings.window_ms / 4;
        let mut at_ms = from_ms;
        (0..count)
            .map(|_| {
                at_ms += rng.random_range(0..=step);
                let key = format!("lot-{}", rng.random_range(0..3));
                self.event(&key, at_ms)
            })
            .collect()
    }

    /// The sink has what is due of the log, no more and nothing else. `wrong` is what a wrong count means.
    pub async fn settles(&mut self, during: &str, wrong: &'static str) -> CheckResult {
        let events = self.log.events();
        let due = due(&events, self.settings.window_ms, self.settings.lateness_ms);
        let is_right = || self.has_read_all() && self.sink.results() == due;
        self.works_until(is_right).await;
        // Time for one result too many.
        tokio::time::sleep(Duration::from_millis(100)).await;
        conduct::lives(&mut self.program, during).await?;
        let Settings {
            window_ms,
            lateness_ms,
            ..
        } = self.settings;
        let fails = |diagnosis: &'static str, headline: &str, got: String, expected: String| {
            let sent = format!(
                "{} events, {during}; WINDOW_MS={window_ms}, LATENESS_MS={lateness_ms}",
                events.len()
            );
            Failure::new(diagnosis, headline)
                .sent(sent)
                .got(got)
                .expected(expected)
        };
        if let Some(from) = self.log.made_up() {
            let headline = "The log was asked for a position that no answer had told.";
            let (got, expected) = (format!("from={from}"), "`next` of an answer".to_owned());
            return Err(fails("made-up-position", headline, got, expected).into());
        }
        if let Some(changed) = self.sink.changed() {
            let headline = "A window got two results.";
            let expected = "one result for each window, when it is closed".to_owned();
            // Whoever counts anew after a crash says another number than before it.
            let known = wrong == "loses-state";
            let diagnosis = if known { wrong } else { "changes-result" };
            return Err(fails(diagnosis, headline, changed, expected).into());
        }
        let said = self.sink.results();
        let counted = said.windows.values().sum::<u64>();
        let got = format!(
            "{} windows with {counted} events, {} late events",
            said.windows.len(),
            said.late.len()
        );
        if let Some(id) = said.late.difference(&due.late).next() {
            let headline = "An event was told as late that is not.";
            let expected = format!("{id} counted: its window was open");
            return Err(fails("closes-too-early", headline, got, expected).into());
        }
        for (window, count) in &said.windows {
            let expected = match due.windows.get(window) {
                Some(due) if due == count => continue,
                Some(due) => format!("{window} has {due}"),
                None => format!("no result for {window}: it is not closed, or has no events"),
            };
            let got = format!("{window} has {count}");
            return Err(fails(wrong, "A result is not the one that is due.", got, expected).into());
        }
        if let Some((window, count)) = due
            .windows
            .iter()
            .find(|(window, _)| !said.windows.contains_key(*window))
        {
            let headline = "A window that is closed has no result.";
            let known = ["closes-too-late", "loses-state"].contains(&wrong);
            let diagnosis = if known { wrong } else { "lost-result" };
            let expected = format!("{window} has {count}");
            return Err(fails(diagnosis, headline, got, expected)
                .by_clock(SOON)
                .into());
        }
        if let Some(id) = due.late.difference(&said.late).next() {
            let headline = "A late event was not told.";
            let expected = format!("PUT SINK/late/{id}");
            let known = wrong == "loses-state";
            let diagnosis = if known { wrong } else { "loses-late" };
            return Err(fails(diagnosis, headline, got, expected)
                .by_clock(SOON)
                .into());
        }
        if !self.has_read_all() {
            let headline = "The log is not read to its end.";
            let expected = "a call with `next` of the answer with the last event".to_owned();
            return Err(fails("never-asks", headline, got, expected)
                .by_clock(SOON)
                .into());
        }
        Ok(())
    }

    /// Waits until it holds, for as long as the program gets on with the log.
    async fn works_until(&self, holds: impl Fn() -> bool) {
        let done = || {
            let read = self.asked_from(0).into_iter().max();
            (read, self.sink_server.calls().len())
        };
        for _ in 0..ROUNDS {
            let before = done();
            if wait_until(SOON, &holds).await || done() == before {
                return;
            }
        }
    }

    /// What comes after the last event was asked for, so all before it have been read.
    fn has_read_all(&self) -> bool {
        self.asked_from(0).contains(&self.log.events().len())
    }

    /// From which event on events were asked for, since the first `seen` calls.
    pub fn asked_from(&self, seen: usize) -> Vec<usize> {
        let calls = self.source_server.calls();
        let froms = calls
            .iter()
            .skip(seen)
            .filter_map(|call| call.request.query("from")?.parse().ok());
        froms.map(|from| self.log.before(from)).collect()
    }
}

fn env(
    settings: &Settings,
    source: &Upstream,
    sink: &Upstream,
    state: &std::path::Path,
) -> [(&'static str, String); 8] {
    [
        ("SOURCE", source.url().to_owned()),
        ("SINK", sink.url().to_owned()),
        ("STATE_DIR", state.display().to_string()),
        ("WINDOW_MS", settings.window_ms.to_string()),
        ("LATENESS_MS", settings.lateness_ms.to_string()),
        ("BATCH_MAX", settings.batch_max.to_string()),
        ("POLL_MS", settings.poll_ms.to_string()),
        ("RETRY_MS", settings.retry_ms.to_string()),
    ]
}

/// A moment at which a window begins, in the past.
pub fn epoch(rng: &mut Rng, settings: &Settings) -> u64 {
    settings.window_ms * rng.random_range(20_000_000..21_000_000)
}
