//! What the picture is drawn from.

use super::plan;
use crate::engine::SimTime;
use crate::trial::{frame_at, near};
use crate::workbench::frame::Frame;
use crate::workbench::scene::{BeltView, FRONT_MAX, Scene, WorkerStanding};
use crate::workbench::session::Session;
use WorkerStanding::{Down, Paused, Starting, Up};

fn session(set: &str) -> Session {
    Session::start(plan(5, 600, set))
}

fn belt(frame: &Frame) -> &BeltView {
    match &frame.scene {
        Scene::Belt(belt) => belt,
        other => panic!("the scene is {other:?}"),
    }
}

#[test]
fn as_the_lab_opens_the_load_is_more_than_its_workers() {
    let mut session = session("");
    let frame = frame_at(&mut session, 30);
    let belt = belt(&frame);
    assert_eq!(belt.workers.len(), 4);
    near(belt.work_for.unwrap(), 4.79, 0.01);
    assert!(belt.waiting > 20 && belt.oldest_s > 1.0);
    assert_eq!(belt.front.len(), belt.waiting);
    assert!(belt.workers.iter().all(|worker| worker.task.is_some()));
    assert!(belt.scaler.is_none());
}

#[test]
fn work_goes_on_from_its_beginning_to_its_end_and_outlives_a_short_lease() {
    let set = "arrivals=constant arrival_rps=1 workers=1 service=const:800ms \
        visibility_timeout=400ms max_receives=1";
    let mut session = session(set);
    let mut seen = Vec::new();
    for tenth in 10..19 {
        session.advance(SimTime(tenth * 100_000_000), u64::MAX);
        let frame = session.frame();
        let task = belt(&frame).workers[0].task;
        seen.extend(task.map(|task| (task.progress, task.lease_over)));
    }
    assert!(seen.len() >= 6, "{seen:?}");
    assert!(seen.is_sorted_by_key(|(progress, _)| *progress));
    for (progress, lease_over) in seen {
        assert_eq!(lease_over, progress > 0.5, "at {progress}");
    }
}

#[test]
fn a_paused_a_dead_and_a_starting_worker_stand_as_what_they_are() {
    let mut session = session("worker_start=60s");
    frame_at(&mut session, 5);
    session.act("pause", Some("1")).unwrap();
    session.act("crash", Some("2")).unwrap();
    session
        .intervene(
            crate::workbench::intervention::Intervention::parse("workers=5", session.spec())
                .unwrap(),
        )
        .unwrap();
    let frame = frame_at(&mut session, 6);
    let standing: Vec<_> = belt(&frame).workers.iter().map(|w| w.standing).collect();
    assert_eq!(standing, [Paused, Down, Up, Up, Starting]);
    assert!(belt(&frame).workers[1].task.is_none());
}

#[test]
fn what_came_back_is_counted_item_by_item_and_the_front_is_bounded() {
    let mut session = session("workers=1 service=const:10s visibility_timeout=1s");
    let frame = frame_at(&mut session, 5);
    let belt = belt(&frame);
    assert_eq!(belt.front[0], 1, "the item that came back is the next");
    assert!(belt.front[1..].iter().all(|received| *received == 0));
    session.act("burst", Some("100000")).unwrap();
    let frame = frame_at(&mut session, 6);
    assert_eq!(self::belt(&frame).front.len(), FRONT_MAX);
    assert!(self::belt(&frame).waiting > 100_000);
}

#[test]
fn the_autoscaler_says_what_it_wants_and_when_it_looks() {
    let mut session = session("autoscale=depth scale_poll=15s");
    session.act("burst", Some("500")).unwrap();
    let frame = frame_at(&mut session, 5);
    let scaler = belt(&frame).scaler.unwrap();
    assert_eq!((scaler.wanted, scaler.there), (20, 4));
    near(scaler.looks_in_s, 10.0, 0.1);
}
