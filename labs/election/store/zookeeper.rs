//! `ZooKeeper`: each candidate makes an ephemeral node with a number of its own; the lowest one owns, and
//! the others wait in line, each watching the one before it. A node goes when its session ends, which
//! the ensemble decides by whole ticks. The number is the token. A session's timeout is negotiated: what was
//! granted counts, not what was asked for. By two thirds of it without a word the client takes itself to be
//! *disconnected*; that the session has *expired* it learns only when it reaches the ensemble again
//! (apache/zookeeper, `ClientCnxn.java`, `onConnected` and `readTimeout`).

use super::{GRANTED_BEFORE, Holder, Session, Store, StoreReply, StoreRequest, whole};
use crate::election::pattern::Token;
use crate::engine::SimTime;
use std::time::Duration;

/// `tickTime` of the sample configuration.
const TICK: Duration = Duration::from_secs(2);
/// A session's timeout is held between 2 and 20 ticks.
const TICKS: (u32, u32) = (2, 20);

#[derive(Debug)]
pub struct ZooKeeper {
    /// In the order of their numbers: the first one owns.
    line: Vec<Node>,
    created: u64,
    notices: Vec<Session>,
}

#[derive(Debug)]
struct Node {
    who: Session,
    number: u64,
    timeout: Duration,
    heard: SimTime,
}

impl Node {
    /// Sessions end at the first tick after their timeout.
    fn ends(&self) -> SimTime {
        let tick = Duration::from_nanos(1);
        whole(Duration::from(self.heard + self.timeout) + tick, TICK).into()
    }
}

/// What a session gets that asks for this timeout.
fn granted(timeout: Duration) -> Duration {
    timeout.clamp(TICK * TICKS.0, TICK * TICKS.1)
}

impl Default for ZooKeeper {
    fn default() -> Self {
        Self {
            line: Vec::new(),
            created: GRANTED_BEFORE,
            notices: Vec::new(),
        }
    }
}

impl Store for ZooKeeper {
    fn ask(&mut self, ask: StoreRequest, now: SimTime) -> StoreReply {
        match ask {
            StoreRequest::Acquire { who, lease } => {
                if !self.hear(who, now) {
                    self.created += 1;
                    self.line.push(Node {
                        who,
                        number: self.created,
                        timeout: granted(lease),
                        heard: now,
                    });
                }
                match self.line.first() {
                    Some(first) if first.who == who => {
                        StoreReply::Granted(Token(first.number), first.timeout)
                    }
                    _ => StoreReply::No,
                }
            }
            StoreRequest::Renew { who, .. } if self.hear(who, now) => {
                let node = self.line.iter().find(|node| node.who == who);
                node.map_or(StoreReply::No, |node| StoreReply::Renewed(node.timeout))
            }
            StoreRequest::Release { who } => {
                self.remove(|node| node.who == who);
                StoreReply::Yes
            }
            _ => StoreReply::No,
        }
    }

    fn holder(&self) -> Option<Holder> {
        let first = self.line.first()?;
        Some(Holder {
            who: first.who,
            token: Some(Token(first.number)),
        })
    }

    fn promised_until(&self) -> Option<SimTime> {
        let first = self.line.first()?;
        Some(first.heard + first.timeout)
    }

    fn next_end(&self) -> Option<SimTime> {
        self.line.iter().map(Node::ends).min()
    }

    fn end(&mut self, now: SimTime) {
        self.remove(|node| node.ends() <= now);
    }

    fn notices(&mut self) -> Vec<Session> {
        std::mem::take(&mut self.notices)
    }

    /// The new leader gives every session its whole timeout again.
    fn recover(&mut self, now: SimTime) {
        for node in &mut self.line {
            node.heard = now;
        }
    }
}

impl ZooKeeper {
    /// Whether this session is alive; it was heard of.
    fn hear(&mut self, who: Session, now: SimTime) -> bool {
        let node = self.line.iter_mut().find(|node| node.who == who);
        node.map(|node| node.heard = now).is_some()
    }

    /// Only the next in line is told: no herd.
    fn remove(&mut self, goes: impl Fn(&Node) -> bool) {
        let first = self.line.first().map(|node| node.number);
        self.line.retain(|node| !goes(node));
        if let Some(next) = self.line.first()
            && Some(next.number) != first
        {
            self.notices.push(next.who);
        }
    }
}
