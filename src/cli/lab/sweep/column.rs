//! What of a sweep is shown as columns: `latency_ms.p99`, or the lab's charted metrics.

use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::meter::{MetricKind, MetricSpec};
use ddlab_labs::workbench::sweep::Outcome;
use ddlab_labs::workbench::sweep::total::MetricTotal;
use ddlab_text::suggestion;
use eyre::{Result, eyre};

/// One figure of one metric.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    spec: &'static MetricSpec,
    /// Its place in the lab's table.
    metric: usize,
    pub statistic: Statistic,
}

impl Column {
    /// What `--metric` asks for; without any the metrics that the lab's screen charts, in their order.
    pub fn chosen(spec: &'static LabSpec, asked: &[String]) -> Result<Vec<Self>> {
        if !asked.is_empty() {
            return asked.iter().map(|text| Self::parse(spec, text)).collect();
        }
        let metrics = spec.metrics.iter().enumerate();
        let mut charted: Vec<_> = metrics.filter(|(_, metric)| metric.chart > 0).collect();
        charted.sort_by_key(|(_, metric)| metric.chart);
        let column = |(metric, spec): (usize, &'static MetricSpec)| Self {
            spec,
            metric,
            statistic: usual(spec.kind),
        };
        Ok(charted.into_iter().map(column).collect())
    }

    /// Reads `NAME.FIGURE`, or `NAME` for its usual figure.
    fn parse(spec: &'static LabSpec, text: &str) -> Result<Self> {
        let (wanted, figure) = match text.trim().split_once('.') {
            Some((metric, figure)) => (metric, Some(figure)),
            None => (text.trim(), None),
        };
        let found = spec.metrics.iter().position(|metric| metric.name == wanted);
        let metric = found.ok_or_else(|| {
            let names: Vec<&str> = spec.metrics.iter().map(|metric| metric.name).collect();
            let nearest = suggestion(wanted, &names);
            super::super::harmless(format!(
                "there is no metric `{}`; {nearest}",
                ddlab_text::given(wanted)
            ))
        })?;
        let spec = &spec.metrics[metric];
        let statistic = match figure {
            None => usual(spec.kind),
            Some(figure) => {
                let known = spec.kind.statistics();
                let found = known.iter().find(|statistic| statistic.key() == figure);
                *found.ok_or_else(|| {
                    let names: Vec<&str> = known.iter().map(|it| it.key()).collect();
                    let text = clean(figure);
                    eyre!(
                        "`{}` has no figure `{text}`; there are: {}",
                        spec.name,
                        names.join(", ")
                    )
                })?
            }
        };
        Ok(Self {
            spec,
            metric,
            statistic,
        })
    }

    pub fn kind(self) -> MetricKind {
        self.spec.kind
    }

    pub fn of(self, outcome: &Outcome) -> &MetricTotal {
        &outcome.metrics[self.metric]
    }

    /// `latency_ms.p99`; the one figure of a counter or a ratio goes without saying.
    pub fn title(self) -> String {
        match self.statistic {
            Statistic::Value => self.spec.name.to_owned(),
            statistic => format!("{}.{}", self.spec.name, statistic.key()),
        }
    }
}

fn clean(text: &str) -> String {
    ddlab_text::clean_line(text).into_owned()
}

/// What one looks at first.
fn usual(kind: MetricKind) -> Statistic {
    match kind {
        MetricKind::Counter | MetricKind::Ratio => Statistic::Value,
        MetricKind::Gauge => Statistic::Mean,
        MetricKind::Histogram => Statistic::P99,
    }
}
