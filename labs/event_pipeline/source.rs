//! Where bids come from: they happen, take their time, and are in the log.

use super::crowd::{Bid, CAMPAIGN_BIDS};
use super::fraud;
use super::holds;
use super::job::Job;
use super::log::RETAINED_MAX;
use super::world::World;
use crate::engine::{self, Source as _};
use crate::workbench::workload::{ALIVE_MAX, Rate};
use std::cell::Cell;
use std::rc::Rc;

pub struct Origin {
    pub job: Rc<Job>,
    pub rate: Rate,
    bids: Cell<u64>,
}

impl Origin {
    pub fn open(job: &Rc<Job>) -> Rc<Self> {
        let knobs = &job.world.knobs;
        let origin = Rc::new(Self {
            job: Rc::clone(job),
            rate: Rate::new(&knobs.arrival_rps, &knobs.arrivals),
            bids: Cell::new(0),
        });
        let world = &job.world;
        world.sim.spawn_on(world.outside, Rc::clone(&origin).flow());
        origin
    }

    async fn flow(self: Rc<Self>) {
        let mut gaps = self.job.world.sim.stream("arrivals");
        loop {
            self.rate.next_arrival(&mut gaps).await;
            self.come();
        }
    }

    /// Another bid of an honest bidder, or the first of a campaign.
    pub fn come(self: &Rc<Self>) {
        let world = &self.job.world;
        let number = self.next_number();
        // A campaign has twelve bids, and so few of them begin that these are their share of all.
        let share = world.knobs.fraud_share.get();
        let bids = CAMPAIGN_BIDS as f64;
        let begins = share / (bids - (bids - 1.0) * share);
        if world.service.draw(&[number, 102]).chance(begins) {
            let campaign = world.crowd.campaigns.get() + 1;
            world.crowd.campaigns.set(campaign);
            let origin = Rc::clone(self);
            world.sim.spawn_on(
                world.outside,
                fraud::campaign(Rc::clone(&self.job), campaign, move |job, campaign| {
                    let world = &job.world;
                    let number = origin.next_number();
                    happens(
                        job,
                        world.crowd.bid_of_campaign(number, campaign, world.now()),
                    );
                }),
            );
        } else {
            happens(&self.job, world.crowd.bid(number, world.now()));
        }
    }

    fn next_number(&self) -> u64 {
        self.bids.set(self.bids.get() + 1);
        self.bids.get()
    }
}

/// The bid happens, and is on its way to the log.
pub fn happens(job: &Rc<Job>, bid: Bid) -> Option<Rc<Bid>> {
    let world = &job.world;
    if world.silent.borrow()[bid.lane] {
        return None;
    }
    world.meters.bids_total.increment();
    let bid = Rc::new(bid);
    if bid.is_large() {
        world.books.happens(&bid);
    }
    if world.sim.alive() >= ALIVE_MAX {
        turned_away(world, &bid);
        return Some(bid);
    }
    holds::happens(world, &bid);
    let delay = world.crowd.delay(&[bid.number], world.now());
    if delay.is_zero() {
        logged(world, &bid);
        return Some(bid);
    }
    let coming = (Rc::clone(&job.world), Rc::clone(&bid));
    world.coming.set(world.coming.get() + 1);
    world.sim.spawn_on(world.outside, async move {
        let (world, bid) = coming;
        engine::sleep(delay).await;
        world.coming.set(world.coming.get() - 1);
        logged(&world, &bid);
    });
    Some(bid)
}

fn logged(world: &Rc<World>, bid: &Rc<Bid>) {
    bid.logged.set(world.now());
    bid.order.set(world.log.appended());
    bid.fate.set(super::crowd::Fate::Logged);
    match world.log.append(bid.lane, Rc::clone(bid)) {
        Ok(place) => {
            bid.place.set(place);
            holds::logged(world, bid);
        }
        Err(bid) => turned_away(world, &bid),
    }
}

fn turned_away(world: &World, bid: &Bid) {
    bid.fate.set(super::crowd::Fate::Dropped);
    world.meters.dropped_total.increment();
    world.books.overload(world.now(), &world.instruments, || {
        let (unread, dropped) = (world.log.unread(), world.meters.dropped_total.since_start());
        let alive = world.sim.alive();
        format!(
            "{unread} of at most {RETAINED_MAX} bids in the log are unread, {alive} tasks alive; {dropped} events dropped so far"
        )
    });
}
