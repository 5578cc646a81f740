use super::plan;
use crate::engine::SimTime;
use crate::scatter_gather::pattern::{Missing, Why};
use crate::scatter_gather::root::Tamper;
use crate::scatter_gather::{LAB, ScatterGather};
use crate::trial::{
    broken_one, frame_at, get, has_all_of, near, node, plan_of, run, says, shown, turns_every_knob,
    value,
};
use crate::workbench::frame::{Frame, LogLevel, NodeState, Statistic};
use crate::workbench::headless::{self, RunError};
use crate::workbench::intervention::Intervention;
use crate::workbench::lab::Lab;
use crate::workbench::session::Session;
use crate::workbench::trace::{Outcome, PhaseKind};

fn secs(n: u64) -> SimTime {
    SimTime::from_secs(n)
}

fn session(set: &str) -> Session {
    Session::start(plan(1, 60, set))
}

#[test]
fn the_table_has_every_name_that_scripts_use() {
    has_all_of(
        &LAB,
        "arrival_rps arrivals fan_out replicas service network slots straggler \
         straggler_factor policy deadline hedge_after hedge_budget copies quorum slow recover \
         crash restart cut heal burst latency_ms leaf_latency_ms completeness_ratio \
         extra_load_ratio requests_total complete_total partial_total failed_total \
         hedges_total hedges_won_total cancelled_total leaf_utilization",
    );
}

#[test]
fn a_root_that_sheds_what_it_cannot_read_in_time_goes_on_giving_whole_answers() {
    // Ten times what its core can read: 2,000 requests of 100 answers, 50 us each.
    let at_work = |root_queue| {
        let mut session = session(&format!("fan_out=100 arrival_rps=2000 {root_queue}"));
        let frame = frame_at(&mut session, 8);
        let whole = shown(&frame, "complete_total");
        (session.census().calls, whole, shown(&frame, "shed_total"))
    };
    let (calls, whole, shed) = at_work("root_queue=10000");
    assert!(calls < 15_000 && shed > 1_000.0, "{calls} {shed}");
    let (_, unbounded, _) = at_work("root_queue=inf");
    // In eight seconds its core can read 1,600.
    assert!(
        whole > 1_500.0 && unbounded < whole / 2.0,
        "{whole} {unbounded}"
    );
}

#[test]
fn every_request_is_accounted_for() {
    let set = "deadline=20ms straggler=2";
    let report = {
        let mut plan = plan(1, 20, &format!("{set} 5s:crash=3 8s:cut=4"));
        plan.warmup = SimTime::ZERO;
        run(plan)
    };
    let ended = [
        "complete_total",
        "partial_total",
        "failed_total",
        "shed_total",
    ]
    .map(|metric| value(&report, metric))
    .iter()
    .sum::<f64>();
    let in_progress = get(&report, "in_progress", Statistic::Last);
    near(value(&report, "requests_total") - ended, in_progress, 0.5);
    let answered = value(&report, "complete_total") + value(&report, "partial_total");
    near(get(&report, "latency_ms", Statistic::Count), answered, 0.5);
}

#[test]
fn the_warm_up_is_left_out_of_every_total() {
    let whole = plan(1, 20, "");
    let mut late = whole.clone();
    late.warmup = secs(15);
    let (whole, late) = (run(whole), run(late));
    let share = value(&late, "requests_total") / value(&whole, "requests_total");
    assert!((0.15..0.35).contains(&share), "{share}");
    assert!(get(&late, "latency_ms", Statistic::Count) <= value(&late, "requests_total") + 20.0);
    assert_eq!(
        whole.digest(),
        late.digest(),
        "measuring changes nothing of the run"
    );
}

#[test]
fn slow_slows_one_replica_and_recover_mends_it() {
    let mut session = session("");
    session.advance(secs(5), u64::MAX);
    session.act("slow", Some("3")).unwrap();
    let slow = frame_at(&mut session, 15);
    assert_eq!(node(&slow, "leaf 3a").state, NodeState::Slow);
    assert_eq!(node(&slow, "leaf 3b").state, NodeState::Up);
    let p99 = |frame: &Frame| {
        let recent = &frame.metric("latency_ms").unwrap().recent;
        recent.get(Statistic::P99).unwrap()
    };
    assert!(p99(&slow) > 150.0);
    session.act("recover", Some("3")).unwrap();
    let mended = frame_at(&mut session, 30);
    assert_eq!(node(&mended, "leaf 3a").state, NodeState::Up);
    assert!(p99(&mended) < 60.0);
    assert_eq!(mended.interventions.len(), 2);
}

