//! What a check gets to work with: a fresh folder, a seeded generator, the learner's program to
//! start as often as it likes, and upstream servers that obey. Dropping the stage ends all of it.

use super::exercise::Limits;
use super::fault::Witness;
use super::http_program::HttpProgram;
use super::observe::Observer;
use super::process::{Launch, Program, port};
use super::upstream::{Service, Upstream};
use super::verdict::Stop;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::Instant;

/// The generator of every schedule. Named, because `StdRng` promises no stability and a seed in a
/// report must mean the same schedule next year.
pub type Rng = Xoshiro256PlusPlus;

/// One check's world.
#[derive(Debug)]
pub struct Stage {
    check: &'static str,
    seed: u64,
    dir: PathBuf,
    command: String,
    limits: Limits,
    observer: Observer,
    scratch: TempDir,
    epoch: Instant,
    witnesses: Arc<Mutex<Vec<Witness>>>,
}

impl Stage {
    /// Sets the stage for the check of this name.
    pub(super) fn set(
        check: &'static str,
        seed: u64,
        dir: &Path,
        command: &str,
        limits: Limits,
        observer: &Observer,
    ) -> Result<Self, Stop> {
        let scratch = tempfile::Builder::new()
            .prefix("ddlab-")
            .tempdir()
            .map_err(|e| Stop::grader("could not make a temporary folder", e))?;
        Ok(Self {
            check,
            seed,
            dir: dir.to_owned(),
            command: command.to_owned(),
            limits,
            observer: observer.clone(),
            scratch,
            epoch: Instant::now(),
            witnesses: Arc::default(),
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

    /// An empty folder that is removed with the stage.
    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    /// Since the stage was set: the clock of the upstream servers' records.
    pub fn now(&self) -> Duration {
        self.epoch.elapsed()
    }

    /// Something that must happen in this check, or the check proves nothing: `what` completes
    /// "this never happened: …". Injected faults have theirs already.
    pub fn witness(&self, what: &str) -> Witness {
        let witness = Witness::of(what);
        self.witnesses().push(witness.clone());
        witness
    }

    /// The witnesses that heard nothing.
    pub(super) fn unheard(&self) -> Vec<String> {
        let silent = |witness: &&Witness| witness.heard() == 0;
        self.witnesses()
            .iter()
            .filter(silent)
            .map(|w| w.what().to_owned())
            .collect()
    }

    fn witnesses(&self) -> std::sync::MutexGuard<'_, Vec<Witness>> {
        self.witnesses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts an upstream server; `name` is what reports call it.
    pub async fn upstream(&self, name: &str, service: impl Service) -> Result<Upstream, Stop> {
        Upstream::start(name, service, self.epoch, Arc::clone(&self.witnesses)).await
    }

    /// Starts the learner's program with these variables beside the inherited ones, and does not
    /// wait for anything: for programs that serve nothing.
    pub fn start(&self, env: &[(&str, String)]) -> Result<Program, Stop> {
        let launch = Launch {
            command: self.command.clone(),
            dir: self.dir.clone(),
            env: env
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            limits: self.limits,
        };
        Program::start(&launch, &self.observer)
            .map_err(|e| Stop::grader("could not start a shell for the program", e))
    }

    /// Starts the learner's program with `PORT` and these variables, and waits until `GET path`
    /// is answered with 200.
    pub async fn start_http(
        &self,
        env: &[(&str, String)],
        path: &str,
    ) -> Result<HttpProgram, Stop> {
        let port = port::free().map_err(|e| Stop::grader("could not find a free port", e))?;
        let mut env = env.to_vec();
        env.push(("PORT", port.to_string()));
        let program = self.start(&env)?;
        let limit = Duration::from_secs(self.limits.start_s);
        Ok(HttpProgram::ready(program, port, path, limit).await?)
    }
}
