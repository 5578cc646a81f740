//! When ddlab itself is killed, it can end nothing any more. So one small shell waits for that: the
//! end of its standard input says that ddlab is gone, however that happened, and then it kills
//! whatever carries the mark of this ddlab in its environment. Linux only: elsewhere a system does
//! not show the environment of a process.

use super::{MARKER, family};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// Once a ddlab; it lives as long.
static WATCHDOG: Mutex<Option<Child>> = Mutex::new(None);

const SCRIPT: &str = r#"
cat >/dev/null
for process in /proc/[0-9]*; do
    if grep -aqs "$1" "$process/environ"; then kill -KILL "${process#/proc/}" 2>/dev/null; fi
done
"#;

/// Starts it, if it is not there.
pub(super) fn ensure() -> io::Result<()> {
    let mut watchdog = WATCHDOG.lock().unwrap_or_else(PoisonError::into_inner);
    if watchdog.is_none() {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", SCRIPT, "ddlab-watchdog"])
            .arg(format!("{MARKER}={}-", std::process::id()))
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