#[test]
fn a_root_that_does_not_learn_answers_half_of_its_requests_in_part_while_a_replica_is_dead() {
    let mut session = session("health=off");
    session.act("crash", Some("3")).unwrap();
    let down = frame_at(&mut session, 10);
    assert_eq!(node(&down, "leaf 3a").state, NodeState::Down);
    assert!(
        shown(&down, "partial_total") > 100.0,
        "half of the requests go to the dead replica"
    );
    session.act("restart", Some("3")).unwrap();
    let after = shown(&frame_at(&mut session, 11), "partial_total");
    let later = frame_at(&mut session, 20);
    assert_eq!(node(&later, "leaf 3a").state, NodeState::Up);
    near(shown(&later, "partial_total"), after, 0.5);
}

#[test]
fn a_root_that_learns_asks_the_other_replica_and_misses_nothing() {
    // Chapter 7: two replicas bring twenty leaves to 99.998 %. One that is dead costs nothing but a retry.
    for fault in ["crash", "cut"] {
        let mut session = session("");
        session.act(fault, Some("3")).unwrap();
        // A cut tells nobody: the first requests run into the deadline, then a probe finds out.
        let known = shown(&frame_at(&mut session, 4), "partial_total");
        assert!(known < if fault == "crash" { 0.5 } else { 80.0 }, "{known}");
        let later = frame_at(&mut session, 30);
        assert!(
            (shown(&later, "partial_total") - known).abs() < 0.5,
            "{fault}"
        );
        assert!(shown(&later, "complete_total") > 1_000.0);
        assert!(fault == "cut" || shown(&later, "retries_total") > 0.5);
        let mend = if fault == "crash" { "restart" } else { "heal" };
        session.act(mend, Some("3")).unwrap();
        let mended = frame_at(&mut session, 40);
        let busy = |node: &str| {
            mended
                .nodes
                .iter()
                .any(|view| view.name == node && view.badge.is_empty())
        };
        assert!(busy("leaf 3a"), "it is asked again: {fault}");
        near(shown(&mended, "partial_total"), known, 0.5);
    }
}

#[test]
fn a_hedge_that_the_budget_refuses_is_counted_and_shown() {
    let mut session = session("straggler=3 policy=hedge hedge_budget=1%");
    let frame = frame_at(&mut session, 20);
    assert!(shown(&frame, "hedges_refused_total") > 100.0);
    let mut spans = frame.slowest.iter().flat_map(|trace| &trace.spans);
    let refused = spans.find(|span| span.note.contains("no hedge at "));
    assert!(refused.is_some_and(|span| span.note.contains("the budget is used up")));
}

/// Good answers a second after a burst that ends at second 10, of clients that wait 300 ms.
fn after_a_burst(more: &str) -> f64 {
    let world = "slots=1 arrival_rps=140 client_timeout=300ms cancel=none network=const:0.25ms";
    let mut plan = plan(1, 30, &format!("{world} {more} 5s:burst=200"));
    plan.warmup = secs(20);
    value(&run(plan), "complete_total") / 10.0
}

#[test]
fn clients_that_ask_again_keep_an_overload_alive_and_a_budget_ends_it() {
    // Of 140 requests a second all are good before the burst, and again after it if nobody asks again.
    let patient = after_a_burst("attempts=1");
    let storm = after_a_burst("attempts=4");
    let budgeted = after_a_burst("attempts=4 retry_budget=10%");
    assert!(patient > 120.0, "{patient}");
    assert!(storm < 0.5 * patient, "{storm} of {patient}");
    assert!(budgeted > 0.9 * patient, "{budgeted} of {patient}");
}

