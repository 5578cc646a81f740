//! The shared store: what the checkpoint has kept of a night, and the files in which readers look for its results.

use super::commit::{Crashed, Payout, Store};
use super::join::Sale;
use super::world::{Tamper, World};
use crate::engine;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The disk of a worker, in one life of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    pub worker: usize,
    pub life: u64,
}

/// The output of a task, and the disk that it is on; none for the shared store.
#[derive(Debug, Clone)]
pub struct Kept<T> {
    pub rows: Rc<T>,
    pub disk: Option<Disk>,
}

/// What a join knows of its part of the auctions.
#[derive(Debug, Clone, Default)]
pub struct Matched {
    /// For each reducer what it adds up: a seller, and cents.
    pub parts: Vec<Vec<(u64, u64)>>,
    pub unmatched: u64,
    pub unmatched_cents: u64,
}

/// Sums of cents by seller.
pub type Sums = BTreeMap<u64, u64>;

/// The outputs of all tasks, as far as they are known.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// For each task of the join what it gets.
    pub maps: Vec<Option<Kept<Vec<Vec<Sale>>>>>,
    pub joins: Vec<Option<Kept<Matched>>>,
    pub sums: Vec<Option<Kept<Sums>>>,
    pub committed: bool,
    pub paid: Vec<Option<()>>,
}

/// What belongs to the files and is not in them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manifest {
    pub parts: usize,
    pub unmatched: u64,
    pub unmatched_cents: u64,
}

#[derive(Default)]
pub struct Shelf {
    pub progress: RefCell<Progress>,
    pub manifest: Cell<Manifest>,
    /// The list is whole where readers look: the mark that a job leaves which renames, or changes the pointer.
    pub complete: Cell<bool>,
    files: RefCell<BTreeMap<String, Vec<Payout>>>,
    pointer: RefCell<Option<BTreeSet<String>>>,
    steps: Cell<u64>,
}

impl Shelf {
    /// Before a night nothing is there of it.
    pub fn clear(&self) {
        self.progress.take();
        self.manifest.take();
        self.complete.set(false);
        self.files.take();
        self.pointer.take();
    }

    /// The payouts that readers see.
    pub fn seen(&self) -> Vec<Payout> {
        let pointer = self.pointer.borrow();
        let files = self.files.borrow();
        let seen = files
            .iter()
            .filter(|(name, _)| is_seen(name, pointer.as_ref()));
        seen.flat_map(|(_, rows)| rows.iter().copied()).collect()
    }

    /// The files that readers see.
    pub fn parts_seen(&self) -> usize {
        let pointer = self.pointer.borrow();
        let files = self.files.borrow();
        let seen = files.keys().filter(|name| is_seen(name, pointer.as_ref()));
        seen.count()
    }
}

/// Readers follow the pointer, or look where the files of an old job would be.
fn is_seen(name: &str, pointer: Option<&BTreeSet<String>>) -> bool {
    pointer.map_or_else(|| name.starts_with("part/"), |names| names.contains(name))
}

/// The store as the commit sees it. Each step takes its time first: who dies meanwhile has not done it.
pub struct Files<'a>(pub &'a World);

impl Files<'_> {
    async fn step(&self) {
        let shelf = &self.0.shelf;
        shelf.steps.set(shelf.steps.get() + 1);
        engine::sleep(self.0.store_takes(shelf.steps.get())).await;
    }
}

impl Store for Files<'_> {
    type Row = Payout;

    async fn append(&self, file: &str, rows: &[Payout]) -> Result<(), Crashed> {
        self.step().await;
        let mut files = self.0.shelf.files.borrow_mut();
        files.entry(file.to_owned()).or_default().extend(rows);
        Ok(())
    }

    async fn replace(&self, file: &str, rows: &[Payout]) -> Result<(), Crashed> {
        self.step().await;
        let mut files = self.0.shelf.files.borrow_mut();
        files.insert(file.to_owned(), rows.to_vec());
        if self.0.tamper == Tamper::PointEarly {
            let names = files.keys().cloned().collect();
            *self.0.shelf.pointer.borrow_mut() = Some(names);
        }
        Ok(())
    }

    async fn rename(&self, from: &str, to: &str) -> Result<(), Crashed> {
        self.step().await;
        let mut files = self.0.shelf.files.borrow_mut();
        if let Some(rows) = files.remove(from) {
            files.insert(to.to_owned(), rows);
        }
        Ok(())
    }

    async fn point_to(&self, files: Vec<String>) -> Result<(), Crashed> {
        self.step().await;
        *self.0.shelf.pointer.borrow_mut() = Some(files.into_iter().collect());
        Ok(())
    }

    fn has(&self, file: &str) -> bool {
        self.0.shelf.files.borrow().contains_key(file)
    }
}

impl World {
    /// How long the shared store takes for its step of this number.
    pub fn store_takes(&self, step: u64) -> std::time::Duration {
        let mut luck = self.luck.store.draw(&[self.night().number, step]);
        self.knobs.store_service.borrow().sample(&mut luck)
    }
}
