//! The executor: tasks in a slab, and a queue of those that are ready.
//!
//! A slot and its waker are used again by the next task, so a task costs one allocation: its future. A
//! waker that outlives its task may so wake the slot's next tenant, which then is polled once for nothing;
//! that is allowed by the contract of `Future`, and always happens at the same place of a run.

use super::net::CallTrace;
use super::node::NodeId;
use super::wake::{Outside, Target, WakerSource};
use super::world::World;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

pub(crate) type BoxedTask = Pin<Box<dyn Future<Output = ()>>>;

/// One life of a task: a slot and which tenant of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TaskRef {
    pub index: u32,
    generation: u32,
}

struct Slot {
    /// Taken out while it is polled.
    future: Option<BoxedTask>,
    waker: Option<Waker>,
    node: NodeId,
    generation: u32,
    live: bool,
    queued: bool,
    /// Aborted while it ran: dropped as soon as its poll returns.
    aborted: bool,
    /// The traced call that this task answers, if any.
    trace: Option<CallTrace>,
}

pub(crate) struct Tasks {
    slots: Vec<Slot>,
    free: Vec<u32>,
    ready: VecDeque<u32>,
    live: usize,
    wakers: WakerSource,
    outside: Arc<Outside>,
}

impl Tasks {
    pub fn new(wakers: WakerSource, outside: Arc<Outside>) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            ready: VecDeque::new(),
            live: 0,
            wakers,
            outside,
        }
    }

    /// Takes a task in and makes it ready.
    pub fn insert(&mut self, node: NodeId, future: BoxedTask, trace: Option<CallTrace>) -> TaskRef {
        let index = self.free.pop().unwrap_or_else(|| {
            let index = self.slots.len() as u32;
            self.slots.push(Slot {
                future: None,
                waker: Some(self.wakers.waker(Target::Task(index))),
                node,
                generation: 0,
                live: false,
                queued: false,
                aborted: false,
                trace: None,
            });
            index
        });
        let slot = &mut self.slots[index as usize];
        slot.future = Some(future);
        slot.node = node;
        slot.live = true;
        slot.aborted = false;
        slot.trace = trace;
        self.live += 1;
        let generation = slot.generation;
        self.make_ready(index);
        TaskRef { index, generation }
    }

    pub fn make_ready(&mut self, index: u32) {
        let slot = &mut self.slots[index as usize];
        if slot.live && !slot.queued {
            slot.queued = true;
            self.ready.push_back(index);
        }
    }

    pub fn live(&self) -> usize {
        self.live
    }

    pub fn capacity(&self) -> usize {
        self.slots.len()
    }

    pub fn has_ready(&self) -> bool {
        !self.ready.is_empty() || self.outside.any()
    }

    pub fn trace(&self, index: u32) -> Option<CallTrace> {
        self.slots.get(index as usize)?.trace.clone()
    }

    fn release(&mut self, index: u32) -> Option<CallTrace> {
        let slot = &mut self.slots[index as usize];
        slot.live = false;
        slot.aborted = false;
        slot.generation = slot.generation.wrapping_add(1);
        self.live -= 1;
        self.free.push(index);
        slot.trace.take()
    }

    /// Ends a task. What is returned is dropped by the caller, when nothing is borrowed: destructors act.
    pub fn abort(&mut self, task: TaskRef) -> Option<BoxedTask> {
        let slot = self.slots.get_mut(task.index as usize)?;
        if !slot.live || slot.generation != task.generation {
            return None;
        }
        if let Some(future) = slot.future.take() {
            self.release(task.index);
            Some(future)
        } else {
            slot.aborted = true;
            None
        }
    }

    /// The tasks of a node, in the order of their slots.
    pub fn of_node(&self, node: NodeId) -> Vec<TaskRef> {
        self.all(|slot| slot.node == node)
    }

    pub fn everything(&self) -> Vec<TaskRef> {
        self.all(|_| true)
    }

    fn all(&self, wanted: impl Fn(&Slot) -> bool) -> Vec<TaskRef> {
        self.slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| slot.live && wanted(slot))
            .map(|(index, slot)| TaskRef {
                index: index as u32,
                generation: slot.generation,
            })
            .collect()
    }
}

/// Polls the next ready task; false when all is quiet.
pub(crate) fn poll_next(world: &Rc<World>) -> bool {
    let (index, node, mut future, waker) = {
        let mut tasks = world.tasks.borrow_mut();
        if tasks.ready.is_empty() && tasks.outside.any() {
            let woken = tasks.outside.take();
            drop(tasks);
            for target in woken {
                world.wake(target);
            }
            tasks = world.tasks.borrow_mut();
        }
        let Some(index) = tasks.ready.pop_front() else {
            return false;
        };
        let slot = &mut tasks.slots[index as usize];
        slot.queued = false;
        if world.paused.get() > 0 && slot.live && world.stall(slot.node, index) {
            return true;
        }
        let Some(future) = slot.future.take() else {
            return true;
        };
        let waker = slot.waker.take().unwrap_or_else(|| Waker::noop().clone());
        (index, slot.node, future, waker)
    };
    world.begin_task(index, node, &waker);
    let poll = future.as_mut().poll(&mut Context::from_waker(&waker));
    let mut tasks = world.tasks.borrow_mut();
    let slot = &mut tasks.slots[index as usize];
    slot.waker = Some(waker);
    if poll == Poll::Pending && !slot.aborted {
        slot.future = Some(future);
        drop(tasks);
    } else {
        let trace = tasks.release(index);
        drop(tasks);
        drop(future);
        drop(trace);
    }
    world.end_task();
    true
}