#[test]
fn a_deadline_that_is_off_is_said() {
    let said = |frame: &Frame| {
        frame
            .log
            .iter()
            .any(|line| line.text.starts_with("deadline is off"))
    };
    assert!(!said(&session("").frame()));
    assert!(said(&session("deadline=off").frame()));
}

#[test]
fn a_cut_tells_nobody_until_the_transport_gives_up_and_heal_mends_it() {
    let mut session = session("deadline=off health=off");
    session.act("cut", Some("3")).unwrap();
    let cut = frame_at(&mut session, 2);
    assert_eq!(node(&cut, "leaf 3a").state, NodeState::Cut);
    assert!(
        shown(&cut, "partial_total") < 0.5,
        "the requests still hang"
    );
    let later = frame_at(&mut session, 10);
    assert!(shown(&later, "partial_total") > 50.0);
    assert!(
        later
            .metric("latency_ms")
            .unwrap()
            .value
            .get(Statistic::P99)
            .unwrap()
            > 2_900.0
    );
    session.act("heal", Some("3")).unwrap();
    let healed = shown(&frame_at(&mut session, 15), "partial_total");
    near(
        shown(&frame_at(&mut session, 25), "partial_total"),
        healed,
        0.5,
    );
}

#[test]
fn faults_hit_all_replicas_when_asked_to() {
    let mut session = session("faults_hit=all");
    session.act("crash", Some("3")).unwrap();
    let frame = frame_at(&mut session, 5);
    assert_eq!(node(&frame, "leaf 3b").state, NodeState::Down);
    assert!(shown(&frame, "complete_total") < 0.5);
}

#[test]
fn a_burst_adds_its_load_for_five_seconds() {
    let mut plan = plan(1, 20, "5s:burst=500");
    plan.warmup = SimTime::ZERO;
    let burst = value(&run(plan), "requests_total");
    let expected = 50.0 * 20.0 + 500.0 * 5.0;
    assert!((burst - expected).abs() < 4.0 * expected.sqrt(), "{burst}");
}

#[test]
fn bursts_add_up_to_a_million_requests_a_second_and_no_further() {
    let mut session = Session::start(plan(1, 20, ""));
    for _ in 0..9 {
        session.act("burst", Some("100000")).unwrap();
    }
    let refused = session.act("burst", Some("100000")).unwrap_err();
    assert!(refused.to_string().contains("at most 1000000"), "{refused}");
}

#[test]
fn an_action_on_a_leaf_that_is_not_there_is_refused_and_names_the_last() {
    let report = headless::run(plan(1, 10, "3s:slow=21"));
    let error = report.expect_err("there are twenty leaves");
    assert!(matches!(error, RunError::Refused { .. }));
    assert_eq!(
        error.to_string(),
        "at 3s: `slow` can't take `21`: the last leaf is 20; write `slow=20`"
    );
}

#[test]
fn a_straggler_beyond_the_last_leaf_is_reported_and_not_silently_ignored() {
    let frame = session("fan_out=5 straggler=9").frame();
    assert!(
        frame
            .log
            .iter()
            .any(|line| { line.level == LogLevel::Warn && line.text.contains("nobody is slow") })
    );
}

#[test]
fn every_knob_that_needs_no_restart_turns_while_the_lab_runs() {
    turns_every_knob(session("slots=1 arrival_rps=200"));
}

#[test]
fn a_knob_that_shapes_the_cluster_does_not_turn_in_the_middle() {
    let error = Intervention::parse("fan_out=30", LAB.spec())
        .unwrap_err()
        .to_string();
    assert!(error.contains("at the start"), "{error}");
}

static WORST_FIRST: ScatterGather = ScatterGather {
    tamper: Tamper {
        answer: |gathered| gathered.top.reverse(),
        ..Tamper::NONE
    },
};
static SAYS_NOTHING: ScatterGather = ScatterGather {
    tamper: Tamper {
        answer: |gathered| {
            // What a handler does that turns an error into an empty list.
            gathered.missing.pop();
            if gathered.missing.is_empty() {
                let (leaf, why) = (0, Why::Late);
                gathered.missing.push(Missing { leaf, why });
            }
        },
        ..Tamper::NONE
    },
};
static OVERSPENDS: ScatterGather = ScatterGather {
    tamper: Tamper {
        overspend: 3.0,
        ..Tamper::NONE
    },
};

