//! The learner's program with the log that is written for it.

use super::sink::{Sent, Sink};
use crate::harness::conduct;
use crate::harness::context::{CheckContext, Rng, wait_until};
use crate::harness::process::Program;
use crate::harness::upstream::Upstream;
use crate::harness::verdict::{CheckOutcome, CheckResult, Failure};
use rand::RngExt;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// What the statement allows on top of each time.
pub const SLACK: Duration = Duration::from_secs(1);
/// How much longer we listen.
const PATIENCE: Duration = Duration::from_secs(4);
/// Written more than once, and each time a line of its own.
pub const EQUAL: &str = "health check: ok";
/// How often we listen once more to a program that gets on.
const ROUNDS: usize = 3;

/// How the program is set up; times in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub batch_max: usize,
    pub flush_ms: u64,
    pub sink_ms: u64,
    pub retry_ms: u64,
    pub rotate_ms: u64,
}

impl Settings {
    pub const USUAL: Self = Self {
        batch_max: 20,
        flush_ms: 150,
        sink_ms: 3000,
        retry_ms: 200,
        rotate_ms: 400,
    };
}

#[derive(Debug)]
pub struct Shipper {
    pub settings: Settings,
    pub sink: Sink,
    pub server: Upstream,
    pub log: Log,
    pub program: Program,
    state: PathBuf,
}

impl Shipper {
    /// With what is in the log when the program starts.
    pub async fn begin(
        context: &CheckContext,
        settings: Settings,
        log: Log,
    ) -> Result<Self, CheckOutcome> {
        let sink = Sink::default();
        let server = context.upstream("SINK", sink.clone()).await?;
        let state = context.folder("state-")?;
        let program = context.start(&env(&settings, &server, &log, &state))?;
        let mut shipper = Self {
            settings,
            sink,
            server,
            log,
            program,
            state,
        };
        let limit = context.start_limit();
        let came = shipper
            .server
            .wait_until(limit, |server| !server.calls().is_empty())
            .await;
        conduct::lives(&mut shipper.program, "the start").await?;
        if came || shipper.log.lines.is_empty() {
            shipper.program.has_started();
        }
        Ok(shipper)
    }

    /// Starts the program again, after a crash.
    pub fn restart(&mut self, context: &CheckContext) -> CheckResult {
        let env = env(&self.settings, &self.server, &self.log, &self.state);
        self.program = context.start(&env)?;
        Ok(())
    }

    pub fn flush(&self) -> Duration {
        Duration::from_millis(self.settings.flush_ms)
    }

    /// The store gets every whole line that was written, within this time; nothing is wrong with what it
    /// got. `lost` is what it means if one is missing.
    pub async fn arrives(
        &mut self,
        limit: Duration,
        during: &str,
        lost: &'static str,
    ) -> CheckResult {
        let missing = |shipper: &Self| -> Option<String> {
            let has: BTreeSet<String> = shipper.sink.has().into_iter().collect();
            let lines = shipper.log.lines.iter();
            lines
                .filter(|line| !line.contains("never-"))
                .find(|line| !has.contains(*line))
                .cloned()
        };
        // For as long as it gets on, on a machine that is slow.
        for _ in 0..ROUNDS {
            let before = self.server.calls().len();
            let arrived = wait_until(limit + PATIENCE, || missing(self).is_none()).await;
            if arrived || self.server.calls().len() == before {
                break;
            }
        }
        conduct::lives(&mut self.program, during).await?;
        self.is_right(during)?;
        let Some(line) = missing(self) else {
            return Ok(());
        };
        let sent = self.sink.sent();
        let times = sent.iter().filter(|sent| sent.message == line).count();
        let total = self.log.lines.len();
        Err(Failure::new(lost, "A line has not arrived.")
            .sent(format!("{total} lines, {during}"))
            .got(format!(
                "line {:?} was sent {times} times; {} lines were sent in {} calls",
                ddlab_text::clip(&line, 80),
                sent.len(),
                self.server.calls().len()
            ))
            .expected("each line in the store, kept by it")
            .by_clock(PATIENCE)
            .into())
    }

