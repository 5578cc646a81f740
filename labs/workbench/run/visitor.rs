//! What the thread of a run does for who stands at its [`Door`](super::Door).

use super::door::{Ask, Done};
use super::runner::Runner;
use crate::engine::SimTime;
use crate::workbench::outside::{Effect, Why};

impl Runner {
    /// Nobody is left waiting: what a failed run is asked is dropped, and so answered.
    pub(super) fn let_in(&mut self, ask: Ask) {
        let seeking = self.seeking.is_some();
        let Some(sides) = &mut self.sides else {
            return;
        };
        match ask {
            Ask::Request(_, reply) if seeking => reply.refuse(
                Why::Down,
                "the run is on its way to another moment by replay",
                "ask again when it is there",
            ),
            Ask::Request(outside, reply) => {
                let looks = outside.endpoint.effect == Effect::Looks;
                sides.request(outside, reply);
                if !looks {
                    self.another_future();
                }
            }
            // Their senders are dropped: a replay must not be changed on its way.
            Ask::Deed(..) | Ask::Afresh(..) if seeking => {}
            Ask::Deed(deed, tell) => {
                let done = sides.join_in(deed).map(|()| Done {
                    at: sides.now(),
                    restarted: false,
                });
                if done.is_ok() {
                    self.another_future();
                }
                // Whoever asked may be gone; it is done all the same.
                let _ = tell.send(done);
            }
            Ask::Afresh(knob, value, tell) => {
                self.set(knob.name, &value);
                let _ = tell.send(Ok(Done {
                    at: SimTime::ZERO,
                    restarted: true,
                }));
            }
        }
    }
}
