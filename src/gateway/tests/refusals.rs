//! Who is turned away, and what is said of it: wrong requests, web pages, too many of anything, a port in use.

use super::*;

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
    let head = served
        .ask(Method::GET, "/keys/1")
        .header("x-long", "y".repeat(17 * 1024));
    assert_eq!(refused(head, 431).await.0, "head_too_large");
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
async fn too_many_requests_hear_when_to_come_again() {
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
    let answer = tokio::task::spawn_blocking(move || [rest_of(half), rest_of(silent)]);
    assert!(
        answer
            .await
            .unwrap()
            .iter()
            .all(|text| !text.contains("200 OK"))
    );
    let head = "PUT /knobs/fencing HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\n";
    let slow = served.raw(head);
    let answer = tokio::task::spawn_blocking(move || rest_of(slow));
    let answer = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("body_too_slow"), "{answer}");
}

#[tokio::test]
async fn one_connection_too_many_hears_so() {
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
    let answer = tokio::task::spawn_blocking(move || rest_of(second))
        .await
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("too_many_connections"), "{answer}");
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
async fn a_port_in_use_is_said_by_its_number_and_another_server_is_fine() {
    let served = Served::lab("election");
    let port = served.gateway.address().port();
    let run = served.run().client();
    let twice = Gateway::start(run.clone(), port, Limits::default(), Box::new(|_| ()));
    let error = twice.unwrap_err();
    assert!(matches!(error, StartError::InUse(used) if used == port));
    let second = Gateway::start(run, 0, Limits::default(), Box::new(|_| ())).unwrap();
    let answer = ok(served.client.get(format!("{}/owner", second.url()))).await;
    assert!(answer["believers"].is_array());
}