    /// What was sent so far is well-formed, consists of lines that were written, in their order, and each
    /// has an `_id` of its own.
    pub fn is_right(&self, during: &str) -> CheckResult {
        let fails = |diagnosis: &'static str, headline: &str, got: String, expected: &str| {
            let failure = Failure::new(diagnosis, headline).sent(during);
            Err(failure.got(got).expected(expected).into())
        };
        if let Some(why) = self.sink.unreadable() {
            let expected = "two lines of JSON for each line of the log";
            return fails(
                "wrong-protocol",
                "The store cannot read a call.",
                why,
                expected,
            );
        }
        let lines = self.log.lines.iter().enumerate();
        let places: BTreeMap<&str, usize> = lines.map(|(nr, line)| (line.as_str(), nr)).collect();
        let mut ids: BTreeMap<String, String> = BTreeMap::new();
        let mut id_of: BTreeMap<String, String> = BTreeMap::new();
        let mut next = 0;
        let sent = self.sink.sent();
        for Sent { id, message, .. } in sent.clone() {
            let told = format!("_id {id:?}, {:?}", ddlab_text::clip(&message, 80));
            if message == EQUAL {
                continue;
            }
            let Some(place) = places.get(message.as_str()) else {
                let message = message.trim_end_matches('\u{fffd}');
                let half = |line: &String| {
                    let begun = !message.is_empty() && line.contains(message);
                    begun && line.trim() != message.trim()
                };
                return if self.log.lines.iter().chain([&self.log.begun]).any(half) {
                    let headline = "Half a line was sent as a line.";
                    fails("sends-half-lines", headline, told, "whole lines alone")
                } else {
                    let headline = "A line was sent that nobody has written.";
                    fails(
                        "changes-lines",
                        headline,
                        told,
                        "lines as they were written",
                    )
                };
            };
            // A line that is never sent is missed elsewhere.
            if *place > next && sent.iter().any(|sent| sent.message == self.log.lines[next]) {
                let headline = "A line was sent before one that stands above it.";
                let expected = format!("{:?} first", self.log.lines[next]);
                return fails("wrong-order", headline, told, &expected);
            }
            next = next.max(place + 1);
            if ids
                .insert(id.clone(), message.clone())
                .is_some_and(|other| other != message)
            {
                let headline = "Two lines have the same _id.";
                return fails(
                    "id-not-unique",
                    headline,
                    told,
                    "an _id of its own for each line",
                );
            }
            if id_of
                .insert(message, id.clone())
                .is_some_and(|other| other != id)
            {
                let headline = "A line was sent again under another _id.";
                return fails("id-not-stable", headline, told, "the same _id each time");
            }
        }
        let most = self.most_in_a_call();
        if most > self.settings.batch_max {
            let expected = format!("at most BATCH_MAX={}", self.settings.batch_max);
            let headline = "A call has too many lines.";
            return fails(
                "batch-too-large",
                headline,
                format!("{most} lines"),
                &expected,
            );
        }
        if self.server.peak() > 1 {
            let headline = "Two calls are under way at the same time.";
            let got = format!("{} calls at once", self.server.peak());
            return fails("two-at-a-time", headline, got, "one call at a time");
        }
        Ok(())
    }

    /// Of the first `confirmed` lines that were sent, no more than a call's were sent again.
    pub fn repeats_little(&self, confirmed: usize, during: &str) -> CheckResult {
        let sent = self.sink.sent();
        let (before, since) = sent.split_at(confirmed.min(sent.len()));
        let known: BTreeSet<&str> = before.iter().map(|sent| sent.message.as_str()).collect();
        let again: BTreeSet<&str> = since.iter().map(|sent| sent.message.as_str()).collect();
        let again = again.intersection(&known).count();
        if again <= self.settings.batch_max {
            return Ok(());
        }
        let headline = "Lines that the store had confirmed were sent again.";
        Err(Failure::new("repeats-too-much", headline)
            .sent(during)
            .got(format!(
                "{again} of {} lines that were confirmed before",
                known.len()
            ))
            .expected(format!(
                "at most those of the last call, BATCH_MAX={}",
                self.settings.batch_max
            ))
            .into())
    }

    fn most_in_a_call(&self) -> usize {
        let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
        for sent in self.sink.sent() {
            *counts.entry(sent.call).or_default() += 1;
        }
        counts.into_values().max().unwrap_or(0)
    }
}

