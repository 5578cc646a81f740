//! Every process that came of a program. The process group is most of it, but a daemon leaves the
//! group (setsid) and its parent (fork and exit), so on Linux we also look through /proc: for
//! children of members, and for the marker that each program carries in its environment. A process
//! that was seen as a member once stays one, even if it wipes its environment later.
//!
//! One that left the group, lost its parent and wiped its environment before it was seen becomes a
//! child of ours, because we are a *child subreaper* (prctl(2)): whoever is our child, in a group
//! that we did not begin, is such a stray.
//!
//! Elsewhere the group is all that we can know.

use super::MARKER;
use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;
use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
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

/// The groups that this process began, so that none of them is taken for a stray.
static LEADERS: Mutex<Option<HashSet<i32>>> = Mutex::new(None);

/// The marker and the folder of each program that was started.
static FAMILIES: Mutex<Vec<(String, PathBuf)>> = Mutex::new(Vec::new());

/// Starts the leader of a new group. Nobody looks for strays meanwhile.
pub(super) fn start_leader<C>(
    spawn: impl FnOnce() -> io::Result<C>,
    pid: impl FnOnce(&C) -> Option<u32>,
) -> io::Result<C> {
    let mut leaders = LEADERS.lock().unwrap_or_else(PoisonError::into_inner);
    #[cfg(target_os = "linux")]
    if leaders.is_none() {
        nix::sys::prctl::set_child_subreaper(true)?;
    }
    let child = spawn()?;
    let pid = pid(&child).and_then(|pid| i32::try_from(pid).ok());
    leaders.get_or_insert_default().extend(pid);
    Ok(child)
}

#[derive(Debug)]
pub struct Family {
    group: Pid,
    /// When the leader began; nobody who began before that came of it.
    #[cfg(target_os = "linux")]
    began: u64,
    /// Where its program was started.
    dir: PathBuf,
    /// `NAME=value`, as in the environment.
    marker: String,
    /// Everyone looked at so far, and whether it is one of us. A stranger's environment is read once.
    known: HashMap<Identity, bool>,
    /// How long each thread was seen to have waited for a processor, in nanoseconds.
    waited_ns: HashMap<i32, u64>,
}

impl Family {
    pub(super) fn of(leader: u32, marker: &str, dir: &Path) -> Self {
        let group = Pid::from_raw(i32::try_from(leader).unwrap_or(i32::MAX));
        // As the system names it when it is asked where a process stands.
        let dir = std::fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
        FAMILIES
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((marker.to_owned(), dir.clone()));
        Self {
            group,
            #[cfg(target_os = "linux")]
            began: proc::read(group.as_raw()).map_or(0, |leader| leader.began),
            dir,
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
        let (living, strays) = self.scan();
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
                let ours = self.is_ours(process)
                    || strays.contains(&process.pid)
                    || alive_now.get(&process.parent) == Some(&true);
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

    /// All processes, and those among them that are strays of this family. Dead strays are reaped.
    #[cfg(target_os = "linux")]
    fn scan(&self) -> (Vec<proc::Process>, Vec<i32>) {
        use nix::sys::wait::{WaitPidFlag, waitpid};
        let leaders = LEADERS.lock().unwrap_or_else(PoisonError::into_inner);
        let own_group = nix::unistd::getpgrp().as_raw();
        let own = i32::try_from(std::process::id()).unwrap_or(0);
        let (mut living, dead): (Vec<_>, Vec<_>) =
            proc::all().into_iter().partition(|process| !process.dead);
        living.retain(|process| process.began >= self.began);
        let is_led = |pid| {
            let leaders = leaders.as_ref();
            leaders.is_some_and(|leaders| leaders.contains(&pid))
        };
        let is_adopted = |process: &&proc::Process| {
            process.parent == own && process.group != own_group && !is_led(process.pid)
        };
        for process in dead.iter().filter(is_adopted) {
            let _ = waitpid(Pid::from_raw(process.pid), Some(WaitPidFlag::WNOHANG));
        }
        let strays = living.iter().filter(is_adopted);
        let strays = strays.filter(|process| !is_led(process.group));
        let strays = strays.map(|process| process.pid);
        let strays = strays.filter(|pid| self.may_be_of_here(*pid)).collect();
        (living, strays)
    }

    /// Of several programs that run at once, a stray belongs to the one whose marker it carries, or in
    /// whose folder it stands; when it has neither, hides both, or made a marker up, to each.
    #[cfg(target_os = "linux")]
    fn may_be_of_here(&self, pid: i32) -> bool {
        let families = FAMILIES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(marker) = proc::variable(pid, MARKER)
            && families.iter().any(|(of, _)| *of == marker)
        {
            return marker == self.marker;
        }
        let Ok(stands_in) = std::fs::read_link(format!("/proc/{pid}/cwd")) else {
            return true;
        };
        let mut folders = families.iter().map(|(_, folder)| folder);
        stands_in.starts_with(&self.dir) || !folders.any(|folder| stands_in.starts_with(folder))
    }

    #[cfg(target_os = "linux")]
    fn is_ours(&self, process: &proc::Process) -> bool {
        process.group == self.group.as_raw()
            || self
                .known
                .get(&process.identity())
                .copied()
                .unwrap_or_else(|| self.carries_marker(process.pid))
    }

    #[cfg(target_os = "linux")]
    fn carries_marker(&self, pid: i32) -> bool {
        proc::variable(pid, MARKER).is_some_and(|marker| marker == self.marker)
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
        /// A zombie.
        pub dead: bool,
        pub began: u64,
    }

    impl Process {
        pub fn identity(&self) -> Identity {
            Identity {
                pid: self.pid,
                began: self.began,
            }
        }
    }

    /// All processes but ourselves.
    pub fn all() -> Vec<Process> {
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
    pub fn read(pid: i32) -> Option<Process> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        Some(Process {
            pid,
            dead: matches!(*fields.first()?, "Z" | "X"),
            parent: fields.get(1)?.parse().ok()?,
            group: fields.get(2)?.parse().ok()?,
            began: fields.get(19)?.parse().ok()?,
        })
    }

    /// `NAME=value` of its environment, if it has a variable of that name.
    pub fn variable(pid: i32, name: &str) -> Option<String> {
        let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
        let entries = environment.split(|byte| *byte == 0);
        entries
            .filter_map(|entry| std::str::from_utf8(entry).ok())
            .find(|entry| entry.split('=').next() == Some(name))
            .map(str::to_owned)
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
