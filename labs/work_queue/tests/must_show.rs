//! What the lab is there to show, against closed forms (Erlang; order statistics of the lease; the
//! cost of poison), as means over seeds with their own standard error.

use super::plan;
use crate::trial::{self, Estimate, get, last, near, run_whole, seeds, value};
use crate::workbench::frame::Statistic;
use crate::workbench::headless::Report;
use crate::workbench::theory::{erlang_c, erlang_wait};

fn over_seeds<const N: usize>(
    seconds: u64,
    set: &str,
    read: impl Fn(&Report) -> [f64; N],
) -> [Estimate; N] {
    trial::over_seeds(20, |seed| plan(seed, seconds, set), read)
}

#[test]
fn erlang_c_gives_the_published_values() {
    for (workers, load, c, wait) in [
        (1, 0.8, 0.800_000, 4.000_00),
        (2, 1.0, 0.333_333, 0.333_33),
        (2, 1.6, 0.711_111, 1.777_78),
        (4, 3.2, 0.596_432, 0.745_54),
        (5, 4.0, 0.554_113, 0.554_11),
        (10, 5.0, 0.036_105, 0.007_22),
        (10, 8.0, 0.409_180, 0.204_59),
        (10, 9.0, 0.668_732, 0.668_73),
        (20, 18.0, 0.550_769, 0.275_39),
        (100, 90.0, 0.216_940, 0.021_69),
    ] {
        assert!(
            (erlang_c(workers, load).unwrap() - c).abs() < 1e-6,
            "{workers}, {load}"
        );
        assert!(
            (erlang_wait(workers, load).unwrap() - wait).abs() < 6e-6,
            "{workers}, {load}"
        );
    }
    assert_eq!(erlang_c(4, 4.0), None, "such a queue has no mean");
}

#[test]
fn with_exponential_service_an_item_waits_as_long_as_erlang_says() {
    let base = "service=exp:100ms network=const:0ms visibility_timeout=1h";
    for (workers, rps, load) in [
        ("workers=1", "arrival_rps=5", 0.5),
        ("workers=4", "arrival_rps=28", 2.8),
        ("workers=10", "arrival_rps=80", 8.0),
    ] {
        let set = format!("{base} {workers} {rps}");
        let [wait, busy] = over_seeds(620, &set, |r| {
            [
                get(r, "wait_ms", Statistic::Mean),
                value(r, "worker_utilization"),
            ]
        });
        let count = workers.strip_prefix("workers=").unwrap().parse().unwrap();
        wait.is(100.0 * erlang_wait(count, load).unwrap(), 0.04, 0.0);
        busy.is(load / count as f64, 0.01, 0.0);
    }
}

/// P(S > V) of a lognormal, by the complementary error function.
fn beyond(lease_in_medians: f64, sigma: f64) -> f64 {
    0.5 * libm::erfc(libm::log(lease_in_medians) / sigma / std::f64::consts::SQRT_2)
}

#[test]
fn a_lease_shorter_than_the_work_repeats_as_many_effects_as_the_work_outlasts_it() {
    // Each delivery is repeated with the same chance, so of all effects that share are repeats.
    for (lease, medians) in [
        ("200ms", 1.0),
        ("300ms", 1.5),
        ("400ms", 2.0),
        ("600ms", 3.0),
    ] {
        let lease = format!("visibility_timeout={lease}");
        let set =
            format!("{lease} workers=40 network=const:0ms max_receives=100 service_per=delivery");
        let [repeats] = over_seeds(220, &set, |r| [value(r, "duplicate_ratio")]);
        repeats.is(beyond(medians, 0.6), 0.03, 0.0);
    }
    assert!(
        (beyond(2.0, 0.6) - 0.124).abs() < 5e-4,
        "as the chapter's table says"
    );
    near(beyond(3.0, 0.6), 0.034, 5e-4);
}

#[test]
fn an_item_whose_own_time_outlasts_the_lease_misses_every_lease() {
    let set = "workers=40 visibility_timeout=400ms network=const:0ms";
    let [dead] = over_seeds(220, set, |r| {
        [value(r, "dead_lettered_total") / value(r, "submitted_total")]
    });
    dead.is(beyond(2.0, 0.6), 0.03, 0.0);
}

#[test]
fn short_items_keep_their_leases_too() {
    for service in ["service=const:330ms", "service=const:340ms"] {
        let set = format!(
            "heartbeat=on arrivals=constant prefetch=10 visibility_timeout=1s {service} workers=1 \
                arrival_rps=2 dead_letter=off"
        );
        let report = run_whole(plan(1, 120, &format!("{set} 6s:burst=60")));
        assert!(value(&report, "done_total") > 200.0);
        assert!(value(&report, "duplicate_effects_total") < 0.5, "{service}");
    }
}

