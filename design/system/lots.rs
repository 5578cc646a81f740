//! The lots of an auction, followed from the bid to the payment: what no component can hold by itself.
//!
//! Lot 7 is the lot that job 7 of the closing lease closes; it is over when that job falls due. A request that the bid
//! service has answered is a bid for one of the next lots. The owner of the lease reads the highest bid of a lot and
//! writes it as the winner. A night of the settlement pays the sellers of all lots that were closed before it, without
//! the fee of the house.
//!
//! What the owner reads and what the settlement pays are kept apart from what they should be; the invariants compare both.

use super::call::Call;
use super::meters::part_metrics;
use super::world::Tamper;
use crate::format::Design;
use ddlab_labs::engine::{self, Draw, Handle, Purpose, Source as _};
use ddlab_labs::invariants;
use ddlab_labs::workbench::instruments::Instruments;
use ddlab_labs::workbench::meter::MetricSpec;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Lots that take bids at the same time.
const OPEN: u64 = 8;
/// Sellers, each with every so many-th lot.
const SELLERS: u64 = 200;
/// Bids are from 1 to 1,000 euros, in cents.
const BIDS: std::ops::Range<u64> = 100..100_000;
/// The share of the price that the house keeps, in thousandths, rounded to the nearest cent.
const FEE: u64 = 85;
/// What the metrics begin with.
const PART: &str = "lots";

invariants! {
    pub struct LotInvariants {
        once: "a lot is closed once";
        highest: "the highest bid that came in time wins its lot";
        paid: "sellers are paid once and to the cent: prices = payouts + fees";
    }
}

part_metrics! {
    pub struct LotMeters {
        /// bids that were taken in time
        bids_total: Counter in Count;
        /// bids whose lot was over when they were taken: they do not count
        late_bids_total: Counter in Count;
        /// lots that were closed
        closed_total: Counter in Count, chart 0;
        /// lots that were closed and are not settled yet
        unsettled: Gauge in Count;
        /// prices of the lots that were settled, in cents
        price_cents_total: Counter in Count;
        /// what sellers were paid for them, in cents
        payout_cents_total: Counter in Count;
        /// what the house kept of them, in cents
        fee_cents_total: Counter in Count;
    }
}

/// A bid on its way through the bid service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bid {
    lot: u64,
    bidder: u64,
    cents: u64,
}

/// A lot from its first bid until it is settled.
#[derive(Debug, Default)]
struct Lot {
    /// The highest bid as the store has it, which the owner of the lease reads.
    stored: Option<Bid>,
    /// The highest bid of all that were taken in time.
    highest: Option<Bid>,
    /// What the owner has read.
    read: Option<Bid>,
    /// In which ownership it was closed.
    closed_by: Option<u64>,
}

impl Lot {
    /// It is closed, and somebody has bought it.
    fn price(&self) -> u64 {
        self.closed_by.and(self.stored).map_or(0, |bid| bid.cents)
    }
}

/// A night of the settlement: its lots, what each seller is to get for them, and what they were paid.
#[derive(Debug, Default)]
struct Night {
    lots: Vec<u64>,
    owed: BTreeMap<u64, u64>,
    paid: BTreeMap<u64, u64>,
}

pub struct Lots {
    /// The names of those who handle the lots.
    bids: String,
    closing: String,
    settlement: String,
    amounts: Purpose,
    /// The last lot that is over.
    over: Cell<u64>,
    /// Those that are not settled yet.
    unsettled: RefCell<BTreeMap<u64, Lot>>,
    night: RefCell<Night>,
    invariants: LotInvariants,
    meters: LotMeters,
    tamper: Tamper,
}

impl Lots {
    /// None where the design has no lots.
    pub fn of(
        design: &Design,
        sim: &Handle,
        instruments: &Instruments,
        tamper: Tamper,
    ) -> Option<Rc<Self>> {
        let handlers = design.lots?;
        let name = |place: usize| design.components[place].name.clone();
        Some(Rc::new(Self {
            bids: name(handlers.bids),
            closing: name(handlers.closing),
            settlement: name(handlers.settlement),
            amounts: sim.purpose("lots amounts"),
            over: Cell::new(0),
            unsettled: RefCell::default(),
            night: RefCell::default(),
            invariants: LotInvariants::of(instruments),
            meters: LotMeters::of(&instruments.meters, PART),
            tamper,
        }))
    }

    /// What is measured of a design that has lots; `chart` is the place of its first chart.
    pub fn metrics(chart: u8) -> Vec<MetricSpec> {
        LotMeters::specs(PART, chart)
    }

    pub fn takes_bids_at(&self, component: &str) -> bool {
        self.bids == component
    }

    pub fn are_closed_by(&self, component: &str) -> bool {
        self.closing == component
    }

    pub fn are_settled_by(&self, component: &str) -> bool {
        self.settlement == component
    }

