//! The source: puts items into the queue, one by one as they arrive or many at once.

use super::broker::{Broker, Put};
use super::item::Item;
use super::store::Store;
use crate::engine::{self, Purpose, Source as _};
use crate::workbench::workload::ALIVE_MAX;
use std::cell::Cell;
use std::rc::Rc;

pub struct Source {
    broker: Rc<Broker>,
    store: Rc<Store>,
    made: Cell<u64>,
    luck: Purpose,
    delays: Purpose,
}

impl Source {
    pub fn open(broker: &Rc<Broker>, store: &Rc<Store>) -> Rc<Self> {
        let sim = &broker.world.sim;
        let source = Rc::new(Self {
            broker: Rc::clone(broker),
            store: Rc::clone(store),
            made: Cell::new(0),
            luck: sim.purpose("poison"),
            delays: sim.purpose("delay"),
        });
        sim.spawn_on(broker.world.source, Rc::clone(&source).flow());
        source
    }

    /// One by one, for ever.
    async fn flow(self: Rc<Self>) {
        let world = &self.broker.world;
        let mut gaps = world.sim.stream("arrivals");
        loop {
            world.rate.next_arrival(&mut gaps).await;
            if world.sim.alive() >= ALIVE_MAX {
                self.broker.turn_away();
                continue;
            }
            engine::net().send(world.queue, Put(self.next(false)));
        }
    }

    /// So many at once, straight into the queue.
    pub fn burst(&self, count: u64, poison: bool) {
        for _ in 0..count {
            self.broker.put(self.next(poison));
        }
    }

    fn next(&self, poison: bool) -> Rc<Item> {
        let number = self.made.get() + 1;
        self.made.set(number);
        self.make(number, poison)
    }

    /// One that somebody outside puts in, under a number of its own.
    pub fn item(&self, number: u64) -> Rc<Item> {
        self.make(number, false)
    }

    fn make(&self, number: u64, poison: bool) -> Rc<Item> {
        let world = &self.broker.world;
        let unlucky = self.luck.draw(&[number]).uniform() < world.knobs.poison_ratio.get();
        let (now, delay) = (world.now(), world.knobs.delay.borrow());
        let delay = delay.as_ref().map(|delay| {
            let mut luck = self.delays.draw(&[number]);
            delay.sample(&mut luck)
        });
        Rc::new(Item::new(
            number,
            poison || unlucky,
            now,
            now + delay.unwrap_or_default(),
            Rc::downgrade(&self.store),
        ))
    }
}
