//! The table of all nodes: what the simulation knows of each.

use super::clock::Clock;
use super::{Boot, Disk, NodeId};
use std::rc::Rc;

pub(super) struct Node {
    pub name: Rc<str>,
    pub paused_until: Option<u64>,
    /// Ready tasks that wait for the end of the pause, in order.
    pub stalled: Vec<u32>,
    /// None: it shows true time, as almost all do.
    pub clock: Option<Clock>,
    pub disk: Disk,
    pub boot: Option<Boot>,
}

/// Which life of a node this is, and whether it lasts. A message meant for an earlier one finds nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Life {
    pub incarnation: u32,
    pub up: bool,
}

pub(crate) struct Nodes {
    all: Vec<Node>,
    /// By node. Apart from the rest, because each message looks here: eight bytes a node stay in the cache.
    lives: Vec<Life>,
}

impl Nodes {
    pub fn new() -> Self {
        let mut nodes = Self {
            all: Vec::new(),
            lives: Vec::new(),
        };
        nodes.add("outside", None);
        nodes
    }

    pub fn add(&mut self, name: &str, boot: Option<Boot>) -> NodeId {
        let id = NodeId(self.all.len() as u32);
        self.all.push(Node {
            name: name.into(),
            paused_until: None,
            stalled: Vec::new(),
            clock: None,
            disk: Disk::default(),
            boot,
        });
        self.lives.push(Life {
            incarnation: 0,
            up: true,
        });
        id
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        self.all.get(id.index()).unwrap_or_else(|| unknown(id))
    }

    pub(super) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        self.all.get_mut(id.index()).unwrap_or_else(|| unknown(id))
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn name(&self, id: NodeId) -> Rc<str> {
        Rc::clone(&self.node(id).name)
    }

    pub fn life(&self, id: NodeId) -> Life {
        match self.lives.get(id.index()) {
            Some(life) => *life,
            None => unknown(id),
        }
    }

    /// When its pause ends, if it is paused.
    pub fn paused_until(&self, id: NodeId) -> Option<u64> {
        self.node(id).paused_until
    }

    pub fn stall(&mut self, id: NodeId, task: u32) -> bool {
        let node = self.node_mut(id);
        if node.paused_until.is_none() {
            return false;
        }
        node.stalled.push(task);
        true
    }

    /// Ends the pause if it is over by `now`; returns what was ready meanwhile, in order.
    pub(super) fn resume(&mut self, id: NodeId, now: u64) -> Option<Vec<u32>> {
        let node = self.node_mut(id);
        node.paused_until.take_if(|until| *until <= now)?;
        Some(std::mem::take(&mut node.stalled))
    }

    /// It may be booted again.
    pub(super) fn come_up(&mut self, id: NodeId) {
        self.lives[id.index()].up = true;
    }

    /// Says whether it was paused.
    pub(super) fn go_down(&mut self, id: NodeId) -> bool {
        let life = &mut self.lives[id.index()];
        life.up = false;
        life.incarnation += 1;
        let node = self.node_mut(id);
        node.stalled.clear();
        node.paused_until.take().is_some()
    }

    /// Takes all nodes down, the outside too: the simulation ends.
    pub fn close(&mut self) {
        for life in &mut self.lives {
            life.up = false;
        }
    }

    /// Lets go of boots and disks, which may hold handles of the world.
    pub fn clear(&mut self) -> Vec<(Option<Boot>, Disk)> {
        self.all
            .iter_mut()
            .map(|node| (node.boot.take(), std::mem::take(&mut node.disk)))
            .collect()
    }
}

#[cold]
fn unknown(id: NodeId) -> ! {
    panic!("{id} is not a node of this simulation")
}
