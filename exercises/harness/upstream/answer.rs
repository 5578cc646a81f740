//! Answering a call, well or with the fault that strikes it.

use super::fault::Fault;
use super::record::InFlight;
use super::{Reply, Shared, UpstreamRequest, lock};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, StatusCode, header};
use futures::StreamExt;
use std::sync::Arc;
use std::time::Duration;

pub(super) async fn serve(
    State(shared): State<Arc<Shared>>,
    head: Parts,
    body: Bytes,
) -> Response<Body> {
    // One step: a fault that is injected by whoever saw this call strikes the next one.
    let (in_flight, request, rule) = {
        let rules = lock(&shared.rules);
        let (in_flight, request) = InFlight::begin(&shared, head, body);
        let mut latest_first = rules.iter().rev();
        let rule = latest_first.find(|rule| rule.when.strikes(&request));
        (in_flight, request, rule.cloned())
    };
    let fault = rule.map(|rule| {
        rule.witness.hear();
        in_flight.struck(&rule.fault);
        rule.fault
    });
    let mut closed = shared.closed.subscribe();
    tokio::select! {
        response = answer(&shared, &request, fault, in_flight) => response,
        _ = closed.wait_for(|closed| *closed) => cut_after(Vec::new(), 1),
    }
}

async fn answer(
    shared: &Shared,
    request: &UpstreamRequest,
    fault: Option<Fault>,
    in_flight: InFlight,
) -> Response<Body> {
    let healthy = || shared.service.answer(request);
    match fault {
        None => whole(healthy(), in_flight),
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Delay(by)) => {
            tokio::time::sleep(by).await;
            whole(healthy(), in_flight)
        }
        Some(Fault::Hold(gate)) => {
            gate.pass().await;
            whole(healthy(), in_flight)
        }
        Some(Fault::Withhold(gate)) => {
            let reply = healthy();
            gate.pass().await;
            whole(reply, in_flight)
        }
        Some(Fault::Status(status)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            whole(
                Reply {
                    status,
                    ..healthy()
                },
                in_flight,
            )
        }
        Some(Fault::Garbage(kind)) => {
            let body = kind.spoil(&healthy().body);
            whole(
                Reply {
                    status: StatusCode::OK,
                    headers: Vec::new(),
                    body,
                },
                in_flight,
            )
        }
        Some(Fault::Lie) => whole(shared.service.lie(request), in_flight),
        Some(Fault::CutBody) => {
            let body = healthy().body.into_bytes();
            let sent = body[..body.len() / 2].to_vec();
            in_flight.answered(None);
            cut_after(sent, body.len())
        }
        Some(Fault::Drip { every }) => drip(healthy().body, every, in_flight),
    }
}

fn whole(reply: Reply, in_flight: InFlight) -> Response<Body> {
    in_flight.answered(Some(reply.status.as_u16()));
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = reply.status;
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

const JSON: header::HeaderValue = header::HeaderValue::from_static("application/json");

/// Promises `promised` bytes, sends `sent`, and breaks off: a failing body makes hyper close the
/// connection.
fn cut_after(sent: Vec<u8>, promised: usize) -> Response<Body> {
    let pieces = [
        Ok(Bytes::from(sent)),
        Err(std::io::Error::other("cut on purpose")),
    ];
    // The pause lets the first piece reach the client before the connection goes.
    let stream = futures::stream::iter(pieces).then(|piece| async {
        if piece.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        piece
    });
    streamed(Body::from_stream(stream), promised)
}

fn drip(body: String, every: Duration, in_flight: InFlight) -> Response<Body> {
    let bytes = body.into_bytes();
    let promised = bytes.len();
    let state = (bytes.into_iter(), Some(in_flight));
    let stream = futures::stream::unfold(state, move |(mut bytes, mut in_flight)| async move {
        tokio::time::sleep(every).await;
        let byte = bytes.next()?;
        // Said with the last byte: hyper does not ask for more than it promised.
        if bytes.len() == 0
            && let Some(in_flight) = in_flight.take()
        {
            in_flight.answered(Some(StatusCode::OK.as_u16()));
        }
        let piece: Result<Bytes, std::convert::Infallible> = Ok(Bytes::from(vec![byte]));
        Some((piece, (bytes, in_flight)))
    });
    streamed(Body::from_stream(stream), promised)
}

/// The length is promised even for streamed bodies: a learner's client need not know chunks.
fn streamed(body: Body, promised: usize) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, promised.into());
    response
}
