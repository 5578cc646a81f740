//! What a watcher of a grade is told while it runs. The grader never waits for a watcher, and a
//! watcher that went away disturbs nothing.

use super::process::output::Stream;
use super::report::Report;
use super::verdict::Outcome;
use std::time::Duration;
use tokio::sync::mpsc;

/// One thing that happened. They come in this order: `Planned`, `Building`, `Built`, then for each
/// check `CheckStarted` and `CheckEnded`, with `Output` anywhere, and `Finished` last.
#[derive(Debug, Clone)]
pub enum Event {
    /// The checks that will run, in order, with their promises.
    Planned {
        seed: u64,
        checks: Vec<PlannedCheck>,
    },
    Building {
        command: String,
    },
    /// The build ended, well or not.
    Built {
        took: Duration,
    },
    CheckStarted {
        name: &'static str,
    },
    CheckEnded {
        name: &'static str,
        outcome: Outcome,
        took: Duration,
    },
    /// A line that the build or the program printed, harmless to draw.
    Output {
        stream: Stream,
        line: String,
    },
    Finished(Box<Report>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCheck {
    pub name: &'static str,
    pub promise: &'static str,
}

/// Where a grade tells its events. Clones tell the same watcher.
#[derive(Debug, Clone, Default)]
pub struct Observer(Option<mpsc::UnboundedSender<Event>>);

impl Observer {
    /// Nobody watches.
    pub fn none() -> Self {
        Self(None)
    }

    /// An observer, and the end at which its events arrive. The channel has no bound, because the
    /// grader must never wait for a screen; what a program can flood it with is capped at its source.
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(Some(sender)), receiver)
    }

    pub fn tell(&self, event: Event) {
        if let Some(sender) = &self.0 {
            let _ = sender.send(event);
        }
    }
}
