//! Calls between parts: each caller has an ambassador for each of its calls, which finds a machine by the callee's
//! balancer.

use super::checks::Budget;
use super::machine::Machine;
use super::trail::{Spot, Step};
use super::world::{Tamper, World};
use crate::kind::call::Knobs;
use ddlab_labs::ambassador::pattern::{
    Ambassador, Failure, Routing, SendError, Settings, Terms, Token, Upstream,
};
use ddlab_labs::ambassador::{breaker, retry};
use ddlab_labs::engine::{self, Call as NetCall, CallError, Purpose, Source as _};
use ddlab_labs::replicated::pattern::Ticket;
use ddlab_labs::workbench::meter::Counter;
use std::cell::Cell;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

/// Connections of a pool without a limit.
const NO_LIMIT: usize = 1 << 20;
/// How many calls the rate limit lets go at once after a rest.
const BURST: u32 = 10;

/// A request of one part to another, with all of its attempts.
#[derive(Debug)]
pub struct Ask {
    /// What its luck depends on, and that of all that it leads to.
    pub key: u64,
    /// Who asks, or whose data it is about.
    pub user: u64,
    pub write: bool,
    /// Calls between it and the client.
    pub depth: usize,
    /// Where it is made, on the trail of a client's request.
    spot: Option<Spot>,
    /// The place of the key that it asks a cache for, from the first look on.
    pub place: Cell<Option<usize>>,
    attempts: Cell<u64>,
    /// The attempt whose answer somebody waits for; 0 is none.
    waits_for: Cell<u64>,
}

/// What travels to a machine.
#[derive(Debug, Clone)]
pub struct Call {
    pub ask: Rc<Ask>,
    /// Which attempt it is, from 1.
    pub nth: u64,
    pub spot: Option<Spot>,
}

/// For whom a call is made.
#[derive(Debug, Clone)]
pub struct Whose {
    pub user: u64,
    /// Calls between it and the client.
    pub depth: usize,
    pub spot: Option<Spot>,
}

impl Call {
    pub fn luck(&self) -> [u64; 2] {
        [self.ask.key, self.nth]
    }

    /// For whom calls are made that it needs.
    pub fn whose(&self) -> Whose {
        Whose {
            user: self.ask.user,
            depth: self.ask.depth,
            spot: self.spot.clone(),
        }
    }

    pub fn is_awaited(&self) -> bool {
        self.ask.waits_for.get() == self.nth
    }
}

/// What comes back from a machine that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Done,
    Failed,
    /// Too many were in line.
    Shed,
}

/// A call as one caller makes it, again and again.
pub struct Caller {
    ambassador: Ambassador<Way>,
    knobs: Rc<Knobs>,
    luck: Purpose,
}

/// The way from a caller to its callee.
pub struct Way {
    /// Weak, since the world has the machine that has this caller: else neither would ever be freed.
    world: Weak<World>,
    tamper: Tamper,
    /// The callee's place.
    to: usize,
    /// Who calls whom, for errors.
    name: Rc<str>,
    knobs: Rc<Knobs>,
    budget: Budget,
    retries: Rc<Counter>,
}

impl Caller {
    pub fn new(
        world: &Rc<World>,
        to: usize,
        name: &Rc<str>,
        knobs: &Rc<Knobs>,
        retries: &Rc<Counter>,
    ) -> Self {
        let way = Way {
            world: Rc::downgrade(world),
            tamper: world.tamper,
            to,
            name: Rc::clone(name),
            knobs: Rc::clone(knobs),
            budget: Budget::default(),
            retries: Rc::clone(retries),
        };
        let pool = knobs.pool.get().unwrap_or(NO_LIMIT);
        Self {
            ambassador: Ambassador::new(way, 1, pool, settings(knobs, world.tamper)),
            knobs: Rc::clone(knobs),
            luck: world.sim.purpose(name),
        }
    }

    /// The rules are what the parameters say.
    pub fn configure(&self) {
        let way = &self.ambassador.upstream;
        way.budget.restart();
        self.ambassador.configure(settings(&self.knobs, way.tamper));
    }

    /// Makes the call for a request of this luck, unless that needs none.
    ///
    /// # Errors
    /// When the request can't be answered without it.
    pub async fn call(&self, luck: [u64; 2], whose: &Whose) -> Result<(), Failure> {
        self.pass_on(luck, whose, false).await
    }

