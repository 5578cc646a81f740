//! Links: how long a message takes from node to node, and whether it gets there.
//!
//! One default for all, and overrides by pair: a root with ten thousand replicas is a map of the few odd links,
//! not a matrix.

use crate::engine::distribution::Distribution;
use crate::engine::hash::{Map, Set};
use crate::engine::node::NodeId;
use crate::engine::rng::{Purpose, Source};
use std::time::Duration;

/// How messages travel in one direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// From send to arrival.
    pub latency: Distribution,
    /// The probability that a message is lost, 0 to 1. A lost one-way message is gone; calls run over a
    /// transport that sends again after 200 ms, so for them loss is delay.
    pub loss: f64,
    /// The probability that a one-way message arrives twice, 0 to 1.
    pub duplicate: f64,
}

impl Link {
    /// A link with this latency that neither loses nor duplicates.
    pub fn new(latency: Distribution) -> Self {
        Self {
            latency,
            loss: 0.0,
            duplicate: 0.0,
        }
    }

    #[must_use]
    pub fn with_loss(mut self, probability: f64) -> Self {
        self.loss = probability;
        self
    }

    #[must_use]
    pub fn with_duplicates(mut self, probability: f64) -> Self {
        self.duplicate = probability;
        self
    }
}

/// A quarter of a millisecond: two machines in one data centre, by way of two switches and two kernels.
impl Default for Link {
    fn default() -> Self {
        Self::new(Distribution::constant(Duration::from_micros(250)))
    }
}

pub(crate) struct Links {
    pub default: Link,
    overrides: Map<u64, Link>,
    cuts: Set<u64>,
    /// By node: cut off from everybody.
    isolated: Vec<bool>,
    isolated_count: usize,
    /// By node: messages without a key that it has sent, each one's key in turn.
    sent: Vec<u64>,
    purpose: Purpose,
}

fn pair(from: NodeId, to: NodeId) -> u64 {
    u64::from(from.0) << 32 | u64::from(to.0)
}

/// What a message's luck depends on, besides the seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Luck {
    pub key: u64,
    /// Request, reply, cancel…: the legs of one call draw apart.
    pub leg: u8,
    pub attempt: u8,
}

impl Links {
    pub fn new(seed: u64) -> Self {
        Self {
            default: Link::default(),
            overrides: Map::default(),
            cuts: Set::default(),
            isolated: Vec::new(),
            isolated_count: 0,
            sent: Vec::new(),
            purpose: Purpose::new(seed, "net"),
        }
    }

    fn link(&self, from: NodeId, to: NodeId) -> &Link {
        if self.overrides.is_empty() {
            return &self.default;
        }
        self.overrides.get(&pair(from, to)).unwrap_or(&self.default)
    }

    pub fn set(&mut self, from: NodeId, to: NodeId, link: Link) {
        self.overrides.insert(pair(from, to), link);
    }

    pub fn get(&self, from: NodeId, to: NodeId) -> Link {
        self.link(from, to).clone()
    }

    pub fn set_cut(&mut self, from: NodeId, to: NodeId, cut: bool) {
        if cut {
            self.cuts.insert(pair(from, to));
        } else {
            self.cuts.remove(&pair(from, to));
        }
    }

    pub fn set_isolated(&mut self, node: NodeId, isolated: bool) {
        if self.isolated.len() <= node.index() {
            self.isolated.resize(node.index() + 1, false);
        }
        if self.isolated[node.index()] != isolated {
            self.isolated[node.index()] = isolated;
            if isolated {
                self.isolated_count += 1;
            } else {
                self.isolated_count -= 1;
            }
        }
    }

    pub fn is_isolated(&self, node: NodeId) -> bool {
        self.isolated.get(node.index()).copied().unwrap_or(false)
    }

    /// Messages pass from one to the other just now.
    pub fn passes(&self, from: NodeId, to: NodeId) -> bool {
        if from == to || (self.cuts.is_empty() && self.isolated_count == 0) {
            return true;
        }
        !self.is_isolated(from) && !self.is_isolated(to) && !self.cuts.contains(&pair(from, to))
    }

    /// The key of a message that its sender gave none: its number among those of this sender.
    pub fn next_key(&mut self, from: NodeId) -> u64 {
        if self.sent.len() <= from.index() {
            self.sent.resize(from.index() + 1, 0);
        }
        self.sent[from.index()] += 1;
        self.sent[from.index()]
    }

    /// How long this message travels, in nanoseconds; none when it is lost.
    pub fn transmit(&self, from: NodeId, to: NodeId, luck: Luck) -> Option<u64> {
        if from == to {
            // The loopback: neither latency nor loss.
            return Some(0);
        }
        if !self.passes(from, to) {
            return None;
        }
        let link = self.link(from, to);
        if link.loss > 0.0 && self.draw(from, to, luck, Aspect::Loss).chance(link.loss) {
            return None;
        }
        if let Some(constant) = link.latency.as_const_nanos() {
            return Some(constant);
        }
        let mut draw = self.draw(from, to, luck, Aspect::Latency);
        Some(link.latency.sample_nanos(&mut draw))
    }

    pub fn duplicates(&self, from: NodeId, to: NodeId, luck: Luck) -> bool {
        let probability = self.link(from, to).duplicate;
        from != to
            && probability > 0.0
            && self
                .draw(from, to, luck, Aspect::Duplicate)
                .chance(probability)
    }

    fn draw(&self, from: NodeId, to: NodeId, luck: Luck, aspect: Aspect) -> impl Source + use<> {
        let what = u64::from(luck.leg) << 16 | u64::from(luck.attempt) << 8 | aspect as u64;
        self.purpose.draw(&[pair(from, to), luck.key, what])
    }
}

/// What a draw decides: each apart, so that turning on loss leaves latencies as they were.
#[derive(Clone, Copy)]
enum Aspect {
    Latency,
    Loss,
    Duplicate,
}
