//! The API of somebody else: nobody here can add a machine to it.

use super::Kind;
use crate::system::call::Answer;
use crate::system::work::{Here, Stand, Start, Work};
use crate::theory::{Load, Station};
use ddlab_labs::ambassador::pace::Pace;
use ddlab_labs::engine::{self, Draw};
use ddlab_labs::knobs;
use ddlab_labs::workbench::prelude::*;
use std::cell::RefCell;

/// Calls that a quota lets pass at once after a rest.
const QUOTA_BURST: u32 = 10;

knobs! {
    pub struct Knobs;
    pub enum Turned { }

    "external" {
        /// how long it takes to answer
        latency: Distribution = distribution("lognormal:80ms,0.5").essential();
        /// share of the calls that fail
        error_ratio: f64 = share(0.001, 0.001).essential();
        /// calls a second that it takes; more are refused at once
        quota: Option<f64> = quantity("rps", 100.0, 0.1, 100_000.0).starting_at("off").essential();
    }
}

#[derive(Debug)]
pub struct External;

impl Kind for External {
    fn word(&self) -> &'static str {
        "external"
    }

    fn help(&self) -> &'static str {
        "the API of somebody else: it takes its time, fails as often as it does, and has a quota"
    }

    knob_table!();

    fn shape(&self) -> (&'static str, &'static str) {
        ("{{", "}}")
    }

    fn is_foreign(&self) -> bool {
        true
    }

    fn station(&self, load: &Load<'_>) -> Station {
        Station::without_line(load.flow.rps, load.time("latency"))
    }

    fn start(&self, start: &Start<'_>) -> Rc<dyn Work> {
        let knobs = Knobs::of(start.own);
        Rc::new(Api {
            pace: RefCell::new(quota(&knobs)),
            knobs,
        })
    }
}

struct Api {
    knobs: Rc<Knobs>,
    pace: RefCell<Option<Pace>>,
}

impl Work for Api {
    fn slots(&self) -> Option<usize> {
        None
    }

    fn serve(self: Rc<Self>, stand: Stand) {
        stand.answers(self, Self::answer);
    }

    fn restart(&self, _: &mut Draw) -> Duration {
        Duration::from_mins(1)
    }

    fn turned(&self) {
        *self.pace.borrow_mut() = quota(&self.knobs);
    }
}

impl Api {
    async fn answer(&self, here: Here<'_>) -> Answer {
        if self.is_over_quota() {
            return Answer::Shed;
        }
        let takes = self.knobs.latency.borrow().sample(&mut here.luck());
        here.machine.server.serve(takes).await;
        here.done_unless_unlucky(self.knobs.error_ratio.get())
    }

    fn is_over_quota(&self) -> bool {
        let mut pace = self.pace.borrow_mut();
        let now = engine::now().into();
        pace.as_mut().is_some_and(|pace| pace.admit(now).is_err())
    }
}

fn quota(knobs: &Knobs) -> Option<Pace> {
    let quota = knobs.quota.get();
    quota.map(|rps| Pace::new(Duration::from_secs_f64(1.0 / rps), QUOTA_BURST))
}
