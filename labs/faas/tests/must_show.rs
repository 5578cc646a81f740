use super::plan;
use crate::engine::SimTime;
use crate::trial::{get, mean_over, near, run, run_whole, value};
use crate::workbench::frame::Statistic;

#[test]
fn the_cold_share_of_one_instance_is_e_to_the_minus_rate_times_keep_alive() {
    for keep in [5.0, 10.0, 30.0_f64] {
        let keep_alive = format!("keep_alive={keep}s");
        let set = format!("arrival_rps=0.1 {keep_alive} duration=const:1ms cold_start=const:1ms");
        let cold = mean_over(0..6, |seed| {
            value(&run(plan(seed, 10_800, &set)), "cold_ratio")
        });
        let closed = libm::exp(-0.1 * keep);
        assert!(
            (cold - closed).abs() < 0.012,
            "{keep} s: {cold} against {closed}"
        );
    }
}

#[test]
fn calls_in_progress_are_rate_times_duration() {
    let set = "arrival_rps=93 duration=exp:1200ms cold_start=const:0ms";
    let calls = mean_over(0..6, |seed| {
        get(&run(plan(seed, 120, set)), "concurrency", Statistic::Mean)
    });
    near(calls, 111.6, 3.0);
}

#[test]
fn with_ample_instances_no_call_waits_and_with_a_limit_refusals_are_erlangs_loss() {
    // Calls that find all 12 instances busy are lost: M/G/12/12, whatever the distribution of service.
    let (servers, load) = (12_u32, 10.0_f64);
    let blocked = (1..=servers).fold(1.0, |blocked, n| {
        load * blocked / (f64::from(n) + load * blocked)
    });
    for duration in ["exp:500ms", "const:500ms"] {
        let duration = format!("duration={duration}");
        let set = format!("arrival_rps=20 {duration} cold_start=const:0ms concurrency_limit=12");
        let refused = mean_over(0..6, |seed| {
            value(&run(plan(seed, 400, &set)), "refused_ratio")
        });
        assert!(
            (refused - blocked).abs() < 0.012,
            "{duration}: {refused} against {blocked}"
        );
    }
}

#[test]
fn a_burst_of_24_000_is_refused_to_72_of_100_with_its_neighbour() {
    let set = "arrival_rps=1 duration=const:1500ms neighbour_rps=40 cold_start=const:0ms";
    let report = run_whole(plan(1, 20, &format!("{set} 5s:burst=24000")));
    // 3,600 instances are wanted and 1,000 are there. The first 1,000 calls of the burst all get one.
    let refused = value(&report, "throttled_total");
    let wanted = 24_000.0 - 1_000.0 * 10.0 / 1.5;
    assert!(
        (refused / wanted - 1.0).abs() < 0.02,
        "{refused} against {wanted}"
    );
    near(get(&report, "account_busy", Statistic::Max), 1_000.0, 0.5);
    assert!(value(&report, "neighbour_throttled_ratio") > 0.25);
}

#[test]
fn the_bills_cross_at_the_closed_form_of_the_break_even() {
    // 730 h of a container against the fee a call and 0.1 GB-s.
    let rate: f64 = 9.01 / (730.0 * 3_600.0 * (0.20e-6 + 0.1 * 16.6667e-6));
    near(rate, 1.836, 0.01);
    let arrival = format!("arrival_rps={rate}");
    let set = format!(
        "{arrival} arrivals=constant duration=const:200ms containers=1 cold_start=const:0ms"
    );
    let report = run(plan(1, 600, &set));
    let (function, container) = (
        get(&report, "faas_usd_month", Statistic::Mean),
        get(&report, "containers_usd_month", Statistic::Mean),
    );
    assert!(
        (function / container - 1.0).abs() < 0.02,
        "{function} against {container}"
    );
}

#[test]
fn provisioned_capacity_is_billed_for_being_there() {
    // One GB kept for a month of 730 h: $10.95 at a quarter of the running price.
    let set = "arrival_rps=0.0001 provisioned=1 memory_mb=1024 cold_start=const:0ms";
    let report = run(plan(1, 600, set));
    let usd = get(&report, "faas_usd_month", Statistic::Mean);
    near(usd, 10.95, 0.1);
}

#[test]
fn a_deployment_makes_all_cold() {
    let set = "arrival_rps=20 arrivals=constant duration=const:100ms";
    let cold = |at: &str| {
        let mut plan = plan(1, 60, &format!("{set} {at}"));
        plan.warmup = SimTime::from_secs(5);
        let report = run(plan);
        value(&report, "cold_ratio") * value(&report, "calls_total")
    };
    let (calm, deployed) = (cold(""), cold("30s:deploy"));
    assert!(calm < 0.5, "{calm}");
    assert!(deployed > 1.5, "{deployed}");
}

#[test]
fn gaps_with_a_habit_are_warm_under_the_histogram_and_cold_under_any_shorter_keep_alive() {
    let set = |policy| format!("arrival_rps=0.002 arrivals=constant keep_alive=8m {policy}");
    // One call in 500 s, kept for 480 s: always cold. The histogram needs ten gaps to learn.
    let fixed = run_whole(plan(1, 40_000, &set("keep_alive_policy=fixed")));
    let learned = run_whole(plan(1, 40_000, &set("keep_alive_policy=histogram")));
    assert!(value(&fixed, "cold_ratio") > 0.95);
    assert!(value(&learned, "cold_ratio") < 0.05);
    let instances = |report| get(report, "instances", Statistic::Mean);
    assert!(instances(&learned) < 0.5, "{}", instances(&learned));
}

#[test]
fn a_snapshot_saves_its_share_of_the_initialising() {
    let set = |snapstart| format!("cold_start=const:1s init_ratio=0.8 profile=bursty {snapstart}");
    let cold = |snapstart| {
        let report = run_whole(plan(1, 60, &set(snapstart)));
        get(&report, "cold_start_ms", Statistic::Max)
    };
    near(cold("snapstart=off"), 1_000.0, 2.0);
    // 200 ms of the platform, and a tenth of 800 ms.
    near(cold("snapstart=on"), 280.0, 2.0);
}
