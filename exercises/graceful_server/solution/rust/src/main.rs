//! A replica behind a balancer.
//!
//! Two flags decide what the probes say: warm and leaving. The main thread accepts connections, looks
//! for signals in between, and leads through the end: linger, close, drain, exit.
#![allow(dead_code)]

mod http;
mod signal;
mod variable;

use http::{Request, Response};
use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How often the main thread looks for connections and signals.
const LOOK: Duration = Duration::from_millis(5);

struct Replica {
    database: String,
    warm: AtomicBool,
    /// Connections that are not answered to the last byte.
    in_flight: AtomicUsize,
}

fn main() -> io::Result<()> {
    signal::catch_sigterm();
    let linger = variable::milliseconds("LINGER_MS");
    let grace = variable::milliseconds("GRACE_MS");
    let port = variable::number("PORT");
    let replica = Arc::new(Replica {
        database: variable::text("DATABASE"),
        warm: AtomicBool::new(false),
        in_flight: AtomicUsize::new(0),
    });
    let loader = replica.clone();
    std::thread::spawn(move || loader.load_catalogue());
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    listener.set_nonblocking(true)?;
    let mut asked = None;
    loop {
        if signal::asked_to_stop() {
            asked.get_or_insert_with(Instant::now);
        }
        if asked.is_some_and(|asked| asked.elapsed() >= linger) || signal::sigterms() > 1 {
            break;
        }
        match listener.accept() {
            Ok((stream, _)) => replica.clone().answer(stream)?,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::sleep(LOOK),
            Err(_) => {}
        }
    }
    drop(listener);
    while replica.in_flight.load(Ordering::SeqCst) > 0 {
        let over = asked.is_none_or(|asked| asked.elapsed() >= grace);
        if over || signal::sigterms() > 1 {
            std::process::exit(1);
        }
        std::thread::sleep(LOOK);
    }
    Ok(())
}

impl Replica {
    /// Answers one connection, in a thread of its own.
    fn answer(self: Arc<Self>, stream: TcpStream) -> io::Result<()> {
        stream.set_nonblocking(false)?;
        self.in_flight.fetch_add(1, Ordering::SeqCst);
        std::thread::spawn(move || {
            // A client that goes away is its own affair.
            let _ = http::answer(stream, &|request| self.respond(request));
            self.in_flight.fetch_sub(1, Ordering::SeqCst);
        });
        Ok(())
    }

    fn respond(&self, request: &Request) -> Response {
        let warm = self.warm.load(Ordering::SeqCst);
        let ready = warm && !signal::asked_to_stop();
        let ok_if = |good| Response::new(if good { 200 } else { 503 }, "{}");
        match request.path.as_str() {
            "/livez" => ok_if(true),
            "/readyz" => ok_if(ready),
            path if path.starts_with("/lots/") => {
                if warm {
                    self.fetch(path)
                } else {
                    ok_if(false)
                }
            }
            _ => Response::new(404, "{}"),
        }
    }

    fn fetch(&self, path: &str) -> Response {
        match self.ask(path) {
            Some(body) => Response::new(200, body),
            None => Response::new(502, "{}"),
        }
    }

    fn load_catalogue(&self) {
        while self.ask("/catalogue").is_none() {
            std::thread::sleep(Duration::from_millis(200));
        }
        self.warm.store(true, Ordering::SeqCst);
    }

    fn ask(&self, path: &str) -> Option<String> {
        let until = Instant::now() + Duration::from_secs(60);
        let answer = http::get(&format!("{}{path}", self.database), until).ok()?;
        (answer.status == 200).then_some(answer.body)
    }
}
