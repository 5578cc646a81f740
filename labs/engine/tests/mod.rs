//! What the engine promises, one room a promise. Nothing here sleeps or looks at a wall clock.

#![allow(clippy::float_cmp)] // Moments are whole nanoseconds; as milliseconds they are exact.

mod channels;
mod chaos;
mod determinism;
mod drive;
mod environment;
mod memory;
mod network;
mod nodes;
mod queueing;
mod tasks;
mod unordered;

use super::*;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// More work than any test here needs.
const PLENTY: u64 = 1_000_000_000;

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn at_ms(millis: u64) -> SimTime {
    SimTime::from_millis(millis)
}

fn run(sim: &Sim, until: SimTime) {
    assert_eq!(sim.run_until(until, PLENTY), Ran::Reached);
}

/// What happened, with the moment (in milliseconds) of each.
#[derive(Clone, Default)]
struct Diary(Rc<RefCell<Vec<(f64, String)>>>);

impl Diary {
    fn note(&self, what: impl std::fmt::Display) {
        self.0
            .borrow_mut()
            .push((now().as_millis_f64(), what.to_string()));
    }

    fn entries(&self) -> Vec<(f64, String)> {
        self.0.borrow().clone()
    }

    fn words(&self) -> Vec<String> {
        self.0
            .borrow()
            .iter()
            .map(|(_, what)| what.clone())
            .collect()
    }

    fn expect(&self, expected: &[(f64, &str)]) {
        let found = self.entries();
        let found: Vec<(f64, &str)> = found
            .iter()
            .map(|(at, what)| (*at, what.as_str()))
            .collect();
        assert_eq!(found, expected);
    }
}

/// Notes its name when it is dropped.
struct Tombstone(Diary, &'static str);

impl Drop for Tombstone {
    fn drop(&mut self) {
        self.0.note(self.1);
    }
}