    /// The bid that this request makes: the same in each attempt at it, for a lot that takes bids now.
    pub fn bid(&self, call: &Call) -> Bid {
        let mut draw: Draw = self.amounts.draw(&[call.ask.key]);
        Bid {
            lot: self.over.get() + 1 + draw.below(OPEN),
            bidder: call.ask.user,
            cents: BIDS.start + draw.below(BIDS.end - BIDS.start),
        }
    }

    /// The bid service has answered it. Of equal bids the first one counts.
    pub fn taken(&self, bid: Bid) {
        if bid.lot <= self.over.get() {
            self.meters.late_bids_total.increment();
            return;
        }
        self.meters.bids_total.increment();
        let mut lots = self.unsettled.borrow_mut();
        let lot = lots.entry(bid.lot).or_default();
        let beats = |other: Option<Bid>| other.is_none_or(|other| bid.cents > other.cents);
        let is_forgotten = self.tamper == Tamper::ForgetBids && bid.lot.is_multiple_of(2);
        if beats(lot.stored) && !(is_forgotten && lot.stored.is_some()) {
            lot.stored = Some(bid);
        }
        if beats(lot.highest) {
            lot.highest = Some(bid);
        }
    }

    /// The time of this lot is over.
    pub fn is_over(&self, lot: u64) {
        self.over.set(lot);
        self.unsettled.borrow_mut().entry(lot).or_default();
    }

    /// The owner of the lease has read who wins.
    pub fn reads(&self, lot: u64) {
        if let Some(lot) = self.unsettled.borrow_mut().get_mut(&lot) {
            lot.read = lot.stored;
        }
    }

    /// The storage has let in that this ownership closes the lot.
    pub fn closes(&self, number: u64, ownership: u64) {
        let mut lots = self.unsettled.borrow_mut();
        let Some(lot) = lots.get_mut(&number) else {
            return self.invariants.once.check(false, || {
                format!("lot {number} is closed again after it was settled")
            });
        };
        if let Some(before) = lot.closed_by {
            // An owner that has not heard of its write makes the same one again.
            return self.invariants.once.check(before == ownership, || {
                format!("lot {number} is closed by ownership {ownership}, and was by {before}")
            });
        }
        self.invariants.once.check(true, String::new);
        self.invariants.highest.check(lot.read == lot.highest, || {
            let shown = |bid: Option<Bid>| {
                bid.map_or_else(
                    || "nobody".to_owned(),
                    |bid| format!("bidder {} with {} cents", bid.bidder, bid.cents),
                )
            };
            let (won, should) = (shown(lot.read), shown(lot.highest));
            format!("lot {number}: {won} wins, and {should} should")
        });
        lot.closed_by = Some(ownership);
        self.meters.closed_total.increment();
        drop(lots);
        self.measure();
        if self.tamper == Tamper::CloseTwice && number.is_multiple_of(2) {
            self.closes(number, ownership + 1);
        }
    }

    /// A night of the settlement begins to pay: for all lots that are closed by now.
    pub fn night_begins(&self) {
        let lots = self.unsettled.borrow();
        let mut night = Night::default();
        for (number, lot) in lots.iter().filter(|(_, lot)| lot.closed_by.is_some()) {
            let price = lot.price();
            night.lots.push(*number);
            *night.owed.entry(number % SELLERS).or_default() += price - fee(price);
        }
        *self.night.borrow_mut() = night;
    }

    /// The payment of this task, of so many, has been made: again, where somebody had not heard of it. A seller is paid
    /// once a night, by a key of the night and the seller.
    pub fn pays(&self, task: u64, of: u64) {
        let night = &mut *self.night.borrow_mut();
        for (seller, cents) in night
            .owed
            .iter()
            .filter(|(seller, _)| **seller % of == task)
        {
            let lost = u64::from(self.tamper == Tamper::LoseCents && *cents > 0);
            night.paid.entry(*seller).or_insert(cents - lost);
        }
    }

    /// All tasks of the payment are done.
    pub fn night_ends(&self) {
        let night = self.night.take();
        let mut lots = self.unsettled.borrow_mut();
        let settled = night.lots.iter().filter_map(|number| lots.remove(number));
        let (mut prices, mut fees) = (0, 0);
        for lot in settled {
            prices += lot.price();
            fees += fee(lot.price());
        }
        let payouts: u64 = night.paid.values().sum();
        let adds_up = night.paid == night.owed && prices == payouts + fees;
        self.invariants.paid.check(adds_up, || {
            format!("{prices} cents of prices, and {payouts} paid and {fees} kept")
        });
        self.meters.price_cents_total.add(prices);
        self.meters.payout_cents_total.add(payouts);
        self.meters.fee_cents_total.add(fees);
        drop(lots);
        self.measure();
    }

    fn measure(&self) {
        let lots = self.unsettled.borrow();
        let closed = lots.values().filter(|lot| lot.closed_by.is_some()).count();
        self.meters.unsettled.set(closed as f64, engine::now());
    }
}

/// What the house keeps of a price, in cents.
fn fee(price: u64) -> u64 {
    (price * FEE + 500) / 1_000
}
