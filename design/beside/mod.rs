//! What stands beside each machine of a component, whatever its kind: a field of the component with parameters of its
//! own. A helper is a file here and a line in [`ALL`].

mod adapter;
mod sidecar;

use crate::format::require::Figure;
use crate::system::call::Answer;
use crate::system::machine::Machine;
use crate::system::work::Mishap;
use crate::system::world::{Base, World};
use ddlab_labs::workbench::knob::{KnobSpec, Settings};
use ddlab_labs::workbench::meter::MetricSpec;
use futures::future::LocalBoxFuture;
use std::fmt::Debug;
use std::rc::Rc;

/// Every helper, in the order of the reference.
pub const ALL: [&dyn Helper; 2] = [&sidecar::Sidecar, &adapter::Adapter];

/// What may stand beside a machine.
pub trait Helper: Debug + Sync {
    /// The field of a component that has its parameters.
    fn word(&self) -> &'static str;

    /// What it is, behind `this is`.
    fn help(&self) -> &'static str;

    fn knobs(&self) -> &'static [KnobSpec];

    /// What a requirement may bound of a component that has it.
    fn figures(&self) -> &'static [Figure];

    /// What is measured of a component that has it; `chart` is the place of its first chart.
    fn metrics(&self, component: &str, chart: u8) -> Vec<MetricSpec>;

    /// What may befall a machine that has it.
    fn mishaps(&self) -> &'static [Mishap];

    /// As it runs beside the machines of this component.
    fn start(&self, base: &Base, component: &str, own: &Rc<Settings>) -> Rc<dyn Beside>;
}

/// A helper while it runs.
pub trait Beside {
    /// It stands beside this machine from now on.
    fn join(self: Rc<Self>, world: &Rc<World>, machine: &Rc<Machine>);

    /// A request comes to the machine. An answer is that of the helper: the machine is not asked.
    fn before<'a>(&'a self, machine: &'a Machine) -> LocalBoxFuture<'a, Option<Answer>>;

    /// The machine has this answer, and gives it when this has completed.
    fn after<'a>(&'a self, machine: &'a Machine, answer: Answer) -> LocalBoxFuture<'a, ()>;

    /// The machine's process has ended, or is there again.
    fn lives(self: Rc<Self>, world: &Rc<World>, machine: &Rc<Machine>, up: bool);

    /// One of its mishaps befalls a machine, or is undone. Says what happens, behind the machine's name.
    fn befalls(&self, machine: &Machine, mishap: &Mishap, begins: bool) -> String;

    /// Sets the levels that go by the clock.
    fn measure(&self, world: &World);
}
