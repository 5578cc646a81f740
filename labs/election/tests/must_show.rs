//! What the lab is there to show, over many seeds.

use super::{BACKENDS, NO_STALE_TOKEN, ONE_HOLDER, SEEDS, holds, on, run};
use crate::trial::{get, near, value};
use crate::workbench::frame::Statistic;

const PAUSE: &str = "20s:pause=1:26s";

#[test]
fn a_paused_owner_writes_over_its_successor_and_a_fence_makes_that_write_bounce() {
    for seed in SEEDS {
        for backend in ["redis_ttl", "etcd", "zookeeper", "k8s_lease"] {
            let backend = on(backend);
            let open = run(seed, 60, &format!("{backend} fencing=off {PAUSE}"));
            assert!(value(&open, "dual_writes_total") >= 1.0, "{backend} {seed}");
            assert!(value(&open, "jobs_doubled_total") >= 1.0, "sold twice");
            assert!(!holds(&open, NO_STALE_TOKEN));
            assert!(
                holds(&open, ONE_HOLDER),
                "the lock did all that a lock can do"
            );

            let fenced = run(seed, 60, &format!("{backend} fencing=on {PAUSE}"));
            assert!(value(&fenced, "fenced_writes_total") >= 1.0);
            assert!(value(&fenced, "dual_writes_total") < 0.5);
            assert!(value(&fenced, "jobs_doubled_total") < 0.5);
            assert!(holds(&fenced, NO_STALE_TOKEN));
            assert!(
                value(&fenced, "split_brain_ms_total") > 1_000.0,
                "beliefs are as before"
            );
        }
    }
}

#[test]
fn a_takeover_after_a_crash_comes_13_to_23_8_seconds_later_with_the_numbers_of_client_go() {
    let mut all = Vec::new();
    for seed in 1..=60 {
        // The crash falls at any moment between two renewals.
        let at = format!("{}ms:crash=1", 20_000 + seed * 37);
        let report = run(seed, 60, &format!("backend=k8s_lease {at}"));
        assert!(value(&report, "elections_total") > 0.5);
        let took = get(&report, "failover_ms", Statistic::Max);
        // Some milliseconds of network, and of the histogram's resolution.
        assert!((13_000.0..=23_850.0).contains(&took), "{seed}: {took}");
        all.push(took);
    }
    // Two followers: the luckier one takes over.
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    assert!((14_000.0..19_500.0).contains(&mean), "{mean}");
    assert!(all.iter().copied().fold(f64::MIN, f64::max) > 17_000.0);
}

#[test]
fn a_notice_of_the_store_saves_the_followers_poll() {
    // Renewed up to 2 s before, 15 s of lease, and a look each half second; no poll after it.
    for seed in SEEDS {
        let at = format!("{}ms:crash=1", 20_000 + seed * 83);
        let report = run(seed, 60, &format!("backend=etcd {at}"));
        let took = get(&report, "failover_ms", Statistic::Max);
        assert!((12_950.0..=15_600.0).contains(&took), "{seed}: {took}");
    }
}

#[test]
fn without_an_expiry_a_dead_owner_blocks_for_ever_and_a_keepalive_ends_that() {
    for seed in SEEDS {
        let for_ever = run(seed, 600, "backend=sql_lock 20s:power_loss=1");
        assert!(value(&for_ever, "elections_total") < 0.5);
        near(value(&for_ever, "ownerless_ms_total"), 580_000.0, 1.5);
        let minded = "backend=sql_lock keepalive=30s";
        let report = run(seed, 120, &format!("{minded} 20s:power_loss=1"));
        let took = get(&report, "failover_ms", Statistic::Max);
        assert!((28_000.0..=34_500.0).contains(&took), "{took}");
        // A process that dies hangs up.
        let report = run(seed, 60, "backend=sql_lock 20s:crash=1");
        let took = get(&report, "failover_ms", Statistic::Max);
        assert!(took <= 4_450.0, "one look of those who wait: {took}");
    }
}

#[test]
fn a_short_lease_flaps_and_a_long_one_waits() {
    let slow_store = "backend=k8s_lease store_stall_every=exp:20s store_stall_for=exp:2s";
    let mean = |set: &str, at: &str, seconds, metric: &str| {
        let total: f64 = SEEDS
            .map(|seed| value(&run(seed, seconds, &format!("{set} {at}")), metric))
            .sum();
        total / SEEDS.count() as f64
    };
    let with = |lease: &'static str| format!("{slow_store} {lease}");
    let short = mean(&with("lease=3s"), "", 300, "elections_total");
    let usual = mean(&with("lease=15s"), "", 300, "elections_total");
    assert!(short > 3.0, "{short} elections in five minutes");
    assert!(usual < 1.0 && usual < short / 3.0, "{usual}");

    let crash = "20s:crash=1";
    let wait = |lease| {
        mean(
            &format!("backend=k8s_lease {lease}"),
            crash,
            200,
            "ownerless_ms_total",
        )
    };
    let (short, usual, long) = (wait("lease=3s"), wait("lease=15s"), wait("lease=60s"));
    assert!(short < 5_000.0 && (13_000.0..24_000.0).contains(&usual) && long > 50_000.0);
}

