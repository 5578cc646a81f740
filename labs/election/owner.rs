//! The owner's work as the pattern calls it: jobs by the timetable, and writes to the storage.

use super::pattern::{Answer, Storage, Token, Unreachable, Written, own};
use super::stop::Stop;
use super::warehouse::Request;
use super::world::World;
use crate::engine::{self, CallTrace, JoinHandle, SimTime};
use crate::workbench::trace::{Outcome, Phase, PhaseKind, Span, Trace};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// One ownership of one candidate.
pub struct Owner {
    pub world: Rc<World>,
    pub candidate: usize,
    /// Which one of the run it is.
    pub ownership: u64,
    stop: Rc<Stop>,
    /// Nobody waits for its work any more.
    dropped: Stop,
    /// It has begun a job, and hasn't heard what became of the write.
    in_a_job: Cell<bool>,
    begun: Cell<SimTime>,
    worked: Cell<SimTime>,
    phases: RefCell<CallTrace>,
}

/// Before a write that found nobody is tried again.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

impl Owner {
    pub fn new(world: &Rc<World>, candidate: usize, ownership: u64, stop: &Rc<Stop>) -> Self {
        Self {
            world: Rc::clone(world),
            candidate,
            ownership,
            stop: Rc::clone(stop),
            dropped: Stop::default(),
            in_a_job: Cell::new(false),
            begun: Cell::new(engine::now()),
            worked: Cell::new(engine::now()),
            phases: RefCell::default(),
        }
    }

    /// The work on a thread of its own, as a closing job has. Whoever drops it can't stop a job that has begun: that one
    /// is written to its end, and only then the thread looks up.
    pub fn on_its_own_thread(self, token: Token) -> Thread {
        let owner = Rc::new(self);
        let working = Rc::clone(&owner);
        Thread {
            task: engine::spawn(async move { own(&*working, token).await }),
            owner,
        }
    }

    async fn send(&self, token: Token, job: Option<u64>) -> Answer<Written> {
        let trace = CallTrace::new();
        *self.phases.borrow_mut() = trace.clone();
        let request = Request {
            token,
            job,
            ownership: self.ownership,
        };
        let call = engine::net().call::<Request, Written>(self.world.storage, request);
        call.traced(&trace).await.map_err(|_| Unreachable)
    }

    /// A job with its parts, from when this owner took it up to the storage's answer.
    fn trace(&self, token: Token, job: u64, written: Answer<Written>) {
        let (begun, worked, ended) = (self.begun.get(), self.worked.get(), engine::now());
        let phase = |kind, started, ended| Phase {
            kind,
            started,
            ended,
        };
        let outcome = match written {
            Ok(Written::Accepted { .. }) => Outcome::Ok,
            Ok(Written::Fenced) | Err(Unreachable) => Outcome::Error,
        };
        let text = match written {
            Ok(Written::Accepted { .. }) => "accepted",
            Ok(Written::Fenced) => "bounced",
            Err(Unreachable) => "no answer",
        };
        let traces = &self.world.instruments.traces;
        traces.offer(job, begun, ended, || Trace {
            request: job,
            started: begun,
            ended,
            outcome: format!("job {job}, token {token}: {text}"),
            spans: vec![Span {
                parent: None,
                node: World::name(self.candidate),
                note: format!("token {token}, {text}"),
                started: begun,
                ended: Some(ended),
                phases: vec![
                    phase(PhaseKind::Service, begun, worked),
                    phase(PhaseKind::Network, worked, ended),
                ],
                outcome,
            }],
        });
    }
}

impl Storage for Owner {
    async fn raise(&self, token: Token) -> Answer<Written> {
        self.send(token, None).await
    }

    async fn due(&self, job: u64) -> bool {
        tokio::select! {
            biased;
            () = self.dropped.requested() => false,
            () = self.stop.requested() => false,
            () = self.world.timetable.due(job) => true,
        }
    }

    async fn decide(&self, job: u64) {
        self.in_a_job.set(true);
        self.begun.set(engine::now());
        let takes = self.world.job_takes(job);
        if self.world.knobs.work_blocks.get() {
            // One thread: while it decides, nothing else of this process runs, its renewals neither.
            self.world.sim.pause(self.world.node(self.candidate), takes);
        }
        engine::sleep(takes).await;
        self.worked.set(engine::now());
    }

    async fn write(&self, token: Token, job: u64) -> Answer<Written> {
        let written = self.send(token, Some(job)).await;
        self.in_a_job.set(false);
        self.trace(token, job, written);
        written
    }

    async fn pause(&self) {
        engine::sleep(AGAIN_AFTER).await;
    }
}

/// The work of one ownership, see [`Owner::on_its_own_thread`].
pub struct Thread {
    task: JoinHandle<()>,
    owner: Rc<Owner>,
}

impl Thread {
    pub async fn ended(mut self) {
        let _ = (&mut self.task).await;
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        if self.owner.in_a_job.get() {
            self.owner.dropped.request();
        } else {
            self.task.abort();
        }
    }
}
