//! A named measurement of a run, and what measurements came to.

use super::Fault;
use super::form::{MeasureForm, MeasuresForm};
use crate::engine::SimTime;
use crate::engine::time::parse_span;
use crate::workbench::frame::Statistic;
use crate::workbench::lab::LabSpec;
use crate::workbench::meter::MetricSpec;
use ddlab_text::Unit;
use ddlab_text::suggestion;
use serde_yaml::{Location, Spanned};
use std::collections::BTreeMap;

/// What was measured, by the measurement's name.
pub type Readings = BTreeMap<String, f64>;

#[derive(Debug, Clone)]
pub struct Measure {
    pub name: String,
    /// What it is called on a board.
    pub label: String,
    pub unit: Unit,
    pub source: Source,
}

/// Where a measurement comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A figure of a metric, over a stretch of a run.
    Metric {
        /// The id of the run; empty in a challenge, which has but one.
        run: String,
        metric: &'static MetricSpec,
        statistic: Statistic,
        /// Instead of the whole stretch of the run's step.
        over: Option<(SimTime, SimTime)>,
    },
    /// 1 if the invariant broke in the run, 0 if it held.
    Broken { run: String, invariant: String },
    /// The first divided by the second.
    Ratio(String, String),
    /// The first without the second.
    Difference(String, String),
}

impl Measure {
    /// Reads the measurements of an experiment or a challenge; `runs` are the ids that there are.
    pub(crate) fn read_all(
        forms: &MeasuresForm,
        runs: &[&str],
        spec: &'static LabSpec,
    ) -> Result<Vec<Self>, Fault> {
        let mut measures: Vec<Self> = Vec::new();
        let direct = |form: &MeasureForm| {
            form.ratio.is_none() && form.share.is_none() && form.difference.is_none()
        };
        for (name, form) in forms.iter().filter(|(_, form)| direct(&form.value)) {
            measures.push(Self::read_direct(name, form, runs, spec)?);
        }
        for (name, form) in forms.iter().filter(|(_, form)| !direct(&form.value)) {
            measures.push(Self::read_derived(name, form, &measures)?);
        }
        Ok(measures)
    }

    fn read_direct(
        name: &str,
        form: &Spanned<MeasureForm>,
        runs: &[&str],
        spec: &'static LabSpec,
    ) -> Result<Self, Fault> {
        let place = form.referenced;
        let form = &form.value;
        let run = match (&form.run, runs) {
            (Some(run), _) if runs.contains(&run.value.as_str()) => run.value.clone(),
            (Some(run), _) => return Err(unknown("run", run, runs)),
            (None, [only]) => (*only).to_owned(),
            (None, _) => {
                return Err(Fault::new(
                    place,
                    format!("`{name}` does not say of which `run`"),
                ));
            }
        };
        if let Some(invariant) = &form.broken {
            return Ok(Self {
                name: name.to_owned(),
                label: form
                    .label
                    .clone()
                    .unwrap_or_else(|| invariant.value.clone()),
                unit: Unit::Count,
                source: Source::Broken {
                    run,
                    invariant: invariant.value.clone(),
                },
            });
        }
        let Some(metric) = &form.metric else {
            let what = format!(
                "`{name}` needs a `metric`, a `broken`, a `ratio`, a `share` or a `difference`"
            );
            return Err(Fault::new(place, what));
        };
        let metric = metric_of(metric, spec)?;
        let (statistic, word) = match &form.stat {
            Some(stat) => (statistic_of(stat, metric)?, stat.value.as_str()),
            None => (Statistic::Value, ""),
        };
        let over = match &form.over {
            Some([from, to]) => Some(stretch(from, to)?),
            None => None,
        };
        let label = format!("{} {word}", metric.name.replace('_', " "));
        Ok(Self {
            name: name.to_owned(),
            label: form
                .label
                .clone()
                .unwrap_or_else(|| label.trim().to_owned()),
            unit: match statistic {
                Statistic::Count => Unit::Count,
                _ => metric.unit,
            },
            source: Source::Metric {
                run,
                metric,
                statistic,
                over,
            },
        })
    }

