//! Other people's programs: started in a process group of their own, watched, limited, and gone
//! without a trace when the check is over, however they resist.
//!
//! - [`Launch`] says what to run; [`Program`] is it running.
//! - [`output`]: what it prints, head and tail.
//! - [`family`]: every process that came of it, also those that left its group.
//! - [`limits`]: what it may use.
//! - [`port`]: free ports. [`ready`]: waiting until it serves.
//!
//! A program is stopped with SIGTERM to its group, two seconds of patience, and SIGKILL to the
//! group and to every descendant. Dropping a [`Program`] skips the patience: so a cancelled grade,
//! a panic and ctrl-C leave nothing behind; and a `watchdog` sees to it when ddlab itself is killed.

pub mod family;
pub mod limits;
pub mod output;
pub mod port;
pub mod ready;
mod watchdog;

use super::journal::{Journal, Kind};
use family::Family;
use limits::Over;
pub use limits::{CpuWait, Limits};
use nix::sys::signal::Signal;
use output::{OutputSink, Stream, Transcript};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::process::Command;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long a program may take to stop after SIGTERM.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// Every process of a grade carries this variable; its value is unique to one [`Program`], so that
/// a daemon that left the group and lost its parent is still found.
const MARKER: &str = "DDLAB_FAMILY";

/// What to run.
#[derive(Debug, Clone)]
pub struct Launch {
    /// A shell command.
    pub command: String,
    pub dir: PathBuf,
    pub env: Vec<(String, String)>,
    pub limits: Limits,
    /// Raised while it runs.
    pub cpu_wait: CpuWait,
    /// Where it is written down what happens to it.
    pub journal: Journal,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended(pub ExitStatus);

impl Ended {
    /// `exited with status 3`, `was killed by signal 9 (SIGKILL)`.
    pub fn in_words(self) -> String {
        use std::os::unix::process::ExitStatusExt;
        if let Some(code) = self.0.code() {
            return format!("exited with status {code}");
        }
        match self.0.signal() {
            Some(nr) => {
                let name = Signal::try_from(nr).map_or("unknown", Signal::as_str);
                format!("was killed by signal {nr} ({name})")
            }
            None => "ended in an unknown way".to_owned(),
        }
    }
}

/// How a program went when it was told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    pub took: Duration,
    pub how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// After SIGTERM, with all of its processes.
    Asked,
    /// It ended, but left this many processes that had to be killed.
    LeftBehind(usize),
    /// It ignored SIGTERM and had to be killed.
    Killed,
}

/// A running program with everything that it starts.
#[derive(Debug)]
pub struct Program {
    family: Arc<Mutex<Family>>,
    transcript: Arc<Mutex<Transcript>>,
    ended: watch::Receiver<Option<Ended>>,
    over: Arc<Mutex<Option<Over>>>,
    readers: Vec<tokio::task::JoinHandle<()>>,
    sampler: tokio::task::JoinHandle<()>,
    started: Instant,
    cpu_wait: CpuWait,
    /// For how long it had waited for a processor when its start was over.
    waited_at_start: Arc<OnceLock<Duration>>,
    journal: Journal,
    /// Among the processes of its check, from 1.
    nr: usize,
    /// Its check has no more use for it.
    dropped: Arc<AtomicBool>,
    /// Nothing of it is left, and its numbers may belong to others by now.
    gone: bool,
}

impl Program {
    /// Starts it. Whether it lives and serves is another question: [`Self::wait_for_http`].
    pub fn start(launch: &Launch, output: &OutputSink) -> std::io::Result<Self> {
        let marker = format!("{}-{:016x}", std::process::id(), fresh());
        watchdog::ensure()?;
        let mut command = command(launch, &marker);
        let mut child = family::start_leader(|| command.spawn(), tokio::process::Child::id)?;
        let pid = child
            .id()
            .ok_or_else(|| std::io::Error::other("it ended before it began"))?;
        let family = Arc::new(Mutex::new(Family::of(
            pid,
            &format!("{MARKER}={marker}"),
            &launch.dir,
        )));
        let transcript = Arc::new(Mutex::new(Transcript::default()));
        let mut readers = Vec::new();
        if let Some(pipe) = child.stdout.take() {
            readers.push(output::follow(pipe, Stream::Stdout, &transcript, output));
        }
        if let Some(pipe) = child.stderr.take() {
            readers.push(output::follow(pipe, Stream::Stderr, &transcript, output));
        }
        let (ended_sender, ended) = watch::channel(None);
        // This task owns the child: it reaps it, and should the runtime go down it kills it.
        let (journal, nr) = (launch.journal.clone(), launch.journal.next_process());
        let dropped = Arc::<AtomicBool>::default();
        let was_dropped = Arc::clone(&dropped);
        tokio::spawn(async move {
            if let Ok(status) = child.wait().await {
                let ended = Ended(status);
                // What the end of its check does to it is not part of the story.
                if !was_dropped.load(Ordering::Relaxed) {
                    let what = format!("process {nr} {}", ended.in_words());
                    journal.note(Kind::Process, what);
                }
                ended_sender.send_replace(Some(ended));
            }
        });
        let over = Arc::default();
        let (cpu_wait, waited_at_start) = (launch.cpu_wait.clone(), Arc::default());
        let sampler = limits::sample(launch.limits, &family, &over, &cpu_wait, &waited_at_start);
        let program = Self {
            family,
            transcript,
            ended,
            over,
            readers,
            sampler,
            started: Instant::now(),
            cpu_wait,
            waited_at_start,
            journal: launch.journal.clone(),
            nr,
            dropped,
            gone: false,
        };
        program.note("starts");
        Ok(program)
    }

