//! A client of a run: whoever acts on it without owning it, such as the gateway. Requests and
//! interventions, each with an answer. A client may outlive the run; then all it asks ends as [`Gone`].

use super::{Newest, RunMessage};
use crate::engine::SimTime;
use crate::workbench::frame::Frame;
use crate::workbench::intervention::{Intervention, InterventionError};
use crate::workbench::lab::{Lab, LabSpec};
use crate::workbench::outside::{Outside, Reply, RequestOutcome};
use std::fmt;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Weak};
use tokio::sync::oneshot;

/// An intervention took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// When, in the run's virtual time.
    pub at: SimTime,
    /// The run began again for it.
    pub restarted: bool,
}

/// The run has ended, has failed, or has dropped the question when it began again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the run ended or began again before it came to an answer")]
pub struct Gone;

/// See the module.
#[derive(Clone)]
pub struct RunClient {
    pub(super) lab: &'static dyn Lab,
    pub(super) newest: Arc<Newest>,
    /// Weak: a run ends with its handle, whatever its clients hold.
    pub(super) inbox: Weak<Sender<RunMessage>>,
}

impl RunClient {
    pub fn spec(&self) -> &'static LabSpec {
        self.lab.spec()
    }

    /// The newest frame; before the first it is empty.
    pub fn frame(&self) -> Arc<Frame> {
        self.newest.get()
    }

    /// Whether the run still exists.
    pub fn is_open(&self) -> bool {
        self.inbox.strong_count() > 0
    }

    /// Sends a request into the lab; the answer comes when virtual time has come so far.
    ///
    /// # Errors
    /// When the run ends or begins again before the answer.
    pub async fn request(&self, outside: Outside) -> Result<RequestOutcome, Gone> {
        let (reply, answer) = Reply::channel();
        self.send(RunMessage::Request(outside, reply))?;
        answer.await.map_err(|_| Gone)
    }

    /// Intervenes. A knob that only counts at the start of a run starts it again.
    ///
    /// # Errors
    /// [`Gone`] when the run ends or begins again before that; within it, why the run refuses.
    pub async fn intervene(
        &self,
        what: Intervention,
    ) -> Result<Result<Applied, InterventionError>, Gone> {
        let (sender, outcome) = oneshot::channel();
        self.send(RunMessage::Intervene(what, sender))?;
        outcome.await.map_err(|_| Gone)
    }

    fn send(&self, message: RunMessage) -> Result<(), Gone> {
        let inbox = self.inbox.upgrade().ok_or(Gone)?;
        inbox.send(message).map_err(|_| Gone)
    }
}

impl fmt::Debug for RunClient {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RunClient")
            .field("lab", &self.spec().id)
            .finish_non_exhaustive()
    }
}
