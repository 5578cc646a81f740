//! Labs and runs as plain text: columns that align, units, no colour.

use ddlab_labs::engine::time::format_span;
use ddlab_labs::workbench::frame::{HistogramView, InvariantView, MetricValue};
use ddlab_labs::workbench::headless::Report;
use ddlab_labs::workbench::intervention::Intervention;
use ddlab_labs::workbench::lab::{Lab, LabSpec};
use ddlab_labs::workbench::meter::MetricSpec;
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_text::{figure, grouped};
use eyre::Result;
use std::io::Write;

pub fn list(out: &mut impl Write, labs: &[&dyn Lab]) -> Result<()> {
    let width = labs
        .iter()
        .map(|lab| lab.spec().id.len())
        .max()
        .unwrap_or(0);
    for lab in labs {
        let spec = lab.spec();
        writeln!(
            out,
            "{:width$}  chapter {:>2}  {}",
            spec.id, spec.chapter, spec.promise
        )?;
    }
    Ok(())
}

pub fn spec(out: &mut impl Write, spec: &LabSpec) -> Result<()> {
    writeln!(
        out,
        "{} · chapter {}\n{}",
        spec.title, spec.chapter, spec.promise
    )?;

    writeln!(
        out,
        "\nKnobs (--set NAME=VALUE; those marked * only at the start of a run)"
    )?;
    let rows = spec.knobs.iter().map(|knob| {
        let star = if knob.needs_restart { "*" } else { "" };
        let unit = knob.unit();
        let unit = if unit.is_empty() {
            String::new()
        } else {
            format!(" {unit}")
        };
        [
            format!("{}{star}", knob.name),
            format!("{}{unit}", knob.default),
            knob.range(),
        ]
    });
    let helps = spec.knobs.iter().map(|knob| knob.help);
    with_help(out, &rows.collect::<Vec<_>>(), helps)?;

    writeln!(out, "\nActions (--at TIME:NAME=ARGUMENT)")?;
    let rows = spec.actions.iter().map(|action| {
        let form = action.form();
        [
            form.trim_matches('`').to_owned(),
            action.help.to_owned(),
            String::new(),
        ]
    });
    columns(out, &rows.collect::<Vec<_>>())?;

    writeln!(out, "\nMetrics")?;
    let rows = spec
        .metrics
        .iter()
        .map(|m| [m.name.to_owned(), m.help.to_owned(), String::new()]);
    columns(out, &rows.collect::<Vec<_>>())?;

    if !spec.endpoints.is_empty() {
        writeln!(out, "\nRequests from outside (ddlab lab serve {})", spec.id)?;
        let rows = spec.endpoints.iter().map(|endpoint| {
            let none = String::new();
            [endpoint.form(), endpoint.help.to_owned(), none]
        });
        columns(out, &rows.collect::<Vec<_>>())?;
    }

    writeln!(out, "\nFigures")?;
    let figures = &ddlab_labs::guides(spec.id).figures;
    let rows = figures
        .iter()
        .map(|figure| [figure.id.clone(), figure.caption.clone(), String::new()]);
    columns(out, &rows.collect::<Vec<_>>())?;
    guides(out, spec)
}

