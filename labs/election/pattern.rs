//! Ownership election: equal candidates compete for a *lease*, a lock with an expiry date. The one
//! that gets it renews it while it lives; when it dies, the lease runs out and another one gets it.
//!
//! Three parties, three pieces of code:
//!
//! | who | code | what it is for |
//! |---|---|---|
//! | the candidate | [`campaign`], [`hold`] | stops by its own clock *before* the lease is over for others |
//! | the owner's work | [`own`] | raises the fence, then reads, then writes; each step carries the token |
//! | the storage | [`Fence`] | refuses a token lower than the highest it has seen |
//!
//! The first alone is not enough, however careful it is: a paused owner is not slow to notice that its
//! lease is over, it is not *running*. Only the storage sees the moment of the write.
//!
//! [`Watched`] is the rule of a store that has no clock of its own (the Kubernetes Lease): each
//! candidate judges by itself when the holder has been silent for too long.
//!
//! [`hold`] is stricter than what Kubernetes' library does; that is in [`client_go`](super::client_go).
//!
//! Time comes from [`env`], so the same code runs in the simulator and on a real runtime. Its clock should
//! count the time in which the machine is suspended (on Linux `CLOCK_BOOTTIME`, where `Instant` doesn't).

use crate::engine::env;
use futures::future::{Either, select};
use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

/// Grows with each grant of the lease; goes along with each write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token(pub u64);

impl fmt::Display for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// Nobody knows whether the request was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no answer")]
pub struct Unreachable;

pub type Answer<T> = Result<T, Unreachable>;

/// Where the lease is kept, as one candidate sees it.
pub trait LeaseStore {
    /// None while someone else has it.
    fn acquire(&self) -> impl Future<Output = Answer<Option<Token>>>;
    /// False when it is lost for good.
    fn renew(&self, token: Token) -> impl Future<Output = Answer<bool>>;
    fn release(&self, token: Token) -> impl Future<Output = Answer<()>>;
    /// Completes when it is worth asking again: at the store's notice, if it gives any, or after
    /// `retry` with jitter, so that candidates don't ask in step.
    fn worth_asking(&self, retry: Duration) -> impl Future<Output = ()>;
    /// As the store has granted them: it may give less time than was asked for.
    fn times(&self) -> Times;
}

/// Shorter than the lease, or it is of no use: 10 s of 15, every 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// So long after its last good renewal was *asked for*, the owner stops.
    pub renew_deadline: Duration,
    /// From one renewal, or one attempt to get the lease, to the next.
    pub retry: Duration,
}

// region: campaign
/// Competes for the lease for ever; runs `own` while it is held.
pub async fn campaign<S: LeaseStore>(store: &S, own: impl AsyncFn(Token)) {
    loop {
        let asked = env::now();
        let answer = env::timeout(store.times().renew_deadline, store.acquire()).await;
        let until = asked.saturating_add(store.times().renew_deadline);
        // An answer that came late is worth nothing: others may count the lease as over.
        if let Ok(Ok(Some(token))) = answer
            && env::now() < until
        {
            // First the deadline, then the work: after a pause both may be due.
            let in_doubt = pin!(hold(store, token, until));
            let work = pin!(own(token));
            // In doubt, `own` is dropped where it waits.
            if let Either::Right(_) = select(in_doubt, work).await {
                // Done, or asked to stop: the others needn't wait.
                let _ = env::timeout(store.times().retry, store.release(token)).await;
            }
        }
        store.worth_asking(store.times().retry).await;
    }
}
// endregion

// region: hold
/// Renews, and returns as soon as the lease can't be relied on. It counts from when it *asked*: the
/// store's clock may have started at any time since, and the earliest guess is the safe one. It looks at
/// its own clock after each wait, since it may have been paused in any of them.
async fn hold<S: LeaseStore>(store: &S, token: Token, mut until: Duration) {
    loop {
        let left = until.saturating_sub(env::now());
        env::sleep(store.times().retry.min(left)).await;
        let asked = env::now();
        if asked >= until {
            return;
        }
        match env::timeout(until.saturating_sub(asked), store.renew(token)).await {
            Ok(Ok(true)) => until = asked.saturating_add(store.times().renew_deadline),
            // Perhaps the next one gets through.
            Ok(Err(Unreachable)) => {}
            Ok(Ok(false)) | Err(_) => return,
        }
    }
}
// endregion

/// Where the work has its effect, and the jobs that are to be done there, numbered in their order.
pub trait Storage {
    /// From now on nothing older than `token` is let in; says which job was the last one done.
    fn raise(&self, token: Token) -> impl Future<Output = Answer<Written>>;
    /// Completes when this job is due; false when the owner is to stop before it.
    fn due(&self, job: u64) -> impl Future<Output = bool>;
    /// Reads what the job is about and decides: everything before the write.
    fn decide(&self, job: u64) -> impl Future<Output = ()>;
    fn write(&self, token: Token, job: u64) -> impl Future<Output = Answer<Written>>;
    /// How long to wait before a write is tried again.
    fn pause(&self) -> impl Future<Output = ()>;
}

/// What the storage says to a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// With the last job that is done.
    Accepted { done: u64 },
    /// There is a newer owner.
    Fenced,
}

// region: own
/// The work of the owner: every job in its turn, until the storage says that someone newer has it, or until
/// it is asked to stop; then it has finished the job that it was at.
pub async fn own<S: Storage>(storage: &S, token: Token) {
    // First the fence, then the reading: between the two an older owner could still write, and what
    // was read would be out of date.
    let mut done = loop {
        match storage.raise(token).await {
            Ok(Written::Accepted { done }) => break done,
            Ok(Written::Fenced) => return,
            Err(Unreachable) => storage.pause().await,
        }
    };
    while storage.due(done + 1).await {
        let job = done + 1;
        storage.decide(job).await;
        // Checking the lease *here* would not help: a pause fits between the check and the write.
        match storage.write(token, job).await {
            Ok(Written::Accepted { .. }) => done = job,
            Ok(Written::Fenced) => return,
            Err(Unreachable) => storage.pause().await,
        }
    }
}
// endregion

// region: fence
/// The storage's side: one number, the highest token it has seen.
#[derive(Debug, Default)]
pub struct Fence {
    highest: Cell<Option<Token>>,
}

impl Fence {
    /// Whether a write with this token may be let in. The fence stands where a token has *arrived*,
    /// not where it was granted.
    pub fn admits(&self, token: Token) -> bool {
        let fresh = self.highest.get().is_none_or(|highest| token >= highest);
        if fresh {
            self.highest.set(Some(token));
        }
        fresh
    }

    pub fn highest(&self) -> Option<Token> {
        self.highest.get()
    }
}
// endregion

// region: watched
/// What a follower has seen of a lease that nobody but itself can call expired. Times of day are never
/// compared, only a span of its own clock: so no offset matters, and a rate does.
#[derive(Debug, Default)]
pub struct Watched {
    seen: Cell<Option<(u64, Duration)>>,
}

impl Watched {
    /// Takes note of the version of the lease's record; says whether it has stood still for a whole
    /// `lease`, counted from when this version was first *seen*.
    pub fn has_stood_still(&self, version: u64, lease: Duration) -> bool {
        let now = env::now();
        match self.seen.get() {
            Some((seen, since)) if seen == version => now.saturating_sub(since) >= lease,
            _ => {
                self.seen.set(Some((version, now)));
                false
            }
        }
    }
}
// endregion
