//! From the file's form to an experiment: every name is looked up, every order of things is held.

use super::form::{
    CheckForm, ExperimentForm, ObserveForm, OptionForm, PredictForm, RunForm, StepForm,
};
use super::{Answer, Check, Experiment, Observation, Prediction, PredictionKind, Step, Tempting};
use crate::engine::SimTime;
use crate::workbench::claim::form::SettingsForm;
use crate::workbench::claim::measure::{self, derive_all, find, metric_of, statistic_of, unknown};
use crate::workbench::claim::statement::read_value;
use crate::workbench::claim::{Fault, Measure, Readings, Statement, Take, Text, Unit};
use crate::workbench::knob::KnobSettings;
use crate::workbench::lab::{Lab, MetricKind};
use crate::workbench::plan::{Deed, RunPlan};
use serde_yaml::{Location, Spanned};

/// How fast a run is shown, where it does not say.
const SPEED: f64 = 10.0;

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
            takes: Vec::new(),
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
        let (takes, predictions, steps) = (reader.takes, reader.predictions, reader.steps);
        let checks = form.checks.iter().map(|check| read_check(check, &measures));
        let checks = checks.collect::<Result<_, _>>()?;
        Ok(Self {
            id: form.id.value,
            title: form.title,
            summary: form.summary,
            minutes: form.minutes,
            seed: form.seed,
            measures,
            takes,
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
    takes: Vec<Take>,
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
                    let what = "what it asks has been measured before it is predicted";
                    return Err(Fault::new(form.id.referenced, what));
                }
                self.predictions.push(prediction);
                self.waiting.push(self.predictions.len() - 1);
                Step::Predict(self.predictions.len() - 1)
            }
            StepForm::Do(deeds) => Step::Do(self.deeds(deeds, place)?),
            StepForm::Run(form) => {
                let take = self.take(form, place)?;
                self.takes.push(take);
                self.steps.push(Step::Run(self.takes.len() - 1));
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
            let what = format!("`{early}` is told before it has been measured");
            return Err(Fault::new(text.referenced, what));
        }
        Ok(read)
    }

    fn prediction(&self, form: &PredictForm) -> Result<Prediction, Fault> {
        let place = form.id.referenced;
        if self
            .predictions
            .iter()
            .any(|earlier| earlier.id == form.id.value)
        {
            return Err(Fault::new(place, "two predictions have this id"));
        }
        let kind = match (&form.of, &form.options) {
            (Some(of), None) => self.number(of, form)?,
            (None, Some(options)) => self.choice(options, form)?,
            _ => {
                let what = "a prediction has either `of` (a number) or `options` (a choice)";
                return Err(Fault::new(place, what));
            }
        };
        Ok(Prediction {
            id: form.id.value.clone(),
            question: form.question.trim().to_owned(),
            kind,
        })
    }

    fn number(&self, of: &Spanned<String>, form: &PredictForm) -> Result<PredictionKind, Fault> {
        let measure = find(self.measures, of)?.clone();
        let tempting = match &form.tempting {
            None => None,
            Some(tempting) => {
                let place = tempting.referenced;
                let Some(guess) = &tempting.value.guess else {
                    return Err(Fault::new(
                        place,
                        "of a number the tempting one is a `guess`",
                    ));
                };
                let guess = read_value(measure.unit, guess)?;
                let because = tempting.value.because.trim().to_owned();
                Some(Tempting { guess, because })
            }
        };
        Ok(PredictionKind::Number { measure, tempting })
    }

    fn choice(&self, options: &[OptionForm], form: &PredictForm) -> Result<PredictionKind, Fault> {
        let answer = |option: &OptionForm| {
            Ok(Answer {
                say: option.say.trim().to_owned(),
                when: Statement::read(&option.when, self.measures)?,
            })
        };
        let options = options.iter().map(answer).collect::<Result<Vec<_>, _>>()?;
        if options.len() < 2 {
            return Err(Fault::new(
                form.id.referenced,
                "a choice has at least two options",
            ));
        }
        let tempting = match &form.tempting {
            None => None,
            Some(tempting) => match tempting.value.option {
                Some(number) if (1..=options.len()).contains(&number) => Some(Tempting {
                    guess: number - 1,
                    because: tempting.value.because.trim().to_owned(),
                }),
                _ => {
                    let what = "of a choice the tempting one is an `option`, counted from 1";
                    return Err(Fault::new(tempting.referenced, what));
                }
            },
        };
        Ok(PredictionKind::Choice { options, tempting })
    }

    fn deeds(&mut self, deeds: &[Spanned<String>], place: Location) -> Result<Vec<Deed>, Fault> {
        if self.takes.is_empty() {
            let what = "nothing runs yet: `set` of the experiment or `fresh` of the run says how it starts";
            return Err(Fault::new(place, what));
        }
        self.pending = true;
        deeds
            .iter()
            .map(|deed| self.deed(&deed.value, deed.referenced))
            .collect()
    }

    fn deed(&self, text: &str, place: Location) -> Result<Deed, Fault> {
        Deed::parse(text.trim(), self.lab.spec())
            .map_err(|error| Fault::new(place, error.to_string()))
    }

    fn take(&mut self, form: &RunForm, place: Location) -> Result<Take, Fault> {
        let id = &form.id;
        if self.takes.iter().any(|earlier| earlier.id == id.value) {
            return Err(Fault::new(id.referenced, "two runs have this id"));
        }
        let (mut plan, begins) = match (&form.fresh, self.takes.last()) {
            (None, Some(last)) => (self.carried_on(last), last.plan.length),
            (fresh, _) => {
                if self.pending {
                    let what = "a `do` before this run is lost, because the run starts afresh";
                    return Err(Fault::new(id.referenced, what));
                }
                (self.fresh(fresh.as_ref())?, SimTime(0))
            }
        };
        self.pending = false;
        let length = span_or(form.length.as_ref(), self.form.length.as_ref())?;
        let Some(length) = length else {
            return Err(Fault::new(
                place,
                "neither the run nor the experiment says `for` how long",
            ));
        };
        let warmup =
            span_or(form.warmup.as_ref(), self.form.warmup.as_ref())?.unwrap_or(SimTime(0));
        if warmup >= length {
            return Err(Fault::new(place, "the warm-up leaves nothing of the run"));
        }
        plan.length = SimTime(begins.0 + length.0);
        plan.warmup = SimTime(begins.0 + warmup.0);
        for text in &form.at {
            let Some((at, deed)) = text.value.split_once(':') else {
                return Err(Fault::new(text.referenced, "write `10s: slow=3`"));
            };
            let at = measure::time(at.trim(), text.referenced)?;
            if at >= length {
                return Err(Fault::new(
                    text.referenced,
                    "this is after the end of the run",
                ));
            }
            let deed = self.deed(deed, text.referenced)?;
            plan.insert(SimTime(begins.0 + at.0), deed);
        }
        Ok(Take {
            id: id.value.clone(),
            plan,
            begins,
            speed: form.speed.unwrap_or(SPEED),
            breaks: form.breaks.clone(),
        })
    }

    fn fresh(&self, more: Option<&SettingsForm>) -> Result<RunPlan, Fault> {
        let mut plan = RunPlan::new(self.lab, self.form.seed);
        apply(&self.form.set, &mut plan.knobs)?;
        if let Some(more) = more {
            apply(more, &mut plan.knobs)?;
        }
        Ok(plan)
    }

    /// The last run, with what was done since at the moment of its end.
    fn carried_on(&self, last: &Take) -> RunPlan {
        let mut plan = last.plan.clone();
        let since = self
            .steps
            .iter()
            .rev()
            .take_while(|step| !matches!(step, Step::Run(_)));
        let mut deeds: Vec<&Vec<Deed>> = since
            .filter_map(|step| match step {
                Step::Do(deeds) => Some(deeds),
                _ => None,
            })
            .collect();
        deeds.reverse();
        for deed in deeds.into_iter().flatten() {
            plan.insert(last.plan.length, deed.clone());
        }
        plan
    }

    /// What a run tells at its end: its measurements, and the predictions that they settle.
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
        let take = match &form.run {
            None => self.takes.len().checked_sub(1),
            Some(run) => {
                let found = self.takes.iter().position(|take| take.id == run.value);
                Some(found.ok_or_else(|| {
                    let ids: Vec<&str> = self.takes.iter().map(|take| take.id.as_str()).collect();
                    unknown("earlier run", run, &ids)
                })?)
            }
        };
        Ok(Observation {
            say: self.text(&form.say)?,
            metric,
            show,
            take,
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
            return fault("no prediction has a `tempting` answer: where is the surprise?");
        }
        if self.pending {
            return fault("nothing runs after the last `do`");
        }
        if self.form.checks.is_empty() {
            return fault("it claims nothing: `checks` is empty");
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
            let what = "a check that needs not hold on every seed says `why`";
            return Err(Fault::new(hold.referenced, what));
        }
    };
    Ok(Check { that, hold })
}

/// Sets the knobs that the file names.
pub(crate) fn apply(settings: &SettingsForm, knobs: &mut KnobSettings) -> Result<(), Fault> {
    for (name, value) in settings {
        knobs
            .set_text(&format!("{name}={}", value.value.0))
            .map_err(|error| Fault::new(value.referenced, error.to_string()))?;
    }
    Ok(())
}

fn span_or(
    one: Option<&Spanned<String>>,
    other: Option<&Spanned<String>>,
) -> Result<Option<SimTime>, Fault> {
    one.or(other).map(measure::span).transpose()
}
