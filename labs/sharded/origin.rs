//! The origin: slow, and right. Every write ends here, and every miss.

use super::keys::KeyId;
use super::shard::Version;
use super::table::Knobs;
use crate::engine::{Handle, NodeId, Purpose, Server};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What of a key is read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Whole,
    /// One row of several that add up to the whole: a counter that is split.
    Row {
        nth: u8,
        of: u8,
    },
}

pub struct Read {
    pub key: KeyId,
    pub part: Part,
    pub request: u64,
}

pub struct Write {
    pub key: KeyId,
    pub part: Part,
    pub request: u64,
}

/// The value read.
pub struct Value(pub Version);

/// What the whole and the part are after the write.
pub struct Written {
    pub whole: Version,
    pub part: Version,
}

/// A write that never happens, though it is acknowledged; for tests that break the lab on purpose.
pub type Forgets = fn(request: u64) -> bool;

pub struct Origin {
    pub node: NodeId,
    pub server: Server,
    knobs: Rc<Knobs>,
    luck: Purpose,
    /// Writes to each key.
    wholes: RefCell<Vec<Version>>,
    /// Writes to rows other than the first of a split key.
    rows: RefCell<BTreeMap<(KeyId, u8), Version>>,
    /// Calls that have reached it.
    pub calls: Cell<u64>,
    forgets: Forgets,
}

impl Origin {
    pub fn open(sim: &Handle, node: NodeId, knobs: &Rc<Knobs>, forgets: Forgets) -> Rc<Self> {
        let origin = Rc::new(Self {
            node,
            server: Server::new(Some(knobs.origin_slots.get())),
            knobs: Rc::clone(knobs),
            luck: sim.purpose("origin"),
            wholes: RefCell::new(vec![0; knobs.keys.get()]),
            rows: RefCell::default(),
            calls: Cell::new(0),
            forgets,
        });
        let reader = Rc::clone(&origin);
        sim.net().serve(node, move |read: Read, _| {
            let origin = Rc::clone(&reader);
            async move {
                origin.work(read.request, read.part, 0).await;
                Value(origin.value(read.key, read.part))
            }
        });
        let writer = Rc::clone(&origin);
        sim.net().serve(node, move |write: Write, _| {
            let origin = Rc::clone(&writer);
            async move {
                origin.work(write.request, write.part, 1).await;
                origin.write(&write)
            }
        });
        origin
    }

    async fn work(&self, request: u64, part: Part, kind: u64) {
        self.calls.set(self.calls.get() + 1);
        let row = match part {
            Part::Whole => 0,
            Part::Row { nth, .. } => u64::from(nth) + 1,
        };
        let mut draw = self.luck.draw(&[request, row, kind]);
        let service = self.knobs.origin_service.borrow().sample(&mut draw);
        self.server.serve(service).await;
    }

    fn write(&self, write: &Write) -> Written {
        if !(self.forgets)(write.request) {
            self.wholes.borrow_mut()[write.key.0 as usize] += 1;
            if let Part::Row { nth, .. } = write.part
                && nth > 0
            {
                *self.rows.borrow_mut().entry((write.key, nth)).or_default() += 1;
            }
        }
        Written {
            whole: self.value(write.key, Part::Whole),
            part: self.value(write.key, write.part),
        }
    }

    /// What a read finds. The first row of a split key holds what the others don't, so that the
    /// rows add up to the whole however often the split changed.
    pub fn value(&self, key: KeyId, part: Part) -> Version {
        let rows = self.rows.borrow();
        let row = |nth: u8| rows.get(&(key, nth)).copied().unwrap_or(0);
        let whole = self.wholes.borrow()[key.0 as usize];
        match part {
            Part::Whole => whole,
            Part::Row { nth: 0, of } => whole - (1..of).map(row).sum::<Version>(),
            Part::Row { nth, .. } => row(nth),
        }
    }
}
