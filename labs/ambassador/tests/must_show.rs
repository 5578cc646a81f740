use super::plan;
use crate::trial::{get, near, over_seeds, plan_of, run_from, run_whole, value};
use crate::workbench::frame::Statistic;

/// 900 requests a second are 43 % of what three instances of eight slots can do, and three attempts for each 127 %.
const BUSY: &str = "arrival_rps=900";
/// The same at an eighth of the size.
const SMALL: &str = "arrival_rps=113 slots=1";

#[test]
fn four_attempts_in_three_layers_are_64_and_in_one_layer_the_sum_of_powers() {
    let set = "attempts=4 layers=3 error_ratio=1 arrival_rps=10";
    // So that at the end none is half-way.
    let report = run_whole(plan(1, 40, &format!("{set} 30s:arrival_rps=0.1")));
    let calls = value(&report, "attempts_per_request");
    assert!((63.7..64.3).contains(&calls), "{calls}");
    // 1 + p + p^2 calls, and p^3 of the requests fail.
    let set = "error_ratio=0.5 arrival_rps=100";
    let [calls, failed] = over_seeds(
        5,
        |seed| plan_of(&super::super::LAB, seed, 65, set),
        |report| {
            [
                value(report, "attempts_per_request"),
                1.0 - value(report, "success_ratio"),
            ]
        },
    );
    calls.is(1.75, 0.01, 0.0);
    failed.is(0.125, 0.05, 0.0);
}

#[test]
fn an_overload_outlives_its_cause_without_a_budget_and_heals_with_one() {
    let goodput = |more: &str| {
        let set = format!("{SMALL} {more}");
        let report = run_from(100, plan(1, 120, &format!("{set} 10s:stall=40")));
        (
            get(&report, "goodput_rps", Statistic::Mean),
            value(&report, "wasted_ratio"),
        )
    };
    let (stuck, wasted) = goodput("");
    assert!(stuck < 15.0, "{stuck}");
    assert!(wasted > 0.9, "{wasted}");
    for cure in [
        "retry_budget=0.1",
        "attempts=1",
        "breaker=on",
        "cancel=on",
        "backlog=12",
    ] {
        let (healed, _) = goodput(cure);
        assert!(healed > 100.0, "{cure}: {healed}");
    }
}

#[test]
fn the_same_when_two_of_three_are_away_for_five_seconds() {
    let at = "20s:crash=1 20s:crash=2 25s:restart=1 25s:restart=2";
    let goodput = |set: &str| {
        let report = run_from(50, plan(1, 60, &format!("{set} {at}")));
        get(&report, "goodput_rps", Statistic::Mean)
    };
    assert!(goodput(BUSY) < 200.0, "{}", goodput(BUSY));
    assert!(goodput(&format!("{BUSY} retry_budget=0.1")) > 850.0);
}

#[test]
fn a_stall_of_40_s_within_a_budget_is_over_36_s_later() {
    // 113 x 1.1 dead calls a second for 40 s, worked off at 3 / 11.33 ms - 124 a second.
    let (capacity, load) = (3.0 / 0.011_331, 124.3);
    let heals_after = 40.0 * load / (capacity - load);
    let at = "10s:stall=40";
    let set = format!("{SMALL} retry_budget=0.1");
    let goodput_at = |second: f64| {
        let report = run_from(
            second as u64,
            plan(1, second as u64 + 4, &format!("{set} {at}")),
        );
        get(&report, "goodput_rps", Statistic::Mean)
    };
    assert!(goodput_at(50.0 + heals_after - 7.0) < 40.0);
    assert!(goodput_at(50.0 + heals_after + 5.0) > 95.0);
}

#[test]
fn a_breaker_fails_fast_and_its_probes_find_the_end_of_the_trouble() {
    let set = "routing=shard breaker=on attempts=1";
    let at = "10s:slow=1 10s:arrival_rps=400 40s:slow=1";
    let broken = run_from(20, plan(1, 40, &format!("{set} {at}")));
    let without = run_from(20, plan(1, 40, &format!("routing=shard attempts=1 {at}")));
    // A slow instance does 71 of its 133 calls a second: its callers wait for 200 ms, or are refused at once.
    let waited = |report| get(report, "failure_ms", Statistic::P50);
    assert!(waited(&without) > 199.0, "{}", waited(&without));
    assert!(waited(&broken) < 2.0, "{}", waited(&broken));
    // It is found within one time of being open.
    let after = run_from(50, plan(1, 60, &format!("{set} {at}")));
    assert!(value(&after, "success_ratio") > 0.999);
}

#[test]
fn the_hop_costs_what_it_takes_and_no_more() {
    let mean = |placement: &str| {
        let report = run_whole(plan(1, 60, placement));
        get(&report, "latency_ms", Statistic::Mean)
    };
    let price = mean("placement=ambassador") - mean("placement=library");
    near(price, 0.3, 0.05);
}

#[test]
fn an_ambassador_that_dies_takes_a_second_of_all_requests_along() {
    let at = "20s:crash_ambassador";
    let errors = |set: &str| {
        value(
            &run_whole(plan(1, 40, &format!("{set} {at}"))),
            "errors_total",
        )
    };
    let alone = errors("");
    near(alone, 200.0, 50.0);
    assert!(errors("placement=library") < 0.5);
    // A layer above that tries again for longer than that loses none.
    let above = "layers=2 attempts=6 backoff=exponential backoff_base=100ms";
    assert!(errors(above) < 0.5);
}

#[test]
fn a_rate_limit_lets_through_what_it_says() {
    let report = run_whole(plan(1, 100, "rate_limit=50"));
    let answered = value(&report, "answered_total");
    near(answered, 5_000.0, 15.0);
    let rejected = value(&report, "rejected_total");
    let requests = value(&report, "requests_total");
    near(answered + rejected, requests, 5.0);
}

#[test]
fn a_small_pool_moves_the_line_into_the_ambassador_and_does_not_end_the_storm() {
    // Served in order, the head of that line is always about to expire.
    let report = run_from(45, plan(1, 60, &format!("{BUSY} pool=16 10s:stall=20")));
    let goodput = get(&report, "goodput_rps", Statistic::Mean);
    assert!(goodput < 100.0, "{goodput}");
}

#[test]
fn a_hedge_is_sent_as_often_as_an_attempt_is_late_and_shortens_the_mean_by_its_closed_form() {
    // An attempt takes 0.5 ms on the network and X, exponential of 10 ms. After a = 20 ms a second one starts: late is
    // p = e^(-1.95) of them. The rest of the first is exponential again, the second needs 0.5 ms more.
    let set = "service=exp:10ms arrival_rps=60 hedge_after=20ms hedge_budget=1 attempts=1";
    let [late, won, mean] = over_seeds(
        5,
        |seed| plan_of(&super::super::LAB, seed, 125, set),
        |report| {
            let hedges = value(report, "hedges_total");
            [
                hedges / value(report, "requests_total"),
                value(report, "hedges_won_total") / hedges,
                get(report, "latency_ms", Statistic::Mean),
            ]
        },
    );
    let p = libm::exp(-1.95);
    let ahead = libm::exp(-0.05);
    late.is(p, 0.02, 0.0);
    won.is(ahead / 2.0, 0.02, 0.0);
    let both = 10.0 * (1.0 - ahead) + 5.0 * ahead;
    mean.is(0.3 + 0.5 + 10.0 * (1.0 - p) + p * both, 0.01, 0.0);
}
