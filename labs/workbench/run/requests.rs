//! What the thread of a run does for its [clients](super::RunClient).

use super::client::Applied;
use super::runner::Runner;
use crate::workbench::compare::Sides;
use crate::workbench::intervention::{Intervention, InterventionError};
use crate::workbench::outside::{Effect, Outside, Refusal, Reply, Why};
use tokio::sync::oneshot::Sender;

impl Runner {
    /// A failed run drops the reply, which answers it.
    pub(super) fn request(&mut self, outside: Outside, reply: Reply) {
        let Some(sides) = &mut self.sides else {
            return;
        };
        if self.seeking.is_some() {
            return reply.refuse(Refusal::new(
                Why::Down,
                "the run is on its way to another moment by replay",
                "ask again when it is there",
            ));
        }
        let looks = outside.endpoint.effect == Effect::Looks;
        sides.request(outside, reply);
        if !looks {
            self.another_future();
        }
    }

    /// A replay must not be changed on its way: then, and when the run has failed, `outcome` is dropped,
    /// which the client hears as [`Gone`](super::Gone).
    pub(super) fn intervene_for_client(
        &mut self,
        what: Intervention,
        outcome: Sender<Result<Applied, InterventionError>>,
    ) {
        if self.seeking.is_none()
            && let Some(applied) = self.intervene(what, Sides::intervene_for_client)
        {
            // Whoever asked may be gone; it took effect all the same.
            let _ = outcome.send(applied);
        }
    }
}
