//! `ddlab design schema`: the format for editors, and what the outputs for programs look like, as JSON Schemas. Those in
//! `docs` are what it prints.

use super::{compare, cost, grade, limit, run};
use crate::cli::lab::print;
use crate::cli::lab::schema::of;
use clap::ValueEnum;
use eyre::Result;
use std::io::Write;

/// An output for programs.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Output {
    /// `design run --json`
    Run,
    /// `design limit --json`
    Limit,
    /// `design compare --json`
    Compare,
    /// `design cost --json`
    Cost,
    /// `design grade --json`
    Grade,
}

/// The schema of an output; without one, that of the format.
///
/// # Errors
/// When the output can't be written.
pub fn schema(out: &mut impl Write, output: Option<Output>) -> Result<()> {
    let schema = match output {
        None => return print(out, &ddlab_design::schema::json()),
        Some(Output::Run) => of::<run::RunJson>(),
        Some(Output::Limit) => of::<Vec<limit::LimitJson>>(),
        Some(Output::Compare) => of::<Vec<compare::RowJson>>(),
        Some(Output::Cost) => of::<cost::CostJson>(),
        Some(Output::Grade) => of::<grade::GradeJson>(),
    };
    print(out, &schema)
}
