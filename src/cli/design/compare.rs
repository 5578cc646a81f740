//! `ddlab design compare`: two designs in the same world, figure by figure, with the price of each.

use super::aligned;
use super::file::{PriceArgs, Source};
use crate::cli::lab::limit::{SeedRange, seeds, side_by_side};
use crate::cli::lab::progress::StatusLine;
use crate::cli::lab::world::span;
use crate::cli::lab::{harmless, print};
use clap::Args;
use ddlab_design::cost::Prices;
use ddlab_design::format::require::{self, Requirement};
use ddlab_design::format::{Design, Mark};
use ddlab_design::{system, verdict};
use ddlab_labs::engine::SimTime;
use ddlab_labs::engine::time::format_span;
use ddlab_labs::workbench::headless::{self, Report};
use ddlab_labs::workbench::json::Number;
use ddlab_labs::workbench::sweep::spread::Spread;
use ddlab_text::{Unit, counted};
use eyre::Result;
use schemars::JsonSchema;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Parameters that differ which are listed, at most.
const DIFFERENCES_MAX: usize = 20;

#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The file of side A
    a: PathBuf,
    /// The file of side B
    b: PathBuf,
    /// The worlds that both meet: figures are means over these seeds
    #[arg(long, value_name = "FROM..TO", default_value = "1..4", value_parser = seeds)]
    seeds: SeedRange,
    /// The whole virtual time of a run, with the faults of the designs that begin in it
    #[arg(long = "for", default_value = "2m", value_name = "TIME", value_parser = span)]
    length: SimTime,
    /// The part at its start that figures leave out
    #[arg(long, default_value = "5s", value_name = "TIME", value_parser = span)]
    warmup: SimTime,
    #[command(flatten)]
    prices: PriceArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// # Errors
