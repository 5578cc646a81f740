//! What all rooms of the lab share: the simulator, the log, the buffers, the books, the instruments.

use super::account::Account;
use super::books::Books;
use super::buffer::{Buffer, Overflow};
use super::crowd::{Bid, Crowd};
use super::holds::Holds;
use super::log::Log;
use super::store::Store;
use super::table::{Knobs, PipelineMeters, SPEC, STAGES};
use super::window::Row;
use crate::engine::{Handle, NodeId, Purpose, SimTime};
use crate::workbench::instruments::Instruments;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What the lab does wrong on purpose, for the tests of its invariants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tamper {
    Nothing,
    /// The filter loses some bids and tells nobody.
    LoseBids,
    /// Enrich hands some bids on in a lane that is not theirs.
    ChangeLanes,
    /// After a crash the positions are those of the checkpoint, and the sums are not.
    KeepSums,
    /// The joiner knows no interval.
    JoinAnything,
}

/// Places of the stages.
pub const FILTER: usize = 0;
pub const ENRICH: usize = 1;
pub const SPLIT: usize = 2;
pub const AGGREGATE: usize = 3;
pub const SINK: usize = 4;
pub const FRAUD: usize = 5;

pub type Event = Rc<Bid>;

/// The buffer before each stage.
pub struct Buffers {
    pub filter: Buffer<Event>,
    pub enrich: Buffer<Event>,
    pub split: Buffer<Event>,
    pub aggregate: Buffer<Event>,
    pub sink: Buffer<Row>,
    pub fraud: Buffer<Event>,
}

/// Does the same with the buffer before each stage, in the order of the stages.
macro_rules! each_buffer {
    ($buffers:expr, $buffer:ident => $done:expr) => {{
        let buffers = &$buffers;
        [
            {
                let $buffer = &buffers.filter;
                $done
            },
            {
                let $buffer = &buffers.enrich;
                $done
            },
            {
                let $buffer = &buffers.split;
                $done
            },
            {
                let $buffer = &buffers.aggregate;
                $done
            },
            {
                let $buffer = &buffers.sink;
                $done
            },
            {
                let $buffer = &buffers.fraud;
                $done
            },
        ]
    }};
}

pub struct World {
    pub sim: Handle,
    /// Where all stages run: they fail together and go on together.
    pub job: NodeId,
    /// Where bids come from.
    pub outside: NodeId,
    pub log: Log<Event>,
    pub crowd: Crowd,
    pub buffers: Buffers,
    pub accounts: [Account; STAGES.len()],
    pub store: Store,
    /// The joiner; none while nothing is joined.
    pub holds: Option<Rc<Holds>>,
    pub books: Books,
    pub meters: Rc<PipelineMeters>,
    pub instruments: Rc<Instruments>,
    pub knobs: Rc<Knobs>,
    pub tamper: Tamper,
    pub service: Purpose,
    /// Partitions on whose lots nobody bids.
    pub silent: RefCell<Vec<bool>>,
    /// Bids that are on their way to the log.
    pub coming: Cell<usize>,
}

impl World {
    pub fn build(sim: &Handle, knobs: &Rc<Knobs>, tamper: Tamper) -> Rc<Self> {
        let instruments = Instruments::new(sim, &SPEC);
        let lanes = knobs.partitions.get();
        let accounts: [Account; STAGES.len()] =
            std::array::from_fn(|_| Account::new(lanes, knobs.workers.get()));
        let (room, rule) = (knobs.buffer.get(), knobs.rule_when_full());
        let readers = accounts[FILTER].readers();
        let events = || Buffer::new(&readers, room, rule);
        Rc::new(Self {
            job: sim.add_server("job"),
            outside: sim.add_server("outside"),
            log: Log::new(lanes),
            crowd: Crowd::new(sim, knobs),
            buffers: Buffers {
                filter: events(),
                enrich: events(),
                split: events(),
                aggregate: events(),
                sink: Buffer::new(&readers, room, Overflow::Backpressure),
                fraud: events(),
            },
            accounts,
            store: Store::default(),
            holds: knobs.join_within.get().map(|within| {
                let luck = sim.purpose("hold");
                Rc::new(Holds::new(within, lanes, luck, tamper))
            }),
            books: Books::new(&instruments),
            meters: PipelineMeters::of(&instruments.meters),
            instruments,
            knobs: Rc::clone(knobs),
            tamper,
            service: sim.purpose("service"),
            silent: RefCell::new(vec![false; lanes]),
            coming: Cell::new(0),
            sim: sim.clone(),
        })
    }

    /// By the handle: some rooms are left while their simulation is taken down.
    pub fn now(&self) -> SimTime {
        self.sim.now()
    }

    /// The knobs of the buffers are those of all of them.
    pub fn configure_buffers(&self) {
        let (room, rule) = (self.knobs.buffer.get(), self.knobs.rule_when_full());
        each_buffer!(self.buffers, buffer => buffer.configure(room, rule));
        // A result stands for many bids: it always waits.
        self.buffers.sink.configure(room, Overflow::Backpressure);
    }

    /// All buffers are empty, and nobody reads them.
    pub fn clear_buffers(&self) {
        each_buffer!(self.buffers, buffer => buffer.clear());
    }

    /// Events before each stage.
    pub fn depths(&self) -> [usize; STAGES.len()] {
        each_buffer!(self.buffers, buffer => buffer.len())
    }

    /// Whoever waits for room before each stage.
    pub fn waiting(&self) -> [usize; STAGES.len()] {
        each_buffer!(self.buffers, buffer => buffer.waiting())
    }

    /// Events on disk.
    pub fn spilled(&self) -> usize {
        each_buffer!(self.buffers, buffer => buffer.spilled())
            .iter()
            .sum()
    }
}
