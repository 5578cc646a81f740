//! Keys read and written from outside.

use crate::sharded::LAB;
use crate::workbench::outside::Why;
use crate::workbench::outside::probe::{act, ask, pass, replays, session};

#[test]
fn what_was_written_is_read_again_from_the_shard_that_owns_the_key() {
    let mut run = session(&LAB, "read_ratio=1");
    let put = ask(&mut run, "PUT /keys/9000 hello%20world").unwrap().body;
    assert_eq!(put["written_to"], "origin");
    let owner = put["deleted_from"][0].clone();
    let first = ask(&mut run, "GET /keys/9000").unwrap().body;
    assert_eq!(first["value"], "hello world");
    assert_eq!(first["hit"], false, "the write has deleted it");
    assert_eq!(first["served_by"][0], owner);
    pass(&mut run, 100);
    let second = ask(&mut run, "GET /keys/9000").unwrap().body;
    assert_eq!(second["value"], "hello world");
    assert_eq!(second["hit"], true);
    assert_eq!(second["version"], put["version"]);
    assert!(replays(&run));
}

#[test]
fn a_write_of_the_workload_takes_the_place_of_a_text() {
    let mut run = session(&LAB, "read_ratio=0 keys=10 arrival_rps=500");
    ask(&mut run, "PUT /keys/1 mine").unwrap();
    pass(&mut run, 1_000);
    let body = ask(&mut run, "GET /keys/1").unwrap().body;
    assert!(body["value"].is_null(), "{body}");
    assert!(body["version"].as_u64().unwrap() > 50);
}

#[test]
fn a_front_cache_answers_without_a_shard() {
    let knobs = "mitigation=front_cache celebrity_key=1 celebrity_share=0.9";
    let mut run = session(&LAB, knobs);
    let served: Vec<String> = (0..5)
        .map(|_| ask(&mut run, "GET /keys/1").unwrap().body["served_by"][0].to_string())
        .collect();
    let front = served.iter().filter(|by| by.contains("front cache"));
    assert!(front.count() > 0, "{served:?}");
}

#[test]
fn keys_that_are_not_there_and_values_too_large_are_refused() {
    let mut run = session(&LAB, "");
    for key in ["0", "10001", "alice", "-1"] {
        let refused = ask(&mut run, &format!("GET /keys/{key}")).unwrap_err();
        assert_eq!(refused.why, Why::NotFound);
        assert!(refused.hint.contains("1 to 10000"), "{}", refused.hint);
    }
    let long = format!("PUT /keys/1 {}", "x".repeat(257));
    assert_eq!(ask(&mut run, &long).unwrap_err().why, Why::TooLarge);
    assert!(replays(&run));
}

#[test]
fn a_dead_shard_is_passed_by_and_the_origin_serves() {
    let mut run = session(&LAB, "shards=1");
    act(&mut run, "crash=1");
    let body = ask(&mut run, "GET /keys/1").unwrap().body;
    assert_eq!(body["hit"], false);
}
