//! A gateway over a running lab, asked by a real client. Waits are for conditions.

use super::metrics::CONTENT_TYPE;
use super::*;
use ddlab_labs::engine::Sim;
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::headless::{self, Replay};
use ddlab_labs::workbench::instruments::Instruments;
use ddlab_labs::workbench::knob::{KnobSettings, KnobSpec, KnobValue};
use ddlab_labs::workbench::lab::{Lab, LabSpec, RunningLab};
use ddlab_labs::workbench::outside::{Outside, Reply};
use ddlab_labs::workbench::run::{Command, RunHandle, RunOptions};
use ddlab_labs::workbench::{action, plan::RunPlan};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

/// Only a test that would hang comes to this.
const PATIENCE: Duration = Duration::from_mins(1);

struct Served {
    run: Option<RunHandle>,
    gateway: Gateway,
    client: reqwest::Client,
    news: Mutex<Receiver<News>>,
}

impl Served {
    fn of(lab: &'static dyn Lab, speed: f64, knobs: &[&str], limits: Limits) -> Self {
        let mut options = RunOptions::new(lab, 7).at_speed(speed);
        for knob in knobs {
            options.plan.knobs.set_text(knob).unwrap();
        }
        let run = RunHandle::start(options, Box::new(|| ())).unwrap();
        let (tell, news) = channel();
        let tell = Mutex::new(tell);
        let on_news = Box::new(move |news| {
            // The test may have ended.
            let _ = tell.lock().unwrap().send(news);
        });
        let gateway = Gateway::start(run.door(), 0, limits, on_news).unwrap();
        Self {
            run: Some(run),
            gateway,
            client: reqwest::Client::new(),
            news: Mutex::new(news),
        }
    }

    fn lab(id: &str) -> Self {
        Self::with(id, Limits::default())
    }

    fn with(id: &str, limits: Limits) -> Self {
        Self::of(ddlab_labs::find(id).unwrap(), 10.0, &[], limits)
    }

    fn run(&self) -> &RunHandle {
        self.run.as_ref().unwrap()
    }

    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.gateway.url());
        self.client.request(method, url)
    }

    async fn get(&self, path: &str) -> Value {
        ok(self.ask(Method::GET, path)).await
    }

    /// Waits until this is so.
    async fn until(&self, so: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !so(self) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap();
    }

    /// Waits until so many requests have gone into the lab.
    async fn in_the_lab(&self, requests: usize) {
        self.until(|served| served.run().record().plan.script.len() >= requests)
            .await;
    }

    fn news(&self, wanted: impl Fn(&News) -> bool) -> News {
        let news = self.news.lock().unwrap();
        loop {
            let next = news.recv_timeout(PATIENCE).unwrap();
            if wanted(&next) {
                return next;
            }
        }
    }

    /// A connection without any client's manners.
    fn raw(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.gateway.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    }
}

async fn ok(request: RequestBuilder) -> Value {
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    assert!(status.is_success(), "{status}: {text}");
    serde_json::from_str(&text).unwrap()
}

/// The error that a response is: its code, with message and hint in one text.
async fn error(response: Response) -> (String, String) {
    let json: Value = response.json().await.unwrap();
    let text = |name: &str| json["error"][name].as_str().unwrap().to_owned();
    (
        text("code"),
        format!("{}; {}", text("message"), text("hint")),
    )
}

async fn refused(request: RequestBuilder, status: u16) -> (String, String) {
    let response = request.send().await.unwrap();
    assert_eq!(
        response.status().as_u16(),
        status,
        "{:?}",
        response.text().await
    );
    error(response).await
}

/// All that comes until the other side ends it.
fn rest_of(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset),
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_search_travels_through_the_lab() {
    let served = Served::lab("scatter-gather");
    let told = served.get("/search?q=oak+chair").await;
    assert_eq!(told["query"], "oak chair");
    assert_eq!(told["complete"], true);
    assert_eq!(told["hits"].as_array().unwrap().len(), 10);
    assert!(told["took_ms"].as_f64().unwrap() > 1.0);
    assert!(told["at_s"].as_f64().unwrap() > 0.0);
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
    let told = served.get("/keys/9000").await;
    assert_eq!(told["value"], "hello");
    assert!(told["served_by"][0].as_str().unwrap().starts_with("shard"));
    let json = served.ask(Method::PUT, "/keys/9000");
    ok(json.json(&serde_json::json!({"value": 42}))).await;
    assert_eq!(served.get("/keys/9000").await["value"], "42");
}

