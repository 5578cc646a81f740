//! The stages of this pipeline: what each does with a bid, and what is noted of it.

use super::account::count;
use super::buffer::Item;
use super::crowd::{Bid, Fate};
use super::fraud;
use super::job::Job;
use super::pattern::{Aggregate, Outlet, Source, Stage, State};
use super::settings::{Delivery, KeyBy};
use super::waterfall;
use super::window::{Added, Row, Sample};
use super::world::{AGGREGATE, ENRICH, Event, FILTER, FRAUD, SINK, SPLIT, Tamper, World};
use crate::engine::{self, SimTime, Source as _};
use std::rc::Rc;
use std::time::Duration;

/// What is found in the cache takes this share of a lookup.
pub const CACHED: f64 = 0.1;
/// Results wait for others no longer than this.
const FLUSH_AFTER: Duration = Duration::from_secs(1);

/// A stage of the job; what it does goes by its place.
pub struct Worker {
    pub job: Rc<Job>,
    pub stage: usize,
}

impl World {
    /// A buffer has dropped the bid.
    fn drops(&self, bid: &Bid, stage: usize) {
        count(&self.accounts[stage].dropped);
        self.meters.dropped_total.increment();
        if stage != FRAUD && bid.fate.get() == Fate::Logged {
            bid.fate.set(Fate::Dropped);
        }
    }

    async fn works(&self, bid: &Bid, stage: usize) {
        let began = self.now();
        let account = &self.accounts[stage];
        let takes = if stage == ENRICH {
            let takes = self.knobs.enrich_service.borrow().clone();
            let mut luck = self.service.draw(&[bid.number, 100]);
            if luck.chance(self.knobs.cached_ratio.get()) {
                takes.scaled(CACHED)
            } else {
                takes
            }
        } else {
            self.knobs.stage_service.borrow().clone()
        };
        account.work(&takes, self.service, bid.number, stage).await;
        if let Some(worked) = bid.worked.get(stage) {
            worked.set((began, self.now()));
        }
    }
}

impl Source for Job {
    type Event = Event;

    async fn next(&self, lane: usize) -> Item<Event> {
        let world = &self.world;
        let item = world.log.next(lane).await;
        match &item {
            Item::Event(bid) => {
                count(&world.accounts[FILTER].brought);
                count(&world.accounts[FRAUD].brought);
                self.has_read(lane, bid);
            }
            Item::Barrier(checkpoint) => self.starts_from(lane, *checkpoint),
            Item::Watermark(_) => {}
        }
        item
    }

    fn second_must_have_all(&self) -> bool {
        self.world.knobs.fraud_waits.get()
    }

    fn skipped(&self, _: &Event) {
        let brought = &self.world.accounts[FRAUD].brought;
        brought.set(brought.get() - 1);
        self.world.meters.skipped_total.increment();
    }

    fn dropped(&self, bid: Event, second: bool) {
        self.world.drops(&bid, if second { FRAUD } else { FILTER });
    }
}

impl Stage for Worker {
    type In = Event;
    type Out = Event;

    async fn work(&self, lane: usize, bid: Event) -> Option<(usize, Event)> {
        let world = &self.job.world;
        let account = &world.accounts[self.stage];
        world.works(&bid, self.stage).await;
        if self.stage == FILTER && !bid.is_large() {
            count(&account.filtered);
            return None;
        }
        if self.stage == FILTER
            && world.tamper == Tamper::LoseBids
            && bid.number.is_multiple_of(500)
        {
            return None;
        }
        let lane = match self.stage {
            // Bids that had no key get one here: too late for their order.
            SPLIT if world.knobs.key.get() == KeyBy::None => world.crowd.lane_of(bid.auction),
            ENRICH if world.tamper == Tamper::ChangeLanes && bid.number.is_multiple_of(3) => {
                (lane + 1) % world.log.lanes()
            }
            _ => lane,
        };
        count(&account.handed_on);
        count(&world.accounts[self.stage + 1].brought);
        Some((lane, bid))
    }

    fn dropped(&self, bid: Event) {
        self.job.world.drops(&bid, self.stage + 1);
    }
}

impl Aggregate for Worker {
    type In = Event;

    async fn sample(&self, bid: &Event) -> Sample {
        self.job.world.works(bid, AGGREGATE).await;
        Sample {
            happened: bid.happened,
            key: bid.auction,
            cents: bid.cents,
        }
    }

