//! What a lab is: a specification, and a way to start it on a simulator.

use super::knob::KnobSpec;

/// One lab of the registry.
pub trait Lab: Sync {
    fn spec(&self) -> &'static LabSpec;
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
    pub knobs: Vec<KnobSpec>,
    pub actions: Vec<ActionSpec>,
    pub metrics: Vec<MetricSpec>,
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
    /// A number with this unit.
    Number {
        unit: &'static str,
        default: u32,
    },
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
