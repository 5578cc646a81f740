use super::{BACKENDS, NO_STALE_TOKEN, holds, on, plan, run};
use crate::election::{Election, LAB, table};
use crate::engine::SimTime;
use crate::trial::{frame_at, has_all_of, near, node, plan_of, shown, value};
use crate::workbench::frame::{Frame, LaneKind, LaneMark, NodeState};
use crate::workbench::headless::{self, RunError};
use crate::workbench::intervention::Intervention;
use crate::workbench::session::Session;

fn session(set: &str) -> Session {
    let mut plan = plan(1, 600, set);
    plan.warmup = SimTime::ZERO;
    Session::start(plan)
}

fn believers(frame: &Frame) -> f64 {
    shown(frame, "believers")
}

#[test]
fn the_table_has_every_name_that_scripts_use() {
    has_all_of(
        &LAB,
        "candidates backend lease renew_deadline retry_period fencing job_every job_takes \
         network clock_rate pause_every pause_for pause crash restart cut cut_storage heal \
         crash_store restart_store skew believers split_brain_ms_total ownerless_ms_total \
         failover_ms elections_total writes_total dual_writes_total fenced_writes_total \
         jobs_missed_total jobs_doubled_total renewals_failed_total",
    );
}

#[test]
fn left_alone_the_first_candidate_owns_and_every_job_is_done_once() {
    for backend in BACKENDS {
        let report = run(1, 60, &format!("backend={backend} job_takes=const:200ms"));
        for metric in [
            "elections_total",
            "ownerless_ms_total",
            "split_brain_ms_total",
            "jobs_missed_total",
            "jobs_doubled_total",
            "renewals_failed_total",
        ] {
            assert!(value(&report, metric) < 0.5, "{backend}: {metric}");
        }
        assert!(
            (value(&report, "writes_total") - 55.0).abs() < 1.5,
            "{backend}"
        );
        assert!(report.invariants.iter().all(|invariant| invariant.held));
    }
}

#[test]
fn the_timeline_shows_belief_beside_the_store_and_where_the_stale_write_lands_or_bounces() {
    for (fencing, expected) in [
        ("fencing=off", LaneMark::Slipped),
        ("fencing=on", LaneMark::Bounced),
    ] {
        let mut session = session(&format!("backend=k8s_lease {fencing}"));
        session.advance(SimTime::from_secs(20), u64::MAX);
        session.act("pause", Some("1:26s")).unwrap();
        let paused = frame_at(&mut session, 25);
        assert_eq!(node(&paused, "candidate 1").state, NodeState::Paused);
        let frame = frame_at(&mut session, 60);
        let lane = |name: &str| frame.lanes.iter().find(|lane| lane.name == name).unwrap();
        let labels: Vec<&str> = lane("store says")
            .spans
            .iter()
            .map(|span| span.label.as_str())
            .collect();
        assert_eq!(labels[0], "candidate 1, 33");
        assert!(labels[1].ends_with(", 34"));
        let stood_still = lane("candidate 1 believes")
            .spans
            .iter()
            .find(|span| span.kind == LaneKind::Paused);
        let stood_still = stood_still.unwrap();
        assert_eq!(stood_still.from, SimTime::from_secs(20));
        assert_eq!(stood_still.to, Some(SimTime::from_secs(46)));
        let stale = lane("storage")
            .events
            .iter()
            .find(|event| event.kind == expected)
            .unwrap();
        assert!(stale.label.starts_with("33 "));
        assert!((46.0..46.1).contains(&stale.at.as_secs_f64()));
        assert!(believers(&frame) < 1.5);
    }
}

#[test]
fn a_crashed_candidate_is_down_and_believes_nothing_until_it_is_restarted() {
    let mut session = session("");
    session.advance(SimTime::from_secs(10), u64::MAX);
    session.act("crash", Some("1")).unwrap();
    let down = frame_at(&mut session, 11);
    assert_eq!(node(&down, "candidate 1").state, NodeState::Down);
    assert!(believers(&down) < 0.5);
    session.act("restart", Some("1")).unwrap();
    let up = frame_at(&mut session, 60);
    assert_eq!(node(&up, "candidate 1").state, NodeState::Up);
    near(believers(&up), 1.0, 0.1);
    near(shown(&up, "elections_total"), 2.0, 0.5);
}

