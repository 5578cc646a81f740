//! Scatter/gather: ask every leaf at once, merge what they answer into one list, and never wait
//! longer for a leaf than its answer is worth.
//!
//! [`gather`] is the root. Its [`Policy`] says what it does about leaves that are slow:
//!
//! | policy | waits for | price |
//! |---|---|---|
//! | `WaitAll` | every leaf | as slow as the slowest leaf |
//! | `Deadline` | whoever answers in time | incomplete answers |
//! | `Quorum` | the fastest share of leaves | incomplete answers, always a few |
//! | `Hedge` | every leaf, but asks a second replica when the first is late | a few extra calls |
//! | `Redundant` | every leaf, through the fastest of several replicas | a multiple of the load |
//! | `Tied` | every leaf, through whichever of two replicas starts first | small messages |
//!
//! A leaf is whatever implements [`Leaf`]: a simulated server or a real one behind HTTP. Time comes
//! from [`env`], and [`FuturesUnordered`] is the one of `futures` wherever no simulation runs, so the
//! same code runs in both worlds. **Dropping a search cancels it**: that is how
//! losers of a race and leaves that are too late are called off.

use super::observed::Observed;
use crate::engine::FuturesUnordered;
use crate::engine::env;
use futures::future::{Either, select};
use futures::stream::StreamExt;
use std::cell::{Cell, RefCell};
use std::collections::BinaryHeap;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

/// How many hits an answer has. Each leaf must return as many: all of the best may be in one leaf.
pub const TOP: usize = 10;

/// A document that matches; a greater hit is a better one. Equal scores go by document, so that the
/// order is the same wherever and however often one asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    pub score: u32,
    pub document: u32,
}

/// One shard of the index, behind one or several replicas.
pub trait Leaf {
    type Query: ?Sized;

    /// How many replicas hold this shard, at least one.
    fn replicas(&self) -> usize;

    /// Its best [`TOP`] hits, best first, or why there are none. Dropping the future cancels the
    /// search where it runs.
    fn search(&self, query: &Self::Query, ask: Ask) -> impl Future<Output = Answer>;
}

/// Which of a leaf's replicas is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// 0 is the replica that the leaf's balancer prefers for this query; each further number is
    /// another machine.
    pub nth: usize,
    /// The other replica that has the same query in its queue: whichever starts first tells the
    /// other to forget it.
    pub twin: Option<usize>,
}

impl Ask {
    pub const FIRST: Self = Self::nth(0);

    pub const fn nth(nth: usize) -> Self {
        Self { nth, twin: None }
    }

    pub const fn tied(nth: usize, twin: usize) -> Self {
        Self {
            nth,
            twin: Some(twin),
        }
    }
}

pub type Answer = Result<Vec<Hit>, LeafError>;

/// Why a replica gave no hits. It is never turned into an empty list: nothing found and nobody asked
/// are different answers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    #[error("{0}")]
    Failed(String),
    /// Its tied twin has started; this is no failure.
    #[error("the other replica has started on it")]
    Withdrawn,
}

/// What the root does about slow leaves.
#[derive(Debug)]
pub enum Policy {
    WaitAll,
    Deadline(Duration),
    Hedge(Hedging),
    /// So many replicas are asked at once.
    Redundant(usize),
    /// Two replicas are asked, this long apart: twice the network's delay, or both may start.
    Tied(Duration),
    /// This share of the leaves is enough.
    Quorum(f64),
}

/// The root's answer. What is missing is part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathered {
    /// The best hits of all leaves that answered, best first.
    pub top: Vec<Hit>,
    /// How many leaves answered.
    pub answered: usize,
    /// The others, in order, each with the reason.
    pub missing: Vec<Missing>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    pub leaf: usize,
    pub why: Why,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It was still out when the root stopped waiting.
    Late,
    Failed(LeafError),
}

/// What an answer is worth to who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// Of all leaves: may be cached.
    Complete,
    /// Of some leaves: show it, say so, don't cache it.
    Partial,
    /// Of none: an error, not an empty list.
    Failed,
}

impl Gathered {
    pub fn completeness(&self) -> Completeness {
        match (self.answered, self.missing.len()) {
            (_, 0) => Completeness::Complete,
            (0, _) => Completeness::Failed,
            _ => Completeness::Partial,
        }
    }
}

