//! An ambassador: the application calls one local address, and this does what it takes to reach the real thing.
//!
//! [`Ambassador::call`] is the whole of it. On its way a request meets, in this order:
//!
//! | part | decides | what it protects |
//! |---|---|---|
//! | [`Pace`] | whether it may go now | the provider, and our contract with it |
//! | [`Retries`] | whether to try again | the service, from our own retries |
//! | [`Hedge`] | whether a late attempt gets another one beside it | the caller, from the slowest instance |
//! | route | which instance | the owner of the key, or nobody in particular |
//! | [`Breaker`] | whether that instance is worth a call | the caller's time |
//! | connections | how many calls an instance has from us | the instance, and our memory |
//! | credentials | in whose name | the application never holds the secret |
//!
//! An attempt has one time limit, the wait for a connection included. Only a failure that may pass is worth another
//! attempt, and only of a request that is safe to repeat. A hedge is a second attempt beside a first that is late:
//! a retry waits for a failure, a hedge does not.
//!
//! An instance is whatever the [`Upstream`] makes of it: simulated, or a server behind HTTP. Time comes from [`env`],
//! so the same code runs in both worlds.

use super::breaker::{self, Breaker, Permit, State};
use super::pace::Pace;
use super::retry::{self, Retries, RetryBudget};
use crate::engine::env;
use futures::future::{Either, select};
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore};
use xxhash_rust::xxh3::xxh3_64;

/// What lies outside of the pod: the instances of one service, and whoever gives out credentials for it.
pub trait Upstream {
    type Request: ?Sized;
    type Answer;

    /// Sends a request to one of the instances. Dropping the future gives the connection up; whether the instance
    /// goes on working is its own affair.
    fn send(
        &self,
        instance: usize,
        request: &Self::Request,
        token: Option<&Token>,
    ) -> impl Future<Output = Result<Self::Answer, SendError>>;

    /// Asks the secret store for credentials.
    fn fetch_token(&self) -> impl Future<Output = Token>;

    /// Whether the instance is known to be there: what discovery says.
    fn is_listed(&self, _instance: usize) -> bool {
        true
    }

    /// A number of chance, uniform between 0 and 1.
    fn dice(&self) -> f64;

    /// For meters: a layer tries again.
    fn tries_again(&self) {}

    /// For meters: a late attempt gets another one beside it, until what is returned is dropped.
    fn hedges(&self) -> impl Sized {}

    /// For meters: the second of two attempts was answered first.
    fn hedge_won(&self) {}

    /// For meters: a call has waited so long for its connection.
    fn has_connection_after(&self, _waited: Duration) {}

    /// For meters: the breaker of an instance is in this state from now on.
    fn breaker_turned(&self, _instance: usize, _state: State) {}
}

/// Credentials that an instance checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token(pub Rc<str>);

/// Why an instance gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("the instance failed, or could not be reached")]
    Failed,
    #[error("the instance does not accept these credentials")]
    Unauthorized,
}

/// Why the application gets no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Sent(#[from] SendError),
    #[error("no answer within the time limit of an attempt")]
    TimedOut,
    #[error("the breaker of every instance that could answer is open")]
    Open,
    #[error("it would be more than the rate limit allows")]
    Limited,
}

impl Failure {
    /// It may pass by itself. What was refused at once would be refused again.
    fn may_pass(self) -> bool {
        matches!(self, Self::Sent(SendError::Failed) | Self::TimedOut)
    }
}

/// How an instance is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Routing {
    /// The next one in turn that is listed and whose breaker lets it through.
    RoundRobin,
    /// The owner of the key, and nobody else.
    Shard,
}

/// When an attempt gets another one beside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hedge {
    /// When it has taken so long.
    pub after: Duration,
    /// Hedges as a share of the requests, beside those that were saved up.
    pub budget: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub retries: retry::Rules,
    pub hedge: Option<Hedge>,
    /// How long an attempt may take.
    pub timeout: Duration,
    pub routing: Routing,
    pub breaker: Option<breaker::Rules>,
    /// The share of the instances that breakers may take out at once.
    pub ejected_max: f64,
    /// The time from one request to the next, and how many may come at once.
    pub pace: Option<(Duration, u32)>,
}

/// What a caller says of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// What it is about: the same key goes to the same shard.
    pub key: u64,
    /// It may be done twice.
    pub safe: bool,
    /// How long the caller waits in all.
    pub patience: Duration,
}

pub struct Ambassador<U> {
    pub upstream: U,
    settings: RefCell<Settings>,
    retries: RefCell<Retries>,
    /// What is left for hedges.
    hedges: RefCell<Option<RetryBudget>>,
    pace: RefCell<Option<Pace>>,
    gates: Vec<Gate>,
    turn: Cell<usize>,
    credentials: Credentials,
}

/// What stands before each instance.
struct Gate {
    breaker: Breaker,
    /// As many as calls may be out to it.
    connections: Semaphore,
}

