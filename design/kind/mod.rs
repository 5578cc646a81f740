//! The kinds of component. A kind is a file here, or a folder, and a line in [`ALL`]: its parameters, what may be
//! required of it, what theory says of it, and what it does while it runs.

pub mod call;
pub mod client;
mod database;
mod external;
mod service;

use crate::format::require::Figure;
use crate::format::{Component, number};
use crate::system::work::{Start, Work};
use crate::theory::{Flow, Load, Station};
use ddlab_labs::workbench::knob::{KnobSettings, KnobSpec};
use ddlab_labs::workbench::meter::MetricSpec;
use std::fmt::Debug;
use std::rc::Rc;

/// Every kind, in the order of the reference.
pub const ALL: [&dyn Kind; 3] = [&service::Service, &database::Database, &external::External];

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

    /// It may call other components.
    fn calls(&self) -> bool {
        false
    }

    /// It belongs to somebody else, who runs as many machines as that takes.
    fn is_foreign(&self) -> bool {
        false
    }

    /// Its machines; what belongs to somebody else counts as one.
    fn machines(&self, settings: &KnobSettings) -> usize {
        number(settings, "replicas").map_or(1, |replicas| replicas as usize)
    }

    /// What a requirement may bound, beside what there is of every component.
    fn figures(&self) -> &'static [Figure] {
        &[]
    }

    /// What is measured, beside what is measured of every component; `chart` is the place of its first chart.
    fn metrics(&self, _component: &str, _chart: u8) -> Vec<MetricSpec> {
        Vec::new()
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

pub fn words() -> Vec<&'static str> {
    ALL.iter().map(|kind| kind.word()).collect()
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
