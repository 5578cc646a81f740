//! The runs of a sweep, several at a time on threads, and their rows in the order of the runs.
//!
//! One run at a time on each thread: a run is one simulator on one core that waits for nothing. Which thread
//! does which run changes no result, since a run knows only its plan.

use ddlab_labs::workbench::headless::{self, RunError};
use ddlab_labs::workbench::sweep::{Row, SweepPlan};
use futures::stream::{self, Stream, StreamExt};
use std::any::Any;
use std::cell::RefCell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::{io, thread};
use tokio::runtime::{Builder, Runtime};
use tokio::task::spawn_blocking;

/// The threads that do runs are called so.
const NAME: &str = "sweep";
/// Runs that may be done while an earlier one is not, for each thread: memory stays bounded.
const AHEAD: usize = 16;

/// A run that is over.
pub(super) struct Done {
    pub row: Row,
    /// What was asked of the run was refused: it would be at other seeds too.
    pub refused: bool,
}

/// A runtime with so many threads for runs. To drop it would be to wait for runs that have begun; that is
/// what [`Runtime::shutdown_background`] is for.
pub(super) fn threads(jobs: usize) -> io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(jobs)
        .thread_name(NAME)
        .build()
}

/// Does the runs on the threads of this runtime; they come in their order.
pub(super) fn rows(plan: SweepPlan, runs: Range<u64>, jobs: usize) -> impl Stream<Item = Done> {
    let plan = Arc::new(plan);
    let run = move |run| {
        let plan = Arc::clone(&plan);
        spawn_blocking(move || one(&plan, run))
    };
    let done = stream::iter(runs).map(run).buffered(jobs * AHEAD);
    done.map(|done| done.expect("panics of a run are caught in it, and nobody aborts it"))
}

fn one(plan: &SweepPlan, run: u64) -> Done {
    let (point, seed) = plan.run(run);
    let whole_run = || headless::run(plan.run_plan(point, seed));
    // The simulator of a run that panics is dropped with it; nothing is shared between runs.
    let (came_to, refused) = match catch_unwind(AssertUnwindSafe(whole_run)) {
        Ok(Ok(report)) => (Ok(report), false),
        Ok(Err(error)) => {
            let refused = matches!(error, RunError::Refused { .. });
            (Err(error.to_string()), refused)
        }
        Err(panic) => (
            Err(format!("the lab panicked: {}", message_of(&*panic))),
            false,
        ),
    };
    let row = Row::of(plan, run, came_to.as_ref().map_err(Clone::clone));
    Done { row, refused }
}

thread_local! {
    /// Where the last panic of this thread was.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps the panics of the sweep's threads from being printed one by one, in the midst of everything:
/// each is printed with its seed at the end. Panics of anybody else are reported as before.
pub(super) fn hush_panics() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if thread::current().name() != Some(NAME) {
            return report(info);
        }
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        PLACE.with(|last| *last.borrow_mut() = place);
    }));
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it does not say why".to_owned());
    match PLACE.with(RefCell::take) {
        place if place.is_empty() => text,
        place => format!("{text} (at {place})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Holds;
    use ddlab_labs::engine::{Sim, SimTime};
    use ddlab_labs::workbench::frame::Frame;
    use ddlab_labs::workbench::instruments::Instruments;
    use ddlab_labs::workbench::knob::Settings;
    use ddlab_labs::workbench::lab::{Lab, LabSpec, RunningLab};
    use ddlab_labs::workbench::plan::RunPlan;
    use ddlab_labs::workbench::sweep::Sweep;
    use std::rc::Rc;

    /// Falls in every third world.
    struct Fragile;
    struct Stands(Rc<Instruments>);

    impl Lab for Fragile {
        fn spec(&self) -> &'static LabSpec {
            ddlab_labs::scatter_gather::LAB.spec()
        }

        fn start(&self, sim: &Sim, _: &Rc<Settings>) -> Box<dyn RunningLab> {
            assert!(
                sim.handle().seed() % 3 != 2,
                "a bug in world {}",
                sim.handle().seed()
            );
            Box::new(Stands(Instruments::new(&sim.handle(), self.spec())))
        }
    }

    impl RunningLab for Stands {
        fn fill(&self, _: &Sim, _: &mut Frame) {}
        fn instruments(&self) -> &Instruments {
            &self.0
        }
    }

    #[test]
    fn a_lab_that_panics_fails_that_seed_and_no_other() {
        let mut base = RunPlan::new(&Fragile, 0);
        base.length = SimTime::from_secs(1);
        let plan = SweepPlan::new(base, 0..9, &["policy=hedge,tied"]).unwrap();
        hush_panics();
        for jobs in [1, 3] {
            let mut sweep = Sweep::new(plan.clone());
            let mut in_order = Vec::new();
            threads(jobs).unwrap().block_on(async {
                let mut rows = std::pin::pin!(rows(plan.clone(), 0..plan.runs(), jobs));
                while let Some(Done { row, .. }) = rows.next().await {
                    in_order.push((row.seed, row.point));
                    sweep.take(&row);
                }
            });
            assert!(in_order.is_sorted());
            assert_eq!((sweep.done(), sweep.failed()), (18, 6));
            for outcome in sweep.outcomes() {
                let failed = &outcome.failed.first;
                let seeds: Vec<u64> = failed.iter().map(|(seed, _)| *seed).collect();
                assert_eq!(seeds, [2, 5, 8]);
                let why = &failed[0].1;
                why.holds(["a bug in world 2 (at "]);
            }
        }
    }
}
