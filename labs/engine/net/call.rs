//! The caller's side of a call: its future, its errors, its trace.

use super::exchange::Calls;
use crate::engine::node::NodeId;
use crate::engine::task::Sleep;
use crate::engine::time::SimTime;
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

/// How a call ends without a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CallError {
    /// The node is down, or serves no such call. A whole round trip tells.
    #[error("refused: the node is down or does not serve this call")]
    Refused,
    /// The node crashed while it had the call: the work may or may not have been done.
    #[error("reset: the node crashed while it had the call")]
    Reset,
    /// The caller's own time limit ([`Call::within`]).
    #[error("timed out")]
    TimedOut,
    /// The transport sent again and again and gave up: the link is cut, or loses too much.
    #[error("unreachable: nothing came through, and the transport gave up")]
    Unreachable,
}

/// The moments of one call, as far as they came. A call that was cancelled shows how far it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Phases {
    pub sent: Option<SimTime>,
    /// At the server.
    pub arrived: Option<SimTime>,
    /// It got a slot of a [`Server`](crate::engine::Server); since `arrived` it has waited in its queue.
    pub service_started: Option<SimTime>,
    /// It left its slot, done or dropped.
    pub service_ended: Option<SimTime>,
    /// The handler has answered (or crashed), and the reply is on its way.
    pub replied: Option<SimTime>,
    /// The cancellation reached the server in time.
    pub cancelled: Option<SimTime>,
    /// The reply or the error is back at the caller.
    pub returned: Option<SimTime>,
}

/// Collects the [`Phases`] of a call: give it to [`Call::traced`] and keep a clone. A call without one pays nothing.
#[derive(Debug, Clone)]
pub struct CallTrace {
    of: CallTraces,
    place: u32,
}

/// The traces of calls that belong together, such as those of one request.
#[derive(Debug, Clone, Default)]
pub struct CallTraces(Rc<RefCell<Vec<Phases>>>);

impl CallTraces {
    /// With room for so many.
    pub fn with_capacity(calls: usize) -> Self {
        Self(Rc::new(RefCell::new(Vec::with_capacity(calls))))
    }

    /// The phases of the call that was opened so many calls after the first.
    pub fn phases(&self, place: usize) -> Phases {
        self.0.borrow()[place]
    }

    /// Forgets all calls, and keeps the room for others; false when one of them may still go on.
    pub fn begin_anew(&mut self) -> bool {
        let calls = Rc::get_mut(&mut self.0);
        calls.map(|calls| calls.get_mut().clear()).is_some()
    }

    /// The trace of one more call.
    pub fn open(&self) -> CallTrace {
        let mut all = self.0.borrow_mut();
        all.push(Phases::default());
        let place = (all.len() - 1) as u32;
        CallTrace {
            of: self.clone(),
            place,
        }
    }
}

impl Default for CallTrace {
    fn default() -> Self {
        CallTraces::default().open()
    }
}

impl CallTrace {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn phases(&self) -> Phases {
        self.of.0.borrow()[self.place as usize]
    }

    pub(crate) fn record(&self, f: impl FnOnce(&mut Phases)) {
        f(&mut self.of.0.borrow_mut()[self.place as usize]);
    }
}

/// What a caller may say of a call besides its request.
#[derive(Default)]
pub(super) struct Options {
    pub key: Option<u64>,
    pub tag: u8,
    pub trace: Option<CallTrace>,
}

enum State<Req> {
    Unsent { request: Option<Req> },
    Sent { slot: u32 },
    Ended,
}

/// A call. Sent at the first poll; dropped before its end, it is cancelled at the server.
#[must_use = "a call does nothing unless it is awaited"]
pub struct Call<Req: 'static, Rep: 'static> {
    calls: Rc<Calls<Req, Rep>>,
    to: NodeId,
    options: Options,
    limit: Option<Duration>,
    timer: Option<Sleep>,
    state: State<Req>,
}

// Nothing in it is pinned: the request is moved out, never polled.
impl<Req, Rep> Unpin for Call<Req, Rep> {}

impl<Req: 'static, Rep: 'static> Call<Req, Rep> {
    pub(super) fn new(calls: Rc<Calls<Req, Rep>>, to: NodeId, request: Req) -> Self {
        Self {
            calls,
            to,
            options: Options::default(),
            limit: None,
            timer: None,
            state: State::Unsent {
                request: Some(request),
            },
        }
    }

    /// What the latency of its messages depends on, besides the seed and the link: give the number of the request,
    /// and it meets the same network in every run. Without it, its number among the messages of its sender.
    pub fn keyed(mut self, key: u64) -> Self {
        self.options.key = Some(key);
        self
    }

    /// A mark that the handler and the picture see.
    pub fn tagged(mut self, tag: u8) -> Self {
        self.options.tag = tag;
        self
    }

    /// Records the call's phases.
    pub fn traced(mut self, trace: &CallTrace) -> Self {
        self.options.trace = Some(trace.clone());
        self
    }

    /// Ends it in `TimedOut` (and cancels it) this long after it was sent, by the clock of this node.
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    fn end(&mut self) {
        self.state = State::Ended;
        self.timer = None;
    }
}

impl<Req: 'static, Rep: 'static> Future for Call<Req, Rep> {
    type Output = Result<Rep, CallError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        match &mut this.state {
            State::Unsent { request } => {
                let request = request
                    .take()
                    .expect("an unsent call has its request until it is sent");
                let options = std::mem::take(&mut this.options);
                let slot = this.calls.send(this.to, request, options, context);
                this.state = State::Sent { slot };
                if let Some(limit) = this.limit {
                    let world = Rc::clone(this.calls.world());
                    let due = world.deadline(limit);
                    this.timer = Some(Sleep::new(world, due));
                }
            }
            State::Sent { slot } => {
                if let Some(result) = this.calls.poll(*slot, context) {
                    this.end();
                    return Poll::Ready(result);
                }
            }
            State::Ended => panic!("a call was polled after it had ended"),
        }
        if let Some(timer) = &mut this.timer
            && Pin::new(timer).poll(context).is_ready()
        {
            if let State::Sent { slot } = this.state {
                this.end();
                this.calls.drop_caller(slot);
            }
            return Poll::Ready(Err(CallError::TimedOut));
        }
        Poll::Pending
    }
}

impl<Req: 'static, Rep: 'static> Drop for Call<Req, Rep> {
    fn drop(&mut self) {
        if let State::Sent { slot } = self.state {
            self.calls.drop_caller(slot);
        }
    }
}