#[test]
fn a_merge_that_is_wrong_breaks_the_first_invariant_with_moment_and_culprit() {
    let broken = broken_one(plan_of(&WORST_FIRST, 1, 10, ""));
    assert!(broken.name.starts_with("a complete answer"));
    assert!(broken.first_broken_at.is_some_and(|at| at < secs(1)));
    assert!(broken.detail.starts_with("request 1 ("), "{broken:?}");
}

#[test]
fn an_answer_that_hides_what_is_missing_breaks_the_second_invariant() {
    let broken = broken_one(plan_of(&SAYS_NOTHING, 1, 10, "deadline=12ms"));
    assert!(broken.name.starts_with("a partial answer"));
}

const ALWAYS_LATE: &str = "policy=hedge hedge_after=1ms hedge_budget=0.02 service=const:50ms";

#[test]
fn hedges_beyond_the_budget_break_the_third_invariant() {
    let broken = broken_one(plan_of(&OVERSPENDS, 1, 10, ALWAYS_LATE));
    assert!(broken.name.starts_with("hedges stay"));
    let what = "it sent hedge 1, the budget allowed 0.";
    says(&broken, what);
}

#[test]
fn hedges_stay_within_the_budget_even_when_every_call_is_late() {
    let report = run(plan(1, 20, ALWAYS_LATE));
    let extra = value(&report, "extra_load_ratio");
    assert!((0.019..0.0205).contains(&extra), "{extra}");
}

#[test]
fn an_overload_is_shed_in_words_and_numbers_and_its_memory_is_bounded() {
    let set = "arrival_rps=50000 slots=1 service=const:100ms deadline=off";
    let mut session = session(set);
    let mut census = Vec::new();
    for half_seconds in 1..=6 {
        session.advance(SimTime::from_millis(500 * half_seconds), u64::MAX);
        census.push(session.census());
    }
    let frame = session.frame();
    assert!(shown(&frame, "shed_total") > 100_000.0);
    assert!(frame.log.iter().any(|line| line.text.contains("overload")));
    assert!(frame.log.len() <= 200);
    for taken in &census {
        assert!(taken.tasks <= 120_000 && taken.calls <= 60_000, "{taken:?}");
    }
    assert!(census[5].room <= census[1].room * 11 / 10, "{census:?}");
}

#[test]
fn an_hour_of_virtual_time_leaves_nothing_behind() {
    let mut session = session("arrival_rps=10 policy=tied straggler=3 fan_out=10");
    session.advance(secs(600), u64::MAX);
    let early = session.census();
    session.advance(secs(3600), u64::MAX);
    let late = session.census();
    assert!(late.room <= early.room * 3 / 2 + 50, "{early:?} {late:?}");
}

#[test]
fn the_slowest_request_shows_why_it_was_slow() {
    let mut session = session("straggler=3");
    let frame = frame_at(&mut session, 20);
    let slowest = &frame.slowest[0];
    assert!(frame.slowest.windows(2).all(|pair| {
        pair[0].ended.0 - pair[0].started.0 >= pair[1].ended.0 - pair[1].started.0
    }));
    assert_eq!(slowest.outcome, "answered by 20 of 20");
    assert_eq!(slowest.spans.len(), 21);
    let last = slowest.spans[1..]
        .iter()
        .max_by_key(|span| span.ended)
        .unwrap();
    assert_eq!(last.node, "leaf 3 · replica a");
    assert_eq!(last.ended, Some(slowest.ended));
    let service = last
        .phases
        .iter()
        .find(|phase| phase.kind == PhaseKind::Service)
        .unwrap();
    let share =
        (service.ended.0 - service.started.0) as f64 / (slowest.ended.0 - slowest.started.0) as f64;
    assert!(share > 0.9, "{share}");
    assert!(!frame.sampled.is_empty());
}

