//! `ddlab picture`: a screen as an SVG file, for the documentation.

use super::Global;
use clap::Args;
use color_eyre::eyre::Result;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct PictureArgs {}

pub fn run(_args: &PictureArgs, _global: &Global) -> Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
