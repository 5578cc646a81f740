//! `ddlab lab merge`: shards of a sweep become the one sweep that they are parts of.

use super::file;
use super::result::ResultArgs;
use crate::cli::lab::{harmless, shown};
use clap::Args;
use color_eyre::eyre::{Report, Result, WrapErr, bail};
use ddlab_labs::workbench::sweep::{Shard, Sweep};
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(in crate::cli::lab) struct MergeArgs {
    /// Results of `ddlab lab sweep` with --out or --json, in any order
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
    let destination = args.result.destination()?;
    let sweep = all(&args.file)?;
    let columns = args.result.columns(sweep.plan())?;
    args.result
        .tell(out, &sweep, Shard::WHOLE, &columns, destination)
}

fn all(files: &[PathBuf]) -> Result<Sweep> {
    let mut merged: Option<Sweep> = None;
    for name in files {
        let part = read(name)?;
        match &mut merged {
            None => merged = Some(part),
            Some(merged) => merged
                .merge(&part)
                .map_err(harmless)
                .wrap_err_with(|| format!("{} can't be merged with the others", shown(name)))?,
        }
    }
    let Some(sweep) = merged else {
        bail!("there is nothing to merge; name the files of the shards");
    };
    if let Some((point, gap)) = sweep.first_gap() {
        let with = match sweep.point_text(point) {
            text if text.is_empty() => text,
            text => format!(" with {text}"),
        };
        bail!(
            "{} of {} runs are in none of these files, first seeds {}..{}{with}; \
             a shard is missing, or one was interrupted",
            sweep.plan().runs() - sweep.done(),
            sweep.plan().runs(),
            gap.start,
            gap.end,
        );
    }
    Ok(sweep)
}

fn read(name: &Path) -> Result<Sweep> {
    let text =
        std::fs::read_to_string(name).wrap_err_with(|| format!("can't read {}", shown(name)))?;
    // Whatever of the file the error quotes is made harmless.
    let clean = |error: Report| harmless(format!("{error:#}"));
    file::read(&text)
        .map_err(clean)
        .wrap_err_with(|| format!("can't merge {}", shown(name)))
}
