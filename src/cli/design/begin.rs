//! `ddlab design new` and `ddlab design briefs`: what to begin from.

use super::grade::brief;
use clap::Args;
use ddlab_design::brief::{self, Brief};
use ddlab_design::examples;
use ddlab_text::wrap;
use eyre::{Result, eyre};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Columns of a text.
const WIDTH: usize = 92;

#[derive(Debug, Args)]
pub struct NewArgs {
    /// A brief, as `ddlab design briefs` names it, or the file of one; without one, a small shop
    brief: Option<String>,
    /// Write it to this file, which must not be there yet, instead of printing it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct BriefsArgs {
    /// Print all that this brief says, or the file of one
    brief: Option<String>,
}

/// # Errors
/// When there is no such brief, or the file can't be written.
pub fn new(out: &mut impl Write, args: &NewArgs) -> Result<ExitCode> {
    let text = match args.brief.as_deref().map(brief).transpose()? {
        Some(Ok(brief)) => brief.starter(),
        Some(Err(refused)) => return Ok(refused),
        None => examples::ALL[0].1.to_owned(),
    };
    let Some(path) = &args.out else {
        out.write_all(text.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    };
    let name = path.display();
    let written = File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        if error.kind() == ErrorKind::AlreadyExists {
            eyre!("{name} is there already; give --out another name")
        } else {
            eyre!("can't write {name}: {error}")
        }
    })?;
    writeln!(out, "{name} is written; `ddlab design run {name}` runs it")?;
    Ok(ExitCode::SUCCESS)
}

/// # Errors
/// When there is no such brief.
pub fn briefs(out: &mut impl Write, args: &BriefsArgs) -> Result<ExitCode> {
    match args.brief.as_deref().map(brief).transpose()? {
        Some(Ok(brief)) => whole(out, brief)?,
        Some(Err(refused)) => return Ok(refused),
        None => {
            for brief in brief::all() {
                writeln!(out, "{:<20} {}", brief.id, brief.title)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn whole(out: &mut impl Write, brief: &Brief) -> Result<()> {
    writeln!(out, "{}\n", brief.title)?;
    for line in wrap(&brief.story, WIDTH) {
        writeln!(out, "{line}")?;
    }
    writeln!(out)?;
    for fact in &brief.facts {
        for (nth, line) in wrap(fact, WIDTH - 4).iter().enumerate() {
            writeln!(out, "  {} {line}", if nth == 0 { "-" } else { " " })?;
        }
    }
    writeln!(out, "\n{}", brief.must_hold())?;
    for text in brief.requirements() {
        writeln!(out, "  {text}")?;
    }
    writeln!(
        out,
        "\n  ddlab design new {id} --out {id}.yaml\n  ddlab design grade {id} {id}.yaml",
        id = brief.id
    )?;
    Ok(())
}
