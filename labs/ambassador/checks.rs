//! The books that what must hold is held against: kept by the lab, apart from those of the pattern.

use super::breaker::{PROBES, State};
use super::retry::BUDGET_MAX;
use super::table::Invariants;
use crate::engine::SimTime;
use crate::workbench::instruments::Instruments;
use crate::workbench::ledger::Ledger;
use std::cell::{Cell, RefCell};
use std::time::Duration;

/// Requests in progress, at most: it bounds the memory of an overload.
const REQUESTS_MAX: usize = 50_000;
/// Sums of shares are not exact.
const TRIFLE: f64 = 1e-6;

pub struct Checks {
    invariants: Invariants,
    pub requests: Ledger,
    budget: Cell<Option<f64>>,
    hedge_budget: Cell<Option<f64>>,
    /// Of each layer, since its budget was last full.
    layers: [Layer; LAYERS_MAX + 1],
    breakers: RefCell<Vec<Watched>>,
}

/// The most layers that try again; the first is the ambassador.
pub const LAYERS_MAX: usize = 3;
/// The ambassador's part for the new version: it has budgets of its own.
pub const TO_CANARIES: usize = LAYERS_MAX;

#[derive(Debug, Default)]
struct Layer {
    requests: Cell<u64>,
    retries: Cell<u64>,
    /// Requests and hedges since the budget of hedges was last full.
    hedged_of: Cell<u64>,
    hedges: Cell<u64>,
}

/// The breaker of an instance, as it was told.
#[derive(Debug, Clone, Copy)]
struct Watched {
    state: State,
    since: SimTime,
    /// Raised with each change of state.
    era: u64,
    /// Calls of this era that are out.
    out: usize,
}

const CLOSED: Watched = Watched {
    state: State::Closed,
    since: SimTime::ZERO,
    era: 0,
    out: 0,
};

impl Checks {
    pub fn new(instruments: &Instruments, instances: usize) -> Self {
        let invariants = Invariants::of(instruments);
        Self {
            requests: Ledger::new(&invariants.ends_once, REQUESTS_MAX),
            invariants,
            budget: Cell::new(None),
            hedge_budget: Cell::new(None),
            layers: Default::default(),
            breakers: RefCell::new(vec![CLOSED; instances]),
        }
    }

    /// The share of the requests that may be retries from now on; with another one all budgets are full again.
    pub fn budget_is(&self, ratio: Option<f64>) {
        if self.budget.replace(ratio) != ratio {
            (0..self.layers.len()).for_each(|layer| self.budget_is_full(layer));
        }
    }

    /// The budget of a layer is full again.
    pub fn budget_is_full(&self, layer: usize) {
        self.layers[layer].requests.set(0);
        self.layers[layer].retries.set(0);
    }

    /// The same of hedges, with the time after which they are made: with another one the budget is full again.
    pub fn hedge_budget_is(&self, ratio: Option<f64>) {
        self.hedge_budget.set(ratio);
        (0..self.layers.len()).for_each(|layer| self.hedge_budget_is_full(layer));
    }

    /// The budget of a layer's hedges is full again.
    pub fn hedge_budget_is_full(&self, layer: usize) {
        self.layers[layer].hedged_of.set(0);
        self.layers[layer].hedges.set(0);
    }

    /// A layer gets a request.
    pub fn request(&self, layer: usize) {
        let layer = &self.layers[layer];
        for requests in [&layer.requests, &layer.hedged_of] {
            requests.set(requests.get() + 1);
        }
    }

    /// A late attempt gets another one beside it.
    pub fn hedges(&self, layer: usize) {
        let Layer {
            hedged_of, hedges, ..
        } = &self.layers[layer];
        hedges.set(hedges.get() + 1);
        let Some(ratio) = self.hedge_budget.get() else {
            return;
        };
        let most = BUDGET_MAX + ratio * hedged_of.get() as f64;
        let within = hedges.get() as f64 <= most + TRIFLE;
        self.invariants.hedges_in_budget.check(within, || {
            let (hedges, requests) = (hedges.get(), hedged_of.get());
            format!("{hedges} hedges for {requests} requests, at most {most:.0}")
        });
    }

    /// A layer tries again.
    pub fn tries_again(&self, layer: usize) {
        let Layer {
            requests, retries, ..
        } = &self.layers[layer];
        retries.set(retries.get() + 1);
        let Some(ratio) = self.budget.get() else {
            return;
        };
        let most = BUDGET_MAX + ratio * requests.get() as f64;
        let within = retries.get() as f64 <= most + TRIFLE;
        self.invariants.retries_in_budget.check(within, || {
            let (retries, requests) = (retries.get(), requests.get());
            let layer = match layer {
                TO_CANARIES => "the way to the canaries".to_owned(),
                layer => format!("layer {}", layer + 1),
            };
            format!("{layer} has made {retries} retries for {requests} requests, at most {most:.0}")
        });
    }

    pub fn breaker(&self, instance: usize) -> State {
        self.breakers.borrow()[instance].state
    }

    /// Breakers that are not closed, of all.
    pub fn open_share(&self) -> f64 {
        let breakers = self.breakers.borrow();
        let open = breakers.iter().filter(|one| one.state != State::Closed);
        open.count() as f64 / breakers.len() as f64
    }

    pub fn breaker_turned(&self, instance: usize, state: State, now: SimTime, open_for: Duration) {
        let mut breakers = self.breakers.borrow_mut();
        let before = breakers[instance];
        if state == State::HalfOpen {
            let waited = now - before.since;
            self.invariants.only_probes.check(waited >= open_for, || {
                let instance = instance + 1;
                format!("the breaker of instance {instance} probes after {waited:?}, and {open_for:?} is the rule")
            });
        }
        breakers[instance] = Watched {
            state,
            since: now,
            era: before.era + 1,
            out: 0,
        };
    }

    /// The ambassador starts anew, with all breakers closed.
    pub fn breakers_are_new(&self) {
        for breaker in &mut *self.breakers.borrow_mut() {
            let era = breaker.era + 1;
            *breaker = Watched { era, ..CLOSED };
        }
    }

    /// A call leaves for an instance. Returns the era of the breaker, for [`returned`](Self::returned).
    pub fn leaves(&self, instance: usize, has_credentials: bool) -> u64 {
        let number = instance + 1;
        self.invariants.credentials.check(has_credentials, || {
            format!("a call left for instance {number} without credentials")
        });
        let mut breakers = self.breakers.borrow_mut();
        let breaker = &mut breakers[instance];
        breaker.out += 1;
        let may = match breaker.state {
            State::Closed => true,
            State::Open => false,
            State::HalfOpen => breaker.out <= PROBES,
        };
        self.invariants.only_probes.check(may, || {
            format!(
                "call {} left for instance {number} while its breaker was {:?}",
                breaker.out, breaker.state
            )
        });
        breaker.era
    }

    pub fn returned(&self, instance: usize, era: u64) {
        let mut breakers = self.breakers.borrow_mut();
        let breaker = &mut breakers[instance];
        if breaker.era == era {
            breaker.out -= 1;
        }
    }
}
