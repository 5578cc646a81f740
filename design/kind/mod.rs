//! The kinds of component, and the parameters of each: one table that the reader, the reference, the schema
//! and the running system share.

pub mod call;
pub mod client;
pub mod database;
pub mod external;
pub mod service;

use ddlab_labs::workbench::knob::KnobSpec;
use std::sync::LazyLock;

/// What a component is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Service,
    Database,
    External,
}

/// All that can be known of a kind without running it.
#[derive(Debug)]
pub struct KindSpec {
    pub kind: Kind,
    /// As a design writes it.
    pub word: &'static str,
    pub help: &'static str,
    pub knobs: Vec<KnobSpec>,
    /// It may call other components.
    pub calls: bool,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Service, Self::Database, Self::External];

    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.spec().word == word)
    }

    pub fn words() -> Vec<&'static str> {
        Self::ALL.iter().map(|kind| kind.spec().word).collect()
    }

    pub fn spec(self) -> &'static KindSpec {
        static SPECS: LazyLock<Vec<KindSpec>> = LazyLock::new(|| {
            vec![
                KindSpec {
                    kind: Kind::Service,
                    word: "service",
                    help: "equal replicas behind a balancer, which work and call others",
                    knobs: service::Knobs::specs(),
                    calls: true,
                },
                KindSpec {
                    kind: Kind::Database,
                    word: "database",
                    help: "a primary that takes the writes, and replicas that answer reads a little later",
                    knobs: database::Knobs::specs(),
                    calls: false,
                },
                KindSpec {
                    kind: Kind::External,
                    word: "external",
                    help: "the API of somebody else: it takes its time, fails as often as it does, and has a quota",
                    knobs: external::Knobs::specs(),
                    calls: false,
                },
            ]
        });
        &SPECS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_spec() {
        for kind in Kind::ALL {
            assert_eq!(kind.spec().kind, kind);
            assert_eq!(Kind::named(kind.spec().word), Some(kind));
        }
    }

    #[test]
    fn every_default_is_within_its_range() {
        let tables = Kind::ALL.iter().flat_map(|kind| &kind.spec().knobs);
        let others = client::SPECS.iter().chain(call::SPECS.iter());
        for knob in tables.chain(others) {
            knob.check(&knob.default)
                .unwrap_or_else(|error| panic!("{error}"));
        }
    }
}
