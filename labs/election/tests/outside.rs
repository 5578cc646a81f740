//! The owner asked for from outside, and candidates made to try.

use super::BACKENDS;
use crate::election::LAB;
use crate::workbench::outside::Why;
use crate::workbench::outside::probe::{act, ask, pass, replays, send, session};

#[test]
fn the_owner_is_shown_with_token_and_expiry() {
    let mut run = session(&LAB, "backend=etcd");
    let owner = ask(&mut run, "GET /owner").unwrap().body;
    assert_eq!(owner["holder"], 1);
    assert_eq!(owner["token"], 33);
    let left = owner["expires_in_s"].as_f64().unwrap();
    assert!(left > 5.0 && left <= 15.5, "{left}");
    assert_eq!(owner["believers"][0]["candidate"], 1);
    assert_eq!(owner["split_brain"], false);
}

#[test]
fn while_somebody_holds_it_a_candidate_does_not_get_it() {
    for backend in BACKENDS {
        let knob = format!("backend={backend}");
        let mut run = session(&LAB, &knob);
        let refused = ask(&mut run, "POST /acquire?candidate=2").unwrap_err();
        assert_eq!(refused.why, Why::Conflict, "{backend}");
        assert!(
            refused.message.contains("candidate 1 holds it"),
            "{}",
            refused.message
        );
        let own = ask(&mut run, "POST /acquire?candidate=1").unwrap().body;
        assert_eq!(own["owns"], true, "{backend}");
        assert!(replays(&run), "{backend}");
    }
}

#[test]
fn a_free_lease_goes_to_the_candidate_that_is_made_to_try() {
    // It would ask again only after ten seconds or more.
    let mut run = session(
        &LAB,
        "backend=redis_ttl lease=60s renew_deadline=40s retry_period=8s",
    );
    act(&mut run, "crash=1");
    act(&mut run, "crash_store");
    act(&mut run, "restart_store");
    let got = ask(&mut run, "POST /acquire?candidate=3").unwrap().body;
    assert_eq!(got["candidate"], 3);
    assert!(got["took_ms"].as_f64().unwrap() < 1_000.0, "{got}");
    pass(&mut run, 100);
    assert_eq!(ask(&mut run, "GET /owner").unwrap().body["holder"], 3);
    assert!(replays(&run));
}

#[test]
fn several_who_wait_for_one_candidate_hear_the_same_and_replay_the_same() {
    let mut run = session(&LAB, "");
    let mut answers: Vec<_> = (0..5)
        .map(|_| send(&mut run, "POST /acquire?candidate=2"))
        .collect();
    pass(&mut run, 5_000);
    for answer in &mut answers {
        let refused = answer.try_recv().unwrap().unwrap_err();
        assert_eq!(refused.why, Why::Conflict);
    }
    assert!(replays(&run));
}

#[test]
fn who_is_down_or_not_there_or_cut_off_is_said_to_be() {
    let mut run = session(&LAB, "");
    act(&mut run, "crash=2");
    let refused = ask(&mut run, "POST /acquire?candidate=2").unwrap_err();
    assert_eq!(refused.why, Why::Down);
    assert!(refused.hint.contains("/actions/restart"));
    assert_eq!(
        ask(&mut run, "POST /acquire?candidate=9").unwrap_err().why,
        Why::NotFound
    );
    // Without a name it is the first that does not own and is up.
    let refused = ask(&mut run, "POST /acquire").unwrap_err();
    assert!(
        refused.message.contains("candidate 3"),
        "{}",
        refused.message
    );
    act(&mut run, "crash=1");
    act(&mut run, "crash=3");
    assert_eq!(ask(&mut run, "POST /acquire").unwrap_err().why, Why::Down);
}
