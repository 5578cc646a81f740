//! Free ports for programs to listen on.
//!
//! The kernel would give us one (port 0), but from the range out of which it also takes the source
//! port of every outgoing connection: between our closing it and the program's opening it, one of
//! the grader's own connections could sit on it. So we look below that range.

use std::io;
use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};

/// Linux takes source ports from 32768 up, macOS and Windows from 49152 up.
const FIRST: u32 = 20_000;
const COUNT: u32 = 12_000;

/// A port of 127.0.0.1 on which nobody listens now, and that this process has not given out lately.
pub fn free() -> io::Result<u16> {
    static NEXT: AtomicU32 = AtomicU32::new(u32::MAX);
    // Two graders on one machine must not choose in step.
    let begin = super::fresh() as u32 % COUNT;
    let _ = NEXT.compare_exchange(u32::MAX, begin, Ordering::Relaxed, Ordering::Relaxed);
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
        let port = u16::try_from(FIRST + step).map_err(io::Error::other)?;
        // Any address: a program that listens on all of them needs the port on all of them.
        if TcpListener::bind(("0.0.0.0", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(io::Error::other(format!(
        "no port between {FIRST} and {} is free",
        FIRST + COUNT
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_differ_and_can_be_listened_on() {
        let ports: Vec<u16> = (0..50).map(|_| free().expect("a port is free")).collect();
        let distinct: std::collections::BTreeSet<_> = ports.iter().collect();
        assert_eq!(distinct.len(), ports.len());
        TcpListener::bind(("127.0.0.1", ports[0])).expect("the port is still free");
    }
}
