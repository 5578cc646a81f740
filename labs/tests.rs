//! What holds of every lab.

use crate::engine::{Census, SimTime};
use crate::find;
use crate::trial::plan_of;
use crate::workbench::frame::{Frame, Statistic};
use crate::workbench::headless;
use crate::workbench::knob::Settings;
use crate::workbench::markdown::tables;
use crate::workbench::meter::MetricKind;
use crate::workbench::plan::RunPlan;
use crate::workbench::session::Session;
use ddlab_text::Unit;
use std::path::Path;

/// A lab under a load, or in a world, far beyond what it can bear for more than an hour: it says so all the time, counts what it
/// turns away, and takes no more room than it did in the first half hour. Returns what was alive at the end.
#[track_caller]
fn explodes(lab: &str, settings: &str, counted_as: &str) -> Census {
    let mut plan = RunPlan::new(find(lab).expect("a lab of the registry"), 1);
    for setting in settings.split_whitespace() {
        plan.knobs.set_text(setting).expect("a knob of the lab");
    }
    let mut session = Session::start(plan);
    let mut at = |minutes: u64| {
        session.advance(SimTime::from_secs(60 * minutes), u64::MAX);
        (session.census(), session.frame())
    };
    // Half an hour and a bit: latencies of half an hour have come round.
    let (early, before) = at(31);
    let (late, after) = at(75);
    let counted = |frame: &Frame| {
        let metric = frame.metric(counted_as).expect("a metric of the lab");
        metric.value.get(Statistic::Value).unwrap_or(0.0)
    };
    assert!(counted(&before) > 0.0, "nothing was turned away");
    assert!(counted(&after) > 2.0 * counted(&before), "it has stopped");
    let overload = after
        .log
        .iter()
        .rev()
        .find(|line| line.text.starts_with("overload"));
    let overload = overload.expect("the journal speaks of overload");
    assert!(
        after.now - overload.at <= std::time::Duration::from_mins(1),
        "{overload:?}"
    );
    assert!(after.log.len() <= 200 && after.flights.len() <= 1_000);
    assert!(
        late.room <= early.room + early.room / 10 + 200,
        "{early:?} became {late:?}"
    );
    late
}

#[test]
fn scatter_gather_far_over_its_capacity_for_hours_is_bounded_and_says_so() {
    let load = "arrival_rps=50 fan_out=4 slots=1 service=const:10s deadline=off";
    let alive = explodes("scatter-gather", load, "shed_total");
    assert!(alive.calls <= 50_000, "{alive:?}");
}

#[test]
fn scatter_gather_with_searches_that_are_given_up_on_a_network_of_half_an_hour_is_bounded() {
    let world = "arrival_rps=50 deadline=100ms network=const:30m";
    let alive = explodes("scatter-gather", world, "shed_total");
    assert!(alive.calls <= 301_000, "{alive:?}");
}

#[test]
fn sidecar_whose_application_is_far_too_slow_for_hours_is_bounded_and_says_so() {
    let load = "arrival_rps=50 service=const:10s sink_rps=1";
    let alive = explodes("sidecar", load, "shed_total");
    assert!(alive.tasks <= 2_000, "{alive:?}");
}

#[test]
fn ambassador_whose_retries_keep_a_service_down_for_hours_is_bounded_and_says_so() {
    let load = "arrival_rps=300 service=const:10s timeout=20s pool=10000";
    let alive = explodes("ambassador", load, "shed_total");
    assert!(alive.tasks + alive.calls <= 400_000, "{alive:?}");
}

#[test]
fn adapter_whose_pages_the_monitor_refuses_for_hours_is_bounded_and_says_so() {
    let alive = explodes("adapter", "sample_limit=4", "refused_total");
    assert!(alive.tasks <= 100, "{alive:?}");
}

#[test]
fn replicated_far_over_its_capacity_for_hours_is_bounded_and_says_so() {
    let load = "arrival_rps=150 slots=1 service=const:10s timeout=10m shed=off";
    let alive = explodes("replicated", load, "shed_total");
    assert!(alive.tasks <= 50_100, "{alive:?}");
}