fn guides(out: &mut impl Write, spec: &LabSpec) -> Result<()> {
    let guides = ddlab_labs::guides(spec.id);
    let row = |id: &str, summary: &str, minutes: u32| {
        [id.to_owned(), summary.to_owned(), format!("{minutes} min")]
    };
    if !guides.experiments.is_empty() {
        writeln!(out, "\nExperiments (ddlab lab experiment {}/ID)", spec.id)?;
        let all = guides.experiments.iter();
        let rows = all.map(|one| row(&one.id, &one.summary, one.minutes));
        columns(out, &rows.collect::<Vec<_>>())?;
    }
    if !guides.challenges.is_empty() {
        writeln!(out, "\nChallenges (ddlab lab challenge {}/ID)", spec.id)?;
        let all = guides.challenges.iter();
        let rows = all.map(|one| row(&one.id, &one.summary, one.minutes));
        columns(out, &rows.collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Rows with a line of help below each.
fn with_help<'a>(
    out: &mut impl Write,
    rows: &[[String; 3]],
    helps: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let widths = widths(rows);
    for (row, help) in rows.iter().zip(helps) {
        line(out, row, widths)?;
        writeln!(out, "  {:indent$}  {help}", "", indent = widths[0])?;
    }
    Ok(())
}

fn columns(out: &mut impl Write, rows: &[[String; 3]]) -> Result<()> {
    let widths = widths(rows);
    rows.iter().try_for_each(|row| line(out, row, widths))
}

fn widths(rows: &[[String; 3]]) -> [usize; 2] {
    [0, 1].map(|column| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    })
}

fn line(out: &mut impl Write, row: &[String; 3], [first, second]: [usize; 2]) -> Result<()> {
    let text = format!("  {:first$}  {:second$}  {}", row[0], row[1], row[2]);
    writeln!(out, "{}", text.trim_end())?;
    Ok(())
}

pub fn report(out: &mut impl Write, report: &Report) -> Result<()> {
    heading(out, &report.record.plan)?;
    histograms(out, &report.metrics)?;
    gauges(out, &report.metrics)?;
    totals(out, &report.metrics)?;
    writeln!(out)?;
    for invariant in &report.invariants {
        held(out, invariant)?;
    }
    writeln!(out, "\n  digest {:016x}", report.digest())?;
    Ok(())
}

/// What a run is: the lab, the seed, how long, and what was set and done.
pub fn heading(out: &mut impl Write, plan: &RunPlan) -> Result<()> {
    heading_of(out, plan, ToString::to_string)
}

/// The same; what was done is said by `say`.
pub fn heading_of(
    out: &mut impl Write,
    plan: &RunPlan,
    say: impl Fn(&Intervention) -> String,
) -> Result<()> {
    let spec = plan.lab.spec();
    let (length, warmup) = (
        format_span(plan.length.into()),
        format_span(plan.warmup.into()),
    );
    writeln!(
        out,
        "{} · seed {} · {length} of virtual time, metrics leave out the first {warmup}",
        spec.title, plan.seed
    )?;
    let turned: Vec<String> = plan
        .knobs
        .turned()
        .map(|(spec, value)| format!("{}={value}", spec.name))
        .collect();
    if !turned.is_empty() {
        writeln!(out, "  with {}", turned.join(" "))?;
    }
    for done in &plan.script {
        writeln!(
            out,
            "  at {} {}",
            format_span(done.at.into()),
            say(&done.what)
        )?;
    }
    Ok(())
}

/// The width of the widest name, so that all tables of a report align.
fn name_width(metrics: &[(&MetricSpec, MetricValue)]) -> usize {
    metrics
        .iter()
        .map(|(spec, _)| spec.name.len())
        .max()
        .unwrap_or(0)
}

fn histograms(out: &mut impl Write, metrics: &[(&'static MetricSpec, MetricValue)]) -> Result<()> {
    let name = name_width(metrics);
    let heads = ["count", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"];
    write!(out, "\n  {:name$}", "")?;
    for head in heads {
        write!(out, " {head:>9}")?;
    }
    writeln!(out)?;
    for (spec, value) in metrics {
        if let MetricValue::Histogram(view) = value {
            let count = grouped(view.count as i64);
            write!(out, "  {:name$} {count:>9}", spec.name)?;
            for value in figures(view) {
                let text = match view.count {
                    0 => "–".to_owned(),
                    _ => figure(value),
                };
                write!(out, " {text:>9}")?;
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

fn figures(view: &HistogramView) -> [f64; 7] {
    [
        view.mean, view.p50, view.p90, view.p95, view.p99, view.p999, view.max,
    ]
}

fn gauges(out: &mut impl Write, metrics: &[(&'static MetricSpec, MetricValue)]) -> Result<()> {
    let name = name_width(metrics);
    writeln!(
        out,
        "\n  {:name$} {:>9} {:>9} {:>9} {:>9}",
        "", "last", "mean", "min", "max"
    )?;
    for (spec, value) in metrics {
        if let MetricValue::Gauge {
            last,
            mean,
            min,
            max,
        } = value
        {
            write!(out, "  {:name$}", spec.name)?;
            for value in [last, mean, min, max] {
                write!(out, " {:>9}", figure(*value))?;
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

fn totals(out: &mut impl Write, metrics: &[(&'static MetricSpec, MetricValue)]) -> Result<()> {
    let name = name_width(metrics);
    writeln!(out)?;
    for (spec, value) in metrics {
        let text = match value {
            MetricValue::Counter(total) => grouped(*total as i64),
            MetricValue::Ratio(Some(ratio)) => spec.unit.show(*ratio),
            MetricValue::Ratio(None) => "–".to_owned(),
            MetricValue::Gauge { .. } | MetricValue::Histogram(_) => continue,
        };
        writeln!(out, "  {:name$} {text:>9}", spec.name)?;
    }
    Ok(())
}

pub fn held(out: &mut impl Write, invariant: &InvariantView) -> Result<()> {
    match invariant.first_broken_at {
        None => writeln!(out, "  held    {} ({})", invariant.name, invariant.detail)?,
        Some(at) => {
            let at = at.as_secs_f64();
            writeln!(
                out,
                "  BROKEN  {} at {at:.3} s: {}",
                invariant.name, invariant.detail
            )?;
        }
    }
    Ok(())
}
