//! What a lab is: a [`LabSpec`], and a way to start it on a simulator.

use super::action::{Action, ActionError};
use super::frame::Frame;
use super::instruments::Instruments;
use super::knob::{KnobId, Settings};
use super::outside::{Outside, Refusal, Reply, Why};
use super::role::Role;
pub use super::spec::LabSpec;
use super::theory::Theory;
use crate::engine::Sim;
use std::rc::Rc;

/// One lab of the registry.
pub trait Lab: Sync {
    fn spec(&self) -> &'static LabSpec;

    /// Builds the lab's world in `sim`, at time 0 and with nothing run yet. The settings are the run's
    /// own: what the lab reads of them is always the present value.
    fn start(&self, sim: &Sim, settings: &Rc<Settings>) -> Box<dyn RunningLab>;

    /// What theory says of its figures with these settings; nothing where no law speaks of any.
    fn theory(&self, _settings: &Rc<Settings>) -> Vec<Theory> {
        Vec::new()
    }
}

/// A lab in its simulator. Whoever drives it calls these between two events; all of them take
/// effect at the simulator's present moment.
pub trait RunningLab {
    /// A knob that needs no restart has been turned. The lab reads the new value already, and the
    /// journal says so; here it does what does not follow by itself.
    fn turned(&mut self, _sim: &Sim, _knob: KnobId) {}

    /// Does a named thing, one of the lab's table, to a node that there is. Returns what the journal says
    /// of it where that is more than what was asked. An action that comes to turning a knob turns it.
    fn act(&mut self, _sim: &Sim, _action: &Action) -> Result<Option<String>, ActionError> {
        Ok(None)
    }

    /// The numbers of the nodes of this role that actions may be aimed at, in order.
    fn numbers(&self, _role: &'static Role) -> Vec<u32> {
        Vec::new()
    }

    /// Takes in a request for one of the lab's endpoints. What travels must come to the same run with
    /// or without somebody to reply to; what looks must change nothing.
    fn request(&mut self, _sim: &Sim, outside: &Outside, reply: Reply) {
        let message = format!("this lab does not answer {}", outside.endpoint.form());
        let hint = "GET / lists what there is";
        reply.refuse(Refusal::new(Why::NotFound, message, hint));
    }

    /// Draws the picture: nodes, links, flights. All else of a frame comes from the instruments.
    fn fill(&self, sim: &Sim, frame: &mut Frame);

    /// Its meters, invariants, journal and traces.
    fn instruments(&self) -> &Instruments;
}
