//! Just enough HTTP/1.1 for an exercise: a server with a thread a connection, and a client whose
//! call ends at a point in time. You need not change it, and you may.
#![allow(dead_code)]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub struct Request {
    pub method: String,
    /// `/search`
    pub path: String,
    /// `q=brass%20lamp`, as it came; empty if there is none.
    pub query: String,
    pub headers: Headers,
    pub body: String,
}

#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Headers,
    pub body: String,
}

impl Response {
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: Headers::default(),
            body: body.into(),
        }
    }
}

/// Names and values, as they came.
#[derive(Debug, Clone, Default)]
pub struct Headers(pub Vec<(String, String)>);

impl Headers {
    /// The first value of this name, in any case.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut all = self.0.iter();
        all.find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    fn add(&mut self, line: &str) {
        if let Some((name, value)) = line.split_once(':') {
            self.0.push((name.to_owned(), value.trim().to_owned()));
        }
    }
}

/// Serves on 127.0.0.1 for ever; each connection has a thread of its own.
pub fn serve(
    port: u16,
    handler: impl Fn(&Request) -> Response + Send + Sync + 'static,
) -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    let handler = Arc::new(handler);
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
pub fn answer(
    mut stream: impl Read + Write,
    handler: &dyn Fn(&Request) -> Response,
) -> io::Result<()> {
    let mut reader = BufReader::new(&mut stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut headers = Headers::default();
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        headers.add(&line);
        line.clear();
    }
    let mut words = first.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(());
    };
    let length = headers.get("Content-Length").and_then(|n| n.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let response = handler(&Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let mut head = format!(
        "HTTP/1.1 {} -\r\nContent-Length: {}\r\nConnection: close\r\n",
        response.status,
        response.body.len(),
    );
    if response.headers.get("Content-Type").is_none() {
        head += "Content-Type: application/json\r\n";
    }
    for (name, value) in &response.headers.0 {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n{}", response.body).as_bytes())?;
    stream.flush()
}

/// Ends calls from another thread: those that were given it, and those that will be. Clones are
/// the same.
#[derive(Clone, Default)]
pub struct Cancel(Arc<Mutex<(bool, Vec<TcpStream>)>>);

impl Cancel {
    pub fn cancel(&self) {
        let mut state = self.0.lock().unwrap();
        state.0 = true;
        for stream in &state.1 {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn watch(&self, stream: &TcpStream) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        if state.0 {
            stream.shutdown(Shutdown::Both)?;
        }
        state.1.push(stream.try_clone()?);
        Ok(())
    }
}

/// A call to be sent.
pub struct Call<'a> {
    pub method: &'a str,
    /// `http://HOST:PORT/TARGET`
    pub url: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
    pub body: &'a str,
    pub cancel: Option<&'a Cancel>,
}

impl<'a> Call<'a> {
    pub fn new(method: &'a str, url: &'a str) -> Self {
        Self {
            method,
            url,
            headers: &[],
            body: "",
            cancel: None,
        }
    }

    /// `HOST:PORT` of the URL, and what follows the slash behind it.
    fn split(&self) -> (&str, &str) {
        let rest = self.url.strip_prefix("http://").unwrap_or(self.url);
        rest.split_once('/').unwrap_or((rest, ""))
    }

    fn text(&self) -> String {
        let (host, target) = self.split();
        let mut head = format!(
            "{} /{target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n",
            self.method
        );
        for (name, value) in self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if self.method != "GET" || !self.body.is_empty() {
            head += &format!("Content-Length: {}\r\n", self.body.len());
        }
        format!("{head}\r\n{}", self.body)
    }
}

/// `GET http://HOST:PORT/TARGET`, see [`send`].
pub fn get(url: &str, until: Instant) -> io::Result<Response> {
    send(&Call::new("GET", url), until)
}

/// Sends a call. Ends at `until` at the latest, whatever the server does: before each read the
/// socket gets just the time that is left. An error where there is no complete answer.
pub fn send(call: &Call, until: Instant) -> io::Result<Response> {
    let address: SocketAddr = call.split().0.parse().map_err(io::Error::other)?;
    let stream = TcpStream::connect_timeout(&address, left(until)?)?;
    if let Some(cancel) = call.cancel {
        cancel.watch(&stream)?;
    }
    exchange(&mut Timed { stream, until }, call)
}

/// Sends a call on a connection, and reads the answer until the other side closes it.
pub fn exchange(stream: &mut (impl Read + Write), call: &Call) -> io::Result<Response> {
    stream.write_all(call.text().as_bytes())?;
    stream.flush()?;
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        // TLS names it so when the other side closes without a word; the length tells what is whole.
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
        _ => {}
    }
    parse(&bytes).ok_or_else(|| io::Error::other("not a complete HTTP answer"))
}

/// A connection whose reads end at a point in time.
pub struct Timed {
    pub stream: TcpStream,
    pub until: Instant,
}

impl Read for Timed {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(left(self.until)?))?;
        self.stream.read(bytes)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
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
    let mut headers = Headers::default();
    for line in head.lines().skip(1) {
        headers.add(line);
    }
    let promised: usize = headers.get("Content-Length").unwrap_or("0").parse().ok()?;
    let body = &bytes[end + 4..];
    let body = (body.len() == promised).then(|| String::from_utf8(body.to_vec()).ok())??;
    Some(Response {
        status,
        headers,
        body,
    })
}
