//! The timeline: for each candidate what it believes, beside what the store says and what the storage
//! does with writes. Bounded: the oldest spans go.

use super::beliefs::Life;
use super::pattern::Token;
use super::picture;
use super::store::Holder;
use super::world::World;
use crate::engine::SimTime;
use crate::workbench::frame::{Lane, LaneEvent, LaneKind, LaneMark, LaneSpan};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

/// Spans and events of one lane that are kept.
const KEPT: usize = 200;
/// Ordinary writes that are kept, and the least time between two of them: enough to see that work goes
/// on, and where it stops.
const WRITES_KEPT: usize = 400;
const WRITES_APART: Duration = Duration::from_millis(250);

/// The lanes in the order of the picture: the store, the candidates, the storage.
pub struct Lanes {
    lanes: RefCell<Vec<Lane>>,
    /// Ordinary writes. They are apart so that they never push out what is said in words.
    writes: RefCell<VecDeque<SimTime>>,
}

impl Lanes {
    pub fn new(candidates: usize) -> Self {
        let lane = |name: String, node: u32| Lane {
            name,
            node: Some(node),
            spans: Vec::new(),
            events: Vec::new(),
        };
        let believes = |place: usize| {
            let name = format!("{} believes", World::name(place));
            lane(name, picture::FIRST_CANDIDATE + place as u32)
        };
        let lanes = std::iter::once(lane("store says".to_owned(), picture::STORE))
            .chain((0..candidates).map(believes))
            .chain([lane("storage".to_owned(), picture::STORAGE)]);
        Self {
            lanes: RefCell::new(lanes.collect()),
            writes: RefCell::default(),
        }
    }

    pub fn copy(&self) -> Vec<Lane> {
        let mut lanes = self.lanes.borrow().clone();
        if let Some(storage) = lanes.last_mut() {
            storage
                .events
                .extend(self.writes.borrow().iter().map(|at| LaneEvent {
                    at: *at,
                    kind: LaneMark::Landed,
                    label: String::new(),
                }));
            storage.events.sort_by_key(|event| event.at);
        }
        lanes
    }

    pub fn store_says(&self, holder: Option<Holder>, now: SimTime) {
        let state = holder.map(|holder| {
            let name = World::name(holder.who.candidate as usize);
            let label = match holder.token {
                Some(token) => format!("{name}, {token}"),
                None => name,
            };
            (LaneKind::Owns, label)
        });
        self.is(0, state, now);
    }

    pub fn store_is_down(&self, now: SimTime) {
        self.is(0, Some((LaneKind::Down, "down".to_owned())), now);
    }

    pub fn mind(
        &self,
        candidate: usize,
        belief: Option<String>,
        life: Life,
        believers: usize,
        now: SimTime,
    ) {
        let state = match (life, belief) {
            (Life::Down, belief) => Some((LaneKind::Down, belief.unwrap_or_default())),
            (Life::Paused, belief) => Some((LaneKind::Paused, belief.unwrap_or_default())),
            (Life::Up, Some(label)) if believers > 1 => Some((LaneKind::Doubtful, label)),
            (Life::Up, Some(label)) => Some((LaneKind::Owns, label)),
            (Life::Up, None) => None,
        };
        self.is(candidate + 1, state, now);
    }

    /// A write has reached the storage. An ordinary one has no words: they come every second.
    pub fn write(&self, kind: LaneMark, token: Token, at: SimTime) {
        let label = match kind {
            LaneMark::Landed => return self.landed(token, at),
            LaneMark::Slipped => format!("{token} lands"),
            LaneMark::Bounced => format!("{token} bounces"),
        };
        self.mark(kind, label, at);
    }

    /// The first write with a token that lands is shown with its token, the others are not.
    fn landed(&self, token: Token, at: SimTime) {
        let label = format!("{token} lands");
        let known = {
            let lanes = self.lanes.borrow();
            let mut events = lanes.last().map_or(&[][..], |lane| &lane.events).iter();
            events.any(|event| event.kind == LaneMark::Landed && event.label == label)
        };
        if !known {
            return self.mark(LaneMark::Landed, label, at);
        }
        let mut writes = self.writes.borrow_mut();
        let apart = |last: &SimTime| at - *last >= WRITES_APART;
        if writes.back().is_none_or(apart) {
            if writes.len() == WRITES_KEPT {
                writes.pop_front();
            }
            writes.push_back(at);
        }
    }

    fn mark(&self, kind: LaneMark, label: String, at: SimTime) {
        if let Some(storage) = self.lanes.borrow_mut().last_mut() {
            if storage.events.len() == KEPT {
                storage.events.remove(0);
            }
            storage.events.push(LaneEvent { at, kind, label });
        }
    }

    fn is(&self, lane: usize, state: Option<(LaneKind, String)>, now: SimTime) {
        let spans = &mut self.lanes.borrow_mut()[lane].spans;
        if let Some(last) = spans.last_mut().filter(|last| last.to.is_none()) {
            let same = state
                .as_ref()
                .is_some_and(|(kind, label)| last.kind == *kind && last.label == *label);
            if same {
                return;
            }
            last.to = Some(now);
            if last.from == now {
                spans.pop();
            }
        }
        if let Some((kind, label)) = state {
            if spans.len() == KEPT {
                spans.remove(0);
            }
            spans.push(LaneSpan {
                from: now,
                to: None,
                kind,
                label,
            });
        }
    }
}
