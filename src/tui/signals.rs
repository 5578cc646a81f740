//! Signals as events, and the stop and go of job control.

use super::event::{Event, Proxy};
use std::io;

#[cfg(unix)]
mod unix {
    use super::super::event::Signal;
    use super::{Event, Proxy, io};
    use tokio::signal::unix::{SignalKind, signal};

    /// From now on signals arrive in the loop.
    pub fn forward(proxy: &Proxy) -> io::Result<()> {
        let tstp = SignalKind::from_raw(nix::sys::signal::Signal::SIGTSTP as i32);
        for (kind, event) in [
            (SignalKind::terminate(), Signal::Terminate),
            (SignalKind::interrupt(), Signal::Terminate),
            (SignalKind::hangup(), Signal::Terminate),
            (tstp, Signal::Suspend),
        ] {
            let mut signals = signal(kind)?;
            let proxy = proxy.clone();
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    proxy.send(Event::Signal(event));
                }
            });
        }
        Ok(())
    }

    /// Stops the whole process group, as the shell expects of ctrl-Z, until it is continued. SIGSTOP
    /// rather than SIGTSTP, which is caught here.
    pub fn stop_until_continued() {
        let _ = nix::sys::signal::kill(
            nix::unistd::Pid::from_raw(0),
            nix::sys::signal::Signal::SIGSTOP,
        );
    }
}

#[cfg(unix)]
pub use unix::{forward, stop_until_continued};

#[cfg(not(unix))]
pub fn forward(_proxy: &Proxy) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub fn stop_until_continued() {}
