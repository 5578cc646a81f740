use super::*;
use futures::StreamExt;
use futures::stream::FuturesUnordered;

/// A small cluster with everything in it: fan-out, hedges, queues, loss, a crash, a pause, a skewed clock.
fn cluster(seed: u64) -> Sim {
    let sim = Sim::new(seed);
    sim.net().set_default_link(
        Link::new("lognormal:1ms,0.5".parse().expect("it is a distribution"))
            .with_loss(0.01)
            .with_duplicates(0.01),
    );
    let service: Distribution = "mix:95%*exp:4ms,5%*const:60ms"
        .parse()
        .expect("it is a distribution");
    let leaves: Vec<NodeId> = (0..10)
        .map(|n| {
            let leaf = sim.add_server(&format!("leaf {n}"));
            let (server, purpose, service) = (
                Server::new(Some(1)),
                sim.purpose("service"),
                service.clone(),
            );
            sim.net().serve(leaf, move |query: u64, _| {
                let served = server.serve(service.sample(&mut purpose.draw(&[query, n])));
                async move {
                    served.await;
                    query
                }
            });
            sim.net().receive(leaf, |_: String, _| async {});
            leaf
        })
        .collect();
    let (first, second) = (leaves[0], leaves[1]);
    let arrivals = sim.stream("arrivals");
    sim.add_node("root", move |_| {
        let (leaves, mut arrivals) = (leaves.clone(), arrivals.clone());
        async move {
            let gap = Distribution::exponential(ms(10));
            for query in 0_u64.. {
                let leaves = leaves.clone();
                spawn(async move {
                    net().send(leaves[2], format!("query {query}"));
                    let mut calls: FuturesUnordered<_> = leaves
                        .iter()
                        .map(|leaf| {
                            timeout(ms(30), net().call::<u64, u64>(*leaf, query).keyed(query))
                        })
                        .collect();
                    while calls.next().await.is_some() {}
                });
                sleep(gap.sample(&mut arrivals)).await;
            }
        }
    });
    sim.spawn(async move {
        sleep(ms(300)).await;
        handle().crash(first);
        sleep(ms(100)).await;
        handle().pause(second, ms(150));
        handle().set_clock(second, 1_000_000, 1.05);
        sleep(ms(200)).await;
        handle().restart(first);
    });
    sim
}

#[test]
fn the_digest_is_the_same_in_slices_and_in_one_go_and_twice() {
    let whole = cluster(42);
    run(&whole, at_ms(2000));
    let again = cluster(42);
    run(&again, at_ms(2000));
    assert_eq!(whole.digest(), again.digest());

    let sliced = cluster(42);
    for slice in 1..=125 {
        run(&sliced, at_ms(16 * slice));
    }
    assert_eq!(whole.digest(), sliced.digest());

    let stepped = cluster(42);
    while stepped.peek().is_some_and(|due| due <= at_ms(2000)) {
        stepped.step(PLENTY);
    }
    assert_eq!(whole.digest(), stepped.digest());

    let starved = cluster(42);
    while starved.run_until(at_ms(2000), 7) == Ran::OutOfBudget {}
    assert_eq!(whole.digest(), starved.digest());
    assert_eq!(whole.net().counters(), starved.net().counters());
    assert_eq!(whole.census(), starved.census());
}

#[test]
fn another_seed_is_another_run() {
    let (one, other) = (cluster(42), cluster(43));
    run(&one, at_ms(500));
    run(&other, at_ms(500));
    assert_ne!(one.digest(), other.digest());
}

#[test]
fn an_intervention_shows_in_the_digest() {
    let (one, other) = (cluster(42), cluster(42));
    run(&one, at_ms(250));
    run(&other, at_ms(250));
    assert_eq!(one.digest(), other.digest());
    let leaf = other.nodes().nth(5).expect("there are ten leaves");
    other.crash(leaf);
    run(&one, at_ms(500));
    run(&other, at_ms(500));
    assert_ne!(one.digest(), other.digest());
}

/// Pins the generators and the arithmetic: if this changes, recorded runs no longer replay.
#[test]
fn a_seed_means_the_same_run_in_every_build() {
    let sim = Sim::new(42);
    let stream = sim.stream("arrivals").next_u64();
    let draw = sim.purpose("service").draw(&[812, 2]).next_u64();
    assert_eq!(draw, keyed(42, "service", &[812, 2]).next_u64());
    assert_eq!((stream, draw), (PINNED_STREAM, PINNED_DRAW));
    let sample = |text: &str| {
        let distribution: Distribution = text.parse().expect("it is a distribution");
        distribution
            .sample(&mut keyed(42, "service", &[1]))
            .as_nanos()
    };
    assert_eq!(
        ["exp:10ms", "lognormal:10ms,0.5", "pareto:5ms,1.5"].map(sample),
        PINNED_SAMPLES
    );
}

const PINNED_STREAM: u64 = 4_045_920_938_211_597_371;
const PINNED_DRAW: u64 = 3_313_432_498_879_556_976;
const PINNED_SAMPLES: [u128; 3] = [17_069_961, 15_761_774, 15_602_565];