#[test]
fn a_hung_worker_with_a_heartbeat_keeps_its_item_until_longest_ends_it() {
    let hung = "workers=10 heartbeat=on longest=off arrival_rps=1";
    let kept = run_whole(plan(1, 120, &format!("{hung} 10s:poison=1")));
    assert!(value(&kept, "dead_lettered_total") < 0.5);
    assert!(get(&kept, "oldest_age_s", Statistic::Max) > 109.0);
    // Without one the lease ends it, five times; and as many workers hang.
    let without = "workers=10 longest=off arrival_rps=1";
    let report = run_whole(plan(1, 120, &format!("{without} 10s:poison=1")));
    near(value(&report, "dead_lettered_total"), 1.0, 0.5);
    assert!(last(&report, "worker_utilization") > 0.49);
    let capped = "workers=10 heartbeat=on longest=10s arrival_rps=1";
    let report = run_whole(plan(1, 120, &format!("{capped} 10s:poison=1")));
    near(value(&report, "dead_lettered_total"), 1.0, 0.5);
    assert!(last(&report, "worker_utilization") < 0.3);
}

#[test]
fn five_deploys_kill_no_item_that_nobody_began() {
    let set = "workers=4 prefetch=20 visibility_timeout=1h arrival_rps=0.1 service=const:2s";
    let at = "1s:burst=100 5s:deploy 12s:deploy 19s:deploy 26s:deploy 33s:deploy";
    let dead = |broker| {
        let set = format!("{set} {broker}");
        value(
            &run_whole(plan(1, 200, &format!("{set} {at}"))),
            "dead_lettered_total",
        )
    };
    assert!(dead("broker=postgres") < 0.5);
    assert!(dead("broker=kafka") < 0.5);
    assert!(dead("broker=rabbitmq") < 0.5);
    // SQS counts each receive, whatever the reason.
    assert!(dead("broker=sqs") > 10.0);
}

#[test]
fn what_is_on_its_way_to_a_worker_that_leaves_comes_back_where_its_connection_matters() {
    // Each message takes so long that a deploy catches many of them on their way.
    let set =
        "workers=8 network=const:200ms arrival_rps=10 service=const:50ms visibility_timeout=1h";
    let at = "20s:deploy 40s:deploy 60s:deploy 80s:stop_source";
    let left = |broker| {
        let set = format!("{set} {broker}");
        last(
            &run_whole(plan(1, 120, &format!("{set} {at}"))),
            "in_flight",
        )
    };
    assert!(left("broker=rabbitmq") < 0.5);
    assert!(left("broker=kafka") < 0.5);
    // Elsewhere it lies there until the lease is over.
    assert!(left("broker=postgres") > 5.0);
}

#[test]
fn an_item_that_kills_its_worker_is_put_aside_by_all_but_a_share_group() {
    let dead = |broker| {
        let set = format!(
            "workers=10 worker_crash_ratio=1 restart_after=10ms visibility_timeout=1s \
                max_receives=3 arrival_rps=0.1 service=const:50ms {broker}"
        );
        last(
            &run_whole(plan(1, 30, &format!("{set} 1s:burst=20"))),
            "dead_letters",
        )
    };
    for broker in ["broker=postgres", "broker=sqs", "broker=rabbitmq"] {
        assert!(dead(broker) > 19.5, "{broker}");
    }
    assert!(dead("broker=kafka") < 0.5);
}

#[test]
fn a_redrive_saves_what_died_by_bad_luck() {
    let set = "workers=10 worker_crash_ratio=0.6 restart_after=10ms visibility_timeout=1s \
        max_receives=2 arrival_rps=0.1 service=const:50ms";
    let dead = |at: &str| {
        last(
            &run_whole(plan(1, 200, &format!("{set} {at}"))),
            "dead_letters",
        )
    };
    let burst = "1s:burst=300";
    let (none, one) = (dead(burst), dead(&format!("{burst} 60s:redrive")));
    let three = dead(&format!("{burst} 60s:redrive 100s:redrive 140s:redrive"));
    // Of each turn 0.6² die again.
    near(none / 300.0, 0.36, 0.1);
    assert!((one / none - 0.36).abs() < 0.15, "{one} of {none}");
    assert!(three < 0.5 * one, "{three} of {one}");
}

#[test]
fn a_delay_that_a_worker_holds_longer_than_the_lease_repeats_and_one_that_the_queue_holds_does_not()
{
    let set = "workers=20 arrival_rps=2 delay=const:12s visibility_timeout=5s service=const:100ms \
        longest=off";
    let repeats = |by| {
        let set = format!("{set} {by}");
        value(&run_whole(plan(1, 120, &set)), "duplicate_effects_total")
    };
    assert!(repeats("delayed_by=queue") < 0.5);
    assert!(repeats("delayed_by=worker") > 50.0);
}

