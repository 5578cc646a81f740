//! Runs, and what is done between them: each starts afresh or carries the one before on.

use super::Reader;
use crate::engine::SimTime;
use crate::workbench::claim::form::{SettingsForm, apply};
use crate::workbench::claim::measure;
use crate::workbench::claim::{Fault, MeasuredRun};
use crate::workbench::experiment::Step;
use crate::workbench::experiment::form::RunForm;
use crate::workbench::intervention::Intervention;
use crate::workbench::plan::RunPlan;
use serde_yaml::{Location, Spanned};

/// How fast a run is shown, where it does not say.
const SPEED: f64 = 10.0;

impl Reader<'_> {
    pub(super) fn interventions(
        &mut self,
        texts: &[Spanned<String>],
        place: Location,
    ) -> Result<Vec<Intervention>, Fault> {
        if self.runs.is_empty() {
            let what = "nothing runs yet: `set` of the experiment or `fresh` of the run says how it starts";
            return Err(Fault::new(place, what));
        }
        self.pending = true;
        texts
            .iter()
            .map(|text| self.intervention(&text.value, text.referenced))
            .collect()
    }

    fn intervention(&self, text: &str, place: Location) -> Result<Intervention, Fault> {
        Intervention::parse(text.trim(), self.lab.spec())
            .map_err(|error| Fault::new(place, error.to_string()))
    }

    pub(super) fn measured_run(
        &mut self,
        form: &RunForm,
        place: Location,
    ) -> Result<MeasuredRun, Fault> {
        let id = &form.id;
        if self.runs.iter().any(|earlier| earlier.id == id.value) {
            return Err(Fault::new(id.referenced, "two runs have this id"));
        }
        let (mut plan, begins) = match (&form.fresh, self.runs.last()) {
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
            return Err(Fault::new(
                place,
                "the warm-up is as long as the run; make it shorter",
            ));
        }
        plan.length = SimTime(begins.0 + length.0);
        plan.warmup = SimTime(begins.0 + warmup.0);
        for text in &form.at {
            let Some((at, what)) = text.value.split_once(':') else {
                return Err(Fault::new(text.referenced, "write `10s: slow=3`"));
            };
            let at = measure::time(at.trim(), text.referenced)?;
            if at >= length {
                return Err(Fault::new(
                    text.referenced,
                    "this is after the end of the run",
                ));
            }
            let what = self.intervention(what, text.referenced)?;
            plan.insert(SimTime(begins.0 + at.0), what);
        }
        Ok(MeasuredRun {
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
    fn carried_on(&self, last: &MeasuredRun) -> RunPlan {
        let mut plan = last.plan.clone();
        let since = self
            .steps
            .iter()
            .rev()
            .take_while(|step| !matches!(step, Step::Run(_)));
        let mut done: Vec<&Vec<Intervention>> = since
            .filter_map(|step| match step {
                Step::Do(interventions) => Some(interventions),
                _ => None,
            })
            .collect();
        done.reverse();
        for what in done.into_iter().flatten() {
            plan.insert(last.plan.length, what.clone());
        }
        plan
    }
}

fn span_or(
    one: Option<&Spanned<String>>,
    other: Option<&Spanned<String>>,
) -> Result<Option<SimTime>, Fault> {
    one.or(other).map(measure::span).transpose()
}
