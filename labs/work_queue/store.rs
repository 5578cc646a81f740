//! The store: where effects happen, as often as they come or once a key.

use super::item::Item;
use super::pattern::Processed;
use super::settings::Idempotency;
use super::world::{Tamper, World};
use std::cell::RefCell;
use std::rc::Rc;

/// What travels to the store.
pub struct Effect {
    pub item: Rc<Item>,
}

pub struct Store {
    world: Rc<World>,
    processed: RefCell<Processed<u64>>,
}

impl Store {
    pub fn open(world: &Rc<World>) -> Rc<Self> {
        let store = Rc::new(Self {
            world: Rc::clone(world),
            processed: RefCell::default(),
        });
        let serving = Rc::downgrade(&store);
        world
            .sim
            .net()
            .serve(world.store, move |effect: Effect, _| {
                if let Some(store) = serving.upgrade() {
                    store.apply(&effect.item);
                }
                std::future::ready(())
            });
        store
    }

    fn apply(&self, item: &Item) {
        let world = &self.world;
        if world.knobs.idempotency.get() == Idempotency::Off {
            self.happens(item);
            return;
        }
        let mut processed = self.processed.borrow_mut();
        if world.tamper == Tamper::ForgetKeys {
            processed.forget(&item.number);
        }
        let first = processed.once(item.number, || {
            self.happens(item);
            world.checks.keyed_effect(item, item.keyed_effect());
        });
        world.meters.absorbed_total.add(u64::from(!first));
    }

    fn happens(&self, item: &Item) {
        let meters = &self.world.meters;
        let repeated = u64::from(item.effect_happens() > 1);
        meters.effects_total.increment();
        meters.duplicate_effects_total.add(repeated);
        meters.duplicate_ratio.whole.increment();
        meters.duplicate_ratio.part.add(repeated);
    }

    pub fn forget(&self, number: u64) {
        self.processed.borrow_mut().forget(&number);
    }
}
