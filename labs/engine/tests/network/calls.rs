//! Calls that nothing befalls.

use super::*;
use futures::StreamExt;
use futures::stream::FuturesUnordered;

#[test]
fn a_call_takes_both_ways_and_the_service() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    ask(&sim, &diary, leaf, 10);
    run(&sim, at_ms(50));
    diary.expect(&[(12.0, "10")]);
    let counters = sim.net().counters();
    assert_eq!(
        (counters.calls, counters.replies, counters.in_flight),
        (1, 1, 0)
    );
}

#[test]
fn a_handler_from_outside_serves_every_life_and_one_of_the_node_s_own_dies_with_it() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    let own = sim.add_node("own", |node: NodeCtx| async move {
        if node.boots == 0 {
            net().serve(node.id, |Ask(n): Ask, _| async move { n });
        }
    });
    for node in [leaf, own] {
        ask(&sim, &diary, node, 0);
        run(&sim, sim.now() + ms(5));
        sim.restart(node);
        ask(&sim, &diary, node, 0);
        run(&sim, sim.now() + ms(5));
    }
    assert_eq!(diary.words(), ["0", "0", "0", "Refused"]);
}

#[test]
fn keyed_calls_meet_the_same_latency_whatever_else_is_sent() {
    let arrival = |others: u64| {
        let (sim, leaf) = world();
        sim.net()
            .set_default_link(Link::new("exp:5ms".parse().expect("it is a distribution")));
        let diary = Diary::default();
        let log = diary.clone();
        sim.spawn(async move {
            for n in 0..others {
                let _ = timeout(ms(1), net().call::<Ask, u64>(leaf, Ask(n)).keyed(1000 + n)).await;
            }
            sleep_until(at_ms(100)).await;
            let _ = net().call::<Ask, u64>(leaf, Ask(0)).keyed(812).await;
            log.note("back");
        });
        run(&sim, at_ms(1000));
        diary.entries().remove(0).0
    };
    assert_eq!(arrival(0), arrival(17));
}

#[test]
fn calls_work_within_futures_unordered_and_the_first_answer_wins() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    let log = diary.clone();
    sim.spawn(async move {
        let mut calls: FuturesUnordered<_> = [30, 10, 20]
            .into_iter()
            .map(|n| net().call::<Ask, u64>(leaf, Ask(n)))
            .collect();
        while let Some(answer) = calls.next().await {
            log.note(answer.expect("nothing fails"));
        }
    });
    run(&sim, at_ms(100));
    diary.expect(&[(12.0, "10"), (22.0, "20"), (32.0, "30")]);
}
