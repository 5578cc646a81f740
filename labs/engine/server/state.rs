//! The state behind a server: jobs in service, jobs in the queue, and the integrals over both.

use crate::engine::net::CallTrace;
use crate::engine::node::NodeId;
use crate::engine::time::{SimTime, round_nanos};
use crate::engine::timer::{Event, TimerId};
use crate::engine::wake::WakeTarget;
use crate::engine::world::World;
use slab::Slab;

pub(super) enum JobStage {
    /// In the queue, between its neighbours.
    Queued {
        before: Option<u32>,
        after: Option<u32>,
    },
    /// No timer: it was only let in, and holds its slot until it leaves.
    InService { timer: Option<TimerId> },
}

pub(super) struct Job {
    pub stage: JobStage,
    /// None: it is only to be let in.
    pub service: Option<u64>,
    pub arrived: u64,
    pub started: u64,
    pub node: NodeId,
    pub wake: WakeTarget,
    pub trace: Option<CallTrace>,
}

/// The state of a server.
pub(super) struct ServerState {
    /// None: as many as there are jobs.
    pub slots: Option<usize>,
    pub factor: f64,
    pub jobs: Slab<Job>,
    first: Option<u32>,
    last: Option<u32>,
    pub queued: usize,
    pub busy: usize,
    pub usage: Usage,
}

/// Integrals over time, brought up to date at each change: O(1), whatever the load.
#[derive(Default, Clone, Copy)]
pub(super) struct Usage {
    since: u64,
    pub busy: u128,
    pub queued: u128,
}

impl Usage {
    pub fn at(self, now: u64, busy: usize, queued: usize) -> Self {
        let span = u128::from(now.saturating_sub(self.since));
        Self {
            since: now.max(self.since),
            busy: self.busy + span * busy as u128,
            queued: self.queued + span * queued as u128,
        }
    }
}

impl ServerState {
    pub fn new(slots: Option<usize>) -> Self {
        Self {
            slots,
            factor: 1.0,
            jobs: Slab::new(),
            first: None,
            last: None,
            queued: 0,
            busy: 0,
            usage: Usage::default(),
        }
    }

    fn has_room(&self) -> bool {
        self.slots.is_none_or(|slots| self.busy < slots)
    }

    /// Call it before `busy` or `queued` change.
    fn account(&mut self, now: u64) {
        self.usage = self.usage.at(now, self.busy, self.queued);
    }

    /// Returns who is to be woken now: whoever is only let in.
    fn start(&mut self, world: &World, index: u32) -> WakeTarget {
        let now = world.now.get();
        let factor = self.factor;
        let job = &mut self.jobs[index as usize];
        let wake = std::mem::replace(&mut job.wake, WakeTarget::Nobody);
        let (timer, woken) = match job.service {
            None => (None, wake),
            Some(service) => {
                #[allow(clippy::float_cmp)]
                // Exactly one is the usual case, and needs no arithmetic.
                let service = if factor == 1.0 {
                    service
                } else {
                    round_nanos(service as f64 * factor)
                };
                let at = now.saturating_add(service);
                let timer = world.schedule(at, job.node, Event::Wake(wake));
                (Some(timer), WakeTarget::Nobody)
            }
        };
        job.stage = JobStage::InService { timer };
        job.started = now;
        if let Some(trace) = &job.trace {
            trace.record(|phases| {
                phases.service_started.get_or_insert(SimTime(now));
            });
        }
        self.busy += 1;
        woken
    }

    fn enqueue(&mut self, index: u32) {
        self.jobs[index as usize].stage = JobStage::Queued {
            before: self.last,
            after: None,
        };
        match self.last {
            Some(last) => self.link_after(last, Some(index)),
            None => self.first = Some(index),
        }
        self.last = Some(index);
        self.queued += 1;
    }

    fn unlink(&mut self, index: u32) {
        let JobStage::Queued { before, after } = self.jobs[index as usize].stage else {
            return;
        };
        match before {
            Some(before) => self.link_after(before, after),
            None => self.first = after,
        }
        match after {
            Some(after) => {
                if let JobStage::Queued { before: link, .. } = &mut self.jobs[after as usize].stage
                {
                    *link = before;
                }
            }
            None => self.last = before,
        }
        self.queued -= 1;
    }

    fn link_after(&mut self, index: u32, next: Option<u32>) {
        if let JobStage::Queued { after, .. } = &mut self.jobs[index as usize].stage {
            *after = next;
        }
    }

    /// Gives free slots to those who wait.
    pub fn admit(&mut self, world: &World) {
        self.account(world.now.get());
        while self.has_room() {
            let Some(first) = self.first else { return };
            self.unlink(first);
            self.start(world, first).wake(world);
        }
    }

    /// Takes a job in: into a slot or into the queue.
    pub fn arrive(&mut self, world: &World, job: Job) -> u32 {
        self.account(world.now.get());
        let index = self.jobs.insert(job) as u32;
        if self.first.is_none() && self.has_room() {
            // Whoever arrives is being polled, and sees for itself that it is let in.
            drop(self.start(world, index));
        } else {
            self.enqueue(index);
        }
        index
    }

    /// Takes a job out, done or not.
    pub fn leave(&mut self, world: &World, index: u32) -> Job {
        self.account(world.now.get());
        self.unlink(index);
        let job = self.jobs.remove(index as usize);
        if let JobStage::InService { .. } = job.stage {
            self.busy -= 1;
            self.admit(world);
        }
        job
    }
}
