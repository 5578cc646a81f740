//! What those who wait are told when the server, the run or the lab itself comes to an end.

use super::*;
use ddlab_labs::engine::Sim;
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::instruments::Instruments;
use ddlab_labs::workbench::knob::Settings;
use ddlab_labs::workbench::lab::{LabSpec, RunningLab};
use ddlab_labs::workbench::outside::{Outside, Reply};
use ddlab_labs::workbench::plan::RunPlan;
use std::rc::Rc;

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
async fn who_ends_its_side_after_asking_is_answered() {
    let served = Served::lab("scatter-gather");
    let head = "GET /search?q=oak HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let stream = served.raw(head);
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let answer = tokio::task::spawn_blocking(move || rest_of(stream));
    let answer = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
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

/// A lab whose own code fails at the first request.
struct Fragile;

struct Falls(Rc<Instruments>);

impl Lab for Fragile {
    fn spec(&self) -> &'static LabSpec {
        ddlab_labs::find("election").unwrap().spec()
    }

    fn start(&self, sim: &Sim, _: &Rc<Settings>) -> Box<dyn RunningLab> {
        Box::new(Falls(Instruments::new(&sim.handle(), self.spec())))
    }
}

impl RunningLab for Falls {
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
        served.run().record().unwrap().plan.seed,
        RunPlan::new(&Fragile, 7).seed
    );
}
