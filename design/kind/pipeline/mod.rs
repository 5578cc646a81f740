//! An event pipeline: a call hands over an event and is answered at once; a job filters, looks up and counts the events
//! in windows, as in the lab of the event pipeline.
//!
//! - here: its parameters, and its parts as they run; `job`: the stages together, checkpoints and crashes; `stages`:
//!   what each does; `books`: what windows should count.

mod books;
mod job;
mod stages;

use super::Kind;
use crate::format::Component as Written;
use crate::format::require::{Figure, own};
use crate::system::call::Answer;
use crate::system::component::Component;
use crate::system::machine::Machine;
use crate::system::meters::part_metrics;
use crate::system::work::{Here, Mishap, Stand, Start, Work};
use crate::system::world::World;
use crate::theory::{Flow, Load, Station, Time};
use ddlab_labs::engine::{Draw, NodeId};
use ddlab_labs::event_pipeline::WhenFull;
use ddlab_labs::event_pipeline::buffer::Overflow;
use ddlab_labs::event_pipeline::group::Rebalance;
use ddlab_labs::knobs;
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::invariant::Invariant;
use ddlab_labs::workbench::meter::MetricSpec;
use ddlab_labs::workbench::prelude::*;
use ddlab_text::Unit;
use job::Job;
use std::cell::OnceCell;

/// Events that a disk has room for.
const SPILL_PLACES: usize = 1_000_000;

knobs! {
    pub struct Knobs;
    pub enum Turned { }

    "pipeline" {
        /// from the moment at which an event happens until it is in the log
        event_delay: Distribution = distribution("exp:1s").essential();
        /// lanes of the log and of each buffer, each in its order; what decides the lane is the user
        partitions: usize = count(8, 1, 64).restarts().essential();
        /// a partition that has been silent for so long holds up no window
        idle_after: Option<Duration> = duration("5s", "100ms", "10m").or("off");
        /// workers of each stage
        workers: usize = count(2, 1, 64).restarts().essential();
        /// how long a worker of filter, split or aggregate takes for an event
        stage_service: Distribution = distribution("exp:0.5ms");
        /// how long a worker of enrich looks up an event
        enrich_service: Distribution = distribution("exp:2ms").essential();
        /// events that the filter lets pass
        pass_ratio: f64 = share(0.4, 0.05);
        /// events that a buffer between two stages has room for
        buffer: usize = count(1_000, 1, 1_000_000).essential();
        /// what is done when it is full
        overflow: WhenFull = choice().essential();
        /// how lanes are dealt out when a worker joins or leaves
        rebalance: Rebalance = choice();
        /// how long lanes stand still that change their reader
        rebalance_pause: Duration = duration("3s", "0ms", "10m");
        /// size of a window
        window: Duration = duration("10s", "1s", "10m").restarts();
        /// how far the watermark runs behind the newest event
        watermark_delay: Duration = duration("2s", "0ms", "10m").essential();
        /// how long a window that has been told is kept for events that come late
        allowed_lateness: Duration = duration("0s", "0ms", "10m").restarts();
        /// from one checkpoint to the next
        checkpoint_every: Duration = duration("10s", "100ms", "10m");
        /// results that are written together, or those of a second
        sink_batch: usize = count(1_000, 1, 100_000);
        /// how long the store takes for an insert, of any size
        insert: Distribution = distribution("const:20ms");
    }
}

part_metrics! {
    struct PipelineMeters {
        /// from the watermark of the windows to now
        watermark_lag_s: Gauge in Seconds, chart 0;
        /// events in the log that nobody has read
        log_depth: Gauge in Count;
        /// events in the buffers between the stages
        stage_depth: Gauge in Count;
        /// partitions whose reader waits for room, of all
        source_blocked_ratio: Gauge in Share;
        /// from the end of a window to its first result in the store
        end_to_end_ms: Histogram in Milliseconds;
        /// from the log to the count of an event
        event_ms: Histogram in Milliseconds;
        /// events counted in a window, replays included
        counted_total: Counter in Count;
        /// events for which there was no room, in a buffer or in the log
        dropped_total: Counter in Count;
        /// events that came after their window was forgotten
        late_dropped_total: Counter in Count;
        /// times that lanes were dealt out anew, as a worker had joined or left
        rebalances_total: Counter in Count;
        /// events counted wrongly, of all in windows that are done
        window_error_ratio: Ratio in Share;
    }
}

const JOB_CRASH: Mishap = Mishap {
    word: "job_crash",
    help: "the job dies with what it has, and goes on from its last checkpoint after five seconds; the log lives",
    ends: None,
};
const REBALANCE: Mishap = Mishap {
    word: "rebalance",
    help: "workers of the job leave and join again and again, and lanes stand still each time",
    ends: Some("rebalance_over"),
};

