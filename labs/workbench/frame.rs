//! A frame: all that a screen needs of a running lab at one moment, immutable and shared.

use super::intervention::TimedIntervention;
use super::knob::KnobValue;
use super::replay::Replay;
use super::role::Role;
use super::scene::Scene;
use super::trace::Trace;
use crate::engine::{self, SimTime};
use ddlab_text::Unit;
use std::sync::Arc;

#[derive(Debug, Clone, Default)]
pub struct Frame {
    pub lab: &'static str,
    pub seed: u64,
    pub now: SimTime,
    /// The last moment that this run has come to; after `now` when one has gone back. What lies between
    /// is known, and happens again unless one acts.
    pub horizon: SimTime,
    pub pace: Pace,
    /// Current values, in the order of `LabSpec::knobs`.
    pub knobs: Vec<KnobValue>,
    /// Values at the start of the run, in the same order: with `interventions` all there is to run it again.
    pub initial_knobs: Vec<KnobValue>,
    /// The run is on its way to a moment by replay; until then this is what is remembered of it.
    pub seeking: Option<Seeking>,
    pub nodes: Vec<NodeView>,
    /// Numbers of the nodes that actions may be aimed at, in order; of a large system more than are drawn.
    pub targets: Vec<u32>,
    pub links: Vec<LinkView>,
    /// Messages on the way, a bounded sample.
    pub flights: Vec<Flight>,
    /// States over time, one lane above the other: what each candidate believes, beside what the
    /// store says. Empty for labs whose picture is nodes and links alone.
    pub lanes: Vec<Lane>,
    /// What the lab's own picture is drawn from.
    pub scene: Scene,
    pub metrics: Vec<MetricView>,
    pub invariants: Vec<InvariantView>,
    /// Newest last, bounded.
    pub log: Vec<LogLine>,
    /// What was done to the run, oldest first, without the requests of clients.
    pub interventions: Vec<TimedIntervention>,
    /// Slowest requests of the recent past, slowest first.
    pub slowest: Vec<Arc<Trace>>,
    /// Every so many requests one, the newest last: what is ordinary, beside what is slow.
    pub sampled: Vec<Arc<Trace>>,
    /// A panic of the lab; the run stands still.
    pub fault: Option<String>,
    pub digest: u64,
    /// The other side of a comparison: the same run but for the knobs that differ, at the same moment
    /// (or on its way there, while this frame is `seeking`).
    pub other: Option<Arc<Frame>>,
    /// What becomes of the saved run that this one repeats; none once something else is done than it had.
    pub saved: Option<SavedView>,
    /// Which side of a comparison this is.
    pub side: Side,
}

/// A saved run that is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Where it ends.
    pub until: SimTime,
    /// Whether it was the same, once that is known.
    pub found: Option<Replay>,
}

/// A side of a comparison: A is the run as it was, B the one that was set beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    #[default]
    A,
    B,
}

impl Side {
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// A replay on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seeking {
    pub to: SimTime,
    /// How far it has come.
    pub reached: SimTime,
}

/// How fast virtual time passes, asked and reached, as virtual seconds per second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Pace {
    pub playing: bool,
    pub asked: f64,
    pub reached: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NodeView {
    /// Place in `Frame::nodes`, which links and flights refer to.
    pub name: String,
    pub role: &'static Role,
    pub state: NodeState,
    /// Share of its capacity in use, 0 to 1 (and above 1 when work waits).
    pub load: f64,
    /// Requests that wait.
    pub queue: u32,
    /// A word to show beside it: `20x`, `shard 3`; may be empty.
    pub badge: String,
    /// Nodes of one group are drawn together (replicas of a leaf): the index of the group.
    pub group: u32,
    /// How its lab numbers it, where that is not its place among the nodes of its role; 0 for one that actions
    /// cannot be aimed at.
    pub number: Option<u32>,
}

