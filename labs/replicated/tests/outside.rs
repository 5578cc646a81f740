//! Requests of somebody with a real client.

use crate::replicated::LAB;
use crate::trial::near;
use crate::workbench::outside::Why;
use crate::workbench::outside::probe::{act, ask, looking_changes_nothing, pass, replays, session};

#[test]
fn a_request_is_answered_by_a_replica_that_is_ready() {
    let mut run = session(&LAB, "service=const:10ms arrival_rps=1");
    let answered = ask(&mut run, "POST /bids").unwrap().body;
    assert!((1..=3).contains(&answered["replica"].as_u64().unwrap()));
    near(answered["took_ms"].as_f64().unwrap(), 10.0, 0.01);
    assert!(replays(&run));
}

#[test]
fn to_look_shows_each_replica_and_changes_nothing() {
    looking_changes_nothing(&LAB, "", ("crash=2", 1_000), |run| {
        let replicas = ask(run, "GET /replicas").unwrap().body;
        let ready: Vec<bool> = replicas["replicas"]
            .as_array()
            .unwrap()
            .iter()
            .map(|replica| replica["ready"].as_bool().unwrap())
            .collect();
        assert_eq!(ready, [true, false, true]);
    });
}

#[test]
fn a_request_that_nobody_can_take_says_why() {
    let knobs = "replicas=1 slots=1 shed=0 service=const:10s timeout=1s arrival_rps=100";
    let mut run = session(&LAB, knobs);
    pass(&mut run, 500);
    assert_eq!(ask(&mut run, "POST /bids").unwrap_err().why, Why::Shed);
    act(&mut run, "shed=off");
    assert_eq!(ask(&mut run, "POST /bids").unwrap_err().why, Why::TimedOut);
    act(&mut run, "crash=1");
    pass(&mut run, 3_000);
    assert_eq!(ask(&mut run, "POST /bids").unwrap_err().why, Why::Down);
}