#[test]
fn an_owner_that_is_cut_off_and_can_count_is_the_harmless_case() {
    for backend in BACKENDS {
        for seed in SEEDS {
            let report = run(
                seed,
                60,
                &format!("backend={backend} fencing=off 20s:cut=1"),
            );
            assert!(
                value(&report, "split_brain_ms_total") < 0.5,
                "{backend} {seed}"
            );
            assert!(value(&report, "dual_writes_total") < 0.5);
            assert!(value(&report, "ownerless_ms_total") > 3_000.0);
        }
    }
}

#[test]
fn a_clock_rate_beyond_lease_over_deadline_breaks_a_lease_and_one_below_it_does_not() {
    // Two followers at the rate: 15 s of theirs against 12 s of an owner by client-go, and 10 s by the pattern.
    let split = |client: &str, rate: &str, seed| {
        let (two, three) = (format!("10s:skew=2:{rate}"), format!("10s:skew=3:{rate}"));
        // A fence would tell the old owner at its next write, and end the split.
        let set = format!("backend=k8s_lease {client} fencing=off");
        let report = run(seed, 60, &format!("{set} {two} {three} 20s:cut=1"));
        value(&report, "split_brain_ms_total")
    };
    for seed in SEEDS {
        assert!(split("client=strict", "1.45", seed) < 0.5, "below 1.5");
        assert!(split("client=client_go", "1.2", seed) < 0.5, "below 1.25");
        assert!(split("client=client_go", "4", seed) > 500.0, "{seed}");
    }
    // A slow owner outlives the server's TTL: 10 s of its clock are 20 of the store's.
    for seed in SEEDS {
        let report = run(
            seed,
            60,
            "backend=etcd clock_rate=0.5 fencing=off 20s:cut=1",
        );
        assert!(value(&report, "split_brain_ms_total") > 500.0, "{seed}");
    }
}

#[test]
fn a_redis_that_forgets_makes_two_owners_and_its_counter_is_no_fence() {
    let at = "20s:crash_store 21s:restart_store";
    for seed in SEEDS {
        for backend in ["etcd", "zookeeper", "k8s_lease"] {
            let report = run(seed, 60, &format!("backend={backend} {at}"));
            assert!(value(&report, "elections_total") < 0.5, "{backend} {seed}");
            assert!(value(&report, "split_brain_ms_total") < 0.5);
        }
    }
    let runs = || SEEDS.map(|seed| run(seed, 60, &format!("backend=redis_ttl {at}")));
    let forgot = runs().filter(|run| !holds(run, ONE_HOLDER)).count();
    let split = runs().filter(|run| value(run, "split_brain_ms_total") > 0.5);
    assert!(
        forgot >= 4,
        "{forgot}: whenever another one was first to ask"
    );
    assert!(split.count() >= 4);
    let dual: f64 = runs().map(|run| value(&run, "dual_writes_total")).sum();
    assert!(
        dual > 0.5,
        "two owners with token 33: fencing can't tell them apart"
    );
}

#[test]
fn a_woken_owner_by_client_go_works_on_for_its_deadline_and_one_by_the_pattern_stops() {
    // From 20 s to 46 it stands still. Two believers from the takeover until it stops.
    for (client, stops_at) in [("client=client_go", 56_000.0), ("client=strict", 46_000.0)] {
        for seed in SEEDS {
            let set = format!("backend=k8s_lease fencing=off {client}");
            let report = run(seed, 70, &format!("{set} {PAUSE}"));
            let takeover = 20_000.0 + get(&report, "failover_ms", Statistic::Max);
            let split = value(&report, "split_brain_ms_total");
            let expected = stops_at - takeover;
            // Of the histogram's resolution and some milliseconds of network.
            assert!(
                (split - expected).abs() < 250.0,
                "{client} {seed}: {split}, {expected}"
            );
        }
    }
}

#[test]
fn an_owner_by_zookeeper_goes_by_the_timeout_that_was_granted() {
    let set = "backend=zookeeper lease=2m renew_deadline=80s fencing=off";
    for seed in SEEDS {
        let report = run(seed, 150, &format!("{set} 20s:cut=1"));
        assert!(value(&report, "split_brain_ms_total") < 0.5, "{seed}");
        assert!(
            value(&report, "elections_total") > 0.5,
            "after 40 s, and not after 120"
        );
    }
    // Who waits for the word `expired` is cut off from it.
    let waits = format!("{set} stop_at=expired");
    let report = run(1, 150, &format!("{waits} 20s:cut=1 100s:heal=1"));
    let split = value(&report, "split_brain_ms_total");
    assert!((36_000.0..46_000.0).contains(&split), "{split}");
}

