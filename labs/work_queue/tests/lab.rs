use super::plan;
use crate::engine::SimTime;
use crate::trial::{
    broken_one, frame_at, has_all_of, last, near, node, plan_of, run_whole, says, shown, value,
};
use crate::work_queue::world::Tamper;
use crate::work_queue::{LAB, WorkQueueLab};
use crate::workbench::frame::{InvariantView, NodeState};
use crate::workbench::lab::Lab;
use crate::workbench::session::Session;
use crate::workbench::trace::PhaseKind;

fn session(set: &str) -> Session {
    Session::start(plan(1, 600, set))
}

#[test]
fn the_table_has_every_name_that_scripts_use() {
    has_all_of(
        &LAB,
        "arrival_rps arrivals service workers workers_max visibility_timeout max_receives \
         dead_letter poison_ratio worker_crash_ratio restart_after ack idempotency prefetch \
         retry_backoff autoscale scale_target scale_poll scale_cooldown worker_start burst \
         crash restart pause poison redrive stop_source queue_depth in_flight oldest_age_s \
         sojourn_ms wait_ms submitted_total done_total effects_total duplicate_effects_total \
         redelivered_total dead_lettered_total lost_total workers worker_utilization \
         worker_seconds_total",
    );
}

#[test]
fn the_scenarios_of_the_interview_practice_run() {
    for (set, at) in [
        (
            "workers=4 poison_ratio=0.002 dead_letter=on idempotency=key",
            "20s:burst=500 40s:crash=1",
        ),
        ("poison_ratio=0.005 dead_letter=off", "60s:stop_source"),
        (
            "worker_crash_ratio=0.05 visibility_timeout=1s ack=early",
            "",
        ),
        ("autoscale=age scale_target=10", "60s:burst=2000"),
    ] {
        let report = run_whole(plan(1, 90, &format!("{set} {at}")));
        assert!(value(&report, "done_total") > 100.0);
    }
    let dealer = "arrival_rps=5 service=exp:4s workers=60 workers_max=200 visibility_timeout=30s";
    let report = run_whole(plan(1, 660, &format!("{dealer} 60s:burst=48000")));
    // 15 items a second go out, 5 come in.
    let drained = 48_000.0 - last(&report, "queue_depth");
    near(drained / 600.0, 10.0, 0.5);
}

#[test]
fn burst_and_poison_put_so_many_items_at_once() {
    let mut session = session("workers=8 longest=5s");
    session.advance(SimTime::from_secs(5), u64::MAX);
    let before = shown(&session.frame(), "submitted_total");
    session.act("burst", Some("300")).unwrap();
    session.act("poison", Some("3")).unwrap();
    let frame = session.frame();
    near(shown(&frame, "submitted_total") - before, 303.0, 0.5);
    assert!(shown(&frame, "queue_depth") > 290.0);
    let later = frame_at(&mut session, 200);
    near(shown(&later, "dead_letters"), 3.0, 0.5);
    assert!(shown(&later, "queue_depth") < 100.0);
}

#[test]
fn redrive_brings_dead_letters_back_with_their_attempts_forgiven() {
    let mut session =
        session("workers=8 visibility_timeout=1s longest=1s service=const:100ms max_receives=2");
    session.act("poison", Some("2")).unwrap();
    let frame = frame_at(&mut session, 10);
    near(shown(&frame, "dead_letters"), 2.0, 0.5);
    session.act("redrive", None).unwrap();
    assert!(shown(&session.frame(), "dead_letters") < 0.5);
    let frame = frame_at(&mut session, 20);
    near(shown(&frame, "dead_letters"), 2.0, 0.5);
    near(shown(&frame, "dead_lettered_total"), 4.0, 0.5);
}

#[test]
fn a_crashed_worker_stays_down_and_its_item_comes_back_when_the_lease_is_over() {
    let mut session = session("workers=2 service=const:10s arrival_rps=0.1");
    session.act("burst", Some("2")).unwrap();
    session.advance(SimTime::from_secs(1), u64::MAX);
    session.act("crash", Some("1")).unwrap();
    let frame = frame_at(&mut session, 4);
    assert_eq!(node(&frame, "worker 1").state, NodeState::Down);
    assert!(shown(&frame, "redelivered_total") < 0.5);
    assert!(
        shown(&frame, "in_flight") > 1.5,
        "the queue can't know that it is dead"
    );
    session.act("restart", Some("1")).unwrap();
    let frame = frame_at(&mut session, 6);
    assert_eq!(node(&frame, "worker 1").state, NodeState::Up);
    assert!(shown(&frame, "redelivered_total") > 0.5);
    assert!(session.act("crash", Some("3")).is_err(), "there are two");
}

#[test]
fn a_pause_longer_than_the_lease_ends_in_a_refused_acknowledgement() {
    let mut session = session("workers=2 arrival_rps=2 service=const:500ms");
    session.act("burst", Some("2")).unwrap();
    session.advance(SimTime::from_millis(200), u64::MAX);
    session.act("pause", Some("1")).unwrap();
    let frame = frame_at(&mut session, 3);
    assert_eq!(node(&frame, "worker 1").state, NodeState::Paused);
    let frame = frame_at(&mut session, 15);
    assert_eq!(node(&frame, "worker 1").state, NodeState::Up);
    near(shown(&frame, "acks_refused_total"), 1.0, 0.5);
    near(shown(&frame, "duplicate_effects_total"), 1.0, 0.5);
}

