//! `ddlab design verify`: whether briefs are what they say, over seeds. For whoever writes one.

use super::aligned;
use super::grade::brief;
use crate::cli::lab::harmless;
use crate::cli::lab::limit::{SeedRange, seeds, side_by_side};
use crate::cli::lab::progress::StatusLine;
use crate::cli::{self, aside, status};
use clap::Args;
use ddlab_design::brief::grade::Row;
use ddlab_design::brief::verify::Entry;
use ddlab_design::brief::{self, Brief};
use ddlab_design::cost::Prices;
use ddlab_text::counted;
use eyre::Result;
use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Briefs, as `ddlab design briefs` names them, or files of briefs; without one, all that come with ddlab
    briefs: Vec<String>,
    /// The seeds, each of which must decide the same way
    #[arg(long, value_name = "FROM..TO", default_value = "1..21", value_parser = seeds)]
    seeds: SeedRange,
}

/// A requirement that decides: in how many runs it holds, and how far its figure spreads.
type Line = [String; 5];

/// # Errors
/// When a brief can't be read, or a run can't be done.
pub fn run(out: &mut impl Write, args: &VerifyArgs) -> Result<ExitCode> {
    let mut briefs = Vec::new();
    for id in &args.briefs {
        match brief(id)? {
            Ok(brief) => briefs.push(brief),
            Err(refused) => return Ok(refused),
        }
    }
    if briefs.is_empty() {
        briefs.extend(brief::all());
    }
    let seeds: Vec<u64> = args.seeds.0.clone().collect();
    let mut all_hold = true;
    for brief in briefs {
        let began = Instant::now();
        let mut lines = vec![["", "met in", "least", "median", "most"].map(str::to_owned)];
        for entry in brief.entries() {
            let Some(holds) = tried(brief, &entry, &seeds, &mut lines)? else {
                return Ok(ExitCode::from(cli::USAGE));
            };
            all_hold &= holds;
        }
        writeln!(
            out,
            "{}: {} in {:.1} s",
            brief.id,
            counted(seeds.len(), "seed"),
            began.elapsed().as_secs_f64()
        )?;
        aligned(out, &lines)?;
        writeln!(out)?;
    }
    Ok(status(all_hold))
}

/// Runs a par or a trap, and adds its lines. None when it can't be run: why was said.
fn tried(
    brief: &Brief,
    entry: &Entry<'_>,
    seeds: &[u64],
    lines: &mut Vec<Line>,
) -> Result<Option<bool>> {
    let role = if entry.misses.is_some() {
        "trap"
    } else {
        "par"
    };
    let candidate = match entry.candidate(seeds) {
        Ok(candidate) => candidate,
        Err(problems) => {
            for problem in problems {
                let (id, name) = (&brief.id, entry.name);
                aside(format!(
                    "{id}, in the design of the {role} `{name}`: {problem}"
                ));
            }
            return Ok(None);
        }
    };
    let [whole, grown] = entry.plans(&candidate);
    let mut progress = StatusLine::new();
    progress.show(|| format!("{}, {role} {}", brief.id, entry.name));
    let done = |plans: &[_]| side_by_side(plans).map_err(harmless);
    let grade = candidate.grade(&done(&whole)?, &done(&grown)?, &[], Prices::standard());
    let holds = entry.holds(&grade);
    let verdict = if holds { "holds" } else { "FAILS" };
    lines.push(head(format!("{role} {}", entry.name), verdict));
    let [with_faults, under_growth] = entry.decisive(&grade);
    lines.extend(with_faults.into_iter().map(|row| line("", row)));
    lines.extend(under_growth.into_iter().map(|row| line("growth: ", row)));
    let mut others = grade.missed();
    others.retain(|subject| entry.misses.is_some_and(|misses| misses != subject));
    lines.extend(
        others
            .iter()
            .map(|subject| head(format!("  also misses {subject}"), "")),
    );
    Ok(Some(holds))
}

/// A line without figures.
fn head(text: String, verdict: &str) -> Line {
    [
        text,
        verdict.to_owned(),
        String::new(),
        String::new(),
        String::new(),
    ]
}

fn line(when: &str, row: &Row) -> Line {
    let ends = row.ends();
    [
        format!("  {when}{}", row.requirement.text),
        format!("{} of {}", row.met(), row.figures.len()),
        row.shown(ends.map(|(least, _)| least)),
        row.shown(row.median()),
        row.shown(ends.map(|(_, most)| most)),
    ]
}
