//! Five stores for a lease, each with its own rules of expiry and of tokens.
//!
//! | store | who decides expiry | token | a crash of the store |
//! |---|---|---|---|
//! | [`redis`] | the server's TTL, by its wall clock | none: a counter beside the lock | forgets lock and counter |
//! | [`etcd`] | its leader, looking twice a second | the revision | keeps all, extends every lease |
//! | [`zookeeper`] | the ensemble, by whole ticks | the number of the candidate's node | keeps all, sessions start afresh |
//! | [`kubernetes`] | each candidate, by its own clock | `leaseTransitions` | keeps all |
//! | [`sql`] | nobody: it ends with its session | a sequence | ends all sessions |
//!
//! A store is a plain state machine: what it is asked, what it answers, when something of it ends by
//! itself. Network, pauses and clocks are around it.

pub mod etcd;
pub mod kubernetes;
pub mod redis;
pub mod sql;
pub mod zookeeper;

use super::pattern::Token;
use crate::choices;
use crate::engine::SimTime;
use std::time::Duration;

/// The store has granted 32 leases before the run begins.
pub const GRANTED_BEFORE: u64 = 32;

/// One life of a candidate: what a store knows a client by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Session {
    /// From 0.
    pub candidate: u32,
    /// How often it was started before.
    pub boots: u32,
}

/// What a store is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreRequest {
    Acquire {
        who: Session,
        lease: Duration,
    },
    /// Redis: `INCR`, a command of its own.
    Count,
    Renew {
        who: Session,
        lease: Duration,
    },
    Release {
        who: Session,
    },
    /// Kubernetes: read the record.
    Look,
    /// Kubernetes: replace the record, if it still has this version.
    Swap {
        version: u64,
        holder: Option<Session>,
        lease: Duration,
    },
}

/// What a store answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreReply {
    /// It is yours, with this token, for so long without a renewal.
    Granted(Token, Duration),
    /// Renewed, for so long.
    Renewed(Duration),
    /// It is yours, and this store has no tokens.
    GrantedBare,
    Counted(u64),
    Yes,
    No,
    Record(Record),
}

/// The Kubernetes Lease object, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    pub version: u64,
    pub holder: Option<Session>,
    /// `leaseDurationSeconds`, as the holder wrote it: those who wait go by it.
    pub lease: Duration,
    pub transitions: u64,
}

/// Who has the lease by the store's own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    pub who: Session,
    /// None where the store knows of no token.
    pub token: Option<Token>,
}

/// One kind of store.
pub trait Store {
    fn ask(&mut self, ask: StoreRequest, now: SimTime) -> StoreReply;

    fn holder(&self) -> Option<Holder>;

    /// Until when the store has promised the lease to its holder; none where it promises nothing.
    fn promised_until(&self) -> Option<SimTime>;

    /// When something ends by itself, next.
    fn next_end(&self) -> Option<SimTime>;

    /// Ends what has run out by `now`.
    fn end(&mut self, now: SimTime);

    /// Who is to be told that the lease is free, of those who asked in vain. Stores without notices
    /// tell nobody.
    fn notices(&mut self) -> Vec<Session> {
        Vec::new()
    }

    /// It has crashed and is back.
    fn recover(&mut self, now: SimTime);

    /// Its clients are told of a crash: their connections break, and with them what was promised.
    fn breaks_its_word_openly(&self) -> bool {
        false
    }

    fn set_keepalive(&mut self, _keepalive: Option<Duration>) {}

    /// The connection of this client is closed: its process has ended, and its kernel says so. A machine that has
    /// lost power says nothing.
    fn hangs_up(&mut self, _who: Session) {}

    /// Whether the kernel of the holder's machine answers just now, be its process running or not.
    fn kernel_answers(&mut self, _answers: bool) {}

    /// The store's wall clock is set forward.
    fn wall_clock_jumps(&mut self, _by: Duration) {}
}

choices! {
    /// The knob `backend`.
    pub enum Backend {
        RedisTtl,
        Etcd,
        Zookeeper,
        K8sLease,
        SqlLock,
    }
}

impl Backend {
    /// Those who wait judge by their own clocks when a lease is over; else the store decides.
    pub fn goes_by_clients_clocks(self) -> bool {
        self == Self::K8sLease
    }

    /// A store of this kind, with nothing in it. In etcd, `in_line` candidates queue by revision.
    pub fn store(self, in_line: bool) -> Box<dyn Store> {
        match self {
            Self::RedisTtl => Box::<redis::Redis>::default(),
            Self::Etcd => Box::new(etcd::Etcd::new(in_line)),
            Self::Zookeeper => Box::<zookeeper::ZooKeeper>::default(),
            Self::K8sLease => Box::<kubernetes::Kubernetes>::default(),
            Self::SqlLock => Box::<sql::Sql>::default(),
        }
    }
}

/// `span` rounded up to a whole number of `unit`.
fn whole(span: Duration, unit: Duration) -> Duration {
    let units = span.as_nanos().div_ceil(unit.as_nanos());
    Duration::from_nanos(u64::try_from(units * unit.as_nanos()).unwrap_or(u64::MAX))
}
