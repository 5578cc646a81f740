//! How a lab draws its picture: nodes, links and messages of the simulator, as a frame has them.

use super::frame::{Flight, FlightKind, Frame, LinkView, NodeState, NodeView};
use crate::engine::{self, NodeId, Sim};
use std::collections::BTreeMap;

/// Messages in a picture, at most.
const FLIGHTS_MAX: usize = 300;

/// A picture in the making. Nodes are drawn in the order in which they are added.
pub struct Drawing<'a> {
    sim: &'a Sim,
    frame: &'a mut Frame,
    places: BTreeMap<NodeId, u32>,
}

impl<'a> Drawing<'a> {
    pub fn new(sim: &'a Sim, frame: &'a mut Frame) -> Self {
        let places = BTreeMap::new();
        Self { sim, frame, places }
    }

    /// Adds what is no node of the simulator, and always there; returns its place.
    pub fn fixture(&mut self, view: NodeView) -> u32 {
        let place = self.frame.nodes.len() as u32;
        let group = self.frame.nodes.last().map_or(0, |last| last.group + 1);
        self.frame.nodes.push(NodeView { group, ..view });
        place
    }

    /// Adds a node of the simulator, in the state in which it is there. One that is up may be given another state.
    pub fn node(&mut self, node: NodeId, view: NodeView) -> u32 {
        let state = match view.state {
            _ if !self.sim.is_up(node) => NodeState::Down,
            NodeState::Down => NodeState::Down,
            _ if self.sim.is_paused(node) => NodeState::Paused,
            state => state,
        };
        let place = self.fixture(NodeView { state, ..view });
        self.places.insert(node, place);
        place
    }

    /// The same for one that is drawn together with the node that was added before it, as its replica.
    pub fn replica(&mut self, node: NodeId, view: NodeView) -> u32 {
        let place = self.node(node, view);
        self.frame.nodes[place as usize].group -= 1;
        place
    }

    /// A link between two nodes. The one that was added last is shown as cut off when nothing passes.
    pub fn link(&mut self, from: NodeId, to: NodeId) {
        let cut = !self.sim.net().passes(from, to);
        let (from, to) = (self.places[&from], self.places[&to]);
        self.frame.links.push(LinkView { from, to, cut });
        let last = &mut self.frame.nodes[from.max(to) as usize];
        if cut && matches!(last.state, NodeState::Up | NodeState::Slow) {
            last.state = NodeState::Cut;
        }
    }

    /// A link to a fixture.
    pub fn link_to_fixture(&mut self, from: NodeId, to: u32) {
        let from = self.places[&from];
        let cut = false;
        self.frame.links.push(LinkView { from, to, cut });
    }

    /// Adds the messages between the nodes that are there; a bounded sample of them.
    pub fn flights(self) {
        self.flights_of(|flight| flight.kind.into());
    }

    /// The same for a lab whose messages have kinds of their own.
    pub fn flights_of(self, kind: impl Fn(&engine::Flight) -> FlightKind) {
        let seen = |flight: engine::Flight| {
            Some(Flight {
                from: *self.places.get(&flight.from)?,
                to: *self.places.get(&flight.to)?,
                progress: flight.progress(self.sim.now()),
                kind: kind(&flight),
            })
        };
        let flights = self.sim.net().flights(FLIGHTS_MAX).into_iter();
        self.frame.flights = flights.filter_map(seen).collect();
    }
}
