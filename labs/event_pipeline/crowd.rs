//! The crowd: who bids on what and when, the campaigns of shills among them, and how long a bid takes to the log.

use super::settings::KeyBy;
use super::table::Knobs;
use crate::engine::{Handle, Purpose, Ranks, SimTime, Source as _};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// Lots that are open.
pub const AUCTIONS: usize = 1_000;
/// Sellers; a lot belongs to the seller of its number modulo this.
pub const SELLERS: u64 = 100;
/// Honest bidders. Each campaign has an account of its own beyond these.
const BIDDERS: u64 = 1_000;
/// Bids of a campaign, and the time between two of them.
pub const CAMPAIGN_BIDS: u64 = 12;
pub const CAMPAIGN_STEP: Duration = Duration::from_millis(500);
/// What the filter lets pass is above this.
pub const LARGE_CENTS: u64 = 100_000;
/// In a late storm a bid takes so many times as long.
const STORM_FACTOR: f64 = 10.0;

/// What became of a bid so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// On its way to the log.
    Coming,
    /// In the log, or between there and the windows.
    Logged,
    /// Counted, but for so many of its windows.
    Counted { missed: usize },
    /// Dropped for want of room.
    Dropped,
}

#[derive(Debug)]
pub struct Bid {
    /// From 1; those from outside are numbered apart.
    pub number: u64,
    pub auction: u64,
    pub bidder: u64,
    pub campaign: Option<u64>,
    pub cents: u64,
    pub happened: Duration,
    pub lane: usize,
    /// Its place in its lane of the log, and in all of it.
    pub place: Cell<u64>,
    pub order: Cell<u64>,
    pub logged: Cell<SimTime>,
    pub fate: Cell<Fate>,
    /// Has been counted, if it was replayed since: what a duplicate is told by.
    pub counted_before: Cell<bool>,
    /// When each of the first four stages began and ended with it.
    pub worked: [Cell<(SimTime, SimTime)>; 4],
}

impl Bid {
    pub fn seller(&self) -> u64 {
        self.auction % SELLERS
    }

    pub fn is_large(&self) -> bool {
        self.cents > LARGE_CENTS
    }
}

pub struct Crowd {
    knobs: Rc<Knobs>,
    popularity: RefCell<Ranks>,
    who: Purpose,
    spread: Purpose,
    delays: Purpose,
    pub campaigns: Cell<u64>,
    /// Until when bids come later than usual.
    pub storm_until: Cell<SimTime>,
}

impl Crowd {
    pub fn new(sim: &Handle, knobs: &Rc<Knobs>) -> Self {
        let crowd = Self {
            knobs: Rc::clone(knobs),
            popularity: RefCell::default(),
            who: sim.purpose("crowd"),
            spread: sim.purpose("partition"),
            delays: sim.purpose("delay"),
            campaigns: Cell::new(0),
            storm_until: Cell::new(SimTime::ZERO),
        };
        crowd.apply_skew();
        crowd
    }

    /// Zipf's law: the lot of rank k is bid on with weight k^-skew.
    pub fn apply_skew(&self) {
        *self.popularity.borrow_mut() = Ranks::zipf(AUCTIONS, self.knobs.skew.get());
    }

    /// A bid of an honest bidder.
    pub fn bid(&self, number: u64, now: SimTime) -> Bid {
        let mut luck = self.who.draw(&[number]);
        let auction = self.popularity.borrow().pick(luck.uniform()) as u64 + 1;
        self.placed(number, auction, 1 + luck.below(BIDDERS), None, now)
    }

    /// A bid of a campaign: by its own account, on any lot of its one seller.
    pub fn bid_of_campaign(&self, number: u64, campaign: u64, now: SimTime) -> Bid {
        let seller = self.who.draw(&[campaign, 1]).below(SELLERS);
        let lots = AUCTIONS as u64 / SELLERS;
        let lot = self.who.draw(&[number, 2]).below(lots);
        let auction = seller + SELLERS * lot;
        let auction = if auction == 0 { SELLERS } else { auction };
        self.placed(number, auction, BIDDERS + campaign, Some(campaign), now)
    }

    /// A bid on this lot by somebody from outside; it is a large one.
    pub fn bid_from_outside(&self, number: u64, auction: u64, now: SimTime) -> Bid {
        let bid = self.placed(number, auction, BIDDERS, None, now);
        let cents = 2 * LARGE_CENTS;
        Bid { cents, ..bid }
    }

    fn placed(
        &self,
        number: u64,
        auction: u64,
        bidder: u64,
        campaign: Option<u64>,
        now: SimTime,
    ) -> Bid {
        let mut luck = self.who.draw(&[number, 3]);
        let large = luck.chance(self.knobs.pass_ratio.get());
        Bid {
            number,
            auction,
            bidder,
            campaign,
            cents: 1 + luck.below(LARGE_CENTS - 1) + if large { LARGE_CENTS } else { 0 },
            happened: now.into(),
            lane: match self.knobs.key.get() {
                KeyBy::Auction => self.lane_of(auction),
                KeyBy::Bidder => self.lane_of(bidder),
                KeyBy::None => (number % self.knobs.partitions.get() as u64) as usize,
            },
            place: Cell::new(0),
            order: Cell::new(0),
            logged: Cell::new(now),
            fate: Cell::new(Fate::Coming),
            counted_before: Cell::new(false),
            worked: Default::default(),
        }
    }

    /// The lane of a key: by its hash.
    pub fn lane_of(&self, key: u64) -> usize {
        let lanes = self.knobs.partitions.get() as u64;
        self.spread.draw(&[key]).below(lanes) as usize
    }

    /// How long an event of this luck takes to the log: a bid has its number.
    pub fn delay(&self, luck: &[u64], now: SimTime) -> Duration {
        let mut luck = self.delays.draw(luck);
        let usual = self.knobs.event_delay.borrow().sample(&mut luck);
        if now < self.storm_until.get() {
            usual.mul_f64(STORM_FACTOR)
        } else {
            usual
        }
    }
}
