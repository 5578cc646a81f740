//! The kinds of component. A kind is a file here, or a folder, and a line in [`ALL`]: its parameters, what may be
//! required of it, what theory says of it, and what it does while it runs.

mod batch;
mod cache;
pub mod call;
pub mod client;
mod database;
mod external;
mod function;
mod lease;
mod pipeline;
pub(crate) mod queue;
mod rate_limiter;
mod scatter_gather;
mod service;

use crate::format::require::Figure;
use crate::format::{Component, number};
use crate::system::work::{Mishap, Start, Work};
use crate::theory::{Flow, Load, Station};
use ddlab_labs::workbench::knob::{KnobSettings, KnobSpec};
use ddlab_labs::workbench::meter::MetricSpec;
use std::fmt::Debug;
use std::rc::Rc;

/// Every kind, in the order of the reference.
pub const ALL: [&dyn Kind; 13] = [
    &service::Service,
    &database::Database,
    &external::External,
    &cache::Cache,
    &cache::cdn::Cdn,
    &queue::Queue,
    &queue::pool::Pool,
    &scatter_gather::ScatterGather,
    &rate_limiter::RateLimiter,
    &function::Function,
    &lease::Lease,
    &pipeline::Pipeline,
    &batch::Batch,
];

/// How a component says whom it calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    Nobody,
    /// By a list, `calls`.
    Many,
    /// One component, by a field of this name: `origin: NAME`, or a call with its parameters.
    One(&'static str),
}

/// A component that is written within another, in a field of it.
#[derive(Debug, Clone, Copy)]
pub struct Inner {
    pub field: &'static str,
    pub kind: &'static dyn Kind,
}

/// What a component is.
pub trait Kind: Debug + Sync {
    /// As a design writes it.
    fn word(&self) -> &'static str;

    /// What it is, behind `this is`.
    fn help(&self) -> &'static str;

    fn knobs(&self) -> &'static [KnobSpec];

    /// What it is drawn between in a diagram of Mermaid.
    fn shape(&self) -> (&'static str, &'static str) {
        ("[", "]")
    }

    fn calls(&self) -> Calls {
        Calls::Nobody
    }

    /// The component that is written within one of this kind, and has its load.
    fn inner(&self) -> Option<Inner> {
        None
    }

    /// What one of its machines is called.
    fn machine(&self) -> &'static str {
        "replica"
    }

    /// Others may call it. Else it works by itself.
    fn is_called(&self) -> bool {
        true
    }

    /// Somebody else runs it, in all zones: what is one machine here stands for as many as it takes.
    fn is_foreign(&self) -> bool {
        false
    }

    /// Its machines; what belongs to somebody else counts as one.
    fn machines(&self, settings: &KnobSettings) -> usize {
        number(settings, "replicas").map_or(1, |replicas| replicas as usize)
    }

    /// The number of a machine that is called by other words than its number, as in `NAME leaf 3`.
    fn machine_of(&self, _settings: &KnobSettings, _words: &[&str]) -> Option<u32> {
        None
    }

    /// What a requirement may bound, beside what there is of every component.
    fn figures(&self) -> &'static [Figure] {
        &[]
    }

    /// What is measured, beside what is measured of every component; `chart` is the place of its first chart.
    fn metrics(&self, _component: &str, _chart: u8) -> Vec<MetricSpec> {
        Vec::new()
    }

    /// What may befall it, beside what may befall every machine.
    fn mishaps(&self) -> &'static [Mishap] {
        &[]
    }

    /// The component as a station of a network of queues.
    fn station(&self, load: &Load<'_>) -> Station;

    /// Requests a second that make its calls, of those that come to it.
    fn passes_on(&self, _component: &Component, flow: Flow) -> f64 {
        flow.rps
    }

    /// The component as it runs.
    fn start(&self, start: &Start<'_>) -> Rc<dyn Work>;
}

impl PartialEq for dyn Kind {
    fn eq(&self, other: &Self) -> bool {
        self.word() == other.word()
    }
}

/// The kind of this word.
pub fn named(word: &str) -> Option<&'static dyn Kind> {
    ALL.into_iter().find(|kind| kind.word() == word)
}

/// The words of those that stand on their own, and not within another.
pub fn words() -> Vec<&'static str> {
    let outer = ALL.into_iter().filter(|kind| outer_of(*kind).is_none());
    outer.map(Kind::word).collect()
}

/// The kind that one of this kind is written within, and the field there.
pub fn outer_of(kind: &dyn Kind) -> Option<(&'static dyn Kind, Inner)> {
    ALL.into_iter().find_map(|outer| {
        let inner = outer.inner()?;
        (inner.kind.word() == kind.word()).then_some((outer, inner))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_word_of_its_own() {
        for kind in ALL {
            assert_eq!(named(kind.word()), Some(kind));
        }
    }

    #[test]
    fn every_default_is_within_its_range() {
        let tables = ALL.iter().flat_map(|kind| kind.knobs());
        let others = client::SPECS.iter().chain(call::SPECS.iter());
        for knob in tables.chain(others) {
            knob.check(&knob.default)
                .unwrap_or_else(|error| panic!("{error}"));
        }
    }
}
