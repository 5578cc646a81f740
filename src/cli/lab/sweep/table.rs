//! A sweep as plain text: a row a point, or every figure when there is but one.

use super::column::Column;
use super::grid::{Grid, digits, room};
use super::recipe::run_command;
use ddlab_labs::engine::time::format_span;
use ddlab_labs::workbench::frame::{MetricValue, Statistic};
use ddlab_labs::workbench::meter::MetricKind;
use ddlab_labs::workbench::sweep::total::MetricTotal;
use ddlab_labs::workbench::sweep::{Outcome, Shard, Sweep};
use ddlab_text::clean_line;
use eyre::Result;
use std::io::Write;

/// Prints what the sweep came to. Without `columns` every figure of a sweep of one point is shown.
pub(super) fn print(
    out: &mut impl Write,
    sweep: &Sweep,
    shard: Shard,
    columns: &[Column],
    every_figure: bool,
) -> Result<()> {
    heading(out, sweep, shard)?;
    match sweep.outcomes() {
        [one] if every_figure => figures(out, one)?,
        _ => rows(out, sweep, columns)?,
    }
    broken(out, sweep)?;
    failed(out, sweep)?;
    writeln!(out, "\n  digest {:016x}", sweep.digest())?;
    Ok(())
}

fn heading(out: &mut impl Write, sweep: &Sweep, shard: Shard) -> Result<()> {
    let plan = sweep.plan();
    let (base, seeds) = (plan.base(), plan.seeds());
    writeln!(
        out,
        "{} · seeds {}..{} · {} of virtual time each, metrics leave out the first {}",
        base.lab.spec().title,
        seeds.start,
        seeds.end,
        format_span(base.length.into()),
        format_span(base.warmup.into()),
    )?;
    let turned = base.knobs.turned();
    let turned: Vec<String> = turned
        .map(|(knob, value)| format!("{}={value}", knob.name))
        .collect();
    if !turned.is_empty() {
        writeln!(out, "  with {}", turned.join(" "))?;
    }
    for done in &base.script {
        writeln!(out, "  at {} {}", format_span(done.at.into()), done.what)?;
    }
    if shard != Shard::WHOLE {
        writeln!(out, "  shard {shard}")?;
    }
    if !sweep.is_complete() {
        writeln!(out, "  {} of {} runs are in", sweep.done(), plan.runs())?;
    }
    Ok(())
}

fn rows(out: &mut impl Write, sweep: &Sweep, columns: &[Column]) -> Result<()> {
    let varied = sweep
        .plan()
        .vary()
        .iter()
        .map(|varied| varied.knob.name.to_owned());
    let mut head: Vec<String> = varied.collect();
    let left = head.len();
    head.push("runs".to_owned());
    head.extend(columns.iter().map(|column| column.title()));
    head.push("invariants".to_owned());
    let mut table = vec![head];
    for (point, outcome) in sweep.outcomes().iter().enumerate() {
        let values = sweep.plan().point(point);
        let mut row: Vec<String> = values.iter().map(|(_, value)| value.to_string()).collect();
        row.push(outcome.finished().to_string());
        let cell = |column: &Column| cell(column.of(outcome), column.statistic);
        row.extend(columns.iter().map(cell));
        row.push(held(outcome));
        table.push(row);
    }
    writeln!(out)?;
    let grid = Grid {
        rows: table,
        keys: left + 1,
        right_from: left,
    };
    grid.print(out, room())?;
    legend(out, columns)
}

/// What is in a cell: the figure of all runs together, and how far the seeds lie apart.
fn cell(total: &MetricTotal, statistic: Statistic) -> String {
    let Some(spread) = total.spread(statistic).filter(|spread| spread.count() > 0) else {
        return "–".to_owned();
    };
    let show = |value: f64| match total.spec.kind {
        MetricKind::Ratio => format!("{:.2}", value * 100.0),
        _ => digits(value, 3),
    };
    let unit = if total.spec.kind == MetricKind::Ratio {
        " %"
    } else {
        ""
    };
    let centre = match total.spec.kind {
        MetricKind::Counter => spread.mean(),
        MetricKind::Histogram if statistic == Statistic::Count => spread.mean(),
        _ => total.all().get(statistic),
    };
    let Some(centre) = centre.map(show) else {
        return "–".to_owned();
    };
    if is_extreme(total.spec.kind, statistic) {
        let (low, high) = (spread.min().unwrap_or(0.0), spread.max().unwrap_or(0.0));
        return format!("{centre} ({}–{})", show(low), show(high));
    }
    match spread.confidence() {
        // All seeds agree to the digit: there is nothing to be confident of.
        Some(0.0) | None => format!("{centre}{unit}"),
        Some(within) => {
            let percent = if unit.is_empty() { 1.0 } else { 100.0 };
            format!("{centre} ±{}{unit}", digits(within * percent, 2))
        }
    }
}

/// A figure of which the mean over seeds says little: a percentile, or the least or greatest.
fn is_extreme(kind: MetricKind, statistic: Statistic) -> bool {
    use Statistic as S;
    match kind {
        MetricKind::Counter | MetricKind::Ratio => false,
        MetricKind::Gauge => matches!(statistic, S::Min | S::Max),
        MetricKind::Histogram => !matches!(statistic, S::Mean | S::Count),
    }
}