#[test]
fn a_cut_owner_stops_by_its_own_clock_before_its_lease_is_over_and_heal_lets_it_compete_again() {
    let mut session = session("candidates=1");
    session.advance(SimTime::from_secs(20), u64::MAX);
    session.act("cut", Some("1")).unwrap();
    let cut = frame_at(&mut session, 27);
    assert_eq!(node(&cut, "candidate 1").state, NodeState::Cut);
    assert!(
        (believers(&cut) - 1.0).abs() < 0.1,
        "8 to 10 s after the cut"
    );
    assert!(believers(&frame_at(&mut session, 31)) < 0.5);
    session.act("heal", Some("1")).unwrap();
    let healed = frame_at(&mut session, 50);
    near(believers(&healed), 1.0, 0.1);
    assert!(shown(&healed, "renewals_failed_total") > 0.5);
}

#[test]
fn an_owner_that_is_cut_off_from_the_storage_keeps_its_lease_and_misses_its_jobs() {
    let report = run(1, 60, "backend=etcd 20s:cut_storage=1");
    assert!(value(&report, "elections_total") < 0.5);
    assert!(value(&report, "ownerless_ms_total") < 0.5);
    assert!(value(&report, "jobs_missed_total") > 30.0);
    let healed = run(1, 60, "backend=etcd 20s:cut_storage=1 30s:heal=1");
    assert!(value(&healed, "jobs_missed_total") < 20.0);
    assert!(
        value(&healed, "writes_total") > 45.0,
        "what was missed is made up"
    );
}

#[test]
fn a_crashed_store_grants_nothing_and_its_owner_stops_in_time() {
    for backend in BACKENDS {
        let mut session = session(&on(backend));
        session.advance(SimTime::from_secs(20), u64::MAX);
        session.act("crash_store", None).unwrap();
        let down = frame_at(&mut session, 60);
        assert_eq!(node(&down, "lease store").state, NodeState::Down);
        assert!(believers(&down) < 0.5);
        session.act("restart_store", None).unwrap();
        let up = frame_at(&mut session, 100);
        assert!((believers(&up) - 1.0).abs() < 0.1, "{backend}");
    }
}

#[test]
fn skew_shows_on_the_candidate_and_pauses_come_by_knob() {
    let mut session = session("clock_rate=0.5 pause_every=const:10s pause_for=const:3s");
    let frame = frame_at(&mut session, 11);
    assert_eq!(node(&frame, "candidate 1").badge, "owner, 33, clock 0.5x");
    assert_eq!(node(&frame, "candidate 1").state, NodeState::Paused);
    let off = Intervention::parse("pause_every=off", &table::SPEC).unwrap();
    session.intervene(off).unwrap();
    session.act("skew", Some("1:1")).unwrap();
    let frame = frame_at(&mut session, 40);
    assert_eq!(node(&frame, "candidate 1").badge, "owner, 33");
    assert_eq!(node(&frame, "candidate 1").state, NodeState::Up);
}

#[test]
fn pauses_that_last_longer_come_at_the_same_moments() {
    let began = |span: &str| {
        let set = format!("pause_every=exp:20s {span} lease=1h renew_deadline=30m");
        let frame = frame_at(&mut session(&set), 300);
        let owner = &frame.lanes[1];
        let pauses = owner
            .spans
            .iter()
            .filter(|span| span.kind == LaneKind::Paused);
        pauses.map(|span| span.from).collect::<Vec<_>>()
    };
    let moments = began("pause_for=exp:10ms");
    assert!(moments.len() > 5);
    assert_eq!(moments, began("pause_for=exp:20ms"));
}

#[test]
fn pauses_last_as_long_after_one_that_met_no_owner() {
    let pauses = |dies: bool| {
        let set = "candidates=1 pause_every=const:10s pause_for=exp:100ms";
        let mut session = session(set);
        if dies {
            session.advance(SimTime::from_secs(15), u64::MAX);
            session.act("power_loss", Some("1")).unwrap();
            session.advance(SimTime::from_secs(25), u64::MAX);
            session.act("restart", Some("1")).unwrap();
        }
        let frame = frame_at(&mut session, 300);
        let spans = frame.lanes[1].spans.iter();
        let pauses = spans.filter(|span| span.kind == LaneKind::Paused);
        let late = pauses.filter(|span| span.from > SimTime::from_secs(60));
        late.map(|span| (span.from, span.to)).collect::<Vec<_>>()
    };
    let untroubled = pauses(false);
    assert!(untroubled.len() > 20, "{untroubled:?}");
    assert_eq!(untroubled, pauses(true));
}

