//! Invariants: what must hold at every moment of a run. They are checked while it runs; a breach is
//! kept with its moment and its culprit, and nothing mends it.

use super::journal::Journal;
use crate::engine::{Handle, SimTime};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

#[derive(Debug, Clone, PartialEq)]
pub struct InvariantView {
    pub name: &'static str,
    pub held: bool,
    pub first_broken_at: Option<SimTime>,
    /// The culprit, when broken; what was checked and how often, when held.
    pub detail: String,
}

/// One thing that must hold.
#[derive(Debug)]
pub struct Invariant {
    sentence: &'static str,
    sim: Handle,
    journal: Rc<Journal>,
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
    /// `sentence` says what holds: `hedges stay within the budget`.
    pub fn new(sentence: &'static str, sim: &Handle, journal: &Rc<Journal>) -> Rc<Self> {
        Rc::new(Self {
            sentence,
            sim: sim.clone(),
            journal: Rc::clone(journal),
            checks: Cell::new(0),
            breach: RefCell::new(None),
        })
    }

    pub fn sentence(&self) -> &'static str {
        self.sentence
    }

    /// Counts the check. When it does not hold, `culprit` says who broke it and how; of the first breach the
    /// journal tells.
    pub fn check(&self, holds: bool, culprit: impl FnOnce() -> String) {
        self.checks.set(self.checks.get() + 1);
        if holds {
            return;
        }
        if let Some(first) = &mut *self.breach.borrow_mut() {
            first.times += 1;
            return;
        }
        let (at, culprit, times) = (self.sim.now(), culprit(), 1);
        *self.breach.borrow_mut() = Some(Breach { at, culprit, times });
        let text = format!("broken: {}; {}", self.sentence, self.view().detail);
        self.journal.bad(at, text);
    }

    pub fn view(&self) -> InvariantView {
        let checks = self.checks.get();
        match &*self.breach.borrow() {
            Some(breach) => InvariantView {
                name: self.sentence,
                held: false,
                first_broken_at: Some(breach.at),
                detail: format!(
                    "{} (broken {} of {checks} times)",
                    breach.culprit, breach.times
                ),
            },
            None => InvariantView {
                name: self.sentence,
                held: true,
                first_broken_at: None,
                detail: format!("checked {checks} times"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Sim;

    #[test]
    fn the_first_breach_is_kept_with_its_culprit_and_later_ones_are_counted() {
        let (sim, journal) = (Sim::new(1), Rc::new(Journal::default()));
        let invariant = Invariant::new("nothing is lost", &sim.handle(), &journal);
        let breaks_at = |seconds, culprit: &str| {
            sim.run_until(SimTime::from_secs(seconds), 1);
            invariant.check(false, || culprit.to_owned());
        };
        invariant.check(true, || unreachable!("it holds"));
        breaks_at(2, "item 7");
        breaks_at(3, "item 8");
        let view = invariant.view();
        assert!(!view.held);
        assert_eq!(view.first_broken_at, Some(SimTime::from_secs(2)));
        assert_eq!(view.detail, "item 7 (broken 2 of 3 times)");
        let lines = journal.lines();
        assert_eq!(lines.len(), 1);
        assert_eq!(
            lines[0].text,
            "broken: nothing is lost; item 7 (broken 1 of 2 times)"
        );
    }
}