fn env(
    settings: &Settings,
    server: &Upstream,
    log: &Log,
    state: &std::path::Path,
) -> [(&'static str, String); 8] {
    [
        ("LOG_DIR", log.dir.display().to_string()),
        ("STATE_DIR", state.display().to_string()),
        ("SINK", server.url().to_owned()),
        ("BATCH_MAX", settings.batch_max.to_string()),
        ("FLUSH_MS", settings.flush_ms.to_string()),
        ("SINK_MS", settings.sink_ms.to_string()),
        ("RETRY_MS", settings.retry_ms.to_string()),
        ("ROTATE_MS", settings.rotate_ms.to_string()),
    ]
}

/// The service's log.
#[derive(Debug)]
pub struct Log {
    dir: PathBuf,
    /// What the service has open.
    file: File,
    rotations: usize,
    /// Whole lines, in the order in which they are to be sent.
    pub lines: Vec<String>,
    /// The line that has no end yet.
    begun: String,
    rng: Rng,
}

impl Log {
    pub fn new(context: &CheckContext) -> Result<Self, CheckOutcome> {
        let dir = context.folder("logs-")?;
        let file = File::options()
            .create(true)
            .append(true)
            .open(dir.join("app.log"));
        let file = file.map_err(|e| CheckOutcome::grader_error("could not write the log", e))?;
        Ok(Self {
            file,
            dir,
            rotations: 0,
            lines: Vec::new(),
            begun: String::new(),
            rng: context.rng("lines"),
        })
    }

    /// So many lines that were not written before.
    pub fn write(&mut self, count: usize) -> CheckResult {
        let mut text = String::new();
        for _ in 0..count {
            let line = self.line("");
            text += &line;
            text.push('\n');
            self.lines.push(line);
        }
        self.append(text.as_bytes())
    }

    /// A line that says the same as others.
    pub fn write_equal(&mut self) -> CheckResult {
        self.append(format!("{EQUAL}\n").as_bytes())
    }

    /// A line with this word at its end.
    pub fn write_with(&mut self, word: &str) -> CheckResult {
        let line = self.line(word);
        self.append(format!("{line}\n").as_bytes())?;
        self.lines.push(line);
        Ok(())
    }

    /// A part of a line, which [`Self::end_line`] ends; it may end in the middle of a character.
    pub fn begin_line(&mut self, line: &str, bytes: usize) -> CheckResult {
        line.clone_into(&mut self.begun);
        self.append(&line.as_bytes()[..bytes])
    }

    /// The rest of the line of which so many bytes are there.
    pub fn end_line(&mut self, bytes: usize) -> CheckResult {
        let line = std::mem::take(&mut self.begun);
        self.append(&line.as_bytes()[bytes..])?;
        self.append(b"\n")?;
        self.lines.push(line);
        Ok(())
    }

    /// Renames the files. The service still writes to the old one, until [`Self::reopen`].
    pub fn rotate(&mut self) -> CheckResult {
        let name = |nr: usize| match nr {
            0 => self.dir.join("app.log"),
            nr => self.dir.join(format!("app.log.{nr}")),
        };
        let rename = || {
            for nr in (0..=self.rotations).rev() {
                fs::rename(name(nr), name(nr + 1))?;
            }
            File::create(name(0)).map(drop)
        };
        rename().map_err(|e| CheckOutcome::grader_error("could not rotate the log", e))?;
        self.rotations += 1;
        Ok(())
    }

    pub fn reopen(&mut self) -> CheckResult {
        let file = File::options().append(true).open(self.dir.join("app.log"));
        self.file = file.map_err(|e| CheckOutcome::grader_error("could not open the log", e))?;
        Ok(())
    }

    fn line(&mut self, word: &str) -> String {
        let nr = self.lines.len();
        let lot = self.rng.random_range(0..0x0100_0000);
        // Of what some call the end of a line, or nothing, there is only one that ends one.
        let odd = ["", "\t", "\u{2028}", "\r", "  "][nr % 5];
        format!("{odd}{nr:05} lot {lot:06x} bid by \"Zoë\"\\{nr} {word}")
    }

    fn append(&mut self, bytes: &[u8]) -> CheckResult {
        self.file
            .write_all(bytes)
            .map_err(|e| CheckOutcome::grader_error("could not write the log", e))
    }
}
