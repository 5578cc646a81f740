//! Calls of somebody with a real client.

use crate::faas::LAB;
use crate::workbench::outside::Why;
use crate::workbench::outside::probe::{act, ask, pass, replays, session};

#[test]
fn the_first_call_is_cold_the_second_warm_and_both_are_on_the_bill() {
    let knobs = "arrival_rps=0.0001 duration=const:100ms cold_start=const:1s";
    let mut run = session(&LAB, knobs);
    let first = ask(&mut run, "POST /invoke").unwrap().body;
    assert_eq!(
        (first["start"].as_str(), first["took_ms"].as_f64()),
        (Some("cold"), Some(1_100.0))
    );
    let second = ask(&mut run, "POST /invoke").unwrap().body;
    assert_eq!(
        (second["start"].as_str(), second["ran_ms"].as_f64()),
        (Some("warm"), Some(100.0))
    );
    pass(&mut run, 2_000);
    let bill = ask(&mut run, "GET /bill").unwrap().body;
    // 600 ms of initialising and twice 100 ms.
    assert_eq!(bill["billed_ms"], 800);
    assert!(bill["faas_usd_month"].as_f64().unwrap() > 0.0);
    assert!(replays(&run));
}

#[test]
fn a_call_over_the_limit_is_shed_and_one_that_fails_says_why() {
    let mut run = session(
        &LAB,
        "arrival_rps=1000 duration=const:10s concurrency_limit=1",
    );
    pass(&mut run, 1_000);
    let refused = ask(&mut run, "POST /invoke").unwrap_err();
    assert_eq!(refused.why, Why::Shed);
    assert!(refused.hint.contains("concurrency_limit"));
    act(&mut run, "error_ratio=1");
    act(&mut run, "concurrency_limit=10000");
    let failed = ask(&mut run, "POST /invoke").unwrap_err();
    assert_eq!(failed.why, Why::Failed);
    assert!(replays(&run));
}
