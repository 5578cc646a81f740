//! Figures: ready-made small runs of a lab, for a page to show in place. They stand in the file of its
//! experiments.

use super::claim::Fault;
use super::claim::form::{SettingsForm, apply};
use super::claim::measure::{metric_of, span, statistic_of};
use super::frame::{Frame, MetricValue, Statistic};
use super::intervention::TimedIntervention;
use super::knob::KnobSettings;
use super::lab::{Lab, LabSpec};
use super::meter::MetricSpec;
use super::plan::RunPlan;
use crate::engine::SimTime;
use crate::engine::time::format_span;
use serde::Deserialize;
use serde_yaml::Spanned;

/// A figure as it is written in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigureForm {
    pub id: Spanned<String>,
    pub caption: String,
    pub seed: u64,
    /// What differs from the lab's defaults.
    #[serde(default)]
    pub set: SettingsForm,
    /// What happens by itself: `5s: crash=1`.
    #[serde(default)]
    pub at: Vec<Spanned<String>>,
    #[serde(rename = "for")]
    pub length: Spanned<String>,
    pub speed: f64,
    pub dials: Vec<Spanned<String>>,
    pub readouts: Vec<ReadoutForm>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadoutForm {
    pub label: String,
    pub metric: Spanned<String>,
    /// `p99`, `last`; without it a total, a ratio, a mean.
    pub stat: Option<Spanned<String>>,
}

/// One figure: a lab with its knobs set, what to read off it and what may be turned.
#[derive(Debug, Clone)]
pub struct FigureSpec {
    /// Pages name it `scatter-gather/tail-at-fan-out`.
    pub id: String,
    pub caption: String,
    pub seed: u64,
    pub knobs: KnobSettings,
    /// What happens by itself, in order of time.
    pub script: Vec<TimedIntervention>,
    /// Virtual time in which the figure has shown what it is there to show: how long it is run where
    /// it can't run in place.
    pub length: SimTime,
    /// Virtual seconds per second.
    pub speed: f64,
    /// Knobs that the reader may turn in place, the most telling one first.
    pub dials: Vec<&'static str>,
    /// What is shown beside the picture, the most telling one first.
    pub readouts: Vec<Readout>,
}

/// One number of a figure.
#[derive(Debug, Clone)]
pub struct Readout {
    /// `p99`, `of requests met a slow leaf`.
    pub label: String,
    pub metric: &'static MetricSpec,
    pub statistic: Statistic,
}

impl FigureSpec {
    pub(crate) fn read(form: FigureForm, lab: &'static dyn Lab) -> Result<Self, Fault> {
        let spec = lab.spec();
        let mut plan = RunPlan::new(lab, form.seed);
        apply(&form.set, &mut plan.knobs)?;
        for text in &form.at {
            let compact = text.value.replacen(": ", ":", 1);
            plan.script_text(&compact)
                .map_err(|error| Fault::new(text.referenced, error.to_string()))?;
        }
        let knobs = plan.knobs;
        let dial = |name: &Spanned<String>| {
            let knob = knobs.spec(&name.value);
            let knob = knob.map_err(|error| Fault::new(name.referenced, error.to_string()));
            knob.map(|knob| knob.name)
        };
        let readouts = form.readouts.into_iter();
        Ok(Self {
            dials: form.dials.iter().map(dial).collect::<Result<_, _>>()?,
            readouts: readouts
                .map(|form| Readout::read(form, spec))
                .collect::<Result<_, _>>()?,
            id: form.id.value,
            caption: form.caption,
            seed: form.seed,
            knobs,
            script: plan.script,
            length: span(&form.length)?,
            speed: form.speed,
        })
    }

    /// The run as it is done where it can't run in place. `lab` is the one that the figure is of.
    pub fn plan(&self, lab: &'static dyn Lab) -> RunPlan {
        RunPlan {
            knobs: self.knobs.clone(),
            length: self.length,
            script: self.script.clone(),
            ..RunPlan::new(lab, self.seed)
        }
    }

    /// What differs from the lab's defaults: `fan_out=100`.
    pub fn settings(&self) -> Vec<String> {
        let turned = self.knobs.turned();
        turned
            .map(|(knob, value)| format!("{}={value}", knob.name))
            .collect()
    }

    /// What happens by itself, as a script has it: `5s:crash=1`.
    pub fn interventions(&self) -> Vec<String> {
        let written = |done: &TimedIntervention| {
            let at = format_span(done.at.into());
            format!("{at}:{}", done.what)
        };
        self.script.iter().map(written).collect()
    }
}

impl Readout {
    fn read(form: ReadoutForm, spec: &'static LabSpec) -> Result<Self, Fault> {
        let metric = metric_of(&form.metric, spec)?;
        let statistic = match &form.stat {
            Some(stat) => statistic_of(stat, metric)?,
            None => Statistic::Value,
        };
        let label = form.label;
        Ok(Self {
            label,
            metric,
            statistic,
        })
    }

    /// The number now, over the recent past; of what is rare and did not happen in it, over the whole
    /// run. None while nothing has been measured.
    pub fn now(&self, frame: &Frame) -> Option<f64> {
        let metric = frame.metric(self.metric.name)?;
        let recent = metric.recent.get(self.statistic);
        recent.or_else(|| metric.value.get(self.statistic))
    }

    /// The number over the whole run.
    pub fn whole_run(&self, frame: &Frame) -> Option<f64> {
        let metric = frame.metric(self.metric.name)?;
        metric.value.get(self.statistic)
    }

    /// As text, with the unit of the metric: `63.2 %`, `1,004 ms`.
    pub fn show(&self, frame: &Frame) -> String {
        self.as_text(self.now(frame))
    }

    /// As text, from the value that a whole run came to.
    pub fn show_value(&self, value: &MetricValue) -> String {
        self.as_text(value.get(self.statistic))
    }

    fn as_text(&self, value: Option<f64>) -> String {
        value.map_or_else(|| "–".to_owned(), |value| self.metric.unit.show(value))
    }
}

#[cfg(test)]
mod tests {
    use super::{MetricSpec, MetricValue, Readout, Statistic};
    use crate::workbench::meter::MetricKind;
    use ddlab_text::Unit;

    #[test]
    fn a_share_is_a_percentage_and_a_number_of_things_is_whole() {
        let gauge = |last| MetricValue::Gauge {
            last,
            mean: 0.8249,
            min: 0.0,
            max: 1.0,
        };
        let metric = |unit| MetricSpec {
            name: "it",
            help: "",
            kind: MetricKind::Gauge,
            unit,
            chart: 0,
        };
        let [share, count]: [&MetricSpec; 2] =
            [Unit::Share, Unit::Count].map(|unit| &*Box::leak(Box::new(metric(unit))));
        let shown = |metric, statistic, value: &MetricValue| {
            let label = String::new();
            Readout {
                label,
                metric,
                statistic,
            }
            .show_value(value)
        };
        assert_eq!(shown(share, Statistic::Value, &gauge(1.0)), "82.5 %");
        assert_eq!(shown(count, Statistic::Last, &gauge(2.0)), "2");
        assert_eq!(shown(count, Statistic::Mean, &gauge(2.0)), "0.825");
        let six = MetricValue::Counter(6.0);
        assert_eq!(shown(count, Statistic::Value, &six), "6");
    }
}
