//! What a check gets to work with: a fresh folder, a seeded generator, the learner's program to
//! start as often as it likes, and upstream servers that obey. Dropping the context ends all of it.

use super::http_program::HttpProgram;
use super::journal::{Journal, Kind, Moment};
use super::process::output::{OutputSink, Stream};
use super::process::{Launch, Program, port};
use super::upstream::{Service, Upstream};
use super::verdict::CheckOutcome;
use super::witness::Witness;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::Instant;

/// The generator of every schedule. Named, because `StdRng` promises no stability and a seed in a
/// report must mean the same schedule next year.
pub type Rng = Xoshiro256PlusPlus;

/// Waits until it holds, at most `limit`; says whether it came true.
pub async fn wait_until(limit: Duration, holds: impl Fn() -> bool) -> bool {
    let until = Instant::now() + limit;
    while !holds() {
        if Instant::now() >= until {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    true
}

/// What one check works with.
#[derive(Debug)]
pub struct CheckContext {
    check: &'static str,
    seed: u64,
    /// The learner's program, without the variables that a check sets.
    program: Launch,
    output: OutputSink,
    scratch: TempDir,
    journal: Journal,
}

impl CheckContext {
    /// For the check of this name.
    pub(super) fn new(
        check: &'static str,
        seed: u64,
        program: Launch,
        output: OutputSink,
    ) -> Result<Self, CheckOutcome> {
        let scratch = tempfile::Builder::new()
            .prefix("ddlab-")
            .tempdir()
            .map_err(|e| CheckOutcome::grader_error("could not make a temporary folder", e))?;
        let journal = program.journal.clone();
        Ok(Self {
            check,
            seed,
            program,
            output,
            scratch,
            journal,
        })
    }

    /// A generator that depends on the seed, the check and `purpose` alone, so that one more draw
    /// in one place changes nothing elsewhere, and `--check` replays what a whole run did.
    pub fn rng(&self, purpose: &str) -> Rng {
        // FNV-1a: stable by definition, unlike the hasher of the standard library.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in self.check.bytes().chain([0]).chain(purpose.bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Rng::seed_from_u64(self.seed ^ hash)
    }

    /// An empty folder that is removed with the context.
    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    /// A new, empty folder in it.
    pub fn folder(&self, name: &str) -> Result<PathBuf, CheckOutcome> {
        let mut folder = tempfile::Builder::new();
        let folder = folder.prefix(name).tempdir_in(self.scratch());
        let folder =
            folder.map_err(|e| CheckOutcome::grader_error("could not make a folder", e))?;
        Ok(folder.keep())
    }

    /// Since the check began: the clock of the upstream servers' records.
    pub fn now(&self) -> Duration {
        self.journal.now()
    }

    /// Something that must happen in this check, or the check proves nothing: `what` completes
    /// "this never happened: …". Injected faults have theirs already.
    pub fn witness(&self, what: &str) -> Witness {
        self.journal.witnesses().call(what)
    }

    /// What the witnesses that heard nothing say.
    pub(super) fn unheard(&self) -> Vec<String> {
        self.journal.witnesses().unheard()
    }

    /// What a check does to the world around the program, for the timeline of its failures; servers and
    /// programs write down by themselves what is done to them.
    pub fn note(&self, what: impl Into<String>) {
        self.journal.note(Kind::Fault, what);
    }

    /// See [`Journal::timeline`].
    pub(super) fn timeline(&self, about: &[String]) -> Vec<Moment> {
        self.journal.timeline(about)
    }

    /// Starts an upstream server; `name` is what reports call it.
    pub async fn upstream(
        &self,
        name: &str,
        service: impl Service,
    ) -> Result<Upstream, CheckOutcome> {
        Upstream::start(name, service, self.journal.clone())
            .await
            .map_err(|e| CheckOutcome::grader_error("could not start an upstream server", e))
    }

    /// Starts the learner's program with these variables beside the inherited ones, and does not
    /// wait for anything: for programs that serve nothing.
    pub fn start(&self, env: &[(&str, String)]) -> Result<Program, CheckOutcome> {
        let mut launch = self.program.clone();
        let env = env.iter();
        launch
            .env
            .extend(env.map(|(name, value)| ((*name).to_owned(), value.clone())));
        Program::start(&launch, &self.output)
            .map_err(|e| CheckOutcome::grader_error("could not start a shell for the program", e))
    }

    /// Starts another program than the learner's, a server of the real world. It gets no patience when it
    /// is dropped.
    pub fn start_other(&self, command: &str) -> Result<Program, CheckOutcome> {
        let launch = Launch {
            command: command.to_owned(),
            dir: self.scratch().to_owned(),
            ..self.program.clone()
        };
        Program::start(&launch, &OutputSink::default())
            .map_err(|e| CheckOutcome::grader_error("could not start a shell for a server", e))
    }

    /// Tells whoever watches what this machine lacks, and what is not tried for that.
    pub fn tell(&self, line: &str) {
        self.output.emit(Stream::Grader, line.to_owned());
    }

    /// How long a program may take from its start to its first sign of life.
    pub fn start_limit(&self) -> Duration {
        Duration::from_secs(self.program.limits.start_s)
    }

    /// Starts the learner's program with `PORT` and these variables, and waits until `GET path`
    /// is answered with 200.
    pub async fn start_http(
        &self,
        env: &[(&str, String)],
        path: &str,
    ) -> Result<HttpProgram, CheckOutcome> {
        let port = port::free()
            .map_err(|e| CheckOutcome::grader_error("could not find a free port", e))?;
        let mut env = env.to_vec();
        env.push(("PORT", port.to_string()));
        let program = self.start(&env)?;
        Ok(HttpProgram::ready(program, port, path, self.start_limit()).await?)
    }
}