/// Why a design can't be read or run.
pub fn run(out: &mut impl Write, args: &CompareArgs) -> Result<ExitCode> {
    let prices = args.prices.table()?;
    let sources = [Source::open(&args.a)?, Source::open(&args.b)?];
    let [Some(a), Some(b)] = sources.each_ref().map(|source| source.read.design.as_ref()) else {
        let mut refused = ExitCode::FAILURE;
        for source in sources.iter().filter(|source| source.read.design.is_none()) {
            refused = source.refuse();
        }
        return Ok(refused);
    };
    let sides = [a, b];
    let reports = reports(args, sides)?;
    let figures = figures(sides);
    let rows = figures
        .iter()
        .map(|figure| Row::of(figure, sides, &reports, &prices));
    let rows: Vec<Row> = rows.collect();
    if args.json {
        print(out, &rows.iter().map(RowJson::of).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(
        out,
        "A {}\nB {}\n{}, {} each, the same world for both",
        sources[0].name,
        sources[1].name,
        counted(reports[0].len(), "seed"),
        format_span(args.length.into())
    )?;
    let heads = ["", "A", "B", "B / A"].map(str::to_owned);
    let cells = rows.iter().map(Row::cells);
    aligned(
        out,
        &std::iter::once(heads).chain(cells).collect::<Vec<_>>(),
    )?;
    differences(out, sides)?;
    Ok(ExitCode::SUCCESS)
}

/// Of each side, a report for each seed.
fn reports(args: &CompareArgs, sides: [&Design; 2]) -> Result<[Vec<Report>; 2]> {
    let mut status = StatusLine::new();
    let mut done = sides.map(|_| Vec::new());
    for (design, reports) in sides.into_iter().zip(&mut done) {
        let lab = system::lab(design).map_err(harmless)?;
        let plan = |seed| {
            let mut plan = system::plan(lab, seed, args.length);
            plan.warmup = args.warmup;
            plan
        };
        let plans: Vec<_> = args.seeds.0.clone().map(plan).collect();
        if let Some(first) = plans.first() {
            headless::check(first).map_err(harmless)?;
        }
        status.show(|| format!("{} runs, ctrl-C ends them", 2 * plans.len()));
        *reports = side_by_side(&plans).map_err(harmless)?;
    }
    Ok(done)
}

/// What is compared: the first requirement, the cost, what else is required on either side, and of each client its
/// tail and its errors.
fn figures([a, b]: [&Design; 2]) -> Vec<Requirement> {
    let required = a.require.iter().chain(&b.require).cloned();
    let usual = |design: &Design| {
        let of = |client: &str| {
            [
                format!("p99 of {client} >= 0ms"),
                format!("errors of {client} >= 0%"),
            ]
        };
        let texts = design.clients.iter().flat_map(|client| of(&client.name));
        let read = texts.filter_map(|text| require::read(&text, Mark::START, design).ok());
        read.collect::<Vec<_>>()
    };
    let price = require::read("cost >= 0", Mark::START, a).ok();
    let mut all: Vec<Requirement> = Vec::new();
    for figure in required.chain(usual(a)).chain(usual(b)) {
        let known = |one: &Requirement| one.subject() == figure.subject();
        if !all.iter().any(known) {
            all.push(figure);
        }
    }
    let cost = all.iter().position(|one| one.metric.is_empty());
    let cost = cost.map(|place| all.remove(place)).or(price);
    let second = all.len().min(1);
    all.splice(second..second, cost);
    all
}

/// One figure of both sides.
struct Row {
    /// `p99 of buyers`.
    name: String,
    unit: Unit,
    /// Means over the seeds, and whether the side's own requirement is met at each of them.
    sides: [(Option<f64>, Option<bool>); 2],
}

impl Row {
    fn of(
        figure: &Requirement,
        sides: [&Design; 2],
        reports: &[Vec<Report>; 2],
        prices: &Prices,
    ) -> Self {
        let side = |nth: usize| {
            let design = sides[nth];
            let own = design
                .require
                .iter()
                .find(|own| own.subject() == figure.subject());
            let mut spread = Spread::default();
            let mut met = own.map(|_| true);
            for report in &reports[nth] {
                let value = verdict::measured(figure, design, report, prices);
                if let Some(value) = value {
                    spread.add(value);
                }
                if let (Some(own), Some(met)) = (own, &mut met) {
                    *met &= value.is_some_and(|value| own.is_met(value));
                }
            }
            (spread.mean(), met)
        };
        Self {
            name: figure.subject(),
            unit: figure.figure.unit,
            sides: [side(0), side(1)],
        }
    }

    fn ratio(&self) -> Option<f64> {
        let [(a, _), (b, _)] = self.sides;
        ddlab_labs::workbench::compare::ratio(a, b)
    }

    fn cells(&self) -> [String; 4] {
        let side = |(value, met): (Option<f64>, Option<bool>)| {
            let value = value.map_or_else(|| "–".to_owned(), |value| self.unit.show(value));
            let word = match met {
                Some(true) => " met   ",
                Some(false) => " MISSED",
                None => "       ",
            };
            value + word
        };
        let [a, b] = self.sides.map(side);
        let ratio = self
            .ratio()
            .map_or_else(|| "–".to_owned(), |ratio| Unit::Times.show(ratio));
        [self.name.clone(), a, b, ratio]
    }
}

/// What sets the designs apart: parts that only one has, and parameters that both have with other values.
fn differences(out: &mut impl Write, sides: [&Design; 2]) -> Result<()> {
    let labs = [
        system::lab(sides[0]).map_err(harmless)?,
        system::lab(sides[1]).map_err(harmless)?,
    ];
    let knobs = labs.map(|lab| {
        use ddlab_labs::workbench::lab::Lab as _;
        &lab.spec().knobs
    });
    let mut lines = Vec::new();
    for (side, own, other) in [("A", sides[0], sides[1]), ("B", sides[1], sides[0])] {
        let others = other.names();
        let alone: Vec<&str> = own
            .names()
            .into_iter()
            .filter(|name| !others.contains(name))
            .collect();
        if !alone.is_empty() {
            lines.push(format!("only {side} has {}", alone.join(", ")));
        }
    }
    for knob in knobs[0] {
        let twin = knobs[1]
            .iter()
            .find(|twin| twin.name == knob.name && twin.default != knob.default);
        if let Some(twin) = twin {
            lines.push(format!(
                "{}: {} in A, {} in B",
                knob.name,
                knob.human(&knob.default),
                twin.human(&twin.default)
            ));
        }
    }
    if lines.is_empty() {
        lines.push("the designs do not differ in any parameter".to_owned());
    }
    writeln!(out)?;
    for line in lines.iter().take(DIFFERENCES_MAX) {
        writeln!(out, "  {line}")?;
    }
    if let Some(more) = lines
        .len()
        .checked_sub(DIFFERENCES_MAX)
        .filter(|more| *more > 0)
    {
        writeln!(out, "  and {} more", counted(more, "difference"))?;
    }
    Ok(())
}

/// A figure of `design compare --json`, the headline first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RowJson {
    figure: String,
    /// Of both values.
    unit: &'static str,
    /// Means over the seeds; null where nothing was measured.
    a: Option<Number>,
    b: Option<Number>,
    /// Whether a side's own requirement is met at each seed; null where it has none.
    a_met: Option<bool>,
    b_met: Option<bool>,
}

impl RowJson {
    fn of(row: &Row) -> Self {
        let [(a, a_met), (b, b_met)] = row.sides;
        Self {
            figure: row.name.clone(),
            unit: row.unit.key(),
            a: a.map(Number),
            b: b.map(Number),
            a_met,
            b_met,
        }
    }
}
