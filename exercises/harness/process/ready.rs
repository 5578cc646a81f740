//! Waiting until a program serves, and telling apart the ways in which it does not: it ended, it
//! lives but listens nowhere, it listens elsewhere, it listens here but says nothing sensible.

use super::{Ended, Program};
use crate::harness::probe::{self, NoReply};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::Instant;

/// How many times the limit a program may take to start on a machine that is busy with others.
const STARVED_MAX: u32 = 3;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotReady {
    Exited(Ended),
    /// It lives; where else it listens, if anywhere.
    NotListening {
        elsewhere: Vec<SocketAddr>,
    },
    /// It takes connections; what came instead of a 200.
    NotHealthy(String),
}

impl Program {
    /// Waits until `GET path` on the port is answered with 200, at most `limit`; the time in which it
    /// waited for a processor does not count, up to [`STARVED_MAX`] times as long.
    pub async fn wait_for_http(
        &mut self,
        port: u16,
        path: &str,
        limit: Duration,
    ) -> Result<(), NotReady> {
        let begun = Instant::now();
        let starved_before = self.cpu_wait.get();
        let url = format!("http://127.0.0.1:{port}{path}");
        let mut last = NotReady::NotListening {
            elsewhere: Vec::new(),
        };
        loop {
            if let Some(ended) = self.ended() {
                return Err(NotReady::Exited(ended));
            }
            let starved = self.cpu_wait.get().saturating_sub(starved_before);
            let until = begun + limit + starved.min(limit * STARVED_MAX);
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            match probe::get(&url, left).await {
                Ok(reply) if reply.status == 200 => return Ok(()),
                Ok(reply) => last = NotReady::NotHealthy(format!("status {}", reply.status)),
                Err(NoReply::Refused) => {}
                Err(no_reply) => last = NotReady::NotHealthy(no_reply.in_words().to_owned()),
            }
            // Short, because every check begins with this wait; an exit ends it at once.
            self.wait_ended(Duration::from_millis(15)).await;
        }
        if let NotReady::NotListening { elsewhere } = &mut last {
            *elsewhere = self.listens_on();
            elsewhere.retain(|address| address.port() != port);
        }
        Err(last)
    }

    /// Where the processes of this program listen (TCP). Empty where the system does not say.
    pub fn listens_on(&self) -> Vec<SocketAddr> {
        let members = self.family().look();
        let sockets: Vec<String> = members
            .iter()
            .filter_map(|member| std::fs::read_dir(format!("/proc/{}/fd", member.pid)).ok())
            .flat_map(std::iter::Iterator::flatten)
            .filter_map(|entry| std::fs::read_link(entry.path()).ok())
            .filter_map(|target| {
                let target = target.to_str()?;
                Some(
                    target
                        .strip_prefix("socket:[")?
                        .strip_suffix(']')?
                        .to_owned(),
                )
            })
            .collect();
        let mut found: Vec<SocketAddr> = ["/proc/net/tcp", "/proc/net/tcp6"]
            .iter()
            .filter_map(|table| std::fs::read_to_string(table).ok())
            .flat_map(|table| {
                table
                    .lines()
                    .skip(1)
                    .filter_map(listening)
                    .collect::<Vec<_>>()
            })
            .filter(|(_, inode)| sockets.contains(inode))
            .map(|(address, _)| address)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// A line of `/proc/net/tcp`: local address, and the inode, if the socket listens (state 0A).
fn listening(line: &str) -> Option<(SocketAddr, String)> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    if *fields.get(3)? != "0A" {
        return None;
    }
    let (host, port) = fields.get(1)?.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    // The kernel prints each 32-bit word of the address in the order of the machine.
    let words: Vec<u8> = (0..host.len() / 8)
        .filter_map(|word| u32::from_str_radix(host.get(word * 8..word * 8 + 8)?, 16).ok())
        .flat_map(u32::to_ne_bytes)
        .collect();
    let address = if let Ok(four) = <[u8; 4]>::try_from(words.as_slice()) {
        SocketAddr::from((four, port))
    } else {
        SocketAddr::from((<[u8; 16]>::try_from(words.as_slice()).ok()?, port))
    };
    Some((address, (*fields.get(9)?).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn a_listening_socket_is_read_from_the_table_of_the_kernel() {
        let line = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0000000000000000 100 0 0 10 0";
        let (address, inode) = listening(line).expect("the line is of a listening socket");
        assert_eq!(address, "127.0.0.1:8080".parse().expect("an address"));
        assert_eq!(inode, "12345");
        let established = line.replace(" 0A ", " 01 ");
        assert!(listening(&established).is_none());
    }
}
