//! The books that what must hold is held against: which bids each window should count, kept apart from the pattern.

use super::crowd::{AUCTIONS, Bid, Fate};
use super::log::Log;
use super::store::Store;
use super::table::{Invariants, PipelineMeters};
use super::window::Kind;
use super::world::Event;
use crate::engine::SimTime;
use crate::engine::hash::Map;
use crate::workbench::instruments::Instruments;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

/// Bids that are kept, at most; a run beyond this judges no more until it has room.
pub const BIDS_MAX: usize = 500_000;
/// The journal says at most one line in so long about bids that were turned away.
const TELL_EVERY: Duration = Duration::from_secs(1);

pub struct Books {
    pub invariants: Invariants,
    /// Large bids that are to be judged, or that may be once more, by lot, in the order in which they happened.
    bids: RefCell<Vec<Vec<Event>>>,
    bids_kept: Cell<usize>,
    judged: RefCell<Judged>,
    /// The last bid that was counted of each lot and of each bidder, by its order in the log.
    last_of_auction: RefCell<Map<u64, u64>>,
    last_of_bidder: RefCell<Map<u64, u64>>,
    told_at: Cell<Option<SimTime>>,
}

/// How windows are judged.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    pub kind: Kind,
    /// Windows that end by then are done.
    pub horizon: Duration,
    /// Each must count all of its bids but the late and the dropped.
    pub exact: bool,
}

/// Up to where each lot has been judged.
pub type Judged = Vec<Duration>;

/// A window of a lot: from when to when, and the bids that happened in it.
struct Told<'a> {
    key: u64,
    start: Duration,
    end: Duration,
    /// What it counts begins from its start to before this.
    begins_before: Duration,
    bids: Vec<&'a Event>,
}

impl Books {
    pub fn new(instruments: &Instruments) -> Self {
        Self {
            invariants: Invariants::of(instruments),
            bids: RefCell::new(vec![Vec::new(); AUCTIONS + 1]),
            bids_kept: Cell::new(0),
            judged: RefCell::new(vec![Duration::ZERO; AUCTIONS + 1]),
            last_of_auction: RefCell::default(),
            last_of_bidder: RefCell::default(),
            told_at: Cell::new(None),
        }
    }

    /// A bid has happened that windows should count.
    pub fn happens(&self, bid: &Event) {
        if self.bids_kept.get() < BIDS_MAX {
            self.bids_kept.set(self.bids_kept.get() + 1);
            self.bids.borrow_mut()[bid.auction as usize].push(bid.clone());
        }
    }

    /// A bid is counted after these; whether it is in the order of its lot.
    pub fn is_counted(&self, bid: &Bid, keyed: Option<bool>) -> bool {
        let order = bid.order.get();
        let later = |last: &RefCell<Map<u64, u64>>, key| {
            let mut last = last.borrow_mut();
            let before = last.entry(key).or_insert(order);
            let in_order = *before <= order;
            *before = order.max(*before);
            in_order
        };
        let of_auction = later(&self.last_of_auction, bid.auction);
        let of_bidder = later(&self.last_of_bidder, bid.bidder);
        if let Some(by_auction) = keyed {
            let in_order = if by_auction { of_auction } else { of_bidder };
            self.invariants.in_order.check(in_order, || {
                let (what, key) = if by_auction {
                    ("lot", bid.auction)
                } else {
                    ("bidder", bid.bidder)
                };
                format!(
                    "bid {} was counted after a later one of {what} {key}",
                    bid.number
                )
            });
        }
        of_auction
    }

    /// The pipeline goes on from an earlier place.
    pub fn order_begins_anew(&self) {
        self.last_of_auction.borrow_mut().clear();
        self.last_of_bidder.borrow_mut().clear();
    }

    /// Judges the windows that are done.
    pub fn judge(&self, rules: Rules, store: &Store, log: &Log<Event>, meters: &PipelineMeters) {
        let mut judged = self.judged.borrow_mut();
        for (key, bids) in self.bids.borrow().iter().enumerate() {
            let upto = &mut judged[key];
            let from = bids.partition_point(|bid| bid.happened < first_bid(rules.kind, *upto));
            let done = bids.partition_point(|bid| bid.happened <= rules.horizon);
            let bids = bids.get(from..done).unwrap_or_default();
            for window in windows_of(key as u64, bids, *upto, rules) {
                self.judge_window(&window, rules, store, log, meters);
                *upto = window.end.max(*upto);
            }
        }
    }

    /// Up to where all lots have been judged.
    pub fn judged(&self) -> Judged {
        self.judged.borrow().clone()
    }

    /// The pipeline goes on from an earlier place: what it tells again is judged again.
    pub fn judges_again_from(&self, judged: &Judged) {
        self.judged.borrow_mut().clone_from(judged);
    }