    fn read_derived(
        name: &str,
        form: &Spanned<MeasureForm>,
        others: &[Self],
    ) -> Result<Self, Fault> {
        let place = form.referenced;
        let form = &form.value;
        let find = |name: &Spanned<String>| find(others, name);
        let (unit, label, source) = match (&form.ratio, &form.share, &form.difference) {
            (Some([one, other]), None, None) | (None, Some([one, other]), None) => {
                let (one, other) = (find(one)?, find(other)?);
                let label = format!("{} / {}", one.label, other.label);
                let source = Source::Ratio(one.name.clone(), other.name.clone());
                let unit = match form.ratio {
                    Some(_) => Unit::Times,
                    None => Unit::Share,
                };
                (unit, label, source)
            }
            (None, None, Some([one, other])) => {
                let (one, other) = (find(one)?, find(other)?);
                let label = format!("{} − {}", one.label, other.label);
                let source = Source::Difference(one.name.clone(), other.name.clone());
                (one.unit, label, source)
            }
            _ => return Err(Fault::new(place, format!("`{name}` is two things at once"))),
        };
        if form.metric.is_some() || form.run.is_some() {
            return Err(Fault::new(place, format!("`{name}` is two things at once")));
        }
        Ok(Self {
            name: name.to_owned(),
            label: form.label.clone().unwrap_or(label),
            unit,
            source,
        })
    }

    /// The value, when it follows from other measurements that are known.
    pub fn derive(&self, known: &Readings) -> Option<f64> {
        match &self.source {
            Source::Ratio(one, other) => {
                let divisor = *known.get(other)?;
                (divisor != 0.0).then_some(known.get(one)? / divisor)
            }
            Source::Difference(one, other) => Some(known.get(one)? - known.get(other)?),
            Source::Metric { .. } | Source::Broken { .. } => None,
        }
    }

    /// As a person reads it, with its unit.
    pub fn show(&self, value: f64) -> String {
        self.unit.show(value)
    }
}

/// Adds what follows from what is known.
pub fn derive_all(measures: &[Measure], known: &mut Readings) {
    for measure in measures {
        if let Some(value) = measure.derive(known) {
            known.insert(measure.name.clone(), value);
        }
    }
}

/// The measurement of this name, or what is wrong.
pub(crate) fn find<'a>(
    measures: &'a [Measure],
    name: &Spanned<String>,
) -> Result<&'a Measure, Fault> {
    let found = measures.iter().find(|measure| measure.name == name.value);
    found.ok_or_else(|| {
        let names: Vec<&str> = measures
            .iter()
            .map(|measure| measure.name.as_str())
            .collect();
        unknown("measurement", name, &names)
    })
}

pub(crate) fn unknown(what: &str, name: &Spanned<String>, names: &[&str]) -> Fault {
    let text = &name.value;
    let nearest = suggestion(text, names);
    Fault::new(
        name.referenced,
        format!("there is no {what} `{text}`; {nearest}"),
    )
}

pub(crate) fn metric_of(
    name: &Spanned<String>,
    spec: &'static LabSpec,
) -> Result<&'static MetricSpec, Fault> {
    let found = spec.metrics.iter().find(|metric| metric.name == name.value);
    found.ok_or_else(|| {
        let names: Vec<&str> = spec.metrics.iter().map(|metric| metric.name).collect();
        unknown("metric", name, &names)
    })
}

pub(crate) fn statistic_of(
    stat: &Spanned<String>,
    metric: &MetricSpec,
) -> Result<Statistic, Fault> {
    let known = metric.kind.statistics();
    let found = known.iter().find(|known| known.key() == stat.value);
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|known| known.key()).collect();
        unknown(&format!("statistic of `{}`", metric.name), stat, &names)
    })
}

pub(crate) fn span(text: &Spanned<String>) -> Result<SimTime, Fault> {
    time(&text.value, text.referenced)
}

pub(crate) fn time(text: &str, place: Location) -> Result<SimTime, Fault> {
    parse_span(text)
        .map(SimTime::from)
        .map_err(|error| Fault::new(place, error.to_string()))
}

fn stretch(from: &Spanned<String>, to: &Spanned<String>) -> Result<(SimTime, SimTime), Fault> {
    let (start, end) = (span(from)?, span(to)?);
    if start >= end {
        let what = format!(
            "from {} to {} is not a span of time: the second must be later",
            from.value, to.value
        );
        return Err(Fault::new(from.referenced, what));
    }
    Ok((start, end))
}
