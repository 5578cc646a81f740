//! A request in a component, in the books however it ends.

use super::call::Answer;
use super::component::Component;
use super::world::Tamper;
use ddlab_labs::engine::{self, SimTime};

pub struct Visit<'a> {
    component: &'a Component,
    came: SimTime,
    tamper: Tamper,
    ended: bool,
}

impl<'a> Visit<'a> {
    pub fn begin(component: &'a Component, tamper: Tamper) -> Self {
        component.meters.requests_total.begin(1);
        component.visits.begins();
        Self {
            component,
            came: engine::now(),
            tamper,
            ended: false,
        }
    }

    pub fn end(mut self, answer: Answer, awaited: bool) {
        self.ended = true;
        let meters = &self.component.meters;
        meters.error_ratio.whole.increment();
        meters
            .error_ratio
            .part
            .add(u64::from(answer != Answer::Done));
        match answer {
            Answer::Done => {
                meters.answered_total.increment();
                meters.latency_ms.record((engine::now() - self.came).into());
            }
            Answer::Shed => meters.shed_total.increment(),
            Answer::Failed => {}
        }
        if answer != Answer::Shed {
            meters.wasted_ratio.whole.increment();
            meters.wasted_ratio.part.add(u64::from(!awaited));
        }
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        let component = self.component;
        if !self.ended {
            component.meters.died_total.increment();
            component.meters.error_ratio.whole.increment();
            component.meters.error_ratio.part.increment();
        }
        component.meters.requests_total.end(1);
        component.visits.closes();
        if self.tamper != Tamper::ForgetTheDead || self.ended {
            component.visits.ends();
        }
    }
}
