//! A gateway over a running lab, asked by a real client. Waits are for conditions.
//!
//! Here is the [`Served`] lab with its client; the tests stand by what they ask of it.

mod control;
mod ending;
mod labs;
mod refusals;
mod views;

use super::*;
use ddlab_labs::workbench::lab::Lab;
use ddlab_labs::workbench::run::{Command, RunHandle, RunOptions};
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
        let (sender, news) = channel();
        let sender = Mutex::new(sender);
        let on_news = Box::new(move |news| {
            // The test may have ended.
            let _ = sender.lock().unwrap().send(news);
        });
        let gateway = Gateway::start(run.client(), 0, limits, on_news).unwrap();
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
        self.until(|served| served.run().record().unwrap().plan.script.len() >= requests)
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
