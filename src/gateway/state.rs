//! The lab as it stands, as JSON, once or as a stream; and what there is to ask.

use super::failure::{Failure, json_response};
use super::routes;
use super::site::Site;
use crate::lab_json::{Action, Done, Endpoint, Settings, digest, settings};
use axum::body::Body;
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::{self, Frame};
use ddlab_labs::workbench::json::{Figures, Invariant};
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::run::RunClient;
use ddlab_labs::workbench::trace;
use futures::stream;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;
use std::convert::Infallible;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Interval, MissedTickBehavior, interval};

/// What one frame has at most, of each kind.
const NODES_MAX: usize = 500;
const FLIGHTS_MAX: usize = 200;
const LANE_MAX: usize = 50;
const LOG_MAX: usize = 50;
const INTERVENTIONS_MAX: usize = 100;

/// Between two frames of a stream.
const EVERY: Duration = Duration::from_millis(100);
/// Between two signs of life of a stream that has nothing to say.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// What there is: the answer to `GET /`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Index {
    lab: &'static str,
    title: &'static str,
    promise: &'static str,
    /// How virtual time is to be understood.
    time: &'static str,
    endpoints: Vec<Endpoint>,
    actions: Vec<Action>,
}

/// What there is.
pub fn index(site: &Site) -> Response<Body> {
    let spec = site.spec();
    let index = Index {
        lab: spec.id,
        title: spec.title,
        promise: spec.promise,
        time: "requests travel through the lab in virtual time: `took_ms` and `at_s` are virtual, \
               and at a pace of 1 they pass as fast as yours",
        endpoints: routes::all(spec)
            .map(|(route, _)| Endpoint::from(route))
            .collect(),
        actions: spec.actions.iter().map(Action::from).collect(),
    };
    json_response(StatusCode::OK, &index)
}

/// The newest frame.
pub fn frame(spec: &'static LabSpec, frame: &Frame) -> Response<Body> {
    json_response(StatusCode::OK, &FrameJson::of(spec, frame))
}

/// A frame, cut to what a client can be sent ten times a second. Series are left out: who wants the past
/// keeps it. Fields that end in `_s` are seconds of virtual time.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FrameJson {
    lab: &'static str,
    seed: u64,
    at_s: f64,
    digest: String,
    pace: Pace,
    /// A panic of the lab; the run stands still.
    fault: Option<String>,
    /// The run is on its way to this moment by replay.
    replaying_to_s: Option<f64>,
    knobs: Settings,
    /// By name.
    metrics: IndexMap<&'static str, Metric>,
    invariants: Vec<Invariant>,
    /// Of which the first 500 are in `nodes`.
    nodes_total: usize,
    nodes: Vec<Node>,
    flights: Vec<Flight>,
    lanes: Vec<Lane>,
    /// The slowest requests of the recent past, slowest first.
    slowest: Vec<Trace>,
    /// Newest last.
    log: Vec<LogLine>,
    /// What was done to the run, newest last.
    interventions: Vec<Done>,
}

