//! Requests of somebody with a real client.

use crate::sidecar::LAB;
use crate::trial::near;
use crate::workbench::outside::Why;
use crate::workbench::outside::probe::{act, ask, looking_changes_nothing, pass, replays, session};

#[test]
fn a_request_is_answered_by_the_application() {
    let mut run = session(&LAB, "service=const:10ms arrival_rps=1");
    let answered = ask(&mut run, "POST /bids").unwrap().body;
    assert_eq!(answered["lines"], 3);
    near(answered["took_ms"].as_f64().unwrap(), 10.0, 0.01);
    assert!(replays(&run));
}

#[test]
fn to_look_shows_each_container_and_changes_nothing() {
    looking_changes_nothing(&LAB, "", ("crash=shipper", 500), |run| {
        let pod = ask(run, "GET /pod").unwrap().body;
        let containers = pod["containers"].as_array().unwrap();
        let up: Vec<bool> = containers
            .iter()
            .map(|one| one["up"].as_bool().unwrap())
            .collect();
        assert_eq!(up, [true, false]);
    });
}

#[test]
fn a_request_that_nobody_answers_says_why() {
    let mut run = session(&LAB, "proxy=mtls arrival_rps=1");
    act(&mut run, "crash=proxy");
    assert_eq!(ask(&mut run, "POST /bids").unwrap_err().why, Why::Down);
    pass(&mut run, 4_000);
    act(&mut run, "service=const:1m");
    assert_eq!(ask(&mut run, "POST /bids").unwrap_err().why, Why::TimedOut);
}
