//! The nodes of a frame as the units that one sees: the replicas of a leaf are one unit, a root is one.

use ddlab_labs::workbench::frame::{Frame, NodeState, NodeView};
use ddlab_labs::workbench::role::{Rank, Role};
use std::ops::Range;

/// Nodes of one group, side by side in the frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub role: &'static Role,
    pub nodes: Range<usize>,
    /// How actions name it: as its lab numbers it, else counted from 1 among the units of its role.
    pub number: u32,
    /// Of what there is only one of, of one that has no number, such as a shard outside the map, and of all whose
    /// role is shown by name.
    own_name: Option<String>,
}

/// All units of a frame, in its order.
#[derive(Debug, Clone, Default)]
pub struct Units(pub Vec<Unit>);

impl Units {
    pub fn of(frame: &Frame) -> Self {
        let mut units: Vec<Unit> = Vec::new();
        let mut counts: Vec<(&'static Role, u32)> = Vec::new();
        let mut last: Option<(&Role, u32)> = None;
        for (index, node) in frame.nodes.iter().enumerate() {
            match units.last_mut() {
                Some(unit) if last == Some((node.role, node.group)) => {
                    unit.nodes.end = index + 1;
                    unit.own_name = unit.own_name.take().map(name_of_all);
                }
                _ => {
                    let nth = nth_of(node.role, &mut counts);
                    // After a shard or a worker has left, numbers are not the order any more.
                    let number = node.number.unwrap_or(nth);
                    units.push(Unit {
                        role: node.role,
                        nodes: index..index + 1,
                        number,
                        own_name: (number == 0
                            || node.role.rank != Rank::Member
                            || node.role.is_shown_by_name)
                            .then(|| node.name.clone()),
                    });
                }
            }
            last = Some((node.role, node.group));
        }
        Self(units)
    }

    /// Places of the units of a rank.
    pub fn ranked(&self, wanted: Rank) -> impl Iterator<Item = usize> {
        (0..self.0.len()).filter(move |index| self.0[*index].role.rank == wanted)
    }

    /// The unit of a node: they lie in order.
    pub fn of_node(&self, node: u32) -> Option<usize> {
        let node = node as usize;
        let index = self.0.partition_point(|unit| unit.nodes.end <= node);
        self.0
            .get(index)
            .is_some_and(|unit| unit.nodes.contains(&node))
            .then_some(index)
    }
}

/// What replicas are called together: without the number of the first.
fn name_of_all(first: String) -> String {
    match first.rsplit_once(' ') {
        Some((name, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => name.to_owned(),
        _ => first,
    }
}

/// Counts one more of a role; a lab has few of them.
fn nth_of(role: &'static Role, counts: &mut Vec<(&'static Role, u32)>) -> u32 {
    if let Some((_, count)) = counts.iter_mut().find(|(known, _)| *known == role) {
        *count += 1;
        return *count;
    }
    counts.push((role, 1));
    1
}

impl Unit {
    pub fn views<'a>(&self, frame: &'a Frame) -> &'a [NodeView] {
        frame.nodes.get(self.nodes.clone()).unwrap_or(&[])
    }

    /// `leaf 3`, `storage`; `filter` where actions call it so.
    pub fn name(&self) -> String {
        match &self.own_name {
            Some(name) => name.clone(),
            None => self.role.called(self.number),
        }
    }

    /// The node that is worst off, and its place among the replicas.
    pub fn worst<'a>(&self, frame: &'a Frame) -> Option<(usize, &'a NodeView)> {
        // Of equals the first.
        self.views(frame)
            .iter()
            .enumerate()
            .rev()
            .max_by(|(_, a), (_, b)| severity(a).cmp(&severity(b)))
    }

    pub fn queue(&self, frame: &Frame) -> u32 {
        self.views(frame).iter().map(|node| node.queue).sum()
    }

    pub fn load(&self, frame: &Frame) -> f64 {
        self.views(frame)
            .iter()
            .map(|node| node.load)
            .fold(0.0, f64::max)
    }

    /// What makes it worth looking at, the greatest first.
    pub fn urgency(&self, frame: &Frame) -> (u8, u32, u64) {
        let severity = self.worst(frame).map_or(0, |(_, node)| severity(node));
        (
            severity,
            self.queue(frame),
            (self.load(frame).max(0.0) * 1e6) as u64,
        )
    }
}

fn severity(node: &NodeView) -> u8 {
    match node.state {
        NodeState::Up => 0,
        NodeState::Slow => 1,
        NodeState::Paused => 2,
        NodeState::Cut => 3,
        NodeState::Down => 4,
    }
}
