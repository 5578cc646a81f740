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
}

impl Source {
    pub fn open(broker: &Rc<Broker>, store: &Rc<Store>) -> Rc<Self> {
        let sim = &broker.plant.sim;
        let source = Rc::new(Self {
            broker: Rc::clone(broker),
            store: Rc::clone(store),
            made: Cell::new(0),
            luck: sim.purpose("poison"),
        });
        sim.spawn_on(broker.plant.source, Rc::clone(&source).flow());
        source
    }

    /// One by one, for ever.
    async fn flow(self: Rc<Self>) {
        let plant = &self.broker.plant;
        let mut gaps = plant.sim.stream("arrivals");
        loop {
            plant.rate.next_arrival(&mut gaps).await;
            if plant.sim.alive() >= ALIVE_MAX {
                self.broker.turn_away();
                continue;
            }
            engine::net().send(plant.queue, Put(self.next(false)));
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
        let plant = &self.broker.plant;
        let unlucky = self.luck.draw(&[number]).uniform() < plant.settings().poison_ratio;
        Rc::new(Item::new(
            number,
            poison || unlucky,
            plant.now(),
            Rc::downgrade(&self.store),
        ))
    }
}