    /// Where it is written down what happens to it.
    pub(super) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// For the timeline: `what` completes a sentence about this process.
    fn note(&self, what: &str) {
        let what = format!("process {} {what}", self.nr);
        self.journal.note(Kind::Process, what);
    }

    /// To be called when it has shown that it works: how long it waited for a processor until then
    /// makes nothing late that it does from now on.
    pub fn has_started(&self) {
        let mut family = self.family();
        let members = family.look();
        let _ = self.waited_at_start.set(family.cpu_wait(&members));
        self.cpu_wait.start_is_over();
    }

    /// How it ended, if it has.
    pub fn ended(&self) -> Option<Ended> {
        *self.ended.borrow()
    }

    /// Waits until the first process ends, at most `limit`.
    pub async fn wait_ended(&self, limit: Duration) -> Option<Ended> {
        let mut ended = self.ended.clone();
        let wait = ended.wait_for(Option::is_some);
        match tokio::time::timeout(limit, wait).await {
            Ok(Ok(status)) => *status,
            _ => self.ended(),
        }
    }

    /// Which limit it broke, if it did. It has been killed for that.
    pub fn over_limit(&self) -> Option<Over> {
        *self.over.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Since its start.
    pub fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// A copy of what it printed so far. After its end, waits a moment for its last words.
    pub async fn transcript(&mut self) -> Transcript {
        if self.ended().is_some() {
            // A descendant may hold the pipe open, so the end of the stream is not certain to come.
            let drained =
                futures::future::join_all(self.readers.iter_mut().filter(|r| !r.is_finished()));
            let _ = tokio::time::timeout(Duration::from_millis(200), drained).await;
        }
        self.transcript
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Freezes every process of its group, as a long garbage collection or a live migration would.
    pub fn pause(&self) {
        self.note("is stopped (SIGSTOP)");
        self.family().signal_group(Signal::SIGSTOP);
    }

    /// Ends a pause.
    pub fn resume(&self) {
        self.note("goes on (SIGCONT)");
        self.family().signal_group(Signal::SIGCONT);
    }

    /// Crashes it: SIGKILL, no warning. It is gone when this returns.
    pub async fn kill(&mut self) {
        self.kill_all();
        self.wait_gone().await;
    }

    /// Asks it to stop, and does not wait: for programs that may take their time. A second call is a
    /// second signal.
    pub fn terminate(&self) {
        self.note("is asked to stop (SIGTERM)");
        self.family().signal_group(Signal::SIGTERM);
    }

    /// Asks it to stop, waits, and makes it.
    pub async fn stop(&mut self) -> Stopped {
        let begun = Instant::now();
        self.note("is asked to stop (SIGTERM)");
        self.family().signal_group(Signal::SIGTERM);
        // A paused process gets the signal only once it runs.
        self.family().signal_group(Signal::SIGCONT);
        let leader = self.wait_ended(PATIENCE).await;
        let mut left = self.family().look().len();
        // Its children go a moment after it does; those that stay longer were left behind.
        let grace = Instant::now() + Duration::from_millis(300);
        while leader.is_some() && left > 0 && Instant::now() < grace {
            tokio::time::sleep(Duration::from_millis(20)).await;
            left = self.family().look().len();
        }
        let took = begun.elapsed();
        let how = match (leader, left) {
            (None, _) => How::Killed,
            (Some(_), 0) => How::Asked,
            (Some(_), left) => How::LeftBehind(left),
        };
        if how != How::Asked {
            self.kill_all();
        }
        self.wait_gone().await;
        Stopped { took, how }
    }

    /// Waits until no process of the family is left.
    async fn wait_gone(&mut self) {
        self.sampler.abort();
        let limit = Instant::now() + PATIENCE;
        while Instant::now() < limit {
            if self.ended().is_some() && self.family().look().is_empty() {
                self.gone = true;
                return;
            }
            // One that was being forked during the last look is caught by the next.
            self.family().signal_each(Signal::SIGKILL);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn kill_all(&self) {
        let mut family = self.family();
        family.signal_group(Signal::SIGKILL);
        family.signal_each(Signal::SIGKILL);
    }

    fn family(&self) -> std::sync::MutexGuard<'_, Family> {
        self.family.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.dropped.store(true, Ordering::Relaxed);
        self.sampler.abort();
        if !self.gone {
            self.kill_all();
            // A second look for what was forked between the first look and its parent's death.
            self.family().signal_each(Signal::SIGKILL);
        }
        for reader in &self.readers {
            reader.abort();
        }
    }
}

fn command(launch: &Launch, marker: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command
        .arg("-c")
        .arg(limits::shell(&launch.command, launch.limits))
        .current_dir(&launch.dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    // A proxy between the program and the loopback would be one fault too many.
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    command
        .envs(launch.env.iter().map(|(name, value)| (name, value)))
        .env(MARKER, marker);
    command
}

/// A number that no other program of this machine has, as far as chance allows.
fn fresh() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish()
}