#[test]
fn sharded_far_over_its_capacity_for_hours_is_bounded_and_says_so() {
    let load = "arrival_rps=200 timeout=60s shard_service=const:100s";
    let alive = explodes("sharded", load, "shed_total");
    assert!(alive.tasks + alive.calls <= 30_000, "{alive:?}");
}

#[test]
fn sharded_with_replicas_that_hear_of_writes_hours_later_is_bounded_and_says_so() {
    let world = "arrival_rps=200 read_ratio=0 celebrity_key=1 celebrity_share=1 \
        mitigation=replica_reads shard_service=const:1ms origin_service=const:1ms \
        replica_lag=const:10h";
    let alive = explodes("sharded", world, "shed_total");
    assert!(alive.tasks <= 301_000, "{alive:?}");
}

#[test]
fn work_queue_far_over_its_capacity_for_hours_is_bounded_and_says_so() {
    let load = "arrival_rps=200 workers=1 service=const:10s";
    let alive = explodes("work-queue", load, "refused_total");
    assert!(alive.tasks + alive.calls < 100, "{alive:?}");
}

#[test]
fn work_queue_behind_a_network_of_half_an_hour_is_bounded_and_says_so() {
    let world = "arrival_rps=400 network=const:30m";
    let alive = explodes("work-queue", world, "refused_total");
    assert!(alive.calls <= 301_000, "{alive:?}");
}

#[test]
fn event_pipeline_far_over_its_capacity_for_hours_is_bounded_and_says_so() {
    let load = "arrival_rps=500 workers=1 stage_service=const:100ms fraud_share=0";
    let alive = explodes("event-pipeline", load, "dropped_total");
    assert!(alive.tasks <= 2_000, "{alive:?}");
}

#[test]
fn coordinated_batch_whose_nights_take_longer_than_a_day_for_hours_is_bounded_and_says_so() {
    let load = "night_every=10s auctions=1000 task_service=const:20s";
    let alive = explodes("coordinated-batch", load, "nights_skipped_total");
    assert!(alive.tasks <= 100, "{alive:?}");
}

#[test]
fn faas_with_events_far_beyond_its_limit_for_hours_is_bounded_and_says_so() {
    let load = "arrival_rps=100 invocation=async concurrency_limit=1 duration=const:10s";
    let alive = explodes("faas", load, "dropped_total");
    assert!(alive.tasks <= 100_100, "{alive:?}");
}

#[test]
fn election_with_more_jobs_than_an_owner_can_do_for_hours_is_bounded_and_says_so() {
    let load = "job_every=10ms job_takes=const:10s";
    let alive = explodes("election", load, "jobs_missed_total");
    assert!(alive.tasks + alive.calls < 100, "{alive:?}");
}

#[test]
fn the_table_of_invariants_has_each_one_of_each_lab_and_the_test_that_breaks_it() {
    let table = include_str!("README.md");
    let tests = [
        include_str!("scatter_gather/tests/lab.rs"),
        include_str!("sidecar/tests/lab.rs"),
        include_str!("sharded/tests/lab.rs"),
        include_str!("work_queue/tests/lab.rs"),
        include_str!("ambassador/tests/lab.rs"),
        include_str!("event_pipeline/tests/lab.rs"),
        include_str!("coordinated_batch/tests/lab.rs"),
        include_str!("adapter/tests/lab.rs"),
        include_str!("faas/tests/lab.rs"),
        include_str!("replicated/tests/lab.rs"),
        include_str!("election/tests/lab.rs"),
        include_str!("election/tests/must_show.rs"),
    ];
    for lab in crate::all() {
        let session = Session::start(RunPlan::new(*lab, 1));
        for invariant in session.lab().instruments().invariants() {
            let row = table
                .lines()
                .find(|row| row.contains(&format!("| {} |", invariant.name)));
            let row = row.unwrap_or_else(|| panic!("no row for `{}`", invariant.name));
            let test = row.rsplit('`').nth(1).expect("the row names its test");
            let found = tests
                .iter()
                .any(|file| file.contains(&format!("fn {test}()")));
            assert!(found, "there is no test `{test}`");
        }
    }
}

