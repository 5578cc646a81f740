//! One connection over HTTP.
//!
//! Not `axum::serve`: that sets no limit on how long a client may take to send a request or to read its
//! answer, nor on how many there are.

use super::accept::accept;
use super::failure::Failure;
use super::site::Site;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutStream;

/// Of a request's head; smaller ones that are too large are told so in JSON (`guard`).
const HEAD_BYTES: usize = 64 * 1024;
/// For how long one that is turned away may take to hear it.
const TURN_AWAY_FOR: Duration = Duration::from_secs(2);

/// Serves until the site is told to stop and what was in flight is answered.
pub async fn serve(listener: std::net::TcpListener, site: &Arc<Site>) {
    accept(listener, site, connection, |stream, _| turn_away(stream)).await;
}

fn protocol(head: Duration) -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol
        // A client may end its side once it has asked, as `nc -N` does: it is answered all the same.
        .half_close(true)
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .max_buf_size(HEAD_BYTES);
    protocol
}

/// A client that does not read its response must not hold a connection for ever: a write that makes no progress
/// for so long is an error, and the connection ends.
fn impatient<S: AsyncRead + AsyncWrite>(stream: S, unread: Duration) -> Pin<Box<TimeoutStream<S>>> {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(unread));
    Box::pin(stream)
}

async fn connection(stream: TcpStream, site: Arc<Site>) {
    // Small answers at once: a stream of frames is not to wait for its own acknowledgements.
    let _ = stream.set_nodelay(true);
    let io = TokioIo::new(impatient(stream, site.limits.unread));
    let service = service_fn(|request: Request<hyper::body::Incoming>| {
        let site = Arc::clone(&site);
        async move { Ok::<_, Infallible>(site.answer(request.map(Body::new)).await) }
    });
    let mut stopped = site.stopped.clone();
    let mut connection = pin!(protocol(site.limits.head).serve_connection(io, service));
    tokio::select! {
        // Whatever a client does to its connection is no news to us.
        _ = connection.as_mut() => return,
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// One request is answered that there are too many connections.
async fn turn_away(stream: TcpStream) {
    let service = service_fn(|_: Request<hyper::body::Incoming>| async {
        let failure = Failure::unavailable(
            "too_many_connections",
            "this server has as many connections as it takes",
            "close some, or use fewer at once",
        );
        Ok::<Response<Body>, Infallible>(failure.into_response())
    });
    let mut protocol = protocol(TURN_AWAY_FOR);
    protocol.keep_alive(false);
    let refusal = protocol.serve_connection(TokioIo::new(stream), service);
    let _ = tokio::time::timeout(TURN_AWAY_FOR, refusal).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::io::ErrorKind;

    #[tokio::test]
    async fn a_write_that_makes_no_progress_ends_in_an_error() {
        // The other end has room for three bytes, and does not read.
        let (ours, _theirs) = tokio::io::duplex(3);
        let mut stream = impatient(ours, Duration::from_millis(1));
        let mut write =
            async || poll_fn(|context| stream.as_mut().poll_write(context, b"ab")).await;
        assert_eq!(write().await.unwrap(), 2);
        assert_eq!(write().await.unwrap(), 1);
        let error = write().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }
}
