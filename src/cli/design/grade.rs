//! `ddlab design grade`: a design in the world of a brief, over seeds, and what an interviewer would ask next.

use super::aligned;
use super::file::{PriceArgs, Source};
use crate::cli::keeper::Keeper;
use crate::cli::lab::limit::{SeedRange, seeds, side_by_side};
use crate::cli::lab::progress::StatusLine;
use crate::cli::lab::{harmless, print};
use crate::cli::{self, Global, aside, status};
use crate::{designs, regular};
use clap::Args;
use ddlab_design::brief::grade::{Candidate, Grade, Row, SEEDS};
use ddlab_design::brief::{self, Brief};
use ddlab_design::format::require::Of;
use ddlab_design::format::yaml::BYTES_MAX;
use ddlab_design::{system, why};
use ddlab_labs::engine::SimTime;
use ddlab_labs::engine::time::format_span;
use ddlab_labs::workbench::json::Number;
use ddlab_labs::workbench::limit::{LimitPlan, Objective};
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_text::{clock, counted, figure};
use eyre::{Result, eyre};
use schemars::JsonSchema;
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The runs of a search for the limit.
const LIMIT_SEEDS: [u64; 3] = [1, 2, 3];
const LIMIT_LENGTH: SimTime = SimTime::from_secs(20);
const LIMIT_WARMUP: SimTime = SimTime::from_secs(5);

#[derive(Debug, Args)]
pub struct GradeArgs {
    /// The brief, as `ddlab design briefs` names it, or the file of one
    brief: String,
    /// A design, a file of YAML
    file: PathBuf,
    /// The seeds of the runs; a requirement must hold in each
    #[arg(long, value_name = "FROM..TO", default_value_t = SeedRange(SEEDS), value_parser = seeds)]
    seeds: SeedRange,
    /// Also search the load that the design takes without faults
    #[arg(long)]
    limit: bool,
    #[command(flatten)]
    prices: PriceArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The brief of this name, or that of a file; else what is wrong with the file was said, and this is the exit status.
///
/// # Errors
/// A sentence that names the nearest, or why the file can't be read.
pub fn brief(id: &str) -> Result<Result<&'static Brief, ExitCode>> {
    if !designs::is_file(id) {
        let found = brief::find(id).map_err(|error| {
            eyre!("{error}; `ddlab design briefs` lists them, and the name of a brief's file ends in .yaml")
        });
        return found.map(Ok);
    }
    let bytes = regular::read(Path::new(id), BYTES_MAX as u64)
        .map_err(|error| eyre!("can't read the brief {id}: {error}"))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| eyre!("the brief {id} is not text in UTF-8; save it as UTF-8"))?;
    Ok(match brief::read(&text) {
        // It is there for as long as the program runs, like those that come with it.
        Ok(brief) => Ok(Box::leak(Box::new(brief))),
        Err(problems) => {
            for problem in problems {
                aside(format!("{id}:{problem}"));
            }
            Err(ExitCode::from(cli::USAGE))
        }
    })
}

/// # Errors
/// Why the design can't be read or run.
pub fn run(out: &mut impl Write, args: &GradeArgs, global: &Global) -> Result<ExitCode> {
    let brief = match brief(&args.brief)? {
        Ok(brief) => brief,
        Err(refused) => return Ok(refused),
    };
    let prices = args.prices.table()?;
    let source = Source::open(&args.file)?;
    let Some(design) = &source.read.design else {
        return Ok(source.refuse());
    };
    let seeds: Vec<u64> = args.seeds.0.clone().collect();
    let candidate = match Candidate::new(brief, design, seeds.clone()) {
        Ok(candidate) => candidate,
        Err(problems) => {
            for problem in problems {
                aside(format!("{}:{problem}", source.name));
            }
            return Ok(ExitCode::from(cli::USAGE));
        }
    };
    let [whole, grown, alone] = [candidate.whole(), candidate.grown(), candidate.alone()];
    let mut status_line = StatusLine::new();
    let runs = whole.len() + grown.len() + alone.len();
    status_line.show(|| format!("{runs} runs, ctrl-C ends them"));
    let done = |plans: &[RunPlan]| side_by_side(plans).map_err(harmless);
    let grade = candidate.grade(&done(&whole)?, &done(&grown)?, &done(&alone)?, &prices);
    let limit = args.limit.then(|| limit(&candidate)).transpose()?;
    drop(status_line);
    let mut keeper = Keeper::open(global);
    keeper.keep(designs::graded(brief, &grade, &source.name));
    keeper.close();
    let passed = status(grade.is_passed());
    if args.json {
        print(out, &GradeJson::of(brief, &grade, limit.flatten()))?;
        return Ok(passed);
    }
    writeln!(
        out,
        "{} · {}, {} each, with all faults of the brief",
        brief.title,
        counted(seeds.len(), "seed"),
        format_span(brief.length.into())
    )?;
    requirements(out, &grade.rows)?;
    writeln!(out, "\n{}", candidate.growth_head())?;
    requirements(out, &grade.growth)?;
    if let Some(limit) = limit {
        let most = limit.map_or_else(
            || "none".to_owned(),
            |load| format!("{} times it", figure(load)),
        );
        writeln!(out, "\nThe load that it takes without faults: {most}")?;
    }
    surprises(out, &grade)?;
    if !grade.rows.iter().all(Row::is_met) {
        story(out, &candidate, &grade, &seeds)?;
    }
    writeln!(out, "\n{}", grade.verdict())?;
    writeln!(out, "\nAn interviewer would ask next")?;
    for question in grade.questions(brief) {
        for (nth, line) in ddlab_text::wrap(question, 92).iter().enumerate() {
            writeln!(out, "  {} {line}", if nth == 0 { "-" } else { " " })?;
        }
    }
    Ok(passed)
}

