//! An experiment as it is written in the file.

use crate::workbench::claim::form::{MeasuresForm, Scalar, SettingsForm, StatementForm};
use serde::Deserialize;
use serde_yaml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExperimentForm {
    pub id: Spanned<String>,
    pub title: String,
    /// One line for the list.
    pub summary: String,
    pub minutes: u32,
    pub seed: u64,
    /// What differs from the lab's defaults, in every run.
    #[serde(default)]
    pub set: SettingsForm,
    /// How long a `run` is, where it does not say.
    #[serde(default, rename = "for")]
    pub length: Option<Spanned<String>>,
    /// What a `run` leaves out at its start, where it does not say.
    #[serde(default)]
    pub warmup: Option<Spanned<String>>,
    pub measures: MeasuresForm,
    pub steps: Vec<Spanned<StepForm>>,
    pub checks: Vec<CheckForm>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepForm {
    Say(Spanned<String>),
    Predict(PredictForm),
    /// `policy=hedge`, `slow=3`: done at the moment at which the last run has ended.
    Do(Vec<Spanned<String>>),
    Run(RunForm),
    Observe(ObserveForm),
    Explain(Spanned<String>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PredictForm {
    /// Stable, for the record.
    pub id: Spanned<String>,
    pub question: String,
    /// A number: this measurement.
    pub of: Option<Spanned<String>>,
    /// A choice.
    pub options: Option<Vec<OptionForm>>,
    /// What most people say, and why.
    pub tempting: Option<Spanned<TemptingForm>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionForm {
    pub say: String,
    /// It is right when this holds.
    pub when: StatementForm,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemptingForm {
    pub guess: Option<Spanned<Scalar>>,
    /// Counted from 1.
    pub option: Option<usize>,
    pub because: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunForm {
    pub id: Spanned<String>,
    #[serde(rename = "for")]
    pub length: Option<Spanned<String>>,
    pub warmup: Option<Spanned<String>>,
    /// From time 0, with the experiment's settings and these; without it the last run goes on.
    pub fresh: Option<SettingsForm>,
    /// What is done on the way, counted from the beginning of the step: `10s: slow=3`.
    #[serde(default)]
    pub at: Vec<Spanned<String>>,
    pub speed: Option<f64>,
    /// Invariants that break in it.
    #[serde(default)]
    pub breaks: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObserveForm {
    pub say: Spanned<String>,
    pub metric: Option<Spanned<String>>,
    /// Statistics of the metric that are worth a look.
    #[serde(default)]
    pub show: Vec<Spanned<String>>,
    /// The run to look at; the last one where it does not say.
    pub run: Option<Spanned<String>>,
}

/// A statement that holds on every seed, or on a share of them for a reason that is given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckForm {
    pub that: StatementForm,
    pub hold: Option<Spanned<Scalar>>,
    pub why: Option<String>,
}
