//! Items put in from outside.

use crate::work_queue::LAB;
use crate::workbench::outside::Why;
use crate::workbench::outside::probe::{act, ask, pass, replays, session};

#[test]
fn an_item_is_queued_worked_on_and_done() {
    let mut run = session(&LAB, "service=const:200ms arrival_rps=1");
    let answer = ask(&mut run, "POST /items").unwrap();
    assert_eq!(answer.body["state"], "queued");
    assert_eq!(answer.body["id"], 1);
    let state = |run: &mut _| ask(run, "GET /items/1").unwrap().body;
    pass(&mut run, 50);
    assert_eq!(state(&mut run)["state"], "in flight");
    pass(&mut run, 1_000);
    let done = state(&mut run);
    assert_eq!(
        (done["state"].as_str(), done["effects"].as_u64()),
        (Some("done"), Some(1))
    );
    assert_eq!(done["deliveries"][0]["end"], "done");
    assert!(replays(&run));
}

#[test]
fn an_item_that_nobody_can_take_waits_and_one_that_fails_too_often_is_a_dead_letter() {
    let knobs = "arrival_rps=1 max_receives=2 visibility_timeout=1s longest=1s poison_ratio=1";
    let mut run = session(&LAB, knobs);
    ask(&mut run, "POST /items").unwrap();
    pass(&mut run, 20_000);
    let state = |run: &mut _| ask(run, "GET /items/1").unwrap().body["state"].clone();
    assert_eq!(state(&mut run), "dead-lettered");
    act(&mut run, "redrive");
    assert_ne!(state(&mut run), "dead-lettered");
    assert!(replays(&run));
}

#[test]
fn to_look_is_not_part_of_the_run() {
    let (mut looked, mut alone) = (session(&LAB, ""), session(&LAB, ""));
    for run in [&mut looked, &mut alone] {
        ask(run, "POST /items").unwrap();
    }
    for _ in 0..10 {
        ask(&mut looked, "GET /items/1").unwrap();
        pass(&mut looked, 50);
        pass(&mut alone, 50);
    }
    assert_eq!(looked.digest(), alone.digest());
    assert_eq!(looked.plan().script.len(), 1);
}

#[test]
fn items_that_are_not_known_are_said_to_be_unknown() {
    let mut run = session(&LAB, "");
    let refused = ask(&mut run, "GET /items/1").unwrap_err();
    assert_eq!(refused.why, Why::NotFound);
    assert!(refused.hint.contains("POST /items"));
    ask(&mut run, "POST /items").unwrap();
    let refused = ask(&mut run, "GET /items/nine").unwrap_err();
    assert!(refused.hint.contains("items 1 to 1"), "{}", refused.hint);
}