#[test]
fn the_phases_of_a_span_join_and_fill_it() {
    let mut session = session("slots=1 arrival_rps=100");
    let frame = frame_at(&mut session, 10);
    for span in frame.slowest.iter().flat_map(|trace| &trace.spans[1..]) {
        assert_eq!(span.outcome, Outcome::Ok);
        let first = span.phases.first().unwrap();
        assert_eq!(first.started, span.started);
        assert_eq!(span.phases.last().map(|phase| phase.ended), span.ended);
        assert!(
            span.phases
                .windows(2)
                .all(|pair| pair[0].ended == pair[1].started)
        );
    }
}

#[test]
fn a_won_hedge_shows_beside_its_cancelled_rival() {
    let mut session = session("straggler=3 policy=hedge");
    let frame = frame_at(&mut session, 20);
    let spans: Vec<_> = frame
        .slowest
        .iter()
        .flat_map(|trace| &trace.spans)
        .collect();
    let won = spans
        .iter()
        .find(|span| span.outcome == Outcome::Won && span.note.contains("hedge"));
    let won = won.expect("among the slowest are hedged ones");
    assert!(won.note.starts_with("hedge at "), "{}", won.note);
    assert!(
        spans
            .iter()
            .any(|span| { span.outcome == Outcome::Cancelled && span.note.ends_with("cancelled") })
    );
}

#[test]
fn the_picture_shows_every_replica_and_what_is_on_the_way() {
    let mut session = session("network=const:5ms arrival_rps=500 replicas=3");
    let frame = frame_at(&mut session, 2);
    assert_eq!(frame.nodes.len(), 1 + 20 * 3);
    assert_eq!(frame.links.len(), 20 * 3);
    assert_eq!(
        (frame.nodes[0].name.as_str(), frame.nodes[3].name.as_str()),
        ("root", "leaf 1c")
    );
    assert!(!frame.flights.is_empty());
    for flight in &frame.flights {
        assert!((0.0..=1.0).contains(&flight.progress));
        assert!(
            (flight.from == 0) != (flight.to == 0),
            "all messages are the root's"
        );
    }
}

#[test]
fn a_picture_of_the_widest_cluster_is_cut_and_says_so() {
    let mut session = session("fan_out=2000 replicas=5 arrival_rps=1");
    let frame = frame_at(&mut session, 1);
    assert_eq!(frame.nodes.len(), 1 + 1000);
    assert_eq!(frame.nodes[0].badge, "+1800 leaves not drawn");
}

#[test]
fn the_figure_of_the_tail_reads_what_the_closed_form_says() {
    let tail = crate::guides("scatter-gather")
        .figure("tail-at-fan-out")
        .unwrap();
    let mut plan = plan(tail.seed, 60, "");
    plan.knobs = tail.knobs.clone();
    plan.warmup = secs(2);
    let frame = frame_at(&mut Session::start(plan), 120);
    let slow = tail.readouts[0].whole_run(&frame).unwrap();
    near(slow, 0.634, 0.025);
}

#[test]
fn a_point_of_a_percentiles_line_is_a_window_where_samples_are_many_and_longer_where_they_are_few()
{
    let mut session = session("");
    let frame = frame_at(&mut session, 20);
    // A thousand answers of leaves a second fill windows of 100 ms; fifty requests a second don't.
    for (metric, points) in [("leaf_latency_ms", 150..=200), ("latency_ms", 5..=15)] {
        let series = &frame.metric(metric).unwrap().series;
        let labels: Vec<&str> = series.iter().map(|line| line.label).collect();
        assert_eq!(labels, ["p50", "p95", "p99"]);
        for line in series {
            assert!(
                points.contains(&line.points.len()),
                "{metric}: {}",
                line.points.len()
            );
            assert!(line.points.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }
}

#[test]
fn a_line_does_not_depend_on_how_often_it_was_drawn() {
    let (mut watched, mut unwatched) = (session(""), session(""));
    for tenth in 1..=200 {
        watched.advance(SimTime::from_millis(100 * tenth), u64::MAX);
        watched.frame();
    }
    let (seen, unseen) = (watched.frame(), frame_at(&mut unwatched, 20));
    let lines = |frame: &Frame| frame.metric("latency_ms").unwrap().series.clone();
    assert_eq!(lines(&seen), lines(&unseen));
}
