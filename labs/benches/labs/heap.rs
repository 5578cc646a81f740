//! The world as a plain event loop over a binary heap, as one would write it for this world alone: no tasks, no
//! nodes that may crash, no knobs, no traces, no invariants. It draws from the same distributions and records the
//! same two histograms.

use crate::world::{FAN_OUT, Measured, SLOTS, World};
use ddlab_labs::engine::{SimTime, Source, Stream};
use ddlab_labs::workbench::meter::Histogram;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrival,
    AtLeaf { request: u32, leaf: u8 },
    Served { request: u32, leaf: u8 },
    Answered { request: u32 },
}

#[derive(Default)]
struct Leaf {
    busy: usize,
    queue: VecDeque<u32>,
}

struct Request {
    arrived: u64,
    out: usize,
}

struct Loop {
    world: World,
    heap: BinaryHeap<Reverse<(u64, u64, Event)>>,
    order: u64,
    leaves: Vec<Leaf>,
    requests: Vec<Request>,
    luck: Stream,
    leaf_latency: Histogram,
    latency: Histogram,
}

pub fn run(world: &World) -> Measured {
    let mut all = Loop {
        world: world.clone(),
        heap: BinaryHeap::new(),
        order: 0,
        leaves: (0..FAN_OUT).map(|_| Leaf::default()).collect(),
        requests: Vec::new(),
        luck: Stream::new(1, "heap"),
        leaf_latency: Histogram::default(),
        latency: Histogram::default(),
    };
    all.put(0, Event::Arrival);
    let mut events = 0;
    while let Some(Reverse((now, _, event))) = all.heap.pop() {
        if now > world.span.0 {
            break;
        }
        all.happens(now, event);
        events += 1;
    }
    Measured {
        events,
        mean_ms: all.latency.view().mean,
    }
}

impl Loop {
    fn put(&mut self, at: u64, event: Event) {
        self.order += 1;
        self.heap.push(Reverse((at, self.order, event)));
    }

    fn happens(&mut self, now: u64, event: Event) {
        match event {
            Event::Arrival => {
                let request = self.requests.len() as u32;
                self.requests.push(Request {
                    arrived: now,
                    out: FAN_OUT,
                });
                for leaf in 0..FAN_OUT as u8 {
                    self.put(now + self.world.way, Event::AtLeaf { request, leaf });
                }
                let gap = -libm::log(self.luck.uniform()) * 1e9 / self.world.rps;
                self.put(now + gap as u64, Event::Arrival);
            }
            Event::AtLeaf { request, leaf } => {
                if self.leaves[usize::from(leaf)].busy < SLOTS {
                    self.begins(now, request, leaf);
                } else {
                    self.leaves[usize::from(leaf)].queue.push_back(request);
                }
            }
            Event::Served { request, leaf } => {
                self.put(now + self.world.way, Event::Answered { request });
                self.leaves[usize::from(leaf)].busy -= 1;
                if let Some(next) = self.leaves[usize::from(leaf)].queue.pop_front() {
                    self.begins(now, next, leaf);
                }
            }
            Event::Answered { request } => {
                let request = &mut self.requests[request as usize];
                request.out -= 1;
                self.leaf_latency.record(SimTime(now - request.arrived));
                if request.out == 0 {
                    self.latency.record(SimTime(now - request.arrived));
                }
            }
        }
    }

    fn begins(&mut self, now: u64, request: u32, leaf: u8) {
        self.leaves[usize::from(leaf)].busy += 1;
        let service = self.world.service.sample(&mut self.luck);
        let at = now + service.as_nanos() as u64;
        self.put(at, Event::Served { request, leaf });
    }
}
