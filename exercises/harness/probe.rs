//! Asking the learner's program something over HTTP, and telling apart the ways in which it does
//! not answer.

use axum::http::{HeaderMap, Method};
use std::sync::LazyLock;
use std::time::Duration;
use tokio::time::Instant;

/// An answer longer than this is not read further; no exercise asks for as much.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// What the program answered.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// From sending the request to the last byte.
    pub took: Duration,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoReply {
    /// Nobody listens on the port.
    Refused,
    /// Connected, and no complete answer in time.
    TimedOut,
    /// Connected, and the connection was closed before the answer was complete.
    Closed,
    /// What came was not HTTP.
    NotHttp,
}

impl NoReply {
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Refused => "the connection was refused",
            Self::TimedOut => "no complete answer came in time",
            Self::Closed => "the connection was closed before the answer was complete",
            Self::NotHttp => "what came was not HTTP",
        }
    }
}

/// No proxy, and a fresh connection each time: what is graded is the program, not how it keeps
/// idle connections, and one client serves every runtime.
static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
    reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client without TLS, proxy and cookies needs nothing that could be missing")
});

/// `GET url`, see [`send`].
pub async fn get(url: &str, limit: Duration) -> Result<Reply, NoReply> {
    send(Method::GET, url, &[], "", limit).await
}

/// Sends a request, and reads the whole answer within `limit`. The URL is sent as it is given.
pub async fn send(
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: &str,
    limit: Duration,
) -> Result<Reply, NoReply> {
    let begun = Instant::now();
    let mut request = CLIENT.request(method, url).body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    match tokio::time::timeout(limit, read(request)).await {
        Ok(Ok((status, headers, body))) => Ok(Reply {
            status,
            headers,
            body,
            took: begun.elapsed(),
        }),
        Ok(Err(error)) => Err(classify(&error)),
        Err(_) => Err(NoReply::TimedOut),
    }
}

async fn read(request: reqwest::RequestBuilder) -> reqwest::Result<(u16, HeaderMap, Vec<u8>)> {
    let mut response = request.send().await?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > BODY_BYTES_MAX {
            break;
        }
    }
    let headers = std::mem::take(response.headers_mut());
    Ok((response.status().as_u16(), headers, body))
}

fn classify(error: &reqwest::Error) -> NoReply {
    if error.is_connect() {
        return NoReply::Refused;
    }
    // hyper keeps its kinds of error private; their debug form is the only place that names them.
    if format!("{error:?}").contains("Parse(") {
        NoReply::NotHttp
    } else {
        NoReply::Closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    const LIMIT: Duration = Duration::from_secs(5);

    /// A server that reads a request, says `answer` and closes.
    async fn saying(answer: &'static str) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a port is free");
        let url = format!("http://{}/", listener.local_addr().expect("it is bound"));
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a client connects");
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        });
        url
    }

    #[tokio::test]
    async fn the_ways_of_not_answering_are_distinguished() {
        let good = saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
        assert_eq!(get(&good, LIMIT).await.expect("it answers").text(), "ok");
        let cases = [
            (saying("").await, NoReply::Closed),
            (
                saying("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok").await,
                NoReply::Closed,
            ),
            (
                saying("hello there, this is not HTTP at all\r\n\r\n").await,
                NoReply::NotHttp,
            ),
            ("http://127.0.0.1:1/".to_owned(), NoReply::Refused),
        ];
        for (url, expected) in cases {
            assert_eq!(
                get(&url, LIMIT).await.expect_err("it must not answer"),
                expected,
                "{url}"
            );
        }
    }

    #[tokio::test]
    async fn an_answer_that_does_not_come_is_a_timeout_and_not_a_refusal() {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a port is free");
        let url = format!("http://{}/", listener.local_addr().expect("it is bound"));
        let outcome = get(&url, Duration::from_millis(30)).await;
        assert_eq!(outcome.expect_err("nobody answers"), NoReply::TimedOut);
    }
}
