//! The measure worker: runs of experiments and challenges, each on a thread of its own, so that what a guide
//! measures never holds up the screen. A measurement ends when it is stopped, with the screen that asked
//! for it, and with the program.

use super::app::ScreenId;
use super::effect::{JobId, Measuring};
use super::event::{MeasureNews, Message, Proxy};
use ddlab_design::brief::grade::Candidate;
use ddlab_design::cost::Prices;
use ddlab_design::gameday::postmortem;
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::headless::{self, Report, RunError};
use ddlab_labs::workbench::limit::{LimitError, LimitPlan};
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_labs::workbench::run::join_within;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long a measurement is waited for at the end: it ends within a slice of its run.
const END_WITHIN: Duration = Duration::from_secs(1);

/// News of how far it is are sent for each such share, and not for each of a thousand steps.
const SHARE_STEP: f64 = 0.02;

#[derive(Debug)]
pub struct MeasureWorker {
    proxy: Proxy,
    jobs: HashMap<JobId, Job>,
}

#[derive(Debug)]
struct Job {
    owner: ScreenId,
    stopped: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl MeasureWorker {
    pub fn new(proxy: Proxy) -> Self {
        Self {
            proxy,
            jobs: HashMap::new(),
        }
    }

    /// Starts it; returns at once.
    pub fn start(&mut self, job: JobId, owner: ScreenId, what: Measuring) {
        self.jobs.retain(|_, job| !job.thread.is_finished());
        let stopped = Arc::new(AtomicBool::new(false));
        let (flag, proxy) = (Arc::clone(&stopped), self.proxy.clone());
        let spawned = std::thread::Builder::new()
            .name("measure".to_owned())
            .spawn(move || measure(job, &what, &flag, &proxy));
        match spawned {
            Ok(thread) => {
                let running = Job {
                    owner,
                    stopped,
                    thread,
                };
                self.jobs.insert(job, running);
            }
            Err(error) => {
                let reason = format!("cannot start a thread to measure on: {error}");
                self.proxy
                    .broadcast(Message::Measured(job, MeasureNews::Failed(reason)));
            }
        }
    }

    /// Ends it. What it came to is not failed any more; its thread ends within a slice of its run.
    pub fn stop(&mut self, job: JobId) {
        if let Some(job) = self.jobs.get(&job) {
            job.stopped.store(true, Ordering::Relaxed);
        }
    }

    /// A screen is gone: what it asked for ends.
    pub fn close(&mut self, screen: ScreenId) {
        for job in self.jobs.values().filter(|job| job.owner == screen) {
            job.stopped.store(true, Ordering::Relaxed);
        }
    }

    /// Ends all, and waits until they have ended, but not for ever.
    pub fn finish(&mut self) {
        for job in self.jobs.values() {
            job.stopped.store(true, Ordering::Relaxed);
        }
        for (_, job) in self.jobs.drain() {
            // One that does not end in time ends with the program.
            join_within(job.thread, END_WITHIN);
        }
    }
}

impl Drop for MeasureWorker {
    fn drop(&mut self) {
        self.finish();
    }
}

fn measure(job: JobId, what: &Measuring, stopped: &AtomicBool, proxy: &Proxy) {
    let mut sent = 0.0;
    let mut watch = |share: f64| {
        if stopped.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        if share >= sent + SHARE_STEP {
            sent = share;
            proxy.broadcast(Message::Measured(job, MeasureNews::Share(share)));
        }
        ControlFlow::Continue(())
    };
    let run = || match what {
        Measuring::Limit(plan) => find_limit(job, plan, stopped, proxy),
        Measuring::Run { run, experiment } => run
            .measure(experiment.seed, &experiment.measures, &mut watch)
            .map(|measurement| MeasureNews::Measured(Arc::new(measurement))),
        Measuring::Plan(plan) => {
            let length = plan.length.as_secs_f64();
            headless::run_until_stopped(plan.clone(), |now| watch(now.as_secs_f64() / length))
                .map(|report| MeasureNews::Ran(Arc::new(report)))
        }
        Measuring::GameDay { night, done } => {
            let watch = |share| {
                let _ = watch(share);
            };
            Ok(postmortem::write_up(*night, done, watch).map_or_else(
                |refused| MeasureNews::Failed(refused.to_string()),
                |text| MeasureNews::Written(text.into()),
            ))
        }
        Measuring::Grade(candidate) => grade(candidate, &mut watch),
        Measuring::Judge(question) => {
            let said = question.ask();
            if stopped.load(Ordering::Relaxed) {
                return Err(RunError::Stopped);
            }
            Ok(said.map_or_else(MeasureNews::Failed, |said| {
                MeasureNews::Judged(Arc::new(said))
            }))
        }
        Measuring::Score { challenge, knobs } => challenge
            .score(knobs, &mut watch)
            .map(|score| MeasureNews::Scored(Arc::new(score))),
    };
    // A lab whose own code fails must not leave a guide waiting for ever.
    let news = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(news)) => news,
        Ok(Err(RunError::Stopped)) => return,
        Ok(Err(error)) => MeasureNews::Failed(error.to_string()),
        Err(_) => MeasureNews::Failed("the lab stopped on a fault of its own".to_owned()),
    };
    proxy.broadcast(Message::Measured(job, news));
}

