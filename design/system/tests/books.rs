//! The same seed is the same run, and every book that is kept wrong is found out.

use super::{Tamper, is_found_out_in, is_number, lab_of, run, run_in_slices, seconds, value};
use ddlab_labs::engine::{Ran, SimTime};
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::session::Session;
use std::collections::BTreeSet;

const SHOP: &str = "design: shop
clients:
  buyers: {rps: 200, profile: steady, calls: [{to: gateway, timeout: 300ms, retries: 2, retry_budget: 10%}]}
  sellers: {rps: 20, calls: [{to: gateway, share: 0.5}, {to: store, write_ratio: 1}]}
components:
  gateway: {kind: service, replicas: 3, slots: 4, work: \"lognormal:4ms,0.4\", balance: two_choices, calls: [{to: search, timeout: 100ms, breaker: on}, {to: rates, optional: on, timeout: 200ms}, {to: store}]}
  search: {kind: service, replicas: 2, slots: 8, work: \"exp:12ms\", calls_in: parallel}
  rates: {kind: external, quota: 150 rps}
  store: {kind: database, replicas: 3, slots: 8, reads_from: replicas, failover: 10s}
faults:
  - {at: 5s, do: crash, what: gateway replica 2}
  - {at: 8s, do: slow, what: search replica 1, by: 20x, for: 5s}
  - {at: 12s, do: zone_down, what: b, for: 10s}
  - {at: 15s, do: cut, what: search replica 2, for: 3s}
  - {at: 20s, do: pause, what: store replica 3, for: 2s}
  - {at: 30s, do: crash, what: store replica 1}
  - {at: 45s, do: crowd, by: 5x, for: 5s}
";

#[test]
fn a_minute_of_faults_breaks_no_book_and_every_figure_is_a_number() {
    for seed in 1..=5 {
        let report = run(seconds(lab_of(SHOP), seed, 60));
        for (spec, metric) in &report.metrics {
            let all = spec.kind.statistics().iter();
            let numbers = all
                .filter(|statistic| is_number(metric, **statistic))
                .count();
            assert!(numbers > 0, "{}: {metric:?}", spec.name);
        }
        assert!(value(&report, "gateway_died_total") > 0.0);
        assert!(value(&report, "store_stale_reads_total") > 0.0);
    }
}

/// Of each part of a design: the whole, and parts of which a request comes to one at most.
const PARTS: [(&str, &str); 3] = [
    ("requests_total", "answered_total failed_total"),
    ("requests_total", "answered_total shed_total died_total"),
    (
        "lines_written_total",
        "lines_shipped_total lines_lost_total",
    ),
];

#[test]
fn what_is_a_part_never_exceeds_its_whole_after_a_warm_up() {
    let examples = crate::examples::ALL.map(|(_, text)| text);
    let mut seen = BTreeSet::new();
    for text in examples.into_iter().chain([SHOP, crate::gameday::AUCTION]) {
        for seed in 1..=3 {
            let mut plan = seconds(lab_of(text), seed, 40);
            plan.warmup = SimTime::from_secs(5);
            let mut session = Session::start(plan);
            // Soon after the warm-up what was in progress ends.
            let soon = [1, 10, 100].map(|ms| SimTime(5_000_000_000 + ms * 1_000_000));
            for moment in soon.into_iter().chain((6..=20).map(SimTime::from_secs)) {
                session.advance(moment, u64::MAX);
                let values = session.lab().instruments().meters.values(moment);
                let value = |name: &str| {
                    let of_name = values.iter().find(|(spec, _)| spec.name == name);
                    of_name.and_then(|(_, value)| value.get(Statistic::Value))
                };
                for (name, (whole, parts)) in values
                    .iter()
                    .flat_map(|(spec, _)| PARTS.map(|parts| (spec.name, parts)))
                {
                    let Some(of) = name.strip_suffix(whole) else {
                        continue;
                    };
                    let parts = parts.split(' ').map(|part| value(&format!("{of}{part}")));
                    // Not all parts of a design have all of them.
                    let Some(parts) = parts.collect::<Option<Vec<f64>>>() else {
                        continue;
                    };
                    let (part, is) = (parts.iter().sum::<f64>(), value(name).unwrap_or_default());
                    assert!(
                        part <= is,
                        "{part} of {is} {name} at {moment:?} of seed {seed}"
                    );
                    seen.extend((part > 0.0).then_some((whole, parts.len())));
                }
                let shares = values
                    .iter()
                    .filter(|(spec, _)| spec.name.ends_with("_ratio"));
                for (spec, share) in shares {
                    let share = share.get(Statistic::Value).unwrap_or_default();
                    assert!(share <= 1.0, "{} is {share}", spec.name);
                }
            }
        }
    }
    assert_eq!(seen.len(), PARTS.len(), "{seen:?}");
}

#[test]
fn the_same_seed_is_the_same_run_in_slices_and_in_one_go() {
    let plan = seconds(lab_of(SHOP), 7, 60);
    let whole = run_in_slices(plan.clone());
    assert_eq!(run(plan).digest(), whole.digest());
    assert_ne!(run(seconds(lab_of(SHOP), 8, 60)).digest(), whole.digest());
}

#[test]
fn no_two_parameters_or_metrics_have_one_name() {
    use ddlab_labs::workbench::lab::Lab as _;
    let spec = lab_of(SHOP).spec();
    let mut names = BTreeSet::new();
    for knob in &spec.knobs {
        assert!(names.insert(knob.name), "{}", knob.name);
    }
    let mut names = BTreeSet::new();
    for metric in &spec.metrics {
        assert!(names.insert(metric.name), "{}", metric.name);
    }
}

#[test]
fn every_parameter_can_be_turned_while_it_runs() {
    use ddlab_labs::workbench::lab::Lab as _;
    let lab = lab_of(SHOP);
    let mut plan = seconds(lab, 1, 20);
    for (nth, knob) in lab
        .spec()
        .knobs
        .iter()
        .filter(|knob| !knob.needs_restart)
        .enumerate()
    {
        let at = 1_000 + 40 * nth;
        plan.script_text(&format!("{at}ms:{}={}", knob.name, knob.default))
            .unwrap();
    }
    plan.script_text("15s:gateway_slots=1").unwrap();
    plan.script_text("15s:load=2").unwrap();
    run(plan);
}

#[track_caller]
fn is_found_out(tamper: Tamper, invariant: &str) {
    is_found_out_in(SHOP, tamper, invariant);
}

#[test]
fn a_client_that_loses_requests_is_found_out() {
    is_found_out(Tamper::LoseRequests, "request of a client");
}

#[test]
fn a_call_that_is_not_written_down_is_found_out() {
    is_found_out(Tamper::ForgetCalls, "every call is");
}

#[test]
fn a_component_that_forgets_its_dead_is_found_out() {
    is_found_out(Tamper::ForgetTheDead, "every request at a component");
}

#[test]
fn a_slot_that_is_not_given_back_is_found_out() {
    is_found_out(Tamper::LeakSlots, "no slot in use");
}

#[test]
fn a_caller_that_knows_no_budget_is_found_out() {
    is_found_out(Tamper::IgnoreBudget, "retries stay");
}

#[test]
fn a_failover_loses_the_writes_that_had_not_come_to_a_replica() {
    let lab = lab_of(
        "design: d
clients: {users: {rps: 100, calls: [{to: db, write_ratio: 1}]}}
components: {db: {kind: database, replicas: 2, slots: 16, replication_lag: \"const:1s\", failover: 5s, restart: \"const:1m\"}}
faults: [{at: 20s, do: crash, what: db replica 1}]
",
    );
    let report = run(seconds(lab, 1, 60));
    let lost = value(&report, "db_lost_writes_total");
    assert!((60.0..140.0).contains(&lost), "a second of writes: {lost}");
    // Five seconds without a primary, of sixty.
    let errors = value(&report, "users_error_ratio");
    assert!((0.05..0.15).contains(&errors), "{errors}");
}

#[test]
fn the_slowest_requests_show_their_way_through_the_design() {
    let mut session = Session::start(seconds(lab_of(SHOP), 1, 30));
    while session.advance(SimTime::from_secs(20), 100_000) == Ran::OutOfBudget {}
    let frame = session.frame();
    let traces = frame.slowest.iter().chain(&frame.sampled);
    let spans: Vec<_> = traces.clone().flat_map(|trace| &trace.spans).collect();
    for part in ["buyers", "gateway", "search", "rates", "store"] {
        let is_there = spans.iter().any(|span| span.node.starts_with(part));
        assert!(is_there, "{part}");
    }
    for trace in traces {
        for (place, span) in trace.spans.iter().enumerate() {
            let Some(parent) = span.parent else {
                assert_eq!(place, 0);
                continue;
            };
            assert!(usize::from(parent) < place);
            assert!(trace.spans[usize::from(parent)].started <= span.started);
        }
    }
}

/// A component of each kind, and faults at all of them.
pub const PLATFORM: &str = "design: platform
clients:
  buyers: {rps: 60, calls: [{to: limit, timeout: 500ms, retries: 1}]}
  sellers: {rps: 10, calls: [{to: uploads}, {to: pictures, write_ratio: 0.5}]}
components:
  limit: {kind: rate_limiter, rate_limit: 100, per: user, to: gateway}
  gateway: {kind: service, replicas: 2, calls: [{to: prices, timeout: 100ms}, {to: search, optional: on}, {to: pictures}]}
  prices: {kind: cache, shards: 3, strategy: ring, keys: 500, memory: 50, cold_start: \"const:2s\", origin: store}
  search: {kind: scatter_gather, leaves: 4, policy: hedge, hedge_after: 10ms, deadline: 50ms}
  pictures: {kind: cdn, edges: 3, keys: 500, memory: 50, ttl: 2s, origin: store}
  uploads: {kind: queue, visibility_timeout: 2s, poison_ratio: 2%, workers: {count: 2, longest: 1s, autoscale: depth, scale_poll: 2s, calls: [{to: store, write_ratio: 1}, {to: rates}]}}
  store: {kind: database, replicas: 2}
  rates: {kind: external}
faults:
  - {at: 3s, do: crash, what: prices shard 2}
  - {at: 4s, do: slow, what: search leaf 2, by: 10x}
  - {at: 5s, do: turn, what: prices.shards, to: 5, for: 4s}
  - {at: 6s, do: crash, what: uploads-workers worker 1}
  - {at: 7s, do: zone_down, what: b, for: 2s}
  - {at: 8s, do: turn, what: gateway.replicas, to: 4}
  - {at: 9s, do: crash, what: uploads}
  - {at: 10s, do: pause, what: pictures edge 1, for: 1s}
  - {at: 11s, do: turn, what: limit.replicas, to: 1}
";

#[test]
fn a_component_of_each_kind_under_faults_is_the_same_run_in_slices_and_breaks_no_book() {
    let whole = run_in_slices(seconds(lab_of(PLATFORM), 3, 15));
    assert!(value(&whole, "uploads_done_total") > 20.0);
    assert!(value(&whole, "pictures_hit_ratio") > 0.0);
}
