//! A sidecar that speaks mutual TLS for its service.
//!
//! A `Bundle` is what one look at the mounted folder gave: one TLS configuration for each direction, made
//! of the same version of all three files. A new version replaces the bundle; what runs keeps the one
//! that it began with.
#![allow(dead_code)]

mod bundle;
mod http;
mod variable;

use bundle::{Bundle, identity};
use http::{Call, Headers, Request, Response, Timed};
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, ServerConnection, StreamOwned};
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const LOOK: Duration = Duration::from_millis(200);

struct Sidecar {
    app: String,
    peer: SocketAddr,
    peer_id: String,
    allowed: Vec<String>,
    folder: PathBuf,
    timeout: Duration,
    bundle: Mutex<Arc<Bundle>>,
}

fn main() -> io::Result<()> {
    let folder = PathBuf::from(variable::text("CERT_DIR"));
    let peer_id = variable::text("PEER_ID");
    let sidecar = Arc::new(Sidecar {
        app: variable::text("APP"),
        peer: variable::text("PEER").parse().map_err(io::Error::other)?,
        allowed: variable::list("ALLOWED"),
        timeout: variable::milliseconds("TIMEOUT_MS"),
        bundle: Mutex::new(Arc::new(Bundle::read(&folder, &peer_id)?)),
        folder,
        peer_id,
    });
    let watcher = sidecar.clone();
    std::thread::spawn(move || watcher.watch());
    let secured = TcpListener::bind(("127.0.0.1", variable::number("TLS_PORT")))?;
    let server = sidecar.clone();
    std::thread::spawn(move || server.serve_tls(&secured));
    http::serve(variable::number("PORT"), move |request| sidecar.outbound(request))
}

impl Sidecar {
    fn bundle(&self) -> Arc<Bundle> {
        self.bundle.lock().unwrap().clone()
    }

    fn watch(&self) {
        loop {
            std::thread::sleep(LOOK);
            if self.bundle().is_of_now(&self.folder) {
                continue;
            }
            // Not whole, or gone again: the last good one stays.
            if let Ok(bundle) = Bundle::read(&self.folder, &self.peer_id) {
                *self.bundle.lock().unwrap() = Arc::new(bundle);
            }
        }
    }

    fn serve_tls(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming().flatten() {
            let sidecar = self.clone();
            // A handshake that takes long is its own affair.
            std::thread::spawn(move || sidecar.answer_tls(stream));
        }
    }

    fn answer_tls(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(self.timeout))?;
        let config = self.bundle().inbound.clone();
        let mut tls = ServerConnection::new(config).map_err(io::Error::other)?;
        while tls.is_handshaking() {
            tls.complete_io(&mut stream)?;
        }
        let caller = tls.peer_certificates().and_then(<[_]>::first);
        let caller = caller.and_then(identity);
        let secured = StreamOwned::new(tls, stream);
        http::answer(secured, &|request| self.inbound(request, caller.as_deref()))
    }

    fn inbound(&self, request: &Request, caller: Option<&str>) -> Response {
        let Some(caller) = caller.filter(|caller| self.allowed.iter().any(|one| one == caller))
        else {
            return Response::new(403, "{}");
        };
        let url = format!("{}{}", self.app, target(request));
        let mut headers = passed_on(&request.headers);
        headers.push(("X-Peer-Id", caller));
        let call = Call {
            headers: &headers,
            body: &request.body,
            ..Call::new(&request.method, &url)
        };
        pass_back(http::send(&call, Instant::now() + self.timeout))
    }

    fn outbound(&self, request: &Request) -> Response {
        if request.path == "/healthz" {
            return Response::new(200, "{}");
        }
        let url = format!("http://{}{}", self.peer, target(request));
        let headers = passed_on(&request.headers);
        let call = Call {
            headers: &headers,
            body: &request.body,
            ..Call::new(&request.method, &url)
        };
        pass_back(self.ask_peer(&call))
    }

    fn ask_peer(&self, call: &Call) -> io::Result<Response> {
        let until = Instant::now() + self.timeout;
        let stream = TcpStream::connect_timeout(&self.peer, self.timeout)?;
        let mut stream = Timed { stream, until };
        let name = ServerName::from(self.peer.ip());
        let config = self.bundle().outbound.clone();
        let mut tls = ClientConnection::new(config, name).map_err(io::Error::other)?;
        // The peer's identity is looked at in here; until then nothing of the call is sent.
        while tls.is_handshaking() {
            tls.complete_io(&mut stream)?;
        }
        http::exchange(&mut StreamOwned::new(tls, stream), call)
    }
}

fn target(request: &Request) -> String {
    match request.query.as_str() {
        "" => request.path.clone(),
        query => format!("{}?{query}", request.path),
    }
}

/// The headers without those that each hop makes itself.
fn passed_on(headers: &Headers) -> Vec<(&str, &str)> {
    let ours = ["connection", "content-length", "host", "x-peer-id"];
    let all = headers
        .0
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    all.filter(|(name, _)| !ours.iter().any(|one| name.eq_ignore_ascii_case(one)))
        .collect()
}

fn pass_back(answer: io::Result<Response>) -> Response {
    let Ok(answer) = answer else {
        return Response::new(502, "{}");
    };
    let mut response = Response::new(answer.status, answer.body);
    if let Some(kind) = answer.headers.get("Content-Type") {
        let kind = ("Content-Type".to_owned(), kind.to_owned());
        response.headers.0.push(kind);
    }
    response
}
