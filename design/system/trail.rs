//! The way of a request through the design: each attempt of each call, for the waterfall.

use super::world::World;
use ddlab_labs::engine::{CallTrace, CallTraces, SimTime};
use ddlab_labs::workbench::trace::{Outcome, Span, phases};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Attempts of one request that are kept, the first ones: retries multiply.
const HOPS_MAX: usize = 200;

/// All attempts of one request of a client, in the order in which they began.
#[derive(Debug, Default)]
struct Trail {
    hops: RefCell<Vec<Hop>>,
    /// Of each attempt.
    traces: CallTraces,
}

/// Trails of requests that have ended, for others to begin in: most requests so need no memory of their own.
#[derive(Debug, Default)]
pub struct Trails(RefCell<Vec<Rc<Trail>>>);

impl Trails {
    /// Where a request of a client begins.
    pub fn start(&self) -> Spot {
        let trail = self.0.borrow_mut().pop().unwrap_or_default();
        Spot { trail, hop: None }
    }

    /// A request has ended, and its trail was looked at. One on which something still goes on is left to that.
    pub fn end(&self, spot: Spot) {
        let mut trail = spot.trail;
        if let Some(ended) = Rc::get_mut(&mut trail)
            && ended.traces.begin_anew()
        {
            ended.hops.get_mut().clear();
            self.0.borrow_mut().push(trail);
        }
    }
}

/// An attempt at a machine.
#[derive(Debug)]
struct Hop {
    /// The attempt that it was made for; none is the request itself.
    within: Option<usize>,
    component: usize,
    machine: u32,
    /// Which attempt of its call it is, from 1.
    nth: u64,
    began: SimTime,
    ended: Option<(SimTime, Outcome)>,
}

/// An attempt that is out, until whoever made it has its answer, or gives it up.
pub struct Step<'a> {
    world: &'a World,
    /// What its callee does is within it.
    pub spot: Spot,
    /// For the call that it is.
    pub trace: CallTrace,
    outcome: Cell<Outcome>,
}

impl Step<'_> {
    /// It has an answer.
    pub fn is_answered(&self, done: bool) {
        self.outcome
            .set(if done { Outcome::Ok } else { Outcome::Error });
    }
}

impl Drop for Step<'_> {
    fn drop(&mut self) {
        if let Some(hop) = self.spot.hop {
            let ended = Some((self.world.now(), self.outcome.get()));
            self.spot.trail.hops.borrow_mut()[hop].ended = ended;
        }
    }
}

/// A place on the trail: what is done from here on is within it.
#[derive(Debug, Clone)]
pub struct Spot {
    trail: Rc<Trail>,
    hop: Option<usize>,
}

impl Spot {
    /// An attempt begins at a machine of this component; none when there are too many already.
    pub fn enter<'a>(
        &self,
        world: &'a World,
        (component, machine): (usize, u32),
        nth: u64,
    ) -> Option<Step<'a>> {
        let mut hops = self.trail.hops.borrow_mut();
        if hops.len() == HOPS_MAX {
            return None;
        }
        let trace = self.trail.traces.open();
        hops.push(Hop {
            within: self.hop,
            component,
            machine,
            nth,
            began: world.now(),
            ended: None,
        });
        let spot = Self {
            trail: Rc::clone(&self.trail),
            hop: Some(hops.len() - 1),
        };
        Some(Step {
            world,
            spot,
            trace,
            outcome: Cell::new(Outcome::TimedOut),
        })
    }

    /// The request as a whole, and below it the spans of its attempts.
    pub fn spans(&self, world: &World, whole: Span) -> Vec<Span> {
        let (hops, traces) = (self.trail.hops.borrow(), &self.trail.traces);
        let end = whole.ended.unwrap_or(whole.started);
        let span = |(place, hop): (usize, &Hop)| {
            let component = &world.components[hop.component];
            let node = match component.machines().len() {
                1 => component.name.to_string(),
                _ => format!("{} {}", component.name, hop.machine),
            };
            let (ended, outcome) = match hop.ended {
                Some((ended, outcome)) => (Some(ended), outcome),
                None => (None, Outcome::Running),
            };
            let mut span = Span::new(node, hop.began, ended, outcome);
            span.parent = Some(hop.within.map_or(0, |within| within + 1) as u16);
            if hop.nth > 1 {
                span.note = format!("attempt {}", hop.nth);
            }
            span.phases = phases(&traces.phases(place), hop.began, ended.unwrap_or(end));
            span
        };
        std::iter::once(whole)
            .chain(hops.iter().enumerate().map(span))
            .collect()
    }
}
