//! The one index of a program. It takes a moment to make (some milliseconds, and a good deal more
//! without optimisation), so a thread makes it while the first page is looked at; who asks before that
//! is done waits for it, and nobody makes it twice.

use super::Index;
use crate::content::Library;
use std::sync::{Arc, OnceLock};

/// Clones share the index.
#[derive(Debug, Clone, Default)]
pub struct Catalogue(Arc<OnceLock<Index>>);

impl Catalogue {
    /// The index of this library, which must be the same every time.
    pub fn of(&self, library: &Library) -> &Index {
        self.0.get_or_init(|| Index::of(library))
    }

    /// Has a thread make it. Without a thread it is made when it is first asked for.
    pub fn prepare(&self, library: Arc<Library>) {
        let catalogue = self.clone();
        let thread = std::thread::Builder::new().name("index".to_owned());
        let _ = thread.spawn(move || {
            catalogue.of(&library);
        });
    }

    /// Whether it is made.
    pub fn is_ready(&self) -> bool {
        self.0.get().is_some()
    }
}