impl<U: Upstream> Ambassador<U> {
    /// For so many instances, with so many connections to each.
    pub fn new(upstream: U, instances: usize, connections: usize, settings: Settings) -> Self {
        let gate = |_| Gate {
            breaker: Breaker::default(),
            connections: Semaphore::new(connections),
        };
        Self {
            upstream,
            retries: RefCell::new(Retries::new(settings.retries.clone())),
            hedges: RefCell::new(budget_of(settings.hedge)),
            pace: RefCell::new(
                settings
                    .pace
                    .map(|(spacing, burst)| Pace::new(spacing, burst)),
            ),
            gates: (0..instances).map(gate).collect(),
            turn: Cell::new(0),
            credentials: Credentials::default(),
            settings: RefCell::new(settings),
        }
    }

    /// When it hedges.
    pub fn hedge(&self) -> Option<Hedge> {
        self.settings.borrow().hedge
    }

    /// Other settings, from the next attempt on.
    pub fn configure(&self, settings: Settings) {
        let before = self.settings.replace(settings.clone());
        self.retries.borrow_mut().configure(settings.retries);
        if before.hedge != settings.hedge {
            *self.hedges.borrow_mut() = budget_of(settings.hedge);
        }
        if before.pace != settings.pace {
            *self.pace.borrow_mut() = settings
                .pace
                .map(|(spacing, burst)| Pace::new(spacing, burst));
        }
        if settings.breaker.is_none() {
            for instance in 0..self.gates.len() {
                self.with_breaker(instance, Breaker::close);
            }
        }
    }

    // region: call
    /// Answers the application's request, or says why there is no answer.
    ///
    /// # Errors
    /// That of the last attempt.
    pub async fn call(&self, request: &U::Request, terms: Terms) -> Result<U::Answer, Failure> {
        if let Some(pace) = &mut *self.pace.borrow_mut()
            && pace.admit(env::now()).is_err()
        {
            return Err(Failure::Limited);
        }
        if let Some(hedges) = &mut *self.hedges.borrow_mut() {
            hedges.earn();
        }
        persist(&self.upstream, &self.retries, terms, async || {
            self.hedged(request, terms).await
        })
        .await
    }

    async fn attempt(&self, request: &U::Request, key: u64) -> Result<U::Answer, Failure> {
        let (rules, limit) = {
            let settings = self.settings.borrow();
            (settings.breaker, settings.timeout)
        };
        let (instance, permit) = self.route(key, rules).ok_or(Failure::Open)?;
        let sent = env::timeout(limit, self.send(instance, request)).await;
        let outcome = match sent {
            Ok(sent) => sent.map_err(Failure::from),
            Err(_) => Err(Failure::TimedOut),
        };
        if let (Some(permit), Some(mut rules)) = (permit, rules) {
            if !self.may_eject_another(instance) {
                rules.threshold = f64::INFINITY;
            }
            let failed = outcome.as_ref().is_err_and(|failure| failure.may_pass());
            let now = env::now();
            self.with_breaker(instance, |_| permit.ended(failed, &rules, now));
        }
        outcome
    }

    /// Over a connection, with credentials; once more with newer ones where those were not accepted.
    async fn send(&self, instance: usize, request: &U::Request) -> Result<U::Answer, SendError> {
        let began = env::now();
        let connections = &self.gates[instance].connections;
        let _connection = connections.acquire().await;
        self.upstream
            .has_connection_after(env::now().saturating_sub(began));
        let token = self.credentials.present(&self.upstream).await;
        let sent = self.upstream.send(instance, request, Some(&token)).await;
        if !matches!(sent, Err(SendError::Unauthorized)) {
            return sent;
        }
        match self.credentials.newer_than(&token, &self.upstream).await {
            Some(token) => self.upstream.send(instance, request, Some(&token)).await,
            None => Err(SendError::Unauthorized),
        }
    }
    // endregion: call

    // region: hedge
    /// One attempt; where it is late, another one beside it at the next instance. Takes the first answer, and drops
    /// the attempt that is still out.
    async fn hedged(&self, request: &U::Request, terms: Terms) -> Result<U::Answer, Failure> {
        let (hedge, routing) = {
            let settings = self.settings.borrow();
            (settings.hedge, settings.routing)
        };
        // The owner of a key has no equal, and what is not safe to repeat is not asked twice.
        let may_ask_another = terms.safe && routing == Routing::RoundRobin && self.gates.len() > 1;
        let Some(hedge) = hedge.filter(|_| may_ask_another) else {
            return self.attempt(request, terms.key).await;
        };
        // Boxed, as the second is: all requests would carry the room beside it.
        let mut first = Box::pin(self.attempt(request, terms.key));
        if let Ok(outcome) = env::timeout(hedge.after, first.as_mut()).await {
            return outcome;
        }
        let affordable = (self.hedges.borrow_mut().as_mut()).is_some_and(RetryBudget::spend);
        if !affordable {
            return first.await;
        }
        let _both = self.upstream.hedges();
        let second = Box::pin(self.attempt(request, terms.key));
        let (outcome, second_won) = match select(first, second).await {
            Either::Left((Ok(answer), _)) => (Ok(answer), false),
            Either::Right((Ok(answer), _)) => (Ok(answer), true),
            Either::Left((Err(_), second)) => (second.await, true),
            Either::Right((Err(_), first)) => (first.await, false),
        };
        if second_won && outcome.is_ok() {
            self.upstream.hedge_won();
        }
        outcome
    }
    // endregion: hedge

