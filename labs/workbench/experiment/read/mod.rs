//! From the file's form to an experiment: every name is looked up, every order of things is held.
//!
//! Here the steps are gone through in their order; [`prediction`] and [`measured_run`] read the two that are large.

mod measured_run;
mod prediction;

use super::form::{CheckForm, ExperimentForm, ObserveForm, StepForm};
use super::{Check, Experiment, Observation, Prediction, PredictionKind, Step};
use crate::workbench::claim::measure::{derive_all, metric_of, statistic_of, unknown};
use crate::workbench::claim::statement::read_value;
use crate::workbench::claim::{Fault, Measure, MeasuredRun, Readings, Statement, Text};
use crate::workbench::lab::Lab;
use crate::workbench::meter::MetricKind;
use ddlab_text::Unit;
use serde_yaml::Spanned;

impl Experiment {
    pub(crate) fn read(form: ExperimentForm, lab: &'static dyn Lab) -> Result<Self, Fault> {
        let runs: Vec<&str> = form
            .steps
            .iter()
            .filter_map(|step| match &step.value {
                StepForm::Run(run) => Some(run.id.value.as_str()),
                _ => None,
            })
            .collect();
        let measures = Measure::read_all(&form.measures, &runs, lab.spec())?;
        let mut reader = Reader {
            lab,
            form: &form,
            measures: &measures,
            runs: Vec::new(),
            predictions: Vec::new(),
            steps: Vec::new(),
            waiting: Vec::new(),
            known: Readings::new(),
            pending: false,
        };
        for step in &form.steps {
            reader.step(step)?;
        }
        reader.finish(&form.id)?;
        let (runs, predictions, steps) = (reader.runs, reader.predictions, reader.steps);
        let checks = form.checks.iter().map(|check| read_check(check, &measures));
        let checks = checks.collect::<Result<_, _>>()?;
        Ok(Self {
            id: form.id.value,
            title: form.title,
            summary: form.summary,
            minutes: form.minutes,
            seed: form.seed,
            measures,
            runs,
            predictions,
            steps,
            checks,
        })
    }
}

/// What has been read so far, and what the lab of the experiment would have seen by then.
struct Reader<'a> {
    lab: &'static dyn Lab,
    form: &'a ExperimentForm,
    measures: &'a [Measure],
    runs: Vec<MeasuredRun>,
    predictions: Vec<Prediction>,
    steps: Vec<Step>,
    /// Predictions that are not revealed yet.
    waiting: Vec<usize>,
    /// Measurements that the runs so far give; the values mean nothing.
    known: Readings,
    /// Something was done since the last run.
    pending: bool,
}

impl Reader<'_> {
    fn step(&mut self, step: &Spanned<StepForm>) -> Result<(), Fault> {
        let place = step.referenced;
        let step = match &step.value {
            StepForm::Say(text) => Step::Say(self.text(text)?),
            StepForm::Explain(text) => Step::Explain(self.text(text)?),
            StepForm::Predict(form) => {
                let prediction = self.prediction(form)?;
                if prediction
                    .needs()
                    .iter()
                    .all(|name| self.known.contains_key(*name))
                {
                    let what = "the answer is measured before the question is asked; move the prediction up";
                    return Err(Fault::new(form.id.referenced, what));
                }
                self.predictions.push(prediction);
                self.waiting.push(self.predictions.len() - 1);
                Step::Predict(self.predictions.len() - 1)
            }
            StepForm::Do(texts) => Step::Do(self.interventions(texts, place)?),
            StepForm::Run(form) => {
                let run = self.measured_run(form, place)?;
                self.runs.push(run);
                self.steps.push(Step::Run(self.runs.len() - 1));
                self.reveal(&form.id.value);
                return Ok(());
            }
            StepForm::Observe(form) => Step::Observe(self.observation(form)?),
        };
        self.steps.push(step);
        Ok(())
    }

    fn text(&self, text: &Spanned<String>) -> Result<Text, Fault> {
        let read = Text::read(text, self.measures)?;
        if let Some(early) = read.names().find(|name| !self.known.contains_key(*name)) {
            let what = format!("`{early}` is shown before it is measured");
            return Err(Fault::new(text.referenced, what));
        }
        Ok(read)
    }

    /// What a run gives at its end: its measurements, and the predictions that they settle.
    fn reveal(&mut self, run: &str) {
        let own = self
            .measures
            .iter()
            .filter(|measure| measure.run() == Some(run));
        self.known
            .extend(own.map(|measure| (measure.name.clone(), 1.0)));
        derive_all(self.measures, &mut self.known);
        let (known, predictions) = (&self.known, &self.predictions);
        let settled = |at: &usize| {
            predictions[*at]
                .needs()
                .iter()
                .all(|name| known.contains_key(*name))
        };
        let (now, later): (Vec<usize>, Vec<usize>) =
            self.waiting.iter().partition(|at| settled(at));
        self.waiting = later;
        self.steps.extend(now.into_iter().map(Step::Reveal));
    }

    fn observation(&self, form: &ObserveForm) -> Result<Observation, Fault> {
        let metric = match &form.metric {
            Some(name) => Some(metric_of(name, self.lab.spec())?),
            None => None,
        };
        let mut show = Vec::new();
        for stat in &form.show {
            let Some(metric) = metric else {
                return Err(Fault::new(stat.referenced, "`show` needs a `metric`"));
            };
            show.push(statistic_of(stat, metric)?);
        }
        if show.is_empty() && metric.is_some_and(|metric| metric.kind != MetricKind::Histogram) {
            show.push(crate::workbench::frame::Statistic::Value);
        }
        let run = match &form.run {
            None => self.runs.len().checked_sub(1),
            Some(run) => {
                let found = self.runs.iter().position(|earlier| earlier.id == run.value);
                Some(found.ok_or_else(|| {
                    let ids: Vec<&str> = self.runs.iter().map(|run| run.id.as_str()).collect();
                    unknown("earlier run", run, &ids)
                })?)
            }
        };
        Ok(Observation {
            say: self.text(&form.say)?,
            metric,
            show,
            run,
        })
    }

    fn finish(&self, id: &Spanned<String>) -> Result<(), Fault> {
        let fault = |what: &str| Err(Fault::new(id.referenced, what));
        if let Some(waiting) = self.waiting.first() {
            let id_of = &self.predictions[*waiting].id;
            return fault(&format!("prediction `{id_of}` is never settled by a run"));
        }
        let tempts = |prediction: &Prediction| match &prediction.kind {
            PredictionKind::Number { tempting, .. } => tempting.is_some(),
            PredictionKind::Choice { tempting, .. } => tempting.is_some(),
        };
        if !self.predictions.iter().any(tempts) {
            return fault(
                "no prediction has a `tempting` answer; give one what most people expect",
            );
        }
        if self.pending {
            return fault("nothing runs after the last `do`");
        }
        if self.form.checks.is_empty() {
            return fault("`checks` is empty; an experiment claims something");
        }
        Ok(())
    }
}

fn read_check(form: &CheckForm, measures: &[Measure]) -> Result<Check, Fault> {
    let that = Statement::read(&form.that, measures)?;
    let hold = match (&form.hold, &form.why) {
        (None, _) => 1.0,
        (Some(hold), Some(_)) => read_value(Unit::Share, hold)?,
        (Some(hold), None) => {
            let what = "a check that may fail on some seeds needs a `why`";
            return Err(Fault::new(hold.referenced, what));
        }
    };
    Ok(Check { that, hold })
}
