//! What a lab is: a specification, and a way to start it on a simulator.

use super::action::{Action, ActionError};
use super::figure::FigureSpec;
use super::frame::{Frame, Statistic};
use super::instruments::Instruments;
use super::knob::{KnobSettings, KnobSpec, KnobValue};
use super::outside::{EndpointSpec, Outside, Reply, Why};
use super::scene::SceneKind;
use crate::engine::Sim;

/// One lab of the registry.
pub trait Lab: Sync {
    fn spec(&self) -> &'static LabSpec;

    /// Builds the lab's world in `sim`, at time 0 and with nothing run yet.
    fn start(&self, sim: &Sim, knobs: &KnobSettings) -> Box<dyn RunningLab>;
}

/// A lab in its simulator. Whoever drives it calls these between two events; all of them take
/// effect at the simulator's present moment.
pub trait RunningLab {
    /// Turns a knob that needs no restart; the value has been checked against the knob.
    fn set(&mut self, sim: &Sim, knob: &KnobSpec, value: &KnobValue);

    /// Does a named thing. The action is one of the lab's table; its argument is the lab's to judge.
    fn act(&mut self, sim: &Sim, action: &Action) -> Result<(), ActionError>;

    /// The knob that this action turned, and to what: a shard more is `shards` one up. Asked for
    /// after each action that was done; most turn none.
    fn turned_by(&self, _action: &Action) -> Option<(&'static str, KnobValue)> {
        None
    }

    /// Takes in a request for one of the lab's endpoints. What travels must come to the same run with
    /// or without somebody to reply to; what looks must change nothing.
    fn request(&mut self, _sim: &Sim, outside: &Outside, reply: Reply) {
        let message = format!("this lab does not answer {}", outside.endpoint.form());
        reply.refuse(Why::NotFound, message, "GET / lists what there is");
    }

    /// Draws the picture: nodes, links, flights. All else of a frame comes from the instruments.
    fn fill(&self, sim: &Sim, frame: &mut Frame);

    /// Its meters, invariants, journal and traces.
    fn instruments(&self) -> &Instruments;
}

/// All that can be known of a lab without running it.
#[derive(Debug, Clone)]
pub struct LabSpec {
    /// How scripts address it: `scatter-gather`.
    pub id: &'static str,
    pub title: &'static str,
    /// The chapter that it belongs to.
    pub chapter: u8,
    /// What one learns here, one line.
    pub promise: &'static str,
    /// The picture that its frames are drawn as.
    pub scene: SceneKind,
    pub knobs: Vec<KnobSpec>,
    pub actions: Vec<ActionSpec>,
    pub metrics: Vec<MetricSpec>,
    /// What somebody with a real client can ask of it.
    pub endpoints: Vec<EndpointSpec>,
    /// Ready-made small runs for a page.
    pub figures: Vec<FigureSpec>,
    /// The text of `experiments.yaml`: see [`guide`](super::guide).
    pub experiments: &'static str,
    /// Source of `pattern.rs`, for the source view.
    pub source: &'static str,
}

/// A named thing that one does to a running lab: `slow=7`.
#[derive(Debug, Clone)]
pub struct ActionSpec {
    pub name: &'static str,
    pub help: &'static str,
    pub argument: ArgumentKind,
    /// The key that does it on the lab screen.
    pub key: char,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentKind {
    None,
    /// A node of the picture, by number (1-based).
    Node,
    /// A node; without one the lab chooses, as these words say: `the newest`.
    NodeOr {
        words: &'static str,
    },
    /// A number with this unit.
    Number {
        unit: &'static str,
        default: u32,
    },
    /// A node and how long: `pause=1:26s`; the node alone takes the default.
    NodeFor {
        default: &'static str,
    },
    /// A node and a factor: `skew=1:1.5`; the node alone takes the default.
    NodeBy {
        default: &'static str,
    },
}

impl ActionSpec {
    pub const fn new(
        name: &'static str,
        key: char,
        argument: ArgumentKind,
        help: &'static str,
    ) -> Self {
        Self {
            name,
            help,
            argument,
            key,
        }
    }
}

impl ArgumentKind {
    /// It is done to a node of the picture.
    pub fn aims_at_node(self) -> bool {
        matches!(
            self,
            Self::Node | Self::NodeOr { .. } | Self::NodeFor { .. } | Self::NodeBy { .. }
        )
    }
}

/// One metric; the name carries the unit (`latency_ms`).
#[derive(Debug, Clone)]
pub struct MetricSpec {
    pub name: &'static str,
    pub help: &'static str,
    pub kind: MetricKind,
    /// Shown as a chart on the lab screen, in this order; 0 = a table row only.
    pub chart: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    Counter,
    Ratio,
    Gauge,
    Histogram,
}

impl MetricKind {
    /// The figures that such a metric has.
    pub const fn statistics(self) -> &'static [Statistic] {
        use Statistic as S;
        match self {
            Self::Counter | Self::Ratio => &[S::Value],
            Self::Gauge => &[S::Mean, S::Last, S::Min, S::Max],
            Self::Histogram => &[
                S::Count,
                S::Mean,
                S::P50,
                S::P90,
                S::P95,
                S::P99,
                S::P999,
                S::Max,
            ],
        }
    }
}

impl MetricSpec {
    pub const fn new(name: &'static str, kind: MetricKind, chart: u8, help: &'static str) -> Self {
        Self {
            name,
            help,
            kind,
            chart,
        }
    }
}

impl LabSpec {
    /// The ready-made figure with this id.
    pub fn figure(&self, id: &str) -> Option<&FigureSpec> {
        self.figures.iter().find(|figure| figure.id == id)
    }
}
