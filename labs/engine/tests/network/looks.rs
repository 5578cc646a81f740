//! What a screen and a waterfall can see of the network.

use super::*;

#[test]
fn a_trace_tells_the_phases_of_a_call_and_how_far_a_cancelled_one_got() {
    let (sim, leaf) = world();
    let server = Server::new(Some(1));
    sim.net().serve(leaf, move |Ask(n): Ask, _| {
        let server = server.clone();
        async move {
            server.serve(ms(n)).await;
            n
        }
    });
    let traces = [CallTrace::new(), CallTrace::new(), CallTrace::new()];
    for (trace, limit) in traces.clone().into_iter().zip([100, 100, 15]) {
        sim.spawn(async move {
            let call = net()
                .call::<Ask, u64>(leaf, Ask(10))
                .traced(&trace)
                .within(ms(limit));
            let _ = call.await;
        });
    }
    run(&sim, at_ms(100));
    let [first, second, third] = traces.map(|trace| trace.phases());
    assert_eq!(
        first,
        Phases {
            sent: Some(at_ms(0)),
            arrived: Some(at_ms(1)),
            service_started: Some(at_ms(1)),
            service_ended: Some(at_ms(11)),
            replied: Some(at_ms(11)),
            cancelled: None,
            returned: Some(at_ms(12)),
        }
    );
    assert_eq!(second.service_started, Some(at_ms(11)));
    assert_eq!(
        third,
        Phases {
            sent: Some(at_ms(0)),
            arrived: Some(at_ms(1)),
            cancelled: Some(at_ms(16)),
            ..Phases::default()
        }
    );
}

#[test]
fn flights_show_what_is_on_the_way() {
    let (sim, leaf) = world();
    let diary = Diary::default();
    ask(&sim, &diary, leaf, 10);
    let flight = |sim: &Sim| sim.net().flights(10).first().copied();
    run(&sim, SimTime::from_micros(500));
    let request = flight(&sim).expect("the request is on its way");
    assert_eq!(
        (request.from, request.to, request.kind),
        (NodeId::OUTSIDE, leaf, FlightKind::Request)
    );
    assert!((request.progress(sim.now()) - 0.5).abs() < 1e-6);
    run(&sim, at_ms(5));
    assert_eq!(flight(&sim), None);
    run(&sim, SimTime::from_micros(11_250));
    let reply = flight(&sim).expect("the reply is on its way");
    assert_eq!(
        (reply.from, reply.to, reply.kind),
        (leaf, NodeId::OUTSIDE, FlightKind::Reply)
    );
    assert_eq!((reply.sent_at, reply.arrives_at), (at_ms(11), at_ms(12)));
}
