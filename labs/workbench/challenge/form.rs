//! A challenge as it is written in the file.

use crate::workbench::claim::form::{MeasuresForm, Scalar, SettingsForm, StatementForm};
use serde::Deserialize;
use serde_yaml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChallengeForm {
    pub id: Spanned<String>,
    pub title: String,
    /// One line for the list.
    pub summary: String,
    pub minutes: u32,
    /// What is the matter and what is asked, markdown.
    pub brief: String,
    pub seed: u64,
    /// Load and cluster: where the learner starts.
    #[serde(default)]
    pub set: SettingsForm,
    /// What goes wrong: `10s: slow=7`.
    #[serde(default)]
    pub script: Vec<Spanned<String>>,
    pub turn: Vec<TurnForm>,
    #[serde(rename = "for")]
    pub length: Spanned<String>,
    pub warmup: Option<Spanned<String>>,
    pub measures: MeasuresForm,
    /// What every medal needs.
    pub slo: Vec<StatementForm>,
    pub medals: MedalsForm,
    pub hints: Vec<String>,
    pub par: ParForm,
    pub traps: Vec<TrapForm>,
}

/// A knob that the learner may turn.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TurnForm {
    pub knob: Spanned<String>,
    /// Nothing but these.
    #[serde(default)]
    pub only: Vec<Spanned<Scalar>>,
    pub at_least: Option<Spanned<Scalar>>,
    pub at_most: Option<Spanned<Scalar>>,
}

/// What each medal asks for on top of the SLO.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MedalsForm {
    #[serde(default)]
    pub bronze: Vec<StatementForm>,
    pub silver: Vec<StatementForm>,
    pub gold: Vec<StatementForm>,
}

/// Settings that reach a medal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParForm {
    pub set: SettingsForm,
    /// `gold` where it does not say.
    pub medal: Option<Spanned<String>>,
    /// Why it works.
    pub why: String,
}

/// Settings that look good and fail.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrapForm {
    pub name: Spanned<String>,
    pub set: SettingsForm,
    /// The measurement whose condition in the SLO it fails.
    pub fails: Spanned<String>,
    pub why: String,
}
