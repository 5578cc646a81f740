//! The world of the lab: a client with its requests, and the server that it asks.

use super::pattern::{Peer, ask_twice};
use super::table::{ClientMeters, Invariants, Knobs, SPEC};
use crate::engine::{self, Handle, NodeId, Purpose, Source};
use crate::workbench::instruments::Instruments;
use crate::workbench::workload::{ALIVE_MAX, Rate};
use std::cell::Cell;
use std::rc::Rc;

/// What travels to the server: the number of a request, and which try of it this is, from 1.
#[derive(Debug, Clone, Copy)]
struct Try {
    request: u64,
    nth: u64,
}

pub struct World {
    pub sim: Handle,
    pub client: NodeId,
    pub server: NodeId,
    pub instruments: Rc<Instruments>,
    pub rate: Rate,
    pub in_progress: Cell<u32>,
    knobs: Rc<Knobs>,
    meters: Rc<ClientMeters>,
    invariants: Invariants,
    luck: Purpose,
    /// Tries of a peer for each that the pattern makes: one, but in tests that break the lab on purpose.
    tries: u64,
}

impl World {
    pub fn build(sim: &Handle, knobs: &Rc<Knobs>, tries: u64) -> Rc<Self> {
        let instruments = Instruments::new(sim, &SPEC);
        let world = Rc::new(Self {
            sim: sim.clone(),
            client: sim.add_server("client"),
            server: sim.add_server("server"),
            rate: Rate::new(&knobs.arrival_rps, &knobs.arrivals),
            in_progress: Cell::new(0),
            knobs: Rc::clone(knobs),
            meters: ClientMeters::of(&instruments.meters),
            invariants: Invariants::of(&instruments),
            instruments,
            luck: sim.purpose("server"),
            tries,
        });
        let serving = Rc::clone(&world);
        sim.net().serve(world.server, move |asked: Try, _| {
            let world = Rc::clone(&serving);
            async move { world.work(asked).await }
        });
        world
    }

    /// Takes requests in for ever. A request that comes when too much is in progress is turned away.
    pub async fn serve(self: Rc<Self>) {
        let mut gaps = self.sim.stream("arrivals");
        for number in 1.. {
            self.rate.next_arrival(&mut gaps).await;
            if self.sim.alive() >= ALIVE_MAX {
                self.meters.shed_total.increment();
                continue;
            }
            let world = Rc::clone(&self);
            self.sim.spawn_on(self.client, async move {
                world.request(number).await;
            });
        }
    }

    /// The life of one request; true when it was done.
    pub async fn request(self: &Rc<Self>, number: u64) -> bool {
        let began = engine::now();
        self.in_progress.set(self.in_progress.get() + 1);
        let peer = Server {
            world: self,
            request: number,
            tries: Cell::new(0),
        };
        let done = ask_twice(&peer, self.knobs.pause.get()).await;
        self.in_progress.set(self.in_progress.get() - 1);
        self.meters
            .latency_ms
            .record((engine::now() - began).into());
        self.meters.failed_ratio.whole.increment();
        self.meters.failed_ratio.part.add(u64::from(!done));
        done
    }

    /// What the server does. Its luck belongs to the request and the try: a run with one knob changed meets the
    /// same.
    async fn work(&self, asked: Try) -> bool {
        let mut draw = self.luck.draw(&[asked.request, asked.nth]);
        let service = self.knobs.service.borrow().sample(&mut draw);
        engine::sleep(service).await;
        !draw.chance(self.knobs.failure_ratio.get())
    }
}

/// The server, as the pattern sees it in one request.
struct Server<'a> {
    world: &'a World,
    request: u64,
    tries: Cell<u64>,
}

impl Peer for Server<'_> {
    async fn ask(&self) -> bool {
        let (world, request) = (self.world, self.request);
        self.tries.set(self.tries.get() + world.tries);
        let nth = self.tries.get();
        world
            .invariants
            .two_tries
            .check(nth <= 2, || format!("request {request} is at try {nth}"));
        let asked = Try { request, nth };
        let answer = engine::net().call::<Try, bool>(world.server, asked);
        answer.await.unwrap_or(false)
    }
}