// region: gather
/// Asks all leaves at once and merges what comes back, as the policy says.
pub async fn gather<L: Leaf>(leaves: &[L], query: &L::Query, policy: &Policy) -> Gathered {
    let all = leaves.len();
    let once = |leaf| L::search(leaf, query, Ask::FIRST);
    match policy {
        Policy::WaitAll => collect(leaves, once, all, None).await,
        Policy::Deadline(limit) => collect(leaves, once, all, Some(*limit)).await,
        Policy::Quorum(share) => {
            // Less a trifle: 0.07 of 100 leaves is 7.000000000000001, and means 7.
            let enough = (share * all as f64 - 1e-9).ceil() as usize;
            collect(leaves, once, enough.max(1), None).await
        }
        Policy::Hedge(hedging) => {
            collect(leaves, |leaf| hedged(leaf, query, hedging), all, None).await
        }
        Policy::Redundant(copies) => {
            collect(leaves, |leaf| redundant(leaf, query, *copies), all, None).await
        }
        Policy::Tied(apart) => collect(leaves, |leaf| tied(leaf, query, *apart), all, None).await,
    }
}

/// Waits until `enough` leaves have answered, all have answered or failed, or the limit is over.
/// What is still out then is dropped, which cancels it.
async fn collect<'a, L: Leaf, F: Future<Output = Answer>>(
    leaves: &'a [L],
    ask: impl Fn(&'a L) -> F,
    enough: usize,
    limit: Option<Duration>,
) -> Gathered {
    let numbered = |(number, leaf)| {
        let answer = ask(leaf);
        Box::pin(async move { (number, answer.await) })
    };
    let mut out: FuturesUnordered<_> = leaves.iter().enumerate().map(numbered).collect();
    let mut answers: Vec<Option<Answer>> = vec![None; leaves.len()];
    let mut answered = 0;

    let all_in = async {
        while answered < enough {
            let Some((leaf, answer)) = out.next().await else {
                break;
            };
            answered += usize::from(answer.is_ok());
            answers[leaf] = Some(answer);
        }
    };
    match limit {
        // Late is no error here: the leaves that are still out are named in the answer.
        Some(limit) => drop(env::timeout(limit, all_in).await),
        None => all_in.await,
    }

    let (mut lists, mut missing) = (Vec::with_capacity(answered), Vec::new());
    for (leaf, answer) in answers.into_iter().enumerate() {
        match answer {
            Some(Ok(hits)) => lists.push(hits),
            Some(Err(error)) => missing.push(Missing {
                leaf,
                why: Why::Failed(error),
            }),
            None => missing.push(Missing {
                leaf,
                why: Why::Late,
            }),
        }
    }
    Gathered {
        top: merge(&lists),
        answered,
        missing,
    }
}
// endregion

// region: merge
/// The best [`TOP`] hits of several lists, each sorted best first and without a document of another.
/// It looks at the heads of the lists only: of n leaves it touches n + 10 hits and not n x 10.
pub fn merge(lists: &[Vec<Hit>]) -> Vec<Hit> {
    let heads = lists.iter().enumerate();
    let mut heads: BinaryHeap<(Hit, usize, usize)> = heads
        .filter_map(|(list, hits)| Some((*hits.first()?, list, 0)))
        .collect();
    let mut top = Vec::with_capacity(TOP);
    while top.len() < TOP {
        let Some((best, list, place)) = heads.pop() else {
            break;
        };
        top.push(best);
        if let Some(next) = lists[list].get(place + 1) {
            heads.push((*next, list, place + 1));
        }
    }
    top
}
// endregion

impl Ord for Hit {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.score
            .cmp(&other.score)
            .then(other.document.cmp(&self.document))
    }
}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

