//! `ddlab lab merge`: shards of a sweep become the one sweep that they are parts of: their rows, joined in the
//! order of the runs.

use super::destination::Destination;
use super::file::{Head, Rows};
use super::result::ResultArgs;
use crate::cli::lab::harmless;
use clap::Args;
use ddlab_labs::workbench::sweep::{Row, Shard, Sweep, SweepPlan};
use eyre::{Result, bail};
use std::io::Write;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(in crate::cli::lab) struct MergeArgs {
    /// Files that `ddlab lab sweep --out` has written, in any order
    #[arg(required = true)]
    file: Vec<PathBuf>,
    #[command(flatten)]
    result: ResultArgs,
}

/// Merges; what is printed is what one sweep of all would have printed.
///
/// # Errors
/// Which file can't be read or doesn't fit the others, and why; or what no file has.
pub(in crate::cli::lab) fn run(out: &mut impl Write, args: &MergeArgs) -> Result<()> {
    let files = args.file.iter().map(|name| Rows::open(name));
    let mut files = files.collect::<Result<Vec<_>>>()?;
    let plan = common_plan(&files)?;
    let columns = args.result.columns(&plan)?;
    let mut kept = args.result.out().map(Destination::open).transpose()?;
    if let Some(kept) = &mut kept {
        kept.write(&Head::of(&plan, Shard::WHOLE).line())?;
    }
    let mut sweep = Sweep::new(plan);
    join(&mut files, &sweep.plan().clone(), |row| {
        sweep.take(&row);
        match &mut kept {
            Some(kept) => kept.write(&row.to_line()),
            None => Ok(()),
        }
    })?;
    if let Some(kept) = kept {
        kept.finish()?;
    }
    args.result.print(out, &sweep, Shard::WHOLE, &columns)
}

/// One sweep over the seeds from the first of any file to the last.
fn common_plan(files: &[Rows]) -> Result<SweepPlan> {
    let [first, others @ ..] = files else {
        bail!("there is nothing to merge; name the files of the shards");
    };
    let mut seeds = first.plan.seeds();
    for file in others {
        if let Some((ours, theirs)) = first.plan.difference(&file.plan) {
            let differs = harmless(format!(
                "it is of another sweep: {theirs}, where the others have {ours}"
            ));
            return Err(cannot(file, &differs));
        }
        let theirs = file.plan.seeds();
        seeds = seeds.start.min(theirs.start)..seeds.end.max(theirs.end);
    }
    Ok(first.plan.clone().over(seeds))
}

fn cannot(file: &Rows, why: &impl std::fmt::Display) -> eyre::Report {
    harmless(format!(
        "{} can't be merged with the others: {why}",
        file.name()
    ))
}

/// Gives all rows in the order of the runs. The rows of a file follow each other without a gap, so files in the
/// order of their first runs are rows in order.
fn join(
    files: &mut [Rows],
    plan: &SweepPlan,
    mut take: impl FnMut(Row) -> Result<()>,
) -> Result<()> {
    let points = plan.points() as u64;
    let number = |point: usize, seed: u64| (seed - plan.seeds().start) * points + point as u64;
    files.sort_by_key(|file| {
        let (point, seed) = file.plan.run(file.runs.start);
        number(point, seed)
    });
    let mut next = 0;
    let mut missing = 0;
    let mut gap: Option<(u64, u64)> = None;
    for file in &mut *files {
        while let Some(row) = file.next().transpose()? {
            let run = number(row.point, row.seed);
            if run < next {
                let with = with(plan, row.point);
                let twice = format!("seed {}{with} is in it and in another one too", row.seed);
                return Err(cannot(file, &twice));
            }
            if run > next {
                gap.get_or_insert((next, run));
                missing += run - next;
            }
            next = run + 1;
            // With a gap the sums would be of no use; what is left is only counted.
            if gap.is_none() {
                take(row)?;
            }
        }
    }
    if next < plan.runs() {
        gap.get_or_insert((next, plan.runs()));
        missing += plan.runs() - next;
    }
    match gap {
        None => Ok(()),
        Some(gap) => Err(incomplete(files, plan, missing, gap)),
    }
}

fn with(plan: &SweepPlan, point: usize) -> String {
    match plan.point_text(point) {
        text if text.is_empty() => text,
        text => format!(" (with {text})"),
    }
}

/// `gap` is the first stretch of runs that are missing.
fn incomplete(files: &[Rows], plan: &SweepPlan, missing: u64, gap: (u64, u64)) -> eyre::Report {
    let (point, from) = plan.run(gap.0);
    let (point_after, seed_after) = plan.run(gap.1);
    // The next seed that this combination of knobs has.
    let to = seed_after + u64::from(point_after > point);
    let with = match plan.point_text(point) {
        text if text.is_empty() => text,
        text => format!(" with {text}"),
    };
    let short = files.iter().find(|file| !file.is_whole());
    let why = short.map_or_else(
        || "a shard is missing".to_owned(),
        |file| {
            format!(
                "{} has {} of its {} rows, since it was cut short; the command that made it goes on with it",
                file.name(),
                file.read,
                file.runs.end - file.runs.start
            )
        },
    );
    let all = plan.runs();
    harmless(format!(
        "{missing} of {all} runs are in none of these files, first seeds {from}..{to}{with}; {why}"
    ))
}
