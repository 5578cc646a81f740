//! How far a long run, or a sweep of many, has come: one line on standard error, on a terminal only, gone when it ends.

use ddlab_labs::engine::SimTime;
use ddlab_labs::engine::time::format_span;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Runs shorter than this end before one wonders.
const PATIENCE: Duration = Duration::from_secs(1);
const BETWEEN: Duration = Duration::from_millis(200);

/// A line that is drawn over again and again, and not too often.
pub struct StatusLine {
    /// None where nobody looks.
    next: Option<Instant>,
    shown: bool,
}

impl StatusLine {
    pub fn new() -> Self {
        let seen = io::stderr().is_terminal();
        Self {
            next: seen.then(|| Instant::now() + PATIENCE),
            shown: false,
        }
    }

    pub fn is_seen(&self) -> bool {
        self.next.is_some()
    }

    pub fn show(&mut self, line: impl FnOnce() -> String) {
        if self.next.is_some_and(|next| Instant::now() >= next) {
            // A progress line that cannot be written is not worth the run.
            let _ = write!(io::stderr(), "\r{}\x1b[K", line());
            self.next = Some(Instant::now() + BETWEEN);
            self.shown = true;
        }
    }
}

/// How far one run has come.
pub struct Progress {
    length: SimTime,
    line: StatusLine,
}

impl Progress {
    pub fn of(length: SimTime) -> Self {
        let line = StatusLine::new();
        Self { length, line }
    }

    pub fn show(&mut self, now: SimTime) {
        self.line.show(|| line(now, self.length));
    }
}

impl Drop for StatusLine {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

fn line(now: SimTime, length: SimTime) -> String {
    let percent = u128::from(now.0) * 100 / u128::from(length.0.max(1));
    // Whole seconds are steady to look at.
    let whole = SimTime(now.0 / 1_000_000_000 * 1_000_000_000);
    format!(
        "{percent} % of {}: at {} (ctrl-C ends it)",
        format_span(length.into()),
        format_span(whole.into())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_the_run_has_come() {
        let seconds = |s: u64| SimTime(s * 1_000_000_000);
        let text = line(SimTime(90_400_000_000), seconds(3600));
        assert_eq!(text, "2 % of 1h: at 90s (ctrl-C ends it)");
        assert!(line(SimTime(0), SimTime(0)).starts_with("0 %"));
        assert!(line(SimTime(u64::MAX), SimTime(u64::MAX)).starts_with("100 %"));
    }
}
