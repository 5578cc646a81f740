//! Witnesses that something happened. A fault that never met a request proves nothing about the
//! program, so a check one of whose witnesses heard nothing is inconclusive, never a pass.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Counts how often something that a check depends on did happen. Clones are the same witness.
#[derive(Debug, Clone)]
pub struct Witness {
    what: Arc<str>,
    heard: Arc<AtomicU64>,
}

impl Witness {
    /// `what` completes the sentence "this never happened: …".
    pub fn of(what: &str) -> Self {
        Self {
            what: what.into(),
            heard: Arc::default(),
        }
    }

    pub fn hear(&self) {
        self.heard.fetch_add(1, Ordering::Relaxed);
    }

    pub fn heard(&self) -> u64 {
        self.heard.load(Ordering::Relaxed)
    }
}

/// All witnesses of a check. Clones are the same list.
#[derive(Debug, Clone, Default)]
pub(super) struct Witnesses(Arc<Mutex<Vec<Witness>>>);

impl Witnesses {
    pub fn call(&self, what: &str) -> Witness {
        let witness = Witness::of(what);
        self.list().push(witness.clone());
        witness
    }

    /// What those say that heard nothing.
    pub fn unheard(&self) -> Vec<String> {
        let silent = |witness: &&Witness| witness.heard() == 0;
        let list = self.list();
        list.iter()
            .filter(silent)
            .map(|w| w.what.to_string())
            .collect()
    }

    fn list(&self) -> std::sync::MutexGuard<'_, Vec<Witness>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