/// One run after the other: the lab beside it goes on.
fn grade(
    candidate: &Candidate<'_>,
    watch: &mut impl FnMut(f64) -> ControlFlow<()>,
) -> Result<MeasureNews, RunError> {
    let plans = [candidate.whole(), candidate.grown(), candidate.alone()];
    let of: f64 = plans.iter().flatten().map(length).sum();
    let mut before = 0.0;
    let mut reports: [Vec<Report>; 3] = Default::default();
    for (plans, reports) in plans.into_iter().zip(&mut reports) {
        for plan in plans {
            let length = length(&plan);
            let share = |now: SimTime| watch((before + now.as_secs_f64()) / of);
            reports.push(headless::run_until_stopped(plan, share)?);
            before += length;
        }
    }
    let [whole, grown, alone] = &reports;
    let grade = candidate.grade(whole, grown, alone, Prices::standard());
    Ok(MeasureNews::Graded(Arc::new(grade)))
}

/// Virtual seconds of a run.
fn length(plan: &RunPlan) -> f64 {
    plan.length.as_secs_f64()
}

/// One run after the other, too.
fn find_limit(
    job: JobId,
    plan: &LimitPlan,
    stopped: &AtomicBool,
    proxy: &Proxy,
) -> Result<MeasureNews, RunError> {
    let watch = |_| {
        if stopped.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    };
    let mut done = 0;
    let found = plan.search(|plans| {
        let run = |plan| {
            let report = headless::run_until_stopped(plan, watch)?;
            done += 1;
            proxy.broadcast(Message::Measured(job, MeasureNews::Runs(done)));
            Ok(report)
        };
        plans.into_iter().map(run).collect()
    });
    match found {
        Ok(limit) => Ok(MeasureNews::Limit(Arc::new(limit))),
        Err(LimitError::Run(error)) => Err(error),
        Err(error) => Ok(MeasureNews::Failed(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::effect::RunId;
    use crate::tui::event::Event;
    use tokio::sync::mpsc::UnboundedReceiver;

    fn worker() -> (MeasureWorker, UnboundedReceiver<Event>) {
        let (proxy, inbox) = Proxy::channel();
        (MeasureWorker::new(proxy), inbox)
    }

    fn scoring() -> Measuring {
        let challenge = &ddlab_labs::guides("scatter-gather").challenges[0];
        Measuring::Score {
            challenge,
            knobs: challenge.par.knobs.clone(),
        }
    }

    #[test]
    fn it_tells_how_far_it_is_and_then_what_it_came_to() {
        let (mut worker, mut inbox) = worker();
        let job = JobId(RunId::fresh().0);
        worker.start(job, ScreenId(1), scoring());
        let mut shares = 0;
        let score = loop {
            match inbox.blocking_recv() {
                Some(Event::Message(Message::Measured(of, news))) if of == job => match news {
                    MeasureNews::Share(_) => shares += 1,
                    MeasureNews::Scored(score) => break score,
                    other => panic!("{other:?}"),
                },
                other => panic!("{other:?}"),
            }
        };
        assert!(shares > 5, "{shares}");
        assert!(score.medal.is_some());
    }

    #[test]
    fn what_is_stopped_is_not_heard_of_again() {
        let (mut worker, mut inbox) = worker();
        worker.start(JobId(1), ScreenId(1), scoring());
        worker.start(JobId(2), ScreenId(2), scoring());
        worker.stop(JobId(1));
        worker.close(ScreenId(2));
        worker.finish();
        while let Ok(event) = inbox.try_recv() {
            let failed = matches!(
                event,
                Event::Message(Message::Measured(_, MeasureNews::Share(_)))
            );
            assert!(failed, "{event:?}");
        }
    }
}
