//! The far end, as a layer of the pod sees it: calls over the network, credentials from the store, and the lab's
//! meters of both.

use super::breaker::State;
use super::instance::{Call, Reply};
use super::pattern::{SendError, Token, Upstream};
use super::split::Version;
use super::world::{Tamper, World};
use crate::engine::{self, JoinHandle, SimTime, Source as _};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// Attempts of a request that its trace shows, the first ones.
const SHOWN_MAX: usize = 12;

/// A request of the application on its way.
#[derive(Debug, Default)]
pub struct Request {
    pub number: u64,
    pub key: u64,
    /// Calls to instances so far.
    pub calls: Cell<u64>,
    /// The version of the service that it went to, once it has gone to one.
    pub version: Cell<Option<Version>>,
    /// Calls whose answer somebody waits for: one, or two where the first is hedged.
    pub out: RefCell<Vec<u64>>,
    pub shown: RefCell<Vec<Attempt>>,
}

/// A call to an instance, for the trace of its request.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    pub instance: u32,
    pub began: SimTime,
    /// When it was answered or given up, and what came of it; none while it is out.
    pub ended: Option<(SimTime, Result<(), AttemptError>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptError {
    GivenUp,
    Sent(SendError),
}

pub struct Far {
    pub world: Rc<World>,
    /// The layer that looks at it; 0 is the ambassador.
    pub layer: usize,
    /// Its first instance, of all that there are.
    pub first: usize,
}

impl Request {
    /// Whether somebody waits for the answer of this call.
    pub fn waits_for(&self, nth: u64) -> bool {
        self.out.borrow().contains(&nth)
    }
}

impl Upstream for Far {
    type Request = Rc<Request>;
    type Answer = ();

    async fn send(
        &self,
        instance: usize,
        request: &Rc<Request>,
        token: Option<&Token>,
    ) -> Result<(), SendError> {
        let (world, instance) = (&self.world, self.first + instance);
        let token = token.filter(|_| world.tamper != Tamper::LeaveBare);
        let out = Out::begin(world, instance, request, token.is_some());
        let call = Call {
            request: Rc::clone(request),
            nth: out.nth,
            token: token.cloned(),
        };
        let node = world.instances[instance].node;
        // A task of its own: the instance goes on when its caller has given up.
        let call = engine::net().call::<Call, Reply>(node, call);
        let task = Work {
            task: engine::spawn(call),
            cancel: world.knobs.cancel.get(),
        };
        let sent = match task.await {
            Ok(Ok(Reply::Done)) => Ok(()),
            Ok(Ok(Reply::Unauthorized)) => Err(SendError::Unauthorized),
            Ok(Ok(Reply::Failed) | Err(_)) | Err(_) => Err(SendError::Failed),
        };
        out.end(sent);
        sent
    }

    async fn fetch_token(&self) -> Token {
        engine::sleep(self.world.knobs.token_fetch.get()).await;
        self.world.vault.token()
    }

    fn is_listed(&self, instance: usize) -> bool {
        self.world.instances[self.first + instance].listed.get()
    }

    fn dice(&self) -> f64 {
        self.world.dice.borrow_mut().uniform()
    }

    fn tries_again(&self) {
        let world = &self.world;
        world.meters.retries_total.increment();
        world.checks.tries_again(self.layer);
    }

    fn hedges(&self) -> impl Sized {
        self.world.checks.hedges(self.layer);
        self.world.meters.hedges_total.enter()
    }

    fn hedge_won(&self) {
        self.world.meters.hedges_won_total.increment();
    }

    fn has_connection_after(&self, waited: Duration) {
        self.world.meters.pool_wait_ms.record(waited.into());
    }

    fn breaker_turned(&self, instance: usize, state: State) {
        let (world, now, instance) = (&self.world, self.world.now(), self.first + instance);
        let open_for = world.knobs.breaker_open_for.get();
        world.checks.breaker_turned(instance, state, now, open_for);
        world.meters.breaker_transitions_total.increment();
        let open = world.checks.open_share();
        world.meters.breaker_open_ratio.set(open, now);
        let name = world.instances[instance].name();
        let text = match state {
            State::Open => format!("the breaker of {name} opens"),
            State::HalfOpen => format!("the breaker of {name} lets probes through"),
            State::Closed => format!("the breaker of {name} closes"),
        };
        world.instruments.journal.info(now, text);
    }
}

/// A call at its instance; given up, it is called off there or runs on.
struct Work<T> {
    task: JoinHandle<T>,
    cancel: bool,
}

impl<T> Future for Work<T> {
    type Output = Result<T, engine::Aborted>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        std::pin::Pin::new(&mut self.task).poll(context)
    }
}

impl<T> Drop for Work<T> {
    fn drop(&mut self) {
        if self.cancel {
            self.task.abort();
        }
    }
}

/// A call that is out, in the books and in the trace of its request; however it ends.
struct Out<'a> {
    world: &'a World,
    instance: usize,
    request: &'a Request,
    nth: u64,
    era: u64,
    shown_as: Option<usize>,
    outcome: Cell<Result<(), AttemptError>>,
}

impl<'a> Out<'a> {
    fn begin(
        world: &'a World,
        instance: usize,
        request: &'a Request,
        has_credentials: bool,
    ) -> Self {
        let nth = request.calls.get() + 1;
        request.calls.set(nth);
        request.out.borrow_mut().push(nth);
        let mut shown = request.shown.borrow_mut();
        let place = shown.len();
        let shown_as = (place < SHOWN_MAX).then(|| {
            shown.push(Attempt {
                instance: world.instances[instance].number,
                began: world.now(),
                ended: None,
            });
            place
        });
        Self {
            world,
            instance,
            request,
            nth,
            era: world.checks.leaves(instance, has_credentials),
            shown_as,
            outcome: Cell::new(Err(AttemptError::GivenUp)),
        }
    }

    fn end(self, sent: Result<(), SendError>) {
        self.outcome.set(sent.map_err(AttemptError::Sent));
    }
}

impl Drop for Out<'_> {
    fn drop(&mut self) {
        self.request.out.borrow_mut().retain(|nth| *nth != self.nth);
        self.world.checks.returned(self.instance, self.era);
        if let Some(place) = self.shown_as {
            let ended = Some((self.world.now(), self.outcome.get()));
            self.request.shown.borrow_mut()[place].ended = ended;
        }
    }
}