    // region: route
    /// An instance for this key, with the permit of its breaker where there are breakers.
    fn route(
        &self,
        key: u64,
        rules: Option<breaker::Rules>,
    ) -> Option<(usize, Option<Permit<'_>>)> {
        let instances = self.gates.len();
        let enter = |instance: usize| match rules {
            Some(rules) => {
                let permit =
                    self.with_breaker(instance, |breaker| breaker.admit(&rules, env::now()))?;
                Some((instance, Some(permit)))
            }
            None => Some((instance, None)),
        };
        if self.settings.borrow().routing == Routing::Shard {
            return enter((xxh3_64(&key.to_le_bytes()) % instances as u64) as usize);
        }
        // A list without anybody on it is not believed.
        let some_are_listed = (0..instances).any(|instance| self.upstream.is_listed(instance));
        let first = self.turn.get();
        let found = (first..first + instances)
            .map(|place| place % instances)
            .filter(|instance| !some_are_listed || self.upstream.is_listed(*instance))
            .find_map(enter)?;
        self.turn.set((found.0 + 1) % instances);
        Some(found)
    }

    /// With too many out already, the others stay, however bad they are.
    fn may_eject_another(&self, instance: usize) -> bool {
        let others = self.gates.iter().enumerate();
        let others = others.filter(|(other, _)| *other != instance);
        let out = others.filter(|(_, gate)| gate.breaker.state() != State::Closed);
        let most = self.settings.borrow().ejected_max * self.gates.len() as f64;
        (out.count() + 1) as f64 <= most
    }

    /// Does something to a breaker, and tells of the change that it makes.
    fn with_breaker<'a, T>(&'a self, instance: usize, act: impl FnOnce(&'a Breaker) -> T) -> T {
        let breaker = &self.gates[instance].breaker;
        let before = breaker.state();
        let done = act(breaker);
        if breaker.state() != before {
            self.upstream.breaker_turned(instance, breaker.state());
        }
        done
    }
    // endregion: route

    /// Fetches credentials every so often, so that new ones are here before the old ones end. For ever.
    pub async fn keep_credentials_fresh(&self, every: impl Fn() -> Duration) {
        loop {
            env::sleep(every()).await;
            self.credentials.fetch(&self.upstream, |_| false).await;
        }
    }
}

fn budget_of(hedge: Option<Hedge>) -> Option<RetryBudget> {
    hedge.map(|hedge| RetryBudget::new(hedge.budget))
}

// region: persist
/// Does the work until it succeeds, fails for good, or may not be tried again. Every layer that tries again does it
/// by this function, and each multiplies what the layers below it do.
///
/// # Errors
/// That of the last attempt.
pub async fn persist<U: Upstream, T>(
    upstream: &U,
    retries: &RefCell<Retries>,
    terms: Terms,
    mut attempt: impl AsyncFnMut() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let began = env::now();
    retries.borrow_mut().request();
    let mut made = 0;
    loop {
        let failure = match attempt().await {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        made += 1;
        if !(terms.safe && failure.may_pass()) {
            return Err(failure);
        }
        let left = terms
            .patience
            .saturating_sub(env::now().saturating_sub(began));
        let wait = retries.borrow_mut().next(made, left, upstream.dice());
        let Some(wait) = wait else {
            return Err(failure);
        };
        upstream.tries_again();
        env::sleep(wait).await;
    }
}
// endregion: persist

/// The credentials that calls go out with. The application never sees them.
#[derive(Default)]
struct Credentials {
    token: RefCell<Option<Token>>,
    /// Held by whoever fetches; the others wait for what comes of it.
    fetching: Mutex<()>,
    /// When the last fetch that has ended was begun.
    asked_at: Cell<Option<Duration>>,
}

impl Credentials {
    async fn present(&self, upstream: &impl Upstream) -> Token {
        loop {
            if let Some(token) = &*self.token.borrow() {
                return token.clone();
            }
            self.fetch(upstream, |token| token.is_some()).await;
        }
    }

    /// Those that replace `refused`, if there are any.
    async fn newer_than(&self, refused: &Token, upstream: &impl Upstream) -> Option<Token> {
        let is_newer = |token: Option<&Token>| token.is_some_and(|token| token != refused);
        self.fetch(upstream, is_newer).await;
        self.token.borrow().clone().filter(|token| token != refused)
    }

    /// Asks the store, unless what is here suffices by then; once for all who want it at the same time.
    async fn fetch(&self, upstream: &impl Upstream, suffices: impl Fn(Option<&Token>) -> bool) {
        let wanted_at = env::now();
        let _mine = self.fetching.lock().await;
        let asked_meanwhile = self.asked_at.get().is_some_and(|at| at >= wanted_at);
        if asked_meanwhile || suffices(self.token.borrow().as_ref()) {
            return;
        }
        let asked_at = env::now();
        let token = upstream.fetch_token().await;
        *self.token.borrow_mut() = Some(token);
        self.asked_at.set(Some(asked_at));
    }
}
