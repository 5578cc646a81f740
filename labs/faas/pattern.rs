//! Functions as a service: a platform that runs a handler for each event, on an instance that is warm
//! and free, or on a new one. It bills what runs, and takes away what nobody calls.
//!
//! [`Function::invoke`] is a call that somebody waits for. What it meets is decided by four numbers:
//!
//! | number | decides |
//! |---|---|
//! | events at once in an instance | how many instances a load needs |
//! | keep-alive | how often a call meets no instance: a cold start |
//! | the account's limit | how many instances may be busy, those of *all* functions together |
//! | scale rate | how many instances may be started in ten seconds |
//!
//! A call that finds no room is refused at once, as on AWS Lambda, or waits for a while, as on Cloud
//! Run. [`Function::deliver`] is a call that nobody waits for: the platform keeps the event and tries
//! again by the rules of Lambda's asynchronous invocation.
//!
//! What an instance is, is up to the [`Runtime`]: simulated, a process, a server behind HTTP. Dropping
//! an instance ends it. Time comes from [`env`], so the same code runs in both worlds.

use super::account::{ScaleRate, Share};
use super::keep_alive::KeepAlive;
use super::pool::{Count, Pool};
use crate::engine::env;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

/// What runs the code of one function.
pub trait Runtime: 'static {
    type Instance: 'static;
    type Event;
    type Answer;

    /// Places an instance, fetches the code and initialises it: the cold start.
    fn start(&self, reason: Reason) -> impl Future<Output = Self::Instance>;

    /// Runs the handler on an instance. Dropping the future ends the handler where it stands.
    fn run(
        &self,
        instance: &Self::Instance,
        event: &Self::Event,
    ) -> impl Future<Output = Result<Self::Answer, HandlerError>>;
}

/// The handler raised an error. The event may have had its effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the function failed: {0}")]
pub struct HandlerError(pub String);

/// Why an instance is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A call waits for it.
    Call,
    /// The calls in progress come near to what the instances can take.
    Headroom,
    /// The usual gap between two calls is nearly over.
    Foresight,
    /// It is paid for being there.
    Provisioned,
}

/// Why a call did not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Throttled {
    #[error("as many instances are busy as the account may have at once")]
    Concurrency,
    #[error("instances can't be started any faster")]
    ScaleRate,
}

/// How a call met its instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    Warm,
    /// It had to wait for an instance to start.
    Cold,
}

/// A call that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran<A> {
    pub answer: Result<A, Failed>,
    pub start: Start,
    /// From the call to the handler's first moment.
    pub waited: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    #[error(transparent)]
    Handler(#[from] HandlerError),
    #[error("the function ran into its time limit")]
    TimeLimit,
}

/// The settings of one function.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Events that an instance works on at once, at least one.
    pub per_instance: usize,
    /// Of an instance that takes many events: the share of its places in use at which one more is started.
    pub target: f64,
    /// How long a call waits for room; none refuses it at once.
    pub patience: Option<Duration>,
    /// A handler that runs longer is ended.
    pub time_limit: Duration,
    /// Instances that are kept ready and paid for.
    pub provisioned: usize,
}

/// One deployed function with its instances.
pub struct Function<R: Runtime> {
    pub runtime: R,
    pub share: Share,
    rate: RefCell<ScaleRate>,
    settings: RefCell<Settings>,
    keep_alive: RefCell<KeepAlive>,
    pool: RefCell<Pool<R::Instance>>,
    /// Calls that wait for room, in the order in which they came.
    waiting: RefCell<VecDeque<oneshot::Sender<()>>>,
    /// An instance became idle, or the rules changed.
    idle_changed: Notify,
}