#[test]
fn a_redis_whose_clock_is_set_forward_has_two_owners_and_an_etcd_has_one() {
    for seed in SEEDS {
        // Until the old owner's next renewal is refused.
        let redis = run(seed, 60, "backend=redis_ttl candidates=9 21s:step_clock=20");
        assert!(value(&redis, "elections_total") > 0.5, "{seed}");
        let etcd = run(seed, 60, "backend=etcd candidates=9 21s:step_clock=20");
        assert!(value(&etcd, "elections_total") < 0.5, "{seed}");
    }
}

#[test]
fn a_release_hands_over_within_a_look_and_a_process_that_just_ends_costs_the_lease() {
    for seed in SEEDS {
        let hand_over = |on_stop| {
            let set = format!("backend=k8s_lease {on_stop}");
            let report = run(seed, 60, &format!("{set} 20s:release=1"));
            assert!(value(&report, "split_brain_ms_total") < 0.5);
            assert!(value(&report, "jobs_doubled_total") < 0.5);
            get(&report, "failover_ms", Statistic::Max)
        };
        // A look of the followers comes within 4.4 s.
        assert!(hand_over("on_stop=drain_then_release") <= 4_500.0);
        assert!(hand_over("on_stop=keep") >= 12_500.0);
    }
}

#[test]
fn who_releases_before_its_work_has_ended_works_beside_its_successor() {
    let count = |on_stop: &str| {
        let runs = SEEDS.map(|seed| {
            let set = format!("backend=etcd fencing=off job_takes=const:900ms {on_stop}");
            run(seed, 60, &format!("{set} 20300ms:release=1"))
        });
        runs.map(|run| value(&run, "jobs_doubled_total"))
            .sum::<f64>()
    };
    assert!(count("on_stop=drain_then_release") < 0.5);
    assert!(count("on_stop=release_then_drain") > 0.5);
}

#[test]
fn a_deploy_of_all_candidates_costs_a_look_each_time_the_lease_moves() {
    for seed in SEEDS {
        let bill = |on_stop| {
            let report = run(
                seed,
                120,
                &format!("backend=k8s_lease {on_stop} 20s:deploy"),
            );
            let moves = value(&report, "elections_total");
            assert!((0.5..3.5).contains(&moves), "{moves}");
            value(&report, "ownerless_ms_total") / moves
        };
        assert!(bill("on_stop=drain_then_release") < 4_500.0);
        assert!(bill("on_stop=keep") > 10_000.0);
    }
}

#[test]
fn a_suspended_machine_does_not_see_that_its_deadline_is_over() {
    let set = "backend=etcd fencing=off job_takes=const:900ms";
    let stale = |at: &str| {
        let runs = SEEDS.map(|seed| run(seed, 60, &format!("{set} {at}")));
        runs.map(|run| value(&run, "dual_writes_total"))
            .sum::<f64>()
    };
    assert!(stale("20300ms:suspend=1:26s") >= 24.0);
}

#[test]
fn work_that_blocks_its_own_renewals_loses_the_lease() {
    let set = |blocks| format!("backend=etcd job_takes=const:20s job_every=30s {blocks}");
    for seed in SEEDS {
        let blocking = run(seed, 120, &set("work_blocks=on"));
        assert!(value(&blocking, "elections_total") > 0.5);
        assert!(value(&blocking, "split_brain_ms_total") > 1_000.0);
        let apart = run(seed, 120, &set("work_blocks=off"));
        assert!(value(&apart, "elections_total") < 0.5);
    }
}

#[test]
fn who_waits_goes_by_the_lease_that_the_record_names_in_whole_seconds() {
    for seed in SEEDS {
        // The dead owner's record says 15 s, whatever the others are told later.
        let at = "20s:power_loss=1 20500ms:lease=2m";
        let report = run(seed, 60, &format!("backend=k8s_lease {at}"));
        let took = get(&report, "failover_ms", Statistic::Max);
        assert!((13_000.0..=23_850.0).contains(&took), "{seed}: {took}");
    }
    let took = SEEDS.map(|seed| {
        let set = "backend=k8s_lease lease=2900ms";
        let report = run(seed, 40, &format!("{set} 20s:power_loss=1"));
        get(&report, "failover_ms", Statistic::Max)
    });
    // Two seconds, less a renewal that is up to 0.4 s old, and a look or two of up to 0.85 s.
    let mean = took.sum::<f64>() / SEEDS.count() as f64;
    assert!((1_900.0..2_800.0).contains(&mean), "{mean}");
}

#[test]
fn a_process_that_dies_behind_a_cut_hangs_up_to_nobody() {
    for seed in SEEDS {
        let set = "backend=sql_lock";
        let report = run(seed, 60, &format!("{set} 20s:cut=1 21s:crash=1"));
        assert!(value(&report, "elections_total") < 0.5, "{seed}");
        // Nor does a machine without power.
        let report = run(seed, 60, &format!("{set} 20s:power_loss=1 21s:crash=1"));
        assert!(value(&report, "elections_total") < 0.5, "{seed}");
    }
}
