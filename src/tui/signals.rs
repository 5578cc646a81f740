//! Signals and the loss of the terminal as events, and the stop and go of job control.

use super::event::{Event, Proxy};
use std::io;

#[cfg(unix)]
mod unix {
    use super::super::event::Signal;
    use super::super::terminal;
    use super::{Event, Proxy, io};
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use std::os::fd::AsFd;
    use std::time::Duration;
    use tokio::signal::unix::{SignalKind, signal};

    /// How long the loop may take to leave by itself when it was asked to. Then the program ends all the
    /// same, whatever a lab, a picture or a search is doing.
    const LEAVE_WITHIN: Duration = Duration::from_millis(700);
    /// The same when the terminal is gone, and nobody waits for its end.
    const LEAVE_ALONE_WITHIN: Duration = Duration::from_secs(5);

    /// From now on signals and the loss of the terminal arrive in the loop. They are heard on threads of
    /// their own: the loop may be busy.
    pub fn forward(proxy: &Proxy) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        // Each of these would end the program by itself and leave the terminal raw.
        for kind in [
            SignalKind::terminate(),
            SignalKind::interrupt(),
            SignalKind::hangup(),
            SignalKind::quit(),
            SignalKind::alarm(),
            SignalKind::user_defined1(),
            SignalKind::user_defined2(),
        ] {
            let mut signals = {
                let _in_runtime = runtime.enter();
                signal(kind)?
            };
            let proxy = proxy.clone();
            runtime.spawn(async move {
                if signals.recv().await.is_some() {
                    let event = Event::Signal(Signal::Terminate);
                    let end = move || leave_or_end(&proxy, event, LEAVE_WITHIN, kind);
                    tokio::task::spawn_blocking(end);
                }
            });
        }
        let tstp = SignalKind::from_raw(nix::sys::signal::Signal::SIGTSTP as i32);
        let mut stops = {
            let _in_runtime = runtime.enter();
            signal(tstp)?
        };
        let inbox = proxy.clone();
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    while stops.recv().await.is_some() {
                        inbox.send(Event::Signal(Signal::Suspend));
                    }
                });
            })?;
        let proxy = proxy.clone();
        std::thread::Builder::new()
            .name("hangup".to_owned())
            .spawn(move || {
                wait_for_hangup();
                leave_or_end(
                    &proxy,
                    Event::Hangup,
                    LEAVE_ALONE_WITHIN,
                    SignalKind::hangup(),
                );
            })?;
        Ok(())
    }

    /// Returns when the terminal is gone. The reader of keys does not tell: crossterm reads the end of its
    /// input again and again.
    fn wait_for_hangup() {
        let input = io::stdin();
        loop {
            // Nothing is asked for, so that keys wake nobody; a hangup is always told.
            let mut watched = [PollFd::new(input.as_fd(), PollFlags::empty())];
            match poll(&mut watched, PollTimeout::NONE) {
                Ok(_) => return,
                Err(nix::errno::Errno::EINTR) => {}
                // Without it the first picture that cannot be drawn ends the program.
                Err(_) => std::thread::park(),
            }
        }
    }

    /// Asks the loop to leave, and ends the program when it is still there after a while.
    #[allow(clippy::disallowed_methods)] // The loop that could return an exit status does not come to it.
    fn leave_or_end(proxy: &Proxy, event: Event, within: Duration, signal: SignalKind) {
        proxy.send(event);
        std::thread::sleep(within);
        terminal::restore_or_give_up();
        std::process::exit(128 + signal.as_raw_value())
    }

    /// Whether a shell with job control stands above us in this terminal. Where ours is the group of the session's
    /// leader (`ssh -t HOST ddlab`, `xterm -e ddlab`, a container), or the shell is gone, nobody would continue us.
    pub fn can_be_continued() -> bool {
        use nix::unistd::{getpgrp, getppid, getsid};
        let ours = getsid(None);
        let led_by_another = ours.is_ok_and(|session| session != getpgrp());
        led_by_another && getsid(Some(getppid())) == ours
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
pub use unix::{can_be_continued, forward, stop_until_continued};

#[cfg(not(unix))]
pub fn forward(_proxy: &Proxy) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub fn can_be_continued() -> bool {
    false
}

#[cfg(not(unix))]
pub fn stop_until_continued() {}