// region: invoke
impl<R: Runtime> Function<R> {
    /// Runs the event and returns what became of it, or refuses it.
    pub async fn invoke(self: &Rc<Self>, event: &R::Event) -> Result<Ran<R::Answer>, Throttled> {
        let called = env::now();
        let (place, start) = self.find_place().await?;
        let instance = place.instance().await;
        let waited = env::now().saturating_sub(called);
        let limit = self.settings.borrow().time_limit;
        let ran = env::timeout(limit, self.runtime.run(&instance, event)).await;
        let answer = match ran {
            Ok(answer) => answer.map_err(Failed::from),
            Err(_) => Err(Failed::TimeLimit),
        };
        Ok(Ran {
            answer,
            start,
            waited,
        })
    }

    /// A place in an instance: at once, after a wait in line, or not at all.
    async fn find_place(self: &Rc<Self>) -> Result<(Place<R>, Start), Throttled> {
        let nobody_waits = self.waiting.borrow().is_empty();
        let mut refused = match nobody_waits.then(|| self.take_place()) {
            Some(Ok(place)) => return Ok(place),
            Some(Err(refused)) => refused,
            None => Throttled::Concurrency,
        };
        let Some(patience) = self.settings.borrow().patience else {
            return Err(refused);
        };
        let in_time = env::timeout(patience, async {
            let (turn, mut is_on) = oneshot::channel();
            self.waiting.borrow_mut().push_back(turn);
            loop {
                // A sender that is dropped unused belongs to a function that has gone.
                let _ = is_on.await;
                match self.take_place() {
                    Ok(place) => return place,
                    Err(again) => refused = again,
                }
                // Still the first in line.
                let (turn, next) = oneshot::channel();
                self.waiting.borrow_mut().push_front(turn);
                is_on = next;
            }
        });
        let found = in_time.await.map_err(|_| refused);
        // There may be room for one more; or a turn was used up at the very end of somebody's patience.
        self.call_next();
        found
    }

    /// A warm instance with room, the one used last: the others may grow old and be taken away. If there
    /// is none, one that is on its way; else a new one.
    fn take_place(self: &Rc<Self>) -> Result<(Place<R>, Start), Throttled> {
        let (shared, unused) = self.pool.borrow().candidates();
        if let Some(slot) = shared {
            return Ok(self.join(slot));
        }
        if !self.share.take() {
            return Err(Throttled::Concurrency);
        }
        let slot = match unused {
            Some(slot) => slot,
            None if self.rate.borrow_mut().take(env::now()) => self.start(Reason::Call, false),
            None => {
                self.share.give_back();
                return Err(Throttled::ScaleRate);
            }
        };
        Ok(self.join(slot))
    }

    /// One more call on this instance.
    fn join(self: &Rc<Self>, number: usize) -> (Place<R>, Start) {
        let now = env::now();
        let mut pool = self.pool.borrow_mut();
        if let Some(since) = pool.quiet_since.take() {
            self.keep_alive
                .borrow_mut()
                .saw_gap(now.saturating_sub(since));
        }
        pool.enter(number, self.settings.borrow().per_instance);
        let start = match pool.slots[number].instance {
            Some(_) => Start::Warm,
            None => Start::Cold,
        };
        drop(pool);
        self.keep_headroom();
        let function = Rc::clone(self);
        (Place { function, number }, start)
    }

    /// Of instances that take many events, one more is started before the others are full.
    fn keep_headroom(self: &Rc<Self>) {
        let wanted = {
            let (settings, count) = (self.settings.borrow(), self.pool.borrow().count);
            let room = (settings.per_instance * count.instances()) as f64;
            settings.per_instance > 1 && count.calls as f64 > settings.target * room
        };
        if wanted && self.rate.borrow_mut().take(env::now()) {
            self.start_unused(Reason::Headroom, false);
        }
    }

    /// One that no call waits for yet.
    fn start_unused(self: &Rc<Self>, reason: Reason, provisioned: bool) {
        let slot = self.start(reason, provisioned);
        self.pool.borrow_mut().coming.push_back(slot);
    }

