//! What a run says of the requirements of its design.

use crate::cost::{self, Prices};
use crate::format::require::Of;
use crate::format::{Design, Requirement};
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::headless::Report;
use ddlab_text::{Unit, figure};

/// A requirement at the end of a run.
#[derive(Debug, Clone)]
pub struct Verdict<'a> {
    pub requirement: &'a Requirement,
    /// None where nothing was measured: that meets nothing.
    pub figure: Option<f64>,
    pub met: bool,
}

/// What a run measured of what a requirement bounds; of the cost, what the design comes to by these prices.
pub fn measured(
    requirement: &Requirement,
    design: &Design,
    report: &Report,
    prices: &Prices,
) -> Option<f64> {
    let figure = if requirement.figure.of == Of::Design {
        Some(cost::total(design, prices))
    } else {
        let metric = report.metric(&requirement.metric);
        metric.and_then(|value| value.get(requirement.figure.statistic))
    };
    figure.filter(|figure| figure.is_finite())
}

/// Each requirement with what the run measured, in the order of the file.
pub fn verdicts<'a>(design: &'a Design, report: &Report, prices: &Prices) -> Vec<Verdict<'a>> {
    let verdict = |requirement: &'a Requirement| {
        let figure = measured(requirement, design, report, prices);
        Verdict {
            requirement,
            figure,
            met: figure.is_some_and(|figure| requirement.is_met(figure)),
        }
    };
    design.require.iter().map(verdict).collect()
}

/// What a run was for each client and component: a line of heads, then a line for each part.
///
/// Errors and waste are shares; busy is the mean of slots in use, line the most that waited.
pub fn parts(design: &Design, report: &Report) -> Vec<[String; 9]> {
    let heads = [
        "", "rps", "errors", "p50", "p99", "busy", "line", "retries", "wasted",
    ];
    let clients = design.clients.iter().map(|client| &client.name);
    let components = design.components.iter().map(|component| &component.name);
    let rows = clients.chain(components).map(|name| part(name, report));
    std::iter::once(heads.map(str::to_owned))
        .chain(rows)
        .collect()
}

fn part(name: &str, report: &Report) -> [String; 9] {
    let plan = &report.record.plan;
    let seconds = plan.length.since(plan.warmup).as_secs_f64();
    let get = |metric: &str, statistic| {
        let value = report.metric(&format!("{name}_{metric}"));
        let figure = value.and_then(|value| value.get(statistic));
        figure.filter(|figure| figure.is_finite())
    };
    let show = |metric: &str, statistic, unit: Unit| {
        get(metric, statistic).map_or_else(|| "–".to_owned(), |value| unit.show(value))
    };
    let requests = get("requests_total", Statistic::Value).unwrap_or_default();
    [
        name.to_owned(),
        figure(requests / seconds),
        show("error_ratio", Statistic::Value, Unit::Share),
        show("latency_ms", Statistic::P50, Unit::Milliseconds),
        show("latency_ms", Statistic::P99, Unit::Milliseconds),
        show("utilization", Statistic::Mean, Unit::Share),
        show("queue_depth", Statistic::Max, Unit::Count),
        show("retries_total", Statistic::Value, Unit::Count),
        show("wasted_ratio", Statistic::Value, Unit::Share),
    ]
}
