//! What a program may use. CPU time and file size are kernel limits, set by the shell that starts
//! the program: between fork and exec only `unsafe` code could set them from here.
//!
//! Memory is measured instead. A limit on address space would refuse to start whatever reserves
//! more than it touches (the JVM, Go, V8), and the learner chooses the language. The kernel's limit
//! on private data, at a multiple, is the backstop between two looks.

use super::family::Family;
use nix::sys::signal::Signal;
use serde::Deserialize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// How often memory and the number of processes are measured.
const EVERY: Duration = Duration::from_millis(250);
/// Private data may exceed the memory limit by this much: untouched stacks and arenas count there.
const DATA_SLACK: u64 = 8;

/// What the learner's program may use. Every limit is generous for an honest program; they are
/// there for the runaway one. An exercise names those that it wants otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// CPU seconds of each process (`RLIMIT_CPU`).
    pub cpu_s: u32,
    /// Resident memory of the program and all of its descendants together.
    pub memory_mb: u64,
    /// How many processes it may be at once.
    pub processes: usize,
    /// Size of any file that it writes (`RLIMIT_FSIZE`).
    pub file_mb: u64,
    /// Wall time of the build.
    pub build_s: u64,
    /// From start to answering.
    pub start_s: u64,
    /// Wall time of one check.
    pub check_s: u64,
    /// Wall time of all checks together.
    pub wall_s: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cpu_s: 30,
            memory_mb: 512,
            processes: 32,
            file_mb: 64,
            build_s: 180,
            start_s: 5,
            check_s: 45,
            wall_s: 300,
        }
    }
}

/// A limit that a program broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Memory { used: u64, limit: u64 },
    Processes { used: usize, limit: usize },
}

/// The shell command that sets the kernel's limits and the mark of this ddlab, and becomes the program.
pub(super) fn shell(command: &str, limits: Limits) -> String {
    let data_kb = limits.memory_mb * 1024 * DATA_SLACK;
    // POSIX counts the file size in blocks of 512 bytes.
    let blocks = limits.file_mb * 2048;
    // A limit that this system does not know must not keep the program from starting.
    let set = |what: char, value: u64| format!("ulimit -{what} {value} 2>/dev/null");
    let limits = [
        set('c', 0),
        set('t', u64::from(limits.cpu_s)),
        set('d', data_kb),
        set('f', blocks),
        set('m', super::watchdog::mark_kb()),
    ]
    .join("\n");
    // A plain command replaces the shell, so that signals and the exit status are its own.
    let plain = !command.contains([';', '&', '|', '<', '>', '(', ')', '{', '}', '\n', '=']);
    let become_it = if plain { "exec " } else { "" };
    format!("{limits}\n{become_it}{command}")
}

/// How long programs waited for a processor that others had, as far as it was seen. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct CpuWait(Arc<Waits>);

/// In nanoseconds. The longest of several programs counts.
#[derive(Debug, Default)]
struct Waits {
    /// Of a program that is starting now.
    starting: AtomicU64,
    /// Since the start was over.
    working: AtomicU64,
}

impl CpuWait {
    /// Since the program has started; while it is starting, since it began to.
    pub fn get(&self) -> Duration {
        let Waits { starting, working } = &*self.0;
        let nanos = starting
            .load(Ordering::Relaxed)
            .max(working.load(Ordering::Relaxed));
        Duration::from_nanos(nanos)
    }

    /// What a program waited for while it started makes nothing late that it does afterwards.
    pub(super) fn start_is_over(&self) {
        self.0.starting.store(0, Ordering::Relaxed);
    }
}

/// Watches the family and kills it when it goes over a limit; says so in `over`.
pub(super) fn sample(
    limits: Limits,
    family: &Arc<Mutex<Family>>,
    over: &Arc<Mutex<Option<Over>>>,
    cpu_wait: &CpuWait,
    waited_at_start: &Arc<OnceLock<Duration>>,
) -> tokio::task::JoinHandle<()> {
    let (family, over, cpu_wait) = (Arc::clone(family), Arc::clone(over), cpu_wait.clone());
    let waited_at_start = Arc::clone(waited_at_start);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(EVERY).await;
            let mut family = family.lock().unwrap_or_else(PoisonError::into_inner);
            let members = family.look();
            let waited = family.cpu_wait(&members);
            let (slot, waited) = match waited_at_start.get() {
                None => (&cpu_wait.0.starting, waited),
                Some(before) => (&cpu_wait.0.working, waited.saturating_sub(*before)),
            };
            let nanos = u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX);
            slot.fetch_max(nanos, Ordering::Relaxed);
            let memory: u64 = members.iter().map(|member| member.memory).sum();
            let limit = limits.memory_mb * 1024 * 1024;
            let broken = if memory > limit {
                Some(Over::Memory {
                    used: memory,
                    limit,
                })
            } else if members.len() > limits.processes {
                Some(Over::Processes {
                    used: members.len(),
                    limit: limits.processes,
                })
            } else {
                None
            };
            if broken.is_some() {
                *over.lock().unwrap_or_else(PoisonError::into_inner) = broken;
                family.signal_group(Signal::SIGKILL);
                family.signal_each(Signal::SIGKILL);
                return;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        cpu_s: 7,
        memory_mb: 64,
        processes: 4,
        file_mb: 3,
        build_s: 1,
        start_s: 1,
        check_s: 1,
        wall_s: 1,
    };

    #[test]
    fn the_kernel_holds_the_limits_that_the_manifest_states() {
        let command = shell("ulimit -t; ulimit -c; ulimit -f", LIMITS);
        let output = std::process::Command::new("/bin/sh")
            .args(["-c", &command])
            .output();
        let said = output.expect("a shell runs").stdout;
        assert_eq!(String::from_utf8_lossy(&said), "7\n0\n6144\n");
    }

    #[test]
    fn a_plain_command_replaces_the_shell_and_a_compound_one_does_not() {
        assert!(shell("python3 main.py", LIMITS).ends_with("\nexec python3 main.py"));
        assert!(shell("cd src && ./run", LIMITS).ends_with("\ncd src && ./run"));
        assert!(shell("DEBUG=1 ./run", LIMITS).ends_with("\nDEBUG=1 ./run"));
    }
}