impl NodeView {
    /// One that is up and idle.
    pub fn new(name: impl Into<String>, role: &'static Role) -> Self {
        Self {
            name: name.into(),
            role,
            state: NodeState::Up,
            load: 0.0,
            queue: 0,
            badge: String::new(),
            group: 0,
            number: None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeState {
    Up,
    Slow,
    Paused,
    Down,
    /// Up, but cut off.
    Cut,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinkView {
    pub from: u32,
    pub to: u32,
    pub cut: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flight {
    pub from: u32,
    pub to: u32,
    /// 0 at the sender, 1 at the receiver.
    pub progress: f32,
    pub kind: FlightKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlightKind {
    Request,
    Reply,
    Hedge,
    Cancel,
    Error,
}

impl From<engine::FlightKind> for FlightKind {
    fn from(kind: engine::FlightKind) -> Self {
        match kind {
            engine::FlightKind::Request | engine::FlightKind::OneWay => Self::Request,
            engine::FlightKind::Reply => Self::Reply,
            engine::FlightKind::Error => Self::Error,
            engine::FlightKind::Cancel => Self::Cancel,
        }
    }
}

/// One metric of the lab as it stands: its present value and its history.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricView {
    pub name: &'static str,
    pub unit: Unit,
    /// Over all the time after the warm-up.
    pub value: MetricValue,
    /// Over the last ten seconds of virtual time (of a gauge: the same as `value`): what a knob that
    /// was just turned has changed.
    pub recent: MetricValue,
    /// One point a window, oldest first, at falling resolution: for a histogram p50, p95, p99 of the
    /// window, for anything else one line.
    pub series: Vec<SeriesView>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum MetricValue {
    Counter(f64),
    /// A ratio of totals; none before there is anything to divide by.
    Ratio(Option<f64>),
    Gauge {
        last: f64,
        mean: f64,
        min: f64,
        max: f64,
    },
    Histogram(HistogramView),
}

/// Percentiles come from the histogram; `buckets` are for the picture of the distribution.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HistogramView {
    pub count: u64,
    pub mean: f64,
    pub p50: f64,
    pub p90: f64,
    pub p95: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
    /// (upper edge, count) on a logarithmic scale, empty ones left out.
    pub buckets: Vec<(f64, u64)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SeriesView {
    /// `p99`, `hedges`; the legend.
    pub label: &'static str,
    /// (virtual seconds, value); a gap where a window had no sample.
    pub points: Vec<(f64, f64)>,
}

/// One line of a timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    pub name: String,
    /// The node that it is about: its place in `Frame::nodes`.
    pub node: Option<u32>,
    /// Oldest first, without overlap; what lies between two of them is nothing in particular.
    pub spans: Vec<LaneSpan>,
    /// Oldest first.
    pub events: Vec<LaneEvent>,
}

/// A state that lasts.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneSpan {
    pub from: SimTime,
    /// None while it lasts.
    pub to: Option<SimTime>,
    pub kind: LaneKind,
    /// `A, 33`; may be empty.
    pub label: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaneKind {
    /// Holds what only one may hold, or believes so.
    Owns,
    /// Believes so, while another one does too.
    Doubtful,
    Paused,
    Down,
}

/// Something that happened on a lane at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneEvent {
    pub at: SimTime,
    pub kind: LaneMark,
    /// `33 bounced`.
    pub label: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaneMark {
    /// Done as it should be.
    Landed,
    /// Done, and should not have been.
    Slipped,
    /// Refused.
    Bounced,
}

#[derive(Debug, Clone, PartialEq)]
pub struct InvariantView {
    pub name: &'static str,
    pub held: bool,
    pub first_broken_at: Option<SimTime>,
    /// The culprit, when broken; what was checked and how often, when held.
    pub detail: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct LogLine {
    pub at: SimTime,
    pub level: LogLevel,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    Info,
    Warn,
    Bad,
}

/// One figure of a metric: what a readout shows and a script compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// A counter's total, a ratio, a gauge's mean, a histogram's mean.
    Value,
    Last,
    Mean,
    Count,
    P50,
    P90,
    P95,
    P99,
    P999,
    Min,
    Max,
}

impl Statistic {
    /// As scripts and files call it, and the JSON of a run: `p999`, and `value` of the one figure that a
    /// total or a ratio has.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::P999 => "p999",
            other => other.name(),
        }
    }

    /// As a table heads it for the eye; empty of the one figure that a total or a ratio has.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Value => "",
            Self::Last => "last",
            Self::Mean => "mean",
            Self::Count => "count",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::P999 => "p99.9",
            Self::Min => "min",
            Self::Max => "max",
        }
    }
}

impl MetricValue {
    /// The figure, where this kind of metric has it and has seen anything.
    pub fn get(&self, statistic: Statistic) -> Option<f64> {
        use Statistic as S;
        match (self, statistic) {
            (Self::Counter(total), S::Value | S::Count) => Some(*total),
            (Self::Ratio(ratio), S::Value) => *ratio,
            (Self::Gauge { mean, .. }, S::Value | S::Mean) => Some(*mean),
            (Self::Gauge { last, .. }, S::Last) => Some(*last),
            (Self::Gauge { min, .. }, S::Min) => Some(*min),
            (Self::Gauge { max, .. }, S::Max) => Some(*max),
            (Self::Histogram(view), S::Count) => Some(view.count as f64),
            (Self::Histogram(view), _) if view.count > 0 => match statistic {
                S::Value | S::Mean => Some(view.mean),
                S::P50 => Some(view.p50),
                S::P90 => Some(view.p90),
                S::P95 => Some(view.p95),
                S::P99 => Some(view.p99),
                S::P999 => Some(view.p999),
                S::Max => Some(view.max),
                S::Count | S::Last | S::Min => None,
            },
            _ => None,
        }
    }
}

impl Frame {
    /// Both sides of a comparison, A first, whichever is looked at.
    pub fn sides(&self) -> Option<[&Self; 2]> {
        let other = self.other.as_deref()?;
        Some(match self.side {
            Side::A => [self, other],
            Side::B => [other, self],
        })
    }

    /// The metric of this name.
    pub fn metric(&self, name: &str) -> Option<&MetricView> {
        self.metrics.iter().find(|metric| metric.name == name)
    }
}
