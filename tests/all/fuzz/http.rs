//! Requests to a lab that is served: each is answered with a status or refused, and the next one is answered.

use super::{changed, hold};
use ddlab::gateway::{Gateway, Limits};
use ddlab_labs::workbench::run::{RunHandle, RunOptions};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

const WORDS: &[&str] = &[
    "Host: evil\r\n",
    "Content-Length: 99999999999\r\n",
    "Content-Length: -1\r\n",
    "Transfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n",
    "Origin: null\r\n",
    "%00%ff%",
    "?q=&q=&q=",
    "{\"action\":\"burst=1e308\"}",
    "[[[[[[[[",
    "\r\n\r\n",
    "HTTP/9.9",
    "\0",
];

/// What the server says until it closes; it may close at once.
fn said(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_mins(1)))
        .unwrap();
    // It may have refused before all is sent.
    let _ = stream.write_all(request);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.take(1 << 20).read_to_end(&mut answer);
    answer
}

#[test]
fn any_request_is_answered_or_refused_and_the_next_is_answered() {
    let lab = ddlab_labs::find_or_nearest("scatter-gather").unwrap();
    let run = RunHandle::start(RunOptions::new(lab, 7), Box::new(|| ())).unwrap();
    let limits = Limits {
        rate: 1e9,
        burst: 1e9,
        head: Duration::from_secs(30),
        body: Duration::from_secs(30),
        ..Limits::default()
    };
    let gateway = Gateway::start(run.client(), 0, limits, Box::new(|_| ())).unwrap();
    let address = gateway.address();
    let request = format!(
        "POST /control HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: 21\r\n\r\n{{\"action\":\"slow=3\"}}  "
    );
    let plain = format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    hold(changed(request, WORDS), |bytes| {
        let answer = said(address, &bytes);
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1."),
            "{answer:?}"
        );
        let next = said(address, plain.as_bytes());
        assert!(
            next.starts_with(b"HTTP/1.1 200"),
            "{}",
            String::from_utf8_lossy(&next)
        );
    });
    drop(gateway);
    assert_eq!(run.leave(), Ok(()));
}
