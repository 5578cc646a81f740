//! What a game day must be: a calm evening calls nobody, each incident can be found and mended, and what people do
//! first does not mend it.

mod alerts;
mod incidents;
mod words;

use super::incident::Incident;
use super::library::Template;
use super::night::{Night, OPENING_S, Planned};
use super::shift::Shift;
use ddlab_labs::engine::{SimTime, keyed};

/// When the incident of a test begins.
const BEGINS_S: u64 = OPENING_S + 100;

/// An evening of this seed with one incident.
fn evening(template: &Template, seed: u64) -> Shift {
    let incident: Incident = (template.make)(&mut keyed(seed, "test", &[]));
    let begins = SimTime::from_secs(BEGINS_S);
    shift(seed, vec![Planned { begins, incident }])
}

fn shift(seed: u64, planned: Vec<Planned>) -> Shift {
    Shift::of(Night::new(1, seed).unwrap(), planned).unwrap()
}
