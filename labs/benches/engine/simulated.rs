//! The workload in the simulator: nodes, typed calls over links, servers with slots, keyed draws, the digest.

use crate::workload::{Ask, Found, Meters, Outcome, Workload, gather};
use ddlab_labs::engine::{self, Distribution, Link, NodeId, Server, Sim, SimTime};
use futures::FutureExt;
use std::rc::Rc;

pub fn run(workload: Workload) -> Outcome {
    let sim = Sim::new(1);
    let meters = Rc::new(Meters::default());
    build(&sim, workload, &meters);
    sim.run_until(SimTime::from_secs(1_000_000), u64::MAX);
    meters.outcome()
}

pub fn build(sim: &Sim, workload: Workload, meters: &Rc<Meters>) {
    sim.net()
        .set_default_link(Link::new(Distribution::constant(workload.latency())));
    let leaves: Rc<[NodeId]> = (0..workload.fan_out)
        .map(|leaf| add_leaf(sim, workload, leaf))
        .collect();
    let meters = Rc::clone(meters);
    sim.add_node("root", move |_| {
        let (leaves, meters) = (Rc::clone(&leaves), Rc::clone(&meters));
        async move {
            for query in 0..workload.queries() {
                let (leaves, meters) = (Rc::clone(&leaves), Rc::clone(&meters));
                engine::spawn(async move {
                    let net = engine::net();
                    let calls = leaves.iter().map(|leaf| {
                        let call = net.call::<Ask, Found>(*leaf, Ask(query)).keyed(query);
                        call.map(Result::ok)
                    });
                    gather(query, calls, &meters, engine::now).await;
                });
                engine::sleep(workload.every()).await;
            }
        }
    });
}

fn add_leaf(sim: &Sim, workload: Workload, leaf: usize) -> NodeId {
    let node = sim.add_server(&format!("leaf {leaf}"));
    let server = Server::new(Some(1));
    let service = workload.service(sim.purpose("service"));
    sim.net().serve(node, move |Ask(query): Ask, _| {
        let served = server.serve(service.of(query, leaf));
        async move {
            served.await;
            Found(query)
        }
    });
    node
}