#[test]
fn a_zookeeper_session_is_disconnected_before_it_is_known_to_have_expired() {
    let set = "backend=zookeeper stop_at=expired fencing=off";
    let mut session = session(set);
    session.advance(SimTime::from_secs(20), u64::MAX);
    session.act("cut", Some("1")).unwrap();
    let cut = frame_at(&mut session, 45);
    assert_eq!(node(&cut, "candidate 1").badge, "owner, 33, disconnected");
    assert!(
        (believers(&cut) - 2.0).abs() < 0.1,
        "the session is over, and it can't know"
    );
    session.act("heal", Some("1")).unwrap();
    let healed = frame_at(&mut session, 60);
    near(believers(&healed), 1.0, 0.1);
    assert!(!node(&healed, "candidate 1").badge.contains("owner"));
}

#[test]
fn a_keepalive_ends_no_session_whose_machine_answers() {
    let cases: [(&str, &str); 3] = [
        // Shorter than the time from one renewal to the next.
        ("keepalive=1s", ""),
        // The process stands still for three keepalives, to the millisecond.
        ("keepalive=10s", "20s:pause=1:30s"),
        // The process is busy for longer than a keepalive.
        (
            "keepalive=5s work_blocks=on job_takes=const:16s job_every=20s",
            "",
        ),
    ];
    for (set, at) in cases {
        let set = format!("backend=sql_lock {set}");
        for seed in 1..=3 {
            let mut session = Session::start(plan(seed, 90, &format!("{set} {at}")));
            let frame = frame_at(&mut session, 80);
            let says = frame.lanes.iter().find(|lane| lane.name == "store says");
            let spans = &says.expect("the first lane").spans;
            let labels: Vec<&str> = spans.iter().map(|span| span.label.as_str()).collect();
            assert_eq!(labels, ["candidate 1, 33"], "{set:?}");
        }
    }
}

#[test]
fn a_candidate_that_is_not_there_is_refused_with_the_last_one() {
    let error = headless::run(plan(1, 30, "10s:pause=7:1s")).unwrap_err();
    assert!(matches!(error, RunError::Refused { .. }));
    assert!(
        error.to_string().contains("the last candidate is 3"),
        "{error}"
    );
}

#[test]
fn a_fence_that_leaks_is_found_with_its_culprit() {
    static LEAKY: Election = Election { leaky: true };
    let plan = plan_of(&LEAKY, 1, 60, "backend=k8s_lease 20s:pause=1:26s");
    let report = headless::run(plan).unwrap();
    assert!(!holds(&report, NO_STALE_TOKEN));
    let broken = report.invariants.iter().find(|one| !one.held).unwrap();
    assert!(
        broken.detail.contains("token 33 accepted after 34"),
        "{}",
        broken.detail
    );
    assert_eq!(broken.first_broken_at.unwrap().as_secs_f64() as u64, 46);
}

#[test]
fn an_absurd_load_takes_a_bounded_room() {
    let set = "candidates=9 job_every=10ms job_takes=const:1s lease=100ms retry_period=10ms \
        pause_every=exp:50ms pause_for=exp:300ms crash_every=exp:500ms crash_for=exp:1s \
        store_stall_every=exp:100ms store_stall_for=exp:100ms";
    let mut session = session(set);
    let early = frame_at(&mut session, 30);
    let room = session.census().room;
    let late = frame_at(&mut session, 300);
    assert!(
        session.census().room < 2 * room + 200,
        "{room}, {}",
        session.census().room
    );
    assert!(shown(&late, "elections_total") > shown(&early, "elections_total"));
    assert!(
        late.lanes
            .iter()
            .all(|lane| lane.spans.len() <= 200 && lane.events.len() <= 600)
    );
}
