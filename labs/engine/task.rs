//! What code does in a task: sleep, time out, tick, spawn. All are free functions of the current simulation.
//!
//! Spans are measured by the clock of the node that the code runs on: on a node whose clock runs fast, a
//! sleep is over early.

use super::executor::TaskRef;
use super::node::NodeId;
use super::sim::Handle;
use super::time::{SimTime, nanos};
use super::timer::{Event, TimerId};
use super::wake::WakeTarget;
use super::world::{self, World};
use futures::FutureExt;
use pin_project_lite::pin_project;
use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

/// The moment of the current simulation, in true time. See [`node_now`] for what the node's clock shows.
#[track_caller]
pub fn now() -> SimTime {
    world::read("now", World::now)
}

/// What the clock of the current node shows.
#[track_caller]
pub fn node_now() -> SimTime {
    world::read("node_now", |world| world.local_now(world.current_node()))
}

/// The node whose code this is; [`NodeId::OUTSIDE`] for setup and workload.
#[track_caller]
pub fn current_node() -> NodeId {
    world::read("current_node", World::current_node)
}

/// A handle of the current simulation, for interventions and the network.
#[track_caller]
pub fn handle() -> Handle {
    Handle {
        world: world::current("handle"),
    }
}

/// Completes after `span`, by the clock of this node.
#[track_caller]
pub fn sleep(span: Duration) -> Sleep {
    let world = world::current("sleep");
    let due = world.deadline(span);
    Sleep::new(world, due)
}

/// Completes at a moment of true time; at once if that is past.
#[track_caller]
pub fn sleep_until(moment: SimTime) -> Sleep {
    Sleep::new(world::current("sleep_until"), moment.0)
}

/// The future of [`sleep`]. Dropping it takes its timer back.
#[must_use = "a sleep does nothing unless it is awaited"]
pub struct Sleep {
    world: Rc<World>,
    due: u64,
    timer: Option<TimerId>,
}

impl Sleep {
    pub(crate) fn new(world: Rc<World>, due: u64) -> Self {
        Self {
            world,
            due,
            timer: None,
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let world = &this.world;
        if world.now.get() >= this.due {
            if let Some(timer) = this.timer.take() {
                let event = world.timers.borrow_mut().cancel(timer);
                drop(event);
            } else if !world.may_pass_at_once() {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            return Poll::Ready(());
        }
        if let Some(timer) = this.timer {
            if let Some(Event::Wake(target)) = world.timers.borrow_mut().get_mut(timer) {
                target.refresh(context, world);
            }
        } else {
            let target = WakeTarget::of(context, world);
            this.timer = Some(world.schedule(this.due, world.current_node(), Event::Wake(target)));
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(timer) = self.timer.take() {
            let event = self.world.timers.borrow_mut().cancel(timer);
            drop(event);
        }
    }
}

/// The time was up first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the time was up before it was done")]
pub struct Elapsed;

/// Waits for `future`, but not longer than `span`. If both are due at one moment, the future wins. On
/// `Elapsed` the future is dropped, which cancels its calls.
#[track_caller]
pub fn timeout<F: Future>(
    span: Duration,
    future: F,
) -> impl Future<Output = Result<F::Output, Elapsed>> {
    Limited::new(future, sleep(span))
}

/// As [`timeout`], to a moment of true time.
#[track_caller]
pub fn timeout_at<F: Future>(
    moment: SimTime,
    future: F,
) -> impl Future<Output = Result<F::Output, Elapsed>> {
    Limited::new(future, sleep_until(moment))
}

pin_project! {
    /// `future` until `end` completes. No `async fn`: that would have room for the future twice, as what it is given
    /// and as what it awaits.
    pub(crate) struct Limited<F, E> {
        #[pin]
        future: F,
        end: E,
    }
}

impl<F, E> Limited<F, E> {
    pub(crate) fn new(future: F, end: E) -> Self {
        Self { future, end }
    }
}

impl<F: Future, E: Future<Output = ()> + Unpin> Future for Limited<F, E> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        match this.future.poll(context) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => Pin::new(this.end).poll(context).map(|()| Err(Elapsed)),
        }
    }
}

