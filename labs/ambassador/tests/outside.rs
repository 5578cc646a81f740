//! Requests of somebody with a real client.

use crate::ambassador::LAB;
use crate::trial::near;
use crate::workbench::outside::Why;
use crate::workbench::outside::probe::{act, ask, looking_changes_nothing, pass, replays, session};

#[test]
fn a_request_is_answered_by_an_instance_over_the_hop_and_the_network() {
    let mut run = session(&LAB, "service=const:10ms arrival_rps=1");
    pass(&mut run, 2_000);
    let answered = ask(&mut run, "POST /score").unwrap().body;
    assert_eq!(answered["calls"], 1);
    near(answered["took_ms"].as_f64().unwrap(), 10.8, 0.01);
    assert!(replays(&run));
}

#[test]
fn to_look_shows_each_instance_and_changes_nothing() {
    looking_changes_nothing(&LAB, "", ("crash=2", 1_000), |run| {
        let instances = ask(run, "GET /instances").unwrap().body;
        let instances = instances["instances"].as_array().unwrap();
        let up: Vec<bool> = instances
            .iter()
            .map(|one| one["up"].as_bool().unwrap())
            .collect();
        assert_eq!(up, [true, false, true]);
        assert_eq!(instances[0]["breaker"], "closed");
    });
}

#[test]
fn a_request_that_nobody_answers_says_why() {
    let mut run = session(&LAB, "arrival_rps=1 attempts=1 rate_burst=1");
    pass(&mut run, 1_000);
    act(&mut run, "stall=1");
    assert_eq!(ask(&mut run, "POST /score").unwrap_err().why, Why::TimedOut);
    pass(&mut run, 2_000);
    act(&mut run, "revoke_credentials");
    assert_eq!(ask(&mut run, "POST /score").unwrap_err().why, Why::Failed);
    act(&mut run, "rate_limit=0.1");
    assert_eq!(ask(&mut run, "POST /score").unwrap_err().why, Why::Failed);
    assert_eq!(ask(&mut run, "POST /score").unwrap_err().why, Why::Shed);
}