#[test]
fn the_readme_of_every_lab_ends_with_the_tables_of_its_spec() {
    for spec in crate::all().iter().map(|lab| lab.spec()) {
        let printed = tables(spec);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(spec.id.replace('-', "_"));
        let readme = folder.join("README.md");
        let text = std::fs::read_to_string(&readme).expect("every lab has a README");
        let heading = printed.lines().next().unwrap_or_default();
        let at = text.find(heading).unwrap_or(text.len());
        if std::env::var_os("UPDATE_READMES").is_some() {
            let written = std::fs::write(&readme, text[..at].to_owned() + &printed);
            written.expect("it can be written");
            continue;
        }
        assert!(
            text[at..] == printed,
            "the end of {} is not what `lab show {} --markdown` prints; UPDATE_READMES=1 writes it \
                there",
            readme.display(),
            spec.id
        );
    }
}

/// What is counted as a part of what else: the lab, what is set and done for both to be counted, the whole, and parts of
/// which each thing comes to one at most.
const PARTS: &str = "\
adapter|sample_limit=4|scrapes_total|scrapes_failed_total
ambassador|arrival_rps=900|requests_total|answered_total errors_total
ambassador|hedge_after=10ms hedge_budget=1|hedges_total|hedges_won_total
coordinated-batch|night_every=20s|owed_cents|paid_cents unmatched_cents
election|fencing=on 11s:pause=1:26s|writes_total|fenced_writes_total dual_writes_total
event-pipeline|key=bidder|counted_total|out_of_order_total
faas|arrival_rps=50 invocation=async|calls_total|answered_total dropped_total
replicated|arrival_rps=1300|requests_total|answered_total errors_total
replicated|arrival_rps=1300|errors_total|timeouts_total shed_total
scatter-gather|client_timeout=120ms|requests_total|complete_total partial_total failed_total abandoned_total shed_total
scatter-gather|policy=hedge|hedges_total|hedges_won_total
sharded|timeout=20ms|requests_total|errors_total shed_total
sharded||requests_total|writes_total
sidecar||requests_total|answered_total errors_total
sidecar|sink_rps=100|lines_written_total|lines_shipped_total lines_lost_total
work-queue|arrival_rps=12|submitted_total|done_total lost_total dead_lettered_total";
/// Shares of a level that is no whole: they may exceed one.
const MAY_EXCEED: [&str; 2] = ["extra_load_ratio", "window_error_ratio"];

#[test]
fn what_is_a_part_never_exceeds_its_whole_after_a_warm_up() {
    for lab in crate::all() {
        let id = lab.spec().id;
        assert!(PARTS.lines().any(|row| row.starts_with(id)), "{id}");
    }
    for row in PARTS.lines() {
        let columns: Vec<&str> = row.split('|').collect();
        let [lab, settings, whole, parts] = columns[..] else {
            panic!("{row}");
        };
        let lab = find(lab).expect("a lab of the registry");
        let mut counted = 0.0;
        for seed in 1..=3 {
            let mut plan = plan_of(lab, seed, 40, settings);
            plan.warmup = SimTime::from_secs(10);
            let mut session = Session::start(plan);
            // Soon after the warm-up what was in progress ends.
            let soon = [1, 10, 100].map(|ms| SimTime(10_000_000_000 + ms * 1_000_000));
            for moment in soon.into_iter().chain((11..=40).map(SimTime::from_secs)) {
                session.advance(moment, u64::MAX);
                let values = session.lab().instruments().meters.values(moment);
                let value = |name: &str| {
                    let of_name = values.iter().find(|(spec, _)| spec.name == name);
                    let value = of_name.and_then(|(_, value)| value.get(Statistic::Value));
                    value.unwrap_or_else(|| panic!("{name} is not counted"))
                };
                let part: f64 = parts.split(' ').map(value).sum();
                let (of, all) = (format!("{row} at {moment:?} of seed {seed}"), value(whole));
                assert!(part <= all, "{of}: {part} of {all}");
                for (spec, value) in &values {
                    let is_share = spec.kind == MetricKind::Ratio && spec.unit == Unit::Share;
                    let share = value.get(Statistic::Value).filter(|_| is_share);
                    let within = share.is_none_or(|share| share <= 1.0);
                    assert!(
                        within || MAY_EXCEED.contains(&spec.name),
                        "{of}: {} is {share:?}",
                        spec.name
                    );
                }
                counted += part;
            }
        }
        assert!(counted > 0.0, "{row} never happened");
    }
}

