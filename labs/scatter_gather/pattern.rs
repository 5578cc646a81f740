//! Scatter/gather: ask every leaf at once, merge what they answer into one list, and never wait
//! longer than the answer is worth.
//!
//! [`gather`] is the root. Its [`Policy`] answers three questions, each apart from the others:
//!
//! | question | field | choices |
//! |---|---|---|
//! | how long to wait | `deadline` | a limit after which the answer is incomplete |
//! | how many leaves suffice | `enough` | all, or a share: faster, and always incomplete |
//! | which replicas to ask | `copies` | see [`Copies`] |
//!
//! | copies | the answer of a leaf comes from | price |
//! |---|---|---|
//! | `One` | one replica | the leaf is as slow as that replica |
//! | `Hedged` | a second replica as well when the first is late | a few extra calls |
//! | `Redundant` | the fastest of several replicas | a multiple of the load |
//! | `Tied` | whichever of two replicas starts first | small messages |
//!
//! A sound default is a hedge *and* a deadline: the hedge repairs what replicas can repair, the
//! deadline bounds what they can't.
//!
//! A leaf is whatever implements [`Leaf`]: a simulated server or a real one behind HTTP. Time comes
//! from [`env`], and [`FuturesUnordered`] is the one of `futures` wherever no simulation runs, so the
//! same code runs in both worlds. **Dropping a search cancels it**: that is how
//! losers of a race and leaves that are too late are called off.

use super::observed::Observed;
use crate::engine::FuturesUnordered;
use crate::engine::env;
use futures::future::{Either, FutureExt, select};
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

    /// How many replicas of this shard can be asked, at least one.
    fn replicas(&self) -> usize;

    /// Its best [`TOP`] hits, best first, or why there are none. Dropping the future cancels the
    /// search where it runs.
    fn search(&self, query: &Self::Query, ask: Ask) -> impl Future<Output = Answer>;

    /// The first replica is late and the budget of hedges allows no second copy. For meters.
    fn hedge_refused(&self) {}
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

/// How the root gathers.
#[derive(Debug)]
pub struct Policy {
    /// Which replicas of each leaf are asked.
    pub copies: Copies,
    /// After this the root answers with what it has. None only where nobody waits for the answer: a
    /// leaf that hangs then holds its request until the transport gives up.
    pub deadline: Option<Duration>,
    /// The share of the leaves that suffices, above 0 and up to 1.
    pub enough: f64,
}

/// Which replicas of a leaf are asked for one search.
#[derive(Debug)]
pub enum Copies {
    One,
    Hedged(Hedging),
    /// So many replicas at once.
    Redundant(usize),
    /// Two replicas, this long apart: twice the network's delay, or both may start.
    Tied(Duration),
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
            (0, _) => Completeness::Failed,
            (_, 0) => Completeness::Complete,
            _ => Completeness::Partial,
        }
    }
}

// region: gather
/// Asks all leaves at once. Waits until enough have answered, all have answered or failed, or the
/// deadline is there; what is still out then is dropped, which cancels it.
pub async fn gather<L: Leaf>(leaves: &[L], query: &L::Query, policy: &Policy) -> Gathered {
    let asked_at = env::now();
    let numbered = |(number, leaf)| {
        let answer = ask(leaf, query, &policy.copies);
        Box::pin(answer.map(move |answer| (number, answer)))
    };
    let mut out: FuturesUnordered<_> = leaves.iter().enumerate().map(numbered).collect();
    let mut answers: Vec<Option<Answer>> = vec![None; leaves.len()];
    let (mut answered, enough) = (0, policy.enough_of(leaves.len()));

    let all_in = async {
        while answered < enough {
            let Some((leaf, answer)) = out.next().await else {
                break;
            };
            answered += usize::from(answer.is_ok());
            answers[leaf] = Some(answer);
        }
    };
    match policy.deadline {
        // Late is no error here: the leaves that are still out are named in the answer.
        Some(limit) => drop(env::timeout(limit, all_in).await),
        None => all_in.await,
    }
    drop(out);

    let waited = env::now().saturating_sub(asked_at);
    let (mut lists, mut missing) = (Vec::with_capacity(answered), Vec::new());
    for (leaf, answer) in answers.into_iter().enumerate() {
        let why = match answer {
            Some(Ok(hits)) => {
                lists.push(hits);
                continue;
            }
            Some(Err(error)) => Why::Failed(error),
            None => {
                policy.copies.gave_up_after(waited);
                Why::Late
            }
        };
        missing.push(Missing { leaf, why });
    }
    Gathered {
        top: merge(&lists),
        answered,
        missing,
    }
}

