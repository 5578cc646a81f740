//! `ddlab content`: what is wrong with chapters, where, and how to cure it; and how well rubrics hear.

use super::Global;
use crate::book;
use crate::check::answers::agreements;
use crate::check::{self, References};
use crate::content::model::LabScenario;
use crate::content::{Library, Problem, Severity};
use crate::regular;
use clap::{Args, Subcommand};
use ddlab_labs::workbench::plan::RunPlan;
use ddlab_text::counted;
use eyre::{Result, WrapErr};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A file of answers has some hundred kilobytes.
const ANSWERS_BYTES_MAX: u64 = 16 << 20;

#[derive(Debug, Args)]
pub struct ContentArgs {
    #[command(subcommand)]
    command: ContentCommand,
}

#[derive(Debug, Subcommand)]
enum ContentCommand {
    /// Check chapters: ids, links, figures, rubrics, samples; exit status 1 when there are errors
    Check {
        /// A folder of chapters, or one chapter's [default: the book with your packs]
        folder: Option<PathBuf>,
    },
    /// Hold the terms of rubrics against answers that a listener has ticked: precision and recall
    Answers {
        /// A YAML list of answers: question, voice, part, ticks, text
        file: PathBuf,
    },
}

/// # Errors
/// When the output cannot be written, or the answers cannot be read.
pub fn run(args: &ContentArgs, global: &Global, out: &mut dyn Write) -> Result<ExitCode> {
    let folder = match &args.command {
        ContentCommand::Check { folder } => folder,
        ContentCommand::Answers { file } => {
            let text = regular::read(file, ANSWERS_BYTES_MAX)
                .wrap_err_with(|| format!("{} cannot be read", file.display()))?;
            let text = String::from_utf8_lossy(&text);
            write!(out, "{}", agreements(&global.library(), &text)?)?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    let library = if let Some(folder) = folder {
        // A pack may lean on chapters of the book, but only what is wrong in the pack is printed.
        let mut folders = global.content.clone();
        folders.push(folder.clone());
        Library::load(&folders)
    } else {
        global.library()
    };
    let problems = checked(&library, folder.as_deref());
    report(&library, folder.as_ref(), &problems, out)?;
    Ok(super::status(!problems.iter().any(Problem::is_error)))
}

fn report(
    library: &Library,
    folder: Option<&PathBuf>,
    problems: &[Problem],
    out: &mut dyn Write,
) -> Result<()> {
    for problem in problems {
        writeln!(out, "{problem}")?;
    }
    let count = |severity: Severity| {
        let count = problems.iter().filter(|p| p.severity == severity).count();
        counted(count, &severity.to_string())
    };
    let chapters = library
        .chapters()
        .filter(|chapter| folder.is_none_or(|folder| chapter.path.starts_with(folder)))
        .count();
    writeln!(
        out,
        "{} checked: {}, {}, {}",
        counted(chapters, "chapter"),
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Notice)
    )?;
    Ok(())
}

/// Everything that is wrong with the library, or with what of it is in this folder, held against the labs and
/// exercises of this program.
pub fn checked(library: &Library, folder: Option<&Path>) -> Vec<Problem> {
    let specs = || ddlab_labs::all().iter().map(|lab| lab.spec());
    let labs: BTreeSet<String> = specs().map(|spec| spec.id.to_owned()).collect();
    let figures: BTreeSet<String> = specs()
        .flat_map(|spec| {
            let figures = ddlab_labs::guides(spec.id).figures.iter();
            figures.map(|figure| format!("{}/{}", spec.id, figure.id))
        })
        .collect();
    let exercises: BTreeSet<String> = ddlab_exercises::all()
        .iter()
        .map(|exercise| exercise.manifest().slug.clone())
        .collect();
    let references = References {
        labs: Some(&labs),
        figures: Some(&figures),
        exercises: Some(&exercises),
        planned: ddlab_labs::PLANNED,
        scenario: &accepts,
        include: &book::included,
    };
    check::check_within(library, &references, folder)
}

/// Would the lab run this scenario?
fn accepts(scenario: &LabScenario) -> Result<(), String> {
    let lab = ddlab_labs::find_or_nearest(&scenario.lab)?;
    let mut plan = RunPlan::new(lab, 1);
    for setting in &scenario.set {
        plan.knobs
            .set_text(setting)
            .map_err(|error| error.to_string())?;
    }
    for intervention in &scenario.at {
        plan.script_text(intervention)
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}
