//! What the log says of the learner, folded once and kept up: the cards, and the counts. After years of study
//! the fold takes longer than a key may, so a thread does it where the log does not simply go on.

use super::deck::Deck;
use super::progress::tally::Tally;
use crate::content::Library;
use crate::progress::projection::standing;
use crate::progress::{Event, EventId, Log, Stored};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Fewer events are folded faster than a thread begins.
const AT_ONCE_MAX: usize = 2_000;

/// The cards and the counts of a log.
#[derive(Debug, Clone, Default)]
pub struct Learned {
    pub deck: Deck,
    pub tally: Tally,
}

impl Learned {
    pub fn of<'a>(library: &Library, log: impl IntoIterator<Item = &'a Stored>) -> Self {
        let mut learned = Self::default();
        learned.fold(library, &standing(log));
        learned
    }

    fn fold(&mut self, library: &Library, events: &[&Stored]) {
        self.deck.fold(library, events.iter().copied());
        for stored in events {
            self.tally.take(stored);
        }
    }
}

/// What was learned, for whoever asks, as the log is then. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Learner(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    folded: Mutex<Folded>,
    /// A thread is at it.
    is_folding: AtomicBool,
}

#[derive(Debug, Default)]
struct Folded {
    learned: Learned,
    /// How many events of the log are in it, and the last of them.
    count: usize,
    last: Option<EventId>,
}

impl Learner {
    /// Looks at what this log comes to; the library must be the same every time.
    pub fn look<T>(
        &self,
        library: &Library,
        log: &[Stored],
        look: impl FnOnce(&Learned) -> T,
    ) -> T {
        // A fold that has panicked begins anew.
        let folded = self.0.folded.lock();
        let mut folded = folded.unwrap_or_else(PoisonError::into_inner);
        folded.catch_up(library, log);
        look(&folded.learned)
    }

    /// Has a thread fold this log, for whoever looks next. Without a thread it is done when it is first looked at.
    pub fn prepare(&self, library: Arc<Library>, log: Log) {
        if log.len() < AT_ONCE_MAX {
            return;
        }
        let learner = self.clone();
        self.0.is_folding.store(true, Ordering::Release);
        let thread = std::thread::Builder::new().name("learned".to_owned());
        let spawned = thread.spawn(move || {
            learner.look(&library, &log, |_| ());
            drop(log);
            learner.0.is_folding.store(false, Ordering::Release);
        });
        if spawned.is_err() {
            self.0.is_folding.store(false, Ordering::Release);
        }
    }

    /// Whether whoever looks now need not wait for a thread.
    pub fn is_ready(&self) -> bool {
        !self.0.is_folding.load(Ordering::Acquire)
    }

    /// Whether to take up this event costs as much as the whole log: something is taken back, or all cards fall
    /// due by another plan.
    pub fn is_costly(event: &Event) -> bool {
        matches!(
            event,
            Event::Undo { .. } | Event::PracticePlanned(_) | Event::ScheduleFitted { .. }
        )
    }
}

impl Folded {
    fn catch_up(&mut self, library: &Library, log: &[Stored]) {
        let before = self.count.checked_sub(1).and_then(|last| log.get(last));
        let goes_on = self.count == 0 || before.map(|stored| &stored.id) == self.last.as_ref();
        let fresh = log.get(self.count..).unwrap_or_default();
        let undoes = |stored: &Stored| matches!(stored.event, Event::Undo { .. });
        let Self { mut learned, .. } = std::mem::take(self);
        if goes_on && !fresh.iter().any(undoes) {
            learned.fold(library, &fresh.iter().collect::<Vec<_>>());
        } else {
            learned = Learned::of(library, log);
        }
        *self = Self {
            learned,
            count: log.len(),
            last: log.last().map(|stored| stored.id.clone()),
        };
    }
}

#[cfg(test)]
mod tests;
