//! A rate limiter: it passes requests on at a rate, by the token bucket of the ambassador, and refuses the others.

use super::{Calls, Kind};
use crate::format::require::{Figure, own};
use crate::format::{self, number};
use crate::system::call::Answer;
use crate::system::work::{Here, Stand, Start, Work};
use crate::theory::{Flow, Load, Station};
use ddlab_labs::ambassador::pace::Pace;
use ddlab_labs::engine::{self, Draw};
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::prelude::*;
use ddlab_labs::{choices, knobs};
use ddlab_text::Unit;
use std::cell::RefCell;
use std::collections::BTreeMap;

choices! {
    /// Who has a bucket of tokens.
    pub enum Per {
        /// All requests together, over all replicas: the count is kept in one place.
        All,
        /// Each replica: with more of them more is let through.
        Replica,
        /// Each user, over all replicas.
        User,
    }
}

knobs! {
    pub struct Knobs;
    pub enum Turned { Rules }

    "rate_limiter" {
        /// copies of the limiter
        replicas: usize = count(2, 1, 200) => Rules;
        /// requests that are passed on a second, of each that has a bucket; more are refused at once
        rate_limit: f64 = quantity("rps", 1_000.0, 0.01, 100_000.0).essential() => Rules;
        /// requests that may pass at once after a rest
        burst: usize = count(10, 1, 10_000).essential() => Rules;
        /// who has a bucket: all together, each replica for itself, or each user
        per: Per = choice().essential() => Rules;
        /// how long it takes to look
        work: Distribution = distribution("const:0.2ms");
        /// from the death of a replica until a new one serves
        cold_start: Distribution = distribution("const:20s");
    }
}

const FIGURES: [Figure; 1] = [own(
    "refused",
    "shed_total",
    Statistic::Value,
    Unit::Count,
    "requests that were refused at once",
)];

#[derive(Debug)]
pub struct RateLimiter;

impl Kind for RateLimiter {
    fn word(&self) -> &'static str {
        "rate_limiter"
    }

    fn help(&self) -> &'static str {
        "a limiter that passes requests on at a rate, and refuses the others at once"
    }

    knob_table!();

    fn shape(&self) -> (&'static str, &'static str) {
        (">", "]")
    }

    fn calls(&self) -> Calls {
        Calls::One("to")
    }

    fn figures(&self) -> &'static [Figure] {
        &FIGURES
    }

    fn station(&self, load: &Load<'_>) -> Station {
        let station = Station::without_line(load.flow.rps, load.time("work"));
        station.then(load.share_passed_on() * load.others_ms)
    }

    /// What is within the limit, where that does not depend on who asks.
    fn passes_on(&self, component: &format::Component, flow: Flow) -> f64 {
        let limit = number(&component.settings, "rate_limit").unwrap_or(f64::INFINITY);
        match component.settings.value("per").to_string().as_str() {
            "all" => flow.rps.min(limit),
            "replica" => flow.rps.min(limit * component.replicas() as f64),
            _ => flow.rps,
        }
    }

    fn start(&self, start: &Start<'_>) -> Rc<dyn Work> {
        Rc::new(Limiter {
            knobs: Knobs::of(start.own),
            buckets: RefCell::default(),
        })
    }
}

struct Limiter {
    knobs: Rc<Knobs>,
    /// By who has one; bounded by replicas or users.
    buckets: RefCell<BTreeMap<u64, Pace>>,
}

impl Work for Limiter {
    fn slots(&self) -> Option<usize> {
        None
    }

    fn serve(self: Rc<Self>, stand: Stand) {
        stand.answers(self, Self::answer);
    }

    fn size(&self) -> Option<usize> {
        Some(self.knobs.replicas.get())
    }

    fn restart(&self, luck: &mut Draw) -> Duration {
        self.knobs.cold_start.borrow().sample(luck)
    }

    fn turned(&self) {
        self.buckets.borrow_mut().clear();
    }
}

impl Limiter {
    async fn answer(&self, here: Here<'_>) -> Answer {
        let takes = self.knobs.work.borrow().sample(&mut here.luck());
        here.machine.server.serve(takes).await;
        if !self.is_let_through(&here) {
            return Answer::Shed;
        }
        if here.passes_on().await {
            Answer::Done
        } else {
            Answer::Failed
        }
    }

    fn is_let_through(&self, here: &Here<'_>) -> bool {
        let whose = match self.knobs.per.get() {
            Per::All => 0,
            Per::Replica => u64::from(here.machine.number),
            Per::User => here.call.ask.user,
        };
        let mut buckets = self.buckets.borrow_mut();
        let bucket = buckets.entry(whose).or_insert_with(|| {
            let spacing = Duration::from_secs_f64(1.0 / self.knobs.rate_limit.get());
            Pace::new(spacing, self.knobs.burst.get() as u32)
        });
        bucket.admit(engine::now().into()).is_ok()
    }
}
