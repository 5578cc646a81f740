//! A lab of keys over RESP2, so that `redis-cli` and `redis-benchmark` travel through it.
//!
//! - [`parse`]: requests, with their limits; [`reply`]: replies; [`command`]: what each command does;
//! - here: one client.
//!
//! The commands of a connection are done one after the other, as Redis does them: a pipeline saves the way there and
//! back. A client that asks too often waits, where HTTP would say 429. Only 127.0.0.1 is bound, and a web page that sends
//! its request here is cut off at `POST` or `Host:`, as Redis does.

mod command;
mod parse;
mod reply;
#[cfg(test)]
mod tests;

use super::accept::accept;
use super::site::Site;
use command::{Commands, Keys};
use ddlab_labs::workbench::lab::LabSpec;
use parse::{Request, parse};
use reply::Reply;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// For how long a client may say nothing.
const IDLE: Duration = Duration::from_mins(5);
/// Bytes of a request, all its words together, at most.
const REQUEST_MAX: usize = 256 * 1024;
/// What is read at a time has room for so much.
const READ: usize = 16 * 1024;

/// Whether a lab can be asked for keys.
pub fn has_keys(spec: &'static LabSpec) -> bool {
    Keys::of(&spec.endpoints).is_some()
}

/// Serves until the site is told to stop. A request that is in progress then is answered.
pub async fn serve(listener: std::net::TcpListener, site: &Arc<Site>) {
    let (Ok(address), Some(keys)) = (listener.local_addr(), Keys::of(&site.spec().endpoints))
    else {
        return;
    };
    let serve = |stream, site| client(stream, site, keys, address);
    accept(listener, site, serve, turn_away).await;
}

async fn turn_away(mut stream: TcpStream, site: Arc<Site>) {
    let reply = Reply::error("ERR", "max number of clients reached");
    send(&mut stream, &site, &reply).await;
}

/// One client, until it leaves, is not understood, or the server stops.
async fn client(mut stream: TcpStream, site: Arc<Site>, keys: Keys, address: SocketAddr) {
    let _ = stream.set_nodelay(true);
    let commands = Commands {
        site: &site,
        keys,
        address,
    };
    let mut stopped = site.stopped.clone();
    let mut bytes = Vec::new();
    loop {
        match parse(&bytes) {
            Ok(Some(Request { words, length })) => {
                bytes.drain(..length);
                if is_http(&words) {
                    return;
                }
                if words.is_empty() {
                    continue;
                }
                let reply = commands.answer(&words).await;
                let is_last = words[0].eq_ignore_ascii_case(b"quit");
                if !send(&mut stream, &site, &reply).await || is_last || *stopped.borrow() {
                    return;
                }
                site.note_command(&words[0]);
            }
            Ok(None) if bytes.len() <= REQUEST_MAX => {
                bytes.reserve(READ);
                let read = stream.read_buf(&mut bytes);
                tokio::select! {
                    biased;
                    _ = stopped.wait_for(|stopped| *stopped) => return,
                    read = tokio::time::timeout(IDLE, read) => {
                        if !matches!(read, Ok(Ok(1..))) {
                            return;
                        }
                    }
                }
            }
            Ok(None) => {
                let reply = Reply::error("ERR", "Protocol error: the request is too large");
                send(&mut stream, &site, &reply).await;
                return;
            }
            Err(error) => {
                send(&mut stream, &site, &Reply::error("ERR", &error.to_string())).await;
                return;
            }
        }
    }
}

/// What a web page can make a browser send.
fn is_http(words: &[Vec<u8>]) -> bool {
    let first = words.first();
    first.is_some_and(|word| {
        word.eq_ignore_ascii_case(b"post") || word.eq_ignore_ascii_case(b"host:")
    })
}

/// Whether the client has taken it.
async fn send(stream: &mut TcpStream, site: &Site, reply: &Reply) -> bool {
    let mut out = Vec::new();
    reply.write(&mut out);
    let sent = tokio::time::timeout(site.limits.unread, stream.write_all(&out)).await;
    matches!(sent, Ok(Ok(())))
}
