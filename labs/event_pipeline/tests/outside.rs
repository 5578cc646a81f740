//! Requests of somebody with a real client.

use crate::event_pipeline::LAB;
use crate::trial::near;
use crate::workbench::outside::Why;
use crate::workbench::outside::probe::{act, ask, looking_changes_nothing, pass, replays, session};

#[test]
fn a_bid_is_counted_after_its_way_and_its_result_can_be_asked_for() {
    let quick = "event_delay=const:100ms stage_service=const:1ms enrich_service=const:2ms \
        arrival_rps=1 window=1s watermark_delay=0ms";
    let mut run = session(&LAB, quick);
    pass(&mut run, 2_000);
    let counted = ask(&mut run, "POST /bids?auction=7").unwrap().body;
    // To the log, through filter, enrich, split, aggregate.
    near(counted["took_ms"].as_f64().unwrap(), 105.0, 0.01);
    pass(&mut run, 30_000);
    let result = ask(&mut run, "GET /results?auction=7").unwrap().body;
    assert_eq!(result["auction"], 7);
    assert!(result["bids"].as_u64().unwrap() >= 1);
    assert!(replays(&run));
}

#[test]
fn to_look_shows_each_stage_and_changes_nothing() {
    looking_changes_nothing(&LAB, "", ("crash=enrich", 1_000), |run| {
        let stages = ask(run, "GET /stages").unwrap().body;
        let stages = stages["stages"].as_array().unwrap();
        assert_eq!(stages.len(), 6);
        assert_eq!(stages[1]["stage"], "enrich");
        assert_eq!(stages[1]["up"], false);
    });
}

#[test]
fn what_cannot_be_answered_says_why() {
    let mut run = session(&LAB, "partitions=1");
    assert_eq!(
        ask(&mut run, "POST /bids?auction=0").unwrap_err().why,
        Why::NotFound
    );
    assert_eq!(
        ask(&mut run, "GET /results?auction=9").unwrap_err().why,
        Why::NotFound
    );
    act(&mut run, "silence=1");
    assert_eq!(
        ask(&mut run, "POST /bids?auction=9").unwrap_err().why,
        Why::Failed
    );
}
