//! The world as tasks of the engine, without a lab around them: nodes, calls over links, servers, the digest. What it
//! costs beyond the heap loop is the floor below every lab: what async code that can be cancelled costs.

use crate::world::{FAN_OUT, Measured, SLOTS, World};
use ddlab_labs::engine::{self, FuturesUnordered, Link, NodeId, Server, Sim, Source};
use ddlab_labs::engine::{Distribution, SimTime};
use ddlab_labs::workbench::meter::Histogram;
use futures::{FutureExt, StreamExt};
use std::rc::Rc;
use std::time::Duration;

struct Ask(u64);
struct Found;

#[derive(Default)]
struct Meters {
    leaf_latency: Histogram,
    latency: Histogram,
}

pub fn run(world: &World) -> Measured {
    let sim = Sim::new(1);
    let way = Distribution::constant(Duration::from_nanos(world.way));
    sim.net().set_default_link(Link::new(way));
    let leaves: Rc<[NodeId]> = (0..FAN_OUT)
        .map(|leaf| add_leaf(&sim, world, leaf))
        .collect();
    let meters = Rc::new(Meters::default());
    let (rps, metered) = (world.rps, Rc::clone(&meters));
    let gaps = sim.stream("arrivals");
    sim.add_node("root", move |_| {
        let (leaves, meters) = (Rc::clone(&leaves), Rc::clone(&metered));
        let mut gaps = gaps.clone();
        async move {
            for number in 0.. {
                let gap = -libm::log(gaps.uniform()) / rps;
                engine::sleep(Duration::from_secs_f64(gap)).await;
                engine::spawn(gather(number, Rc::clone(&leaves), Rc::clone(&meters)));
            }
        }
    });
    sim.run_until(world.span, u64::MAX);
    let latency = meters.latency.view();
    Measured {
        events: latency.count * (1 + 3 * FAN_OUT as u64),
        mean_ms: latency.mean,
    }
}

fn add_leaf(sim: &Sim, world: &World, leaf: usize) -> NodeId {
    let node = sim.add_server(&format!("leaf {leaf}"));
    let (server, luck) = (Server::new(Some(SLOTS)), sim.purpose("service"));
    let service = world.service.clone();
    sim.net().serve(node, move |Ask(number): Ask, _| {
        let span = service.sample(&mut luck.draw(&[number, leaf as u64]));
        let served = server.serve(span);
        served.map(|_| Found)
    });
    node
}

async fn gather(number: u64, leaves: Rc<[NodeId]>, meters: Rc<Meters>) {
    let (net, asked) = (engine::net(), engine::now());
    let since = || SimTime(engine::now().0 - asked.0);
    let call = |leaf: &NodeId| net.call::<Ask, Found>(*leaf, Ask(number)).keyed(number);
    let mut calls: FuturesUnordered<_> = leaves.iter().map(call).collect();
    while calls.next().await.is_some() {
        meters.leaf_latency.record(since());
    }
    meters.latency.record(since());
}
