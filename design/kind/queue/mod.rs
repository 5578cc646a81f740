//! A queue: work that nobody waits for, and the [pool](pool) of workers that does it.

mod broker;
pub mod pool;

use super::{Inner, Kind};
use crate::format::require::{Figure, own};
use crate::system::call::Answer;
use crate::system::component::Component;
use crate::system::meters::part_metrics;
use crate::system::work::{Here, Stand, Start, Work};
use crate::system::world::{Tamper, World};
use crate::theory::{Load, Station};
pub use broker::Broker;
use ddlab_labs::engine::Draw;
use ddlab_labs::knobs;
use ddlab_labs::work_queue::{BrokerName, RetryBackoff};
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_labs::workbench::meter::MetricSpec;
use ddlab_labs::workbench::prelude::*;
use ddlab_text::Unit;

knobs! {
    pub struct Knobs;
    pub enum Turned { Rules }

    "queue" {
        /// whose rules the queue follows: a table in Postgres with the lease in a column, a Kafka share group, an SQS
        /// standard queue, or a RabbitMQ quorum queue; kafka and rabbitmq take back what a closed connection had
        broker: BrokerName = choice().restarts();
        /// how long it takes to put an item into the queue, safely
        put: Distribution = distribution("const:1ms");
        /// the lease: how long an item is handed out before the queue takes it back
        visibility_timeout: Duration = duration("30s", "1ms", "12h").essential() => Rules;
        /// an item that has used up its deliveries is put aside
        dead_letter: bool = switch(true) => Rules;
        /// deliveries that an item has; see dead_letter
        max_receives: usize = count(5, 1, 100).essential() => Rules;
        /// how long an item that came back stays out of sight: not at all, retry_delay, or twice as long
        /// each time
        retry_backoff: RetryBackoff = choice() => Rules;
        /// the first delay of retry_backoff
        retry_delay: Duration = duration("1s", "1ms", "1h") => Rules;
        /// items that never succeed: each delivery hangs its worker, until longest frees it
        poison_ratio: f64 = share(0.0, 0.001).essential();
        /// items that wait, are worked on or lie aside, at most; more are refused
        room: usize = count(200_000, 1, 200_000);
    }
}

part_metrics! {
    pub struct QueueMeters {
        /// from the arrival of an item until it is done
        sojourn_ms: Histogram in Milliseconds, chart 0;
        /// age of the oldest item that is neither done nor put aside
        oldest_age_ms: Gauge in Milliseconds;
        /// items that are done
        done_total: Counter in Count;
        /// items that were forgotten without being done
        lost_total: Counter in Count;
        /// items that were put aside
        dead_lettered_total: Counter in Count;
        /// deliveries after the first
        redelivered_total: Counter in Count;
    }
}

const FIGURES: [Figure; 6] = [
    own(
        "depth",
        "queue_depth",
        Statistic::Max,
        Unit::Count,
        "the most items that waited",
    ),
    own(
        "age",
        "oldest_age_ms",
        Statistic::Max,
        Unit::Milliseconds,
        "the highest age of the oldest item",
    ),
    own(
        "sojourn",
        "sojourn_ms",
        Statistic::P99,
        Unit::Milliseconds,
        "99 % of the items were done within this time",
    ),
    own(
        "done",
        "done_total",
        Statistic::Value,
        Unit::Count,
        "items that are done",
    ),
    own(
        "lost",
        "lost_total",
        Statistic::Value,
        Unit::Count,
        "items that were forgotten without being done",
    ),
    own(
        "dead_lettered",
        "dead_lettered_total",
        Statistic::Value,
        Unit::Count,
        "items that were put aside",
    ),
];

#[derive(Debug)]
pub struct Queue;

impl Kind for Queue {
    fn word(&self) -> &'static str {
        "queue"
    }

    fn help(&self) -> &'static str {
        "work that nobody waits for: its `workers`, a pool, take one item after the other"
    }

    knob_table!();

    fn shape(&self) -> (&'static str, &'static str) {
        ("[[", "]]")
    }

    fn is_foreign(&self) -> bool {
        true
    }

    fn inner(&self) -> Option<Inner> {
        Some(Inner {
            field: "workers",
            kind: &pool::Pool,
        })
    }

    fn machines(&self, _: &KnobSettings) -> usize {
        1
    }

    fn figures(&self) -> &'static [Figure] {
        &FIGURES
    }

    fn metrics(&self, component: &str, chart: u8) -> Vec<MetricSpec> {
        QueueMeters::specs(component, chart)
    }

    fn station(&self, load: &Load<'_>) -> Station {
        Station::without_line(load.flow.rps, load.time("put"))
    }

    fn start(&self, start: &Start<'_>) -> Rc<dyn Work> {
        Rc::new(Puts(Broker::new(start)))
    }
}

/// What comes in.
struct Puts(Rc<Broker>);

impl Work for Puts {
    fn slots(&self) -> Option<usize> {
        None
    }

    fn serve(self: Rc<Self>, stand: Stand) {
        self.0.serve(&stand);
        stand.answers(self, Self::answer);
    }

    fn opened(self: Rc<Self>, world: &Rc<World>, _: &Component) {
        world.sim.spawn(Rc::clone(&self.0).watch_leases());
        world.sim.spawn(Rc::clone(&self.0).keep_age());
    }

    /// What is in the queue is on disk.
    fn restart(&self, _: &mut Draw) -> Duration {
        Duration::from_secs(20)
    }

    fn turned(&self) {
        self.0.apply_rules();
    }

    fn waiting(&self) -> Option<usize> {
        Some(self.0.waiting())
    }

    fn broker(&self) -> Option<&Rc<Broker>> {
        Some(&self.0)
    }
}

impl Puts {
    async fn answer(&self, here: Here<'_>) -> Answer {
        if !self.0.has_room() {
            return Answer::Shed;
        }
        let takes = self.0.knobs.put.borrow().sample(&mut here.luck());
        here.machine.server.serve(takes).await;
        self.0.put(here.call, here.is_tampered(Tamper::LoseItems));
        Answer::Done
    }
}
