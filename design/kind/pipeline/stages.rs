//! The stages: what each does with an event.

use super::books::{Event, Fate};
use super::job::{AGGREGATE, ENRICH, FILTER, Job};
use crate::system::world::Tamper;
use ddlab_labs::engine::{self, SimTime};
use ddlab_labs::event_pipeline::buffer::Item;
use ddlab_labs::event_pipeline::pattern::{Aggregate, Outlet, Source, Stage, State};
use ddlab_labs::event_pipeline::window::{Added, Row, Sample};
use std::rc::Rc;
use std::time::Duration;

/// Results wait for others no longer than this.
const FLUSH_AFTER: Duration = Duration::from_secs(1);

/// A stage of the job; what it does goes by its place.
pub struct Worker {
    pub job: Rc<Job>,
    pub stage: usize,
}

impl Worker {
    async fn works(&self, event: &Event) {
        let knobs = &self.job.knobs;
        let takes = if self.stage == ENRICH {
            &knobs.enrich_service
        } else {
            &knobs.stage_service
        };
        let mut luck = self.job.service.draw(&[event.luck, self.stage as u64]);
        let usual = takes.borrow().sample(&mut luck);
        engine::sleep(usual.mul_f64(self.job.slowness())).await;
    }
}

impl Source for Job {
    type Event = Event;

    async fn next(&self, lane: usize) -> Item<Event> {
        let item = self.log.next(lane).await;
        match &item {
            Item::Event(event) => self.has_read(lane, event),
            Item::Barrier(checkpoint) => self.starts_from(lane, *checkpoint),
            Item::Watermark(_) => {}
        }
        item
    }

    /// There is no second reader.
    fn second_must_have_all(&self) -> bool {
        false
    }

    fn skipped(&self, _: &Event) {}

    fn dropped(&self, event: Event, _: bool) {
        self.drops(&event);
    }
}

impl Stage for Worker {
    type In = Event;
    type Out = Event;

    async fn work(&self, lane: usize, event: Event) -> Option<(usize, Event)> {
        self.works(&event).await;
        if self.stage == FILTER {
            let loses = self.job.tamper == Tamper::LoseEvents && event.luck.is_multiple_of(50);
            return (event.passes && !loses).then_some((lane, event));
        }
        Some((lane, event))
    }

    fn dropped(&self, event: Event) {
        self.job.drops(&event);
    }
}

impl Aggregate for Worker {
    type In = Event;

    async fn sample(&self, event: &Event) -> Sample {
        debug_assert_eq!(self.stage, AGGREGATE);
        self.works(event).await;
        Sample {
            happened: event.at,
            key: event.key,
            cents: 1,
        }
    }

    fn counted(&self, event: Event, added: &Added) {
        let meters = &self.job.meters;
        if added.missed > 0 {
            event.fate.set(Fate::Late);
            meters.late_dropped_total.increment();
            return;
        }
        event.fate.set(Fate::Counted);
        meters.counted_total.increment();
        let took = Duration::from(engine::now()).saturating_sub(event.logged.get());
        meters.event_ms.record(took.into());
    }

    fn told(&self, _: &Row) {}

    fn dropped(&self, _: Row) {
        self.job.meters.dropped_total.increment();
    }

    fn save(&self, checkpoint: u64, state: &State) {
        self.job.saves(checkpoint, state);
    }
}

/// The sink: it collects results and writes them to the store together.
pub struct Writer(pub Rc<Job>);

impl Outlet for Writer {
    type In = Row;

    async fn take(&self, worker: usize, row: Row) {
        let full = {
            let mut batches = self.0.batches.borrow_mut();
            let (since, rows) = batches.entry(worker).or_default();
            if rows.is_empty() {
                *since = engine::now();
            }
            rows.push(row);
            rows.len() >= self.0.knobs.sink_batch.get()
        };
        if full {
            self.flush(worker).await;
        }
    }

    fn patience(&self, worker: usize) -> Option<Duration> {
        let batches = self.0.batches.borrow();
        let (since, rows) = batches.get(&worker)?;
        let due = Duration::from(*since) + FLUSH_AFTER;
        (!rows.is_empty()).then(|| due.saturating_sub(engine::now().into()))
    }

    async fn flush(&self, worker: usize) {
        let rows = match self.0.batches.borrow_mut().get_mut(&worker) {
            Some((_, rows)) if !rows.is_empty() => std::mem::take(rows),
            _ => return,
        };
        let takes = self.0.insert_takes();
        engine::sleep(takes).await;
        for row in &rows {
            if self.0.books.is_first(row) {
                let age = Duration::from(engine::now()).saturating_sub(row.end);
                self.0.meters.end_to_end_ms.record(SimTime::from(age));
            }
        }
    }

    fn reached(&self, checkpoint: u64) {
        self.0.sink_reached(checkpoint);
    }
}
