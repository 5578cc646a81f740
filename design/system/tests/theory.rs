//! Where there is a closed form, a design comes to it.

use super::{get, lab_of, mean_over_seeds, of_design};
use ddlab_labs::workbench::frame::Statistic;

/// The chance that an arrival must wait, of a queue with c servers and so many erlangs.
fn erlang_c(servers: u32, erlangs: f64) -> f64 {
    let mut blocked = 1.0;
    for k in 1..=servers {
        blocked = erlangs * blocked / (f64::from(k) + erlangs * blocked);
    }
    let load = erlangs / f64::from(servers);
    blocked / (1.0 - load * (1.0 - blocked))
}

/// The mean time in a queue with c servers, in ms.
fn mmc_ms(rps: f64, servers: u32, service_ms: f64) -> f64 {
    let erlangs = rps * service_ms / 1e3;
    let waits = erlang_c(servers, erlangs) * service_ms / (f64::from(servers) - erlangs);
    service_ms + waits
}

#[track_caller]
fn is_within(measured: f64, expected: f64, give: f64) {
    let off = (measured / expected - 1.0).abs();
    assert!(
        off < give,
        "{measured} is {:.1} % off {expected}",
        off * 100.0
    );
}

#[test]
fn the_closed_form_is_that_of_the_textbook() {
    // M/M/1 at load 0.8 and 10 ms: 50 ms. Erlang C of 10 servers at 8 erlangs: 0.409 (any table).
    is_within(mmc_ms(80.0, 1, 10.0), 50.0, 1e-9);
    is_within(erlang_c(10, 8.0), 0.4092, 1e-3);
}

#[test]
fn one_service_is_an_m_m_c_queue() {
    for (rps, slots, length) in [(80.0, 1, 1_500), (320.0, 4, 400), (1_600.0, 20, 80)] {
        let lab = lab_of(&format!(
            "design: one\nclients: {{users: {{rps: {rps}, calls: [{{to: one, timeout: 1m}}]}}}}\n\
             components:\n  one: {{kind: service, slots: {slots}, work: \"exp:10ms\", shed: off}}\n"
        ));
        let measured = mean_over_seeds(lab, length, |report| {
            get(report, "one_latency_ms", Statistic::Mean)
        });
        is_within(measured, mmc_ms(rps, slots, 10.0), 0.03);
    }
}

#[test]
fn a_chain_with_branches_is_jacksons_network() {
    // Half of the requests go on to the second service, a fifth of those to the third.
    let lab = lab_of(
        "design: chain
clients: {users: {rps: 150, calls: [{to: first, timeout: 1m}]}}
components:
  first: {kind: service, slots: 2, work: \"exp:10ms\", shed: off, blocking: off, calls: [{to: second, share: 0.5, timeout: 1m}]}
  second: {kind: service, slots: 1, work: \"exp:10ms\", shed: off, blocking: off, calls: [{to: third, share: 0.2, timeout: 1m}]}
  third: {kind: service, slots: 1, work: \"exp:40ms\", shed: off, blocking: off}
",
    );
    let hop = 2.0 * 0.25;
    let third = mmc_ms(15.0, 1, 40.0);
    let second = mmc_ms(75.0, 1, 10.0) + 0.2 * (hop + third);
    let whole = hop + mmc_ms(150.0, 2, 10.0) + 0.5 * (hop + second);
    let measured = mean_over_seeds(lab, 1_000, |report| {
        get(report, "users_latency_ms", Statistic::Mean)
    });
    is_within(measured, whole, 0.03);
}

#[test]
fn a_service_that_keeps_its_slot_while_it_waits_is_busy_with_waiting() {
    // 100 a second of 5 ms of its own and 20 ms elsewhere: 0.5 erlangs, or 2.5 and the way.
    let of = |blocking: &str| {
        let lab = lab_of(&format!(
            "design: b\nclients: {{users: {{rps: 100, calls: [{{to: front}}]}}}}\ncomponents:\n\
             \x20 front: {{kind: service, slots: 10, work: \"const:5ms\", blocking: {blocking}, calls: [{{to: back}}]}}\n\
             \x20 back: {{kind: service, slots: 100, work: \"const:20ms\"}}\n"
        ));
        mean_over_seeds(lab, 100, |report| {
            get(report, "front_utilization", Statistic::Mean)
        })
    };
    is_within(of("off"), 0.05, 0.03);
    is_within(of("on"), 0.255, 0.03);
}

#[test]
fn the_prediction_of_each_component_is_what_is_measured() {
    let text = "design: predicted
clients: {users: {rps: 200, calls: [{to: front, timeout: 1m}]}}
components:
  front: {kind: service, replicas: 2, slots: 2, work: \"const:8ms\", shed: off, blocking: off, balance: random, calls: [{to: work, share: 0.4, timeout: 1m}, {to: db, write_ratio: 25%, timeout: 1m}]}
  work: {kind: service, slots: 4, work: \"lognormal:25ms,0.8\", shed: off}
  db: {kind: database, slots: 4, reads: \"exp:8ms\", writes: \"exp:20ms\"}
";
    let figures = [
        "front_utilization",
        "front_latency_ms",
        "work_utilization",
        "work_latency_ms",
        "db_utilization",
        "db_latency_ms",
    ];
    let figures = figures.map(|metric| (metric, Statistic::Mean));
    let measured = of_design(text, 100, figures);
    let predictions = crate::theory::predict(lab_of(text).design());
    for (prediction, measured) in predictions.iter().zip(measured.chunks(2)) {
        is_within(measured[0], prediction.utilization.unwrap(), 0.04);
        // Allen and Cunneen's is an approximation for several slots; and the way to others takes half a millisecond.
        is_within(measured[1], prediction.mean_ms.unwrap(), 0.08);
    }
}