    /// The same for a caller that passes its own request on: a write is passed on as one.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn pass_on(&self, luck: [u64; 2], whose: &Whose, write: bool) -> Result<(), Failure> {
        let Whose { user, depth, .. } = *whose;
        let mut draw = self.luck.draw(&luck);
        let key = draw.next_u64();
        let is_made = draw.chance(self.knobs.share.get());
        let write = draw.chance(self.knobs.write_ratio.get()) || write;
        let too_deep = self.knobs.depth.get().is_some_and(|most| depth >= most);
        if !is_made || too_deep {
            return Ok(());
        }
        let ask = Rc::new(Ask {
            key,
            user,
            write,
            depth: depth + 1,
            spot: whose.spot.clone(),
            place: Cell::new(None),
            attempts: Cell::new(0),
            waits_for: Cell::new(0),
        });
        let terms = Terms {
            key: user,
            safe: true,
            patience: Duration::MAX,
        };
        self.ambassador.upstream.budget.request();
        let called = self.ambassador.call(&ask, terms).await;
        if self.knobs.optional.get() {
            return Ok(());
        }
        called
    }
}

fn settings(knobs: &Knobs, tamper: Tamper) -> Settings {
    let budget = knobs.retry_budget.get();
    Settings {
        retries: retry::Rules {
            attempts: knobs.retries.get() + 1,
            backoff: knobs.backoff.get(),
            base: knobs.backoff_base.get(),
            budget: budget.filter(|_| tamper != Tamper::IgnoreBudget),
        },
        hedge: None,
        timeout: knobs.timeout.get(),
        // Where there are several machines, the callee's balancer chooses.
        routing: Routing::RoundRobin,
        breaker: knobs.breaker.get().then(|| breaker::Rules {
            threshold: knobs.breaker_threshold.get(),
            open_for: knobs.breaker_open_for.get(),
        }),
        ejected_max: 1.0,
        pace: knobs
            .rate_limit
            .get()
            .map(|rps| (Duration::from_secs_f64(1.0 / rps), BURST)),
    }
}

impl Way {
    fn world(&self) -> Rc<World> {
        self.world
            .upgrade()
            .expect("a call is made by a task of the simulation, and those hold their world")
    }

    /// The next attempt at a machine, which goes out when it is polled; none when no machine is known to be there.
    fn attempt<'a>(&self, world: &'a World, ask: &'a Rc<Ask>) -> Option<Attempt<'a>> {
        let nth = ask.attempts.get() + 1;
        ask.attempts.set(nth);
        let (machine, ticket) = world.components[self.to].pick(ask)?;
        let at = (self.to, machine.number);
        let spot = ask.spot.as_ref();
        let step = spot.and_then(|spot| spot.enter(world, at, nth));
        let call = Call {
            ask: Rc::clone(ask),
            nth,
            spot: step.as_ref().map(|step| step.spot.clone()),
        };
        let mut call = engine::net().call(machine.node, call);
        if let Some(step) = &step {
            call = call.traced(&step.trace);
        }
        ask.waits_for.set(nth);
        world.checks.calls.begins();
        Some(Attempt {
            world,
            ask,
            call: Some(call),
            cancel: self.knobs.cancel.get(),
            step,
            _ticket: ticket,
        })
    }
}

impl Upstream for Way {
    type Request = Rc<Ask>;
    type Answer = ();

    async fn send(&self, _: usize, ask: &Rc<Ask>, _: Option<&Token>) -> Result<(), SendError> {
        let world = self.world();
        let attempt = self.attempt(&world, ask).ok_or(SendError::Failed)?;
        match attempt.await {
            Ok(Answer::Done) => Ok(()),
            Ok(Answer::Failed | Answer::Shed) | Err(_) => Err(SendError::Failed),
        }
    }

    async fn fetch_token(&self) -> Token {
        Token("".into())
    }

    fn dice(&self) -> f64 {
        self.world().dice.borrow_mut().uniform()
    }

    fn tries_again(&self) {
        self.retries.increment();
        let world = self.world();
        let keeps = &world.checks.invariants.budget;
        self.budget.retry(self.knobs.retry_budget.get(), keeps, || {
            self.name.to_string()
        });
    }
}

/// An attempt that is out, in the books however it ends. Given up, it is called off at the machine or runs on there.
struct Attempt<'a> {
    world: &'a World,
    ask: &'a Ask,
    /// None once it is answered.
    call: Option<NetCall<Call, Answer>>,
    cancel: bool,
    step: Option<Step<'a>>,
    /// The balancer counts it as out until this is dropped.
    _ticket: Option<Ticket<Rc<Machine>>>,
}

impl Future for Attempt<'_> {
    type Output = Result<Answer, CallError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let call = self
            .call
            .as_mut()
            .expect("an attempt is not polled after its answer");
        let answer = std::task::ready!(Pin::new(call).poll(context));
        self.call = None;
        if let Some(step) = &self.step {
            step.is_answered(answer == Ok(Answer::Done));
        }
        Poll::Ready(answer)
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.ask.waits_for.set(0);
        self.world.checks.calls.closes();
        if self.world.tamper != Tamper::ForgetCalls || !self.ask.key.is_multiple_of(50) {
            self.world.checks.calls.ends();
        }
        if let Some(call) = self.call.take()
            && !self.cancel
        {
            // A task of its own: the machine goes on when its caller has given up.
            self.world.sim.spawn(call);
        }
    }
}
