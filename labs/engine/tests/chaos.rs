//! Whatever befalls a cluster, in whatever order: when all is whole again and quiet, nothing is left over, every
//! call has ended in exactly one way, and the run can be repeated.

use super::*;
use futures::future::{Either, select};
use proptest::prelude::*;
use std::cell::Cell;

const LEAVES: u64 = 4;
const CALLS: u64 = 300;

/// What became of the calls, at their callers.
#[derive(Default)]
struct Ends {
    answered: Cell<u64>,
    failed: Cell<u64>,
    abandoned: Cell<u64>,
}

fn count(cell: &Cell<u64>) {
    cell.set(cell.get() + 1);
}

/// Leaves with queues, links that lose and double, and clients that wait, give up or hedge.
fn cluster(seed: u64) -> (Sim, Rc<Ends>) {
    let sim = Sim::new(seed);
    sim.net().set_default_link(
        Link::new("exp:2ms".parse().expect("it is a distribution"))
            .with_loss(0.05)
            .with_duplicates(0.1),
    );
    let service = Distribution::exponential(ms(10));
    let leaves: Rc<[NodeId]> = (0..LEAVES)
        .map(|n| {
            let (purpose, service) = (sim.purpose("service"), service.clone());
            // Odd leaves serve by their own code, even ones by handlers from outside.
            let server = Server::new(Some(2));
            let handler = move |query: u64, _: RequestCtx| {
                let (server, span) = (
                    server.clone(),
                    service.sample(&mut purpose.draw(&[query, n])),
                );
                async move {
                    if query.is_multiple_of(3) {
                        let seat = server.admit().await;
                        seat.work(span).await;
                    } else {
                        server.serve(span).await;
                    }
                    query
                }
            };
            let leaf = if n % 2 == 0 {
                let leaf = sim.add_server(&format!("leaf {n}"));
                sim.net().serve(leaf, handler);
                leaf
            } else {
                sim.add_node(&format!("leaf {n}"), move |node| {
                    net().serve(node.id, handler.clone());
                    async {}
                })
            };
            sim.net().receive(leaf, |_: u64, _| async {});
            leaf
        })
        .collect();
    let ends = Rc::new(Ends::default());
    for query in 0..CALLS {
        let (leaves, ends) = (Rc::clone(&leaves), Rc::clone(&ends));
        sim.spawn(async move {
            sleep(ms(query * 2)).await;
            let leaf = |n: u64| leaves[((query + n) % LEAVES) as usize];
            net().send(leaf(2), query);
            let trace = CallTrace::new();
            let first = net().call::<u64, u64>(leaf(0), query).traced(&trace);
            let end = |result: Result<u64, CallError>| {
                count(if result.is_ok() {
                    &ends.answered
                } else {
                    &ends.failed
                });
            };
            match query % 4 {
                0 => end(first.await),
                1 => match timeout(ms(15), first).await {
                    Ok(result) => end(result),
                    Err(Elapsed) => count(&ends.abandoned),
                },
                2 => match first.within(ms(15)).await {
                    Err(CallError::TimedOut) => count(&ends.abandoned),
                    result => end(result),
                },
                _ => {
                    let second = net().call::<u64, u64>(leaf(1), query);
                    let both = select(first, second).await;
                    let (Either::Left((result, _)) | Either::Right((result, _))) = both;
                    end(result);
                    count(&ends.abandoned);
                }
            }
        });
    }
    (sim, ends)
}

/// One blow of fate, as numbers choose it.
fn befall(sim: &Sim, what: u8, node: u64) {
    let leaf = sim
        .nodes()
        .nth((node % LEAVES) as usize)
        .expect("the leaves are there from the start");
    match what {
        0 => sim.crash(leaf),
        1 | 2 => sim.restart(leaf),
        3 => sim.pause(leaf, ms(node)),
        4 => sim.net().isolate(leaf),
        5 | 6 => sim.net().rejoin(leaf),
        7 => sim.net().cut_one_way(leaf, NodeId::OUTSIDE),
        8 => sim.net().cut_one_way(NodeId::OUTSIDE, leaf),
        9 => sim.net().heal(leaf, NodeId::OUTSIDE),
        _ => sim.set_clock(leaf, (node * 1000).cast_signed(), 0.5 + node as f64 / 100.0),
    }
}

/// Plays the blows, `slice` milliseconds a step; then makes all whole and waits for quiet.
fn play(seed: u64, blows: &[(u8, u64)], slice: u64) -> (Sim, Rc<Ends>) {
    let (sim, ends) = cluster(seed);
    let turn = |until: SimTime| {
        while sim.now() < until {
            run(&sim, until.min(sim.now() + ms(slice)));
        }
    };
    for (nth, (what, node)) in blows.iter().enumerate() {
        turn(at_ms(20 * (nth as u64 + 1)));
        befall(&sim, *what, *node);
    }
    for leaf in sim.nodes() {
        sim.net().rejoin(leaf);
        sim.net().heal(leaf, NodeId::OUTSIDE);
        if !sim.is_up(leaf) {
            sim.restart(leaf);
        }
    }
    turn(at_ms(60_000));
    (sim, ends)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn nothing_is_left_over_and_every_call_ends_once(
        seed in any::<u64>(),
        blows in proptest::collection::vec((0_u8..11, 0_u64..100), 0..40),
    ) {
        let (sim, ends) = play(seed, &blows, 60_000);
        let census = sim.census();
        prop_assert_eq!((census.tasks, census.timers, census.calls), (0, 0, 0));
        let counters = sim.net().counters();
        prop_assert_eq!(counters.in_flight, 0);
        prop_assert!(counters.lost < counters.sends + counters.duplicated);
        prop_assert_eq!(counters.calls, ends.answered.get() + ends.failed.get() + ends.abandoned.get());
        // A hedge's loser may have come back in the same moment, unread.
        prop_assert!(counters.replies >= ends.answered.get());
        prop_assert!(counters.errors >= ends.failed.get());
        prop_assert!(counters.cancelled <= counters.cancels && counters.cancels <= ends.abandoned.get());

        let (again, _) = play(seed, &blows, 7);
        prop_assert_eq!(sim.digest(), again.digest());
        prop_assert_eq!(counters, again.net().counters());
    }
}
