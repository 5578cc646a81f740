//! A joiner: two streams made one. Each event of the first meets the event of its key in the second that happens
//! within so long after it.
//!
//! Whichever comes first waits for the other, and the watermark says when that is expected no more. So what a joiner
//! keeps is the interval times the rate, and not the stream.
//!
//! Sources: Apache Flink documentation, Joining, "Interval Join"; Ananthanarayanan et al., "Photon: Fault-tolerant and
//! Scalable Joining of Continuous Data Streams", SIGMOD 2013 (clicks joined with the queries that they came from).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stream {
    First,
    Second,
}

/// The events of one lane that wait for their partner. In each stream a key comes once.
#[derive(Debug, Clone)]
pub struct Joiner<A, B> {
    within: Duration,
    watermark: Duration,
    /// When each happened.
    firsts: BTreeMap<u64, (Duration, A)>,
    seconds: BTreeMap<u64, (Duration, B)>,
    /// From when on each waits no more.
    due: BTreeSet<(Duration, Stream, u64)>,
}

// region: join
impl<A, B> Joiner<A, B> {
    /// Joins what happens within so long after the first event.
    pub fn new(within: Duration) -> Self {
        Self {
            within,
            watermark: Duration::ZERO,
            firsts: BTreeMap::new(),
            seconds: BTreeMap::new(),
            due: BTreeSet::new(),
        }
    }

    /// An event of the first stream: with its partner, if that has come before it; none while it waits.
    ///
    /// # Errors
    /// The event: the watermark has passed all partners that it could have.
    pub fn first(&mut self, key: u64, happened: Duration, event: A) -> Result<Option<(A, B)>, A> {
        let until = happened + self.within;
        if let Some((when, partner)) = self.seconds.remove(&key) {
            self.due.remove(&(when, Stream::Second, key));
            if (happened..=until).contains(&when) {
                return Ok(Some((event, partner)));
            }
        }
        if until < self.watermark {
            return Err(event);
        }
        self.firsts.insert(key, (happened, event));
        self.due.insert((until, Stream::First, key));
        Ok(None)
    }

    /// An event of the second stream: with its partner, if that waits for it; none while this one waits.
    ///
    /// # Errors
    /// The event: its partner happened at another time, or is given up, or expected no more.
    pub fn second(&mut self, key: u64, happened: Duration, event: B) -> Result<Option<(A, B)>, B> {
        if let Some((began, partner)) = self.firsts.remove(&key) {
            let until = began + self.within;
            if (began..=until).contains(&happened) {
                self.due.remove(&(until, Stream::First, key));
                return Ok(Some((partner, event)));
            }
            self.firsts.insert(key, (began, partner));
            return Err(event);
        }
        if happened < self.watermark {
            return Err(event);
        }
        self.seconds.insert(key, (happened, event));
        self.due.insert((happened, Stream::Second, key));
        Ok(None)
    }

    /// No event of an earlier moment than `mark` is expected in either stream. Returns the first events that stay
    /// without a partner, the earliest first.
    pub fn advance(&mut self, mark: Duration) -> Vec<A> {
        self.watermark = self.watermark.max(mark);
        let mut alone = Vec::new();
        while let Some(&(moment, stream, key)) = self.due.first() {
            if moment >= self.watermark {
                break;
            }
            self.due.pop_first();
            match stream {
                Stream::First => alone.extend(self.firsts.remove(&key).map(|(_, event)| event)),
                Stream::Second => drop(self.seconds.remove(&key)),
            }
        }
        alone
    }

    /// Events that wait for a partner.
    pub fn kept(&self) -> usize {
        self.firsts.len() + self.seconds.len()
    }
}
// endregion: join
