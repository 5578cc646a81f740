//! A frame: all that a screen needs of a running lab at one moment, immutable and shared.

use super::intervention::TimedIntervention;
pub use super::invariant::InvariantView;
pub use super::journal::{LogLevel, LogLine};
use super::knob::KnobValue;
pub use super::meter::{HistogramView, MetricValue, MetricView, SeriesView, Statistic};
use super::replay::Replay;
use super::role::Role;
use super::scene::Scene;
use super::trace::Trace;
use crate::engine::{self, SimTime};
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
    /// What was done last and can be taken back, as it is written; also what began the run again.
    pub undoable: Option<String>,
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
    /// Works on a task.
    Works,
    /// The same, and takes much longer than usual.
    Straggles,
    /// The same task a second time, while the first attempt runs.
    Backup,
    /// What was done did not count.
    Wasted,
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
