//! What the thread of a run does for who stands at its [`Door`](super::Door).

use super::door::{Ask, Done};
use super::runner::Runner;
use crate::engine::SimTime;
use crate::workbench::outside::Why;

impl Runner {
    /// Nobody is left waiting: what a failed run is asked is dropped, and so answered.
    pub(super) fn let_in(&mut self, ask: Ask) {
        let seeking = self.is_seeking();
        let Some(session) = self.session() else {
            return;
        };
        match ask {
            Ask::Request(_, reply) if seeking => reply.refuse(
                Why::Down,
                "the run is on its way to another moment by replay",
                "ask again when it is there",
            ),
            Ask::Request(outside, reply) => session.request(outside, reply),
            // Their senders are dropped: a replay must not be changed on its way.
            Ask::Deed(..) | Ask::Afresh(..) if seeking => {}
            Ask::Deed(deed, tell) => {
                let done = session.join_in(deed).map(|()| Done {
                    at: session.now(),
                    restarted: false,
                });
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
