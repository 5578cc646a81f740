//! Taking back what was done: a run is what its plan says, so the run before is run again.

use super::runner::Runner;
use crate::engine::SimTime;
use crate::workbench::compare::{SidePlans, Sides};
use crate::workbench::intervention::Intervention;
use crate::workbench::plan::RunPlan;

/// Steps that can be taken back, at most.
const STEPS_MAX: usize = 50;

/// A run as it was before something was done to it.
pub(super) struct Before {
    plans: SidePlans,
    at: SimTime,
    /// What was done, as it is written: `slow=3`.
    done: String,
    /// What was done began the run again.
    restarted: bool,
}

impl Before {
    pub fn of(sides: &Sides, done: String) -> Self {
        Self {
            plans: sides.plans(),
            at: sides.now(),
            done,
            restarted: false,
        }
    }

    pub fn restarted(mut self) -> Self {
        self.restarted = true;
        self
    }
}

impl Runner {
    pub(super) fn keep(&mut self, before: Before) {
        if self.before.len() == STEPS_MAX {
            self.before.pop_front();
        }
        self.before.push_back(before);
    }

    /// What [`Command::Undo`](super::Command::Undo) would take back.
    pub(super) fn undoable(&self) -> Option<&str> {
        self.before.back().map(|before| before.done.as_str())
    }

    /// Runs what was before the last thing that was done, up to where the run stands; the run that a
    /// restart ended, up to its last moment. Requests of clients stay.
    pub(super) fn undo(&mut self) {
        let Some(sides) = &self.sides else {
            return;
        };
        let Some(mut before) = self.before.pop_back() else {
            return;
        };
        let mut to = before.at;
        if !before.restarted {
            to = to.max(sides.now());
            let plans = &mut before.plans;
            keep_requests(&mut plans.a, sides.a().plan(), before.at);
            if let (Some(plan), Some(now)) = (&mut plans.b, sides.b()) {
                keep_requests(plan, now.plan(), before.at);
            }
        }
        self.begin(Sides::start(before.plans));
        self.seek(to);
    }

    /// Every knob back to its default, but for those that set two runs apart. One step to take back.
    pub(super) fn set_defaults(&mut self) {
        let Some(sides) = &mut self.sides else {
            return;
        };
        let apart = sides.apart_by().to_vec();
        let knobs = sides.a().knobs().clone();
        let turned: Vec<_> = knobs
            .turned()
            .map(|(spec, _)| spec)
            .filter(|spec| !apart.contains(&spec.name))
            .collect();
        if turned.is_empty() {
            return;
        }
        let done = "the defaults";
        if turned.iter().any(|spec| spec.needs_restart) {
            let defaults: Vec<_> = turned
                .iter()
                .map(|spec| (spec.name, &spec.default))
                .collect();
            if let Ok(afresh) = sides.afresh(&defaults) {
                self.begin_instead(afresh, done);
            }
            return;
        }
        let before = Before::of(sides, done.to_owned());
        for spec in turned {
            let (knob, value) = (spec.name, spec.default.clone());
            let set = sides.intervene(Intervention::Set { knob, value });
            debug_assert!(set.is_ok(), "a default is a value of its knob: {set:?}");
        }
        self.keep(before);
        self.another_future();
    }
}

/// Takes over the requests of clients that a run has had since a moment. A run that had more to come then has
/// them in its script already.
fn keep_requests(plan: &mut RunPlan, now: &RunPlan, since: SimTime) {
    if plan.script.last().is_none_or(|last| last.at <= since) {
        let since_then = now.script.iter().skip(plan.script.len());
        let requests = since_then.filter(|timed| timed.what.is_request());
        plan.script.extend(requests.cloned());
    }
}