/// The load up to which each requirement holds, as a multiple of the brief's; none where one never does.
fn limit(candidate: &Candidate<'_>) -> Result<Option<f64>> {
    let lab = candidate.bare();
    let mut base = system::plan(lab, LIMIT_SEEDS[0], LIMIT_LENGTH);
    base.warmup = LIMIT_WARMUP;
    let mut plan =
        LimitPlan::new(base, Some(system::LOAD), LIMIT_SEEDS.to_vec()).map_err(harmless)?;
    plan.reach = system::LOAD_SEARCHED;
    let objectives = system::objectives(lab);
    let asked: Vec<Objective> = objectives.into_iter().map(|(_, asked)| asked).collect();
    let found = plan
        .search_all(&asked, |plans| side_by_side(&plans))
        .map_err(harmless)?;
    let least = found.iter().try_fold(f64::INFINITY, |least, found| {
        Some(f64::min(least, found.limit?))
    });
    Ok(least.filter(|load| load.is_finite()))
}

fn requirements(out: &mut impl Write, rows: &[Row]) -> Result<()> {
    let cells = rows.iter().map(|row| {
        let median = row.shown(row.median());
        [row.requirement.text.clone(), row.met_in(), median]
    });
    let heads = ["", "met in", "median"].map(str::to_owned);
    aligned(
        out,
        &std::iter::once(heads).chain(cells).collect::<Vec<_>>(),
    )
}

fn surprises(out: &mut impl Write, grade: &Grade) -> Result<()> {
    if grade.surprises.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\nWhat the brief did not say, each alone at the first seed"
    )?;
    for surprise in &grade.surprises {
        writeln!(out, "  {}", surprise.what)?;
        for line in surprise.says() {
            writeln!(out, "    {line}")?;
        }
    }
    Ok(())
}

/// What happened at the first seed at which something was missed.
fn story(
    out: &mut impl Write,
    candidate: &Candidate<'_>,
    grade: &Grade,
    seeds: &[u64],
) -> Result<()> {
    let measured = grade
        .rows
        .iter()
        .filter(|row| row.requirement.figure.of != Of::Design);
    let missed = measured.filter_map(|row| row.at_each().position(|is_met| !is_met));
    let Some(seed) = missed.min().map(|nth| seeds[nth]) else {
        return Ok(());
    };
    let story = why::why(candidate.lab(), candidate.plan(seed)).map_err(harmless)?;
    writeln!(out, "\nWhat happened at seed {seed}")?;
    for line in story {
        writeln!(out, "  {:>6}  {}", clock(line.at), line.text)?;
    }
    Ok(())
}

/// What `design grade --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GradeJson {
    brief: String,
    passed: bool,
    /// With all faults of the brief.
    requirements: Vec<RowJson>,
    /// With the load of the growth, the crowds that the brief says, and no other fault.
    growth: Vec<RowJson>,
    /// The load that it takes without faults, as a multiple of the brief's; null where it was not asked for or is none.
    limit: Option<Number>,
    /// What the brief did not say.
    surprises: Vec<SurpriseJson>,
    /// What an interviewer would ask next.
    questions: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct RowJson {
    text: String,
    /// Seeds at which it holds.
    met: usize,
    /// At each seed, in the unit of the figure; null where nothing was measured.
    figures: Vec<Option<Number>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SurpriseJson {
    what: String,
    /// The requirements that are missed with it alone.
    missed: Vec<String>,
}

impl GradeJson {
    fn of(brief: &Brief, grade: &Grade, limit: Option<f64>) -> Self {
        let row = |row: &Row| RowJson {
            text: row.requirement.text.clone(),
            met: row.met(),
            figures: row
                .figures
                .iter()
                .map(|figure| figure.map(Number))
                .collect(),
        };
        let surprise = |surprise: &brief::grade::Surprise| SurpriseJson {
            what: surprise.what.clone(),
            missed: surprise
                .rows
                .iter()
                .filter(|row| !row.is_met())
                .map(|row| row.requirement.text.clone())
                .collect(),
        };
        Self {
            brief: brief.id.clone(),
            passed: grade.is_passed(),
            requirements: grade.rows.iter().map(row).collect(),
            growth: grade.growth.iter().map(row).collect(),
            limit: limit.map(Number),
            surprises: grade.surprises.iter().map(surprise).collect(),
            questions: grade
                .questions(brief)
                .into_iter()
                .map(str::to_owned)
                .collect(),
        }
    }
}
