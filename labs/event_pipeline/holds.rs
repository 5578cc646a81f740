//! The joiner of the lab: large bids, and the holds on deposits that the payment provider reports for them. It is a
//! job of its own, with a log of its own in which both streams are; a lane holds both events of a bid.

use super::buffer::Item;
use super::join::Joiner;
use super::log::Log;
use super::window::{IDLE, Watermarks};
use super::world::{Event, Tamper, World};
use crate::engine::{self, Purpose, SimTime};
use crate::workbench::workload::ALIVE_MAX;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// The deposit for this bid is held.
pub struct Hold {
    bid: Event,
    happened: Duration,
}

/// What is in the log. The numbers of the streams are those of their watermarks.
#[derive(Clone)]
enum Side {
    Bid(Event),
    Hold(Rc<Hold>),
}

const BIDS: usize = 0;
const HOLDS: usize = 1;

pub struct Holds {
    within: Duration,
    log: Log<Side>,
    lanes: Vec<RefCell<Lane>>,
    luck: Purpose,
}

struct Lane {
    joiner: Joiner<Event, Rc<Hold>>,
    marks: Watermarks,
    /// Of each stream: when its newest event happened, and when it was read.
    newest: [(Duration, SimTime); 2],
}

impl Holds {
    /// Joins what happens within so long after a bid, in so many lanes.
    pub fn new(within: Duration, lanes: usize, luck: Purpose, tamper: Tamper) -> Self {
        let joined_within = if tamper == Tamper::JoinAnything {
            Duration::from_hours(1)
        } else {
            within
        };
        let lane = |_| {
            RefCell::new(Lane {
                joiner: Joiner::new(joined_within),
                marks: Watermarks::new(2),
                newest: [(Duration::ZERO, SimTime::ZERO); 2],
            })
        };
        Self {
            within,
            log: Log::new(lanes),
            lanes: (0..lanes).map(lane).collect(),
            luck,
        }
    }

    /// Events that nobody has read, and events that wait for their partner.
    pub fn depths(&self) -> (usize, usize) {
        let kept = self.lanes.iter().map(|lane| lane.borrow().joiner.kept());
        (self.log.unread(), kept.sum())
    }
}

/// Starts the readers, where anything is joined.
pub fn open(world: &Rc<World>) {
    let Some(holds) = &world.holds else {
        return;
    };
    for lane in 0..holds.log.lanes() {
        world
            .sim
            .spawn(read(Rc::clone(world), Rc::clone(holds), lane));
    }
    world.sim.spawn(mark(Rc::clone(world), Rc::clone(holds)));
}

/// A large bid has happened: its deposit is held later.
pub fn happens(world: &Rc<World>, bid: &Event) {
    let Some(holds) = world.holds.as_ref().filter(|_| bid.is_large()) else {
        return;
    };
    if world.sim.alive() >= ALIVE_MAX {
        return;
    }
    let (world, holds, bid) = (Rc::clone(world), Rc::clone(holds), Rc::clone(bid));
    let sim = world.sim.clone();
    sim.spawn_on(world.outside, async move {
        let after = &world.knobs.hold_after;
        let after = after.borrow().sample(&mut holds.luck.draw(&[bid.number]));
        engine::sleep(after).await;
        let happened = world.now();
        engine::sleep(world.crowd.delay(&[bid.number, 1], happened)).await;
        let lane = bid.lane;
        let happened = happened.into();
        holds.append(&world, lane, Side::Hold(Rc::new(Hold { bid, happened })));
    });
}

/// A large bid is in the log.
pub fn logged(world: &World, bid: &Event) {
    if let Some(holds) = world.holds.as_ref().filter(|_| bid.is_large()) {
        holds.append(world, bid.lane, Side::Bid(Rc::clone(bid)));
    }
}

impl Holds {
    fn append(&self, world: &World, lane: usize, side: Side) {
        if self.log.append(lane, side).is_err() {
            world.meters.dropped_total.increment();
        }
    }

    /// What was joined, or what waits no more.
    fn joins(&self, world: &World, side: Side, lane: &mut Lane) {
        let met = match side {
            Side::Bid(bid) => {
                let met = lane.joiner.first(bid.number, bid.happened, bid);
                met.map_err(|_| world.meters.joined_ratio.whole.increment())
            }
            Side::Hold(hold) => {
                let (number, in_time) = (hold.bid.number, self.is_in_time(&hold));
                let met = lane.joiner.second(number, hold.happened, hold);
                met.map_err(|_| world.meters.join_late_total.add(u64::from(in_time)))
            }
        };
        let Ok(Some((bid, hold))) = met else {
            return;
        };
        let joined = &world.meters.joined_ratio;
        joined.whole.increment();
        joined.part.increment();
        let took = world.now() - SimTime::from(bid.happened);
        world.meters.join_ms.record(took.into());
        let right = self.is_in_time(&hold) && bid.number == hold.bid.number;
        world.books.invariants.joined.check(right, || {
            let (number, after) = (bid.number, hold.happened.saturating_sub(bid.happened));
            format!(
                "bid {number} was joined with a hold {after:?} after it, at most {:?} is right",
                self.within
            )
        });
    }

    fn is_in_time(&self, hold: &Hold) -> bool {
        hold.happened <= hold.bid.happened + self.within
    }
}

/// A reader of one lane, for ever.
async fn read(world: Rc<World>, holds: Rc<Holds>, number: usize) {
    loop {
        let Item::Event(side) = holds.log.next(number).await else {
            continue;
        };
        holds.log.forget_before(number, holds.log.position(number));
        let (stream, bid, happened) = match &side {
            Side::Bid(bid) => (BIDS, bid, bid.happened),
            Side::Hold(hold) => (HOLDS, &hold.bid, hold.happened),
        };
        let mut luck = holds.luck.draw(&[bid.number, 1 + stream as u64]);
        let takes = world.knobs.stage_service.borrow().sample(&mut luck);
        engine::sleep(takes).await;
        let mut lane = holds.lanes[number].borrow_mut();
        let (newest, read) = &mut lane.newest[stream];
        (*newest, *read) = ((*newest).max(happened), world.now());
        holds.joins(&world, side, &mut lane);
    }
}

/// The streams say how far they are, for ever: the lane is as far as the one that is behind.
async fn mark(world: Rc<World>, holds: Rc<Holds>) {
    loop {
        engine::sleep(super::job::MARK_EVERY).await;
        for lane in &holds.lanes {
            let Lane {
                joiner,
                marks,
                newest,
            } = &mut *lane.borrow_mut();
            for (stream, &newest) in newest.iter().enumerate() {
                if let Some(mark) = marks.advance(stream, world.mark(newest)) {
                    let alone = joiner.advance(mark).len();
                    world.meters.joined_ratio.whole.add(alone as u64);
                }
            }
        }
    }
}

impl World {
    /// The watermark of a stream whose newest event happened at one moment and was read at another: behind the newest
    /// by as much as events may come late.
    pub fn mark(&self, (newest, read): (Duration, SimTime)) -> Duration {
        let idle = self.knobs.idle_after.get();
        if idle.is_some_and(|idle| self.now() - read >= idle) {
            IDLE
        } else {
            newest.saturating_sub(self.knobs.watermark_delay.get())
        }
    }
}
