//! One request from its arrival to its response, and what a server counts.

use super::allowance::Allowance;
use super::failure::Failure;
use super::routes::{self, Own, Routed, Target};
use super::{Limits, News, OnNews, body, control, guard, lab, metrics, state};
use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderName, HeaderValue, Request, Response, StatusCode, header, request};
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::run::RunClient;
use ddlab_text::clean_line;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, watch};

/// Longest line that whoever watches hears of a request, in characters.
const LINE_MAX: usize = 100;
/// How often is looked whether the first frame has come, or a lab stands still.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// One lab, served.
pub struct Site {
    pub run: RunClient,
    pub limits: Limits,
    pub stopped: watch::Receiver<bool>,
    /// Streams of frames.
    pub streams: Arc<Semaphore>,
    pub answered: AtomicU64,
    allowance: Mutex<Allowance>,
    by_status: Mutex<BTreeMap<u16, u64>>,
    on_news: OnNews,
}

impl Site {
    pub fn new(
        run: RunClient,
        limits: Limits,
        stopped: watch::Receiver<bool>,
        on_news: OnNews,
    ) -> Self {
        Self {
            run,
            stopped,
            streams: Arc::new(Semaphore::new(limits.streams)),
            answered: AtomicU64::new(0),
            allowance: Mutex::new(Allowance::new(limits.rate, limits.burst, Instant::now())),
            by_status: Mutex::default(),
            on_news,
            limits,
        }
    }

