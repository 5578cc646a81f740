//! The guides of a lab: its figures, experiments and challenges, read from the file in its folder.

use super::challenge::Challenge;
use super::challenge::form::ChallengeForm;
use super::claim::Fault;
use super::experiment::Experiment;
use super::experiment::form::ExperimentForm;
use super::figure::{FigureForm, FigureSpec};
use super::lab::Lab;
use ddlab_text::{given, suggestion};
use serde::Deserialize;
use serde_yaml::{DefaultMessageFormatter, RenderOptions};

/// What a lab offers to a page, and to somebody who wants to be led or challenged.
#[derive(Debug, Clone, Default)]
pub struct Guides {
    pub figures: Vec<FigureSpec>,
    pub experiments: Vec<Experiment>,
    pub challenges: Vec<Challenge>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileForm {
    #[serde(default)]
    figures: Vec<FigureForm>,
    #[serde(default)]
    experiments: Vec<ExperimentForm>,
    #[serde(default)]
    challenges: Vec<ChallengeForm>,
}

impl Guides {
    /// Reads the file; every knob, action, metric and statistic is looked up in the lab's table.
    pub fn parse(text: &str, lab: &'static dyn Lab) -> Result<Self, Fault> {
        let form: FileForm = serde_yaml::from_str(text).map_err(|error| {
            let (line, column) = error
                .location()
                .map_or((0, 0), |place| (place.line(), place.column()));
            let full = error
                .without_snippet()
                .render_with_options(RenderOptions::new(&DefaultMessageFormatter));
            Fault {
                line,
                column,
                what: full.lines().next().unwrap_or_default().trim().to_owned(),
            }
        })?;
        let mut ids: Vec<String> = Vec::new();
        let figures = form.figures.iter().map(|form| &form.id);
        let experiments = form.experiments.iter().map(|form| &form.id);
        let challenges = form.challenges.iter().map(|form| &form.id);
        for id in figures.chain(experiments).chain(challenges) {
            if ids.contains(&id.value) {
                let what = format!(
                    "two of this lab's figures, experiments and challenges are `{}`",
                    id.value
                );
                return Err(Fault::new(id.referenced, what));
            }
            ids.push(id.value.clone());
        }
        let figures = form.figures.into_iter();
        let experiments = form.experiments.into_iter();
        let challenges = form.challenges.into_iter();
        Ok(Self {
            figures: figures
                .map(|form| FigureSpec::read(form, lab))
                .collect::<Result<_, _>>()?,
            experiments: experiments
                .map(|form| Experiment::read(form, lab))
                .collect::<Result<_, _>>()?,
            challenges: challenges
                .map(|form| Challenge::read(form, lab))
                .collect::<Result<_, _>>()?,
        })
    }

    /// The figure with this id, or a sentence that names the nearest.
    pub fn figure(&self, id: &str) -> Result<&FigureSpec, String> {
        let found = self.figures.iter().find(|figure| figure.id == id);
        found.ok_or_else(|| {
            let ids: Vec<&str> = self.figures.iter().map(|f| f.id.as_str()).collect();
            format!(
                "there is no figure `{}`; {}",
                given(id),
                suggestion(id, &ids)
            )
        })
    }

    /// The experiment with this id, or a sentence that names the nearest.
    pub fn experiment(&self, id: &str) -> Result<&Experiment, String> {
        let found = self
            .experiments
            .iter()
            .find(|experiment| experiment.id == id);
        found.ok_or_else(|| {
            let ids: Vec<&str> = self.experiments.iter().map(|e| e.id.as_str()).collect();
            format!(
                "there is no experiment `{}`; {}",
                given(id),
                suggestion(id, &ids)
            )
        })
    }

    /// The challenge with this id, or a sentence that names the nearest.
    pub fn challenge(&self, id: &str) -> Result<&Challenge, String> {
        let found = self.challenges.iter().find(|challenge| challenge.id == id);
        found.ok_or_else(|| {
            let ids: Vec<&str> = self.challenges.iter().map(|c| c.id.as_str()).collect();
            format!(
                "there is no challenge `{}`; {}",
                given(id),
                suggestion(id, &ids)
            )
        })
    }
}
