//! Settling a question in the lab: a figure of its scenario is predicted, with a range; the scenario runs; what it
//! measured stands beside the prediction, and the gap is to be explained. All of it comes back when the answer
//! is reviewed.

#[cfg(test)]
mod tests;

use super::{Ask, Flow, Lead, Step};
use crate::clock::Moment;
use crate::content::model::{InterviewQuestion, LabScenario};
use crate::progress::Event;
use crate::study::guess;
use ddlab_labs::workbench::experiment::Guess;
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::headless::Report;
use ddlab_labs::workbench::meter::{MetricKind, MetricSpec};
use ddlab_labs::workbench::plan::RunPlan;
use std::fmt::Write;

/// The world that the lab shows when it is opened.
const SEED: u64 = 1;

pub struct Prove {
    question: String,
    scenario: LabScenario,
    plan: RunPlan,
    /// What is predicted.
    metric: &'static MetricSpec,
    statistic: Statistic,
    stage: Stage,
    leads: Vec<Lead>,
}

enum Stage {
    Predict,
    /// The lab runs; none when only a look was wanted.
    Running(Option<Predicted>),
    /// What it came to is told; the gap is to be explained.
    Explained(String),
    Over(String),
}

/// In the unit of the metric.
#[derive(Debug, Clone, Copy)]
struct Predicted {
    guess: f64,
    range: Option<(f64, f64)>,
}

impl Prove {
    /// # Errors
    /// A sentence when no lab settles this question.
    pub fn new(question: &InterviewQuestion) -> Result<Self, String> {
        let Some((scenario, plan)) = question.lab.as_ref().and_then(planned) else {
            return Err(format!(
                "no lab settles {} yet; `ddlab lab list` shows the labs",
                question.id
            ));
        };
        let metric = metric(&plan.lab.spec().metrics, &scenario.look)
            .ok_or_else(|| format!("the lab {} measures nothing", scenario.lab))?;
        let statistic = match metric.kind {
            MetricKind::Histogram => Statistic::P99,
            MetricKind::Gauge => Statistic::Last,
            MetricKind::Counter | MetricKind::Ratio => Statistic::Value,
        };
        let lab = Lead::Lab {
            lab: scenario.lab.clone(),
            set: scenario.set.clone(),
            at: scenario.at.clone(),
        };
        Ok(Self {
            question: question.id.clone(),
            scenario: scenario.clone(),
            plan,
            metric,
            statistic,
            stage: Stage::Predict,
            leads: vec![lab],
        })
    }

    /// `p99 of latency_ms`
    fn figure(&self) -> String {
        match self.metric.kind {
            MetricKind::Histogram => format!("the p99 of `{}`", self.metric.name),
            MetricKind::Gauge => format!("`{}` at the end", self.metric.name),
            MetricKind::Counter | MetricKind::Ratio => format!("`{}`", self.metric.name),
        }
    }

    fn prompt(&self) -> String {
        let scenario = &self.scenario;
        let spec = self.plan.lab.spec();
        let mut text = format!("The lab *{}* runs for a minute", spec.title);
        let all = |settings: &[String]| {
            let settings = settings.iter().map(|setting| format!("`{setting}`"));
            settings.collect::<Vec<_>>().join(", ")
        };
        // Writing to a string cannot fail.
        if !scenario.set.is_empty() {
            let _ = write!(text, ", with {}", all(&scenario.set));
        }
        if !scenario.at.is_empty() {
            let _ = write!(text, "; in it happens {}", all(&scenario.at));
        }
        let (figure, help) = (self.figure(), self.metric.help.trim_end_matches('.'));
        let _ = write!(text, ".\n\n**What will {figure} be?** It is: {help}.\n");
        text
    }

    /// The measured figure beside the predicted one, and the other figures that the scenario is about.
    fn explanation(
        &self,
        report: &Report,
        predicted: Option<Predicted>,
        actual: Option<f64>,
    ) -> String {
        let show = |value: f64| self.metric.unit.show(value);
        let figure = self.figure();
        let mut text = match actual {
            Some(actual) => format!("**It was {}:** {figure}.", show(actual)),
            None => format!("**Nothing was measured:** {figure} has no sample."),
        };
        if let (Some(Predicted { guess, range }), Some(actual)) = (predicted, actual) {
            let _ = write!(text, " You said {}", show(guess));
            let factor = (guess / actual).max(actual / guess);
            if factor.is_finite() && factor >= 1.05 {
                let _ = write!(text, ", {factor:.1} times off");
            }
            match range {
                Some((low, high)) if (low..=high).contains(&actual) => {
                    text.push_str("; your range holds it");
                }
                Some(_) => text.push_str("; your range does not hold it"),
                None => {}
            }
            text.push('.');
        }
        let _ = write!(text, "\n\nTo look at: {}\n\n", self.scenario.look.trim());
        for (spec, value) in &report.metrics {
            let is_asked = self.scenario.look.contains(spec.name) || spec.chart == 1;
            let statistic = match spec.kind {
                MetricKind::Histogram => Statistic::P99,
                _ => Statistic::Value,
            };
            if let (true, Some(value)) = (is_asked, value.get(statistic)) {
                let of = if spec.kind == MetricKind::Histogram {
                    ", p99"
                } else {
                    ""
                };
                let _ = writeln!(text, "- `{}`{of}: {}", spec.name, spec.unit.show(value));
            }
        }
        text
    }