    pub fn spec(&self) -> &'static LabSpec {
        self.run.spec()
    }

    /// Answers, whatever comes.
    pub async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let line = format!("{} {}", request.method(), request.uri());
        let (head, body) = request.into_parts();
        let mut body = body.into_data_stream();
        let answering = self.respond(&head, &mut body);
        let answer = tokio::time::timeout(self.limits.request, answering).await;
        body::discard(&mut body).await;
        let mut response = answer
            .unwrap_or_else(|_| Err(self.took_too_long()))
            .unwrap_or_else(Failure::into_response);
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(
            HeaderName::from_static("x-content-type-options"),
            HeaderValue::from_static("nosniff"),
        );
        self.note(&line, response.status());
        response
    }

    async fn respond(
        &self,
        head: &request::Parts,
        body: &mut BodyDataStream,
    ) -> Result<Response<Body>, Failure> {
        guard::check(&head.headers, &head.uri)?;
        self.allow()?;
        let routed = routes::find(&head.method, head.uri.path(), self.spec())?;
        self.go(routed, head, body).await
    }

    async fn go(
        &self,
        routed: Routed,
        head: &request::Parts,
        body: &mut BodyDataStream,
    ) -> Result<Response<Body>, Failure> {
        let own = match routed.target {
            Target::Own(own) => own,
            Target::Lab(endpoint) => {
                self.well(&*self.frame().await)?;
                let content = body::read(&head.headers, body, &self.limits).await?;
                let query = head.uri.query().unwrap_or_default();
                let asked = lab::outside(endpoint, routed.argument, query, content)?;
                return lab::ask(self, asked).await;
            }
        };
        let name = routed.argument.as_deref().unwrap_or_default();
        match own {
            Own::Index => Ok(state::index(self)),
            Own::Metrics => {
                let frame = self.frame().await;
                let text = metrics::exposition(self.spec(), &frame, &self.by_status());
                Ok(metrics::response(text))
            }
            Own::Frame => Ok(state::frame(self.spec(), &*self.frame().await)),
            Own::Frames => state::frames(self),
            Own::Knobs => Ok(control::knobs(self.spec(), &*self.frame().await)),
            Own::Knob => {
                self.well(&*self.frame().await)?;
                let content = body::read(&head.headers, body, &self.limits).await?;
                control::turn(self, name, content).await
            }
            Own::Action => {
                self.well(&*self.frame().await)?;
                let content = body::read(&head.headers, body, &self.limits).await?;
                control::act(self, name, content).await
            }
        }
    }

    /// The newest frame; waits for the first.
    pub async fn frame(&self) -> Arc<Frame> {
        loop {
            let frame = self.run.frame();
            if !frame.lab.is_empty() || frame.fault.is_some() || !self.run.is_open() {
                return frame;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// What is said of a lab that cannot answer any more.
    fn well(&self, frame: &Frame) -> Result<(), Failure> {
        match &frame.fault {
            Some(fault) => Err(Failure::unavailable(
                "lab_fault",
                fault.clone(),
                "start the run again",
            )),
            None if !self.run.is_open() => Err(gone()),
            None => Ok(()),
        }
    }

    /// What came of something that the run was asked; given up when the server stops and the lab stands
    /// still, since then nobody will answer.
    pub async fn outcome<T, E>(
        &self,
        asked: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            outcome = asked => outcome.map_err(|_| match self.well(&self.run.frame()) {
                Err(failure) => failure,
                Ok(()) => gone(),
            }),
            () = self.hopeless() => Err(Failure::unavailable(
                "stopping",
                "the server stops while the lab stands still, so nobody will answer this",
                "let the lab run, and serve it again",
            )),
        }
    }

    async fn hopeless(&self) {
        let mut stopped = self.stopped.clone();
        // An error is a gateway that was dropped.
        let _ = stopped.wait_for(|stopped| *stopped).await;
        while self.run.frame().pace.playing {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn allow(&self) -> Result<(), Failure> {
        let mut allowance = self
            .allowance
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        allowance.take(Instant::now()).map_err(|wait| {
            let seconds = wait.as_secs_f64().ceil() as u64;
            Failure::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                "this server is asked too often",
                format!(
                    "it takes {} requests a second; for more load turn a knob of the lab",
                    self.limits.rate
                ),
            )
            .retry_after(seconds.max(1))
        })
    }

    /// Waits until this server may be asked again.
    pub async fn wait_for_allowance(&self) {
        loop {
            let taken = {
                let allowance = self.allowance.lock();
                let mut allowance = allowance.unwrap_or_else(PoisonError::into_inner);
                allowance.take(Instant::now())
            };
            match taken {
                Ok(()) => return,
                Err(wait) => tokio::time::sleep(wait).await,
            }
        }
    }

    fn took_too_long(&self) -> Failure {
        let pace = self.run.frame().pace;
        let hint = if pace.playing {
            format!("virtual time passes at {}x", pace.asked)
        } else {
            "the lab stands still; let it run".to_owned()
        };
        let seconds = self.limits.request.as_secs_f64();
        let message = format!("no answer came within {seconds} s");
        Failure::new(StatusCode::GATEWAY_TIMEOUT, "timed_out", message, hint)
    }

    fn note(&self, line: &str, status: StatusCode) {
        *self
            .by_status
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(status.as_u16())
            .or_default() += 1;
        let line: String = clean_line(line).chars().take(LINE_MAX).collect();
        self.note_line(format!("{line} {}", status.as_u16()));
    }

    /// A command was answered that came by RESP.
    pub fn note_command(&self, name: &[u8]) {
        let name = String::from_utf8_lossy(name);
        self.note_line(clean_line(&name).chars().take(LINE_MAX).collect());
    }

    fn note_line(&self, line: String) {
        let total = self.answered.fetch_add(1, Ordering::Relaxed) + 1;
        self.notify(News::Answered { total, line });
    }

    fn by_status(&self) -> BTreeMap<u16, u64> {
        let by_status = self.by_status.lock();
        by_status.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn notify(&self, news: News) {
        (self.on_news)(news);
    }

    pub fn has_ended(&self) {
        let total = self.answered.load(Ordering::Relaxed);
        self.notify(News::Ended { total });
    }
}

fn gone() -> Failure {
    Failure::unavailable(
        "run_gone",
        "the run ended or began again before it came to an answer",
        "ask again",
    )
}
