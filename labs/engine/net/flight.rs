//! What is on the way: for a screen that draws messages between nodes.
//!
//! Nothing is recorded for it. The messages on the way are in the time queue anyway, and whoever looks reads
//! them there: a run that nobody watches pays nothing.

use super::{Leg, Net};
use crate::engine::node::NodeId;
use crate::engine::time::SimTime;
use crate::engine::timer::Event;

/// One message on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flight {
    pub from: NodeId,
    pub to: NodeId,
    pub sent_at: SimTime,
    pub arrives_at: SimTime,
    pub kind: FlightKind,
    /// The sender's mark: a hedge, a retry. A reply and a cancellation carry that of their request.
    pub tag: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlightKind {
    Request,
    Reply,
    /// A reply that is a refusal or a reset.
    Error,
    Cancel,
    OneWay,
}

impl Flight {
    /// 0 at the sender, 1 at the receiver.
    pub fn progress(&self, now: SimTime) -> f32 {
        let whole = self.arrives_at.0.saturating_sub(self.sent_at.0);
        if whole == 0 {
            return 1.0;
        }
        let done = now.0.saturating_sub(self.sent_at.0);
        (done as f64 / whole as f64).min(1.0) as f32
    }
}

impl Net {
    /// Up to `limit` messages that are on the way. Which ones, when there are more, is always the same.
    pub fn flights(&self, limit: usize) -> Vec<Flight> {
        let timers = self.world.timers.borrow();
        timers
            .iter()
            .filter_map(|(at, event)| match event {
                Event::Net { channel, slot, leg } => Some((at, *channel, *slot, *leg)),
                _ => None,
            })
            .filter_map(|(at, channel, slot, leg)| {
                let channel = self.world.net.by_index(channel);
                let (from, to, sent_at, kind, tag) = channel.flight(slot, leg)?;
                Some(Flight {
                    from,
                    to,
                    sent_at,
                    arrives_at: SimTime(at),
                    kind,
                    tag,
                })
            })
            .take(limit)
            .collect()
    }
}

impl Leg {
    /// Something is on the way; the other legs are a sender that waits.
    pub fn travels(self) -> bool {
        matches!(
            self,
            Self::Request | Self::Reply | Self::Cancel | Self::OneWay
        )
    }
}
