use super::*;
use crate::harness::probe::{self, NoReply, Reply as Got};
use crate::harness::upstream::fault::{Garbage, Gate};

const SOON: Duration = Duration::from_secs(5);

/// Answers with the text of `q`.
struct Echo;

impl Service for Echo {
    fn answer(&self, request: &UpstreamRequest) -> Reply {
        Reply::json(&request.query("q"))
    }

    fn lie(&self, _: &UpstreamRequest) -> Reply {
        Reply::json(&"a lie")
    }
}

async fn echo() -> Upstream {
    Upstream::start("echo", Echo, Journal::default())
        .await
        .expect("a port is free")
}

async fn ask(upstream: &Upstream, q: &str) -> Result<Got, NoReply> {
    probe::get(&format!("{}/?q={q}", upstream.url()), SOON).await
}

#[tokio::test]
async fn a_healthy_call_is_answered_and_written_down() {
    let upstream = echo().await;
    let got = ask(&upstream, "salt%20%26%20pepper")
        .await
        .expect("it answers");
    assert_eq!(
        (got.status, got.text().as_str()),
        (200, "\"salt & pepper\"")
    );
    let calls = upstream.calls();
    assert_eq!(
        calls[0].request.query("q").map(String::as_str),
        Some("salt & pepper")
    );
    assert_eq!(calls[0].end.map(|(_, how)| how), Some(End::Answered));
    assert_eq!((upstream.in_flight(), upstream.peak()), (0, 1));
}

#[tokio::test]
async fn each_fault_does_what_it_says_and_its_witness_hears_it() {
    let upstream = echo().await;
    let hang = upstream.inject(When::query("q", "hang"), Fault::Hang);
    let status = upstream.inject(When::query("q", "status"), Fault::Status(503));
    let lie = upstream.inject(When::query("q", "lie"), Fault::Lie);
    let html = upstream.inject(When::query("q", "html"), Fault::Garbage(Garbage::Html));
    let cut = upstream.inject(When::query("q", "cut"), Fault::CutBody);
    let every = Duration::from_millis(1);
    let drip = upstream.inject(When::query("q", "drip"), Fault::Drip { every });
    for witness in [&hang, &status, &lie, &html, &cut, &drip] {
        assert_eq!(witness.heard(), 0);
    }
    let url = format!("{}/?q=hang", upstream.url());
    let silence = probe::get(&url, Duration::from_millis(30)).await;
    assert_eq!(silence.expect_err("it hangs"), NoReply::TimedOut);
    let got = ask(&upstream, "status").await.expect("it answers");
    assert_eq!((got.status, got.text().as_str()), (503, "\"status\""));
    assert_eq!(
        ask(&upstream, "lie").await.expect("it answers").text(),
        "\"a lie\""
    );
    assert!(
        ask(&upstream, "html")
            .await
            .expect("it answers")
            .text()
            .starts_with("<html>")
    );
    assert_eq!(
        ask(&upstream, "cut").await.expect_err("it breaks off"),
        NoReply::Closed
    );
    assert_eq!(
        ask(&upstream, "drip").await.expect("it ends").text(),
        "\"drip\""
    );
    for witness in [&hang, &status, &lie, &html, &cut, &drip] {
        assert_eq!(witness.heard(), 1, "{witness:?}");
    }
    upstream.heal();
    assert_eq!(
        ask(&upstream, "status").await.expect("it answers").status,
        200
    );
}

#[tokio::test]
async fn a_client_that_hangs_up_abandons_its_call_while_it_waits_and_while_it_is_dripped_on() {
    let faults = [
        Fault::Hang,
        Fault::Drip {
            every: Duration::from_millis(200),
        },
    ];
    for fault in faults {
        let upstream = echo().await;
        upstream.inject(When::Always, fault.clone());
        let url = format!("{}/?q=x", upstream.url());
        let impatient = probe::get(&url, Duration::from_millis(50)).await;
        assert_eq!(impatient.expect_err("it is too slow"), NoReply::TimedOut);
        assert!(
            upstream
                .wait_until(SOON, |upstream| upstream.in_flight() == 0)
                .await
        );
        let end = upstream.calls()[0].end.map(|(_, how)| how);
        assert_eq!(end, Some(End::Abandoned), "{fault:?}");
    }
}

#[tokio::test]
async fn a_held_answer_comes_when_the_gate_opens() {
    let upstream = echo().await;
    let gate = Gate::shut();
    upstream.inject(When::Calls(0..2), Fault::Hold(gate.clone()));
    let both = async { futures::join!(ask(&upstream, "a"), ask(&upstream, "b")) };
    let opening = async {
        assert!(
            upstream
                .wait_until(SOON, |upstream| upstream.in_flight() == 2)
                .await
        );
        gate.open();
    };
    let ((a, b), ()) = futures::join!(both, opening);
    assert!(a.is_ok() && b.is_ok());
    assert_eq!(upstream.peak(), 2);
}

#[tokio::test]
async fn a_closed_server_refuses_and_lets_go_of_those_who_hang() {
    let upstream = echo().await;
    upstream.inject(When::Always, Fault::Hang);
    let closing = async {
        assert!(
            upstream
                .wait_until(SOON, |upstream| upstream.in_flight() == 1)
                .await
        );
        upstream.close().await;
    };
    let (hung, ()) = futures::join!(ask(&upstream, "x"), closing);
    assert_eq!(hung.expect_err("it was let go"), NoReply::Closed);
    assert_eq!(
        ask(&upstream, "y").await.expect_err("it is closed"),
        NoReply::Refused
    );
}
