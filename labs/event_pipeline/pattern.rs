//! Stages of an event pipeline. Each reads a buffer, does one thing, and writes the next buffer; events of a lane stay
//! in their order. Watermarks and the barriers of checkpoints travel with the events.
//!
//! A stage that finds the next buffer full waits, and does not read meanwhile: so *its* buffer fills, and the stage
//! before it waits in turn. That is all there is to backpressure.
//!
//! Sources: Apache Flink documentation, Stateful Stream Processing (aligned barriers) and Generating Watermarks (the
//! watermark of an operator is the least of its inputs'); Reactive Streams for the JVM, rule 1.1.

use super::buffer::{Buffer, Item, Put};
use super::window::{Added, Row, Sample, Watermarks, Windows};
use crate::engine::env;
use std::cell::RefCell;
use std::time::Duration;

/// Where a pipeline begins: a log of several lanes that can be read again from any place.
pub trait Source {
    type Event: Clone;

    /// The next event of a lane, or a barrier that is due. Waits for it.
    fn next(&self, lane: usize) -> impl Future<Output = Item<Self::Event>>;

    /// The second reader must have each event too: the copier waits for both.
    fn second_must_have_all(&self) -> bool;

    /// The second reader has no room, and may be skipped.
    fn skipped(&self, event: &Self::Event);

    /// A buffer had no room, and its rule was to drop this one; `second` says whose.
    fn dropped(&self, event: Self::Event, second: bool);
}

// region: copier
/// Reads one lane of the source, for ever, and hands each event to both readers.
pub async fn read<S: Source>(
    source: &S,
    lane: usize,
    first: &Buffer<S::Event>,
    second: &Buffer<S::Event>,
) {
    loop {
        match source.next(lane).await {
            Item::Event(event) => {
                if source.second_must_have_all() {
                    if let Put::Dropped(event) = second.put(lane, event.clone()).await {
                        source.dropped(event, true);
                    }
                } else if let Err(event) = second.try_put(lane, event.clone()) {
                    source.skipped(&event);
                }
                if let Put::Dropped(event) = first.put(lane, event).await {
                    source.dropped(event, false);
                }
            }
            Item::Watermark(mark) => {
                first.mark(lane, mark);
                second.mark(lane, mark);
            }
            Item::Barrier(checkpoint) => {
                first.barrier(lane, checkpoint);
                second.barrier(lane, checkpoint);
            }
        }
    }
}
// endregion: copier

/// What a stage does: a filter, a transformer, a splitter.
pub trait Stage {
    type In;
    type Out;

    /// What becomes of an event, and the lane that it goes on in; none when it is filtered out. A stage that changes
    /// the lane starts a new order: that of arrival.
    fn work(
        &self,
        lane: usize,
        event: Self::In,
    ) -> impl Future<Output = Option<(usize, Self::Out)>>;

    /// The next buffer had no room, and its rule was to drop this one.
    fn dropped(&self, event: Self::Out);
}

// region: stage
/// One worker of a stage, for ever. The stage may have several, each with lanes of its own; they share `marks`.
pub async fn run<S: Stage>(
    stage: &S,
    worker: usize,
    input: &Buffer<S::In>,
    output: &Buffer<S::Out>,
    marks: &RefCell<Watermarks>,
) {
    loop {
        let (turn, item) = input.take(worker).await;
        match item {
            Item::Event(event) => {
                let Some((lane, out)) = stage.work(turn.lane, event).await else {
                    continue;
                };
                if let Put::Dropped(out) = output.put(lane, out).await {
                    stage.dropped(out);
                }
            }
            // Events may have changed the lane, so a lane may only promise what all inputs have promised.
            Item::Watermark(mark) => {
                let moved_on = marks.borrow_mut().advance(turn.lane, mark);
                if let Some(mark) = moved_on {
                    output.mark_all(mark);
                }
            }
            Item::Barrier(checkpoint) => {
                if turn.aligns() {
                    output.barrier_all(checkpoint);
                    turn.release();
                }
            }
        }
    }
}
// endregion: stage

