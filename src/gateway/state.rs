//! The lab as it stands, as JSON, once or as a stream; and what there is to ask.

use super::failure::{Failure, json_response};
use super::routes;
use super::site::Site;
use crate::lab_json::{action, digest, invariant, metric, seconds, value};
use axum::body::Body;
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use ddlab_labs::workbench::frame::{Frame, Lane};
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::run::RunClient;
use ddlab_labs::workbench::trace::Trace;
use futures::stream;
use serde_json::{Map, Value, json};
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

/// What there is.
pub fn index(site: &Site) -> Response<Body> {
    let spec = site.spec();
    let endpoint = |(route, _): (&ddlab_labs::workbench::outside::EndpointSpec, _)| {
        json!({
            "method": route.method.name(),
            "path": route.path,
            "query": route.query.map(|query| query.name),
            "body": route.body,
            "help": route.help,
            "example": route.example,
        })
    };
    let told = json!({
        "lab": spec.id,
        "title": spec.title,
        "promise": spec.promise,
        "time": "requests travel through the lab in virtual time: `took_ms` and `at_s` are virtual, \
                 and at a pace of 1 they pass as fast as yours",
        "endpoints": routes::all(spec).map(endpoint).collect::<Value>(),
        "actions": spec.actions.iter().map(action).collect::<Value>(),
    });
    json_response(StatusCode::OK, &told)
}

/// The newest frame.
pub fn frame(spec: &'static LabSpec, frame: &Frame) -> Response<Body> {
    json_response(StatusCode::OK, &json_of(spec, frame))
}

/// A frame, cut to what a client can be sent ten times a second. Series are left out: who wants the past
/// keeps it.
pub fn json_of(spec: &'static LabSpec, frame: &Frame) -> Value {
    let knobs = spec.knobs.iter().zip(&frame.knobs);
    let knobs: Map<String, Value> = knobs
        .map(|(spec, of)| (spec.name.to_owned(), value(of)))
        .collect();
    let metrics: Map<String, Value> = frame
        .metrics
        .iter()
        .map(|of| {
            let both = json!({"run": metric(&of.value), "recent": metric(&of.recent)});
            (of.name.to_owned(), both)
        })
        .collect();
    json!({
        "lab": frame.lab,
        "seed": frame.seed,
        "at_s": seconds(frame.now),
        "digest": digest(frame.digest),
        "pace": {
            "playing": frame.pace.playing,
            "asked": frame.pace.asked,
            "reached": frame.pace.reached,
        },
        "fault": frame.fault,
        "replaying_to_s": frame.seeking.map(|seek| seconds(seek.to)),
        "knobs": knobs,
        "metrics": metrics,
        "invariants": frame.invariants.iter().map(invariant).collect::<Value>(),
        "nodes_total": frame.nodes.len(),
        "nodes": nodes(frame),
        "flights": flights(frame),
        "lanes": frame.lanes.iter().map(lane).collect::<Value>(),
        "slowest": frame.slowest.iter().map(|of| trace(of)).collect::<Value>(),
        "log": newest(&frame.log, LOG_MAX).iter().map(|line| json!({
            "at_s": seconds(line.at),
            "level": word(line.level),
            "text": line.text,
        })).collect::<Value>(),
        "interventions": newest(&frame.interventions, INTERVENTIONS_MAX).iter().map(|timed| json!({
            "at_s": seconds(timed.at),
            "intervention": timed.what.to_string(),
        })).collect::<Value>(),
    })
}

fn nodes(frame: &Frame) -> Value {
    let nodes = frame.nodes.iter().take(NODES_MAX);
    nodes
        .map(|node| {
            json!({
                "name": node.name,
                "role": word(node.role),
                "state": word(node.state),
                "load": node.load,
                "queue": node.queue,
                "badge": node.badge,
            })
        })
        .collect()
}

fn flights(frame: &Frame) -> Value {
    let flights = frame.flights.iter().take(FLIGHTS_MAX);
    flights
        .map(|flight| {
            json!({
                "from": flight.from,
                "to": flight.to,
                "progress": flight.progress,
                "kind": word(flight.kind),
            })
        })
        .collect()
}

fn lane(lane: &Lane) -> Value {
    json!({
        "name": lane.name,
        "spans": newest(&lane.spans, LANE_MAX).iter().map(|span| json!({
            "from_s": seconds(span.from),
            "to_s": span.to.map(seconds),
            "kind": word(span.kind),
            "label": span.label,
        })).collect::<Value>(),
        "events": newest(&lane.events, LANE_MAX).iter().map(|event| json!({
            "at_s": seconds(event.at),
            "kind": word(event.kind),
            "label": event.label,
        })).collect::<Value>(),
    })
}

fn trace(trace: &Trace) -> Value {
    json!({
        "request": trace.request,
        "started_s": seconds(trace.started),
        "took_ms": (trace.ended.0 - trace.started.0) as f64 / 1e6,
        "outcome": trace.outcome,
        "spans": trace.spans.len(),
    })
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
        let event = Event::default().event("frame").data(frame.to_string());
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
    async fn next(&mut self) -> Option<Value> {
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
                let json = json_of(self.run.spec(), &frame);
                self.last = Some(frame);
                return Some(json);
            }
        }
    }
}
