//! What the table of a lab and its `mod.rs` are written with.

pub use super::action::{Action, ActionError, NodeBy, NodeFor, number, on, on_by, on_for, on_or};
pub use super::frame::Frame;
pub use super::instruments::Instruments;
pub use super::knob::form::{
    choice, count, distribution, duration, quantity, recurrence, share, switch,
};
pub use super::knob::{KnobId, Settings};
pub use super::lab::{Lab, LabSpec, RunningLab};
pub use super::outside::endpoint::{get, post, put};
pub use super::outside::{Outside, Reply};
pub use super::role::{Rank, Role};
pub use super::scene::SceneKind;
pub use super::workload::Arrivals;
pub use crate::engine::{Distribution, Sim};
pub use crate::{actions, endpoints, invariants, knobs, lab_spec, metrics};
pub use std::rc::Rc;
pub use std::time::Duration;
