//! The rule of the fraud stage: an account that bids often on the lots of one seller. Each lane knows what it has seen
//! itself, so the bids of an account must come through one lane.

use super::crowd::{Bid, CAMPAIGN_BIDS, CAMPAIGN_STEP};
use super::job::Job;
use super::world::World;
use crate::engine::{self, hash::Map};
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

/// Bids within so long count together, by the time at which they happened.
const WITHIN: Duration = Duration::from_secs(10);
/// What was seen is looked through for what is over after so many bids.
const TIDY_EVERY: u64 = 10_000;
/// A campaign that has raised no alarm so long after its last bid has not been caught.
const JUDGED_AFTER: Duration = Duration::from_secs(30);

/// What the lanes have seen, by lane, account and seller. Cloned, it is what a checkpoint keeps.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    recent: Map<(usize, u64, u64), Times>,
    count: u64,
}

/// When an account has bid on the lots of a seller, in order. Nearly all have done so once.
#[derive(Debug, Clone)]
enum Times {
    Once(Duration),
    /// Shared with the checkpoints until they change.
    Often(Rc<VecDeque<Duration>>),
}

impl Times {
    fn last(&self) -> Option<Duration> {
        match self {
            Self::Once(time) => Some(*time),
            Self::Often(times) => times.back().copied(),
        }
    }
}

impl Seen {
    /// Whether with this bid there are `bids` of its account.
    pub fn sees(&mut self, bid: &Bid, bids: usize) -> bool {
        self.count += 1;
        let over = |newest: Duration, moment: Duration| moment + WITHIN <= newest;
        if self.count.is_multiple_of(TIDY_EVERY) {
            let newest = bid.happened;
            // Late bids may still meet what is twice as old.
            let recent = |last: Duration| last + 2 * WITHIN > newest;
            self.recent
                .retain(|_, times| times.last().is_some_and(recent));
        }
        let at = (bid.lane, bid.bidder, bid.seller());
        let mut times = match self.recent.remove(&at) {
            None => VecDeque::new(),
            Some(Times::Once(time)) => VecDeque::from([time]),
            Some(Times::Often(times)) => Rc::unwrap_or_clone(times),
        };
        let place = times.partition_point(|time| *time <= bid.happened);
        times.insert(place, bid.happened);
        let newest = times.back().copied().unwrap_or_default();
        while times.front().is_some_and(|oldest| over(newest, *oldest)) {
            times.pop_front();
        }
        let alarm = times.len() >= bids;
        if !alarm {
            let kept = match times.len() {
                1 => Times::Once(times[0]),
                _ => Times::Often(Rc::new(times)),
            };
            self.recent.insert(at, kept);
        }
        alarm
    }
}

/// An alarm about the account of this bid.
pub fn alarm(job: &Job, bid: &Bid) {
    let precision = &job.world.meters.fraud_precision_ratio;
    precision.whole.increment();
    precision.part.add(u64::from(bid.campaign.is_some()));
    match bid.campaign {
        Some(campaign) => {
            job.caught.borrow_mut().insert(campaign);
        }
        None => job.world.meters.fraud_false_total.increment(),
    }
}

/// The campaigns that have raised an alarm.
pub type Caught = BTreeSet<u64>;

/// One campaign: its bids, one after the other, and later the question whether it was caught.
pub async fn campaign(job: Rc<Job>, campaign: u64, place: impl Fn(&Rc<Job>, u64)) {
    for _ in 0..CAMPAIGN_BIDS {
        place(&job, campaign);
        engine::sleep(CAMPAIGN_STEP).await;
    }
    engine::sleep(JUDGED_AFTER).await;
    let world: &World = &job.world;
    let ratio = &world.meters.fraud_caught_ratio;
    ratio.whole.increment();
    ratio
        .part
        .add(u64::from(job.caught.borrow_mut().remove(&campaign)));
}
