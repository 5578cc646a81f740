//! The threads of a sweep: each takes the next run, does it from its start to its end, and hands over
//! what it came to.
//!
//! Plain threads, one run at a time on each: a run is one simulator on one core that waits for nothing.
//! Which thread does which run changes no result, since a run knows only its plan.

use color_eyre::eyre::{Result, WrapErr};
use ddlab_labs::workbench::headless::{self, Report, RunError};
use ddlab_labs::workbench::sweep::SweepPlan;
use std::any::Any;
use std::cell::RefCell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Names of the threads begin so.
const NAME: &str = "sweep-";

/// A run that is over.
pub(super) struct Done {
    /// Its number in the plan.
    pub run: u64,
    pub came_to: Result<Report, Failure>,
}

/// Why a run did not come to its end.
#[derive(Debug)]
pub(super) enum Failure {
    /// By an error of the run, most likely one of what was asked.
    Run(RunError),
    /// By a panic of the lab: a bug.
    Panic(String),
}

/// Does the runs on so many threads. They end when all is done, or when nobody wants to hear of it
/// any more; a run that has begun then ends with the process: nobody waits for it.
pub(super) fn start(plan: SweepPlan, runs: Range<u64>, jobs: usize) -> Result<Receiver<Done>> {
    // What is done waits for no more than one run a thread: memory stays bounded.
    let (sender, receiver) = channel(jobs);
    let shared = Arc::new((plan, AtomicU64::new(runs.start), runs.end));
    for job in 0..jobs {
        let (shared, sender) = (Arc::clone(&shared), sender.clone());
        let work = move || {
            let (plan, next, end) = &*shared;
            work(plan, next, *end, &sender);
        };
        thread::Builder::new()
            .name(format!("{NAME}{job}"))
            .spawn(work)
            .wrap_err("can't start a thread for the sweep; try fewer --jobs")?;
    }
    Ok(receiver)
}

fn work(plan: &SweepPlan, next: &AtomicU64, end: u64, sender: &Sender<Done>) {
    loop {
        let run = next.fetch_add(1, Ordering::Relaxed);
        if run >= end {
            return;
        }
        let came_to = one(plan, run);
        if sender.blocking_send(Done { run, came_to }).is_err() {
            return;
        }
    }
}

fn one(plan: &SweepPlan, run: u64) -> Result<Report, Failure> {
    let (point, seed) = plan.run(run);
    let whole_run = || headless::run(plan.run_plan(point, seed));
    // The simulator of a run that panics is dropped with it; nothing is shared between runs.
    match catch_unwind(AssertUnwindSafe(whole_run)) {
        Ok(came_to) => came_to.map_err(Failure::Run),
        Err(panic) => Err(Failure::Panic(told(&*panic))),
    }
}

impl Failure {
    pub fn text(&self) -> String {
        match self {
            Self::Run(error) => error.to_string(),
            Self::Panic(text) => format!("the lab panicked: {text}"),
        }
    }
}

thread_local! {
    /// Where the last panic of this thread was.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps the panics of the sweep's threads from being printed one by one, in the midst of everything:
/// each is told with its seed at the end. Panics of anybody else are reported as before.
pub(super) fn hush_panics() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let ours = thread::current()
            .name()
            .is_some_and(|name| name.starts_with(NAME));
        if !ours {
            return report(info);
        }
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        PLACE.with(|last| *last.borrow_mut() = place);
    }));
}

fn told(panic: &(dyn Any + Send)) -> String {
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
    use ddlab_labs::engine::{Sim, SimTime};
    use ddlab_labs::workbench::action::{Action, ActionError};
    use ddlab_labs::workbench::frame::Frame;
    use ddlab_labs::workbench::instruments::Instruments;
    use ddlab_labs::workbench::knob::{KnobSettings, KnobSpec, KnobValue};
    use ddlab_labs::workbench::lab::{Lab, LabSpec, RunningLab};
    use ddlab_labs::workbench::plan::RunPlan;
    use ddlab_labs::workbench::sweep::Sweep;

    /// Falls in every third world.
    struct Fragile;
    struct Stands(Instruments);

    impl Lab for Fragile {
        fn spec(&self) -> &'static LabSpec {
            ddlab_labs::scatter_gather::LAB.spec()
        }

        fn start(&self, sim: &Sim, _: &KnobSettings) -> Box<dyn RunningLab> {
            assert!(
                sim.handle().seed() % 3 != 2,
                "a bug in world {}",
                sim.handle().seed()
            );
            Box::new(Stands(Instruments::new(self.spec(), Vec::new())))
        }
    }

    impl RunningLab for Stands {
        fn set(&mut self, _: &Sim, _: &KnobSpec, _: &KnobValue) {}
        fn act(&mut self, _: &Sim, _: &Action) -> Result<(), ActionError> {
            Ok(())
        }
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
            let mut done = start(plan.clone(), 0..plan.runs(), jobs).unwrap();
            while let Some(Done { run, came_to }) = done.blocking_recv() {
                let came_to = came_to.as_ref().map_err(Failure::text);
                sweep.take(run, came_to).unwrap();
            }
            assert_eq!((sweep.done(), sweep.failed()), (18, 6));
            for outcome in sweep.outcomes() {
                let failed: Vec<_> = outcome.failed.first().collect();
                let seeds: Vec<u64> = failed.iter().map(|(seed, _)| *seed).collect();
                assert_eq!(seeds, [2, 5, 8]);
                let why = failed[0].1;
                assert!(why.contains("a bug in world 2 (at "), "{why}");
            }
        }
    }
}
