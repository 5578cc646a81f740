//! The way into a run for who does not sit at its screen: requests, and deeds whose outcome they want
//! to hear. It may outlive the run; then everything it is asked comes to [`Gone`].

use super::{Newest, Order};
use crate::engine::SimTime;
use crate::workbench::action::Action;
use crate::workbench::frame::Frame;
use crate::workbench::knob::{KnobSpec, KnobValue};
use crate::workbench::lab::{Lab, LabSpec};
use crate::workbench::outside::{Answer, Outside, Reply};
use crate::workbench::plan::{Deed, DeedError};
use std::fmt;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Weak};
use tokio::sync::oneshot;

/// What somebody outside may do to a run.
#[derive(Debug)]
pub(super) enum Ask {
    Request(Outside, Reply),
    Deed(Deed, oneshot::Sender<Result<Done, DeedError>>),
    /// A knob that shapes the whole run.
    Afresh(
        &'static KnobSpec,
        KnobValue,
        oneshot::Sender<Result<Done, DeedError>>,
    ),
}

/// A deed that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// When, in the run's virtual time.
    pub at: SimTime,
    /// The run has begun again for it.
    pub restarted: bool,
}

/// The run has ended, has failed, or has dropped what it was asked when it began again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the run ended or began again before it came to an answer")]
pub struct Gone;

/// See the module.
#[derive(Clone)]
pub struct Door {
    pub(super) lab: &'static dyn Lab,
    pub(super) newest: Arc<Newest>,
    /// Not held: a run ends with its handle, whoever stands at the door.
    pub(super) orders: Weak<Sender<Order>>,
}

impl Door {
    pub fn spec(&self) -> &'static LabSpec {
        self.lab.spec()
    }

    /// The newest frame; before the first it is empty.
    pub fn frame(&self) -> Arc<Frame> {
        self.newest.get()
    }

    /// Whether the run is still there.
    pub fn is_open(&self) -> bool {
        self.orders.strong_count() > 0
    }

    /// Hands in a request; it is answered when virtual time has come so far.
    pub async fn request(&self, outside: Outside) -> Result<Answer, Gone> {
        let (reply, answer) = Reply::channel();
        self.send(Ask::Request(outside, reply))?;
        answer.await.map_err(|_| Gone)
    }

    /// Turns a knob to a value that has been checked against it.
    pub async fn set(
        &self,
        knob: &'static KnobSpec,
        value: KnobValue,
    ) -> Result<Result<Done, DeedError>, Gone> {
        let (tell, told) = oneshot::channel();
        self.send(if knob.needs_restart {
            Ask::Afresh(knob, value, tell)
        } else {
            let knob = knob.name;
            Ask::Deed(Deed::Set { knob, value }, tell)
        })?;
        told.await.map_err(|_| Gone)
    }

    /// Does an action of the lab's table.
    pub async fn act(&self, action: Action) -> Result<Result<Done, DeedError>, Gone> {
        let (tell, told) = oneshot::channel();
        self.send(Ask::Deed(Deed::Act(action), tell))?;
        told.await.map_err(|_| Gone)
    }

    fn send(&self, ask: Ask) -> Result<(), Gone> {
        let orders = self.orders.upgrade().ok_or(Gone)?;
        orders.send(Order::Outside(ask)).map_err(|_| Gone)
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Door")
            .field("lab", &self.spec().id)
            .finish_non_exhaustive()
    }
}