#[test]
fn a_stopped_source_starts_again_when_its_rate_is_turned() {
    let mut session = session("workers=8");
    session.advance(SimTime::from_secs(5), u64::MAX);
    session.act("stop_source", None).unwrap();
    let stopped = shown(&frame_at(&mut session, 6), "submitted_total");
    let later = frame_at(&mut session, 60);
    near(shown(&later, "submitted_total"), stopped, 0.5);
    assert!(shown(&later, "queue_depth") + shown(&later, "in_flight") < 0.5);
    session
        .intervene(
            crate::workbench::intervention::Intervention::parse("arrival_rps=10", LAB.spec())
                .unwrap(),
        )
        .unwrap();
    let again = frame_at(&mut session, 70);
    assert!(shown(&again, "submitted_total") > stopped + 50.0);
}

#[test]
fn turning_the_workers_starts_new_ones_and_lets_old_ones_finish() {
    let mut session = session("workers=4 service=const:1s worker_start=3s");
    session.advance(SimTime::from_secs(10), u64::MAX);
    let set = |session: &mut Session, text| {
        let intervention =
            crate::workbench::intervention::Intervention::parse(text, LAB.spec()).unwrap();
        session.intervene(intervention).unwrap();
    };
    set(&mut session, "workers=6");
    near(shown(&frame_at(&mut session, 12), "workers"), 4.0, 0.5);
    near(shown(&frame_at(&mut session, 14), "workers"), 6.0, 0.5);
    set(&mut session, "workers=1");
    let frame = frame_at(&mut session, 16);
    near(shown(&frame, "workers"), 1.0, 0.5);
    assert!(
        shown(&frame, "duplicate_effects_total") < 0.5,
        "they finished what they had"
    );
    assert!(shown(&frame, "redelivered_total") < 0.5);
}

#[test]
fn workers_are_paid_for_by_the_second_from_their_start_on() {
    let report = run_whole(plan(1, 100, "workers=7"));
    near(value(&report, "worker_seconds_total"), 700.0, 1.5);
}

#[test]
fn the_slowest_items_show_where_they_waited_and_what_came_of_each_delivery() {
    let mut session = session("workers=8 worker_crash_ratio=0.05");
    let frame = frame_at(&mut session, 60);
    let slow = frame.slowest.first().unwrap();
    assert!(
        slow.spans.len() > 2,
        "it was delivered more than once: {slow:?}"
    );
    assert!(slow.spans[1].note.contains("died"), "{slow:?}");
    let kinds = slow
        .spans
        .last()
        .unwrap()
        .phases
        .iter()
        .map(|phase| phase.kind);
    assert!(kinds.into_iter().any(|kind| kind == PhaseKind::Service));
    assert!(!frame.sampled.is_empty());
}

/// The one invariant that a lab with this error breaks.
#[track_caller]
fn broken(tamper: Tamper, words: &str) -> InvariantView {
    let lab = Box::leak(Box::new(WorkQueueLab { tamper }));
    let broken = broken_one(plan_of(lab, 1, 60, words));
    assert!(broken.first_broken_at.is_some());
    broken
}

#[test]
fn a_queue_that_loses_items_no_longer_adds_up() {
    let broken = broken(Tamper::DropItems, "workers=8");
    assert!(broken.name.starts_with("submitted = done"));
    says(&broken, "50 submitted");
}

#[test]
fn a_worker_that_skips_the_effect_loses_its_item_and_is_found_out() {
    let broken = broken(Tamper::SkipEffects, "workers=8");
    assert!(broken.name.starts_with("with late ack"));
    says(&broken, "item 50 ");
}

#[test]
fn a_store_that_forgets_its_keys_is_found_out() {
    let set = "workers=10 visibility_timeout=200ms idempotency=key";
    let broken = broken(Tamper::ForgetKeys, set);
    assert!(broken.name.starts_with("with an idempotency key"));
    says(&broken, "2 effects");
}

#[test]
fn an_overload_turns_items_away_and_memory_stays_bounded() {
    let set = "arrival_rps=10000 workers=1 visibility_timeout=100ms dead_letter=off";
    let mut session = session(set);
    let frame = frame_at(&mut session, 22);
    assert!(shown(&frame, "refused_total") > 5_000.0);
    assert!(shown(&frame, "queue_depth") <= 200_000.0);
    assert!(session.census().room < 1_000, "{:?}", session.census());
}

#[test]
fn workers_that_die_and_return_for_long_leave_nothing_behind() {
    let set = "workers=50 arrival_rps=200 worker_crash_ratio=0.3 service=exp:20ms";
    let mut session = session(set);
    session.advance(SimTime::from_secs(60), u64::MAX);
    let room = session.census().room;
    session.advance(SimTime::from_secs(300), u64::MAX);
    assert!(
        session.census().room <= 2 * room,
        "{room}, {:?}",
        session.census()
    );
}
