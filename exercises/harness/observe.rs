//! What a watcher of a grade hears while it runs. The grader never waits for a watcher, and a
//! watcher that went away disturbs nothing.

use super::exercise::Check;
use super::process::output::{OutputSink, Stream};
use super::report::{CheckReport, Report};
use std::time::Duration;
use tokio::sync::mpsc;

/// One thing that happened. They come in this order: `Planned`, `Building`, `Built`, then for each
/// check `CheckStarted` and `CheckEnded` (of several checks at the same time), with `Output` anywhere, and `Finished` last.
#[derive(Debug, Clone)]
pub enum Event {
    /// The checks that will run, in order.
    Planned {
        seed: u64,
        checks: Vec<Check>,
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
    CheckEnded(CheckReport),
    /// A line that the build, the program or the grader printed, harmless to draw.
    Output {
        stream: Stream,
        line: String,
    },
    Finished(Box<Report>),
}

/// Where a grade emits its events. Clones emit to the same watcher.
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

    pub fn emit(&self, event: Event) {
        if let Some(sender) = &self.0 {
            let _ = sender.send(event);
        }
    }

    /// What programs print, as events.
    pub fn output(&self) -> OutputSink {
        let observer = self.clone();
        OutputSink::new(move |stream, line| observer.emit(Event::Output { stream, line }))
    }
}