/// The answer of one leaf, by as many copies as the policy says.
async fn ask<L: Leaf>(leaf: &L, query: &L::Query, copies: &Copies) -> Answer {
    match copies {
        Copies::One => leaf.search(query, Ask::FIRST).await,
        Copies::Hedged(hedging) => hedged(leaf, query, hedging).await,
        Copies::Redundant(copies) => redundant(leaf, query, *copies).await,
        Copies::Tied(apart) => tied(leaf, query, *apart).await,
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
    hedging.budget.earn();
    let mut first = pin!(leaf.search(query, Ask::FIRST));
    // Boxed: few calls need it, and all would carry its room.
    let second = || Box::pin(leaf.search(query, Ask::nth(1)));
    let affordable = || {
        let affordable = hedging.budget.spend();
        if !affordable {
            leaf.hedge_refused();
        }
        affordable
    };
    let may_hedge = || leaf.replicas() > 1 && affordable();

    let early = match hedging.delay() {
        Some(delay) => env::timeout(delay, first.as_mut()).await.ok(),
        None => Some(first.as_mut().await),
    };
    let answer = match early {
        Some(Ok(hits)) => Ok(hits),
        // It failed before it was late: another replica may still know. What that takes says
        // nothing of what is usual.
        Some(Err(_)) if may_hedge() => return second().await,
        Some(Err(error)) => Err(error),
        None if may_hedge() => first_ok(first, second()).await,
        None => first.await,
    };
    if answer.is_ok() {
        hedging.observe(env::now().saturating_sub(asked_at));
    }
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
    let first = pin!(leaf.search(query, Ask::tied(0, 1)));
    let second = Box::pin(async {
        env::sleep(apart).await;
        leaf.search(query, Ask::tied(1, 0)).await
    });
    first_ok(first, second).await
}

/// The first of two that has hits; an error of one leaves it to the other.
async fn first_ok(
    one: impl Future<Output = Answer> + Unpin,
    other: impl Future<Output = Answer> + Unpin,
) -> Answer {
    match select(one, other).await {
        Either::Left((Ok(hits), _)) | Either::Right((Ok(hits), _)) => Ok(hits),
        Either::Left((Err(_), other)) => other.await,
        Either::Right((Err(_), one)) => one.await,
    }
}

/// Extra calls as a share of the ordinary ones: each ordinary call earns its share of one, each extra
/// one spends it. At a bad hour, when every call wants a second, that is what keeps them from
/// doubling a load that is too high already.
#[derive(Debug)]
pub struct Budget {
    share: f64,
    /// Extra calls that may be made now.
    tokens: Cell<f64>,
}

/// Tokens that may be saved up: quiet hours must not pay for a storm of extra calls.
const TOKENS_MAX: f64 = 100.0;

impl Budget {
    pub fn new(share: f64) -> Self {
        let tokens = Cell::new(0.0);
        Self { share, tokens }
    }

    /// An ordinary call goes out.
    pub fn earn(&self) {
        self.tokens
            .set((self.tokens.get() + self.share).min(TOKENS_MAX));
    }

    /// Whether an extra call may go out.
    pub fn spend(&self) -> bool {
        let affordable = self.tokens.get() >= 1.0;
        if affordable {
            self.tokens.set(self.tokens.get() - 1.0);
        }
        affordable
    }
}

/// When to hedge, and how much of it one can afford. Shared by all requests of a root.
#[derive(Debug)]
pub struct Hedging {
    after: HedgeAfter,
    budget: Budget,
    observed: RefCell<Observed>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HedgeAfter {
    Delay(Duration),
    /// This quantile of what leaves took of late.
    Quantile(f64),
}

impl Policy {
    /// How many of `leaves` suffice, at least one.
    fn enough_of(&self, leaves: usize) -> usize {
        // Less a trifle: 0.07 of 100 leaves is 7.000000000000001, and means 7.
        let enough = (self.enough * leaves as f64 - 1e-9).ceil() as usize;
        enough.max(1)
    }
}

impl Copies {
    /// A leaf had not answered after this time, when the root stopped waiting. It counts as the least
    /// that the leaf would have taken: were it left out, a deadline would make leaves look fast.
    fn gave_up_after(&self, waited: Duration) {
        if let Self::Hedged(hedging) = self {
            hedging.observe(waited);
        }
    }
}

impl Hedging {
    /// Hedges at most the share `budget` of the calls. That must lie well above the share that is late on
    /// an ordinary day, 10 % for a hedge at the p95: at 5 % it is used up in every minute that is worse
    /// than the average, and the slowest calls get no copy.
    pub fn new(after: HedgeAfter, budget: f64) -> Self {
        let (budget, observed) = (Budget::new(budget), RefCell::default());
        Self {
            after,
            budget,
            observed,
        }
    }

    /// None while too little has been seen to say what is late.
    fn delay(&self) -> Option<Duration> {
        match self.after {
            HedgeAfter::Delay(delay) => Some(delay),
            HedgeAfter::Quantile(_) => self.observed.borrow().estimate(),
        }
    }

    /// Learns from how long a leaf took since it was first asked; never from a failure, as a refusal
    /// that comes at once says nothing of how long a search takes. When the hedge won, the time is less
    /// than its first replica would have taken but more than the delay, and that is all a quantile
    /// at the delay needs to know: the estimate does not drift down by its own success.
    fn observe(&self, took: Duration) {
        if let HedgeAfter::Quantile(quantile) = self.after {
            self.observed.borrow_mut().push(took, quantile);
        }
    }
}