/// Virtual seconds a second.
#[derive(Debug, Serialize, JsonSchema)]
struct Pace {
    playing: bool,
    asked: f64,
    reached: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Metric {
    /// Over all the time after the warm-up.
    run: Figures,
    /// Over the last ten seconds of virtual time.
    recent: Figures,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Node {
    name: String,
    role: String,
    /// `up`, `slow`, `paused`, `down` or `cut`
    state: String,
    /// The share of its capacity in use.
    load: f64,
    /// Requests that wait.
    queue: u32,
    badge: String,
}

/// A message on its way.
#[derive(Debug, Serialize, JsonSchema)]
struct Flight {
    /// A place in `nodes`.
    from: u32,
    /// A place in `nodes`.
    to: u32,
    /// 0 at the sender, 1 at the receiver.
    progress: f32,
    /// `request`, `reply`, `hedge`, `cancel` or `error`
    kind: String,
}

/// One line of a timeline.
#[derive(Debug, Serialize, JsonSchema)]
struct Lane {
    name: String,
    spans: Vec<LaneSpan>,
    events: Vec<LaneEvent>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct LaneSpan {
    from_s: f64,
    /// Null while it lasts.
    to_s: Option<f64>,
    kind: String,
    label: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct LaneEvent {
    at_s: f64,
    kind: String,
    label: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Trace {
    /// The number of the request in the run, from 1.
    request: u64,
    started_s: f64,
    took_ms: f64,
    outcome: String,
    /// How many.
    spans: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct LogLine {
    at_s: f64,
    /// `info`, `warn` or `bad`
    level: String,
    text: String,
}

impl FrameJson {
    pub fn of(spec: &'static LabSpec, frame: &Frame) -> Self {
        let metrics = frame.metrics.iter().map(|metric| {
            let (run, recent) = (Figures::of(&metric.value), Figures::of(&metric.recent));
            (metric.name, Metric { run, recent })
        });
        let log = newest(&frame.log, LOG_MAX).iter().map(|line| LogLine {
            at_s: line.at.as_secs_f64(),
            level: word(line.level),
            text: line.text.clone(),
        });
        let interventions = newest(&frame.interventions, INTERVENTIONS_MAX).iter();
        Self {
            lab: frame.lab,
            seed: frame.seed,
            at_s: frame.now.as_secs_f64(),
            digest: digest(frame.digest),
            pace: Pace {
                playing: frame.pace.playing,
                asked: frame.pace.asked,
                reached: frame.pace.reached,
            },
            fault: frame.fault.clone(),
            replaying_to_s: frame.seeking.map(|seek| seek.to.as_secs_f64()),
            knobs: settings(spec.knobs.iter().zip(&frame.knobs)),
            metrics: metrics.collect(),
            invariants: frame.invariants.iter().map(Invariant::from).collect(),
            nodes_total: frame.nodes.len(),
            nodes: frame.nodes.iter().take(NODES_MAX).map(Node::from).collect(),
            flights: frame
                .flights
                .iter()
                .take(FLIGHTS_MAX)
                .map(Flight::from)
                .collect(),
            lanes: frame.lanes.iter().map(Lane::from).collect(),
            slowest: frame
                .slowest
                .iter()
                .map(|trace| Trace::from(&**trace))
                .collect(),
            log: log.collect(),
            interventions: interventions.map(Done::from).collect(),
        }
    }
}

impl From<&frame::NodeView> for Node {
    fn from(node: &frame::NodeView) -> Self {
        Self {
            name: node.name.clone(),
            role: node.role.word.to_owned(),
            state: word(node.state),
            load: node.load,
            queue: node.queue,
            badge: node.badge.clone(),
        }
    }
}

impl From<&frame::Flight> for Flight {
    fn from(flight: &frame::Flight) -> Self {
        Self {
            from: flight.from,
            to: flight.to,
            progress: flight.progress,
            kind: word(flight.kind),
        }
    }
}

impl From<&frame::Lane> for Lane {
    fn from(lane: &frame::Lane) -> Self {
        let spans = newest(&lane.spans, LANE_MAX).iter().map(|span| LaneSpan {
            from_s: span.from.as_secs_f64(),
            to_s: span.to.map(SimTime::as_secs_f64),
            kind: word(span.kind),
            label: span.label.clone(),
        });
        let events = newest(&lane.events, LANE_MAX)
            .iter()
            .map(|event| LaneEvent {
                at_s: event.at.as_secs_f64(),
                kind: word(event.kind),
                label: event.label.clone(),
            });
        Self {
            name: lane.name.clone(),
            spans: spans.collect(),
            events: events.collect(),
        }
    }
}

impl From<&trace::Trace> for Trace {
    fn from(trace: &trace::Trace) -> Self {
        Self {
            request: trace.request,
            started_s: trace.started.as_secs_f64(),
            took_ms: (trace.ended.0 - trace.started.0) as f64 / 1e6,
            outcome: trace.outcome.clone(),
            spans: trace.spans.len(),
        }
    }
}

fn newest<T>(all: &[T], most: usize) -> &[T] {
    &all[all.len().saturating_sub(most)..]
}

/// The name of a variant without fields, as JSON has words: `up`, `request`.
fn word(variant: impl Debug) -> String {
    format!("{variant:?}").to_lowercase()
}

/// Server-sent events, each a frame: ten a second, none while nothing changes. What a client is too slow
/// to read it misses; a frame is made only when the one before has gone out.
///
/// # Errors
/// When there are as many streams as this server takes.
pub fn frames(site: &Site) -> Result<Response<Body>, Failure> {
    let Ok(place) = Arc::clone(&site.streams).try_acquire_owned() else {
        return Err(Failure::unavailable(
            "too_many_streams",
            format!("{} clients follow the frames already", site.limits.streams),
            "close one, or ask for /frame now and then",
        ));
    };
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let following = Following {
        run: site.run.clone(),
        stopped: site.stopped.clone(),
        ticks,
        last: None,
        _place: place,
    };
    let frames = stream::unfold(following, |mut following| async {
        let frame = following.next().await?;
        let event = Event::default()
            .event("frame")
            .json_data(frame)
            .expect("a frame is plain data");
        Some((Ok::<_, Infallible>(event), following))
    });
    let alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(Sse::new(frames).keep_alive(alive).into_response())
}

struct Following {
    run: RunClient,
    stopped: watch::Receiver<bool>,
    ticks: Interval,
    last: Option<Arc<Frame>>,
    _place: OwnedSemaphorePermit,
}

impl Following {
    /// The next frame that is another one; none when the server stops or the run is gone.
    async fn next(&mut self) -> Option<FrameJson> {
        loop {
            tokio::select! {
                biased;
                _ = self.stopped.wait_for(|stopped| *stopped) => return None,
                _ = self.ticks.tick() => {}
            }
            if !self.run.is_open() {
                return None;
            }
            let frame = self.run.frame();
            let known = self
                .last
                .as_ref()
                .is_some_and(|last| Arc::ptr_eq(last, &frame));
            if !known && !frame.lab.is_empty() {
                let json = FrameJson::of(self.run.spec(), &frame);
                self.last = Some(frame);
                return Some(json);
            }
        }
    }
}
