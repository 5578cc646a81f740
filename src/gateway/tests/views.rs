//! What the gateway shows of the lab: metrics, the index, a frame, and frames as they come.

use super::*;
use crate::gateway::metrics::CONTENT_TYPE;

#[tokio::test]
async fn metrics_are_prometheus_s() {
    let served = Served::lab("work-queue");
    served.get("/").await;
    let response = served.ask(Method::GET, "/metrics").send().await.unwrap();
    assert_eq!(response.headers()["content-type"], CONTENT_TYPE);
    let text = response.text().await.unwrap();
    assert!(text.contains("ddlab_gateway_requests_total{lab=\"work-queue\",code=\"200\"} 1\n"));
    assert!(text.contains("# TYPE ddlab_sojourn_seconds histogram\n"));
    assert!(text.contains("ddlab_lab_up{lab=\"work-queue\"} 1\n"));
}

#[tokio::test]
async fn the_index_lists_what_every_request_can_be() {
    for lab in ddlab_labs::all() {
        let served = Served::of(*lab, 10.0, &[], Limits::default());
        let index = served.get("/").await;
        let endpoints = index["endpoints"].as_array().unwrap();
        assert_eq!(endpoints.len(), 7 + lab.spec().endpoints.len());
        assert!(!lab.spec().endpoints.is_empty(), "{}", lab.spec().id);
        for endpoint in endpoints.iter().filter(|of| of["method"] == "GET") {
            let example = endpoint["example"].as_str().unwrap();
            if example == "/frames" {
                continue;
            }
            let response = served.ask(Method::GET, example).send().await.unwrap();
            // An item must be put in before it can be asked for, and a window must end before it has a result.
            let waits = ["/items/1", "/results?auction=7"].contains(&example);
            let known = response.status() == 200 || waits;
            assert!(known, "{example}: {}", response.status());
        }
    }
}

#[tokio::test]
async fn a_frame_is_json_and_bounded() {
    let lab = ddlab_labs::find("scatter-gather").unwrap();
    let served = Served::of(
        lab,
        10.0,
        &["fan_out=2000", "arrival_rps=5"],
        Limits::default(),
    );
    let text = served
        .ask(Method::GET, "/frame")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(text.len() < 300_000, "{}", text.len());
    let frame: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(frame["lab"], "scatter-gather");
    assert_eq!(frame["knobs"]["fan_out"], 2000);
    assert_eq!(frame["nodes"][0]["state"], "up");
    assert!(frame["metrics"]["latency_ms"]["run"]["count"].is_u64());
}

/// The next event of a stream, as it was sent.
async fn event(response: &mut Response, held: &mut String) -> Option<String> {
    loop {
        if let Some((event, rest)) = held.split_once("\n\n") {
            let (event, rest) = (event.to_owned(), rest.to_owned());
            *held = rest;
            return Some(event);
        }
        let part = tokio::time::timeout(PATIENCE, response.chunk())
            .await
            .unwrap();
        held.push_str(std::str::from_utf8(&part.ok()??).unwrap());
    }
}

#[tokio::test]
async fn frames_come_as_events_until_the_server_stops() {
    let limits = Limits {
        streams: 1,
        ..Limits::default()
    };
    let served = Served::with("election", limits);
    let mut stream = served.ask(Method::GET, "/frames").send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let mut held = String::new();
    let mut before = -1.0;
    for _ in 0..3 {
        let event = event(&mut stream, &mut held).await.unwrap();
        let data = event.lines().find_map(|line| line.strip_prefix("data: "));
        let frame: Value = serde_json::from_str(data.unwrap()).unwrap();
        let at = frame["at_s"].as_f64().unwrap();
        assert!(event.contains("event: frame") && at > before);
        before = at;
    }
    let second = served.ask(Method::GET, "/frames");
    assert_eq!(refused(second, 503).await.0, "too_many_streams");
    served.gateway.begin_to_stop();
    while event(&mut stream, &mut held).await.is_some() {}
    served.news(|news| matches!(news, News::Ended { .. }));
}
