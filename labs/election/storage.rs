//! The node of the storage: what is measured and checked of what comes to it.

use super::lanes::Lanes;
use super::pattern::{Token, Written};
use super::table::{ElectionMeters, Invariants, Knobs};
use super::warehouse::{Request, Taken, Warehouse};
use crate::engine::{self, Handle, NodeId};
use crate::workbench::frame::LaneMark;
use crate::workbench::instruments::Instruments;
use std::rc::Rc;

pub struct Storage {
    knobs: Rc<Knobs>,
    warehouse: Warehouse,
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
            warehouse: Warehouse::default(),
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
        self.warehouse.done()
    }

    pub fn highest(&self) -> Option<Token> {
        self.warehouse.highest()
    }

    fn take(&self, request: Request) -> Written {
        let fenced = self.knobs.fencing.get() && !self.leaky;
        let taken = self.warehouse.take(request, fenced);
        if let Some(job) = request.job {
            self.meters.writes_total.increment();
            self.count(request.token, job, taken);
        }
        taken.answer
    }

    fn count(&self, token: Token, job: u64, taken: Taken) {
        let now = engine::now();
        if taken.answer == Written::Fenced {
            self.meters.fenced_writes_total.increment();
            let highest = taken.highest.map_or(0, |token| token.0);
            self.instruments.journal.info(
                now,
                format!("job {job} with token {token} bounces: {highest} has been seen"),
            );
            self.lanes.write(LaneMark::Bounced, token, now);
            return;
        }
        self.invariants.accepted(token, taken.highest, job);
        if taken.is_stale {
            self.meters.dual_writes_total.increment();
            self.instruments.journal.bad(
                now,
                format!("job {job} with token {token} lands, from an owner that is no more"),
            );
        }
        let kind = if taken.is_stale {
            LaneMark::Slipped
        } else {
            LaneMark::Landed
        };
        self.lanes.write(kind, token, now);
        if taken.is_doubled {
            self.meters.jobs_doubled_total.increment();
        }
    }
}