/// Ticks every `period` by the clock of this node, first at once. A tick that comes late (a pause, a slow body)
/// is not made up for: the ones that were missed are left out, and the rhythm stays.
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    let world = world::current("interval");
    Interval {
        period: Duration::from_nanos(nanos(period).max(1)),
        next: world.local_now(world.current_node()),
    }
}

/// Made by [`interval`].
#[derive(Debug)]
pub struct Interval {
    period: Duration,
    /// By the clock of the node.
    next: SimTime,
}

impl Interval {
    /// Completes at the next tick.
    pub async fn tick(&mut self) {
        // Rounding between two clocks can end a sleep a nanosecond early: look again.
        loop {
            let left = self.next.since(node_now());
            if left.is_zero() {
                break;
            }
            sleep(left).await;
        }
        let late = nanos(node_now().since(self.next));
        let period = nanos(self.period);
        self.next = SimTime(
            self.next
                .0
                .saturating_add((late / period + 1).saturating_mul(period)),
        );
    }
}

/// Lets every other ready task run first.
pub async fn yield_now() {
    let mut yielded = false;
    poll_fn(|context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Starts a task on the current node. Dropping the handle lets the task run on.
#[track_caller]
pub fn spawn<T: 'static>(future: impl Future<Output = T> + 'static) -> JoinHandle<T> {
    let world = world::current("spawn");
    spawn_into(&world, world.current_node(), future)
}

/// The task ended without a result: it was aborted, or its node crashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the task was aborted, or its node crashed, before it was done")]
pub struct Aborted;

enum Join<T> {
    Running(Option<std::task::Waker>),
    Ended(Result<T, Aborted>),
    Joined,
}

/// The task's end of a join: sets the result, or `Aborted` when it is dropped without one.
struct Outcome<T> {
    join: Rc<RefCell<Join<T>>>,
}

impl<T> Outcome<T> {
    fn set(&self, result: Result<T, Aborted>) {
        let before = self.join.replace(Join::Ended(result));
        if let Join::Running(Some(waker)) = before {
            waker.wake();
        }
    }
}

impl<T> Drop for Outcome<T> {
    fn drop(&mut self) {
        if matches!(*self.join.borrow(), Join::Running(_)) {
            self.set(Err(Aborted));
        }
    }
}

pub(crate) fn spawn_into<T: 'static>(
    world: &Rc<World>,
    node: NodeId,
    future: impl Future<Output = T> + 'static,
) -> JoinHandle<T> {
    let join = Rc::new(RefCell::new(Join::Running(None)));
    let outcome = Outcome {
        join: Rc::clone(&join),
    };
    let task = Box::pin(future.map(move |output| outcome.set(Ok(output))));
    JoinHandle {
        task: world.spawn(node, task, None),
        world: Rc::clone(world),
        join,
    }
}

/// Waits for a task, or ends it. Dropping it does neither.
pub struct JoinHandle<T> {
    world: Rc<World>,
    /// None when its node was down and it never started.
    task: Option<TaskRef>,
    join: Rc<RefCell<Join<T>>>,
}

impl<T> JoinHandle<T> {
    /// Drops the task where it stands; at its next pause if it is the one that runs.
    pub fn abort(&self) {
        if let Some(task) = self.task {
            self.world.abort(task);
        }
    }

    /// It has ended, in whatever way.
    pub fn is_finished(&self) -> bool {
        !matches!(*self.join.borrow(), Join::Running(_))
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, Aborted>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut join = self.join.borrow_mut();
        match &mut *join {
            Join::Running(waker) => {
                if !waker
                    .as_ref()
                    .is_some_and(|waker| waker.will_wake(context.waker()))
                {
                    *waker = Some(context.waker().clone());
                }
                Poll::Pending
            }
            ended => match std::mem::replace(ended, Join::Joined) {
                Join::Ended(result) => Poll::Ready(result),
                _ => panic!("a `JoinHandle` was polled after it had given its result"),
            },
        }
    }
}
