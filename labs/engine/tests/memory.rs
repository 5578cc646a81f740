use super::*;
use std::cell::Cell;

/// An hour of virtual time with calls, hedges that are cancelled, timeouts that never fire and tasks that end:
/// what is alive, and the room for it, must not grow.
#[test]
fn memory_is_flat_over_a_virtual_hour() {
    let sim = Sim::new(3);
    let leaf = sim.add_server("leaf");
    let (purpose, server) = (sim.purpose("service"), Server::new(Some(4)));
    let service = Distribution::exponential(ms(20));
    sim.net().serve(leaf, move |query: u64, _| {
        let slot = server.serve(service.sample(&mut purpose.draw(&[query])));
        async move {
            slot.await;
            query
        }
    });
    let cancelled = Rc::new(Cell::new(0_u64));
    let count = Rc::clone(&cancelled);
    sim.add_node("root", move |_| {
        let count = Rc::clone(&count);
        async move {
            for query in 0_u64.. {
                let count = Rc::clone(&count);
                spawn(async move {
                    let trace = CallTrace::new();
                    let call = net()
                        .call::<u64, u64>(leaf, query)
                        .traced(&trace)
                        .within(ms(30_000));
                    net().send(leaf, query);
                    if timeout(ms(40), call).await.is_err() {
                        count.set(count.get() + 1);
                    }
                });
                sleep(ms(10)).await;
            }
        }
    });
    run(&sim, SimTime::from_secs(120));
    let early = sim.census();
    let mut most = early;
    for minute in 3..=60 {
        run(&sim, SimTime::from_secs(60 * minute));
        let census = sim.census();
        most.tasks = most.tasks.max(census.tasks);
        most.timers = most.timers.max(census.timers);
        most.calls = most.calls.max(census.calls);
        most.room = most.room.max(census.room);
    }
    assert!(
        cancelled.get() > 10_000,
        "the run must cancel a lot: {}",
        cancelled.get()
    );
    assert!(
        most.tasks < 60 && most.timers < 120 && most.calls < 60,
        "{most:?}"
    );
    assert!(
        most.room <= early.room + early.room / 4 + 64,
        "{early:?} became {most:?}"
    );
}

#[test]
fn the_room_of_traces_is_used_again_only_when_no_call_may_still_record_in_it() {
    let mut traces = CallTraces::default();
    let (first, second) = (traces.open(), traces.open());
    drop(first);
    assert!(!traces.begin_anew(), "the second may go on");
    drop(second);
    assert!(traces.begin_anew());
    let anew = traces.open();
    anew.record(|phases| phases.sent = Some(SimTime(7)));
    assert_eq!(traces.phases(0).sent, Some(SimTime(7)));
}