    /// Forgets the bids that are in no window that ends after `judged`.
    pub fn forget_before(&self, judged: &Judged, kind: Kind) {
        for (bids, upto) in self.bids.borrow_mut().iter_mut().zip(judged) {
            let over = bids.partition_point(|bid| bid.happened < first_bid(kind, *upto));
            drop(bids.drain(..over));
            self.bids_kept.set(self.bids_kept.get() - over);
        }
    }

    /// Bids that are kept.
    pub fn bids_kept(&self) -> usize {
        self.bids_kept.get()
    }

    fn judge_window(
        &self,
        window: &Told<'_>,
        rules: Rules,
        store: &Store,
        log: &Log<Event>,
        meters: &PipelineMeters,
    ) {
        let told = store.counts(window.key, window.start, window.begins_before);
        let whole = window.bids.len() as u64;
        meters.window_error_ratio.whole.add(whole);
        meters.window_error_ratio.part.add(told.abs_diff(whole));
        meters.missing_total.add(whole.saturating_sub(told));
        if !rules.exact {
            return;
        }
        let is_in = |bid: &&&Event| match bid.fate.get() {
            Fate::Counted { missed } => !is_missed(rules.kind, bid, window.start, missed),
            Fate::Coming | Fate::Dropped => false,
            // One that a checkpoint has passed must have been counted or found late.
            Fate::Logged => log.is_passed(bid.lane, bid.place.get()),
        };
        let expected = window.bids.iter().filter(is_in).count() as u64;
        self.invariants.exact.check(told == expected, || {
            let (key, start) = (window.key, window.start);
            format!("lot {key} from {start:?}: {told} bids in the store, {expected} of {whole} are right")
        });
    }

    /// A bid found no room in the log. `overload` says for the journal how it stands.
    pub fn overload(
        &self,
        now: SimTime,
        instruments: &Instruments,
        overload: impl FnOnce() -> String,
    ) {
        let told_at = self.told_at.get();
        if told_at.is_none_or(|at| now - at >= TELL_EVERY) {
            self.told_at.set(Some(now));
            let told = format!("overload: {}", overload());
            instruments.journal.bad(now, told);
        }
    }
}

/// From when on bids may be in a window that ends after this.
fn first_bid(kind: Kind, end: Duration) -> Duration {
    match kind {
        Kind::Tumbling { .. } | Kind::Session { .. } => end,
        Kind::Sliding { size, slide } => (end + slide).saturating_sub(size),
    }
}

/// Whether the window that begins at `start` is among the first `missed` of the bid's windows.
fn is_missed(kind: Kind, bid: &Bid, start: Duration, missed: usize) -> bool {
    match kind {
        Kind::Tumbling { .. } | Kind::Session { .. } => missed > 0,
        Kind::Sliding { size, slide } => {
            let first = first_start(bid.happened, size, slide);
            let place = (start.saturating_sub(first).as_nanos() / slide.as_nanos()) as usize;
            place < missed
        }
    }
}

/// The first window that holds the moment begins then.
fn first_start(moment: Duration, size: Duration, slide: Duration) -> Duration {
    let latest = (moment + slide).saturating_sub(size).as_nanos();
    Duration::from_nanos((latest - latest % slide.as_nanos()) as u64)
}

/// The windows of a lot that end after `from` and are done, of all bids up to the horizon.
fn windows_of(key: u64, bids: &[Event], from: Duration, rules: Rules) -> Vec<Told<'_>> {
    match rules.kind {
        Kind::Tumbling { size } => aligned(key, bids, from, rules.horizon, size, size),
        Kind::Sliding { size, slide } => aligned(key, bids, from, rules.horizon, size, slide),
        Kind::Session { gap } => sessions(key, bids, rules.horizon, gap),
    }
}

fn aligned(
    key: u64,
    bids: &[Event],
    from: Duration,
    horizon: Duration,
    size: Duration,
    slide: Duration,
) -> Vec<Told<'_>> {
    let mut windows: BTreeMap<Duration, Vec<&Event>> = BTreeMap::new();
    for bid in bids {
        let mut start = first_start(bid.happened, size, slide);
        while start <= bid.happened {
            if start + size > from && start + size <= horizon {
                windows.entry(start).or_default().push(bid);
            }
            start += slide;
        }
    }
    let judged = |(start, bids)| Told {
        key,
        start,
        end: start + size,
        begins_before: start + Duration::from_nanos(1),
        bids,
    };
    windows.into_iter().map(judged).collect()
}

fn sessions(key: u64, bids: &[Event], horizon: Duration, gap: Duration) -> Vec<Told<'_>> {
    let mut sessions: Vec<Told<'_>> = Vec::new();
    for bid in bids {
        let end = bid.happened + gap;
        match sessions.last_mut() {
            // Sessions that touch are one.
            Some(last) if last.end >= bid.happened => {
                (last.end, last.begins_before) = (end, end);
                last.bids.push(bid);
            }
            _ => sessions.push(Told {
                key,
                start: bid.happened,
                end,
                begins_before: end,
                bids: vec![bid],
            }),
        }
    }
    sessions.retain(|session| session.end <= horizon);
    sessions
}
