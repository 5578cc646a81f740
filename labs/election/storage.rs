//! The storage that the work writes to: remembers the last job done and, with fencing, the highest token
//! it has seen.

use super::lanes::Lanes;
use super::pattern::{Fence, Token, Written};
use super::table::{ElectionMeters, Invariants, Knobs};
use crate::engine::{self, Handle, NodeId};
use crate::workbench::frame::LaneMark;
use crate::workbench::instruments::Instruments;
use std::cell::Cell;
use std::rc::Rc;

/// What travels to the storage.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    pub token: Token,
    /// None: it only raises the fence and reads.
    pub job: Option<u64>,
    /// For the meters only: which ownership of the run this is, in truth.
    pub ownership: u64,
}

pub struct Storage {
    knobs: Rc<Knobs>,
    fence: Fence,
    /// Highest that has arrived, refused or not.
    seen: Cell<Option<Token>>,
    newest_ownership: Cell<u64>,
    done: Cell<u64>,
    invariants: Rc<Invariants>,
    lanes: Rc<Lanes>,
    meters: Rc<ElectionMeters>,
    instruments: Rc<Instruments>,
    /// Only in tests that break the lab on purpose: it lets in what its fence refuses.
    leaky: bool,
}

impl Storage {
    pub fn new(
        leaky: bool,
        knobs: &Rc<Knobs>,
        invariants: &Rc<Invariants>,
        lanes: &Rc<Lanes>,
        meters: &Rc<ElectionMeters>,
        instruments: &Rc<Instruments>,
    ) -> Rc<Self> {
        Rc::new(Self {
            knobs: Rc::clone(knobs),
            fence: Fence::default(),
            seen: Cell::new(None),
            newest_ownership: Cell::new(0),
            done: Cell::new(0),
            invariants: Rc::clone(invariants),
            lanes: Rc::clone(lanes),
            meters: Rc::clone(meters),
            instruments: Rc::clone(instruments),
            leaky,
        })
    }

    pub fn open(self: &Rc<Self>, sim: &Handle) -> NodeId {
        let node = sim.add_server("storage");
        let storage = Rc::clone(self);
        sim.net().serve(node, move |request: Request, _| {
            std::future::ready(storage.take(request))
        });
        node
    }

    /// The last job done.
    pub fn done(&self) -> u64 {
        self.done.get()
    }

    pub fn highest(&self) -> Option<Token> {
        self.seen.get()
    }

    fn take(&self, request: Request) -> Written {
        // Without fencing it remembers the token all the same, and lets everybody in.
        let fresh = self.fence.admits(request.token);
        let admitted = fresh || !self.knobs.fencing.get() || self.leaky;
        let before = self.seen.get();
        self.seen.set(before.max(Some(request.token)));
        if let Some(job) = request.job {
            self.meters.writes_total.increment();
            self.count(request, job, admitted, before);
        }
        if !admitted {
            return Written::Fenced;
        }
        self.newest_ownership
            .set(self.newest_ownership.get().max(request.ownership));
        Written::Accepted {
            done: self.done.get(),
        }
    }

    fn count(&self, request: Request, job: u64, admitted: bool, highest: Option<Token>) {
        let (now, token) = (engine::now(), request.token);
        if !admitted {
            self.meters.fenced_writes_total.increment();
            let highest = highest.map_or(0, |token| token.0);
            self.instruments.journal.info(
                now,
                format!("job {job} with token {token} bounces: {highest} has been seen"),
            );
            self.lanes.write(LaneMark::Bounced, token, now);
            return;
        }
        self.invariants.accepted(token, highest, job);
        let stale = request.ownership < self.newest_ownership.get();
        if stale {
            self.meters.dual_writes_total.increment();
            self.instruments.journal.bad(
                now,
                format!("job {job} with token {token} lands, from an owner that is no more"),
            );
        }
        let kind = if stale {
            LaneMark::Slipped
        } else {
            LaneMark::Landed
        };
        self.lanes.write(kind, token, now);
        if job <= self.done.get() {
            self.meters.jobs_doubled_total.increment();
        } else {
            self.done.set(job);
        }
    }
}