const FIGURES: [Figure; 5] = [
    own(
        "lag",
        "log_depth",
        Statistic::Max,
        Unit::Count,
        "the most events that waited in the log",
    ),
    own(
        "watermark_lag",
        "watermark_lag_s",
        Statistic::Max,
        Unit::Seconds,
        "how far the windows were behind the time, at most",
    ),
    own(
        "dropped",
        "dropped_total",
        Statistic::Value,
        Unit::Count,
        "events for which there was no room",
    ),
    own(
        "late",
        "late_dropped_total",
        Statistic::Value,
        Unit::Count,
        "events that came after their window was forgotten",
    ),
    own(
        "window_error",
        "window_error_ratio",
        Statistic::Value,
        Unit::Share,
        "share of the events that windows count wrongly",
    ),
];

#[derive(Debug)]
pub struct Pipeline;

impl Kind for Pipeline {
    fn word(&self) -> &'static str {
        "pipeline"
    }

    fn help(&self) -> &'static str {
        "a log of events, and a job that filters, looks up and counts them in windows"
    }

    knob_table!();

    fn shape(&self) -> (&'static str, &'static str) {
        ("[[", "]]")
    }

    /// Its log is spread over the zones by itself.
    fn is_foreign(&self) -> bool {
        true
    }

    fn figures(&self) -> &'static [Figure] {
        &FIGURES
    }

    fn metrics(&self, component: &str, chart: u8) -> Vec<MetricSpec> {
        PipelineMeters::specs(component, chart)
    }

    fn mishaps(&self) -> &'static [Mishap] {
        &[JOB_CRASH, REBALANCE]
    }

    /// A call is answered when its event is taken over. What can be full is the workers of the slowest stage.
    fn station(&self, load: &Load<'_>) -> Station {
        let (rps, workers) = (load.flow.rps, load.part("workers"));
        let passed = rps * load.part("pass_ratio");
        let filter = rps * load.time("stage_service").mean / 1e3 / workers;
        let enrich = passed * load.time("enrich_service").mean / 1e3 / workers;
        let now = Time {
            mean: 0.0,
            scv: 0.0,
        };
        let station = Station::without_line(rps, now).with("busiest stage", enrich.max(filter));
        if enrich.max(filter) < 1.0 {
            return station;
        }
        station.doubted("its slowest stage has more to do than it can: the log grows")
    }

    fn passes_on(&self, _: &Written, _: Flow) -> f64 {
        0.0
    }

    fn start(&self, start: &Start<'_>) -> Rc<dyn Work> {
        let knobs = Knobs::of(start.own);
        Rc::new(Intake {
            meters: Rc::new(PipelineMeters::of(
                &start.base.instruments.meters,
                &start.component.name,
            )),
            exact: Rc::clone(&start.base.checks.invariants.windows),
            job_node: start
                .base
                .sim
                .add_server(&format!("{} job", start.component.name)),
            job: OnceCell::new(),
            knobs,
        })
    }
}

/// The log, which takes events whatever the job does.
struct Intake {
    knobs: Rc<Knobs>,
    meters: Rc<PipelineMeters>,
    exact: Rc<Invariant>,
    job_node: NodeId,
    job: OnceCell<Rc<Job>>,
}

impl Work for Intake {
    fn slots(&self) -> Option<usize> {
        None
    }

    fn serve(self: Rc<Self>, stand: Stand) {
        stand.answers(self, Self::answer);
    }

    fn opened(self: Rc<Self>, world: &Rc<World>, component: &Component) {
        self.job.get_or_init(|| {
            let parts = job::Parts {
                knobs: Rc::clone(&self.knobs),
                meters: Rc::clone(&self.meters),
                exact: Rc::clone(&self.exact),
                node: self.job_node,
            };
            Job::begin(parts, world, component)
        });
    }

    fn restart(&self, _: &mut Draw) -> Duration {
        Duration::from_secs(5)
    }

    fn turned(&self) {
        self.job().configure_buffers();
    }

    fn measure(&self, world: &World) {
        self.job().measure(world.now());
    }

    fn befalls(&self, _: &World, _: &Machine, mishap: &Mishap, begins: bool) -> String {
        let job = self.job();
        if *mishap == JOB_CRASH {
            job.crash();
            return "has a job that died".to_owned();
        }
        job.storm(begins);
        let what = if begins {
            "leave and join again and again"
        } else {
            "stay"
        };
        format!("has workers that {what}")
    }
}

impl Intake {
    fn job(&self) -> &Rc<Job> {
        self.job
            .get()
            .expect("a component is opened before anything is done with it")
    }

    #[expect(clippy::unused_async, reason = "what answers a request is a future")]
    async fn answer(&self, here: Here<'_>) -> Answer {
        let ask = &here.call.ask;
        self.job().happens(ask.key, ask.user);
        Answer::Done
    }
}

impl Knobs {
    fn rule_when_full(&self) -> Overflow {
        match self.overflow.get() {
            WhenFull::Backpressure => Overflow::Backpressure,
            WhenFull::DropNew => Overflow::DropNew,
            WhenFull::DropOld => Overflow::DropOld,
            WhenFull::Spill => Overflow::Spill {
                places: SPILL_PLACES,
            },
        }
    }
}
