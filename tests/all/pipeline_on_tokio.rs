//! The event pipeline in the real world: the very code that the lab runs in virtual time looks lots up at a real HTTP
//! server on the loopback and writes its results to another, on tokio.
//!
//! Nothing here measures time: the pipeline has done its work when its barrier has come through.

use super::pattern_on_tokio::{on_tokio, serve};
use axum::extract::{Path, State as Shared};
use axum::routing::{get, put};
use ddlab_labs::event_pipeline::buffer::{Buffer, Item, Overflow};
use ddlab_labs::event_pipeline::pattern::{
    Aggregate, Outlet, Source, Stage, State, aggregate, drain, read, run,
};
use ddlab_labs::event_pipeline::window::{Added, Kind, Row, Sample, Watermarks, Windows};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

type Results = Arc<Mutex<BTreeMap<(u64, u64), u64>>>;

/// Knows the category of each lot, and replaces the result of a category and a window.
async fn server(results: Results) -> SocketAddr {
    let category = async |Path(lot): Path<u64>| (lot % 2).to_string();
    let replace =
        async |Path(at): Path<(u64, u64)>, Shared(results): Shared<Results>, sum: String| {
            let sum = sum.parse().expect("the sum is a number");
            results
                .lock()
                .expect("nobody panics with it")
                .insert(at, sum);
        };
    let router = axum::Router::new()
        .route("/lots/{lot}", get(category))
        .route("/results/{category}/{start}", put(replace))
        .with_state(results);
    serve(router).await.0
}

#[derive(Clone, Copy)]
struct Bid {
    happened: u64,
    lot: u64,
    cents: u64,
}

/// All parts of the pipeline: what lies in the log, and where it looks up and writes.
struct Pipeline {
    log: RefCell<VecDeque<Item<Bid>>>,
    address: SocketAddr,
    saved: RefCell<Option<State>>,
    written: Notify,
    looked_up: Cell<usize>,
}

impl Pipeline {
    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Source for Pipeline {
    type Event = Bid;

    async fn next(&self, _: usize) -> Item<Bid> {
        let next = self.log.borrow_mut().pop_front();
        match next {
            Some(item) => item,
            None => std::future::pending().await,
        }
    }

    fn second_must_have_all(&self) -> bool {
        false
    }

    fn skipped(&self, _: &Bid) {}

    fn dropped(&self, _: Bid, _: bool) {
        panic!("its buffers wait");
    }
}

/// Looks up the category of a bid.
impl Stage for Pipeline {
    type In = Bid;
    type Out = (u64, Bid);

    async fn work(&self, lane: usize, bid: Bid) -> Option<(usize, (u64, Bid))> {
        self.looked_up.set(self.looked_up.get() + 1);
        let answer = reqwest::get(self.url(&format!("/lots/{}", bid.lot)))
            .await
            .ok()?;
        let category = answer.text().await.ok()?.parse().ok()?;
        Some((lane, (category, bid)))
    }

    fn dropped(&self, _: (u64, Bid)) {
        panic!("its buffers wait");
    }
}

impl Aggregate for Pipeline {
    type In = (u64, Bid);

    async fn sample(&self, &(category, bid): &(u64, Bid)) -> Sample {
        Sample {
            happened: Duration::from_secs(bid.happened),
            key: category,
            cents: bid.cents,
        }
    }

    fn counted(&self, _: (u64, Bid), _: &Added) {}

    fn told(&self, _: &Row) {}

    fn dropped(&self, _: Row) {
        panic!("its buffers wait");
    }

    fn save(&self, _: u64, state: &State) {
        *self.saved.borrow_mut() = Some(state.clone());
    }
}

impl Outlet for Pipeline {
    type In = Row;

    async fn take(&self, _: usize, row: Row) {
        let path = format!("/results/{}/{}", row.key, row.start.as_secs());
        let put = reqwest::Client::new().put(self.url(&path));
        let answer = put.body(row.cents.to_string()).send().await;
        assert!(answer.is_ok_and(|answer| answer.status().is_success()));
    }

    fn patience(&self, _: usize) -> Option<Duration> {
        None
    }

    async fn flush(&self, _: usize) {}

    fn reached(&self, _: u64) {
        self.written.notify_one();
    }
}

/// Runs the pipeline over these items from this state, until their barrier has come through. Returns the state there.
async fn runs(address: SocketAddr, items: Vec<Item<Bid>>, from: State) -> State {
    let pipeline = Rc::new(Pipeline {
        log: RefCell::new(items.into()),
        address,
        saved: RefCell::new(None),
        written: Notify::new(),
        looked_up: Cell::new(0),
    });
    // One place each: the server's pace is that of the reader.
    let rule = Overflow::Backpressure;
    let (first, side) = (Buffer::new(&[0], 1, rule), Buffer::new(&[0], 1, rule));
    let (looked_up, rows) = (Buffer::new(&[0], 1, rule), Buffer::new(&[0], 1, rule));
    let (marks, state) = (RefCell::new(Watermarks::new(1)), RefCell::new(from));
    let it = &*pipeline;
    tokio::select! {
        () = read(it, 0, &first, &side) => {}
        () = run(it, 0, &first, &looked_up, &marks) => {}
        () = aggregate(it, 0, &looked_up, &rows, &state) => {}
        () = drain(it, 0, &rows) => {}
        () = pipeline.written.notified() => {}
    }
    let saved = pipeline.saved.borrow_mut().take();
    saved.expect("the barrier has passed the aggregator before the sink")
}

fn empty() -> State {
    let kind = Kind::Tumbling {
        size: Duration::from_secs(10),
    };
    State {
        windows: Windows::new(kind, Duration::ZERO),
        marks: Watermarks::new(1),
    }
}

fn bid(happened: u64, lot: u64, cents: u64) -> Item<Bid> {
    Item::Event(Bid {
        happened,
        lot,
        cents,
    })
}

#[test]
fn sums_by_category_and_window_reach_the_store_and_a_replay_changes_nothing() {
    on_tokio(async || {
        let results = Results::default();
        let address = server(Arc::clone(&results)).await;
        let before = vec![
            bid(1, 1, 100),
            bid(4, 2, 20),
            bid(12, 3, 7),
            Item::Barrier(1),
        ];
        let after = || {
            vec![
                bid(9, 5, 1),
                Item::Watermark(Duration::from_secs(20)),
                bid(3, 1, 1_000),
                Item::Barrier(2),
            ]
        };
        let saved = runs(address, before, empty()).await;
        // Nothing is told before the watermark has passed the end of a window.
        assert!(results.lock().expect("nobody panics with it").is_empty());
        let told = BTreeMap::from([((0, 0), 20), ((1, 0), 101), ((1, 10), 7)]);
        // The process dies after it has written; what came since the barrier is read again.
        for _ in 0..2 {
            runs(address, after(), saved.clone()).await;
            assert_eq!(*results.lock().expect("nobody panics with it"), told);
        }
    });
}