/// What theory says of a lab with these settings is what three runs come to, within this share, or a hundredth of a share.
#[track_caller]
fn agrees(lab: &str, set: &str, seconds: u64, within: f64, laws: usize) {
    let lab = find(lab).expect("a lab of the registry");
    let plan = |seed| {
        let mut plan = plan_of(lab, seed, seconds, set);
        plan.warmup = SimTime::from_secs(seconds / 5);
        plan
    };
    let reports = [1, 2, 3].map(|seed| headless::run(plan(seed)).expect("it runs"));
    let mut held = 0;
    for theory in lab.theory(&Settings::new(plan(1).knobs)) {
        let Ok(says) = theory.says else {
            continue;
        };
        let measured = reports.iter().map(|report| {
            let metrics = report.metrics.iter();
            let mut of_name = metrics.filter(|(spec, _)| spec.name == theory.metric);
            let value = of_name
                .next()
                .and_then(|(_, value)| value.get(theory.statistic));
            value.expect("it was measured")
        });
        let mean = measured.sum::<f64>() / 3.0;
        let near = (mean - says).abs() <= (within * says).max(0.01);
        assert!(
            near,
            "{}: {mean} measured, {says} by {}",
            theory.metric, theory.law
        );
        held += 1;
    }
    assert_eq!(held, laws, "laws that hold here");
}

#[test]
fn what_theory_says_is_what_is_measured() {
    let lease = "visibility_timeout=1h";
    agrees(
        "work-queue",
        &format!("arrival_rps=12 {lease}"),
        900,
        0.12,
        2,
    );
    let exponential = format!("service=exp:100ms arrival_rps=20 {lease}");
    agrees("work-queue", &exponential, 600, 0.1, 2);
    agrees("scatter-gather", "", 60, 0.05, 4);
    agrees("scatter-gather", "fan_out=50 slow_over=25ms", 40, 0.06, 4);
    agrees("replicated", "policy=random arrival_rps=800", 90, 0.06, 2);
    agrees("faas", "arrival_rps=0.1 keep_alive=10s", 7_200, 0.1, 2);
    let wave = "map_tasks=20 map_workers=20 auctions=4000 reducers=32 seller_skew=1.2 \
        pay_service=const:1ms night_every=1m";
    agrees("coordinated-batch", wave, 7_200, 0.1, 3);
    agrees("sharded", "shard_memory=500", 60, 0.04, 1);
    agrees("ambassador", "error_ratio=0.2", 60, 0.03, 2);
    let one_lane =
        "partitions=1 arrival_rps=200 pass_ratio=1 watermark_delay=4s join_within=5s fraud_share=0";
    agrees("event-pipeline", one_lane, 120, 0.05, 2);
}

#[test]
fn where_no_law_holds_the_reason_is_told() {
    for (lab, set, reason) in [
        ("work-queue", "autoscale=depth", "the pool changes its size"),
        ("scatter-gather", "policy=hedge", "the root asks again"),
        ("replicated", "policy=round_robin", "picked at random"),
        ("faas", "profile=bursty", "bursts"),
        ("coordinated-batch", "map_tasks=40", "they go in waves"),
        ("sharded", "mitigation=front_cache", "several places"),
        ("ambassador", "breaker=on", "breakers refuse"),
        ("event-pipeline", "join_within=off", "nothing is joined"),
    ] {
        let lab = find(lab).expect("a lab of the registry");
        let mut knobs = RunPlan::new(lab, 1).knobs;
        knobs.set_text(set).expect("a knob of the lab");
        let theories = lab.theory(&Settings::new(knobs));
        let told = theories.iter().any(|theory| {
            let says = theory.says;
            says.is_err_and(|why| why.contains(reason))
        });
        assert!(told, "{set}: {theories:?}");
    }
}
