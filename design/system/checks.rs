//! The books of a running design: whatever begins ends once.

use super::spec::Invariants;
use ddlab_labs::ambassador::retry::BUDGET_MAX;
use ddlab_labs::workbench::instruments::Instruments;
use ddlab_labs::workbench::invariant::Invariant;
use ddlab_labs::workbench::ledger::Ledger;
use std::cell::Cell;
use std::rc::Rc;

/// Requests of a client in progress, at most: it bounds the memory of an overload.
const REQUESTS_MAX: usize = 50_000;

pub struct Checks {
    pub invariants: Invariants,
    pub calls: Book,
}

impl Checks {
    pub fn new(instruments: &Instruments) -> Self {
        let invariants = Invariants::of(instruments);
        Self {
            calls: Book::new(&invariants.calls),
            invariants,
        }
    }

    /// The books of a client.
    pub fn ledger(&self) -> Ledger {
        Ledger::new(&self.invariants.requests, REQUESTS_MAX)
    }

    /// The books of a component.
    pub fn visits(&self) -> Book {
        Book::new(&self.invariants.visits)
    }
}

/// What began, what has ended, and what is still between the two.
#[derive(Debug)]
pub struct Book {
    adds_up: Rc<Invariant>,
    begun: Cell<u64>,
    ended: Cell<u64>,
    open: Cell<u64>,
}

impl Book {
    fn new(adds_up: &Rc<Invariant>) -> Self {
        Self {
            adds_up: Rc::clone(adds_up),
            begun: Cell::new(0),
            ended: Cell::new(0),
            open: Cell::new(0),
        }
    }

    pub fn begins(&self) {
        self.begun.set(self.begun.get() + 1);
        self.open.set(self.open.get() + 1);
    }

    /// It is not open any more; how it ended is counted apart.
    pub fn closes(&self) {
        self.open.set(self.open.get() - 1);
    }

    pub fn ends(&self) {
        self.ended.set(self.ended.get() + 1);
        let (begun, ended, open) = (self.begun.get(), self.ended.get(), self.open.get());
        self.adds_up.check(begun == ended + open, || {
            format!("{begun} began, {ended} ended, {open} are between")
        });
    }

    pub fn open(&self) -> u64 {
        self.open.get()
    }

    /// Something that begins now and ends, in whatever way, when what is returned is dropped.
    pub fn enter(&self) -> Entered<'_> {
        self.begins();
        Entered(self)
    }
}

/// What is between its beginning and its end.
#[derive(Debug)]
pub struct Entered<'a>(&'a Book);

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0.closes();
        self.0.ends();
    }
}

/// What a caller may spend on retries, and has spent.
#[derive(Debug, Default)]
pub struct Budget {
    requests: Cell<u64>,
    retries: Cell<u64>,
}

impl Budget {
    pub fn request(&self) {
        self.requests.set(self.requests.get() + 1);
    }

    pub fn retry(&self, ratio: Option<f64>, keeps: &Invariant, who: impl FnOnce() -> String) {
        let retries = self.retries.get() + 1;
        self.retries.set(retries);
        if let Some(ratio) = ratio {
            let most = BUDGET_MAX + ratio * self.requests.get() as f64;
            keeps.check(retries as f64 <= most + 1e-6, || {
                format!("{} made {retries} retries, and may make {most:.1}", who())
            });
        }
    }

    /// Another budget from now on.
    pub fn restart(&self) {
        self.requests.set(0);
        self.retries.set(0);
    }
}
