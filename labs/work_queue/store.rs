//! The store: where effects happen, as often as they come or once a key.

use super::item::Item;
use super::pattern::Processed;
use super::plant::{Plant, Tamper};
use std::cell::RefCell;
use std::rc::Rc;

/// What travels to the store.
pub struct Effect {
    pub item: Rc<Item>,
}

pub struct Store {
    plant: Rc<Plant>,
    processed: RefCell<Processed<u64>>,
}

impl Store {
    pub fn open(plant: &Rc<Plant>) -> Rc<Self> {
        let store = Rc::new(Self {
            plant: Rc::clone(plant),
            processed: RefCell::default(),
        });
        let serving = Rc::downgrade(&store);
        plant
            .sim
            .net()
            .serve(plant.store, move |effect: Effect, _| {
                if let Some(store) = serving.upgrade() {
                    store.apply(&effect.item);
                }
                std::future::ready(())
            });
        store
    }

    fn apply(&self, item: &Item) {
        let plant = &self.plant;
        if !plant.settings().idempotent {
            self.happens(item);
            return;
        }
        let mut processed = self.processed.borrow_mut();
        if plant.tamper == Tamper::ForgetKeys {
            processed.forget(&item.number);
        }
        let first = processed.once(item.number, || {
            self.happens(item);
            plant.checks.keyed_effect(plant, item, item.keyed_effect());
        });
        plant.meters.absorbed.add(u64::from(!first));
    }

    fn happens(&self, item: &Item) {
        let meters = &self.plant.meters;
        let repeated = u64::from(item.effect_happens() > 1);
        meters.effects.increment();
        meters.duplicates.add(repeated);
        meters.duplicate_ratio.whole.increment();
        meters.duplicate_ratio.part.add(repeated);
    }

    pub fn forget(&self, number: u64) {
        self.processed.borrow_mut().forget(&number);
    }
}
