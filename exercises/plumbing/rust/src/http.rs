//! Just enough HTTP/1.1 for an exercise: a server with a thread a connection, and a client whose
//! call ends at a point in time. You need not change it, and you may.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

pub struct Request {
    /// `/search`
    pub path: String,
    /// `q=brass%20lamp`, as it came; empty if there is none.
    pub query: String,
}

pub struct Response {
    pub status: u16,
    pub body: String,
}

/// Serves on 127.0.0.1 for ever; each connection has a thread of its own.
pub fn serve(
    port: u16,
    handler: impl Fn(&Request) -> Response + Send + Sync + 'static,
) -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    let handler = std::sync::Arc::new(handler);
    for stream in listener.incoming().flatten() {
        let handler = handler.clone();
        std::thread::spawn(move || {
            // A client that goes away is its own affair.
            let _ = answer(stream, &*handler);
        });
    }
    Ok(())
}

/// Reads one request, answers it, closes.
pub fn answer(mut stream: TcpStream, handler: &dyn Fn(&Request) -> Response) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let Some(target) = first.split_whitespace().nth(1) else {
        return Ok(());
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let response = handler(&Request {
        path: path.to_owned(),
        query: query.to_owned(),
    });
    write!(
        stream,
        "HTTP/1.1 {} -\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
        response.status,
        response.body.len(),
        response.body,
    )
}

/// `GET http://HOST:PORT/TARGET`. Ends at `until` at the latest, whatever the server does: before
/// each read the socket gets just the time that is left.
pub fn get(url: &str, until: Instant) -> io::Result<Response> {
    let rest = url.strip_prefix("http://").unwrap_or(url);
    let (host, target) = rest.split_once('/').unwrap_or((rest, ""));
    let address: SocketAddr = host.parse().map_err(io::Error::other)?;
    let mut stream = TcpStream::connect_timeout(&address, left(until)?)?;
    write!(
        stream,
        "GET /{target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )?;
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        stream.set_read_timeout(Some(left(until)?))?;
        match stream.read(&mut chunk)? {
            0 => break,
            n => bytes.extend_from_slice(&chunk[..n]),
        }
    }
    parse(&bytes).ok_or_else(|| io::Error::other("not a complete HTTP answer"))
}

fn left(until: Instant) -> io::Result<Duration> {
    match until.checked_duration_since(Instant::now()) {
        Some(left) if !left.is_zero() => Ok(left),
        _ => Err(io::ErrorKind::TimedOut.into()),
    }
}

/// `None` unless the body is as long as the head promised.
fn parse(bytes: &[u8]) -> Option<Response> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    let promised: usize = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    })?;
    let body = &bytes[end + 4..];
    let body = (body.len() == promised).then(|| String::from_utf8(body.to_vec()).ok())??;
    Some(Response { status, body })
}
