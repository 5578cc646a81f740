//! The file of a design, read: what it says, and what is wrong with it.
//!
//! - here: what a design is;
//! - [`yaml`]: its text as a tree in which each word knows its place; [`problem`]: what is wrong, where;
//! - `fields`: a mapping of the tree, field by field; `reader`: the tree as a design;
//! - [`fault`]: what is done to it while it runs; [`require`]: what it must meet; `sizes`: how large its data is;
//!   [`lots`]: who handles the lots of an auction;
//! - `check`: what the parts of a design must be to each other.

mod check;
pub mod fault;
pub(crate) mod fields;
pub mod lots;
pub mod problem;
pub(crate) mod reader;
pub mod require;
pub(crate) mod sizes;
#[cfg(test)]
pub(crate) mod tests;
pub mod yaml;

use crate::beside::Helper;
use crate::kind::Kind;
use crate::system::work::Mishap;
use ddlab_labs::workbench::knob::KnobSettings;
pub use fault::{Act, Fault};
pub use problem::{Mark, Problem, Severity};
pub use require::{Figure, Requirement};

/// Components of a design, at most.
pub const COMPONENTS_MAX: usize = 300;
/// Clients of a design, at most.
pub const CLIENTS_MAX: usize = 30;
/// Machines of a design, at most, all replicas counted.
pub const MACHINES_MAX: usize = 5_000;
/// Calls that one client or component makes, at most.
pub const CALLS_MAX: usize = 40;
/// Calls that a request of a client comes to, at most, with those that its calls lead to.
pub const CALLS_OF_A_REQUEST_MAX: f64 = 10_000.0;
/// Machines that faults befall, at most, each counted as often as one befalls it.
pub const BEFALLEN_MAX: usize = 20_000;
/// Errors of a file that are told, at most: what comes behind so many is not read.
pub const PROBLEMS_MAX: usize = 100;

/// A system, as its file says.
#[derive(Debug, Clone)]
pub struct Design {
    /// How it is called: `search that survives one slow leaf`.
    pub name: String,
    pub title: String,
    pub clients: Vec<Client>,
    pub components: Vec<Component>,
    pub faults: Vec<Fault>,
    pub require: Vec<Requirement>,
    /// Bytes: of an answer to a client, or of the data on each machine of a component.
    pub sizes: Vec<(String, f64)>,
    /// Who handles the lots, where it is an auction.
    pub lots: Option<lots::Handlers>,
    /// The text that it was read from.
    pub text: String,
}

/// Where load comes from.
#[derive(Debug, Clone)]
pub struct Client {
    pub name: String,
    pub at: Mark,
    pub settings: KnobSettings,
    pub calls: Vec<Edge>,
}

impl Client {
    /// Its rate is the same at any time of a run.
    pub fn is_steady(&self) -> bool {
        self.settings.value("profile").to_string() == "steady"
    }
}

/// A part of the system.
#[derive(Debug, Clone)]
pub struct Component {
    pub name: String,
    pub at: Mark,
    pub kind: &'static dyn Kind,
    pub settings: KnobSettings,
    /// What stands beside its machines.
    pub helpers: Vec<Helped>,
    pub calls: Vec<Edge>,
    /// The place of the component that is written within it, and has its load.
    pub inner: Option<usize>,
}

/// What stands beside the machines of a component.
#[derive(Debug, Clone)]
pub struct Helped {
    pub helper: &'static dyn Helper,
    pub settings: KnobSettings,
}

/// A call that a client or a component makes for each of its requests.
#[derive(Debug, Clone)]
pub struct Edge {
    /// The callee's place in [`Design::components`].
    pub to: usize,
    pub at: Mark,
    pub settings: KnobSettings,
}

impl Design {
    /// Of an answer, where the design does not say it.
    pub const ANSWER_BYTES: f64 = 10e3;
    /// On each machine of what stores data, where the design does not say it.
    pub const STORED_BYTES: f64 = 100e9;

    /// As the design says it.
    pub fn size(&self, name: &str) -> Option<f64> {
        let found = self.sizes.iter().find(|(of, _)| of == name);
        found.map(|(_, bytes)| *bytes)
    }

    /// Of its clients, then of its components.
    pub fn names(&self) -> Vec<&str> {
        let clients = self.clients.iter().map(|client| client.name.as_str());
        let components = self.components.iter().map(|one| one.name.as_str());
        clients.chain(components).collect()
    }

    pub fn component(&self, name: &str) -> Option<usize> {
        self.components.iter().position(|one| one.name == name)
    }
}

impl Component {
    /// Its machines; what belongs to somebody else counts as one.
    pub fn replicas(&self) -> usize {
        self.kind.machines(&self.settings)
    }

    /// What may befall it, beside what may befall every machine.
    pub fn mishaps(&self) -> impl Iterator<Item = &'static Mishap> {
        let helpers = self.helpers.iter();
        let of_helpers = helpers.flat_map(|helped| helped.helper.mishaps());
        self.kind.mishaps().iter().chain(of_helpers)
    }

    /// What a requirement may bound, beside what there is of every component.
    pub fn figures(&self) -> impl Iterator<Item = &'static Figure> {
        let helpers = self.helpers.iter();
        let of_helpers = helpers.flat_map(|helped| helped.helper.figures());
        self.kind.figures().iter().chain(of_helpers)
    }
}

impl Edge {
    pub fn is_optional(&self) -> bool {
        use ddlab_labs::workbench::knob::KnobValue;
        *self.settings.value("optional") == KnobValue::Switch(true)
    }

    pub fn has_depth(&self) -> bool {
        number(&self.settings, "depth").is_some()
    }
}

/// The number that a parameter has, if there is such a parameter and it is a number.
pub(crate) fn number(settings: &KnobSettings, name: &str) -> Option<f64> {
    use ddlab_labs::workbench::knob::KnobValue;
    let mut all = settings.iter();
    match all.find(|(knob, _)| knob.name == name)?.1 {
        KnobValue::Number(number) => Some(*number),
        _ => None,
    }
}

/// What reading a file came to: the design, where it can be run, and all that is to be said of it, in order of
/// place.
#[derive(Debug, Clone)]
pub struct Read {
    pub design: Option<Design>,
    pub problems: Vec<Problem>,
}

/// Reads a design.
pub fn read(text: &str) -> Read {
    let mut problems = Vec::new();
    let design = match yaml::parse(text) {
        Err(problem) => {
            problems.push(problem);
            None
        }
        Ok(tree) => reader::design(tree.as_ref(), text, &mut problems),
    };
    if let Some(design) = &design
        && problems.is_empty()
    {
        check::check(design, &mut problems);
    }
    problems.sort();
    let runs = !problems.iter().any(Problem::is_error);
    Read {
        design: design.filter(|_| runs),
        problems,
    }
}