#[tokio::test]
async fn an_item_is_put_in_and_followed_to_its_end() {
    let served = Served::lab("work-queue");
    let response = served.ask(Method::POST, "/items").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    let told: Value = response.json().await.unwrap();
    let path = told["see"].as_str().unwrap().to_owned();
    let done = async {
        while served.get(&path).await["state"] != "done" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, done).await.unwrap();
}

#[tokio::test]
async fn the_owner_is_told_and_a_candidate_made_to_try() {
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
        let record = served.run().record();
        assert_eq!(record.plan.script.len(), 8, "{lab}");
        let again = ddlab_labs::workbench::plan::Record::parse(
            &record.to_text(),
            ddlab_labs::find_or_nearest,
        );
        let digest = record.digests[0].1;
        let replayed = headless::replay(&again.unwrap());
        assert_eq!(replayed, Ok(Replay::Same { digest }), "{lab}");
        assert!(served.run().frame().marks.is_empty());
    }
}

#[tokio::test]
async fn knobs_are_listed_and_turned_and_whoever_watches_is_told() {
    let served = Served::lab("scatter-gather");
    let put = |name: &str, body: &str| {
        let path = format!("/knobs/{name}");
        served.ask(Method::PUT, &path).body(body.to_owned())
    };
    let turned = ok(put("policy", "hedge")).await;
    assert_eq!(
        (&turned["value"], &turned["restarted"]),
        (&"hedge".into(), &false.into())
    );
    assert_eq!(
        served.news(|news| matches!(news, News::Turned { .. })),
        News::Turned {
            knob: "policy",
            value: KnobValue::Word("hedge".into())
        }
    );
    served
        .until(|served| served.run().frame().marks.len() == 1)
        .await;
    let listed = served.get("/knobs").await;
    let policy = listed["knobs"].as_array().unwrap().iter();
    let policy = policy
        .clone()
        .find(|knob| knob["name"] == "policy")
        .unwrap();
    assert_eq!(policy["value"], "hedge");
    let afresh = ok(put("fan_out", "5")).await;
    assert_eq!(afresh["restarted"], true);
    assert_eq!(served.get("/search?q=oak").await["leaves_asked"], 5);
    let (_, text) = refused(put("hedge_budgt", "0.1"), 404).await;
    assert!(text.contains("did you mean `hedge_budget`?"), "{text}");
    let (_, text) = refused(put("policy", "hope"), 400).await;
    assert!(text.contains("wait_all"), "{text}");
    let (_, text) = refused(put("policy", ""), 400).await;
    assert!(text.contains("empty"), "{text}");
}

#[tokio::test]
async fn actions_are_done_or_refused_with_the_lab_s_own_reason() {
    let served = Served::lab("scatter-gather");
    let post = |name: &str, argument: Value| {
        let path = format!("/actions/{name}");
        let body = serde_json::json!({"argument": argument});
        served.ask(Method::POST, &path).json(&body)
    };
    assert_eq!(ok(post("slow", 3.into())).await["done"], "slow=3");
    assert_eq!(ok(post("burst", Value::Null)).await["done"], "burst=500");
    assert_eq!(
        ok(served.ask(Method::POST, "/actions/burst")).await["done"],
        "burst=500"
    );
    let (_, text) = refused(post("slow", 99.into()), 400).await;
    assert!(text.contains("the last leaf is 20"), "{text}");
    let (_, text) = refused(post("slow", Value::Null), 400).await;
    assert!(text.contains("which node"), "{text}");
    let (_, text) = refused(post("slwo", 3.into()), 404).await;
    assert!(text.contains("did you mean `slow`?"), "{text}");
}

