//! The transport below calls: each leg reaches the other end, late if it must be sent again, or it is given up.

use super::exchange::Calls;
use super::slot::{CallSlot, CallStage, RETRANSMIT_UNTIL};
use super::{CallError, Leg, Luck};
use crate::engine::node::NodeId;
use crate::engine::timer::Event;
use std::rc::Rc;

impl<Req: 'static, Rep: 'static> Calls<Req, Rep> {
    /// Puts one leg on its way, or sets the time of the next attempt if it is lost.
    pub(super) fn launch(&self, index: u32, slot: &mut CallSlot<Req, Rep>, leg: Leg) {
        let world = &self.world;
        let now = world.now.get();
        let (from, to) = slot.ends(leg);
        let attempt = slot.attempt_of(leg);
        attempt.sent_at = now;
        let luck = Luck {
            leg: leg as u8,
            attempt: attempt.number.get(),
            key: slot.key,
        };
        let latency = world.net.links.borrow().transmit(from, to, luck);
        if let Some(latency) = latency {
            let mut at = now.saturating_add(latency);
            match leg {
                Leg::Request => slot.request_arrives_at = at,
                Leg::Cancel => at = at.max(slot.request_arrives_at),
                _ => {}
            }
            world.net.count(|counters| counters.in_flight += 1);
            self.schedule(at, to, index, leg);
        } else {
            self.launch_later(index, slot, leg);
        }
    }

    /// The leg is lost: its sender notices nothing until its patience ends.
    fn launch_later(&self, index: u32, slot: &mut CallSlot<Req, Rep>, leg: Leg) {
        let (from, _) = slot.ends(leg);
        let attempt = *slot.attempt_of(leg);
        let patience = attempt.patience();
        let at = attempt.sent_at.saturating_add(patience);
        let again = match leg {
            Leg::Request => Leg::RequestAgain,
            Leg::Reply => Leg::ReplyAgain,
            _ => Leg::CancelAgain,
        };
        self.schedule(at, from, index, again);
    }

    fn schedule(&self, at: u64, node: NodeId, slot: u32, leg: Leg) {
        let channel = self.index;
        self.world
            .schedule(at, node, Event::Net { channel, slot, leg });
    }

    /// The sender's patience has ended: it sends again, or gives up.
    pub(super) fn again(&self, index: u32, leg: Leg) {
        let mut slots = self.slots.borrow_mut();
        let slot = &mut slots[index];
        if matches!((leg, &slot.stage), (Leg::Request, CallStage::Revoked)) {
            slot.stage = CallStage::Spent;
            return self.settle(slots, index);
        }
        let now = self.world.now.get();
        let attempt = slot.attempt_of(leg);
        if now - attempt.began_at() < RETRANSMIT_UNTIL {
            attempt.number = attempt.number.saturating_add(1);
            self.world.net.count(|counters| counters.retransmits += 1);
            return self.launch(index, slot, leg);
        }
        if leg == Leg::Cancel {
            slot.cancel = None;
            return self.settle(slots, index);
        }
        let abandoned = std::mem::replace(
            &mut slot.stage,
            CallStage::Reply(Err(CallError::Unreachable)),
        );
        drop(slots);
        drop(abandoned);
        self.finish(index);
    }

    /// A leg is at the other end.
    pub(super) fn arrive(self: &Rc<Self>, index: u32, leg: Leg) {
        let world = &self.world;
        world.net.count(|counters| counters.in_flight -= 1);
        let mut slots = self.slots.borrow_mut();
        let slot = &mut slots[index];
        let (from, to) = slot.ends(leg);
        if !world.net.links.borrow().passes(from, to) {
            // The link was cut while it was under way.
            return self.launch_later(index, slot, leg);
        }
        if leg == Leg::Cancel && world.paused.get() > 0 {
            let paused_until = world.nodes.borrow().paused_until(to);
            if let Some(until) = paused_until {
                // A cancellation is the process's to act on, and the process stands still.
                world.net.count(|counters| counters.in_flight += 1);
                return self.schedule(until, to, index, leg);
            }
        }
        world.note(super::what(leg, from, to, slot.serial));
        drop(slots);
        match leg {
            Leg::Request => self.begin(index),
            Leg::Reply => self.finish(index),
            _ => self.cancel(index),
        }
    }
}
