//! `ddlab lab schema`: what the outputs for programs look like, as JSON Schemas made from their types. Those
//! in `docs` are what it prints.

use super::{compare_json, json, limit, print, sweep};
use crate::gateway::state::{FrameJson, Index};
use clap::ValueEnum;
use ddlab_labs::workbench::sweep::Row;
use eyre::Result;
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use std::io::Write;

/// An output for programs.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Output {
    /// `lab list --json`
    List,
    /// `lab show --json`
    Show,
    /// `lab run --json`
    Run,
    /// `lab compare --json`
    Compare,
    /// `lab replay --json`
    Replay,
    /// `lab experiment --json`
    Experiment,
    /// `lab challenge --json`
    Challenge,
    /// `lab limit --json`
    Limit,
    /// `lab sweep --json` and `lab merge --json`
    Sweep,
    /// The first line of `lab sweep --out`
    SweepHead,
    /// A line after it
    SweepRow,
    /// `GET /frame` of `lab serve`
    Frame,
    /// `GET /` of `lab serve`
    Index,
}

/// # Errors
/// When the output can't be written.
pub fn run(out: &mut impl Write, output: Output) -> Result<()> {
    let schema = match output {
        Output::List => of::<Vec<json::ListedLab>>(),
        Output::Show => of::<json::ShownLab>(),
        Output::Run => of::<json::Run>(),
        Output::Compare => of::<compare_json::Comparison>(),
        Output::Replay => of::<json::Replay>(),
        Output::Experiment => of::<json::ExperimentResult>(),
        Output::Challenge => of::<json::Score>(),
        Output::Limit => of::<limit::LimitJson>(),
        Output::Sweep => of::<sweep::summary::Summary>(),
        Output::SweepHead => of::<sweep::file::Head>(),
        Output::SweepRow => of::<Row>(),
        Output::Frame => of::<FrameJson>(),
        Output::Index => of::<Index>(),
    };
    print(out, &schema)
}

/// The schema of what serialises as this type.
pub fn of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<T>()
}
