//! Many futures at once, as they come: what a root waits on that has asked all of its leaves.
//!
//! [`FuturesUnordered`] is the one of the `futures` crate: within a simulation in a form of its own, elsewhere
//! that very type. The form of its own is why a call costs two thirds: a general `FuturesUnordered` may be woken
//! from any thread, so each of its futures pays a dozen atomic instructions. Here a fork of the world keeps which
//! branches are woken ([`Forks`]), and a reply names its branch by number.

use super::wake::{Target, WakeTarget, WakerSource};
use super::world::{self, World};
use futures::stream::{FuturesUnordered as AnyThread, Stream};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Runs futures at once and yields their outputs in the order in which they come. Collect into it, and take
/// from it by `next().await`. Dropping it drops, and so cancels, what is still out.
///
/// A future that can't be moved is boxed first: `.map(Box::pin)`.
#[must_use = "futures do nothing unless they are polled"]
pub struct FuturesUnordered<F: Future + Unpin>(State<F>);

enum State<F: Future> {
    /// Not polled yet: where it runs shows when it is.
    New(Vec<Option<F>>),
    Simulated(Fork<F>),
    Elsewhere(AnyThread<F>),
}

struct Fork<F> {
    world: Rc<World>,
    /// In the world's table.
    index: u32,
    /// None of those that are done.
    branches: Vec<Option<F>>,
    out: usize,
}

impl<F: Future + Unpin> FromIterator<F> for FuturesUnordered<F> {
    fn from_iter<I: IntoIterator<Item = F>>(futures: I) -> Self {
        Self(State::New(futures.into_iter().map(Some).collect()))
    }
}

impl<F: Future + Unpin> Stream for FuturesUnordered<F> {
    type Item = F::Output;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<F::Output>> {
        loop {
            match &mut self.0 {
                State::Simulated(fork) => return fork.poll_next(context),
                State::Elsewhere(futures) => return Pin::new(futures).poll_next(context),
                State::New(branches) => {
                    let branches = std::mem::take(branches);
                    self.0 = if world::is_current() {
                        State::Simulated(Fork::new(branches))
                    } else {
                        State::Elsewhere(branches.into_iter().flatten().collect())
                    };
                }
            }
        }
    }
}

impl<F: Future + Unpin> Fork<F> {
    fn new(branches: Vec<Option<F>>) -> Self {
        let world = world::current("FuturesUnordered");
        let out = branches.len();
        let index = world.forks.borrow_mut().open(out);
        Self {
            world,
            index,
            branches,
            out,
        }
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<F::Output>> {
        if self.out == 0 {
            return Poll::Ready(None);
        }
        let world = &self.world;
        // What wakes itself while it is polled has its next turn at the next poll.
        let mut turns = world.forks.borrow_mut().attend(self.index, context, world);
        while turns > 0 {
            turns -= 1;
            let next = world.forks.borrow_mut().take_woken(self.index);
            let Some((branch, waker)) = next else { break };
            let place = &mut self.branches[branch as usize];
            let mut done = None;
            if let Some(future) = place {
                let target = Target::Branch {
                    fork: self.index,
                    branch,
                };
                let polled = world.as_polled(target, &waker, || {
                    Pin::new(future).poll(&mut Context::from_waker(&waker))
                });
                if let Poll::Ready(output) = polled {
                    done = Some(output);
                }
            }
            world
                .forks
                .borrow_mut()
                .give_back(self.index, branch, waker);
            if done.is_some() {
                *place = None;
                self.out -= 1;
                return Poll::Ready(done);
            }
        }
        Poll::Pending
    }
}

impl<F> Drop for Fork<F> {
    fn drop(&mut self) {
        // First the branches: nothing of them is to wake the fork's next tenant.
        self.branches.clear();
        let poller = self.world.forks.borrow_mut().close(self.index);
        drop(poller);
    }
}

/// Which branches of which fork are woken. A place and its wakers are used again by the next fork, as those of
/// tasks are.
pub(crate) struct Forks {
    places: Vec<Place>,
    free: Vec<u32>,
    wakers: WakerSource,
}

struct Place {
    /// Branches of the fork that is here; 0 when it is free.
    open: usize,
    /// Who polled it last.
    poller: WakeTarget,
    branches: Vec<Branch>,
    woken: VecDeque<u32>,
}

struct Branch {
    /// Taken out while its future is polled.
    waker: Option<Waker>,
    woken: bool,
}

impl Forks {
    pub fn new(wakers: WakerSource) -> Self {
        Self {
            places: Vec::new(),
            free: Vec::new(),
            wakers,
        }
    }

    /// A place for so many branches, all of them to be polled.
    fn open(&mut self, count: usize) -> u32 {
        let fork = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place {
                open: 0,
                poller: WakeTarget::Nobody,
                branches: Vec::new(),
                woken: VecDeque::new(),
            });
            (self.places.len() - 1) as u32
        });
        let place = &mut self.places[fork as usize];
        place.open = count;
        for branch in place.branches.len() as u32..count as u32 {
            place.branches.push(Branch {
                waker: Some(self.wakers.waker(Target::Branch { fork, branch })),
                woken: false,
            });
        }
        for branch in &mut place.branches[..count] {
            branch.woken = true;
        }
        place.woken.extend(0..count as u32);
        fork
    }

    fn close(&mut self, fork: u32) -> WakeTarget {
        let place = &mut self.places[fork as usize];
        for branch in place.woken.drain(..) {
            place.branches[branch as usize].woken = false;
        }
        place.open = 0;
        self.free.push(fork);
        std::mem::replace(&mut place.poller, WakeTarget::Nobody)
    }

    /// Notes who polls it; says how many branches are woken.
    fn attend(&mut self, fork: u32, context: &Context<'_>, world: &World) -> usize {
        let place = &mut self.places[fork as usize];
        match &mut place.poller {
            WakeTarget::Nobody => place.poller = WakeTarget::of(context, world),
            poller => poller.refresh(context, world),
        }
        place.woken.len()
    }

    fn take_woken(&mut self, fork: u32) -> Option<(u32, Waker)> {
        let place = &mut self.places[fork as usize];
        let branch = place.woken.pop_front()?;
        let entry = &mut place.branches[branch as usize];
        entry.woken = false;
        let waker = entry.waker.take();
        Some((branch, waker.unwrap_or_else(|| Waker::noop().clone())))
    }

    fn give_back(&mut self, fork: u32, branch: u32, waker: Waker) {
        self.places[fork as usize].branches[branch as usize].waker = Some(waker);
    }

    /// Wakes a branch; returns who is to poll its fork, if there is one.
    pub fn wake(&mut self, fork: u32, branch: u32) -> Option<WakeTarget> {
        let place = &mut self.places[fork as usize];
        if branch as usize >= place.open {
            return None;
        }
        let entry = &mut place.branches[branch as usize];
        if !entry.woken {
            entry.woken = true;
            place.woken.push_back(branch);
        }
        Some(match &place.poller {
            WakeTarget::Known(target) => WakeTarget::Known(*target),
            WakeTarget::Waker(waker) => WakeTarget::Waker(waker.clone()),
            WakeTarget::Nobody => WakeTarget::Nobody,
        })
    }

    /// Room taken, used or not.
    pub fn capacity(&self) -> usize {
        self.places.iter().map(|place| place.branches.len()).sum()
    }
}
