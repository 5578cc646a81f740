//! `ddlab design`: a system as a text file, without the screen.
//!
//! `check` says what is wrong with it, `draw` shows who calls whom, `show` prints all parameters with their defaults,
//! [`run`] runs it and holds it against its requirements, [`limit`] finds the load that it takes, [`why`] says what
//! happened in a run, `theory` what to expect before it, [`cost`] what it costs, [`compare`] sets two side by side;
//! [`begin`] has what to begin from, [`grade`] grades one against a brief, [`verify`] holds a brief; `sweep` and `serve` are
//! those of labs; [`outputs`] has the schemas of the format and of what is printed for programs.

mod begin;
mod compare;
mod cost;
mod file;
mod grade;
mod limit;
mod outputs;
mod run;
mod verify;
mod why;

use super::{Global, session};
use crate::cli::lab::{serve, sweep};
use crate::tui::effect::Place;
use clap::{Args, Subcommand, ValueEnum};
use ddlab_archive::{Archive, archive};
use ddlab_design::format::{Component, Design, Edge, Problem};
use ddlab_design::{cost as costs, draw, svg, theory};
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_text::{Unit, counted, figure};
use eyre::{Result, eyre};
use file::Source;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// The reference, whose tables a test holds to the kinds.
static FORMAT: Archive = archive!("format");

#[derive(Debug, Args)]
pub struct DesignArgs {
    #[command(subcommand)]
    command: DesignCommand,
}

#[derive(Debug, Subcommand)]
enum DesignCommand {
    /// Print a design to begin from: that of a brief, or a small shop
    New(begin::NewArgs),
    /// List the briefs, interview questions that can be run, or print one
    Briefs(begin::BriefsArgs),
    /// Grade a design against a brief: its load, its sizes, its faults, some of which it does not announce
    ///
    /// Says which requirement holds in how many runs, whether the design carries the growth, what each fault did that the
    /// brief did not say, and what an interviewer would ask next. The exit status is 0 when all requirements hold in each
    /// run, and 1 when one does not.
    Grade(grade::GradeArgs),
    /// Try the pars and traps of briefs over seeds: for whoever writes one
    ///
    /// A par must meet its brief at each seed, also under the growth, and a trap must miss at each seed what it names. The
    /// exit status is 0 when all do, and 1 when one does not.
    Verify(verify::VerifyArgs),
    /// Open the screen of a design, which starts anew whenever its file is saved; without a file, the list of designs
    Open {
        /// A file of YAML
        file: Option<PathBuf>,
    },
    /// Say what is wrong with a design, and what everything in it hangs on
    ///
    /// The exit status is 0 when it can be run, and 1 when it can't.
    Check {
        /// A file of YAML, as `ddlab design format` describes it
        file: PathBuf,
    },
    /// Draw who calls whom
    Draw {
        /// A file of YAML
        file: PathBuf,
        /// As text, as a diagram for Mermaid, or as a picture
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
    /// known to 4 %. What holds at 16 times the load, or at four times the load at which another requirement breaks, is
    /// not searched further. Without faults, unless `--faults` is given.
    Limit(limit::LimitArgs),
    /// Say what began and what ended in a run, in order of time: what was full, what multiplied, what stayed
    Why(why::WhyArgs),
    /// Print what queueing theory says of each component, before anything runs
    Theory {
        /// A file of YAML
        file: PathBuf,
    },
    /// Say what a month of a design costs, by list prices: machines, requests, storage, egress
    Cost(cost::CostArgs),
    /// Print the list prices that a cost is reckoned by, as a file to change and give to `--prices`
    Prices,
    /// Run two designs in the same world, and print their figures side by side
    ///
    /// The first requirement comes first, with the price of each side below it. What is drawn at random is keyed by what
    /// it is for, so both meet the same requests, and what differs comes of the designs.
    Compare(compare::CompareArgs),
    /// Run many seeds of a design on all cores, with some parameters varied, and add up what they came to
    ///
    /// Each run has the faults of the design that begin in it. Else it is `ddlab lab sweep`.
    #[command(mut_arg("lab", |arg| arg.value_name("FILE").help("A file of YAML")))]
    Sweep(Box<sweep::SweepArgs>),
    /// Serve a running design over HTTP on 127.0.0.1: its figures for Prometheus, its knobs and faults for scripts
    #[command(mut_arg("lab", |arg| arg.value_name("FILE").help("A file of YAML")))]
    Serve(serve::ServeArgs),
    /// Print the reference of the format: fields, kinds with their parameters, faults, figures, and how a brief is written
    Format,
    /// Print the JSON Schema of the format, for editors, or of an output for programs
    Schema {
        #[arg(value_enum)]
        output: Option<outputs::Output>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Mermaid,
    Svg,
}

/// # Errors
/// When the output can't be written.
pub fn run(args: DesignArgs, global: &Global) -> Result<ExitCode> {
    let out = &mut io::stdout();
    match args.command {
        DesignCommand::New(args) => begin::new(out, &args),
        DesignCommand::Briefs(args) => begin::briefs(out, &args),
        DesignCommand::Grade(args) => grade::run(out, &args, global),
        DesignCommand::Verify(args) => verify::run(out, &args),
        DesignCommand::Open { file } => open(global, file),
        DesignCommand::Check { file } => Ok(check(out, &Source::open(&file)?)?),
        DesignCommand::Draw { file, form } => Source::open(&file)?.run(|design| {
            let text = match form {
                Form::Text => draw::text(design),
                Form::Mermaid => draw::mermaid(design),
                Form::Svg => svg::svg(design),
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
        DesignCommand::Cost(args) => cost::run(out, &args),
        DesignCommand::Prices => {
            out.write_all(costs::STANDARD.as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        DesignCommand::Compare(args) => compare::run(out, &args),
        DesignCommand::Sweep(args) => match file::lab(args.file())? {
            Ok(_) => sweep::run(out, &args),
            Err(refused) => Ok(refused),
        },
        DesignCommand::Serve(args) => match file::lab(args.file())? {
            Ok(_) => serve::run(out, &args),
            Err(refused) => Ok(refused),
        },
        DesignCommand::Format => {
            for file in FORMAT.files() {
                out.write_all(file.text.as_bytes())?;
            }
            Ok(ExitCode::SUCCESS)
        }
        DesignCommand::Schema { output } => {
            outputs::schema(out, output)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn open(global: &Global, file: Option<PathBuf>) -> Result<ExitCode> {
    let place = match file {
        None => Place::Designs,
        Some(file) => {
            let path = std::path::absolute(&file).unwrap_or(file);
            let path = path.to_string_lossy();
            if let Err(refused) = file::lab(&path)? {
                return Ok(refused);
            }
            Place::lab(&path)
        }
    };
    session::on_screen(global, false, place).unwrap_or_else(|| {
        Err(eyre!(
            "the screen needs a terminal; `ddlab design run FILE` runs a design without one"
        ))
    })
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
        for helped in &component.helpers {
            writeln!(out, "  {}", helped.helper.word())?;
            settings(out, &helped.settings)?;
        }
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
    writeln!(
        out,
        "\n  rps is of all machines of a component; busy and mean time are of its busiest one, and requests fall to machines at\n  random.\n"
    )?;
    for (component, prediction) in parts {
        for (word, share) in &prediction.also {
            writeln!(
                out,
                "  {word} of {}: {}",
                component.name,
                Unit::Share.show(*share)
            )?;
        }
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