#[test]
fn a_heartbeat_repeats_nothing_however_short_the_lease() {
    let short = "workers=10 visibility_timeout=100ms heartbeat=on";
    let report = run_whole(plan(1, 120, short));
    assert!(value(&report, "done_total") > 2_000.0);
    assert!(value(&report, "duplicate_effects_total") < 0.5);
}

#[test]
fn early_acknowledgement_loses_what_late_acknowledgement_repeats() {
    let crashes = "workers=20 worker_crash_ratio=0.1 visibility_timeout=3s";
    let read = |r: &Report| {
        [
            value(r, "lost_total") / value(r, "submitted_total"),
            value(r, "duplicate_ratio"),
        ]
    };
    let late = over_seeds(120, crashes, read);
    assert!(late[0].mean < 1e-9, "{late:?}");
    // Half of the crashes come after the effect.
    late[1].is(0.05, 0.05, 0.0);
    let early = over_seeds(120, &format!("{crashes} ack=early"), read);
    early[0].is(0.05, 0.05, 0.0);
    assert!(early[1].mean < 1e-9, "{early:?}");
}

#[test]
fn a_key_turns_at_least_once_into_one_effect() {
    let set = "workers=40 worker_crash_ratio=0.1 idempotency=key visibility_timeout=300ms";
    let report = run_whole(plan(1, 120, &format!("{set} 110s:stop_source")));
    assert!(value(&report, "absorbed_total") > 100.0);
    assert!(value(&report, "duplicate_effects_total") < 0.5);
    near(
        value(&report, "effects_total"),
        value(&report, "submitted_total"),
        0.5,
    );
}

#[test]
fn poison_without_dead_letters_eats_the_pool_and_with_them_is_a_bill() {
    let poison = "workers=10 poison_ratio=0.005 longest=5s network=const:0ms";
    for seed in seeds(2) {
        let eaten = run_whole(plan(seed, 300, &format!("{poison} dead_letter=off")));
        assert!(last(&eaten, "queue_depth") > 500.0);
        assert!(last(&eaten, "worker_utilization") > 0.99);
    }
    // arrivals x share of poison x receives x longest, beside the honest work.
    let [busy] = over_seeds(620, poison, |r| [10.0 * value(r, "worker_utilization")]);
    let honest = 20.0 * 0.995 * 0.2 * libm::exp(0.18);
    busy.is(honest + 20.0 * 0.005 * 5.0 * 5.0, 0.02, 0.0);
}

#[test]
fn prefetch_lets_items_wait_for_one_worker_while_others_idle() {
    let read = |r: &Report| [get(r, "sojourn_ms", Statistic::P99)];
    let set = "workers=8 visibility_timeout=10m";
    let [one] = over_seeds(120, set, read);
    let [many] = over_seeds(120, &format!("{set} prefetch=20 arrival_rps=30"), read);
    let [alike] = over_seeds(120, &format!("{set} arrival_rps=30"), read);
    assert!(
        many.mean > 1.3 * alike.mean.max(one.mean),
        "{many:?} against {alike:?}"
    );
}

#[test]
fn the_autoscaler_comes_late_to_a_burst_and_goes_after_the_cooldown() {
    let set = "arrival_rps=10 autoscale=depth";
    let workers = |seconds| {
        let burst = if seconds > 61 { "61s:burst=2000" } else { "" };
        let report = run_whole(plan(1, seconds, &format!("{set} {burst}")));
        last(&report, "workers")
    };
    near(workers(60), 4.0, 0.5);
    // The burst comes just after a look: 14 s until the next, 5 s until a worker has started.
    assert!((workers(79) - 4.0).abs() < 0.5, "nobody has come yet");
    assert!((workers(81) - 20.0).abs() < 0.5, "as many as may be");
    assert!((workers(400) - 4.0).abs() < 0.5, "gone again");
}

#[test]
fn scaling_by_age_calls_for_workers_when_the_oldest_item_is_too_old() {
    let set = "arrival_rps=40 autoscale=age workers_max=40 scale_target=5";
    let report = run_whole(plan(1, 120, set));
    assert!(get(&report, "oldest_age_s", Statistic::Max) > 5.0);
    assert!(get(&report, "workers", Statistic::Max) > 8.0);
}

#[test]
fn a_pool_of_none_is_woken_by_kubernetes_autoscaler_and_by_keda() {
    for autoscale in ["autoscale=hpa", "autoscale=keda"] {
        let set = format!("workers=0 {autoscale} arrival_rps=10 scale_target=10");
        let workers = |seconds| last(&run_whole(plan(1, seconds, &set)), "workers");
        // The first look is at 15 s, and a worker starts in 5.
        assert!(workers(19) < 0.5, "{autoscale}");
        assert!(workers(21) > 0.5, "{autoscale}");
        assert!(value(&run_whole(plan(1, 120, &set)), "done_total") > 500.0);
    }
}