    fn start(self: &Rc<Self>, reason: Reason, provisioned: bool) -> usize {
        let (number, ready) = self.pool.borrow_mut().add(provisioned);
        let function = Rc::clone(self);
        env::spawn(async move {
            let instance = function.runtime.start(reason).await;
            function
                .pool
                .borrow_mut()
                .is_ready(number, &ready, instance, env::now());
            ready.notify_waiters();
            function.idle_changed.notify_one();
            function.call_next();
        });
        number
    }

    /// Whoever has waited longest tries again.
    fn call_next(&self) {
        while let Some(turn) = self.waiting.borrow_mut().pop_front() {
            if turn.send(()).is_ok() {
                return;
            }
        }
    }
}

/// A call's place in an instance. Dropping it makes room, however the call ended.
struct Place<R: Runtime> {
    function: Rc<Function<R>>,
    number: usize,
}

impl<R: Runtime> Place<R> {
    /// The instance, once it has started.
    async fn instance(&self) -> Rc<R::Instance> {
        loop {
            let ready = {
                let pool = self.function.pool.borrow();
                let slot = &pool.slots[self.number];
                if let Some(instance) = &slot.instance {
                    return Rc::clone(instance);
                }
                Rc::clone(&slot.ready)
            };
            ready.notified().await;
        }
    }
}

impl<R: Runtime> Drop for Place<R> {
    fn drop(&mut self) {
        self.function.left(self.number);
    }
}
// endregion: invoke

// region: deliver
/// The first retry of an event that was refused, and the most that lies between two.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const RETRY_MAX: Duration = Duration::from_mins(5);
/// After an error of the function itself it is tried twice more, after these waits.
const RETRIES_AFTER_ERROR: [Duration; 2] = [Duration::from_mins(1), Duration::from_mins(2)];

/// What became of an event that nobody waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    Done,
    /// The function failed each time.
    GivenUp(Failed),
    /// It was refused until it was too old.
    TooOld,
}

impl<R: Runtime> Function<R> {
    /// Runs an event that nobody waits for, as often as the rules of Lambda's asynchronous invocation
    /// allow: twice more after an error of the function; after a refusal again and again, from 1 s to
    /// 5 min apart, until the event is `oldest` old. `tried` hears of each try.
    ///
    /// Source: AWS Lambda developer guide, "How Lambda handles errors and retries with asynchronous
    /// invocation".
    pub async fn deliver(
        self: &Rc<Self>,
        event: &R::Event,
        oldest: Duration,
        mut tried: impl FnMut(Result<&Ran<R::Answer>, Throttled>),
    ) -> Delivered {
        let came = env::now();
        let mut after_error = RETRIES_AFTER_ERROR.into_iter();
        let mut after_refusal = FIRST_RETRY;
        loop {
            let outcome = self.invoke(event).await;
            tried(outcome.as_ref().map_err(|refused| *refused));
            let wait = match outcome {
                Ok(Ran { answer: Ok(_), .. }) => return Delivered::Done,
                Ok(Ran {
                    answer: Err(failed),
                    ..
                }) => match after_error.next() {
                    Some(wait) => wait,
                    None => return Delivered::GivenUp(failed),
                },
                Err(_) => {
                    let wait = after_refusal;
                    after_refusal = (after_refusal * 2).min(RETRY_MAX);
                    wait
                }
            };
            if env::now() + wait > came + oldest {
                return Delivered::TooOld;
            }
            env::sleep(wait).await;
        }
    }
}
// endregion: deliver

// region: instances
impl<R: Runtime> Function<R> {
    pub fn new(
        runtime: R,
        share: Share,
        rate: ScaleRate,
        keep_alive: KeepAlive,
        settings: Settings,
    ) -> Rc<Self> {
        Rc::new(Self {
            runtime,
            share,
            rate: RefCell::new(rate),
            settings: RefCell::new(settings),
            keep_alive: RefCell::new(keep_alive),
            pool: RefCell::new(Pool::default()),
            waiting: RefCell::default(),
            idle_changed: Notify::new(),
        })
    }

