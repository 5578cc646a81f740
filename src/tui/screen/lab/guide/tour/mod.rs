//! An experiment, step by step: one predicts, the lab runs beside it, and what was measured comes out.
//! Here is where one stands; [`view`] is what the panel says there, [`reveal`] the moment of truth.

mod reveal;
mod view;

use crate::progress::Event;
use crate::study::guess;
use crate::tui::effect::{JobId, Measuring};
use crate::tui::event::MeasureNews;
use crate::tui::widget::field::Field;
use crate::tui::widget::scroll::Scroll;
use crossterm::event::KeyEvent;
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::claim::MeasuredRun;
use ddlab_labs::workbench::experiment::{
    Experiment, ExperimentProgress, Guess, Prediction, PredictionKind, StepView,
};
use ddlab_labs::workbench::plan::RunPlan;

pub struct Tour {
    progress: ExperimentProgress,
    input: Field,
    chosen: Option<usize>,
    /// What is wrong with what was typed.
    trouble: Option<String>,
    running: Option<Running>,
    /// The last run that was started: what a reset goes back to.
    run: Option<&'static MeasuredRun>,
    pub scroll: Scroll,
}

/// A run that is shown and measured.
struct Running {
    run: &'static MeasuredRun,
    job: JobId,
    /// Of what is measured.
    share: f64,
    measured: bool,
    /// It was shown to its end, or need not be.
    shown: bool,
    /// Its end was asked for.
    hurried: bool,
    failed: Option<String>,
}

impl Tour {
    pub fn new(experiment: &'static Experiment) -> Self {
        Self {
            progress: ExperimentProgress::new(experiment),
            input: Field::default(),
            chosen: None,
            trouble: None,
            running: None,
            run: None,
            scroll: Scroll::default(),
        }
    }

    pub fn experiment(&self) -> &'static Experiment {
        self.progress.experiment()
    }

    pub fn status(&self) -> String {
        let (at, of) = self.progress.steps_done();
        format!("{} of {of}", (at + 1).min(of))
    }

    /// The lab as the experiment finds it, before anything has run.
    pub fn first_plan(&self) -> RunPlan {
        self.present_plan()
    }

    pub fn speed(&self) -> f64 {
        self.experiment().runs.first().map_or(10.0, |run| run.speed)
    }

    /// The run that is on the screen.
    pub fn present_plan(&self) -> RunPlan {
        let run = self.run.or(self.experiment().runs.first());
        let plan = run.map(|run| run.plan.clone());
        plan.expect("an experiment has a run: its checks are of one")
    }

    pub fn job(&self) -> Option<JobId> {
        self.running.as_ref().map(|running| running.job)
    }

    /// A number is asked for.
    pub fn types(&self) -> bool {
        matches!(self.progress.step(), StepView::Predict(prediction) if prediction.measure().is_some())
    }

    /// One of several answers is asked for.
    pub fn chooses(&self) -> bool {
        matches!(self.progress.step(), StepView::Predict(prediction) if prediction.measure().is_none())
    }

    pub fn asks(&self) -> bool {
        self.types() || self.chooses()
    }

    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    pub fn is_over(&self) -> bool {
        matches!(self.progress.step(), StepView::Done)
    }

    pub fn key(&mut self, key: KeyEvent) {
        self.trouble = None;
        self.input.key(key);
    }

    pub fn paste(&mut self, text: &str) {
        if self.types() {
            self.input.paste(text);
        }
    }

    /// Chooses an option, counted from 1.
    pub fn choose(&mut self, number: usize) {
        if let StepView::Predict(prediction) = self.progress.step()
            && let PredictionKind::Choice { options, .. } = &prediction.kind
            && (1..=options.len()).contains(&number)
        {
            self.chosen = Some(number - 1);
            self.trouble = None;
        }
    }

    /// Takes the step, if it may be taken.
    pub fn advance(&mut self) -> bool {
        if let StepView::Predict(prediction) = self.progress.step() {
            match self.said(prediction) {
                Ok(guess) => self.progress.guess(guess),
                Err(trouble) => {
                    self.trouble = Some(trouble);
                    return false;
                }
            }
        }
        if self.progress.advance().is_err() {
            return false;
        }
        self.running = None;
        self.input.clear();
        self.chosen = None;
        self.trouble = None;
        self.scroll = Scroll::default();
        true
    }

    fn said(&self, prediction: &Prediction) -> Result<Guess, String> {
        match &prediction.kind {
            PredictionKind::Number { measure, .. } => {
                if self.input.text().trim().is_empty() {
                    return Err("predict first, then see; a wild guess will do".to_owned());
                }
                guess::number(self.input.text(), measure.unit).map_err(|error| error.to_string())
            }
            PredictionKind::Choice { .. } => {
                let none = || "choose one first, by its number".to_owned();
                self.chosen.map(Guess::Choice).ok_or_else(none)
            }
        }
    }

    /// Begins the run of this step; none when the step has no run, or when it runs already.
    pub fn start_run(&mut self) -> Option<(&'static MeasuredRun, JobId, Measuring)> {
        let StepView::Run(run) = self.progress.step() else {
            return None;
        };
        if self.running.is_some() {
            return None;
        }
        let job = JobId::fresh();
        self.running = Some(Running {
            run,
            job,
            share: 0.0,
            measured: false,
            shown: false,
            hurried: false,
            failed: None,
        });
        self.run = Some(run);
        let experiment = self.experiment();
        Some((run, job, Measuring::Run { run, experiment }))
    }

    pub fn news(&mut self, news: &MeasureNews) {
        let Some(running) = &mut self.running else {
            return;
        };
        match news {
            MeasureNews::Share(share) => running.share = *share,
            MeasureNews::Measured(measurement) => {
                running.share = 1.0;
                running.measured = true;
                self.progress.measured((**measurement).clone());
            }
            MeasureNews::Failed(reason) => running.failed = Some(reason.clone()),
            MeasureNews::Scored(_)
            | MeasureNews::Ran(_)
            | MeasureNews::Judged(_)
            | MeasureNews::Runs(_)
            | MeasureNews::Written(_)
            | MeasureNews::Graded(_)
            | MeasureNews::Limit(_) => {}
        }
    }

    /// Whether the run on the screen has just come to its end.
    pub fn reached(&mut self, now: SimTime) -> bool {
        match &mut self.running {
            Some(running) if !running.shown && now >= running.run.plan.length => {
                running.shown = true;
                true
            }
            _ => false,
        }
    }

    /// The learner need not see the rest: the end of the run, to be gone to. Who asks again does not wait for that
    /// either.
    pub fn hurry(&mut self) -> Option<SimTime> {
        let running = self.running.as_mut()?;
        if running.hurried {
            running.shown = running.measured;
            return None;
        }
        running.hurried = true;
        Some(running.run.plan.length)
    }

    pub fn run_is_done(&self) -> bool {
        let done = |running: &Running| running.measured && running.shown;
        self.running.as_ref().is_some_and(done)
    }

    /// The metric to look at: of the observation that one is at, or that comes next.
    pub fn looks_at(&self) -> Option<&'static str> {
        self.progress.next_metric().map(|metric| metric.name)
    }

    /// What a reveal leaves in the record.
    pub fn revealed(&self, lab: &str) -> Option<Event> {
        let StepView::Reveal {
            prediction,
            outcome,
        } = self.progress.step()
        else {
            return None;
        };
        let about = format!("{lab}/{}", self.experiment().id);
        Event::predicted(&about, prediction, &outcome)
    }
}