#[tokio::test]
async fn every_error_is_json_and_says_what_to_do() {
    let served = Served::lab("sharded");
    let (code, text) = refused(served.ask(Method::GET, "/key/1"), 404).await;
    assert_eq!(code, "not_found");
    assert!(text.contains("did you mean `/keys/{key}`?"), "{text}");
    let response = served.ask(Method::DELETE, "/keys/1").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()["allow"], "GET, PUT, HEAD");
    assert_eq!(error(response).await.0, "method_not_allowed");
    let big = served.ask(Method::PUT, "/keys/1").body(vec![b'x'; 70_000]);
    assert_eq!(refused(big, 413).await.0, "too_large");
    let long = served.ask(Method::PUT, "/keys/1").body(vec![b'x'; 300]);
    assert_eq!(refused(long, 413).await.0, "too_large");
    let xml = served
        .ask(Method::PUT, "/keys/1")
        .header("content-type", "text/xml");
    assert_eq!(
        refused(xml.body("<x/>"), 415).await.0,
        "unsupported_media_type"
    );
    let half = served
        .ask(Method::PUT, "/keys/1")
        .header("content-type", "application/json");
    assert_eq!(
        refused(half.body("{\"value\":"), 400).await.0,
        "bad_request"
    );
    let bytes = served.ask(Method::PUT, "/keys/1").body(vec![0xff, 0xfe]);
    assert_eq!(refused(bytes, 400).await.0, "bad_request");
    let nothing = served.ask(Method::PUT, "/keys/1");
    let (_, text) = refused(nothing, 400).await;
    assert!(text.contains("a body"), "{text}");
    let (_, text) = refused(served.ask(Method::GET, "/keys/nobody%1b%5b31m"), 404).await;
    assert!(
        !text.contains('\x1b') && text.contains("numbered from 1"),
        "{text}"
    );
    let searching = Served::lab("scatter-gather");
    let (_, text) = refused(searching.ask(Method::GET, "/search"), 400).await;
    assert!(text.contains("needs its `q`"), "{text}");
}

#[tokio::test]
async fn web_pages_are_not_answered() {
    let served = Served::lab("election");
    let page = served
        .ask(Method::POST, "/acquire")
        .header("origin", "https://evil.example");
    assert_eq!(refused(page, 403).await.0, "forbidden");
    let rebound = served
        .ask(Method::GET, "/frame")
        .header("host", "evil.example");
    assert_eq!(refused(rebound, 403).await.0, "forbidden");
    let response = served.ask(Method::GET, "/owner").send().await.unwrap();
    assert!(
        !response
            .headers()
            .contains_key("access-control-allow-origin")
    );
}

#[tokio::test]
async fn too_many_requests_are_told_when_to_come_again() {
    let served = Served::with(
        "election",
        Limits {
            rate: 0.01,
            burst: 2.0,
            ..Limits::default()
        },
    );
    served.get("/owner").await;
    served.get("/owner").await;
    let response = served.ask(Method::GET, "/owner").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    let after: u64 = response.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((90..=100).contains(&after), "{after}");
    assert_eq!(error(response).await.0, "too_many_requests");
}

#[tokio::test]
async fn a_client_that_stalls_is_cut_off_and_holds_nobody_up() {
    let served = Served::with(
        "election",
        Limits {
            head: Duration::from_millis(300),
            body: Duration::from_millis(50),
            ..Limits::default()
        },
    );
    let half = served.raw("GET /owner HTT");
    served.get("/owner").await;
    let silent = served.raw("");
    let told = tokio::task::spawn_blocking(move || [rest_of(half), rest_of(silent)]);
    assert!(
        told.await
            .unwrap()
            .iter()
            .all(|text| !text.contains("200 OK"))
    );
    let head = "PUT /knobs/fencing HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\n";
    let slow = served.raw(head);
    let told = tokio::task::spawn_blocking(move || rest_of(slow));
    let told = told.await.unwrap();
    assert!(told.starts_with("HTTP/1.1 408"), "{told}");
    assert!(told.contains("body_too_slow"), "{told}");
}