    /// Takes away what has been idle for too long, for ever. Run it beside the calls.
    pub async fn retire_idle(self: Rc<Self>) {
        loop {
            let keep = self.keep_alive.borrow().windows().keep;
            let due = {
                let mut pool = self.pool.borrow_mut();
                let now = env::now();
                while let Some(number) = pool.longest_idle() {
                    if now < pool.slots[number].idle_since + keep {
                        break;
                    }
                    pool.remove(number);
                }
                let next = pool.longest_idle();
                next.map(|number| (pool.slots[number].idle_since + keep).saturating_sub(now))
            };
            match due {
                // Early when the rules change; then it looks again.
                Some(due) => drop(env::timeout(due, self.idle_changed.notified()).await),
                None => self.idle_changed.notified().await,
            }
        }
    }

    /// The call on this instance has ended.
    fn left(self: &Rc<Self>, number: usize) {
        let now = env::now();
        let went_quiet = {
            let per_instance = self.settings.borrow().per_instance;
            let mut pool = self.pool.borrow_mut();
            let idle = pool.leave(number, per_instance, now);
            if idle {
                self.share.give_back();
                if pool.slots[number].version < pool.version {
                    pool.remove(number);
                }
            }
            let quiet = pool.count.calls == 0;
            pool.quiet_since = quiet.then_some(now);
            quiet
        };
        if went_quiet {
            self.foresee(now);
        }
        self.idle_changed.notify_one();
        self.call_next();
    }

    /// Nobody calls any more. Where the gaps have a usual length, the instances go at once, and one is
    /// started shortly before the usual gap is over.
    fn foresee(self: &Rc<Self>, quiet_since: Duration) {
        let Some(pause) = self.keep_alive.borrow().windows().pause else {
            return;
        };
        self.pool.borrow_mut().remove_idle();
        let function = Rc::clone(self);
        env::spawn(async move {
            env::sleep(pause).await;
            let still = function.pool.borrow().quiet_since == Some(quiet_since);
            if still && function.rate.borrow_mut().take(env::now()) {
                function.start_unused(Reason::Foresight, false);
            }
        });
    }

    /// A new version: instances of the old one take no more calls, those that are paid for start anew.
    pub fn deploy(self: &Rc<Self>) {
        self.pool.borrow_mut().age();
        self.keep_provisioned();
        self.call_next();
    }

    /// Other settings, from the next call on.
    pub fn configure(
        self: &Rc<Self>,
        settings: Settings,
        keep_alive: KeepAlive,
        starts_in_ten_seconds: usize,
    ) {
        self.share.provision(settings.provisioned);
        *self.settings.borrow_mut() = settings;
        self.keep_alive.borrow_mut().replace_by(keep_alive);
        self.rate.borrow_mut().set(starts_in_ten_seconds);
        self.keep_provisioned();
        self.idle_changed.notify_one();
        self.call_next();
    }

    /// So many instances are there and stay, as the settings say.
    pub fn keep_provisioned(self: &Rc<Self>) {
        let wanted = self.settings.borrow().provisioned;
        let there = self.pool.borrow_mut().keep_provisioned(wanted);
        for _ in there..wanted {
            self.start_unused(Reason::Provisioned, true);
        }
    }

    pub fn count(&self) -> Count {
        self.pool.borrow().count
    }

    pub fn waiting(&self) -> usize {
        self.waiting.borrow().len()
    }

    /// Looks at each instance: how many calls it has, and itself when it has started.
    pub fn each_instance(&self, mut look: impl FnMut(usize, Option<&R::Instance>)) {
        for (_, slot) in &self.pool.borrow().slots {
            look(slot.calls, slot.instance.as_deref());
        }
    }
}
// endregion: instances

#[cfg(test)]
impl<R: Runtime> Function<R> {
    pub fn books_agree(&self) {
        self.pool.borrow().books_agree();
    }
}
