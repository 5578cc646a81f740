//! Invariants: what must hold at every moment of a run. They are checked while it runs; a breach is
//! kept with its moment and its culprit, and nothing mends it.

use super::frame::InvariantView;
use super::journal::Journal;
use crate::engine::SimTime;
use std::cell::{Cell, RefCell};

/// One thing that must hold.
#[derive(Debug)]
pub struct Invariant {
    name: &'static str,
    checks: Cell<u64>,
    breach: RefCell<Option<Breach>>,
}

#[derive(Debug, Clone)]
struct Breach {
    at: SimTime,
    culprit: String,
    times: u64,
}

impl Invariant {
    /// `name` says what holds, as a sentence: `hedges stay within the budget`.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            checks: Cell::new(0),
            breach: RefCell::new(None),
        }
    }

    /// Counts the check; when it does not hold, `culprit` says who broke it and how. Returns whether
    /// this is the first breach, so that the lab can say so once.
    pub fn check(&self, holds: bool, at: SimTime, culprit: impl FnOnce() -> String) -> bool {
        self.checks.set(self.checks.get() + 1);
        if holds {
            return false;
        }
        let mut breach = self.breach.borrow_mut();
        if let Some(first) = &mut *breach {
            first.times += 1;
            return false;
        }
        *breach = Some(Breach {
            at,
            culprit: culprit(),
            times: 1,
        });
        true
    }

    pub fn view(&self) -> InvariantView {
        let checks = self.checks.get();
        match &*self.breach.borrow() {
            Some(breach) => InvariantView {
                name: self.name,
                held: false,
                first_broken_at: Some(breach.at),
                detail: format!(
                    "{} (broken {} of {checks} times)",
                    breach.culprit, breach.times
                ),
            },
            None => InvariantView {
                name: self.name,
                held: true,
                first_broken_at: None,
                detail: format!("checked {checks} times"),
            },
        }
    }
}

/// Where and when a breach is told.
#[derive(Clone, Copy)]
pub struct Log<'a> {
    pub journal: &'a Journal,
    pub now: SimTime,
}

impl Log<'_> {
    /// Checks it, and tells the journal of its first breach.
    pub fn check(self, invariant: &Invariant, holds: bool, culprit: impl FnOnce() -> String) {
        if invariant.check(holds, self.now, culprit) {
            let view = invariant.view();
            self.journal
                .bad(self.now, format!("broken: {}; {}", view.name, view.detail));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_breach_is_kept_with_its_culprit_and_later_ones_are_counted() {
        let invariant = Invariant::new("nothing is lost");
        assert!(!invariant.check(true, SimTime(1), || unreachable!("it holds")));
        assert!(invariant.check(false, SimTime(2), || "item 7".to_owned()));
        assert!(!invariant.check(false, SimTime(3), || "item 8".to_owned()));
        let view = invariant.view();
        assert!(!view.held);
        assert_eq!(view.first_broken_at, Some(SimTime(2)));
        assert_eq!(view.detail, "item 7 (broken 2 of 3 times)");
    }
}
