//! The seam to the real world: what a pattern asks its environment for.
//!
//! A lab's `pattern.rs` is code that one would ship, so it can't call the simulator. It asks *the current
//! environment* for the time, a sleep, a task: within a simulation that is the simulation (with the clock of the
//! node that the code runs on), elsewhere it is what was [`install`]ed on this thread, for example a thin
//! adapter over tokio. Which one is chosen at run time, so the very same compiled pattern runs in both.
//!
//! Nothing here is `Send`: a pattern runs on one thread, as on a current-thread runtime with a `LocalSet`.

use super::task::{self, Aborted, Elapsed, JoinHandle as SimJoin, Limited, Sleep as SimSleep};
use super::world;
use futures::channel::oneshot;
use futures::future::{AbortHandle, LocalBoxFuture, abortable};
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

/// A world that patterns can run in.
pub trait Environment {
    /// Time since some fixed moment; never goes back.
    fn now(&self) -> Duration;
    /// Completes after `span`. The span counts from this call, not from the first poll.
    fn sleep(&self, span: Duration) -> LocalBoxFuture<'static, ()>;
    /// Runs a task beside the others, on this thread.
    fn spawn(&self, task: LocalBoxFuture<'static, ()>);
}

thread_local! {
    static INSTALLED: RefCell<Option<Rc<dyn Environment>>> = const { RefCell::new(None) };
}

/// Makes `environment` the one of this thread, wherever no simulation runs, until the guard is dropped.
pub fn install(environment: Rc<dyn Environment>) -> Installed {
    Installed {
        before: INSTALLED.replace(Some(environment)),
    }
}

/// Puts back the environment that was there before [`install`].
#[must_use = "the environment is gone when this is dropped"]
pub struct Installed {
    before: Option<Rc<dyn Environment>>,
}

impl Drop for Installed {
    fn drop(&mut self) {
        let mine = INSTALLED.replace(self.before.take());
        drop(mine);
    }
}

#[track_caller]
fn installed(what: &str) -> Rc<dyn Environment> {
    INSTALLED
        .with(|installed| installed.borrow().clone())
        .unwrap_or_else(|| {
            panic!(
                "`env::{what}` was called where there is neither a simulation nor an environment: run it in a `Sim`, or `env::install` one first"
            )
        })
}

/// The time of this node's clock; differences of it are what counts.
#[track_caller]
pub fn now() -> Duration {
    if world::is_current() {
        task::node_now().into()
    } else {
        installed("now").now()
    }
}

/// Completes after `span`.
#[track_caller]
pub fn sleep(span: Duration) -> Sleep {
    Sleep(if world::is_current() {
        Sleeping::Simulated(task::sleep(span))
    } else {
        Sleeping::Real(installed("sleep").sleep(span))
    })
}

/// The future of [`sleep`].
#[must_use = "a sleep does nothing unless it is awaited"]
pub struct Sleep(Sleeping);

enum Sleeping {
    /// Held in place: in a simulation a sleep takes no allocation.
    Simulated(SimSleep),
    Real(LocalBoxFuture<'static, ()>),
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.0 {
            Sleeping::Simulated(sleep) => Pin::new(sleep).poll(context),
            Sleeping::Real(sleep) => sleep.as_mut().poll(context),
        }
    }
}

/// Waits for `future`, but not longer than `span`; then it is dropped. If both are due at once, the future wins.
#[track_caller]
pub fn timeout<F: Future>(
    span: Duration,
    future: F,
) -> impl Future<Output = Result<F::Output, Elapsed>> {
    Limited::new(future, sleep(span))
}

/// Starts a task. Dropping the handle lets it run on.
#[track_caller]
pub fn spawn<T: 'static>(future: impl Future<Output = T> + 'static) -> JoinHandle<T> {
    if world::is_current() {
        return JoinHandle(Joining::Simulated(task::spawn(future)));
    }
    let (sender, result) = oneshot::channel();
    let (task, abort) = abortable(async move {
        // Nobody may be waiting any more.
        let _ = sender.send(future.await);
    });
    installed("spawn").spawn(Box::pin(async move {
        let _ = task.await;
    }));
    JoinHandle(Joining::Real { result, abort })
}

/// Waits for a task, or ends it.
pub struct JoinHandle<T>(Joining<T>);

enum Joining<T> {
    Simulated(SimJoin<T>),
    Real {
        result: oneshot::Receiver<T>,
        abort: AbortHandle,
    },
}

impl<T> JoinHandle<T> {
    /// Drops the task where it stands.
    pub fn abort(&self) {
        match &self.0 {
            Joining::Simulated(join) => join.abort(),
            Joining::Real { abort, .. } => abort.abort(),
        }
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, Aborted>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Joining::Simulated(join) => Pin::new(join).poll(context),
            Joining::Real { result, .. } => Pin::new(result).poll(context).map_err(|_| Aborted),
        }
    }
}