    fn over(&self, text: &str) -> String {
        format!("{text}\n1. watch it: `{}`\n", self.leads[0].command())
    }
}

/// The plan of a scenario whose lab there is and takes it.
fn planned(scenario: &LabScenario) -> Option<(&LabScenario, RunPlan)> {
    let mut plan = RunPlan::new(ddlab_labs::find(&scenario.lab)?, SEED);
    for setting in &scenario.set {
        plan.knobs.set_text(setting).ok()?;
    }
    for intervention in &scenario.at {
        plan.script_text(intervention).ok()?;
    }
    Some((scenario, plan))
}

/// The first metric that is named by what is to be looked at, else the first of the lab's charts.
fn metric(metrics: &'static [MetricSpec], look: &str) -> Option<&'static MetricSpec> {
    let named = metrics
        .iter()
        .filter_map(|metric| Some((look.find(metric.name)?, metric)));
    let first = named
        .min_by_key(|(place, _)| *place)
        .map(|(_, metric)| metric);
    let charted = || metrics.iter().find(|metric| metric.chart == 1);
    first.or_else(charted).or_else(|| metrics.first())
}

impl Flow for Prove {
    fn step(&self, _now: Moment) -> Step {
        let status = self.question.clone();
        let (above, text, ask) = match &self.stage {
            Stage::Predict => {
                let unit = match self.metric.unit.symbol() {
                    "" => String::new(),
                    unit => format!(", in {unit} unless you say otherwise"),
                };
                let how = format!(
                    "Type a number{unit}, and the range that holds it four times in five: 120 80..200. An empty line only looks."
                );
                (String::new(), self.prompt(), Ask::Line { how })
            }
            Stage::Running(_) => (
                self.prompt(),
                String::new(),
                Ask::Wait {
                    how: "The lab runs.".to_owned(),
                },
            ),
            Stage::Explained(text) => {
                let how = "What explains the gap? Say it in a sentence or two; nothing typed leaves it open.";
                let how = how.to_owned();
                (self.prompt(), text.clone(), Ask::Line { how })
            }
            Stage::Over(text) => (String::new(), text.clone(), Ask::Done),
        };
        Step {
            title: "Settle it in the lab".to_owned(),
            status,
            above,
            text,
            ask,
        }
    }

    fn reply(&mut self, typed: &str, _now: Moment) -> Result<Vec<Event>, String> {
        let typed = typed.trim();
        match &self.stage {
            Stage::Predict if typed.is_empty() => self.stage = Stage::Running(None),
            Stage::Predict => {
                let read = guess::number(typed, self.metric.unit);
                let Guess::Number { value, range } = read.map_err(|error| error.to_string())?
                else {
                    return Err("type a number".to_owned());
                };
                let guess = value;
                self.stage = Stage::Running(Some(Predicted { guess, range }));
            }
            Stage::Explained(text) => {
                self.stage = Stage::Over(self.over(text));
                let explained = (!typed.is_empty()).then(|| Event::GapExplained {
                    of: self.question.clone(),
                    said: typed.to_owned(),
                });
                return Ok(explained.into_iter().collect());
            }
            Stage::Running(_) | Stage::Over(_) => {}
        }
        Ok(Vec::new())
    }

    fn run(&self) -> Option<RunPlan> {
        matches!(self.stage, Stage::Running(_)).then(|| self.plan.clone())
    }

    fn ran(&mut self, report: Result<&Report, String>) -> Vec<Event> {
        let Stage::Running(predicted) = self.stage else {
            return Vec::new();
        };
        let report = match report {
            Ok(report) => report,
            Err(error) => {
                self.stage = Stage::Over(format!("The lab did not run to its end: {error}.\n"));
                return Vec::new();
            }
        };
        let actual = report
            .metric(self.metric.name)
            .and_then(|value| value.get(self.statistic));
        let text = self.explanation(report, predicted, actual);
        let (Some(Predicted { guess, range }), Some(actual)) = (predicted, actual) else {
            self.stage = Stage::Over(self.over(&text));
            return Vec::new();
        };
        self.stage = Stage::Explained(text);
        vec![Event::Prediction {
            about: self.question.clone(),
            step: None,
            metric: self.metric.name.to_owned(),
            guess,
            low: range.map(|(low, _)| low),
            high: range.map(|(_, high)| high),
            actual: Some(actual),
        }]
    }

    fn leads(&self) -> &[Lead] {
        &self.leads
    }
}
