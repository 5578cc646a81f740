//! Two runs as plain text: a row a figure, both sides, and B as a multiple of A.

use super::compare::{alone, knobs_apart};
use super::over_seeds::RatiosOverSeeds;
use super::table::{heading, held};
use ddlab_labs::engine::time::format_span;
use ddlab_labs::workbench::compare::{figures, ratio};
use ddlab_labs::workbench::frame::MetricValue;
use ddlab_labs::workbench::headless::{Compared, Report};
use ddlab_labs::workbench::sweep::spread::Spread;
use ddlab_text::{Unit, figure, grouped, percent};
use eyre::Result;
use std::io::Write;

pub fn compared(
    out: &mut impl Write,
    compared: &Compared,
    over_seeds: Option<&RatiosOverSeeds>,
) -> Result<()> {
    heading(out, &compared.a.record.plan)?;
    differences(out, compared)?;
    rows(out, compared, over_seeds)?;
    for (name, report) in [("A", &compared.a), ("B", &compared.b)] {
        writeln!(out)?;
        for invariant in &report.invariants {
            write!(out, "  {name}")?;
            held(out, invariant)?;
        }
    }
    writeln!(
        out,
        "\n  digest  A {:016x}  B {:016x}",
        compared.a.digest(),
        compared.b.digest()
    )?;
    Ok(())
}

/// What sets the sides apart, side by side.
fn differences(out: &mut impl Write, compared: &Compared) -> Result<()> {
    let knobs = knobs_apart(compared);
    let sides = [
        ("A", &compared.a, &compared.b),
        ("B", &compared.b, &compared.a),
    ];
    for (n, (side, report, other)) in sides.into_iter().enumerate() {
        let knobs = knobs
            .iter()
            .map(|(name, a, b)| format!("{name}={}", [a, b][n]));
        let done = alone(report, other);
        let done = done
            .iter()
            .map(|done| format!("at {} {}", format_span(done.at.into()), done.what));
        let parts: Vec<String> = knobs.chain(done).collect();
        let text = if parts.is_empty() {
            "as above".to_owned()
        } else {
            parts.join(" ")
        };
        writeln!(out, "  {side}  {text}")?;
    }
    Ok(())
}

fn rows(
    out: &mut impl Write,
    compared: &Compared,
    over_seeds: Option<&RatiosOverSeeds>,
) -> Result<()> {
    let name = width(&compared.a);
    let seeds = over_seeds.map_or_else(String::new, |spreads| {
        let seeds = spreads.metrics().flat_map(|(_, figures)| figures);
        let seeds = seeds.map(|(_, spread)| spread.count()).max();
        format!(
            "   B / A over {} seeds: mean, least to most",
            seeds.unwrap_or(0)
        )
    });
    writeln!(
        out,
        "\n  {:name$}        {:>9} {:>9} {:>8}{seeds}",
        "", "A", "B", "B / A"
    )?;
    for ((spec, a), (_, b)) in compared.a.metrics.iter().zip(&compared.b.metrics) {
        let mut head = spec.name;
        for ((figure, of_a), (_, of_b)) in figures(a).into_iter().zip(figures(b)) {
            let spread = over_seeds.and_then(|spreads| spreads.of(spec.name, figure));
            let figure = match figure {
                "value" => "",
                "p999" => "p99.9",
                other => other,
            };
            writeln!(
                out,
                "  {head:name$} {figure:6} {:>9} {:>9} {:>8}{}",
                number(a, figure, of_a),
                number(b, figure, of_b),
                times(ratio(of_a, of_b)),
                spread.map_or_else(String::new, over),
            )?;
            head = "";
        }
    }
    Ok(())
}

fn width(report: &Report) -> usize {
    let names = report.metrics.iter().map(|(spec, _)| spec.name.len());
    names.max().unwrap_or(0)
}

/// As a run alone would print it.
fn number(metric: &MetricValue, statistic: &str, value: Option<f64>) -> String {
    match (metric, value) {
        (_, None) => "–".to_owned(),
        (MetricValue::Counter(_), Some(total)) => grouped(total as i64),
        (MetricValue::Ratio(_), Some(share)) => percent(share),
        (MetricValue::Histogram(_), Some(count)) if statistic == "count" => grouped(count as i64),
        (_, Some(value)) => figure(value),
    }
}

/// `   0.13x ±0.01  0.11x to 0.15x`; the `±` is the 95 % confidence of the mean over the seeds.
fn over(spread: &Spread) -> String {
    let (Some(mean), Some(least), Some(most)) = (spread.mean(), spread.min(), spread.max()) else {
        return String::new();
    };
    let within = spread
        .confidence()
        .map_or_else(String::new, |within| format!(" ±{}", figure(within)));
    let [mean, least, most] = [mean, least, most].map(|ratio| times(Some(ratio)));
    format!("   {mean}{within}, {least} to {most}")
}

fn times(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "–".to_owned(), |ratio| Unit::Times.show(ratio))
}