/// What the aggregator of a pipeline adds up, and who keeps its checkpoints.
pub trait Aggregate {
    type In;

    /// What an event adds, once it has been worked on.
    fn sample(&self, event: &Self::In) -> impl Future<Output = Sample>;

    /// What became of it.
    fn counted(&self, event: Self::In, added: &Added);

    /// This result is on its way.
    fn told(&self, row: &Row);

    /// The next buffer had no room, and its rule was to drop this result.
    fn dropped(&self, row: Row);

    /// All that came before the barrier is in `state`, and nothing that comes after it. Kept together with the
    /// source's position at the barrier, it is what the pipeline goes on from after a crash.
    fn save(&self, checkpoint: u64, state: &State);
}

/// What an aggregator knows.
#[derive(Debug, Clone)]
pub struct State {
    pub windows: Windows,
    pub marks: Watermarks,
}

// region: aggregate
/// One worker of the aggregator, for ever. All its workers share the state.
pub async fn aggregate<A: Aggregate>(
    aggregator: &A,
    worker: usize,
    input: &Buffer<A::In>,
    output: &Buffer<Row>,
    state: &RefCell<State>,
) {
    loop {
        let (turn, item) = input.take(worker).await;
        match item {
            Item::Event(event) => {
                let sample = aggregator.sample(&event).await;
                let added = state.borrow_mut().windows.add(sample);
                aggregator.counted(event, &added);
                tell(aggregator, added.again, output).await;
            }
            Item::Watermark(mark) => {
                let moved_on = state.borrow_mut().marks.advance(turn.lane, mark);
                if let Some(mark) = moved_on {
                    let rows = state.borrow_mut().windows.advance(mark);
                    tell(aggregator, rows, output).await;
                    output.mark_all(mark);
                }
            }
            // A lane is in hand while its results are told: none is on its way when the last barrier comes.
            Item::Barrier(checkpoint) => {
                if turn.aligns() {
                    aggregator.save(checkpoint, &state.borrow());
                    output.barrier_all(checkpoint);
                    turn.release();
                }
            }
        }
    }
}

async fn tell<A: Aggregate>(aggregator: &A, rows: Vec<Row>, output: &Buffer<Row>) {
    for row in rows {
        aggregator.told(&row);
        let lane = (row.key % output.lanes() as u64) as usize;
        if let Put::Dropped(row) = output.put(lane, row).await {
            aggregator.dropped(row);
        }
    }
}
// endregion: aggregate

/// Where a pipeline ends: it may collect before it writes.
pub trait Outlet {
    type In;

    fn take(&self, worker: usize, event: Self::In) -> impl Future<Output = ()>;

    /// How long what this worker has collected may still wait; none when it has nothing.
    fn patience(&self, worker: usize) -> Option<Duration>;

    /// Writes what this worker has collected.
    fn flush(&self, worker: usize) -> impl Future<Output = ()>;

    /// All that came before the barrier has been written.
    fn reached(&self, checkpoint: u64);
}

// region: drain
/// One worker of the end of a pipeline, for ever.
pub async fn drain<O: Outlet>(outlet: &O, worker: usize, input: &Buffer<O::In>) {
    loop {
        let next = input.take(worker);
        let next = match outlet.patience(worker) {
            Some(patience) => env::timeout(patience, next).await.ok(),
            None => Some(next.await),
        };
        match next {
            None => outlet.flush(worker).await,
            Some((_turn, Item::Event(event))) => outlet.take(worker, event).await,
            Some((_, Item::Watermark(_))) => {}
            Some((turn, Item::Barrier(checkpoint))) => {
                outlet.flush(worker).await;
                if turn.aligns() {
                    outlet.reached(checkpoint);
                    turn.release();
                }
            }
        }
    }
}
// endregion: drain