// region: hedged
/// Asks one replica; when it has not answered after the usual time, asks another as well and takes
/// whichever answers first. The other is dropped, which cancels it. Never a third copy.
async fn hedged<L: Leaf>(leaf: &L, query: &L::Query, hedging: &Hedging) -> Answer {
    let asked_at = env::now();
    hedging.earn();
    let mut first = pin!(leaf.search(query, Ask::FIRST));
    let second = || leaf.search(query, Ask::nth(1));
    let elsewhere = leaf.replicas() > 1;

    let early = match hedging.delay() {
        Some(delay) => env::timeout(delay, first.as_mut()).await.ok(),
        None => Some(first.as_mut().await),
    };
    let answer = match early {
        Some(Ok(hits)) => Ok(hits),
        // It failed before it was late: another replica may still know, if the budget allows.
        Some(Err(_)) if elsewhere && hedging.spend() => second().await,
        Some(Err(error)) => Err(error),
        None if elsewhere && hedging.spend() => first_ok(first, second()).await,
        None => first.await,
    };
    hedging.observe(env::now().saturating_sub(asked_at));
    answer
}
// endregion

/// Asks several replicas at once and takes the first hits. Whatever is still out is dropped.
async fn redundant<L: Leaf>(leaf: &L, query: &L::Query, copies: usize) -> Answer {
    let copies = copies.clamp(1, leaf.replicas());
    let mut out: FuturesUnordered<_> = (0..copies)
        .map(|nth| Box::pin(leaf.search(query, Ask::nth(nth))))
        .collect();
    let mut last = Err(LeafError::Failed("no replica was asked".to_owned()));
    while let Some(answer) = out.next().await {
        last = answer;
        if last.is_ok() {
            break;
        }
    }
    last
}

/// Puts the query into the queues of two replicas that know of each other; whichever starts first
/// withdraws the other. So it waits in the shorter of two queues and is worked on once.
async fn tied<L: Leaf>(leaf: &L, query: &L::Query, apart: Duration) -> Answer {
    if leaf.replicas() < 2 {
        return leaf.search(query, Ask::FIRST).await;
    }
    let first = leaf.search(query, Ask::tied(0, 1));
    let second = async {
        env::sleep(apart).await;
        leaf.search(query, Ask::tied(1, 0)).await
    };
    first_ok(first, second).await
}

/// The first of two that has hits; an error of one leaves it to the other.
async fn first_ok(
    one: impl Future<Output = Answer>,
    other: impl Future<Output = Answer>,
) -> Answer {
    match select(pin!(one), pin!(other)).await {
        Either::Left((Ok(hits), _)) | Either::Right((Ok(hits), _)) => Ok(hits),
        Either::Left((Err(_), other)) => other.await,
        Either::Right((Err(_), one)) => one.await,
    }
}

/// When to hedge, and how much of it one can afford. Shared by all requests of a root.
#[derive(Debug)]
pub struct Hedging {
    after: HedgeAfter,
    /// Extra calls a first call earns.
    budget: f64,
    /// Extra calls that may be made now.
    tokens: Cell<f64>,
    observed: RefCell<Observed>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HedgeAfter {
    Delay(Duration),
    /// This quantile of what leaves took of late.
    Quantile(f64),
}

/// Tokens that may be saved up: quiet hours must not pay for a storm of hedges.
const TOKENS_MAX: f64 = 100.0;

impl Hedging {
    /// Hedges at most the share `budget` of the calls: at a bad hour, when every call is late, that
    /// is what keeps hedging from doubling a load that is too high already.
    pub fn new(after: HedgeAfter, budget: f64) -> Self {
        let (tokens, observed) = (Cell::new(0.0), RefCell::default());
        Self {
            after,
            budget,
            tokens,
            observed,
        }
    }

    fn earn(&self) {
        self.tokens
            .set((self.tokens.get() + self.budget).min(TOKENS_MAX));
    }

    fn spend(&self) -> bool {
        let affordable = self.tokens.get() >= 1.0;
        if affordable {
            self.tokens.set(self.tokens.get() - 1.0);
        }
        affordable
    }

    /// None while too little has been seen to say what is late.
    fn delay(&self) -> Option<Duration> {
        match self.after {
            HedgeAfter::Delay(delay) => Some(delay),
            HedgeAfter::Quantile(_) => self.observed.borrow().estimate(),
        }
    }

    /// Learns from how long a leaf took since it was first asked. When the hedge won, that is less
    /// than its first replica would have taken but more than the delay, and that is all a quantile
    /// at the delay needs to know: the estimate does not drift down by its own success.
    fn observe(&self, took: Duration) {
        if let HedgeAfter::Quantile(quantile) = self.after {
            self.observed.borrow_mut().push(took, quantile);
        }
    }
}