    fn counted(&self, bid: Event, added: &Added) {
        let (world, meters) = (&self.job.world, &self.job.world.meters);
        let now = world.now();
        count(&world.accounts[AGGREGATE].handed_on);
        if added.missed > 0 {
            meters.late_dropped_total.increment();
        }
        bid.fate.set(Fate::Counted {
            missed: added.missed,
        });
        self.job.clients.counted(&bid, added);
        if added.windows == 0 {
            return;
        }
        meters.counted_total.increment();
        if bid.counted_before.replace(true) {
            meters.duplicates_total.increment();
        }
        let keyed = match world.knobs.key.get() {
            KeyBy::Auction => Some(true),
            KeyBy::Bidder => Some(false),
            KeyBy::None => None,
        };
        if !world.books.is_counted(&bid, keyed) {
            meters.out_of_order_total.increment();
        }
        let logged = bid.logged.get();
        meters.event_ms.record((now - logged).into());
        let traces = &world.instruments.traces;
        traces.offer(bid.number, logged, now, || waterfall::trace(&bid, now));
    }

    fn told(&self, row: &Row) {
        count(&self.job.world.accounts[SINK].brought);
        self.job.tells(*row);
    }

    fn dropped(&self, _: Row) {
        let world = &self.job.world;
        count(&world.accounts[SINK].dropped);
        world.meters.dropped_total.increment();
    }

    fn save(&self, checkpoint: u64, state: &State) {
        self.job.saves(checkpoint, state);
    }
}

/// The sink.
pub struct Writer(pub Rc<Job>);

impl Outlet for Writer {
    type In = Row;

    async fn take(&self, worker: usize, row: Row) {
        let account = &self.0.world.accounts[SINK];
        count(&account.taken);
        count(&account.handed_on);
        let full = {
            let mut batches = self.0.batches.borrow_mut();
            let (since, rows) = batches.entry(worker).or_default();
            if rows.is_empty() {
                *since = self.0.world.now();
            }
            rows.push(row);
            rows.len() >= self.0.world.knobs.sink_batch.get()
        };
        if full {
            self.flush(worker).await;
        }
    }

    fn patience(&self, worker: usize) -> Option<Duration> {
        let batches = self.0.batches.borrow();
        let (since, rows) = batches.get(&worker)?;
        let due = *since + FLUSH_AFTER;
        (!rows.is_empty()).then(|| Duration::from_nanos(due.0.saturating_sub(self.0.world.now().0)))
    }

    async fn flush(&self, worker: usize) {
        let world = &self.0.world;
        let rows = match self.0.batches.borrow_mut().get_mut(&worker) {
            Some((_, rows)) if !rows.is_empty() => std::mem::take(rows),
            _ => return,
        };
        world.meters.inserts_total.increment();
        let number = world.meters.inserts_total.since_start();
        let mut takes = world
            .knobs
            .insert
            .borrow()
            .sample(&mut world.service.draw(&[number, 101]));
        if world.accounts[SINK].slow.get() {
            takes = takes.mul_f64(super::account::SLOWNESS);
        }
        engine::sleep(takes).await;
        for row in rows {
            self.write(row);
        }
    }

    fn reached(&self, checkpoint: u64) {
        self.0.sink_reached(checkpoint);
    }
}

impl Writer {
    fn write(&self, row: Row) {
        let world = &self.0.world;
        let now = world.now();
        self.0.outbox.borrow_mut().remove(&(row.key, row.start));
        world.meters.rows_total.increment();
        if world.store.write(row, world.knobs.sink.get()) {
            let end = SimTime::from(row.end);
            let age = now.0.saturating_sub(end.0);
            world.meters.end_to_end_ms.record(SimTime(age));
        }
    }
}

/// The fraud stage.
pub struct Watcher(pub Rc<Job>);

impl Outlet for Watcher {
    type In = Event;

    async fn take(&self, _: usize, bid: Event) {
        let world = &self.0.world;
        world.works(&bid, FRAUD).await;
        count(&world.accounts[FRAUD].handed_on);
        let bids = world.knobs.fraud_bids.get();
        let alarm = self.0.fraud.borrow_mut().sees(&bid, bids);
        if alarm {
            fraud::alarm(&self.0, &bid);
        }
    }

    fn patience(&self, _: usize) -> Option<Duration> {
        None
    }

    async fn flush(&self, _: usize) {}

    fn reached(&self, checkpoint: u64) {
        self.0.fraud_reached(checkpoint);
    }
}

impl Job {
    /// Notes where the newest bid of the lane is, and forgets what need not be read again.
    fn has_read(&self, lane: usize, bid: &Bid) {
        let mut newest = self.newest.borrow_mut();
        newest[lane].0 = newest[lane].0.max(bid.happened);
        newest[lane].1 = self.world.now();
        if self.world.knobs.delivery.get() == Delivery::AtMost {
            let position = self.world.log.position(lane);
            self.world.log.forget_before(lane, position);
        }
    }
}
