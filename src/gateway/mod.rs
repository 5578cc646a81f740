//! A running lab over HTTP on the loopback: real requests travel through it, real monitoring reads it.
//!
//! The gateway is a [`RunClient`]; the run goes on by itself, paced by its own thread. Virtual
//! time is what the answers speak of; at a speed of 1x it passes as fast as that of the client.
//!
//! - here: [`Gateway`], which has the thread and its runtime; [`Limits`]: what one server allows;
//! - `accept`: the accept loop and shutdown; `serve`: a connection over HTTP;
//! - `site`: one request from its arrival to its response: `guard` (who may ask), `allowance` (how
//!   often), `routes` (what there is), `body`, then `lab` (through the lab), `control` (knobs, actions),
//!   `state` (frames), `metrics` (Prometheus);
//! - `failure`: every error as JSON;
//! - [`resp`]: the same lab for Redis clients, where it has keys.
//!
//! Only 127.0.0.1 is bound, and nothing that a web page sends is answered: see `guard`.

mod accept;
mod allowance;
mod body;
mod control;
mod failure;
mod guard;
mod lab;
pub mod metrics;
pub mod resp;
mod routes;
mod serve;
mod site;
pub mod state;
#[cfg(test)]
mod tests;

use ddlab_labs::workbench::outside::endpoint::EndpointSpec;
use ddlab_labs::workbench::run::RunClient;
use site::Site;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::watch;

/// Where a lab is served unless one says otherwise.
pub const PORT: u16 = 7070;

/// How a shell asks for it: `curl 'http://127.0.0.1:7070/search?q=oak+chair'`.
pub fn curl(url: &str, endpoint: &EndpointSpec) -> String {
    let method = match endpoint.method.name() {
        "GET" => String::new(),
        other => format!("-X {other} "),
    };
    let body = endpoint.body.map_or("", |_| " -d hello");
    format!("curl {method}'{url}{}'{body}", endpoint.example)
}

/// What one server allows its clients, all together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Bytes of a body.
    pub body_bytes: usize,
    /// Requests a second over time, and at once.
    pub rate: f64,
    pub burst: f64,
    /// Connections at once.
    pub connections: usize,
    /// Streams of frames at once; each holds a connection.
    pub streams: usize,
    /// Until the head of a request has come, and so for how long a connection may be idle.
    pub head: Duration,
    /// Until its body has come.
    pub body: Duration,
    /// Until it is answered.
    pub request: Duration,
    /// For how long a client may leave its response unread.
    pub unread: Duration,
    /// For how long requests in flight are waited for at the end.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 64 * 1024,
            rate: 200.0,
            burst: 400.0,
            connections: 128,
            streams: 16,
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
            request: Duration::from_secs(30),
            unread: Duration::from_secs(10),
            drain: Duration::from_secs(5),
        }
    }
}

/// What whoever started the gateway hears of it.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// A request was answered: how many so far, and this one in a line without control characters.
    Answered { total: u64, line: String },
    /// A knob was turned from outside.
    Turned {
        knob: &'static str,
        value: ddlab_labs::workbench::knob::KnobValue,
    },
    /// Nobody is served any more.
    Ended { total: u64 },
}

/// Called on the gateway's thread; it must not block.
pub type OnNews = Box<dyn Fn(News) + Send + Sync>;

/// Why a lab cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("port {0} of 127.0.0.1 is in use")]
    InUse(u16),
    #[error("cannot listen on port {port} of 127.0.0.1: {source}")]
    Listen { port: u16, source: io::Error },
    #[error("cannot start the gateway: {0}")]
    Start(#[source] io::Error),
}

/// A running gateway. Dropping it ends it, and waits until it has ended.
pub struct Gateway {
    address: SocketAddr,
    resp: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    site: Arc<Site>,
    thread: Option<JoinHandle<()>>,
}

impl Gateway {
    /// Serves the run on a port of 127.0.0.1; port 0 is any that is free.
    ///
    /// # Errors
    /// When the port is in use or can't be had.
    pub fn start(
        run: RunClient,
        port: u16,
        limits: Limits,
        on_news: OnNews,
    ) -> Result<Self, StartError> {
        Self::start_with_resp(run, port, None, limits, on_news)
    }

    /// The same, and RESP2 on a port of its own, where one is given and the lab has keys.
    ///
    /// # Errors
    /// When a port is in use or can't be had.
    pub fn start_with_resp(
        run: RunClient,
        port: u16,
        resp: Option<u16>,
        limits: Limits,
        on_news: OnNews,
    ) -> Result<Self, StartError> {
        // Bound here and not on the thread, so that a port in use is known at once.
        let (listener, address) = listen(port)?;
        let resp = resp.map(listen).transpose()?;
        let resp_address = resp.as_ref().map(|(_, address)| *address);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(StartError::Start)?;
        let (stop, stopped) = watch::channel(false);
        let site = Arc::new(Site::new(run, limits, stopped, on_news));
        let served = Arc::clone(&site);
        let thread = std::thread::Builder::new()
            .name("gateway".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    let by_resp = async {
                        if let Some((listener, _)) = resp {
                            resp::serve(listener, &served).await;
                        }
                    };
                    tokio::join!(serve::serve(listener, &served), by_resp)
                });
                served.has_ended();
            })
            .map_err(StartError::Start)?;
        Ok(Self {
            address,
            resp: resp_address,
            stop,
            site,
            thread: Some(thread),
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where RESP is spoken.
    pub fn resp_address(&self) -> Option<SocketAddr> {
        self.resp
    }

    /// `http://127.0.0.1:7070`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests answered so far.
    pub fn answered(&self) -> u64 {
        self.site.answered.load(Ordering::Relaxed)
    }

    /// Ends it, and waits until it has ended. Returns how many requests were answered.
    pub fn finish(self) -> u64 {
        let site = Arc::clone(&self.site);
        drop(self);
        site.answered.load(Ordering::Relaxed)
    }

    /// Takes nobody in any more; requests in flight are answered, then [`News::Ended`] comes. Returns at
    /// once.
    pub fn begin_to_stop(&self) {
        self.stop.send_replace(true);
    }
}

fn listen(port: u16) -> Result<(TcpListener, SocketAddr), StartError> {
    let refused = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => StartError::InUse(port),
        _ => StartError::Listen { port, source },
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    listener.set_nonblocking(true).map_err(StartError::Start)?;
    Ok((listener, address))
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Gateway")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.begin_to_stop();
        if let Some(thread) = self.thread.take() {
            // It has no panic to tell of: handlers run in tasks, which keep theirs.
            let _ = thread.join();
        }
    }
}
