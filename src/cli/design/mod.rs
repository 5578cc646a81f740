//! `ddlab design`: a system as a text file, without the screen.
//!
//! `check` says what is wrong with it, `draw` shows who calls whom, `show` prints all parameters with their defaults,
//! [`run`] runs it and holds it against its requirements, [`limit`] finds the load that it takes, [`why`] says what
//! happened in a run, `theory` what to expect before it, `schema` is the format for editors.

mod file;
mod limit;
mod run;
mod why;

use clap::{Args, Subcommand, ValueEnum};
use color_eyre::eyre::Result;
use ddlab_design::format::{Component, Design, Edge, Problem};
use ddlab_design::{draw, schema, theory};
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_text::{Unit, counted, figure};
use file::Source;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct DesignArgs {
    #[command(subcommand)]
    command: DesignCommand,
}

#[derive(Debug, Subcommand)]
enum DesignCommand {
    /// Say what is wrong with a design, and what everything in it hangs on
    ///
    /// The exit status is 0 when it can be run, and 1 when it can't.
    Check {
        /// A file of YAML, as `docs/design-format.md` describes it
        file: PathBuf,
    },
    /// Draw who calls whom
    Draw {
        /// A file of YAML
        file: PathBuf,
        /// As text, or as a diagram for Mermaid
        #[arg(long = "as", value_enum, default_value_t = Form::Text)]
        form: Form,
    },
    /// Print every parameter of a design; those that the file leaves out are marked as defaults
    Show {
        /// A file of YAML
        file: PathBuf,
    },
    /// Run a design in virtual time, with its faults, and hold it against its requirements
    ///
    /// The exit status is 0 when all requirements are met, and 1 when one is missed.
    Run(run::RunArgs),
    /// Find the load at which a design stops meeting a requirement, and what is full first
    ///
    /// Multiplies the rates of all clients until most seeds miss a requirement, and halves the gap until the limit is
    /// known to 4 %. Without faults, unless `--faults` is given.
    Limit(limit::LimitArgs),
    /// Say what began and what ended in a run, in order of time: what was full, what multiplied, what stayed
    Why(why::WhyArgs),
    /// Print what queueing theory says of each component, before anything runs
    Theory {
        /// A file of YAML
        file: PathBuf,
    },
    /// Print the JSON Schema of the format, for editors
    Schema,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Mermaid,
}

/// # Errors
/// When the output can't be written.
pub fn run(args: DesignArgs) -> Result<ExitCode> {
    let out = &mut io::stdout();
    match args.command {
        DesignCommand::Check { file } => Ok(check(out, &Source::open(&file)?)?),
        DesignCommand::Draw { file, form } => Source::open(&file)?.run(|design| {
            let text = match form {
                Form::Text => draw::text(design),
                Form::Mermaid => draw::mermaid(design),
            };
            Ok(out.write_all(text.as_bytes())?)
        }),
        DesignCommand::Show { file } => Source::open(&file)?.run(|design| show(out, design)),
        DesignCommand::Run(args) => run::run(out, &args),
        DesignCommand::Limit(args) => limit::run(out, &args),
        DesignCommand::Why(args) => why::run(out, &args),
        DesignCommand::Theory { file } => {
            Source::open(&file)?.run(|design| predictions(out, design))
        }
        DesignCommand::Schema => {
            writeln!(out, "{}", serde_json::to_string_pretty(&schema::json())?)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn check(out: &mut impl Write, source: &Source) -> Result<ExitCode> {
    for problem in &source.read.problems {
        writeln!(out, "{}:{problem}", source.name)?;
    }
    let errors = source
        .read
        .problems
        .iter()
        .filter(|problem| Problem::is_error(problem))
        .count();
    let notes = source.read.problems.len() - errors;
    match &source.read.design {
        Some(design) => writeln!(
            out,
            "{}: {}, {}, {}; {}",
            source.name,
            counted(design.clients.len(), "client"),
            counted(design.components.len(), "component"),
            counted(design.require.len(), "requirement"),
            counted(notes, "note")
        )?,
        None => writeln!(out, "{}: {}", source.name, counted(errors, "error"))?,
    }
    Ok(super::status(source.read.design.is_some()))
}

fn show(out: &mut impl Write, design: &Design) -> Result<()> {
    writeln!(out, "{}", design.title)?;
    for client in &design.clients {
        writeln!(out, "\n{} · client", client.name)?;
        settings(out, &client.settings)?;
        calls(out, design, &client.calls)?;
    }
    for component in &design.components {
        writeln!(out, "\n{} · {}", component.name, component.kind.word())?;
        settings(out, &component.settings)?;
        calls(out, design, &component.calls)?;
    }
    Ok(())
}

fn calls(out: &mut impl Write, design: &Design, calls: &[Edge]) -> Result<()> {
    for edge in calls {
        writeln!(out, "  calls {}", design.components[edge.to].name)?;
        settings(out, &edge.settings)?;
    }
    Ok(())
}

fn settings(out: &mut impl Write, settings: &KnobSettings) -> Result<()> {
    for (knob, value) in settings.iter() {
        let default = if knob.default == *value {
            "  (default)"
        } else {
            ""
        };
        writeln!(out, "    {:18} {}{default}", knob.name, knob.human(value))?;
    }
    Ok(())
}

fn predictions(out: &mut impl Write, design: &Design) -> Result<()> {
    let heads = ["", "rps", "busy", "mean time"].map(str::to_owned);
    let predictions = theory::predict(design);
    let parts = design.components.iter().zip(&predictions);
    let none = || "–".to_owned();
    let row = |(component, prediction): (&Component, &theory::Prediction)| {
        [
            component.name.clone(),
            figure(prediction.rps),
            prediction
                .utilization
                .map_or_else(none, |busy| Unit::Share.show(busy)),
            prediction
                .mean_ms
                .map_or_else(none, |ms| Unit::Milliseconds.show(ms)),
        ]
    };
    let rows: Vec<[String; 4]> = std::iter::once(heads)
        .chain(parts.clone().map(row))
        .collect();
    aligned(out, &rows)?;
    writeln!(out)?;
    for (component, prediction) in parts {
        for doubt in &prediction.doubts {
            writeln!(out, "  {} may differ: {doubt}", component.name)?;
        }
    }
    Ok(())
}

/// Rows whose first cells are names, and all others figures.
fn aligned<const N: usize>(out: &mut impl Write, rows: &[[String; N]]) -> Result<()> {
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    });
    writeln!(out)?;
    for row in rows {
        write!(out, "  {:width$}", row[0], width = widths[0])?;
        for (cell, width) in row.iter().zip(widths).skip(1) {
            write!(out, "  {cell:>width$}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