fn legend(out: &mut impl Write, columns: &[Column]) -> Result<()> {
    let (extreme, mean): (Vec<&Column>, Vec<&Column>) =
        columns.iter().partition(|column| column.is_extreme());
    writeln!(out)?;
    if !mean.is_empty() {
        writeln!(
            out,
            "  ± is the 95 % confidence of the mean over the seeds; a ratio is that of all totals"
        )?;
    }
    if !extreme.is_empty() {
        writeln!(
            out,
            "  a percentile is of all samples of all seeds, in brackets its lowest and highest in one seed"
        )?;
    }
    Ok(())
}

impl Column {
    fn is_extreme(&self) -> bool {
        is_extreme(self.kind(), self.statistic)
    }
}

/// Every figure of one point: of all runs together, then over the seeds.
fn figures(out: &mut impl Write, outcome: &Outcome) -> Result<()> {
    let heads = [
        "", "", "all runs", "mean", "± 95 %", "sd", "lowest", "highest",
    ];
    let mut table = vec![heads.map(str::to_owned).to_vec()];
    for total in &outcome.metrics {
        let all = total.all();
        for (place, (statistic, spread)) in total.spreads().enumerate() {
            let is_ratio = total.spec.kind == MetricKind::Ratio;
            let show = |value: Option<f64>| match value {
                Some(value) if is_ratio => format!("{:.2} %", value * 100.0),
                Some(value) => digits(value, 3),
                None => "–".to_owned(),
            };
            let all = match &all {
                MetricValue::Counter(sum) => Some(*sum),
                // A last value has no meaning for many runs together.
                MetricValue::Gauge { .. } if statistic == Statistic::Last => None,
                all => all.get(statistic).filter(|_| spread.count() > 0),
            };
            let metric = if place == 0 { total.spec.name } else { "" };
            let figure = match statistic {
                Statistic::Value => "",
                statistic => statistic.key(),
            };
            let figures = [
                all,
                spread.mean(),
                spread.confidence(),
                spread.deviation(),
                spread.min(),
                spread.max(),
            ];
            let mut row = vec![metric.to_owned(), figure.to_owned()];
            row.extend(figures.map(show));
            table.push(row);
        }
    }
    writeln!(out, "\n  {} runs\n", outcome.finished())?;
    let grid = Grid {
        rows: table,
        keys: 2,
        right_from: 2,
    };
    grid.print(out, room())?;
    writeln!(
        out,
        "\n  all runs: the sum of a counter, the ratio of all totals, the percentile of all samples;\n  \
         the others: over the seeds, each of which counts once"
    )?;
    Ok(())
}

fn held(outcome: &Outcome) -> String {
    let runs = outcome.finished();
    let broken = outcome.invariants.iter().filter(|it| it.broken.count > 0);
    match (runs, broken.count()) {
        (0, _) => "–".to_owned(),
        (_, 0) => "held".to_owned(),
        (_, count) => format!("{count} BROKEN"),
    }
}

fn point_prefix(sweep: &Sweep, point: usize) -> String {
    match sweep.plan().point_text(point) {
        text if text.is_empty() => text,
        text => format!("{text}: "),
    }
}

/// Each invariant that broke: in how many runs, and the commands that show the first of them.
fn broken(out: &mut impl Write, sweep: &Sweep) -> Result<()> {
    let mut held = true;
    for (point, outcome) in sweep.outcomes().iter().enumerate() {
        for invariant in outcome.invariants.iter().filter(|it| it.broken.count > 0) {
            held = false;
            writeln!(
                out,
                "\n  BROKEN  {}{} in {} of {} runs",
                point_prefix(sweep, point),
                clean_line(&invariant.name),
                invariant.broken.count,
                outcome.finished()
            )?;
            for (seed, breach) in &invariant.broken.first {
                let at = breach.at.as_secs_f64();
                let detail = clean_line(&breach.detail);
                writeln!(out, "    seed {seed} at {at:.3} s: {detail}")?;
            }
            if let Some((seed, _)) = invariant.broken.first.first() {
                let command = run_command(sweep.plan(), point, *seed);
                writeln!(out, "    to see it: {command}")?;
            }
        }
    }
    if held && sweep.done() > sweep.failed() {
        writeln!(out, "\n  every invariant held in every run")?;
    }
    Ok(())
}

/// Runs that did not come to their end.
fn failed(out: &mut impl Write, sweep: &Sweep) -> Result<()> {
    for (point, outcome) in sweep.outcomes().iter().enumerate() {
        if outcome.failed.count == 0 {
            continue;
        }
        writeln!(
            out,
            "\n  FAILED  {}{} of {} runs, which count for nothing above",
            point_prefix(sweep, point),
            outcome.failed.count,
            outcome.runs()
        )?;
        for (seed, why) in &outcome.failed.first {
            writeln!(out, "    seed {seed}: {}", clean_line(why))?;
        }
        if let Some((seed, _)) = outcome.failed.first.first() {
            let command = run_command(sweep.plan(), point, *seed);
            writeln!(out, "    to see it: {command}")?;
        }
    }
    Ok(())
}
