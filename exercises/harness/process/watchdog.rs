//! When ddlab itself is killed, it can end nothing any more. So one small shell waits for that: the
//! end of its standard input says that ddlab is gone, however that happened, and then it kills
//! whatever carries the mark of this ddlab. Linux only: elsewhere a system does not show it.
//!
//! The mark is twofold. One is the variable in the environment of each program. A daemon may wipe that
//! before it leaves; so each program is also started with a limit of its resident memory that no other
//! process has. Linux does not hold anybody to that limit (`RLIMIT_RSS`, getrlimit(2)), but hands it on
//! over fork, exec and setsid, and shows it in `/proc/PID/limits`.
//!
//! A cgroup would do it without a trick, but making one needs rights that a learner rarely has; a signal
//! on the parent's death (prctl(2)) is not handed on to the children of a program.

use super::{MARKER, family, fresh};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

/// Once a ddlab; it lives as long.
static WATCHDOG: Mutex<Option<Child>> = Mutex::new(None);

/// In kB: 1 PiB and a number of this ddlab, far above what any machine has.
static MARK_KB: LazyLock<u64> = LazyLock::new(|| (1 << 40) | (fresh() >> 32));

/// One that is being forked during a round is found by the next; the number of rounds is bounded.
const SCRIPT: &str = r#"
cat >/dev/null
rounds=0 found=1
while [ "$found" = 1 ] && [ "$rounds" -lt 100 ]; do
    rounds=$((rounds + 1)) found=0
    for file in $(grep -als "$1" /proc/[0-9]*/environ; grep -ls "$2" /proc/[0-9]*/limits); do
        process=${file#/proc/}
        kill -KILL "${process%%/*}" 2>/dev/null && found=1
    done
done
"#;

/// The limit of resident memory that all programs of this ddlab have, in kB.
pub(super) fn mark_kb() -> u64 {
    *MARK_KB
}

/// Starts it, if it is not there.
pub(super) fn ensure() -> io::Result<()> {
    let mut watchdog = WATCHDOG.lock().unwrap_or_else(PoisonError::into_inner);
    let lives = match watchdog.as_mut() {
        Some(child) => child.try_wait()?.is_none(),
        None => false,
    };
    if !lives {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", SCRIPT, "ddlab-watchdog"])
            .arg(format!("{MARKER}={}-", std::process::id()))
            .arg(format!("^Max resident set *{} ", mark_kb() * 1024))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A signal from the keyboard goes to the group of ddlab, and must not reach it.
            .process_group(0);
        let child = family::start_leader(|| command.spawn(), |child| Some(child.id()))?;
        *watchdog = Some(child);
    }
    Ok(())
}
