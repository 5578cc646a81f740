//! Every process that came of a program. The process group is most of it, but a daemon leaves the
//! group (setsid) and its parent (fork and exit), so on Linux we also look through /proc: for
//! children of members, and for the marker that each program carries in its environment. A process
//! that was seen as a member once stays one, even if it wipes its environment later.
//!
//! Elsewhere the group is all that we can know.

use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;
use std::collections::HashMap;
use std::time::Duration;

/// A process: its number, and when it began (in ticks since boot), since numbers are used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Identity {
    pid: i32,
    began: u64,
}

/// A living member, as it was just now.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    pub pid: i32,
    /// Resident memory in bytes.
    pub memory: u64,
}

#[derive(Debug)]
pub struct Family {
    group: Pid,
    /// `NAME=value`, as in the environment.
    marker: String,
    /// Everyone looked at so far, and whether it is one of us. A stranger's environment is read once.
    known: HashMap<Identity, bool>,
    /// How long each thread was seen to have waited for a processor, in nanoseconds.
    waited_ns: HashMap<i32, u64>,
}

impl Family {
    pub(super) fn of(leader: u32, marker: &str) -> Self {
        let group = Pid::from_raw(i32::try_from(leader).unwrap_or(i32::MAX));
        Self {
            group,
            marker: marker.to_owned(),
            known: HashMap::new(),
            waited_ns: HashMap::new(),
        }
    }

    pub(super) fn signal_group(&self, signal: Signal) {
        // No such group: everyone left it already, which `signal_each` takes care of.
        let _ = signal::killpg(self.group, signal);
    }

    /// To each living member by its own number, in the group or not.
    pub(super) fn signal_each(&mut self, signal: Signal) {
        for member in self.look() {
            let _ = signal::kill(Pid::from_raw(member.pid), signal);
        }
    }

    /// The living members; a zombie counts as dead.
    #[cfg(target_os = "linux")]
    pub fn look(&mut self) -> Vec<Member> {
        let living = proc::living();
        let mut alive_now = HashMap::with_capacity(living.len());
        // A child is found through its parent, which may come later in the list: repeat until
        // nothing new is found. Families are shallow.
        let mut grew = true;
        while grew {
            grew = false;
            for process in &living {
                if alive_now.get(&process.pid) == Some(&true) {
                    continue;
                }
                let ours = self.is_ours(process) || alive_now.get(&process.parent) == Some(&true);
                if alive_now.insert(process.pid, ours) != Some(ours) {
                    grew |= ours;
                }
            }
        }
        self.known = living
            .iter()
            .map(|process| {
                (
                    process.identity(),
                    alive_now.get(&process.pid) == Some(&true),
                )
            })
            .collect();
        living
            .iter()
            .filter(|process| alive_now.get(&process.pid) == Some(&true))
            .map(|process| Member {
                pid: process.pid,
                memory: proc::memory(process.pid),
            })
            .collect()
    }

    /// How long the threads of these members, and of those measured before, waited for a processor
    /// that others had: all of them together. Zero where the system does not say.
    pub fn cpu_wait(&mut self, members: &[Member]) -> Duration {
        #[cfg(target_os = "linux")]
        for member in members {
            self.waited_ns.extend(proc::cpu_waits(member.pid));
        }
        Duration::from_nanos(self.waited_ns.values().sum())
    }

    #[cfg(target_os = "linux")]
    fn is_ours(&self, process: &proc::Process) -> bool {
        process.group == self.group.as_raw()
            || self
                .known
                .get(&process.identity())
                .copied()
                .unwrap_or_else(|| proc::environment_has(process.pid, &self.marker))
    }

    #[cfg(not(target_os = "linux"))]
    pub fn look(&mut self) -> Vec<Member> {
        match signal::killpg(self.group, None) {
            Ok(()) => vec![Member {
                pid: -self.group.as_raw(),
                memory: 0,
            }],
            Err(_) => Vec::new(),
        }
    }
}

/// The few lines of procfs(5) that we need. Every read may fail, because processes come and go.
#[cfg(target_os = "linux")]
mod proc {
    use super::Identity;
    use std::fs;

    pub struct Process {
        pub pid: i32,
        pub parent: i32,
        pub group: i32,
        began: u64,
    }

    impl Process {
        pub fn identity(&self) -> Identity {
            Identity {
                pid: self.pid,
                began: self.began,
            }
        }
    }

    /// All processes but ourselves and the dead.
    pub fn living() -> Vec<Process> {
        let own = i32::try_from(std::process::id()).unwrap_or(0);
        let Ok(entries) = fs::read_dir("/proc") else {
            return Vec::new();
        };
        entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|pid| *pid != own)
            .filter_map(read)
            .collect()
    }

    /// `/proc/PID/stat`. The name in parentheses may contain anything, so fields are counted from
    /// the last parenthesis: state is the first, parent 2nd, group 3rd, start time the 20th.
    fn read(pid: i32) -> Option<Process> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        if matches!(*fields.first()?, "Z" | "X") {
            return None;
        }
        Some(Process {
            pid,
            parent: fields.get(1)?.parse().ok()?,
            group: fields.get(2)?.parse().ok()?,
            began: fields.get(19)?.parse().ok()?,
        })
    }

    pub fn environment_has(pid: i32, marker: &str) -> bool {
        fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| {
            environment
                .split(|byte| *byte == 0)
                .any(|entry| entry == marker.as_bytes())
        })
    }

    /// Each thread, and the nanoseconds that it spent ready to run without a processor: the second
    /// number of `/proc/PID/task/TID/schedstat`.
    pub fn cpu_waits(pid: i32) -> Vec<(i32, u64)> {
        let tasks = fs::read_dir(format!("/proc/{pid}/task"));
        tasks
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|task| {
                let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
                let waited = text.split_ascii_whitespace().nth(1)?.parse().ok()?;
                Some((task.file_name().to_str()?.parse().ok()?, waited))
            })
            .collect()
    }

    /// Resident bytes: `VmRSS` is given in kB whatever the page size.
    pub fn memory(pid: i32) -> u64 {
        fs::read_to_string(format!("/proc/{pid}/status"))
            .ok()
            .and_then(|status| {
                let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
                line.split_ascii_whitespace().nth(1)?.parse::<u64>().ok()
            })
            .map_or(0, |kilobytes| kilobytes * 1024)
    }
}
