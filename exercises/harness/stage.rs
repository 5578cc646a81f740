//! What a check gets to work with: a fresh folder, a seeded generator, the learner's program to
//! start as often as it likes, and upstream servers that obey. Dropping the stage ends all of it.

use super::exercise::Limits;
use super::fault::Witness;
use super::observe::Observer;
use super::probe::{self, NoReply, Reply};
use super::process::limits::Over;
use super::process::ready::NotReady;
use super::process::{How, Launch, Program, port};
use super::upstream::{Service, Upstream};
use super::verdict::{Diagnosis, Failure, Stop};
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

    /// The limit for a program to begin serving.
    pub fn start_limit(&self) -> Duration {
        Duration::from_secs(self.limits.start_s)
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
        let mut program = self.start(&env)?;
        let sent = format!("the start, PORT={port}, then GET {path}");
        match program.wait_for_http(port, path, self.start_limit()).await {
            Ok(()) => Ok(HttpProgram { program, port }),
            Err(not_ready) => Err(self
                .explain_start(program, not_ready, sent, port)
                .await
                .into()),
        }
    }

    async fn explain_start(
        &self,
        mut program: Program,
        not_ready: NotReady,
        sent: String,
        port: u16,
    ) -> Failure {
        let limit = self.limits.start_s;
        let over = program.over_limit();
        let mut failure = match (over, not_ready) {
            (Some(over), _) => over_limit(over),
            (None, NotReady::Exited(ended)) => Failure::new(
                Diagnosis("exited-before-listening"),
                format!(
                    "The program {} before it listened on $PORT.",
                    ended.in_words()
                ),
            )
            .got(format!(
                "it {} after {} ms",
                ended.in_words(),
                program.age().as_millis()
            )),
            (None, NotReady::NotListening { elsewhere }) => Failure::new(
                Diagnosis("not-listening"),
                format!("The program is alive but not listening on $PORT after {limit} s."),
            )
            .got(match elsewhere.as_slice() {
                [] => format!("alive, and no TCP port open; 127.0.0.1:{port} refused"),
                others => format!(
                    "it listens on {}, not on 127.0.0.1:{port}; does it read $PORT?",
                    others
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join(", "),
                ),
            })
            .by_clock(),
            (None, NotReady::NotHealthy(what)) => Failure::new(
                Diagnosis("not-healthy"),
                format!("The program listens, but is not healthy after {limit} s."),
            )
            .got(what)
            .by_clock(),
        };
        failure.sent = sent;
        failure.expected = format!("status 200 within {limit} s of the start");
        failure.why = "nothing else can be checked on a program that does not serve; keep it in \
                       the foreground, on 127.0.0.1:$PORT"
            .to_owned();
        failure.program = program.transcript().await.excerpt(4, 4);
        failure
    }
}

/// The program went over a limit and was killed for it.
fn over_limit(over: Over) -> Failure {
    let mb = |bytes: u64| bytes / (1024 * 1024);
    match over {
        Over::Memory { used, limit } => Failure::new(
            Diagnosis("over-memory"),
            "The program used more memory than the exercise allows, and was stopped.",
        )
        .got(format!("{} MB resident, with its children", mb(used)))
        .expected(format!("at most {} MB", mb(limit))),
        Over::Processes { used, limit } => Failure::new(
            Diagnosis("over-processes"),
            "The program became more processes than the exercise allows, and was stopped.",
        )
        .got(format!("{used} processes"))
        .expected(format!("at most {limit}")),
    }
}

/// A learner's program that serves HTTP on `127.0.0.1:port`.
#[derive(Debug)]
pub struct HttpProgram {
    pub program: Program,
    port: u16,
}

impl HttpProgram {
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `GET path_and_query`, the whole answer within `limit`.
    pub async fn get(&self, path_and_query: &str, limit: Duration) -> Result<Reply, NoReply> {
        probe::get(
            &format!("http://127.0.0.1:{}{path_and_query}", self.port),
            limit,
        )
        .await
    }

    /// Makes a failure of "no answer": if the program is gone, that is the mistake, with its last
    /// words; else how the connection went.
    pub async fn explain(&mut self, sent: &str, no_reply: NoReply) -> Failure {
        // The connection breaks a moment before the exit is known.
        let ended = self.program.wait_ended(Duration::from_millis(200)).await;
        let over = self.program.over_limit();
        let mut failure = match (over, ended, no_reply) {
            (Some(over), ..) => over_limit(over),
            (None, Some(ended), _) => Failure::new(
                Diagnosis("exited-under-way"),
                format!("The program {} while it was being asked.", ended.in_words()),
            )
            .got(format!("{}; it {}", no_reply.in_words(), ended.in_words()))
            .why("one bad answer from a shard must not take the whole service down"),
            (None, None, NoReply::NotHttp) => Failure::new(
                Diagnosis("not-http"),
                "The program answered with something that is not HTTP.",
            ),
            (None, None, NoReply::TimedOut) => Failure::new(
                Diagnosis("no-answer"),
                "The program gave no complete answer in time.",
            )
            .by_clock(),
            (None, None, NoReply::Closed | NoReply::Refused) => Failure::new(
                Diagnosis("closed-without-answer"),
                "The program lives, but dropped the request.",
            )
            .why("a client must get an answer, even if it is an error"),
        };
        failure.sent = sent.to_owned();
        if failure.got.is_empty() {
            failure.got = no_reply.in_words().to_owned();
        }
        if failure.expected.is_empty() {
            "an HTTP answer".clone_into(&mut failure.expected);
        }
        if self.program.ended().is_some() {
            failure.program = self.program.transcript().await.excerpt(4, 5);
        }
        failure
    }

    /// SIGTERM, and a failure if it does not go within the patience, or leaves processes behind.
    pub async fn stop(mut self) -> Result<(), Stop> {
        let stopped = self.program.stop().await;
        let failure = match stopped.how {
            How::Asked => return Ok(()),
            How::LeftBehind(left) => Failure::new(
                Diagnosis("leaves-processes"),
                "The program stopped, but left processes behind.",
            )
            .got(format!(
                "{left} of its processes lived on and had to be killed"
            ))
            .why("each restart would leave another one, holding its memory and its port"),
            How::Killed => Failure::new(
                Diagnosis("ignores-sigterm"),
                "The program did not stop on SIGTERM.",
            )
            .got(format!("still alive after {} ms", stopped.took.as_millis()))
            .why("Kubernetes sends SIGTERM, waits, and kills: what was in flight is lost")
            .by_clock(),
        };
        Err(failure
            .sent("SIGTERM")
            .expected("gone within 2 s, with all of its processes")
            .into())
    }
}
