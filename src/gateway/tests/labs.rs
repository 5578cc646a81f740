//! What each lab answers, and that a run that was served can be replayed.

use super::*;
use ddlab_labs::workbench::headless;
use ddlab_labs::workbench::replay::Replay;

#[tokio::test]
async fn a_search_travels_through_the_lab() {
    let served = Served::lab("scatter-gather");
    let answer = served.get("/search?q=oak+chair").await;
    assert_eq!(answer["query"], "oak chair");
    assert_eq!(answer["complete"], true);
    assert_eq!(answer["hits"].as_array().unwrap().len(), 10);
    assert!(answer["took_ms"].as_f64().unwrap() > 1.0);
    assert!(answer["at_s"].as_f64().unwrap() > 0.0);
    let News::Answered { total, line } = served.news(|_| true) else {
        panic!("the first news is the answer")
    };
    assert_eq!((total, line.as_str()), (1, "GET /search?q=oak+chair 200"));
}

#[tokio::test]
async fn keys_are_written_and_read() {
    let served = Served::lab("sharded");
    let put = served.ask(Method::PUT, "/keys/9000").body("hello");
    assert_eq!(ok(put).await["written_to"], "origin");
    let answer = served.get("/keys/9000").await;
    assert_eq!(answer["value"], "hello");
    assert!(
        answer["served_by"][0]
            .as_str()
            .unwrap()
            .starts_with("shard")
    );
    let json = served.ask(Method::PUT, "/keys/9000");
    ok(json.json(&serde_json::json!({"value": 42}))).await;
    assert_eq!(served.get("/keys/9000").await["value"], "42");
}

#[tokio::test]
async fn an_item_is_put_in_and_followed_to_its_end() {
    let served = Served::lab("work-queue");
    let response = served.ask(Method::POST, "/items").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    let answer: Value = response.json().await.unwrap();
    let path = answer["see"].as_str().unwrap().to_owned();
    let done = async {
        while served.get(&path).await["state"] != "done" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, done).await.unwrap();
}

#[tokio::test]
async fn the_owner_is_shown_and_a_candidate_made_to_try() {
    let lab = ddlab_labs::find("election").unwrap();
    let served = Served::of(lab, 10.0, &["backend=etcd"], Limits::default());
    let owner = async {
        loop {
            let owner = served.get("/owner").await;
            if !owner["holder"].is_null() {
                return owner;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let owner = tokio::time::timeout(PATIENCE, owner).await.unwrap();
    assert_eq!(
        (&owner["holder"], &owner["token"]),
        (&Value::from(1), &Value::from(33))
    );
    let (code, text) = refused(served.ask(Method::POST, "/acquire?candidate=2"), 409).await;
    assert_eq!(code, "conflict");
    assert!(text.contains("candidate 1 holds it"), "{text}");
}

#[tokio::test]
async fn a_run_that_was_served_replays_to_the_same_digest() {
    for (lab, method, path) in [
        ("scatter-gather", Method::GET, "/search?q=rare+map"),
        ("sharded", Method::PUT, "/keys/3"),
        ("work-queue", Method::POST, "/items"),
        ("election", Method::POST, "/acquire"),
    ] {
        let served = Served::lab(lab);
        let asked = (0..8).map(|_| served.ask(method.clone(), path).body("x").send());
        futures::future::join_all(asked).await;
        served.run().send(Command::Pause);
        served
            .until(|served| !served.run().frame().pace.playing)
            .await;
        let record = served.run().record().unwrap();
        assert_eq!(record.plan.script.len(), 8, "{lab}");
        let again = ddlab_labs::workbench::plan::Record::parse(
            &record.to_text(),
            ddlab_labs::find_or_nearest,
        );
        let digest = record.digests[0].1;
        let replayed = headless::replay(&again.unwrap());
        assert_eq!(replayed, Ok(Replay::Same { digest }), "{lab}");
        assert!(served.run().frame().interventions.is_empty());
    }
}