#[tokio::test]
async fn one_connection_too_many_is_told_so() {
    let served = Served::with(
        "election",
        Limits {
            connections: 1,
            ..Limits::default()
        },
    );
    // Its slot is taken once it has been answered.
    let mut first = served.raw("GET /owner HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let mut byte = [0];
    first.read_exact(&mut byte).unwrap();
    let second = served.raw("GET /owner HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let told = tokio::task::spawn_blocking(move || rest_of(second))
        .await
        .unwrap();
    assert!(told.starts_with("HTTP/1.1 503"), "{told}");
    assert!(told.contains("too_many_connections"), "{told}");
    drop(first);
    let free = async {
        while served
            .ask(Method::GET, "/owner")
            .send()
            .await
            .unwrap()
            .status()
            != 200
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, free).await.unwrap();
}

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
            // An item must be put in before it can be asked for.
            let known = response.status() == 200 || example == "/items/1";
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

#[tokio::test]
async fn what_is_in_flight_is_answered_at_the_end() {
    // At this speed a search takes half a second of ours.
    let lab = ddlab_labs::find("scatter-gather").unwrap();
    let served = Served::of(lab, 0.05, &[], Limits::default());
    let asked = tokio::spawn(served.ask(Method::GET, "/search?q=oak").send());
    served.in_the_lab(1).await;
    served.gateway.begin_to_stop();
    let response = asked.await.unwrap().unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.json::<Value>().await.unwrap()["complete"], true);
    let ended = served.news(|news| matches!(news, News::Ended { .. }));
    assert_eq!(ended, News::Ended { total: 1 });
    assert!(
        served.ask(Method::GET, "/").send().await.is_err(),
        "nobody listens any more"
    );
}

#[tokio::test]
async fn a_lab_that_stands_still_does_not_hold_up_the_end() {
    let served = Served::lab("scatter-gather");
    served.run().send(Command::Pause);
    served
        .until(|served| !served.run().frame().pace.playing)
        .await;
    let asked = tokio::spawn(served.ask(Method::GET, "/search?q=oak").send());
    served.in_the_lab(1).await;
    served.gateway.begin_to_stop();
    let response = asked.await.unwrap().unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(error(response).await.0, "stopping");
}

#[tokio::test]
async fn a_request_that_nobody_answers_in_time_says_that_the_lab_stands_still() {
    let limits = Limits {
        request: Duration::from_millis(200),
        ..Limits::default()
    };
    let served = Served::with("scatter-gather", limits);
    served.run().send(Command::Pause);
    served
        .until(|served| !served.run().frame().pace.playing)
        .await;
    let (code, text) = refused(served.ask(Method::GET, "/search?q=oak"), 504).await;
    assert_eq!(code, "timed_out");
    assert!(text.contains("stands still"), "{text}");
}

#[tokio::test]
async fn requests_of_a_run_that_begins_again_or_ends_are_answered_so() {
    let mut served = Served::lab("scatter-gather");
    served.run().send(Command::Pause);
    let asked = tokio::spawn(served.ask(Method::GET, "/search?q=oak").send());
    served.in_the_lab(1).await;
    served.run().send(Command::Reset);
    let response = asked.await.unwrap().unwrap();
    assert_eq!(error(response).await.0, "run_gone");
    let _ = served.run.take();
    let (code, _) = refused(served.ask(Method::GET, "/search?q=oak"), 503).await;
    assert_eq!(code, "run_gone");
}

#[tokio::test]
async fn a_port_in_use_is_said_by_its_number_and_another_server_is_fine() {
    let served = Served::lab("election");
    let port = served.gateway.address().port();
    let door = served.run().door();
    let twice = Gateway::start(door.clone(), port, Limits::default(), Box::new(|_| ()));
    let error = twice.unwrap_err();
    assert!(matches!(error, StartError::InUse(used) if used == port));
    let second = Gateway::start(door, 0, Limits::default(), Box::new(|_| ())).unwrap();
    let told = ok(served.client.get(format!("{}/owner", second.url()))).await;
    assert!(told["believers"].is_array());
}

/// A lab whose own code fails at the first request.
struct Fragile;

struct Falls(Instruments);

impl Lab for Fragile {
    fn spec(&self) -> &'static LabSpec {
        ddlab_labs::find("election").unwrap().spec()
    }

    fn start(&self, _: &Sim, _: &KnobSettings) -> Box<dyn RunningLab> {
        Box::new(Falls(Instruments::new(self.spec(), Vec::new())))
    }
}

impl RunningLab for Falls {
    fn set(&mut self, _: &Sim, _: &KnobSpec, _: &KnobValue) {}

    fn act(&mut self, _: &Sim, _: &action::Action) -> Result<(), action::ActionError> {
        Ok(())
    }

    fn request(&mut self, _: &Sim, outside: &Outside, _: Reply) {
        panic!("there is a bug in {outside}");
    }

    fn fill(&self, _: &Sim, _: &mut Frame) {}

    fn instruments(&self) -> &Instruments {
        &self.0
    }
}

#[tokio::test]
async fn a_lab_that_has_failed_is_said_to_have() {
    let served = Served::of(&Fragile, 1.0, &[], Limits::default());
    let asked = served.ask(Method::POST, "/acquire").send().await.unwrap();
    assert_eq!(asked.status(), StatusCode::SERVICE_UNAVAILABLE);
    served
        .until(|served| served.run().frame().fault.is_some())
        .await;
    let (code, text) = refused(served.ask(Method::GET, "/owner"), 503).await;
    assert_eq!(code, "lab_fault");
    assert!(text.contains("there is a bug in POST /acquire"), "{text}");
    assert!(served.get("/frame").await["fault"].is_string());
    let metrics = served
        .ask(Method::GET, "/metrics")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        metrics.contains("ddlab_lab_up{lab=\"election\"} 0\n"),
        "{metrics}"
    );
    // A record of it can still be had.
    assert_eq!(
        served.run().record().plan.seed,
        RunPlan::new(&Fragile, 7).seed
    );
}
